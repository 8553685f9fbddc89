/** ORDER BY: streamed where slots already stand in that order, sorted in memory otherwise. */

import type { FieldSchema, FieldType, FieldValue } from '../org/model.ts'
import type { BoundExpression } from './expressions.ts'
import { notUsable } from './message.ts'
import type { ParsedQuery } from './syntax.ts'

/** Slots ascend with ids, and with creation. */
const STREAMED = new Set(['Id', 'CreatedDate'])

const SPARE_ROWS = 20_000

type SortKey = (value: FieldValue) => string | number | null

/** Makes values of a field sortable: text without case, picklists in the order of their values. */
export function sortKey({ type, picklistValues }: Pick<FieldSchema, 'type' | 'picklistValues'>): SortKey {
  if (type === 'picklist' && picklistValues.length > 0) {
    const ranks = new Map(picklistValues.map(({ value }, rank) => [value, rank]))
    return (value) => (value === null ? null : (ranks.get(String(value)) ?? ranks.size))
  }
  const exact = type === 'id' || type === 'reference'
  return (value) => {
    if (typeof value === 'boolean') return value ? 1 : 0
    return typeof value === 'string' && !exact ? value.toLowerCase() : value
  }
}

/** How a sort key of ORDER BY compares with another; null comes first unless told. */
export function compareKeys(
  left: string | number | null,
  right: string | number | null,
  { descending, nullsLast }: { descending: boolean; nullsLast: boolean },
): number {
  if (left === right) return 0
  if (left === null) return nullsLast ? 1 : -1
  if (right === null) return nullsLast ? -1 : 1
  return (left < right ? -1 : 1) * (descending ? -1 : 1)
}

/** Where slots come from: walked in ascending or descending order, and tested. */
export interface SlotSource {
  walk(descending: boolean): Iterable<number>
  matches(slot: number): boolean
}

interface Ordered {
  readonly query: ParsedQuery
  expression(on: ParsedQuery['orderBy'][number]['on']): BoundExpression
}

const typed = (field: FieldSchema, type: FieldType) => (field.type === type ? field : { ...field, type })

/** Puts matching slots in the order that the query asks for; in the order of ids when it doesn't ask. */
export function orderSlots({ query, expression }: Ordered): (source: SlotSource) => Iterable<number> {
  const terms = query.orderBy.map(({ on, descending, nullsLast }) => {
    const { path, field, type, value, fn } = expression(on)
    if (!field.sortable && fn !== 'DISTANCE') throw notUsable(query.text, on.at, path, 'sorted')
    const key = sortKey(typed(field, type))
    return { path: fn === undefined ? path : '', descending, nullsLast, key: (slot: number) => key(value(slot)) }
  })
  const [first] = terms
  // Equal creation times: the slots' own order is the order of ids, so a second term must be that or nothing.
  const streams =
    first === undefined ||
    (STREAMED.has(first.path) &&
      (first.path === 'Id' ||
        terms.slice(1).every((term) => term.path === 'Id' && term.descending === first.descending)))
  if (streams) return (source) => matching(source, first?.descending ?? false)

  // Ids ascend with slots: an order by them needs no look at them, and nothing after it is ever asked.
  const byId = terms.findIndex(({ path }) => path === 'Id')
  const compared = byId < 0 ? terms : terms.slice(0, byId)
  const direction = terms[byId]?.descending ? -1 : 1

  interface Row {
    readonly slot: number
    readonly keys: readonly (string | number | null)[]
  }
  const compare = (a: Row, b: Row): number => {
    for (let n = 0; n < compared.length; n++) {
      const term = compared[n]
      const order = term ? compareKeys(a.keys[n] ?? null, b.keys[n] ?? null, term) : 0
      if (order !== 0) return order
    }
    return (a.slot - b.slot) * direction
  }
  const most = query.limit === undefined ? Number.POSITIVE_INFINITY : query.limit + (query.offset ?? 0)

  return (source) => {
    let rows: Row[] = []
    for (const slot of matching(source, false)) {
      rows.push({ slot, keys: compared.map((term) => term.key(slot)) })
      // With a LIMIT only the first rows so far are kept: the five newest of millions need no memory for millions.
      if (rows.length > most + SPARE_ROWS) rows = rows.sort(compare).slice(0, most)
    }
    return rows.sort(compare).map(({ slot }) => slot)
  }
}

function* matching(source: SlotSource, descending: boolean): Iterable<number> {
  for (const slot of source.walk(descending)) if (source.matches(slot)) yield slot
}
