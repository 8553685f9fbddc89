/**
 * A search by parameters as the SOSL that it stands for
 * (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_search_parameterized_post.htm).
 */

import { OrgError, type ParameterizedSearch } from '../org/model.ts'
import { unexpectedToken } from '../soql/message.ts'
import { parseClauses, parseItems } from '../soql/parse.ts'
import { Reader } from '../soql/reader.ts'
import type { CategoryFilter, ParsedQuery } from '../soql/syntax.ts'
import { asSearch, onlyIds, type ParsedSearch, toGroup } from './parse.ts'

const MOST = 2_000

/** Reads the parameters; throws where a number is out of range or a piece of SOQL in them is malformed. */
export function toParsedSearch(request: ParameterizedSearch): ParsedSearch {
  const { q, sobjects, defaultLimit, overallLimit, offset } = request
  const group = toGroup(request.in ?? 'ALL')
  if (!group) throw new OrgError('MALFORMED_SEARCH', `unexpected token: '${request.in}'`)
  for (const [name, value] of Object.entries({ defaultLimit, overallLimit, offset })) {
    if (value !== undefined && (value < 0 || value > MOST)) {
      throw new OrgError('INVALID_SEARCH', `${name} must be between 0 and ${MOST}`)
    }
  }
  const categories = request.dataCategories?.map(
    ({ groupName, operator, categories }): CategoryFilter => ({
      group: groupName,
      operator: toSelector(operator),
      categories,
    }),
  )
  return {
    search: q,
    group,
    returning: sobjects && sobjects.length > 0 ? sobjects.map((one) => objectQuery(one, request)) : undefined,
    ...(categories && categories.length > 0 ? { categories } : {}),
    ...(overallLimit === undefined ? {} : { limit: overallLimit }),
  }
}

function toSelector(operator: string): CategoryFilter['operator'] {
  const selector = operator.toUpperCase()
  if (selector === 'AT' || selector === 'ABOVE' || selector === 'BELOW' || selector === 'ABOVE_OR_BELOW')
    return selector
  throw new OrgError('MALFORMED_SEARCH', `unexpected token: '${operator}'`)
}

function objectQuery(
  { name, fields, where, orderBy, limit }: NonNullable<ParameterizedSearch['sobjects']>[number],
  request: ParameterizedSearch,
): ParsedQuery {
  const columns = fields ?? request.fields
  const clauses = `${where ? `WHERE ${where}` : ''}${orderBy && orderBy.length > 0 ? ` ORDER BY ${orderBy.join(', ')}` : ''}`
  const most = limit ?? request.defaultLimit
  return asSearch(() => {
    const empty = onlyIds({ text: '', from: name, fromAt: 0, aliases: new Map([[name.toLowerCase(), '']]) })
    const text = `${columns && columns.length > 0 ? columns.join(', ') : 'Id'} ${clauses}`
    const reader = new Reader(text)
    const items = parseItems(reader)
    const parsed = parseClauses(reader)
    if (reader.peek().kind !== 'end') throw unexpectedToken(text, reader.peek())
    return {
      ...empty,
      text,
      items,
      ...parsed,
      ...(most === undefined ? {} : { limit: most }),
      ...(request.offset === undefined ? {} : { offset: request.offset }),
    }
  })
}
