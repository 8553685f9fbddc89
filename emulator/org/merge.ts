/**
 * Merging duplicates: what belongs to the losers moves to the master, and they go to the recycle bin with
 * `MasterRecordId` (https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_merge.htm).
 */

import { deleteMerged } from './deletion.ts'
import { type FieldValue, OrgError, type RecordFields } from './model.ts'
import { liveSlot, type Records } from './record-changes.ts'
import type { Table } from './table.ts'

/** A request names up to two records beside the master. */
const MOST_LOSERS = 2

export interface Merge {
  readonly table: Table
  readonly masterId: string
  readonly loserIds: readonly string[]
  readonly fields: RecordFields
}

/** Merges records of one object; gives the ids of what moved. */
export function mergeRecords(records: Records, userId: string, { table, masterId, loserIds, fields }: Merge): string[] {
  const { name } = table.schema
  // Cases are merged in the same way, in Salesforce's pages (salesforce-api.md 6.4).
  if (!table.schema.mergeable && name !== 'Case') {
    throw new OrgError('INVALID_OPERATION', `entity type ${name} does not support merge`)
  }
  if (loserIds.length === 0 || loserIds.length > MOST_LOSERS) {
    throw new OrgError('INVALID_OPERATION', 'Must specify at least one, and at most two, records to merge')
  }
  if (loserIds.includes(masterId) || new Set(loserIds).size < loserIds.length) {
    throw new OrgError('INVALID_OPERATION', 'Cannot merge a record with itself')
  }
  liveSlot(table, masterId)
  for (const id of loserIds) liveSlot(table, id)

  const moved: string[] = []
  for (const loserId of loserIds) {
    for (const { childSObject, field } of table.schema.childRelationships) {
      if (field === 'MasterRecordId') continue
      moved.push(...moveChildren(records, userId, { objectName: childSObject, field, from: loserId, to: masterId }))
    }
  }
  // The master's stamps move even when no value of its own changes.
  records.write(userId, name, masterId, fields)
  for (const id of loserIds) deleteMerged(records, userId, { table, id, masterId })
  return moved
}

/** Lets children point to another parent; gives their ids. */
export function moveChildren(
  records: Records,
  userId: string,
  { objectName, field, from, to }: { objectName: string; field: string; from: string; to: string },
): string[] {
  const children = records.tables.get(objectName)
  if (!children) return []
  const moved: string[] = []
  for (const slot of children.slotsWith(field, from)) {
    if (children.isDeleted(slot)) continue
    const id = children.idOf(slot)
    // What stood below the loser may be the master itself, which can't stand below itself.
    const parent: FieldValue = id === to ? null : to
    records.write(userId, objectName, id, { [field]: parent })
    moved.push(id)
  }
  return moved
}
