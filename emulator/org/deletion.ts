/**
 * What deleting, restoring and purging a record takes along: details go with their master and come back with it,
 * lookups to it are cleared and filled again (https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_delete.htm,
 * https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_undelete.htm).
 */

import { type FieldValue, OrgError, type RecordFields } from './model.ts'
import { liveSlot, noSuchRecord, type Records } from './record-changes.ts'
import type { Table } from './table.ts'
import { keepsDeleted } from './transactions.ts'

interface Child {
  readonly table: Table
  readonly slot: number
  readonly field: string
  /** Whether it lives and dies with its parent. */
  readonly isDetail: boolean
}

/** Deletes a record; `fields` are what the deletion also sets. */
export function deleteRecord(records: Records, userId: string, { table, id }: { table: Table; id: string }): void {
  refuseWhenInUse(records, table, liveSlot(table, id))
  remove(records, userId, { table, slot: liveSlot(table, id) })
}

/** Deletes a record that was merged into another: its details have moved on before. */
export function deleteMerged(
  records: Records,
  userId: string,
  { table, id, masterId }: { table: Table; id: string; masterId: string },
): void {
  const fields = table.schema.fields.some(({ name }) => name === 'MasterRecordId') ? { MasterRecordId: masterId } : {}
  remove(records, userId, { table, slot: liveSlot(table, id), fields })
}

function remove(
  records: Records,
  userId: string,
  { table, slot, fields }: { table: Table; slot: number; fields?: RecordFields },
): void {
  const id = table.idOf(slot)
  for (const child of childrenOf(records, table, id)) {
    if (!child.table.exists(child.slot) || child.table.isDeleted(child.slot)) continue
    if (child.isDetail) remove(records, userId, child)
    else {
      // The children were changed by Salesforce, not by the user: only the one stamp tells (salesforce-api.md 6.1).
      records.write(userId, child.table.schema.name, child.table.idOf(child.slot), { [child.field]: null }, CLEARED(id))
    }
  }
  records.make({ kind: 'delete', objectName: table.schema.name, id, byUserId: userId, ...(fields && { fields }) })
  if (table.schema.name === 'OpportunityLineItem') sumUp(records, userId, table, slot)
}

const CLEARED = (clearedFor: string) => ({ stamps: 'system', clearedFor }) as const

/**
 * Brings a record back from the recycle bin, with the details that went there together with it. A detail can't come
 * back without its master (https://help.salesforce.com/s/articleView?id=000386040&type=1).
 */
export function undeleteRecord(records: Records, userId: string, { table, id }: { table: Table; id: string }): void {
  const slot = table.slotOf(id)
  if (slot < 0) throw noSuchRecord(table, id)
  if (!table.isDeleted(slot) || lacksMaster(records, table, slot)) {
    throw new OrgError('UNDELETE_FAILED', 'Entity is not in the recycle bin')
  }
  const deletedAt = stampOf(table, slot)
  const cleared = records.clearedLookups(id)
  // MasterRecordId is empty on what "has not been deleted":
  // https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_account.htm
  const isMergeable = table.schema.fields.some(({ name }) => name === 'MasterRecordId')
  const fields = isMergeable ? { MasterRecordId: null } : {}
  records.make({ kind: 'undelete', objectName: table.schema.name, id, byUserId: userId, fields })
  for (const child of childrenOf(records, table, id)) {
    const went = stampOf(child.table, child.slot)
    // What was deleted before its master is not restored with it.
    const isTogether = child.isDetail && child.table.isDeleted(child.slot) && (went === undefined || went === deletedAt)
    if (isTogether && !lacksMaster(records, child.table, child.slot)) {
      undeleteRecord(records, userId, { table: child.table, id: child.table.idOf(child.slot) })
    }
  }
  for (const { objectName, id: childId, field } of cleared) {
    const child = records.tableOf(objectName)
    const childSlot = child.slotOf(childId)
    // A lookup that points elsewhere by now stays as it is.
    if (childSlot < 0 || child.isDeleted(childSlot) || child.column(field)(childSlot) !== null) continue
    records.write(userId, objectName, childId, { [field]: id }, { stamps: 'system' })
  }
}

/** Purges a record and its details: they are gone for good. */
export function hardDeleteRecord(records: Records, userId: string, { table, id }: { table: Table; id: string }): void {
  const slot = table.slotOf(id)
  if (slot < 0) throw noSuchRecord(table, id)
  const wasDeleted = table.isDeleted(slot)
  if (!wasDeleted) refuseWhenInUse(records, table, slot)
  for (const child of childrenOf(records, table, id)) {
    if (!child.table.exists(child.slot)) continue
    const childId = child.table.idOf(child.slot)
    if (child.isDetail) hardDeleteRecord(records, userId, { table: child.table, id: childId })
    else if (!child.table.isDeleted(child.slot)) {
      records.write(userId, child.table.schema.name, childId, { [child.field]: null }, { stamps: 'system' })
    }
  }
  const before = { IsDeleted: wasDeleted }
  records.make({ kind: 'hard-delete', objectName: table.schema.name, id, byUserId: userId, before })
}

