/** SOSL to a tree (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-sosl-syntax.html). */

import { OrgError } from '../org/model.ts'
import { mismatchedCharacter, unexpectedToken } from '../soql/message.ts'
import { parseCategories, parseClauses, parseCount, parseItems } from '../soql/parse.ts'
import { Reader } from '../soql/reader.ts'
import type { CategoryFilter, ParsedQuery } from '../soql/syntax.ts'

/** Which fields are searched. */
export type SearchGroup = 'ALL' | 'NAME' | 'EMAIL' | 'PHONE' | 'SIDEBAR'

export interface ParsedSearch {
  readonly search: string
  readonly group: SearchGroup
  /** For each object of RETURNING what a query would say; undefined for every object that can be searched. */
  readonly returning: readonly ParsedQuery[] | undefined
  readonly categories?: readonly CategoryFilter[]
  readonly limit?: number
}

/** Parses SOSL; throws MALFORMED_SEARCH with a pointer to the place. */
export function parseSosl(text: string): ParsedSearch {
  const find = /^\s*FIND\s*\{((?:\\.|[^\\}])*)\}/is.exec(text)
  if (!find) {
    throw new OrgError('MALFORMED_SEARCH', 'No search term found. The search term must be enclosed in braces.')
  }
  checkCharacters(text, { from: text.indexOf('{') + 1, to: find[0].length - 1 })
  return asSearch(() => {
    const reader = new Reader(text, find[0].length)
    const group = reader.take('IN') ? parseGroup(reader) : 'ALL'
    const returning = reader.take('RETURNING') ? parseReturning(reader) : undefined
    const categories = parseWiths(reader)
    const limit = reader.take('LIMIT') ? parseCount(reader) : undefined
    if (reader.take('UPDATE')) parseUpdates(reader)
    if (reader.peek().kind !== 'end') throw unexpectedToken(text, reader.peek())
    return {
      search: find[1] ?? '',
      group,
      returning,
      ...(categories ? { categories } : {}),
      ...(limit === undefined ? {} : { limit }),
    }
  })
}

/**
 * "An error occurs if you do not precede reserved characters with a backslash", says the reference's page on FIND; its words
 * and its counting are those of https://github.com/restforce/restforce/issues/688. Hyphens, colons, pluses and apostrophes
 * are let through: people search for e-mail addresses and names as they are.
 */
function checkCharacters(text: string, { from, to }: { from: number; to: number }): void {
  for (let at = from; at < to; at++) {
    const character = text.charAt(at)
    if (character === '\\') at++
    else if ('&|!{[]^~'.includes(character)) throw mismatchedCharacter(text, { text: character, at }, '}')
  }
}

/** Runs a piece of SOQL's grammar; what is wrong with it is wrong with the search. */
export function asSearch<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof OrgError) || error.errorCode !== 'MALFORMED_QUERY') throw error
    throw new OrgError('MALFORMED_SEARCH', error.message)
  }
}

function parseGroup(reader: Reader): SearchGroup {
  const word = reader.word()
  const group = toGroup(word.text)
  if (!group) throw unexpectedToken(reader.text, word)
  reader.expect('FIELDS')
  return group
}

/** A search group by its name in any case. */
export function toGroup(name: string): SearchGroup | undefined {
  const group = name.toUpperCase()
  const groups: readonly SearchGroup[] = ['ALL', 'NAME', 'EMAIL', 'PHONE', 'SIDEBAR']
  return groups.find((one) => one === group)
}

function parseReturning(reader: Reader): readonly ParsedQuery[] {
  const objects: ParsedQuery[] = []
  do objects.push(parseObject(reader))
  while (reader.take(','))
  return objects
}

function parseObject(reader: Reader): ParsedQuery {
  const { text: from, at: fromAt } = reader.objectName()
  const query = { text: reader.text, from, fromAt, aliases: new Map([[from.toLowerCase(), '']]) }
  if (!reader.take('(')) return onlyIds(query)
  const items = parseItems(reader)
  const clauses = parseClauses(reader)
  reader.expect(')')
  return { ...query, items, ...clauses }
}

/** What a search gives of an object when it isn't told: the records' ids. */
export function onlyIds(query: Pick<ParsedQuery, 'text' | 'from' | 'fromAt' | 'aliases'>): ParsedQuery {
  return {
    ...query,
    items: [{ kind: 'field', on: { kind: 'path', path: 'Id', at: query.fromAt } }],
    groupBy: [],
    grouping: 'plain',
    orderBy: [],
    purposes: [],
  }
}

/** WITH, as often as it is there. Divisions, networks, spelling, highlights and snippets change nothing here. */
function parseWiths(reader: Reader): readonly CategoryFilter[] | undefined {
  let categories: readonly CategoryFilter[] | undefined
  while (reader.take('WITH')) {
    if (reader.take('DATA')) {
      reader.expect('CATEGORY')
      categories = parseCategories(reader)
      continue
    }
    const option = reader.word()
    const name = option.text.toUpperCase()
    if (name === 'HIGHLIGHT') continue
    if (name === 'SNIPPET') {
      if (!reader.take('(')) continue
      reader.word()
      reader.expect('=')
      reader.next()
      reader.expect(')')
    } else if (['DIVISION', 'NETWORK', 'PRICEBOOKID', 'METADATA', 'SPELL_CORRECTION'].includes(name)) {
      reader.expect('=')
      reader.next()
    } else throw unexpectedToken(reader.text, option)
  }
  return categories
}

function parseUpdates(reader: Reader): void {
  do {
    const purpose = reader.word()
    if (!/^(TRACKING|VIEWSTAT)$/i.test(purpose.text)) throw unexpectedToken(reader.text, purpose)
  } while (reader.take(','))
}
