/** Which slots a query has to look at, so that a small answer doesn't cost a walk over millions of records. */

import { slotOfId } from '../org/ids.ts'
import type { FieldValue } from '../org/model.ts'
import type { Table } from '../org/table.ts'
import type { Fact } from './filter.ts'
import { slotsStampedSince } from './stamp-index.ts'

/** Slots in ascending order: a list, or a range of the seeded slots and everything created since. */
export type AccessPath =
  | { readonly kind: 'list'; readonly slots: readonly number[] }
  | { readonly kind: 'range'; readonly from: number; readonly to: number }

const STAMPS = new Set(['SystemModstamp', 'LastModifiedDate', 'CreatedDate'])

/** Lookups are indexed at Salesforce; a long list of ids is left to one walk. */
const FEW = 200
const isLongId = (text: string) => text.length === 18
const isLookup = (table: Table, path: string) =>
  table.schema.fields.some(({ name, type, calculated }) => name === path && type === 'reference' && !calculated)

const ascending = (slots: Iterable<number>): readonly number[] => [...new Set(slots)].sort((a, b) => a - b)

const texts = (values: readonly FieldValue[]): readonly string[] => values.filter((value) => typeof value === 'string')

/** Chooses the cheapest way to the records for which the facts can hold. */
export function planAccess(table: Table, facts: readonly Fact[], anchor: number): AccessPath {
  const asked = table.slotsFor?.(facts)
  if (asked) return { kind: 'list', slots: ascending(asked) }
  const equal = facts.filter(({ operator }) => operator === '=' || operator === 'IN')
  const byId = equal.find(({ path }) => path === 'Id')
  if (byId)
    return {
      kind: 'list',
      slots: ascending(
        texts(byId.values)
          .map(table.slotOf)
          .filter((slot) => slot >= 0),
      ),
    }

  for (const { path, values } of equal) {
    const children = texts(values).map((id) => table.childSlots(path, id))
    const known = children.filter((slots) => slots !== undefined)
    // A changed record may have moved to this parent.
    if (known.length === children.length && known.length > 0) {
      return { kind: 'list', slots: ascending([...known.flat(), ...table.changedSlots()]) }
    }
    const ids = texts(values)
    // Without an index, a child query for each of many parents would walk a large table each time.
    if (isLookup(table, path) && ids.length === values.length && ids.length <= FEW && ids.every(isLongId)) {
      return { kind: 'list', slots: ascending(ids.flatMap((id) => table.slotsWith(path, id))) }
    }
  }

  let from = 0
  let to = table.seededSlots
  for (const { path, operator, values } of facts) {
    const [limit] = values
    // Ids ascend with slots: a range of ids (PK chunking, a backfill that resumes) is a range of slots.
    const slot = path === 'Id' && typeof limit === 'string' ? slotOfId(table.schema.keyPrefix ?? '', limit) : -1
    if (slot >= 0 && operator.startsWith('>')) from = Math.max(from, slot)
    if (slot >= 0 && operator.startsWith('<')) to = Math.min(to, slot + 1)
    if (!STAMPS.has(path) || typeof limit !== 'number') continue
    const below = operator === '<' || operator === '<='
    const above = operator === '>' || operator === '>='
    if (above && limit > anchor) return { kind: 'list', slots: table.changedSlots() }
    // No stamp is older than the record's creation, and seeded slots ascend with that.
    if (below) to = Math.min(to, table.firstSlotCreatedSince(limit + 1))
    if (above && path === 'CreatedDate') from = Math.max(from, table.firstSlotCreatedSince(limit))
    else if (above) {
      const stamped = slotsStampedSince(table, path, limit)
      if (stamped && stamped.length < to - from) {
        return { kind: 'list', slots: ascending([...stamped, ...table.changedSlots()]) }
      }
    }
  }
  return { kind: 'range', from, to }
}

/** The slots of an access path, ascending or descending, whether or not there is a record in them. */
export function* slotsOf(table: Table, path: AccessPath, descending = false): Iterable<number> {
  if (path.kind === 'list') {
    yield* descending ? path.slots.toReversed() : path.slots
    return
  }
  const created = table.slotCount()
  if (descending) {
    for (let slot = created - 1; slot >= table.seededSlots; slot--) yield slot
    for (let slot = path.to - 1; slot >= path.from; slot--) yield slot
    return
  }
  for (let slot = path.from; slot < path.to; slot++) yield slot
  for (let slot = table.seededSlots; slot < created; slot++) yield slot
}
