/** How many records an object has, told without walking over millions of them. */

import { hiddenUnlessAll } from '../soql/restrictions.ts'
import type { Table } from './table.ts'

const SAMPLE = 20_000
// Steps of this fraction of the whole fall evenly and in no step with what repeats in seeded records.
const GOLDEN = (Math.sqrt(5) - 1) / 2

/** The records that are neither deleted nor archived: exact for a small object, an estimate from a sample for a large one. */
export function countRecords(table: Table): number {
  const hidden = hiddenUnlessAll(table)
  const counts = (slot: number) => (table.exists(slot) && !hidden?.(slot) ? 1 : 0)
  const { seededSlots } = table
  let count = 0
  if (seededSlots <= SAMPLE) for (let slot = 0; slot < seededSlots; slot++) count += counts(slot)
  else {
    for (let n = 0; n < SAMPLE; n++) count += counts(Math.floor(((n * GOLDEN) % 1) * seededSlots))
    count = Math.round((count / SAMPLE) * seededSlots)
  }
  for (let slot = seededSlots; slot < table.slotCount(); slot++) count += counts(slot)
  return count
}
