/**
 * What Salesforce refuses to save, in its own codes and words. The words without a link are those of field reports
 * (salesforce-api.md 3.3); only the codes are Salesforce's promise.
 */

import { formatDouble } from '../values.ts'
import { slotOfId } from './ids.ts'
import { type FieldSchema, type FieldValue, type ObjectSchema, OrgError, type RecordFields } from './model.ts'
import type { Table } from './table.ts'

type Tables = ReadonlyMap<string, Table>

/** A record that is about to be saved. */
export interface Saving {
  readonly tables: Tables
  readonly schema: ObjectSchema
  readonly fields: RecordFields
  /** The record's id; undefined when it is new. */
  readonly id: string | undefined
  /** Whether the viewer sees the record that a lookup points to. */
  sees(objectName: string, id: string): boolean
}

/** The error for fields that are there, but not for this user to write. */
export function notWritable(names: readonly string[]): OrgError {
  return new OrgError(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    `Unable to create/update fields: ${names.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
    400,
    names,
  )
}

/** Throws when a field isn't there, or may not be written. */
export function checkWritable(
  schema: ObjectSchema,
  fields: RecordFields,
  mayWrite: (field: FieldSchema) => boolean,
): void {
  const refused: string[] = []
  for (const name of Object.keys(fields)) {
    const field = schema.fields.find((candidate) => candidate.name === name)
    if (!field) throw new OrgError('INVALID_FIELD', `No such column '${name}' on sobject of type ${schema.name}`)
    if (!mayWrite(field)) refused.push(name)
  }
  if (refused.length > 0) throw notWritable(refused)
}

/** Throws when a required field is left out of a new record, or emptied. */
export function checkRequired({ schema, fields, id }: Saving): void {
  const isMissing = ({ name, createable, nillable, defaultedOnCreate }: FieldSchema) => {
    if (nillable || !createable || (fields[name] ?? null) !== null) return false
    return id === undefined ? !defaultedOnCreate || name in fields : name in fields
  }
  const missing = schema.fields.filter(isMissing).map(({ name }) => name)
  if (missing.length === 0) return
  throw new OrgError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, 400, missing)
}

/** Throws at the first value that doesn't fit its field. */
export function checkValues(saving: Saving): void {
  for (const [name, value] of Object.entries(saving.fields)) {
    const field = saving.schema.fields.find((candidate) => candidate.name === name)
    if (field && value !== null) checkValue(saving, field, value)
  }
}

const TEXTS = new Set(['string', 'textarea', 'picklist', 'multipicklist', 'combobox', 'email', 'phone', 'url'])
const NUMBERS = new Set(['int', 'long', 'double', 'currency', 'percent'])

function checkValue(saving: Saving, field: FieldSchema, value: NonNullable<FieldValue>): void {
  const fail = (errorCode: string, message: string) => {
    throw new OrgError(errorCode, message, 400, [field.name])
  }
  const isNumber = NUMBERS.has(field.type)
  const expected = field.type === 'boolean' ? 'boolean' : isNumber || field.type === 'datetime' ? 'number' : 'string'
  if (field.type !== 'anyType' && typeof value !== expected) {
    fail('INVALID_TYPE_ON_FIELD_IN_RECORD', `${field.label}: value not of required type: ${value}`)
  }
  const text = String(value)
  if (TEXTS.has(field.type) && field.length > 0 && text.length > field.length) {
    fail('STRING_TOO_LONG', `${field.label}: data value too large: ${text} (max length=${field.length})`)
  }
  if (isNumber && field.precision > 0 && Math.abs(Number(value)) >= 10 ** (field.precision - field.scale)) {
    const shown = field.type === 'int' || field.type === 'long' ? text : formatDouble(Number(value))
    // https://github.com/SFDO-Community/declarative-lookup-rollup-summaries/issues/713
    fail('NUMBER_OUTSIDE_VALID_RANGE', `${field.label}: value outside of valid range on numeric field: ${shown}`)
  }
  if (field.restrictedPicklist) {
    const wrong = (field.type === 'multipicklist' ? text.split(';') : [text]).find(
      (chosen) => !field.picklistValues.some((choice) => choice.active && choice.value === chosen),
    )
    if (wrong !== undefined) {
      fail(
        'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
        `${field.label}: bad value for restricted picklist field: ${text}`,
      )
    }
  }
  if (field.type === 'email' && !/^[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+$/.test(text)) {
    fail('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${text}`)
  }
  if (field.type === 'reference' && field.referenceTo.length > 0) checkReference(saving, field, text)
}

