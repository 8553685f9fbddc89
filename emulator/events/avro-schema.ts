/**
 * What an event looks like on the wire: one Avro record per event, made from the object's schema. Its shape, order and
 * `doc` texts follow the schemas that Salesforce answers
 * (https://developer.salesforce.com/docs/atlas.en-us.platform_events.meta/platform_events/platform_events_schema_restapi.htm,
 * https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_subscribe_compound_fields.htm).
 */
import { createHash } from 'node:crypto'
import avro from 'avsc'
import type { FieldSchema, FieldType, ObjectSchema } from '../org/model.ts'

const NAMESPACE = 'com.sforce.eventbus'

export const CHANGE_TYPES = [
  'CREATE',
  'UPDATE',
  'DELETE',
  'UNDELETE',
  'GAP_CREATE',
  'GAP_UPDATE',
  'GAP_DELETE',
  'GAP_UNDELETE',
  'GAP_OVERFLOW',
  'SNAPSHOT',
] as const

/** One component of a compound field: `City` of `BillingAddress`, which the org keeps as `BillingCity`. */
interface EventPart {
  readonly name: string
  readonly source: FieldSchema
}

/** One field of the record; its place among the others is its bit in the header's bitmaps. */
export interface EventField {
  readonly name: string
  /** Undefined for the header. */
  readonly source: FieldSchema | undefined
  /** The components of a compound field, in their order. */
  readonly parts: readonly EventPart[]
  /** The Avro record that a compound field's components stand in. */
  readonly recordName: string | undefined
  /** Never null: a platform event without it can't be published. */
  readonly required: boolean
}

/** Whether the field is a person's name in some records and one text in others, as an account's is. */
export function isSwitchable({ recordName }: EventField): boolean {
  return recordName === `${NAMESPACE}.Switchable_PersonName`
}

export interface EventSchema {
  /** What GetSchema knows it by: changes whenever the schema does. */
  readonly id: string
  /** `CaseChangeEvent`, `Order_Event__e`. */
  readonly name: string
  /** The object whose changes it tells; undefined for a platform event. */
  readonly objectName: string | undefined
  readonly json: string
  readonly type: avro.Type
  readonly fields: readonly EventField[]
}

/** `Case` → `CaseChangeEvent`, `Site__c` → `Site__ChangeEvent` (salesforce-api.md 7.1). */
export function changeEventName(objectName: string): string {
  return objectName.endsWith('__c') ? objectName.replace(/__c$/, '__ChangeEvent') : `${objectName}ChangeEvent`
}

const AVRO_TYPES: Record<Exclude<FieldType, 'address' | 'base64'>, { avro: string; doc: string }> = {
  id: { avro: 'string', doc: 'EntityId' },
  reference: { avro: 'string', doc: 'EntityId' },
  string: { avro: 'string', doc: 'Text' },
  textarea: { avro: 'string', doc: 'StringPlusClob' },
  picklist: { avro: 'string', doc: 'DynamicEnum' },
  multipicklist: { avro: 'string', doc: 'MultiEnum' },
  combobox: { avro: 'string', doc: 'Text' },
  boolean: { avro: 'boolean', doc: 'Boolean' },
  int: { avro: 'int', doc: 'Integer' },
  long: { avro: 'long', doc: 'Long' },
  double: { avro: 'double', doc: 'Double' },
  currency: { avro: 'double', doc: 'Currency' },
  percent: { avro: 'double', doc: 'Percent' },
  // Dates and times are all epoch or day milliseconds; only `doc` tells them apart.
  date: { avro: 'long', doc: 'DateOnly' },
  datetime: { avro: 'long', doc: 'DateTime' },
  time: { avro: 'long', doc: 'TimeOnly' },
  email: { avro: 'string', doc: 'Email' },
  phone: { avro: 'string', doc: 'Phone' },
  url: { avro: 'string', doc: 'Url' },
  encryptedstring: { avro: 'string', doc: 'EncryptedText' },
  anyType: { avro: 'string', doc: 'AnyType' },
}

/** The Avro type that a field's value has beside null. */
export function avroTypeOf({ type }: FieldSchema): string {
  return type === 'address' || type === 'base64' ? 'string' : AVRO_TYPES[type].avro
}

