/** WHERE: conditions to a test of one record, and to what they say about which records need be looked at. */

import { looksLikeId, withChecksum } from '../org/ids.ts'
import type { FieldType, FieldValue, OrgError } from '../org/model.ts'
import { comparison } from './comparison.ts'
import { type DateRange, dateRange } from './date-ranges.ts'
import type { BoundExpression } from './expressions.ts'
import { errorAt, notUsable, unexpectedToken, wrongValue } from './message.ts'
import type { Comparison, Condition, Expression, Literal, ParsedQuery } from './syntax.ts'
import type { TimeZone } from './time-zone.ts'

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
  now(): number
  zone(): TimeZone
  bind(expression: Expression): BoundExpression
  /** The values that a semi-join's inner query gives. */
  innerValues(on: BoundExpression, at: number, query: ParsedQuery): readonly FieldValue[]
  /** An amount in a currency of its own, and the field's amounts, both in the corporate currency. */
  amount(on: BoundExpression, literal: Literal): { value: BoundExpression['value']; amount: number } | undefined
}

const NUMBERS = new Set<FieldType>(['int', 'long', 'double', 'currency', 'percent'])
const isIdType = (type: FieldType) => type === 'id' || type === 'reference'

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

function bindComparison(condition: Comparison, context: FilterContext): Filter {
  const { operator, literals, semiJoin } = condition
  const { at } = condition.on
  const on = context.bind(condition.on)
  const { path, field, type, value, fn } = on
  const { soql } = context
  if (type === 'address') {
    // https://github.com/forcedotcom/soql-tooling/issues/171
    throw errorAt(soql, at, 'INVALID_FIELD', 'Address fields can only be filtered using Distance expressions')
  }
  if (!field.filterable && fn !== 'DISTANCE') throw notUsable(soql, at, path, 'filtered')
  checkOperator(operator, on, (reason) => errorAt(soql, at, 'INVALID_QUERY_FILTER_OPERATOR', reason))
  if (semiJoin) {
    const values = context.innerValues(on, at, semiJoin)
    return { test: comparison({ type, value }, operator, values), facts: [{ path, operator, values }] }
  }
  const ranges = literals.some(({ kind }) => kind === 'dateRange')
  if (ranges) return rangesFilter({ on, at, operator, literals }, context)
  if (literals.some(({ currency }) => currency !== undefined)) return amountFilter(condition, on, context)
  const values = literals.map((literal) => literalValue({ on, at }, literal, context))
  const known = fn === undefined ? [{ path, operator, values }] : []
  return { test: comparison({ type, value, exact: field.caseSensitive === true }, operator, values), facts: known }
}

const ORDERED = new Set(['<', '<=', '>', '>='])

function checkOperator(operator: string, { type, path, fn }: BoundExpression, refuse: (reason: string) => OrgError) {
  if (isIdType(type) && ['LIKE', 'INCLUDES', 'EXCLUDES'].includes(operator)) {
    throw refuse('invalid operator on id field')
  }
  if (operator === 'LIKE' && (NUMBERS.has(type) || ['boolean', 'date', 'datetime', 'time'].includes(type))) {
    throw refuse(`invalid operator on ${type} field`)
  }
  if (type === 'boolean' && ORDERED.has(operator)) throw refuse('invalid operator on boolean field')
  if (type === 'multipicklist' && ORDERED.has(operator)) throw refuse('invalid operator on multipicklist field')
  if (operator.endsWith('CLUDES') && type !== 'multipicklist') {
    throw refuse(`includes or excludes operator is only valid for multi-select picklists: ${path}`)
  }
  // "The DISTANCE function supports only the logical operators > and <."
  if (fn === 'DISTANCE' && operator !== '<' && operator !== '>') throw refuse('DISTANCE supports only > and <')
}

const nameOf = (type: FieldType): string => (NUMBERS.has(type) ? type : 'string')

interface Side {
  readonly on: BoundExpression
  readonly at: number
}

/** Whether a month has the day that a date or datetime names: Date.parse reads February 31 as March 3. */
function isInCalendar(text: string): boolean {
  const day = text.slice(0, 10)
  const at = Date.parse(day)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}