function checkReference({ tables, schema, id: ownId, sees }: Saving, field: FieldSchema, id: string): void {
  const refusal = (errorCode: string, message: string, fields: readonly string[] = []) =>
    new OrgError(errorCode, message, 400, fields)
  const target = tableOfId(tables, id)
  if (!target) throw refusal('MALFORMED_ID', `${field.label}: id value of incorrect type: ${id}`, [field.name])
  const { name } = target.schema
  if (!field.referenceTo.includes(name)) {
    throw refusal('FIELD_INTEGRITY_EXCEPTION', `${field.label}: id value of incorrect type: ${id}`, [field.name])
  }
  const slot = target.slotOf(id)
  if (slot < 0) throw refusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
  if (target.isDeleted(slot)) throw refusal('ENTITY_IS_DELETED', 'entity is deleted')
  if (field.name === 'RecordTypeId') {
    const isUsable = target.column('SobjectType')(slot) === schema.name && target.column('IsActive')(slot) === true
    if (!isUsable) {
      throw refusal('INVALID_CROSS_REFERENCE_KEY', `${field.label}: this ID value isn't valid for the user: ${id}`, [
        field.name,
      ])
    }
  } else if (field.name === 'OwnerId') checkOwner(tables, schema, { target, slot, id })
  else if (!sees(name, id)) {
    // https://github.com/SalesforceFoundation/NPSP/issues/2664: the id is shown in its short form.
    throw refusal(
      'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
      `insufficient access rights on cross-reference id: ${id.slice(0, 15)}`,
    )
  }
  if (name === schema.name && ownId !== undefined) checkHierarchy(target, field, ownId, id)
}

function checkOwner(
  tables: Tables,
  schema: ObjectSchema,
  { target, slot, id }: { target: Table; slot: number; id: string },
): void {
  if (target.schema.name === 'User' && target.column('IsActive')(slot) !== true) {
    const what = schema.label.toLowerCase()
    const message = `operation performed with inactive user [${id.slice(0, 15)}] as owner of ${what}`
    throw new OrgError('INACTIVE_OWNER_OR_USER', message)
  }
  if (target.schema.name !== 'Group') return
  const queues = tables.get('QueueSobject')
  const isQueueOf = queues
    ?.slotsWith('QueueId', id)
    .some((queue) => queues.column('SobjectType')(queue) === schema.name && !queues.isDeleted(queue))
  if (!isQueueOf) {
    throw new OrgError('FIELD_INTEGRITY_EXCEPTION', 'Queue not associated with this SObject type', 400, ['OwnerId'])
  }
}

/** A record can't stand above itself. */
function checkHierarchy(table: Table, field: FieldSchema, id: string, parentId: string): void {
  const parentOf = table.column(field.name)
  let above: FieldValue = parentId
  for (let steps = 0; typeof above === 'string' && steps < 1_000; steps++) {
    if (above === id) throw new OrgError('CIRCULAR_DEPENDENCY', 'attempt to violate hierarchy constraints')
    const slot = table.slotOf(above)
    above = slot < 0 ? null : parentOf(slot)
  }
}

/** Throws when another record holds the value of a unique field already. */
export function checkUnique({ tables, schema, fields, id }: Saving): void {
  const table = tables.get(schema.name)
  for (const field of schema.fields) {
    const value = fields[field.name] ?? null
    if (!table || !field.unique || value === null) continue
    const holds = table.column(field.name)
    const other = table
      .slotsWith(field.name, value)
      .find(
        (slot) => !table.isDeleted(slot) && table.idOf(slot) !== id && (!field.caseSensitive || holds(slot) === value),
      )
    if (other !== undefined) throw duplicateValue(field.name, table.idOf(other))
  }
}

/** The error for a value that another record has; the id is shown in its short form. */
export function duplicateValue(field: string, otherId: string): OrgError {
  return new OrgError(
    'DUPLICATE_VALUE',
    `duplicate value found: ${field} duplicates value on record with id: ${otherId.slice(0, 15)}`,
  )
}

/** The table whose records' ids look like this one, whether or not there is such a record. */
export function tableOfId(tables: Tables, id: string): Table | undefined {
  for (const table of tables.values()) {
    const { keyPrefix } = table.schema
    if (keyPrefix !== null && slotOfId(keyPrefix, id) >= 0) return table
  }
  return undefined
}
