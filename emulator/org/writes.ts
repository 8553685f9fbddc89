/** Changes to records: what is allowed, what Salesforce fills in, and what follows from it. */

import type { Access } from './access.ts'
import { detailsOf, type FollowUp, filledIn, followUps } from './automation.ts'
import { idOfSlot } from './ids.ts'
import {
  type FieldSchema,
  type FieldValue,
  type ObjectSchema,
  type Org,
  OrgError,
  type RecordFields,
  type Viewer,
} from './model.ts'
import type { Table } from './table.ts'
import { createTransactions, type TransactionContext } from './transactions.ts'

export interface Writes
  extends Pick<
    Org,
    | 'create'
    | 'update'
    | 'delete'
    | 'undelete'
    | 'hardDelete'
    | 'replay'
    | 'transaction'
    | 'onCommit'
    | 'setCommitLag'
    | 'emptyRecycleBin'
    | 'listDeletions'
    | 'purgeDeleteLog'
  > {
  /** Lets show what is due by now: to be called before the org is looked at. */
  settle(): void
}

export interface WriteContext extends TransactionContext {
  readonly access: Access
  onDeleteLogPurge(upTo: number): void
}

const NO_PERMISSIONS: ReadonlySet<string> = new Set()

/** The operations that change an org's records. */
export function createWrites({ tables, access, now, onChange, onDeleteLogPurge }: WriteContext): Writes {
  const transactions = createTransactions({ tables, now, onChange })
  const { run, make, stamp } = transactions

  function tableOf(objectName: string): Table {
    const table = tables.get(objectName)
    if (!table) throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
    return table
  }

  function visibleSchema(userId: string, objectName: string): ObjectSchema {
    const viewer: Viewer = { userId, permissions: NO_PERMISSIONS }
    const schema = access.visibleObject(viewer, objectName)
    if (!schema) throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
    return schema
  }

  /** The slot of a record that may be changed. */
  function slotToChange(table: Table, id: string, deleted: boolean): number {
    const slot = table.slotOf(id)
    if (slot < 0) {
      throw new OrgError('NOT_FOUND', 'Provided external ID field does not exist or is not accessible: Id', 404)
    }
    if (table.isDeleted(slot) !== deleted) {
      throw deleted
        ? new OrgError('UNDELETE_FAILED', 'Entity is not in the recycle bin')
        : new OrgError('ENTITY_IS_DELETED', 'entity is deleted', 404)
    }
    return slot
  }

  function follow(userId: string, steps: readonly FollowUp[]): void {
    for (const step of steps) {
      if (step.kind === 'create') insert(userId, step.objectName, step.fields)
      else write(userId, step.objectName, step.id, step.fields)
    }
  }

  function insert(userId: string, objectName: string, fields: RecordFields): string {
    const table = tableOf(objectName)
    const id = idOfSlot(table.schema.keyPrefix ?? '', table.slotCount())
    const complete = filledIn(tables, table, { userId, at: stamp(), slot: table.slotCount(), created: true }, fields)
    make({ kind: 'create', objectName, id, byUserId: userId, fields: complete })
    follow(userId, followUps(tables, table, { id, before: undefined, fields: complete }))
    return id
  }

  function write(userId: string, objectName: string, id: string, fields: RecordFields): void {
    const table = tableOf(objectName)
    const slot = slotToChange(table, id, false)
    const complete = filledIn(tables, table, { userId, at: stamp(), slot, created: false }, fields)
    const before = Object.fromEntries(Object.keys(complete).map((name) => [name, table.column(name)(slot)]))
    make({ kind: 'update', objectName, id, byUserId: userId, fields: complete, before })
    follow(userId, followUps(tables, table, { id, before, fields: complete }))
  }

  /** Deletes, restores or purges a record and, before it, the details that go with it: all in one second. */
  function withDetails(kind: 'delete' | 'undelete' | 'hard-delete', userId: string, table: Table, slot: number): void {
    const id = table.idOf(slot)
    for (const detail of detailsOf(tables, table, id)) {
      const deleted = detail.table.isDeleted(detail.slot)
      // What was deleted before its master is not restored with it.
      const together = () => {
        const stamped = stampOf(detail.table, detail.slot)
        return stamped === undefined || stamped === stampOf(table, slot)
      }
      if (kind === 'hard-delete' || (kind === 'delete' ? !deleted : deleted && together())) {
        withDetails(kind, userId, detail.table, detail.slot)
      }
    }
    make({ kind, objectName: table.schema.name, id, byUserId: userId })
  }

  return {
    create(userId, objectName, fields, { asSystem = false, ...timing } = {}) {
      return run(() => {
        const schema = asSystem ? tableOf(objectName).schema : visibleSchema(userId, objectName)
        if (!asSystem) {
          if (!schema.createable) throw refused('create', schema)
          checkFields(tables, schema, fields, 'createable')
          checkRequired(schema, fields)
        }
        return insert(userId, schema.name, fields)
      }, timing)
    },
    update(userId, objectName, id, fields, { asSystem = false, ...timing } = {}) {
      run(() => {
        const schema = asSystem ? tableOf(objectName).schema : visibleSchema(userId, objectName)
        if (!asSystem) {
          if (!schema.updateable) throw refused('update', schema)
          checkFields(tables, schema, fields, 'updateable')
        }
        write(userId, schema.name, id, fields)
      }, timing)
    },
    delete(userId, objectName, id, options) {
      run(() => {
        const schema = visibleSchema(userId, objectName)
        if (!schema.deletable) throw refused('delete', schema)
        const table = tableOf(schema.name)
        withDetails('delete', userId, table, slotToChange(table, id, false))
      }, options)
    },
    undelete(userId, objectName, id, options) {
      run(() => {
        const schema = visibleSchema(userId, objectName)
        if (!schema.undeletable) throw refused('undelete', schema)
        const table = tableOf(schema.name)
        withDetails('undelete', userId, table, slotToChange(table, id, true))
      }, options)
    },
    hardDelete(userId, objectName, id, options) {
      run(() => {
        const table = tableOf(visibleSchema(userId, objectName).name)
        const slot = table.slotOf(id)
        if (slot < 0) throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
        withDetails('hard-delete', userId, table, slot)
      }, options)
    },
    transaction: run,
    onCommit: transactions.onCommit,
    setCommitLag: transactions.setCommitLag,
    settle: transactions.settle,
    replay: transactions.replay,
    emptyRecycleBin(userId, ids) {
      run(() => {
        for (const table of tables.values()) {
          if (!table.schema.undeletable) continue
          for (const slot of ids === undefined ? deletedSlots(table) : ids.map(table.slotOf)) {
            if (slot >= 0 && table.exists(slot) && table.isDeleted(slot))
              withDetails('hard-delete', userId, table, slot)
          }
        }
      })
    },
    listDeletions(viewer, objectName, from, to) {
      transactions.settle()
      const table = tableOf(visibleSchema(viewer.userId, objectName).name)
      const { deleteLog } = transactions
      return { earliest: deleteLog.earliest(now()), entries: deleteLog.list(table, from, to) }
    },
    purgeDeleteLog(upTo) {
      transactions.deleteLog.purge(upTo)
      onDeleteLogPurge(upTo)
    },
  }
}

