/** What single rows, collections, trees and relationships do to a record alike. */
import type { Context } from '../context.ts'
import { fieldsFromJson } from '../org/input.ts'
import { type FieldSchema, type ObjectSchema, OrgError, type OrgRecord } from '../org/model.ts'
import { toLongId } from '../values.ts'
import { updatesMru, writeOptionsOf } from './call-headers.ts'
import { writeRecord } from './json.ts'
import type { JsonObject } from './request-body.ts'
import type { Call } from './resource.ts'

type Here = Pick<Context, 'org'>

/** Creates a record from what JSON says of it, and gives its id. */
export function createRecord({ org }: Here, call: Call, schema: ObjectSchema, value: unknown): string {
  const fields = fieldsFromJson(org, call.caller, schema, value)
  const id = org.create(call.caller.userId, schema.name, fields, writeOptionsOf(call))
  if (updatesMru(call)) org.markViewed(call.caller.userId, schema.name, id)
  return id
}

/** Throws for fields and values that can't be read; whether they can be saved is another question. */
export function checkWellFormed({ org }: Here, call: Call, schema: ObjectSchema, value: JsonObject): void {
  for (const name of Object.keys(value)) {
    const lower = name.toLowerCase()
    const isKnown = schema.fields.some(
      (field) => field.name.toLowerCase() === lower || field.relationshipName?.toLowerCase() === lower,
    )
    if (lower !== 'attributes' && !isKnown) noSuchField(schema, name)
  }
  try {
    fieldsFromJson(org, call.caller, schema, value)
  } catch (error) {
    if (!(error instanceof OrgError) || error.errorCode === 'JSON_PARSER_ERROR') throw error
  }
}

/** Updates a record by what JSON says of it. */
export function updateRecord({ org }: Here, call: Call, record: { schema: ObjectSchema; id: string; value: unknown }) {
  const { schema, id, value } = record
  const fields = fieldsFromJson(org, call.caller, schema, value)
  org.update(call.caller.userId, schema.name, id, fields, writeOptionsOf(call))
  if (updatesMru(call)) org.markViewed(call.caller.userId, schema.name, id)
}

/** Moves a record to the recycle bin. */
export function deleteRecord({ org }: Here, call: Call, schema: ObjectSchema, id: string): void {
  org.delete(call.caller.userId, schema.name, id, writeOptionsOf(call))
}

/** A record as JSON text, with the fields that `?fields=` names or all. */
export function recordText(call: Call, schema: ObjectSchema, record: OrgRecord): string {
  const list = call.query.get('fields')
  const fields = list === null ? schema.fields : pickFields(schema, list.split(','))
  return writeRecord(record, schema, { fields, version: call.version })
}

/** The fields of these names, and Id. Throws INVALID_FIELD for one that isn't there. */
export function pickFields(schema: ObjectSchema, names: readonly string[]): readonly FieldSchema[] {
  const wanted = names.map((name) => name.trim()).filter((name) => name !== '')
  const picked = wanted.map((name) => findField(schema, name) ?? noSuchField(schema, name))
  const idField = schema.fields.filter(({ name }) => name === 'Id')
  return [...new Set([...picked, ...idField])]
}

function noSuchField(schema: ObjectSchema, name: string): never {
  throw new OrgError('INVALID_FIELD', `No such column '${name}' on sobject of type ${schema.name}`)
}

/** The field of this name, whatever its case. */
export function findField(schema: ObjectSchema, name: string): FieldSchema | undefined {
  const lower = name.toLowerCase()
  return schema.fields.find((field) => field.name.toLowerCase() === lower)
}

/** The long form of an id of this object; undefined for text that can't be one. */
export function readId(schema: ObjectSchema, text: string): string | undefined {
  if (!/^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/.test(text)) return undefined
  const id = toLongId(text.slice(0, 15))
  // The last three characters only repeat the case of the first fifteen.
  const isWhole = text.length === 15 || id.toLowerCase() === text.toLowerCase()
  return isWhole && (schema.keyPrefix === null || id.startsWith(schema.keyPrefix)) ? id : undefined
}

/** The long form of an id of this object. Throws MALFORMED_ID for any other text. */
export function checkId(schema: ObjectSchema, text: string): string {
  const id = readId(schema, text)
  if (id !== undefined) return id
  throw new OrgError('MALFORMED_ID', `${schema.label} ID: id value of incorrect type: ${text}`, 400, ['Id'])
}

/** The object whose ids begin like this one, as the caller sees it. */
export function findObjectOfId({ org }: Here, call: Call, id: string): ObjectSchema | undefined {
  return org.listObjects(call.caller).find(({ keyPrefix }) => keyPrefix !== null && id.startsWith(keyPrefix))
}

/** Where a record is. */
export function recordUrl(call: Call, schema: ObjectSchema, id: string): string {
  return `/services/data/${call.version}/sobjects/${schema.name}/${id}`
}
