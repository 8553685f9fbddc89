/** SOQL text to a tree. Only the grammar is judged here; whether names exist is `bind.ts`'s to say. */

import {
  type HavingClause,
  type OrderByClause,
  type FieldType as ParsedField,
  parseQuery,
  type Query,
  type QueryBase,
  type Subquery,
  type WhereClause,
} from '@jetstreamapp/soql-parser-js'
import { OrgError } from '../org/model.ts'
import { offsetOf, pointAt } from './message.ts'

export interface Literal {
  readonly kind: 'string' | 'number' | 'boolean' | 'null' | 'datetime' | 'date' | 'dateRange'
  /** The text without quotes and escapes; for a named date range, its name (`LAST_N_DAYS:3`). */
  readonly text: string
}

/** A field path or a function of one, as it stands in the query. */
export interface Expression {
  readonly path: string
  /** Upper case; undefined for a plain field. */
  readonly fn?: string
}

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly conditions: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  | {
      readonly kind: 'compare'
      readonly on: Expression
      readonly operator: string
      readonly literals: readonly Literal[]
      readonly semiJoin?: ParsedQuery
    }

export type SelectItem =
  | { readonly kind: 'field'; readonly on: Expression; readonly alias?: string; readonly raw: string }
  | { readonly kind: 'fields'; readonly set: string }
  | { readonly kind: 'subquery'; readonly query: ParsedQuery }
  | { readonly kind: 'typeof'; readonly raw: string }

interface Ordering {
  readonly on: Expression
  readonly descending: boolean
  readonly nullsLast: boolean
}

export interface ParsedQuery {
  readonly text: string
  /** The object, or for a subquery the name of the relationship. */
  readonly from: string
  readonly items: readonly SelectItem[]
  readonly where?: Condition
  readonly groupBy: readonly Expression[]
  readonly having?: Condition
  readonly orderBy: readonly Ordering[]
  readonly limit?: number
  readonly offset?: number
}

/** Parses a query; throws MALFORMED_QUERY with a pointer to the place, as Salesforce does. */
export function parseSoql(text: string): ParsedQuery {
  let query: Query
  try {
    query = parseQuery(text)
  } catch (error) {
    throw malformed(text, error instanceof Error ? error.message : '')
  }
  if (!query.sObject || !query.fields) throw new OrgError('MALFORMED_QUERY', "unexpected token: '<EOF>'")
  return shape(text, query, query.sObject, query.sObjectAlias)
}

/** The parser says what it found only in its message. */
function malformed(text: string, message: string): OrgError {
  const skipped = /->(.*)<- at offset: (\d+)/s.exec(message)
  const found =
    skipped?.[1] ?? /but found(?: -->|:) '(.*)'/s.exec(message)?.[1] ?? /but found: (.*)$/s.exec(message)?.[1]
  if (!found) return new OrgError('MALFORMED_QUERY', "unexpected token: '<EOF>'")
  const offset = skipped ? Number(skipped[2]) : offsetOf(text, found)
  return new OrgError('MALFORMED_QUERY', `${pointAt(text, offset)}unexpected token: '${found}'`)
}

function shape(text: string, query: QueryBase, from: string, alias: string | undefined): ParsedQuery {
  const strip = (path: string) => withoutAlias(path, [alias, from])
  const orderBy = query.orderBy === undefined ? [] : [query.orderBy].flat()
  const groupBy = query.groupBy === undefined ? [] : [query.groupBy].flat()
  return {
    text,
    from,
    items: (query.fields ?? []).map((field) => selectItem(text, field, strip)),
    ...(query.where ? { where: conditionTree(text, query.where, strip) } : {}),
    groupBy: groupBy.map((group) => expressionOf(group, strip)),
    ...(query.having ? { having: conditionTree(text, query.having, strip) } : {}),
    orderBy: orderBy.map((ordering) => orderingOf(ordering, strip)),
    ...(query.limit === undefined ? {} : { limit: query.limit }),
    ...(query.offset === undefined ? {} : { offset: query.offset }),
  }
}

function withoutAlias(path: string, prefixes: readonly (string | undefined)[]): string {
  const dot = path.indexOf('.')
  if (dot < 0) return path
  const first = path.slice(0, dot).toLowerCase()
  return prefixes.some((prefix) => prefix?.toLowerCase() === first) ? path.slice(dot + 1) : path
}

type Strip = (path: string) => string

function selectItem(text: string, field: ParsedField, strip: Strip): SelectItem {
  switch (field.type) {
    case 'Field': {
      const path = field.field
      return { kind: 'field', on: { path }, raw: path, ...(field.alias ? { alias: field.alias } : {}) }
    }
    case 'FieldRelationship': {
      const path = strip([...field.relationships, field.field].join('.'))
      const alias = 'alias' in field ? field.alias : undefined
      return { kind: 'field', on: { path }, raw: path, ...(alias ? { alias } : {}) }
    }
    case 'FieldSubquery': {
      const subquery: Subquery = field.subquery
      return { kind: 'subquery', query: shape(text, subquery, subquery.relationshipName, subquery.sObjectAlias) }
    }
    case 'FieldTypeof':
      return { kind: 'typeof', raw: field.field }
    case 'FieldFunctionExpression': {
      const fn = field.functionName.toUpperCase()
      const parameter = field.parameters[0]
      const path = typeof parameter === 'string' ? strip(parameter) : ''
      if (fn === 'FIELDS') return { kind: 'fields', set: path.toUpperCase() }
      const raw = field.rawValue ?? `${fn}(${path})`
      return { kind: 'field', on: { path, fn }, raw, ...(field.alias ? { alias: field.alias } : {}) }
    }
    default:
      throw new OrgError('MALFORMED_QUERY', 'unexpected token in the field list')
  }
}

