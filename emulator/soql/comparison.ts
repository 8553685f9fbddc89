/** One comparison of a record's value with the values in a query. */

import { type FieldType, type FieldValue, OrgError } from '../org/model.ts'

type Test = (slot: number) => boolean
type Read = (slot: number) => FieldValue

export interface Side {
  readonly type: FieldType
  readonly value: Read
  /** Whether upper and lower case differ, as in ids and in fields that are unique by case. */
  readonly exact?: boolean
}

const foldCase = (value: FieldValue): FieldValue => (typeof value === 'string' ? value.toLowerCase() : value)
const emptyIsFalse = (value: FieldValue): FieldValue => value ?? false

/** How values of a type are made comparable. */
function folding({ type, exact }: Side): ((value: FieldValue) => FieldValue) | undefined {
  if (type === 'id' || type === 'reference' || exact) return undefined
  // Behind an empty lookup there is no checkbox; it counts as not ticked.
  if (type === 'boolean') return emptyIsFalse
  return type === 'int' || type === 'double' || type === 'currency' || type === 'datetime' ? undefined : foldCase
}

/** The test that a comparison stands for. */
export function comparison(side: Side, operator: string, values: readonly FieldValue[]): Test {
  const fold = folding(side)
  const wanted = fold ? values.map(fold) : values
  const { value } = side
  const read: Read = fold ? (slot) => fold(value(slot)) : value
  const [first = null] = wanted
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
    case 'IN': {
      const members = new Set(wanted)
      return (slot) => members.has(read(slot))
    }
    case 'NOT IN': {
      const members = new Set(wanted)
      return (slot) => !members.has(read(slot))
    }
    case 'LIKE':
      return like(value, values[0] ?? null)
    case 'INCLUDES':
      return includes(value, values)
    case 'EXCLUDES': {
      const included = includes(value, values)
      return (slot) => !included(slot)
    }
    default:
      throw new OrgError('MALFORMED_QUERY', `unexpected token: '${operator}'`)
  }
}

function ordered(read: Read, operator: string, limit: FieldValue): Test {
  // Nothing is above or below null.
  if (limit === null) return () => false
  const least = operator.startsWith('<') ? -1 : 1
  const orEqual = operator.endsWith('=')
  return (slot) => {
    const found = read(slot)
    if (found === null || typeof found !== typeof limit) return false
    if (found === limit) return orEqual
    return (found < limit ? -1 : 1) === least
  }
}

function like(value: Read, pattern: FieldValue): Test {
  const source = String(pattern ?? '').replace(/\\([%_])|([%_])|([.*+?^${}()|[\]\\])/gs, (_, escaped, wild, special) =>
    escaped ? escaped : wild === '%' ? '.*' : wild === '_' ? '.' : `\\${special}`,
  )
  const expression = new RegExp(`^${source}$`, 'isu')
  return (slot) => {
    const found = value(slot)
    return typeof found === 'string' && expression.test(found)
  }
}

/** `INCLUDES ('a;b', 'c')`: both a and b, or c. */
function includes(value: Read, values: readonly FieldValue[]): Test {
  const sets = values.map((one) =>
    String(one ?? '')
      .toLowerCase()
      .split(';'),
  )
  return (slot) => {
    const found = value(slot)
    const chosen = typeof found === 'string' ? found.toLowerCase().split(';') : []
    return sets.some((set) => set.every((one) => chosen.includes(one)))
  }
}