const ROLES: Readonly<Record<string, string>> = {
  CreatedDate: 'CreatedDate',
  CreatedById: 'CreatedBy',
  LastModifiedDate: 'LastModifiedDate',
  LastModifiedById: 'LastModifiedBy',
  OwnerId: 'Owner',
}

function docOf(objectName: string, field: FieldSchema): string {
  const role = ROLES[field.name] ?? (field.type === 'reference' ? 'ForeignKey' : 'Data')
  const type = field.type === 'address' || field.type === 'base64' ? 'Text' : AVRO_TYPES[field.type].doc
  if (!field.custom) return `${role}:${type}`
  // A custom field is named by its own id, too.
  const digest = createHash('md5').update(`${objectName}.${field.name}`).digest('base64')
  return `${role}:${type}:00N5f${digest.replace(/[+/=]/g, '0').slice(0, 10)}`
}

/** Derived from other records or kept per viewer, so never in a change event (salesforce-api.md 7.4). */
const DERIVED = new Set([
  'Id',
  'IsDeleted',
  'SystemModstamp',
  'MasterRecordId',
  'LastActivityDate',
  'LastViewedDate',
  'LastReferencedDate',
  'PhotoUrl',
  'SmallPhotoUrl',
  'FullPhotoUrl',
  'MediumPhotoUrl',
  'IsEmailBounced',
])
const DERIVED_FROM_OTHERS: { readonly [objectName: string]: ReadonlySet<string> } = {
  Case: new Set(['ContactPhone', 'ContactMobile', 'ContactEmail', 'ContactFax', 'Comments']),
  User: new Set(['LastLoginDate']),
}

function isCarried(objectName: string, field: FieldSchema): boolean {
  if (DERIVED.has(field.name) || DERIVED_FROM_OTHERS[objectName]?.has(field.name)) return false
  // Formulas never are, roll-ups are.
  return field.type !== 'base64' && field.formula === undefined
}

/** What a component is called inside its compound field: `BillingCity` → `City`, `Site__Latitude__s` → `Latitude`. */
function partName(compound: string, component: string): string {
  const geolocation = /__(\w+)__s$/.exec(component)?.[1]
  if (geolocation !== undefined) return geolocation
  const prefix = compound.replace(/Address$/, '')
  return compound !== 'Name' && component.startsWith(prefix) ? component.slice(prefix.length) : component
}

const PART_ORDER = ['Salutation', 'FirstName', 'LastName', 'MiddleName', 'InformalName', 'Suffix']

function partsOf(schema: ObjectSchema, compound: string): readonly EventPart[] {
  const parts = schema.fields
    .filter((field) => field.compoundFieldName === compound && field.name !== compound)
    .map((source): EventPart => ({ name: partName(compound, source.name), source }))
  return compound === 'Name' ? parts.toSorted((a, b) => PART_ORDER.indexOf(a.name) - PART_ORDER.indexOf(b.name)) : parts
}

type AvroField = { name: string; type: unknown; doc?: string; default?: null }
const nullable = (name: string, type: unknown): AvroField => ({ name, type: ['null', type], default: null })

const text = (name: string): AvroField => ({ name, type: 'string' })
const texts = (name: string): AvroField => ({ name, type: { type: 'array', items: 'string' } })

const HEADER: AvroField = {
  name: 'ChangeEventHeader',
  type: {
    type: 'record',
    name: 'ChangeEventHeader',
    fields: [
      text('entityName'),
      texts('recordIds'),
      { name: 'changeType', type: { type: 'enum', name: 'ChangeType', symbols: CHANGE_TYPES } },
      text('changeOrigin'),
      text('transactionKey'),
      { name: 'sequenceNumber', type: 'int' },
      { name: 'commitTimestamp', type: 'long' },
      { name: 'commitNumber', type: 'long' },
      text('commitUser'),
      texts('nulledFields'),
      texts('diffFields'),
      texts('changedFields'),
    ],
  },
}