function* deletedSlots(table: Table): Iterable<number> {
  for (let slot = 0; slot < table.slotCount(); slot++) {
    if (table.exists(slot) && table.isDeleted(slot)) yield slot
  }
}

/** The record's stamp; undefined on objects that have none (`CaseHistory`). */
function stampOf(table: Table, slot: number): FieldValue | undefined {
  const has = table.schema.fields.some((field) => field.name === 'SystemModstamp')
  return has ? table.column('SystemModstamp')(slot) : undefined
}

function refused(action: string, schema: ObjectSchema): OrgError {
  return new OrgError(
    'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
    `entity type cannot be ${action === 'create' ? 'inserted' : `${action}d`}: ${schema.label}`,
  )
}

function checkFields(
  tables: ReadonlyMap<string, Table>,
  schema: ObjectSchema,
  fields: RecordFields,
  right: 'createable' | 'updateable',
): void {
  for (const [name, value] of Object.entries(fields)) {
    const field = schema.fields.find((candidate) => candidate.name === name)
    if (!field) throw new OrgError('INVALID_FIELD', `No such column '${name}' on sobject of type ${schema.name}`)
    if (!field[right]) {
      throw new OrgError(
        'INVALID_FIELD_FOR_INSERT_UPDATE',
        `Unable to create/update fields: ${name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        400,
        [name],
      )
    }
    checkValue(tables, field, value)
  }
}

function checkRequired(schema: ObjectSchema, fields: RecordFields): void {
  const missing = schema.fields
    .filter(
      (field) =>
        field.createable && !field.nillable && !field.defaultedOnCreate && (fields[field.name] ?? null) === null,
    )
    .map((field) => field.name)
  if (missing.length === 0) return
  throw new OrgError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, 400, missing)
}

const TEXTS = new Set(['string', 'textarea', 'picklist', 'multipicklist', 'combobox', 'email', 'phone', 'url'])
const NUMBERS = new Set(['int', 'long', 'double', 'currency', 'percent', 'datetime'])

function checkValue(tables: ReadonlyMap<string, Table>, field: FieldSchema, value: FieldValue): void {
  if (value === null) return
  const fail = (errorCode: string, message: string) => {
    throw new OrgError(errorCode, message, 400, [field.name])
  }
  const expected = field.type === 'boolean' ? 'boolean' : NUMBERS.has(field.type) ? 'number' : 'string'
  if (field.type !== 'anyType' && typeof value !== expected) {
    fail('JSON_PARSER_ERROR', `Cannot deserialize instance of ${field.type} from value ${JSON.stringify(value)}`)
  }
  const text = String(value)
  if (TEXTS.has(field.type) && field.length > 0 && text.length > field.length) {
    fail('STRING_TOO_LONG', `${field.label}: data value too large: ${text.slice(0, 80)} (max length=${field.length})`)
  }
  if (field.restrictedPicklist && !field.picklistValues.some((choice) => choice.value === value)) {
    fail('INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', `${field.label}: bad value for restricted picklist field: ${text}`)
  }
  if (field.type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) {
    fail('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${text}`)
  }
  if (field.type === 'reference' && field.referenceTo.length > 0) {
    const found = field.referenceTo.some((name) => {
      const table = tables.get(name)
      const slot = table?.slotOf(text) ?? -1
      return table !== undefined && slot >= 0 && !table.isDeleted(slot)
    })
    if (!found) fail('INVALID_CROSS_REFERENCE_KEY', `${field.label}: id value of incorrect type or not found: ${text}`)
  }
}
