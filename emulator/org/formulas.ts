/**
 * Formula and roll-up summary fields: worked out whenever they are read, from whatever the org holds at that moment.
 * Nothing is stored, so no stamp moves when a value changes (salesforce-api.md 6.1).
 */

import { type Formula, parseFormula } from './formula-syntax.ts'
import type { FieldType, FieldValue, ObjectSchema } from './model.ts'
import type { RollUp } from './schema-file.ts'
import type { Column, Table } from './table.ts'

type Kind = 'number' | 'text' | 'boolean' | 'date' | 'datetime' | 'null'

interface Bound {
  readonly kind: Kind
  readonly value: Column
}

interface FormulaContext {
  readonly tables: ReadonlyMap<string, Table>
  now(): number
  /** The fields, as `Object.Field`, on the way to the one that is being worked out. */
  readonly within?: readonly string[]
}

const DAY_MS = 86_400_000
const NUMBERS = new Set<FieldType>(['int', 'long', 'double', 'currency', 'percent'])

/** How a calculated field of an object is worked out; undefined for other fields. Throws a RangeError on a bad formula. */
export function calculatedColumn(
  context: FormulaContext,
  schema: ObjectSchema,
  field: ObjectSchema['fields'][number],
): Column | undefined {
  if (!field.rollUp && field.formula === undefined) return undefined
  const path = `${schema.name}.${field.name}`
  const { within = [] } = context
  if (within.includes(path)) throw new RangeError(`${path} can't refer to itself, directly or through other fields`)
  const inner = { ...context, within: [...within, path] }
  if (field.rollUp) return rollUpColumn(inner, schema, field.rollUp)
  const { value } = bind(inner, schema, parseFormula(field.formula ?? ''))
  if (field.type === 'boolean') return (slot) => value(slot) === true
  if (!NUMBERS.has(field.type)) return value
  const factor = 10 ** field.scale
  return (slot) => {
    const found = value(slot)
    return typeof found === 'number' ? Math.round(found * factor) / factor : null
  }
}

/** Adds up the children that aren't deleted. */
function rollUpColumn(context: FormulaContext, schema: ObjectSchema, { of, by, ...how }: RollUp): Column {
  const child = context.tables.get(of)
  const parent = context.tables.get(schema.name)
  if (!child || !parent) throw new RangeError(`${schema.name} sums up ${of}, which is no object here`)
  const holds = how.where === undefined ? undefined : bind(context, child.schema, parseFormula(how.where)).value
  const read = how.field === undefined ? undefined : bindField(context, child.schema, [how.field]).value
  return (slot) => {
    let count = 0
    let result: FieldValue = null
    for (const one of child.slotsWith(by, parent.idOf(slot))) {
      if (child.isDeleted(one) || (holds && holds(one) !== true)) continue
      count++
      const value = read?.(one) ?? null
      if (value === null) continue
      if (result === null) result = value
      else if (how.function === 'SUM') result = Number(result) + Number(value)
      else if (how.function === 'MIN' ? value < result : value > result) result = value
    }
    if (how.function === 'COUNT') return count
    return how.function === 'SUM' ? Math.round(Number(result ?? 0) * 100) / 100 : result
  }
}

function bind(context: FormulaContext, schema: ObjectSchema, formula: Formula): Bound {
  switch (formula.kind) {
    case 'literal': {
      const { value } = formula
      return { kind: kindOf(value), value: () => value }
    }
    case 'field':
      return bindField(context, schema, formula.path)
    case 'operation':
      return operation(formula.operator, bind(context, schema, formula.left), bind(context, schema, formula.right))
    case 'call': {
      const args = formula.args.map((arg) => bind(context, schema, arg))
      return call(context, formula.name, args)
    }
  }
}

function kindOf(value: FieldValue): Kind {
  if (value === null) return 'null'
  return typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'text'
}

