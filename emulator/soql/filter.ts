/** WHERE: conditions to a test of one record, and to what they say about which records need be looked at. */

import { looksLikeId, withChecksum } from '../org/ids.ts'
import { type FieldSchema, type FieldType, type FieldValue, OrgError } from '../org/model.ts'
import { dateRange } from './date-ranges.ts'
import { notUsable, wrongValue } from './message.ts'
import type { Condition, Literal, ParsedQuery } from './parse.ts'
import type { BoundPath } from './paths.ts'

export type Test = (slot: number) => boolean

/** A condition that holds for every record of the answer, in the form that access paths can use. */
export interface Fact {
  /** The path as the schema spells it. */
  readonly path: string
  readonly operator: string
  readonly values: readonly FieldValue[]
}

export interface Filter {
  readonly test: Test
  readonly facts: readonly Fact[]
}

export interface FilterContext {
  readonly soql: string
  readonly now: number
  bind(path: string): BoundPath
  /** The values that a semi-join's inner query gives. */
  innerValues(query: ParsedQuery): readonly FieldValue[]
}

const NUMBERS = new Set(['int', 'long', 'double', 'currency', 'percent'])

/** Binds a condition. */
export function bindFilter(condition: Condition, context: FilterContext): Filter {
  switch (condition.kind) {
    case 'and': {
      const parts = condition.conditions.map((part) => bindFilter(part, context))
      const tests = parts.map((part) => part.test)
      return { test: (slot) => tests.every((test) => test(slot)), facts: parts.flatMap((part) => part.facts) }
    }
    case 'or': {
      const tests = condition.conditions.map((part) => bindFilter(part, context).test)
      return { test: (slot) => tests.some((test) => test(slot)), facts: [] }
    }
    case 'not': {
      const { test } = bindFilter(condition.condition, context)
      return { test: (slot) => !test(slot), facts: [] }
    }
    case 'compare':
      return bindComparison(condition, context)
  }
}

function bindComparison(condition: Extract<Condition, { kind: 'compare' }>, context: FilterContext): Filter {
  const { on, operator, literals, semiJoin } = condition
  if (on.fn !== undefined) throw new OrgError('MALFORMED_QUERY', `${on.fn} can't be used in this WHERE clause`)
  const { path, field, value } = context.bind(on.path)
  if (!field.filterable) throw notUsable(context.soql, path, 'filtered')
  const isId = field.type === 'id' || field.type === 'reference'
  if (isId && (operator === 'LIKE' || operator === 'INCLUDES' || operator === 'EXCLUDES')) {
    throw new OrgError('INVALID_QUERY_FILTER_OPERATOR', `invalid operator on id field: ${path}`)
  }
  if (semiJoin) {
    const values = context.innerValues(semiJoin)
    return { test: membership(value, new Set(values), operator === 'NOT IN'), facts: [{ path, operator, values }] }
  }
  const [first] = literals
  if (!first) throw new OrgError('MALFORMED_QUERY', "unexpected token: ')'")
  if (first.kind === 'dateRange') return rangeFilter(path, field, value, operator, first.text, context)
  const values = literals.map((literal) => literalValue(path, field, literal, context.soql))
  return { test: comparison(path, field.type, value, operator, values), facts: [{ path, operator, values }] }
}

function literalValue(path: string, field: FieldSchema, literal: Literal, soql: string): FieldValue {
  if (literal.kind === 'null') return null
  const { type } = field
  if (type === 'boolean') {
    if (literal.kind !== 'boolean') throw wrongValue(soql, path, 'boolean', false)
    return literal.text === 'true'
  }
  if (NUMBERS.has(type)) {
    if (literal.kind !== 'number') throw wrongValue(soql, path, type === 'int' ? 'int' : 'double', false)
    return Number(literal.text)
  }
  if (type === 'datetime') {
    if (literal.kind !== 'datetime') throw wrongValue(soql, path, 'dateTime', false)
    const at = Date.parse(literal.text)
    if (Number.isNaN(at)) throw wrongValue(soql, path, 'dateTime', false)
    return at
  }
  if (type === 'date') {
    if (literal.kind !== 'date') throw wrongValue(soql, path, 'date', false)
    return literal.text
  }
  if (type === 'time') return literal.text
  if (literal.kind !== 'string')
    throw wrongValue(soql, path, type === 'id' || type === 'reference' ? 'ID' : 'string', true)
  if (type === 'id' || type === 'reference') {
    if (literal.text === '') return null
    if (!looksLikeId(literal.text)) {
      throw new OrgError('INVALID_QUERY_FILTER_OPERATOR', `invalid ID field: ${literal.text}`)
    }
    return literal.text.length === 15 ? withChecksum(literal.text) : literal.text
  }
  return literal.text === '' ? null : literal.text
}