function literalValue({ on, at }: Side, literal: Literal, { soql }: FilterContext): FieldValue {
  const { type, path } = on
  const { kind, text } = literal
  // A checkbox is never null: null stands for false there.
  if (kind === 'null') return type === 'boolean' ? false : null
  const expect = (wanted: Literal['kind'], name: string, quoted = false): string => {
    if (kind !== wanted) throw wrongValue(soql, at, path, name, quoted)
    return text
  }
  if (NUMBERS.has(type)) return Number(expect('number', type === 'int' ? 'int' : 'double'))
  switch (type) {
    case 'boolean':
      return expect('boolean', 'boolean') === 'true'
    case 'datetime': {
      const instant = Date.parse(expect('datetime', 'dateTime').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
      if (Number.isNaN(instant) || !isInCalendar(text)) throw wrongValue(soql, at, path, 'dateTime', false)
      return instant
    }
    case 'date':
      if (!isInCalendar(expect('date', 'date'))) throw wrongValue(soql, at, path, 'date', false)
      return text
    case 'time':
      return `${expect('time', 'time').replace(/(\.\d+)?Z?$/i, (fraction) => (/\.\d+/.exec(fraction)?.[0] ?? '.000').padEnd(4, '0'))}Z`
    case 'id':
    case 'reference':
      return idValue(expect('string', 'ID', true), (reason) =>
        errorAt(soql, at, 'INVALID_QUERY_FILTER_OPERATOR', reason),
      )
    default:
      return expect('string', 'string', true) === '' ? null : text
  }
}

function idValue(text: string, refuse: (reason: string) => OrgError): FieldValue {
  if (text === '') return null
  if (!looksLikeId(text)) throw refuse(`invalid ID field: ${text}`)
  return text.length === 15 ? withChecksum(text) : text
}

/** `Amount > USD5000`: an amount in a currency of its own, compared with each record's in its own. */
function amountFilter(
  { operator, literals, on: { at } }: Comparison,
  on: BoundExpression,
  context: FilterContext,
): Filter {
  const amounts = literals.map((literal) => {
    const found = context.amount(on, literal)
    if (!found) throw unexpectedToken(context.soql, { text: `${literal.currency}${literal.text}`, at: literal.at })
    return found
  })
  const [first] = amounts
  if (!first || !['=', '!=', '<', '<=', '>', '>=', 'IN', 'NOT IN'].includes(operator)) {
    throw wrongValue(context.soql, at, on.path, 'string', true)
  }
  const test = comparison(
    { type: 'currency', value: first.value },
    operator,
    amounts.map(({ amount }) => amount),
  )
  return { test, facts: [] }
}

/** `CreatedDate IN (TODAY, LAST_MONTH)`, or one of them alone. */
function rangesFilter(
  { on, at, operator, literals }: Side & { operator: string; literals: readonly Literal[] },
  context: FilterContext,
): Filter {
  if (operator !== 'IN' && operator !== 'NOT IN') {
    const [literal] = literals
    if (literal) return rangeFilter({ on, at, operator, literal }, context)
  }
  const within = literals.map((literal) => rangeFilter({ on, at, operator: '=', literal }, context).test)
  const isIn: Test = (slot) => within.some((test) => test(slot))
  return { test: operator === 'IN' ? isIn : (slot) => !isIn(slot), facts: [] }
}

/** A named range, in the user's time zone: datetimes by instants, dates by days. */
function rangeFilter(
  { on, at, operator, literal }: Side & { operator: string; literal: Literal },
  context: FilterContext,
): Filter {
  const { path, type, value, fn } = on
  if (type !== 'datetime' && type !== 'date') throw wrongValue(context.soql, at, path, nameOf(type), !NUMBERS.has(type))
  const zone = context.zone()
  const days = dateRange(literal.text, zone.readingAt(context.now()))
  if (!days) throw unexpectedToken(context.soql, literal)
  const range: DateRange = type === 'date' ? days : { from: zone.instantOf(days.from), to: zone.instantOf(days.to) }
  const moment = (slot: number): number => {
    const found = value(slot)
    return typeof found === 'string' ? Date.parse(found) : typeof found === 'number' ? found : Number.NaN
  }
  const fact = (bound: string, limit: number): Fact[] =>
    type === 'datetime' && fn === undefined ? [{ path, operator: bound, values: [limit] }] : []
  const { from, to } = range
  switch (operator) {
    case '=':
      return {
        test: (slot) => moment(slot) >= from && moment(slot) < to,
        facts: [...fact('>=', from), ...fact('<', to)],
      }
    case '!=':
      return { test: (slot) => !(moment(slot) >= from && moment(slot) < to), facts: [] }
    case '<':
      return { test: (slot) => moment(slot) < from, facts: fact('<', from) }
    case '<=':
      return { test: (slot) => moment(slot) < to, facts: fact('<', to) }
    case '>':
      return { test: (slot) => moment(slot) >= to, facts: fact('>=', to) }
    case '>=':
      return { test: (slot) => moment(slot) >= from, facts: fact('>=', from) }
    default:
      throw unexpectedToken(context.soql, literal)
  }
}