function bindField(context: FormulaContext, schema: ObjectSchema, path: readonly string[]): Bound {
  const [first = '', ...rest] = path
  const table = context.tables.get(schema.name)
  if (rest.length === 0) {
    const field = schema.fields.find(({ name }) => name === first)
    if (!field || !table) throw new RangeError(`Field ${first} does not exist on ${schema.name}. Check spelling.`)
    const { type } = field
    const kind = NUMBERS.has(type)
      ? 'number'
      : type === 'boolean' || type === 'date' || type === 'datetime'
        ? type
        : 'text'
    // A formula that reads another one doesn't wait for that to be worked out first.
    return { kind, value: calculatedColumn(context, schema, field) ?? table.column(first) }
  }
  const lookup = schema.fields.find(({ relationshipName }) => relationshipName === first)
  const target = lookup && context.tables.get(lookup.referenceTo[0] ?? '')
  if (!lookup || !target || !table) {
    throw new RangeError(`Field ${first} does not exist on ${schema.name}. Check spelling.`)
  }
  const id = table.column(lookup.name)
  const onward = bindField(context, target.schema, rest)
  return {
    kind: onward.kind,
    value(slot) {
      const parent = target.slotOf(String(id(slot) ?? ''))
      return parent < 0 ? null : onward.value(parent)
    },
  }
}

const isBlank = (value: FieldValue) => value === null || value === ''
// Blank numbers count as zero: Salesforce's own default for a formula field.
const numberOf = (value: FieldValue) => (typeof value === 'number' ? value : 0)
const textOf = (value: FieldValue) => (value === null ? '' : String(value))

function operation(operator: string, left: Bound, right: Bound): Bound {
  const both = <T extends FieldValue>(kind: Kind, act: (a: FieldValue, b: FieldValue) => T): Bound => ({
    kind,
    value: (slot) => act(left.value(slot), right.value(slot)),
  })
  switch (operator) {
    case '&&':
      return { kind: 'boolean', value: (slot) => left.value(slot) === true && right.value(slot) === true }
    case '||':
      return { kind: 'boolean', value: (slot) => left.value(slot) === true || right.value(slot) === true }
    case '=':
    case '==':
      return both('boolean', (a, b) => a === b || (isBlank(a) && isBlank(b)))
    case '<>':
    case '!=':
      return both('boolean', (a, b) => a !== b && !(isBlank(a) && isBlank(b)))
    case '<':
      return both('boolean', (a, b) => compare(a, b) < 0)
    case '<=':
      return both('boolean', (a, b) => compare(a, b) <= 0)
    case '>':
      return both('boolean', (a, b) => compare(a, b) > 0)
    case '>=':
      return both('boolean', (a, b) => compare(a, b) >= 0)
    case '&':
      return both('text', (a, b) => textOf(a) + textOf(b))
    case '*':
      return both('number', (a, b) => numberOf(a) * numberOf(b))
    case '/':
      return both('number', (a, b) => (numberOf(b) === 0 ? null : numberOf(a) / numberOf(b)))
    case '^':
      return both('number', (a, b) => numberOf(a) ** numberOf(b))
    default:
      return sum(left, right, operator === '-' ? -1 : 1)
  }
}

function compare(a: FieldValue, b: FieldValue): number {
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  return numberOf(a) - numberOf(b)
}

/** `+` and `-`, which also move dates by days and tell the days between two. */
function sum(left: Bound, right: Bound, sign: 1 | -1): Bound {
  const isTime = (bound: Bound) => bound.kind === 'date' || bound.kind === 'datetime'
  const msOf = (value: FieldValue) => (typeof value === 'string' ? Date.parse(value) : numberOf(value))
  if (isTime(left) && isTime(right)) {
    return {
      kind: 'number',
      value(slot) {
        const [from, to] = [right.value(slot), left.value(slot)]
        return from === null || to === null ? null : (msOf(to) - msOf(from)) / DAY_MS
      },
    }
  }
  if (isTime(left)) {
    return {
      kind: left.kind,
      value(slot) {
        const from = left.value(slot)
        if (from === null) return null
        const at = msOf(from) + sign * numberOf(right.value(slot)) * DAY_MS
        return left.kind === 'date' ? dateOf(at) : at
      },
    }
  }
  if (left.kind === 'text' || right.kind === 'text') {
    return { kind: 'text', value: (slot) => textOf(left.value(slot)) + textOf(right.value(slot)) }
  }
  return { kind: 'number', value: (slot) => numberOf(left.value(slot)) + sign * numberOf(right.value(slot)) }
}

const dateOf = (at: number) => new Date(at).toISOString().slice(0, 10)

