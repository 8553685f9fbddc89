/** Single records written, with what Salesforce fills in and what follows: what every kind of change is made of. */

import { filledIn } from './automation.ts'
import { followUps } from './follow-ups.ts'
import { idOfSlot } from './ids.ts'
import { type Change, type ObjectSchema, OrgError, type RecordFields } from './model.ts'
import type { Table } from './table.ts'
import type { Transactions } from './transactions.ts'

export interface Records extends Pick<Transactions, 'make' | 'stamp' | 'clearedLookups'> {
  readonly tables: ReadonlyMap<string, Table>
  tableOf(objectName: string): Table
  /** Adds a record; `schema` is the object as its creator sees it, for the defaults. */
  insert(userId: string, objectName: string, fields: RecordFields, schema?: ObjectSchema): string
  write(userId: string, objectName: string, id: string, fields: RecordFields, how?: How): void
}

type How = Pick<Change, 'stamps' | 'clearedFor'>

/** Writes on tables; inside a transaction only. */
export function createRecords(tables: ReadonlyMap<string, Table>, transactions: Transactions): Records {
  const { make, stamp, clearedLookups } = transactions

  function tableOf(objectName: string): Table {
    const table = tables.get(objectName)
    if (!table) throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
    return table
  }

  function follow(userId: string, table: Table, what: Parameters<typeof followUps>[2]): void {
    for (const step of followUps(tables, table, what)) {
      if (step.kind === 'create') insert(userId, step.objectName, step.fields)
      else write(userId, step.objectName, step.id, step.fields)
    }
  }

  function insert(userId: string, objectName: string, fields: RecordFields, schema?: ObjectSchema): string {
    const table = tableOf(objectName)
    const slot = table.slotCount()
    const id = idOfSlot(table.schema.keyPrefix ?? '', slot)
    const occasion = { userId, at: stamp(), slot, created: true, schema: schema ?? table.schema }
    const complete = filledIn(tables, table, occasion, fields)
    make({ kind: 'create', objectName, id, byUserId: userId, fields: complete })
    follow(userId, table, { id, before: undefined, fields: complete })
    return id
  }

  function write(userId: string, objectName: string, id: string, fields: RecordFields, how: How = {}): void {
    const table = tableOf(objectName)
    const slot = liveSlot(table, id)
    const occasion = { userId, at: stamp(), slot, created: false, schema: table.schema }
    const complete = filledIn(tables, table, occasion, fields)
    const before = Object.fromEntries(Object.keys(complete).map((name) => [name, table.column(name)(slot)]))
    const modified = table.schema.fields.find(({ name }) => name === 'LastModifiedById')
    // A change event names who changed the record when it was someone else before.
    const LastModifiedById = modified && table.column(modified.name)(slot)
    const known = LastModifiedById === undefined ? before : { ...before, LastModifiedById }
    make({ kind: 'update', objectName, id, byUserId: userId, fields: complete, before: known, ...how })
    follow(userId, table, { id, before, fields: complete })
  }

  return { tables, tableOf, make, stamp, clearedLookups, insert, write }
}

/** The slot of a record that may be changed. */
export function liveSlot(table: Table, id: string): number {
  const slot = table.slotOf(id)
  if (slot < 0) throw noSuchRecord(table, id)
  if (table.isDeleted(slot)) throw new OrgError('ENTITY_IS_DELETED', 'entity is deleted', 404)
  return slot
}

/** The error for an id that leads to nothing: of another object, or of no record (salesforce-api.md 3.3). */
export function noSuchRecord(table: Table, id: string): OrgError {
  const isOwn = id.startsWith(table.schema.keyPrefix ?? '')
  return isOwn
    ? new OrgError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', 404)
    : new OrgError('MALFORMED_ID', `${table.schema.label} ID: id value of incorrect type: ${id}`, 400, ['Id'])
}
