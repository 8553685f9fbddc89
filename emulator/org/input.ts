/** Values as clients write them, made into values as the org keeps them: for JSON and CSV alike. */

import { withChecksum } from './ids.ts'
import { type FieldSchema, type FieldValue, type ObjectSchema, type Org, OrgError, type Viewer } from './model.ts'
import { notWritable } from './validation.ts'
import { readBoolean, readDate, readDatetime, readNumber, readTime } from './wire-values.ts'

type Lookup = Pick<Org, 'findIdsByField' | 'getObject'>
type Fields = Record<string, FieldValue>

/**
 * The fields of a record in a JSON body. `attributes` are left out; a nested `{"Account": {"Ext__c": "x"}}` becomes the
 * lookup's id. Throws OrgError INVALID_FIELD for what the viewer has no such field for, JSON_PARSER_ERROR for a
 * value of another type.
 */
export function fieldsFromJson(org: Lookup, viewer: Viewer, schema: ObjectSchema, json: unknown): Fields {
  if (!isObject(json)) {
    throw new OrgError('JSON_PARSER_ERROR', `The HTTP entity body is required, but this request has no entity body.`)
  }
  const fields: Fields = {}
  for (const [name, value] of Object.entries(json)) {
    if (name.toLowerCase() === 'attributes') continue
    const field = findField(schema, name)
    if (field?.type === 'id') {
      throw new OrgError('INVALID_FIELD', 'The Id field should not be specified in the sobject data.', 400, ['Id'])
    }
    if (field) fields[field.name] = fromJson(field, value, () => placeOf(json, name))
    else {
      const lookup = findRelationship(schema, name)
      if (!lookup || !isObject(value)) throw noSuchColumn(schema, name)
      const target = typeof value.attributes === 'object' ? String(Object(value.attributes).type ?? '') : ''
      const [key, ...more] = Object.entries(value).filter(([part]) => part !== 'attributes')
      if (!key || more.length > 0) throw noSuchColumn(schema, name)
      fields[lookup.name] = findReferenced(org, viewer, lookup, { target, field: key[0], value: String(key[1]) })
    }
  }
  return fields
}

/**
 * The fields of a CSV row. An empty cell is left out, `#N/A` empties the field, a column `Account.Ext__c` (or
 * `User:Owner.Ext__c`) is a lookup by external id (salesforce-api.md 5.5), and `Id` is left to the caller.
 */
export function fieldsFromCsv(
  org: Lookup,
  viewer: Viewer,
  schema: ObjectSchema,
  header: readonly string[],
  row: readonly string[],
): Fields {
  const fields: Fields = {}
  for (const [index, title] of header.entries()) {
    const text = row[index] ?? ''
    const [path = '', target = ''] = title.split(':').reverse()
    const [first = '', external] = path.split('.')
    const field = external === undefined ? findField(schema, first) : findRelationship(schema, first)
    if (!field) throw noSuchColumn(schema, title)
    if (field.type === 'id' || text === '') continue
    if (text === '#N/A') fields[field.name] = null
    else if (external === undefined) fields[field.name] = fromText(field, text)
    else fields[field.name] = findReferenced(org, viewer, field, { target, field: external, value: text })
  }
  return fields
}

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function findField(schema: ObjectSchema, name: string): FieldSchema | undefined {
  const lower = name.toLowerCase()
  return schema.fields.find((candidate) => candidate.name.toLowerCase() === lower)
}

function findRelationship(schema: ObjectSchema, name: string): FieldSchema | undefined {
  const lower = name.toLowerCase()
  return schema.fields.find((candidate) => candidate.relationshipName?.toLowerCase() === lower)
}

function noSuchColumn(schema: ObjectSchema, name: string): OrgError {
  return new OrgError('INVALID_FIELD', `No such column '${name}' on sobject of type ${schema.name}`)
}

