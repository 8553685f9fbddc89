/** COUNT, SUM and the others, and which fields they take. */

import type { FieldSchema, FieldType, FieldValue } from '../org/model.ts'
import { sortKey } from './order.ts'

/** One aggregate as it grows: fed a slot at a time, then asked for its value. */
export interface Running {
  add(slot: number): void
  value(): FieldValue
}

const NUMBERS: readonly FieldType[] = ['int', 'long', 'double', 'currency', 'percent']
const UNCOUNTED: readonly FieldType[] = [
  'boolean',
  'time',
  'address',
  'anyType',
  'base64',
  'multipicklist',
  'encryptedstring',
]

/** By upper-case name. */
export const AGGREGATES: ReadonlySet<string> = new Set(['COUNT', 'COUNT_DISTINCT', 'MIN', 'MAX', 'SUM', 'AVG'])

/**
 * Whether an aggregate takes a field, by the table at
 * https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-agg-functions-field-types.html.
 */
export function takesField(fn: string, { type, filterable }: FieldSchema): boolean {
  if (fn === 'SUM' || fn === 'AVG') return NUMBERS.includes(type)
  return !UNCOUNTED.includes(type) && (type !== 'textarea' || filterable)
}

/** The type of an aggregate's values. */
export function aggregateType(fn: string, type: FieldType): FieldType {
  if (fn === 'COUNT' || fn === 'COUNT_DISTINCT') return 'int'
  return fn === 'AVG' || (fn === 'SUM' && type === 'int') ? 'double' : type
}

/** Starts an aggregate over the values of a field; null counts for nothing, except in COUNT() and COUNT(Id). */
export function startAggregate(fn: string, field: FieldSchema, read: (slot: number) => FieldValue): Running {
  switch (fn) {
    case 'COUNT':
      return startSum(read, (count) => count)
    case 'SUM':
      return startSum(read, (count, sum) => (count === 0 ? null : decimal(sum)))
    case 'AVG':
      return startSum(read, (count, sum) => (count === 0 ? null : decimal(sum / count)))
    case 'COUNT_DISTINCT':
      return startDistinct(field, read)
    default:
      return startExtreme(fn === 'MAX' ? 1 : -1, field, read)
  }
}

/** Salesforce adds up decimals; what binary fractions add in the sixteenth place is not in its answers. */
const decimal = (sum: number): number => Number(sum.toPrecision(15))

function startSum(read: (slot: number) => FieldValue, end: (count: number, sum: number) => FieldValue): Running {
  let count = 0
  let sum = 0
  return {
    add(slot) {
      const value = read(slot)
      if (value === null) return
      count++
      if (typeof value === 'number') sum += value
    },
    value: () => end(count, sum),
  }
}

function startDistinct(field: FieldSchema, read: (slot: number) => FieldValue): Running {
  const seen = new Set<FieldValue>()
  const exact = field.type === 'id' || field.type === 'reference'
  return {
    add(slot) {
      const value = read(slot)
      if (value !== null) seen.add(typeof value === 'string' && !exact ? value.toLowerCase() : value)
    },
    value: () => seen.size,
  }
}

/** The least or greatest, in the order in which ORDER BY would put them: picklists by their list of values. */
function startExtreme(sign: 1 | -1, field: FieldSchema, read: (slot: number) => FieldValue): Running {
  const keyOf = sortKey(field)
  let extreme: FieldValue = null
  let best: string | number | null = null
  return {
    add(slot) {
      const value = read(slot)
      const key = keyOf(value)
      if (key === null) return
      if (best === null || (sign > 0 ? key > best : key < best)) {
        best = key
        extreme = value
      }
    },
    value: () => extreme,
  }
}
