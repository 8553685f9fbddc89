/** Small objects whose records are written out instead of computed. */

import type { FieldValue } from './model.ts'
import type { Column, Seeded } from './table.ts'

type Row = { readonly [field: string]: FieldValue }

/** A table of written-out records, all set up by one person at the given moments. */
export function listed(rows: readonly Row[], setUp: { at(slot: number): number; byUserId: string }): Seeded {
  const names = new Set(rows.flatMap((row) => Object.keys(row)))
  const columns = [...names].map((name): [string, Column] => [name, (slot) => rows[slot]?.[name] ?? null])
  return {
    slots: rows.length,
    createdAt: setUp.at,
    columns: {
      CreatedDate: setUp.at,
      CreatedById: () => setUp.byUserId,
      LastModifiedDate: setUp.at,
      LastModifiedById: () => setUp.byUserId,
      SystemModstamp: setUp.at,
      ...Object.fromEntries(columns),
    },
  }
}