/** The record that an external id names (https://docs.polytomic.com/docs/saleforceinvalid_reference_error). */
function findReferenced(
  org: Lookup,
  viewer: Viewer,
  lookup: FieldSchema,
  by: { target: string; field: string; value: string },
): string {
  const [only, ...others] = lookup.referenceTo
  const name = others.length === 0 ? only : lookup.referenceTo.find((target) => target === by.target)
  if (name === undefined) {
    throw new OrgError(
      'INVALID_FIELD',
      `The external foreign key reference does not reference a valid entity: ${lookup.relationshipName}`,
    )
  }
  const schema = org.getObject(viewer, name)
  const key = findField(schema, by.field)
  if (!key || !(key.externalId || key.unique || key.type === 'id')) {
    throw new OrgError(
      'INVALID_FIELD',
      `Field name provided, ${by.field} is not an External ID or indexed field for ${schema.name}`,
    )
  }
  const [found, ...more] = org.findIdsByField(viewer, schema.name, key.name, fromText(key, by.value))
  if (found !== undefined && more.length === 0) return found
  const message =
    found === undefined
      ? `Foreign key external ID: ${by.value.toLowerCase()} not found for field ${key.name} in entity ${schema.name}`
      : `Foreign key external ID: ${by.value.toLowerCase()} is not unique for field ${key.name} in entity ${schema.name}`
  throw new OrgError('INVALID_FIELD', message)
}

/** A 15-character id is as good as its long form. */
const longId = (text: string) => (/^[A-Za-z0-9]{15}$/.test(text) ? withChecksum(text) : text)

/** One value of a JSON body. The messages are Jackson's, as Salesforce passes them on (https://github.com/restforce/restforce/issues/897). */
function fromJson(field: FieldSchema, value: unknown, place: () => string): FieldValue {
  if (value === null) return field.type === 'boolean' ? false : null
  if (field.type === 'address') throw notWritable([field.name])
  const read = typeof value === 'object' ? undefined : readJson(field, value)
  if (read !== undefined) return read
  throw new OrgError(
    'JSON_PARSER_ERROR',
    `Cannot deserialize instance of ${field.type} from ${tokenOf(value)} or request may be missing a required field at ${place()}`,
  )
}

function readJson(field: FieldSchema, value: unknown): FieldValue | undefined {
  switch (field.type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : readBoolean(String(value), ['true'], ['false'])
    case 'int':
    case 'long': {
      const number = typeof value === 'number' ? value : readNumber(String(value))
      return Number.isInteger(number) ? number : undefined
    }
    case 'double':
    case 'currency':
    case 'percent':
      return typeof value === 'number' ? value : readNumber(String(value))
    case 'anyType':
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined
    default:
      if (typeof value !== 'string') return undefined
      // An empty text is no value, in every field.
      return value === '' ? null : readText(field, value)
  }
}

function readText(field: FieldSchema, text: string): FieldValue | undefined {
  switch (field.type) {
    case 'date':
      return readDate(text)
    case 'datetime':
      return readDatetime(text)
    case 'time':
      return readTime(text)
    case 'reference':
    case 'id':
      return longId(text)
    default:
      return text
  }
}

// The words that stand for yes and no in a CSV: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_csv_valid_record_rows.htm
const YES = ['yes', 'y', 'true', 'on', '1']
const NO = ['no', 'n', 'false', 'off', '0']

function fromText(field: FieldSchema, text: string): FieldValue {
  if (field.type === 'address') throw notWritable([field.name])
  const isNumber = ['int', 'long', 'double', 'currency', 'percent'].includes(field.type)
  const read =
    field.type === 'boolean' ? readBoolean(text, YES, NO) : isNumber ? readNumber(text) : readText(field, text)
  if (read !== undefined && !(field.type === 'int' && !Number.isInteger(read))) return read
  throw new OrgError('INVALID_TYPE_ON_FIELD_IN_RECORD', `${field.label}: value not of required type: ${text}`, 400, [
    field.name,
  ])
}

/** What Jackson calls the value that it came across. */
function tokenOf(value: unknown): string {
  if (typeof value === 'string') return `VALUE_STRING value ${value}`
  if (typeof value === 'number') return `VALUE_NUMBER_${Number.isInteger(value) ? 'INT' : 'FLOAT'} value ${value}`
  if (typeof value === 'boolean') return `VALUE_${String(value).toUpperCase()} value ${value}`
  return Array.isArray(value) ? 'START_ARRAY value [' : 'START_OBJECT value {'
}

/** Where a field's value stands in the body, were it written without spaces. */
function placeOf(json: object, name: string): string {
  const text = JSON.stringify(json)
  const column = text.indexOf(`${JSON.stringify(name)}:`) + JSON.stringify(name).length + 2
  return `[line:1, column:${column}]`
}
