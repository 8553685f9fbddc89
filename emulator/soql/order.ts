/** ORDER BY: streamed where slots already stand in that order, sorted in memory otherwise. */

import type { FieldSchema, FieldValue } from '../org/model.ts'
import { notUsable } from './message.ts'
import type { BoundQuery } from './query.ts'

/** Slots ascend with ids, and with creation. */
const STREAMED = new Set(['Id', 'CreatedDate'])

/** Makes values of a field sortable: text without case, picklists in the order of their values. */
function sortKey(field: FieldSchema): (value: FieldValue) => string | number | null {
  if (field.type === 'picklist') {
    const ranks = new Map(field.picklistValues.map(({ value }, rank) => [value, rank]))
    return (value) => (value === null ? null : (ranks.get(String(value)) ?? ranks.size))
  }
  const exact = field.type === 'id' || field.type === 'reference'
  return (value) => {
    if (typeof value === 'boolean') return value ? 1 : 0
    return typeof value === 'string' && !exact ? value.toLowerCase() : value
  }
}

/** The matching slots in the order that the query asks for; in the order of ids when it doesn't ask. */
export function orderSlots(bound: BoundQuery, walk: (descending: boolean) => Iterable<number>): () => Iterable<number> {
  const { query, matches } = bound
  const terms = query.orderBy.map(({ on, descending, nullsLast }) => {
    const { path, field, value } = bound.bind(on.path)
    if (!field.sortable) throw notUsable(query.text, path, 'sorted')
    const key = sortKey(field)
    return { path, descending, nullsLast, key: (slot: number) => key(value(slot)) }
  })
  const [first] = terms

  function* matching(descending: boolean): Iterable<number> {
    for (const slot of walk(descending)) if (matches(slot)) yield slot
  }
  // Equal creation times: the slots' own order is the order of ids, so a second term must be that or nothing.
  const streams =
    first === undefined ||
    (STREAMED.has(first.path) &&
      (first.path === 'Id' ||
        terms.slice(1).every((term) => term.path === 'Id' && term.descending === first.descending)))
  if (streams) return () => matching(first?.descending ?? false)

  return () => {
    const rows = Array.from(matching(false), (slot) => ({ slot, keys: terms.map((term) => term.key(slot)) }))
    rows.sort((a, b) => {
      for (const [n, { descending, nullsLast }] of terms.entries()) {
        const left = a.keys[n] ?? null
        const right = b.keys[n] ?? null
        if (left === right) continue
        if (left === null) return nullsLast ? 1 : -1
        if (right === null) return nullsLast ? -1 : 1
        return (left < right ? -1 : 1) * (descending ? -1 : 1)
      }
      return a.slot - b.slot
    })
    return rows.map(({ slot }) => slot)
  }
}
