/** Records by external id: `/sobjects/Account/Ext__c/{value}` (salesforce-api.md 3.7). */

import { fieldsFromCsv } from '../org/input.ts'
import { type FieldSchema, type ObjectSchema, OrgError } from '../org/model.ts'
import { readEntity } from './blobs.ts'
import { createRecord, deleteRecord, findField, readId, recordText, recordUrl, updateRecord } from './records.ts'
import { isJsonObject } from './request-body.ts'
import { type Answer, type Call, json, missing, param, versionOf } from './resource.ts'
import type { RestContext } from './rest-context.ts'

interface Key {
  readonly schema: ObjectSchema
  readonly field: FieldSchema
  /** As it stands in the path. */
  readonly value: string
}

/** Upserts before this version answer an update with 204 and no body (salesforce-api.md 3.7). */
const FIRST_WITH_CREATED = 46

/** The record that has this external id; 300 when several do. */
export function readByExternalId(context: RestContext, call: Call): Answer {
  const key = readKey(context, call)
  const [id, ...others] = findIds(context, call, key)
  if (id === undefined) throw missing()
  if (others.length > 0) return ambiguous(call, key.schema, [id, ...others])
  const record = context.org.findRecord(call.caller, key.schema.name, id)
  if (!record) throw missing()
  return { status: 200, text: recordText(call, key.schema, record) }
}

/** Updates the record that has this external id, or creates one. */
export function upsert(context: RestContext, call: Call): Answer {
  const key = readKey(context, call)
  const { schema } = key
  const value = readEntity(call, schema)
  const isUpdateOnly = call.query.get('updateOnly')?.toLowerCase() === 'true'
  const result = upsertRecord(context, call, { ...key, fields: value, isUpdateOnly })
  if ('ids' in result) return ambiguous(call, schema, result.ids)
  const { id, created } = result
  if (!created && versionOf(call) < FIRST_WITH_CREATED) return { status: 204 }
  const body = { id, success: true, errors: [], ...(versionOf(call) >= FIRST_WITH_CREATED && { created }) }
  if (!created) return json(body)
  return { ...json(body, 201), headers: { Location: recordUrl(call, schema, id) } }
}

/** The upsert itself, for single records and collections: what was done, or the ids of all that have this external id. */
export function upsertRecord(
  context: RestContext,
  call: Call,
  given: Key & { fields: unknown; isUpdateOnly: boolean },
): { id: string; created: boolean } | { ids: readonly string[] } {
  const { schema, field, value, fields } = given
  const ids = findIds(context, call, given)
  const [id, ...others] = ids
  if (others.length > 0) return { ids }
  if (!isJsonObject(fields)) throw new OrgError('JSON_PARSER_ERROR', 'The request body is not a JSON object')
  if (Object.keys(fields).some((name) => name.toLowerCase() === field.name.toLowerCase())) {
    throw new OrgError('INVALID_FIELD', `The ${field.name} field should not be specified in the sobject data.`)
  }
  if (id !== undefined) {
    updateRecord(context, call, { schema, id, value: fields })
    return { id, created: false }
  }
  if (given.isUpdateOnly || field.type === 'id') throw missing()
  return { id: createRecord(context, call, schema, { ...fields, [field.name]: value }), created: true }
}

/** Deletes the record that has this external id; none when several do. */
export function deleteByExternalId(context: RestContext, call: Call): Answer {
  const key = readKey(context, call)
  const [id, ...others] = findIds(context, call, key)
  if (id === undefined) throw missing()
  if (others.length > 0) return ambiguous(call, key.schema, [id, ...others])
  deleteRecord(context, call, key.schema, id)
  return { status: 204 }
}

/** The field that may serve as a key for upserts. Throws NOT_FOUND as Salesforce does for any other. */
export function getKeyField(schema: ObjectSchema, name: string): FieldSchema {
  const field = findField(schema, name)
  if (field && (field.externalId || field.idLookup === true || field.type === 'id')) return field
  throw new OrgError('NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${name}`, 404)
}

function readKey({ org }: RestContext, call: Call): Key {
  const schema = org.getObject(call.caller, param(call, 'object'))
  return { schema, field: getKeyField(schema, param(call, 'id')), value: param(call, 'rest') }
}

function findIds({ org }: RestContext, call: Call, { schema, field, value }: Key): readonly string[] {
  if (field.type === 'id') {
    const id = readId(schema, value)
    return id !== undefined && org.findRecord(call.caller, schema.name, id) ? [id] : []
  }
  const wanted = fieldsFromCsv(org, call.caller, schema, [field.name], [value])[field.name]
  return wanted === undefined || wanted === null ? [] : org.findIdsByField(call.caller, schema.name, field.name, wanted)
}

/** More than one record has the external id: their addresses (salesforce-api.md 3.3). */
function ambiguous(call: Call, schema: ObjectSchema, ids: readonly string[]): Answer {
  return json(
    ids.map((id) => recordUrl(call, schema, id)),
    300,
  )
}
