/**
 * SOQL text to a tree, by the grammar of
 * https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select.html.
 * Only the grammar is judged here; whether names exist is for those to say who know the org.
 */

import { OrgError } from '../org/model.ts'
import { bindVariable, errorAt, unexpectedToken } from './message.ts'
import { parseCondition, parseExpression } from './parse-condition.ts'
import { isReserved, Reader } from './reader.ts'
import type { CategoryFilter, Expression, ParsedQuery, PathExpression, SelectItem } from './syntax.ts'

/** salesforce-api.md 4.4. */
const LONGEST_QUERY = 100_000
const MOST_ORDERINGS = 32
const MOST_SUBTOTALS = 3

/** Parses a query; throws MALFORMED_QUERY with a pointer to the place, as Salesforce does. */
export function parseSoql(text: string): ParsedQuery {
  if (text.length > LONGEST_QUERY) {
    throw new OrgError('MALFORMED_QUERY', `SOQL statements cannot be longer than ${LONGEST_QUERY} characters.`)
  }
  const reader = new Reader(text)
  const query = parseQuery(reader)
  if (reader.peek().kind !== 'end') throw unexpectedToken(text, reader.peek())
  return query
}

/** Parses a query up to where its clauses end: the end of the text, or a subquery's closing parenthesis. */
function parseQuery(reader: Reader): ParsedQuery {
  reader.expect('SELECT')
  const items = parseItems(reader)
  reader.expect('FROM')
  return parseAfterFrom(reader, items)
}

function parseAfterFrom(reader: Reader, items: readonly SelectItem[]): ParsedQuery {
  const source = parseSource(reader)
  let scope: string | undefined
  if (reader.take('USING')) {
    reader.expect('SCOPE')
    scope = reader.word().text
  }
  return { text: reader.text, ...source, items, ...(scope ? { scope } : {}), ...parseClauses(reader) }
}

/** The clauses from WHERE on, which SOSL's RETURNING shares with SOQL. */
export function parseClauses(
  reader: Reader,
): Omit<ParsedQuery, 'text' | 'from' | 'fromAt' | 'aliases' | 'items' | 'scope'> {
  const { text } = reader
  const where = reader.take('WHERE') ? parseCondition(reader, parseQuery) : undefined
  const categories = reader.take('WITH') ? parseWith(reader) : undefined
  const { groupBy, grouping } = parseGroupBy(reader)
  const having = reader.take('HAVING') ? parseCondition(reader, parseQuery) : undefined
  const orderBy: ParsedQuery['orderBy'][number][] = []
  if (reader.take('ORDER')) {
    const { at } = reader.expect('BY')
    do orderBy.push(parseOrdering(reader))
    while (reader.take(','))
    if (orderBy.length > MOST_ORDERINGS) {
      throw errorAt(text, at, 'MALFORMED_QUERY', `ORDER BY is limited to ${MOST_ORDERINGS} fields`)
    }
  }
  const limit = reader.take('LIMIT') ? parseCount(reader) : undefined
  const offset = reader.take('OFFSET') ? parseCount(reader) : undefined
  return {
    ...(where ? { where } : {}),
    ...(categories ? { categories } : {}),
    groupBy,
    grouping,
    ...(having ? { having } : {}),
    orderBy,
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
    purposes: parsePurposes(reader),
  }
}

/** The columns of SELECT, or of an object in SOSL. */
export function parseItems(reader: Reader): readonly SelectItem[] {
  const items: SelectItem[] = []
  do items.push(parseItem(reader))
  while (reader.take(','))
  return items
}

function parseItem(reader: Reader): SelectItem {
  if (reader.is('(')) {
    reader.expect('(')
    const query = reader.nested(() => parseQuery(reader))
    reader.expect(')')
    return { kind: 'subquery', query }
  }
  if (reader.is('TYPEOF')) return parseTypeOf(reader)
  const on = parseExpression(reader)
  if (on.kind === 'call' && on.fn === 'FIELDS') {
    const [set] = on.args
    return { kind: 'fields', set: set?.kind === 'path' ? set.path.toUpperCase() : '', at: on.at }
  }
  const next = reader.peek()
  const alias = next.kind === 'word' && !isReserved(next.text) ? reader.word().text : undefined
  return { kind: 'field', on, ...(alias ? { alias } : {}) }
}

function parsePath(reader: Reader): PathExpression {
  const { text, at } = reader.word()
  return { kind: 'path', path: text, at }
}

function parsePaths(reader: Reader): readonly PathExpression[] {
  const paths: PathExpression[] = []
  do paths.push(parsePath(reader))
  while (reader.take(','))
  return paths
}

// https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-typeof.html
function parseTypeOf(reader: Reader): SelectItem {
  reader.expect('TYPEOF')
  const on = parsePath(reader)
  const branches: { type: string; at: number; fields: readonly PathExpression[] }[] = []
  do {
    reader.expect('WHEN')
    const { text, at } = reader.objectName()
    reader.expect('THEN')
    branches.push({ type: text, at, fields: parsePaths(reader) })
  } while (reader.is('WHEN'))
  const otherwise = reader.take('ELSE') ? parsePaths(reader) : undefined
  reader.expect('END')
  return { kind: 'typeof', on, branches, otherwise }
}