function rangeFilter(
  path: string,
  field: FieldSchema,
  value: (slot: number) => FieldValue,
  operator: string,
  name: string,
  context: FilterContext,
): Filter {
  if (field.type !== 'datetime' && field.type !== 'date') throw wrongValue(context.soql, path, 'string', true)
  const { from, to } = dateRange(name, context.now)
  const at = (slot: number): number => {
    const found = value(slot)
    return typeof found === 'string' ? Date.parse(found) : typeof found === 'number' ? found : Number.NaN
  }
  const fact = (bound: string, limit: number): Fact[] =>
    field.type === 'datetime' ? [{ path, operator: bound, values: [limit] }] : []
  switch (operator) {
    case '=':
      return { test: (slot) => at(slot) >= from && at(slot) < to, facts: [...fact('>=', from), ...fact('<', to)] }
    case '!=':
      return { test: (slot) => !(at(slot) >= from && at(slot) < to), facts: [] }
    case '<':
      return { test: (slot) => at(slot) < from, facts: fact('<', from) }
    case '<=':
      return { test: (slot) => at(slot) < to, facts: fact('<', to) }
    case '>':
      return { test: (slot) => at(slot) >= to, facts: fact('>=', to) }
    case '>=':
      return { test: (slot) => at(slot) >= from, facts: fact('>=', from) }
    default:
      throw new OrgError('MALFORMED_QUERY', `unexpected token: '${name}'`)
  }
}

/** Text compares without regard to case, except ids. */
function folded(type: FieldType, value: FieldValue): FieldValue {
  return typeof value === 'string' && type !== 'id' && type !== 'reference' ? value.toLowerCase() : value
}

function membership(value: (slot: number) => FieldValue, members: ReadonlySet<FieldValue>, negated: boolean): Test {
  return (slot) => members.has(value(slot)) !== negated
}

/** The test that one comparison stands for. */
export function comparison(
  path: string,
  type: FieldType,
  value: (slot: number) => FieldValue,
  operator: string,
  values: readonly FieldValue[],
): Test {
  const wanted = values.map((one) => folded(type, one))
  const [first = null] = wanted
  const read = type === 'id' || type === 'reference' ? value : (slot: number) => folded(type, value(slot))
  switch (operator) {
    case '=':
      return (slot) => read(slot) === first
    case '!=':
      return (slot) => read(slot) !== first
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(read, operator, first)
    case 'IN':
    case 'NOT IN':
      return membership(read, new Set(wanted), operator === 'NOT IN')
    case 'LIKE':
      return like(path, type, value, values[0] ?? null)
    case 'INCLUDES':
    case 'EXCLUDES':
      return includes(path, type, value, values, operator === 'EXCLUDES')
    default:
      throw new OrgError('MALFORMED_QUERY', `unexpected token: '${operator}'`)
  }
}

function ordered(read: (slot: number) => FieldValue, operator: string, limit: FieldValue): Test {
  if (limit === null || typeof limit === 'boolean') {
    throw new OrgError('INVALID_QUERY_FILTER_OPERATOR', `invalid operator on null or boolean value: ${operator}`)
  }
  const least = operator === '<' || operator === '<=' ? -1 : 1
  const orEqual = operator.endsWith('=')
  return (slot) => {
    const found = read(slot)
    if (found === null || typeof found !== typeof limit) return false
    if (found === limit) return orEqual
    return (found < limit ? -1 : 1) === least
  }
}

function like(path: string, type: FieldType, value: (slot: number) => FieldValue, pattern: FieldValue): Test {
  if (typeof pattern !== 'string' || NUMBERS.has(type)) {
    throw new OrgError('INVALID_QUERY_FILTER_OPERATOR', `invalid operator on ${type} field: ${path}`)
  }
  const source = pattern.replace(/\\([%_])|([%_])|([.*+?^${}()|[\]\\])/gs, (_, escaped, wild, special) =>
    escaped ? escaped : wild === '%' ? '.*' : wild === '_' ? '.' : `\\${special}`,
  )
  const expression = new RegExp(`^${source}$`, 'isu')
  return (slot) => {
    const found = value(slot)
    return typeof found === 'string' && expression.test(found)
  }
}

/** `INCLUDES ('a;b', 'c')`: both a and b, or c. */
function includes(
  path: string,
  type: FieldType,
  value: (slot: number) => FieldValue,
  values: readonly FieldValue[],
  negated: boolean,
): Test {
  if (type !== 'multipicklist') {
    throw new OrgError(
      'INVALID_QUERY_FILTER_OPERATOR',
      `includes operator is only valid for multi-select picklists: ${path}`,
    )
  }
  const sets = values.map((one) =>
    String(one ?? '')
      .toLowerCase()
      .split(';'),
  )
  return (slot) => {
    const found = value(slot)
    const chosen = typeof found === 'string' ? found.toLowerCase().split(';') : []
    return sets.some((set) => set.every((one) => chosen.includes(one))) !== negated
  }
}