/** The records that point to one, deleted ones included. */
function* childrenOf({ tables }: Records, parent: Table, id: string): Iterable<Child> {
  for (const { childSObject, field, cascadeDelete } of parent.schema.childRelationships) {
    const table = tables.get(childSObject)
    if (!table) continue
    const isActivity = childSObject === 'Task' || childSObject === 'Event'
    for (const slot of table.slotsWith(field, id)) {
      // An activity goes with what it is about, or with whom it is with when it is about nothing else.
      const isLost = isActivity && (field === 'WhatId' || (field === 'WhoId' && table.column('WhatId')(slot) === null))
      yield { table, slot, field, isDetail: cascadeDelete || isLost }
    }
  }
}

/** Whether one of the masters that the record depends on is deleted. */
function lacksMaster({ tables }: Records, detail: Table, slot: number): boolean {
  return detail.schema.fields.some(({ name: field, referenceTo }) =>
    referenceTo.some((objectName) => {
      const master = tables.get(objectName)
      const isMaster = master?.schema.childRelationships.some(
        (child) => child.childSObject === detail.schema.name && child.field === field && child.cascadeDelete,
      )
      const masterSlot = isMaster ? master?.slotOf(String(detail.column(field)(slot) ?? '')) : -1
      return masterSlot !== undefined && masterSlot >= 0 && master?.isDeleted(masterSlot) === true
    }),
  )
}

/** The record's stamp; undefined on objects that have none (`CaseHistory`). */
function stampOf(table: Table, slot: number): FieldValue | undefined {
  const has = table.schema.fields.some((field) => field.name === 'SystemModstamp')
  return has && keepsDeleted(table) ? table.column('SystemModstamp')(slot) : undefined
}

/** A message doesn't name thousands of records. */
const MOST_NAMES = 20

/** Accounts and contacts with cases, and accounts with won deals, can't be deleted (https://simplysfdc.com/2014/04/what-happens-when-you-delete-accounts.html). */
function refuseWhenInUse({ tables }: Records, table: Table, slot: number): void {
  const { name: objectName, childRelationships } = table.schema
  const id = table.idOf(slot)
  const inUse = (objectName: string, field: string, counts: (child: Table, slot: number) => boolean = () => true) => {
    const child = tables.get(objectName)
    return (child?.slotsWith(field, id) ?? [])
      .filter((found) => child && !child.isDeleted(found) && counts(child, found))
      .map((found) => String(child?.column(nameFieldOf(child))(found)))
  }
  const refuse = (because: string, names: readonly string[]) => {
    if (names.length === 0) return
    const name = table.column(nameFieldOf(table))(slot)
    const message = `Your attempt to delete ${name} could not be completed because ${because}: ${names.slice(0, MOST_NAMES).join(', ')}`
    throw new OrgError('DELETE_FAILED', message)
  }
  if (objectName === 'Account' || objectName === 'Contact') {
    refuse('it is associated with the following cases.', inUse('Case', `${objectName}Id`))
  }
  if (objectName === 'Account') {
    const won = inUse('Opportunity', 'AccountId', (child, found) => child.column('IsWon')(found) === true)
    const because =
      'some opportunities in this account were closed won. The opportunities that were closed won are shown below.'
    refuse(because, won)
  }
  for (const { childSObject, field, restrictedDelete, cascadeDelete } of childRelationships) {
    const lookup = tables.get(childSObject)?.schema.fields.find(({ name }) => name === field)
    // A lookup that must not be empty can't be cleared.
    const isNeeded = !cascadeDelete && lookup?.nillable === false
    if (restrictedDelete || isNeeded) refuse('it is associated with the following records.', inUse(childSObject, field))
  }
}

function nameFieldOf({ schema }: Table): string {
  return schema.fields.find((field) => field.nameField)?.name ?? 'Id'
}

/** A deal's amount follows its line items (salesforce-api.md 9). */
function sumUp(records: Records, userId: string, lines: Table, slot: number): void {
  const opportunityId = String(lines.column('OpportunityId')(slot))
  const deals = records.tableOf('Opportunity')
  const deal = deals.slotOf(opportunityId)
  if (deal < 0 || deals.isDeleted(deal)) return
  const left = lines.slotsWith('OpportunityId', opportunityId).filter((line) => !lines.isDeleted(line))
  const cents = left.reduce((sum, line) => sum + Math.round(Number(lines.column('TotalPrice')(line) ?? 0) * 100), 0)
  const amount = left.length > 0 ? { Amount: cents / 100 } : {}
  records.write(userId, 'Opportunity', opportunityId, { ...amount, HasOpportunityLineItem: left.length > 0 })
}
