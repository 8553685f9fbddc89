/**
 * Which seeded records of a large object were changed since a moment. Whoever follows an object's changes asks that every few
 * minutes, with a window that reaches back into the seeded time; a walk over a million records takes a second each time.
 */

import type { Table } from '../org/table.ts'

/** Below this a walk is as fast, and an index would be built for nothing. */
const FEWEST_SLOTS = 50_000
/** Above this share of the records a walk is as fast as a list. */
const MOST_SHARE = 0.1

// Whole seconds in four bytes: 4 MB for a million records, built when first asked for.
const indexes = new WeakMap<Table, Map<string, Uint32Array>>()

const secondOf = (at: number): number => Math.max(0, Math.floor(at / 1000))

/** The seeded slots stamped at or after a moment, and perhaps some of a second before; undefined where a walk does as well. */
export function slotsStampedSince(table: Table, stamp: string, from: number): readonly number[] | undefined {
  if (table.seededSlots < FEWEST_SLOTS) return undefined
  const seconds = indexOf(table, stamp)
  const least = secondOf(from)
  const most = seconds.length * MOST_SHARE
  const slots: number[] = []
  for (let slot = 0; slot < seconds.length; slot++) {
    if ((seconds[slot] ?? 0) < least) continue
    slots.push(slot)
    if (slots.length > most) return undefined
  }
  return slots
}

function indexOf(table: Table, stamp: string): Uint32Array {
  const ofTable = indexes.get(table) ?? new Map<string, Uint32Array>()
  indexes.set(table, ofTable)
  let seconds = ofTable.get(stamp)
  if (!seconds) {
    const column = table.column(stamp)
    seconds = Uint32Array.from({ length: table.seededSlots }, (_, slot) => secondOf(Number(column(slot) ?? 0)))
    ofTable.set(stamp, seconds)
  }
  return seconds
}
