/** The owners' own shares: a row for each seeded record of an object, whose owner it names. */

import { idOfSlot, slotOfId } from './ids.ts'
import type { FieldValue } from './model.ts'
import type { Seeded, Table } from './table.ts'

const SHARED = [
  { objectName: 'Account', keyPrefix: '001' },
  { objectName: 'Case', keyPrefix: '500' },
  { objectName: 'Lead', keyPrefix: '00Q' },
  { objectName: 'Opportunity', keyPrefix: '006' },
] as const

/** The share tables that go with the company's records. */
export function createShares(tables: { readonly [objectName: string]: Seeded }): {
  readonly [objectName: string]: Seeded
} {
  return Object.fromEntries(
    SHARED.flatMap(({ objectName, keyPrefix }) => {
      const records = tables[objectName]
      return records ? [[`${objectName}Share`, sharesOf(objectName, keyPrefix, records)]] : []
    }),
  )
}

function sharesOf(objectName: string, keyPrefix: string, records: Seeded): Seeded {
  const level = (value: FieldValue) => () => value
  return {
    slots: records.slots,
    createdAt: (slot) => records.createdAt(slot),
    exists: (slot) => (records.exists?.(slot) ?? true) && !records.deleted?.(slot),
    children: {
      [`${objectName}Id`]: (parentId) => {
        const slot = slotOfId(keyPrefix, parentId)
        return slot >= 0 && slot < records.slots ? [slot] : []
      },
    },
    columns: {
      [`${objectName}Id`]: (slot) => idOfSlot(keyPrefix, slot),
      [`${objectName}AccessLevel`]: level('All'),
      ...(objectName === 'Account' && {
        OpportunityAccessLevel: level('None'),
        CaseAccessLevel: level('Edit'),
        ContactAccessLevel: level('Edit'),
      }),
      RowCause: level('Owner'),
      LastModifiedDate: (slot) => records.columns.LastModifiedDate?.(slot) ?? null,
      LastModifiedById: (slot) => records.columns.LastModifiedById?.(slot) ?? null,
    },
  }
}

/** Lets the shares follow the records to new owners. */
export function followOwners(tables: ReadonlyMap<string, Table>): void {
  for (const { objectName } of SHARED) {
    const records = tables.get(objectName)
    const shares = tables.get(`${objectName}Share`)
    if (!records || !shares) continue
    const owner = records.column('OwnerId')
    shares.compute('UserOrGroupId', (slot) => (slot < shares.seededSlots ? owner(slot) : null))
  }
}