/** The schema of an object's change events; the header is its first field, so bit 0 of every bitmap. */
export function changeEventSchema(schema: ObjectSchema): EventSchema {
  const fields: EventField[] = [
    { name: 'ChangeEventHeader', source: undefined, parts: [], recordName: undefined, required: true },
  ]
  const avroFields: AvroField[] = [HEADER]
  const defined = new Set<string>()
  for (const source of schema.fields) {
    const isPart = source.compoundFieldName !== null && source.compoundFieldName !== source.name
    if (isPart || !isCarried(schema.name, source)) continue
    const parts = partsOf(schema, source.name)
    if (parts.length === 0) {
      fields.push({ name: source.name, source, parts, recordName: undefined, required: false })
      avroFields.push({ ...nullable(source.name, avroTypeOf(source)), doc: docOf(schema.name, source) })
      continue
    }
    const recordName =
      source.name !== 'Name'
        ? compoundRecord(source)
        : schema.name === 'Account'
          ? 'Switchable_PersonName'
          : 'PersonName'
    const record = defined.has(recordName)
      ? recordName
      : {
          type: 'record',
          name: recordName,
          fields: parts.map((part) => nullable(part.name, avroTypeOf(part.source))),
        }
    defined.add(recordName)
    fields.push({ name: source.name, source, parts, recordName: `${NAMESPACE}.${recordName}`, required: false })
    const branches = recordName === 'Switchable_PersonName' ? ['null', 'string', record] : ['null', record]
    avroFields.push({ name: source.name, type: branches, doc: `Data:${recordName}`, default: null })
  }
  return finish({ name: changeEventName(schema.name), objectName: schema.name, fields }, avroFields)
}

/** Addresses all look alike, so they share one record; any other compound has its own. */
function compoundRecord(source: FieldSchema): string {
  return source.type === 'address' ? 'Address' : `${source.name}_Location`
}

/** The schema of a platform event: when and by whom it was published, then its fields. */
export function platformEventSchema({ name, fields: described }: ObjectSchema): EventSchema {
  const fields = described.filter(({ type }) => type !== 'id')
  // A checkbox is never null in a record; in an event it may be left out.
  const eventFields = fields.map(
    (source): EventField => ({
      name: source.name,
      source,
      parts: [],
      recordName: undefined,
      required: !source.nillable && source.type !== 'boolean',
    }),
  )
  const avroFields = fields.map((source, index): AvroField => {
    const doc = docOf(name, source)
    return eventFields[index]?.required
      ? { name: source.name, type: avroTypeOf(source), doc }
      : { ...nullable(source.name, avroTypeOf(source)), doc }
  })
  return finish({ name, objectName: undefined, fields: eventFields }, avroFields)
}

/** What must be kept of a schema to read its events later. */
export type KeptSchema = Omit<EventSchema, 'id' | 'type'>

/** The schema again, from what was kept of it. */
export function restoreSchema(id: string, kept: KeptSchema): EventSchema {
  return { ...kept, id, type: typeOf(kept.json) }
}

function finish(event: Omit<KeptSchema, 'json'>, avroFields: readonly AvroField[]): EventSchema {
  const json = JSON.stringify({ type: 'record', name: event.name, namespace: NAMESPACE, fields: avroFields })
  // 22 characters, as Salesforce's own: the fingerprint of the schema.
  return restoreSchema(createHash('md5').update(json).digest('base64url'), { ...event, json })
}

const typeOf = (json: string) => avro.Type.forSchema(JSON.parse(json), { wrapUnions: true })

/** The schema in Salesforce's other format: the event as CometD clients get it, dates as text. */
export function expandedSchema({ name, json }: EventSchema): object {
  const { fields } = JSON.parse(json) as { fields: AvroField[] }
  return {
    name,
    namespace: NAMESPACE,
    type: 'expanded-record',
    fields: [
      {
        name: 'data',
        type: {
          type: 'record',
          name: 'Data',
          namespace: '',
          fields: [
            { name: 'schema', type: 'string' },
            { name: 'payload', type: { type: 'record', name: 'Payload', doc: '', fields: fields.map(withTextDates) } },
            {
              name: 'event',
              type: { type: 'record', name: 'Event', fields: [{ name: 'replayId', type: 'long' }] },
            },
          ],
        },
      },
      { name: 'channel', type: 'string' },
    ],
  }
}

function withTextDates(field: AvroField): AvroField {
  if (!/:(?:DateTime|DateOnly|TimeOnly)(?::|$)/.test(field.doc ?? '')) return field
  return { ...field, type: Array.isArray(field.type) ? ['null', 'string'] : 'string' }
}