function call(context: FormulaContext, name: string, args: readonly Bound[]): Bound {
  const [first, second, third] = args
  const need = (count: number) => {
    if (args.length < count) throw new RangeError(`Incorrect number of parameters for function '${name}()'.`)
  }
  const at = (n: number) => (slot: number) => args[n]?.value(slot) ?? null
  const [a, b, c] = [at(0), at(1), at(2)]
  switch (name) {
    case 'IF':
      need(3)
      return {
        kind: second?.kind === 'null' ? (third?.kind ?? 'null') : (second?.kind ?? 'null'),
        value: (slot) => (a(slot) === true ? b(slot) : c(slot)),
      }
    case 'CASE': {
      need(4)
      const pairs = Array.from(
        { length: Math.floor((args.length - 2) / 2) },
        (_, n) => [at(1 + n * 2), at(2 + n * 2)] as const,
      )
      const otherwise = at(args.length - 1)
      return {
        kind: third?.kind ?? 'text',
        value(slot) {
          const wanted = a(slot)
          const found = pairs.find(([when]) => when(slot) === wanted)
          return found ? found[1](slot) : otherwise(slot)
        },
      }
    }
    case 'AND':
      return { kind: 'boolean', value: (slot) => args.every(({ value }) => value(slot) === true) }
    case 'OR':
      return { kind: 'boolean', value: (slot) => args.some(({ value }) => value(slot) === true) }
    case 'NOT':
      need(1)
      return { kind: 'boolean', value: (slot) => a(slot) !== true }
    case 'ISBLANK':
    case 'ISNULL':
      need(1)
      return { kind: 'boolean', value: (slot) => isBlank(a(slot)) }
    case 'ISPICKVAL':
      need(2)
      return { kind: 'boolean', value: (slot) => textOf(a(slot)) === textOf(b(slot)) }
    case 'BLANKVALUE':
    case 'NULLVALUE':
      need(2)
      return { kind: first?.kind ?? 'text', value: (slot) => (isBlank(a(slot)) ? b(slot) : a(slot)) }
    case 'TEXT':
      need(1)
      return { kind: 'text', value: (slot) => textOf(a(slot)) }
    case 'VALUE':
      need(1)
      return { kind: 'number', value: (slot) => Number(textOf(a(slot))) || 0 }
    case 'TODAY':
      return { kind: 'date', value: () => dateOf(context.now()) }
    case 'NOW':
      return { kind: 'datetime', value: () => context.now() }
    case 'DATEVALUE':
      need(1)
      return {
        kind: 'date',
        value(slot) {
          const found = a(slot)
          return typeof found === 'number' ? dateOf(found) : found === null ? null : String(found).slice(0, 10)
        },
      }
    case 'YEAR':
    case 'MONTH':
    case 'DAY': {
      need(1)
      const [from, to] = name === 'YEAR' ? [0, 4] : name === 'MONTH' ? [5, 7] : [8, 10]
      return { kind: 'number', value: (slot) => (a(slot) === null ? null : Number(textOf(a(slot)).slice(from, to))) }
    }
    case 'ROUND':
      need(2)
      return {
        kind: 'number',
        value: (slot) => Math.round(numberOf(a(slot)) * 10 ** numberOf(b(slot))) / 10 ** numberOf(b(slot)),
      }
    case 'FLOOR':
      need(1)
      return { kind: 'number', value: (slot) => Math.floor(numberOf(a(slot))) }
    case 'CEILING':
      need(1)
      return { kind: 'number', value: (slot) => Math.ceil(numberOf(a(slot))) }
    case 'ABS':
      need(1)
      return { kind: 'number', value: (slot) => Math.abs(numberOf(a(slot))) }
    case 'MAX':
    case 'MIN':
      need(1)
      return {
        kind: 'number',
        value: (slot) => Math[name === 'MAX' ? 'max' : 'min'](...args.map(({ value }) => numberOf(value(slot)))),
      }
    case 'LEN':
      need(1)
      return { kind: 'number', value: (slot) => textOf(a(slot)).length }
    case 'LEFT':
      need(2)
      return { kind: 'text', value: (slot) => textOf(a(slot)).slice(0, numberOf(b(slot))) }
    case 'UPPER':
      need(1)
      return { kind: 'text', value: (slot) => textOf(a(slot)).toUpperCase() }
    case 'LOWER':
      need(1)
      return { kind: 'text', value: (slot) => textOf(a(slot)).toLowerCase() }
    case 'CONTAINS':
      need(2)
      return { kind: 'boolean', value: (slot) => textOf(a(slot)).includes(textOf(b(slot))) }
    case 'BEGINS':
      need(2)
      return { kind: 'boolean', value: (slot) => textOf(a(slot)).startsWith(textOf(b(slot))) }
    default:
      throw new RangeError(`Unknown function ${name}. Check spelling.`)
  }
}