/** `Contact c, c.Account a`: the object, and further names for what it leads to. */
function parseSource(reader: Reader): Pick<ParsedQuery, 'from' | 'fromAt' | 'aliases'> {
  const { text: from, at: fromAt } = reader.objectName()
  const aliases = new Map<string, string>([[from.toLowerCase(), '']])
  const named = (path: string): void => {
    const next = reader.peek()
    if (next.kind !== 'word' || isReserved(next.text) || /^(FOR|UPDATE|ALL)$/i.test(next.text)) return
    aliases.set(reader.word().text.toLowerCase(), path)
  }
  named('')
  while (reader.take(',')) {
    const { text: path, at } = reader.word()
    const [first = '', ...rest] = path.split('.')
    const start = aliases.get(first.toLowerCase())
    if (start === undefined || rest.length === 0) {
      throw errorAt(
        reader.text,
        at,
        'MALFORMED_QUERY',
        'A driving SObject type has already been set, all other entity types in the FROM clause must be relationships to the initial object.  The driving object is ' +
          `${from}.`,
      )
    }
    named([...(start === '' ? [] : [start]), ...rest].join('.'))
  }
  return { from, fromAt, aliases }
}

/**
 * WITH. The modes are meant for Apex; where REST takes them they change nothing, as its callers' rights are enforced
 * anyway.
 */
function parseWith(reader: Reader): readonly CategoryFilter[] | undefined {
  for (const mode of ['SECURITY_ENFORCED', 'USER_MODE', 'SYSTEM_MODE']) if (reader.take(mode)) return undefined
  reader.expect('DATA')
  reader.expect('CATEGORY')
  return parseCategories(reader)
}

/** `Geography__c AT asia__c AND Product__c ABOVE_OR_BELOW (a__c, b__c)`. */
export function parseCategories(reader: Reader): readonly CategoryFilter[] {
  const filters: CategoryFilter[] = []
  do {
    const group = reader.word().text
    const selector = reader.word()
    const operator = selector.text.toUpperCase()
    if (operator !== 'AT' && operator !== 'ABOVE' && operator !== 'BELOW' && operator !== 'ABOVE_OR_BELOW') {
      throw unexpectedToken(reader.text, selector)
    }
    const categories: string[] = []
    if (reader.take('(')) {
      do categories.push(reader.word().text)
      while (reader.take(','))
      reader.expect(')')
    } else categories.push(reader.word().text)
    filters.push({ group, operator, categories })
  } while (reader.take('AND'))
  return filters
}

function parseGroupBy(reader: Reader): Pick<ParsedQuery, 'groupBy' | 'grouping'> {
  const groupBy: Expression[] = []
  if (!reader.take('GROUP')) return { groupBy, grouping: 'plain' }
  const { at } = reader.expect('BY')
  const subtotals = reader.isCall('ROLLUP') ? 'rollup' : reader.isCall('CUBE') ? 'cube' : undefined
  if (subtotals) {
    reader.word()
    reader.expect('(')
  }
  do groupBy.push(parseExpression(reader))
  while (reader.take(','))
  if (!subtotals) return { groupBy, grouping: 'plain' }
  reader.expect(')')
  if (groupBy.length > MOST_SUBTOTALS) {
    throw errorAt(
      reader.text,
      at,
      'MALFORMED_QUERY',
      `GROUP BY ${subtotals.toUpperCase()} is limited to ${MOST_SUBTOTALS} fields`,
    )
  }
  return { groupBy, grouping: subtotals }
}

function parseOrdering(reader: Reader): ParsedQuery['orderBy'][number] {
  const on = parseExpression(reader)
  const descending = !reader.take('ASC') && reader.take('DESC')
  if (!reader.take('NULLS')) return { on, descending, nullsLast: false }
  if (reader.take('FIRST')) return { on, descending, nullsLast: false }
  reader.expect('LAST')
  return { on, descending, nullsLast: true }
}

/** A number of rows. */
export function parseCount(reader: Reader): number {
  const token = reader.next()
  if (token.kind === 'mark' && token.text === ':') throw bindVariable()
  if (token.kind !== 'number' || !/^\d+$/.test(token.text)) throw unexpectedToken(reader.text, token)
  return Number(token.text)
}

function parsePurposes(reader: Reader): readonly string[] {
  const purposes: string[] = []
  for (;;) {
    if (reader.take('FOR')) {
      const purpose = reader.word()
      if (!/^(VIEW|REFERENCE|UPDATE)$/i.test(purpose.text)) throw unexpectedToken(reader.text, purpose)
      purposes.push(`FOR ${purpose.text.toUpperCase()}`)
      while (reader.take(',')) purposes.push(`FOR ${reader.word().text.toUpperCase()}`)
    } else if (reader.take('UPDATE')) {
      const purpose = reader.word()
      if (!/^(TRACKING|VIEWSTAT)$/i.test(purpose.text)) throw unexpectedToken(reader.text, purpose)
      purposes.push(`UPDATE ${purpose.text.toUpperCase()}`)
      while (reader.take(',')) purposes.push(`UPDATE ${reader.word().text.toUpperCase()}`)
    } else if (reader.take('ALL')) {
      reader.expect('ROWS')
      // Apex's word for what queryAll is over REST, which refuses it: https://github.com/ForceCLI/force/issues/237,
      // https://developer.salesforce.com/docs/atlas.en-us.apexcode.meta/apexcode/langCon_apex_SOQL_query_all_rows.htm
      throw new OrgError('MALFORMED_QUERY', 'ALL ROWS not allowed in this context')
    } else return purposes
  }
}