function expressionOf(
  clause: { field?: string; fn?: { functionName?: string; parameters?: readonly unknown[] } },
  strip: Strip,
): Expression {
  if (clause.fn) {
    const parameter = clause.fn.parameters?.[0]
    const path = typeof parameter === 'string' ? strip(parameter) : ''
    return { path, fn: (clause.fn.functionName ?? '').toUpperCase() }
  }
  return { path: strip(clause.field ?? '') }
}

function orderingOf(clause: OrderByClause, strip: Strip): Ordering {
  return {
    on: expressionOf(clause, strip),
    descending: clause.order === 'DESC',
    nullsLast: clause.nulls === 'LAST',
  }
}

type Token = '(' | ')' | 'AND' | 'OR' | 'NOT' | Extract<Condition, { kind: 'compare' }>

/** The parser gives conditions as a chain that keeps its parentheses as counts; this makes a tree of it. */
function conditionTree(text: string, clause: WhereClause | HavingClause, strip: Strip): Condition {
  const tokens: Token[] = []
  let node: WhereClause | HavingClause | undefined = clause
  while (node) {
    const left = node.left as { openParen?: number; closeParen?: number; operator?: string } | null
    for (let n = 0; n < (left?.openParen ?? 0); n++) tokens.push('(')
    if (left && 'operator' in left) tokens.push(comparison(text, left as never, strip))
    for (let n = 0; n < (left?.closeParen ?? 0); n++) tokens.push(')')
    if (!('right' in node)) break
    tokens.push(node.operator)
    node = node.right
  }
  let position = 0

  function either(): Condition {
    const first = single()
    const joined: Condition[] = [first]
    let operator: Token | undefined
    for (;;) {
      const token = tokens[position]
      if (token !== 'AND' && token !== 'OR') break
      // Salesforce wants parentheses where AND and OR meet.
      if (operator !== undefined && operator !== token) {
        throw new OrgError('MALFORMED_QUERY', `unexpected token: '${token}'`)
      }
      operator = token
      position++
      joined.push(single())
    }
    return operator === undefined ? first : { kind: operator === 'AND' ? 'and' : 'or', conditions: joined }
  }

  function single(): Condition {
    const token = tokens[position++]
    if (token === 'NOT') return { kind: 'not', condition: single() }
    if (token === '(') {
      const inner = either()
      position++
      return inner
    }
    if (typeof token === 'object') return token
    throw new OrgError('MALFORMED_QUERY', `unexpected token: '${token ?? '<EOF>'}'`)
  }

  return either()
}

interface ParsedComparison {
  readonly field?: string
  readonly fn?: { functionName?: string; parameters?: readonly unknown[] }
  readonly operator: string
  readonly value?: string | readonly string[]
  readonly valueQuery?: Query
  readonly literalType?: string | readonly string[]
}

function comparison(text: string, parsed: ParsedComparison, strip: Strip): Extract<Condition, { kind: 'compare' }> {
  const on = expressionOf(
    { ...(parsed.field ? { field: parsed.field } : {}), ...(parsed.fn ? { fn: parsed.fn } : {}) },
    strip,
  )
  const operator = parsed.operator.toUpperCase()
  if (parsed.valueQuery) {
    const inner = parsed.valueQuery
    const semiJoin = shape(text, inner, inner.sObject ?? '', inner.sObjectAlias)
    return { kind: 'compare', on, operator, literals: [], semiJoin }
  }
  const values = [parsed.value ?? ''].flat()
  const types = parsed.literalType
  const literals = values.map((value, n) => literalOf(value, typeof types === 'string' ? types : (types?.[n] ?? '')))
  return { kind: 'compare', on, operator, literals }
}

const ESCAPES: { readonly [escaped: string]: string } = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

function literalOf(value: string, type: string): Literal {
  switch (type) {
    case 'STRING':
      // Escaped wildcards keep their backslash: only LIKE knows what they mean.
      return {
        kind: 'string',
        text: value
          .slice(1, -1)
          .replace(/\\(.)/gs, (whole, next: string) =>
            next === '%' || next === '_' ? whole : (ESCAPES[next] ?? next),
          ),
      }
    case 'BOOLEAN':
      return { kind: 'boolean', text: value.toLowerCase() }
    case 'NULL':
      return { kind: 'null', text: '' }
    case 'DATETIME':
      return { kind: 'datetime', text: value }
    case 'DATE':
      return { kind: 'date', text: value }
    case 'DATE_LITERAL':
    case 'DATE_N_LITERAL':
      return { kind: 'dateRange', text: value.toUpperCase() }
    case 'INTEGER':
    case 'DECIMAL':
    case 'INTEGER_WITH_CURRENCY_PREFIX':
    case 'DECIMAL_WITH_CURRENCY_PREFIX':
      return { kind: 'number', text: value.replace(/^[A-Za-z]{3}/, '') }
    default:
      throw new OrgError('MALFORMED_QUERY', `unexpected token: '${value}'`)
  }
}
