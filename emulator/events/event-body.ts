/** One event's content: as Avro bytes for the Pub/Sub API and the log, as JSON for CometD. */
import type { FieldSchema, FieldValue } from '../org/model.ts'
import { avroTypeOf, type CHANGE_TYPES, type EventField, type EventSchema, isSwitchable } from './avro-schema.ts'
import { decodeBitmaps, encodeBitmaps } from './bitmaps.ts'

export type ChangeType = (typeof CHANGE_TYPES)[number]

/** The header of a change event, its lists of fields by name (`Status`, `BillingAddress.City`). */
export interface ChangeEventHeader {
  readonly entityName: string
  readonly recordIds: readonly string[]
  readonly changeType: ChangeType
  readonly changeOrigin: string
  readonly transactionKey: string
  readonly sequenceNumber: number
  readonly commitTimestamp: number
  readonly commitNumber: number
  readonly commitUser: string
  readonly nulledFields: readonly string[]
  readonly diffFields: readonly string[]
  readonly changedFields: readonly string[]
}

/** Values by the names that the org's own fields have: components of compound fields stand beside the others. */
export type EventValues = Readonly<Record<string, FieldValue>>

export interface EventBody {
  /** Platform events have none. */
  readonly header?: ChangeEventHeader | undefined
  readonly values: EventValues
}

const DAY_MS = 86_400_000

/** A value as it stands in the Avro record, dates and times as milliseconds. */
function toWire(source: FieldSchema, value: FieldValue): string | number | boolean {
  if (source.type === 'date') return Date.parse(`${String(value)}T00:00:00.000Z`)
  if (source.type === 'time') return Date.parse(`1970-01-01T${String(value)}`)
  const avroType = avroTypeOf(source)
  if (avroType === 'boolean') return value === true
  if (avroType === 'string') return String(value)
  return avroType === 'double' ? Number(value) : Math.round(Number(value))
}

function fromWire(source: FieldSchema, value: string | number | boolean): FieldValue {
  if (source.type === 'date') return new Date(Number(value)).toISOString().slice(0, 10)
  if (source.type === 'time') return new Date(Number(value) % DAY_MS).toISOString().slice(11)
  return value
}

type Wire = string | number | boolean | null | { readonly [branch: string]: unknown }

/** A field that may be null, in the form in which avsc takes unions. */
function wrapped(source: FieldSchema, value: FieldValue | undefined): Wire {
  return value === null || value === undefined ? null : { [avroTypeOf(source)]: toWire(source, value) }
}

function compoundToWire(field: EventField, source: FieldSchema, values: EventValues): Wire {
  const parts = field.parts.map(({ name, source: part }): [string, Wire] => [name, wrapped(part, values[part.name])])
  const isFilled = parts.some(([, value]) => value !== null)
  if (isFilled && !isSwitched(field, values)) return { [field.recordName ?? '']: Object.fromEntries(parts) }
  // A company's name is one text (Switchable_PersonName).
  return isSwitchable(field) ? wrapped(source, values[source.name]) : null
}

/** Whether a name that may be text or a person's is text in this event. */
function isSwitched(field: EventField, values: EventValues): boolean {
  return isSwitchable(field) && !field.parts.some(({ source }) => (values[source.name] ?? null) !== null)
}

/** The event as Avro bytes. */
export function encodeBody(schema: EventSchema, { header, values }: EventBody): Buffer {
  const record: Record<string, unknown> = {}
  for (const field of schema.fields) {
    const { name, source } = field
    if (!source) {
      record[name] = header && {
        ...header,
        nulledFields: encodeBitmaps(schema.fields, header.nulledFields),
        diffFields: encodeBitmaps(schema.fields, header.diffFields),
        changedFields: encodeBitmaps(schema.fields, header.changedFields),
      }
    } else if (field.parts.length > 0) record[name] = compoundToWire(field, source, values)
    else record[name] = field.required ? toWire(source, values[name] ?? '') : wrapped(source, values[name])
  }
  return schema.type.toBuffer(record)
}

type Unwrapped = string | number | boolean | null

function unwrapped(value: unknown): Unwrapped {
  if (value === null || typeof value !== 'object') return value as Unwrapped
  return Object.values(value)[0] as Unwrapped
}

/** What the bytes say. Throws when they don't fit the schema. */
export function decodeBody(schema: EventSchema, payload: Buffer): EventBody {
  const record = schema.type.fromBuffer(payload) as Record<string, unknown>
  const values: Record<string, FieldValue> = {}
  let header: ChangeEventHeader | undefined
  const keep = (source: FieldSchema, wire: unknown) => {
    const value = unwrapped(wire)
    if (value !== null) values[source.name] = fromWire(source, value)
  }
  for (const { name, source, parts } of schema.fields) {
    const wire = record[name]
    if (!source) {
      const kept = wire as ChangeEventHeader
      header = {
        ...kept,
        nulledFields: decodeBitmaps(schema.fields, kept.nulledFields),
        diffFields: decodeBitmaps(schema.fields, kept.diffFields),
        changedFields: decodeBitmaps(schema.fields, kept.changedFields),
      }
      continue
    }
    const compound = parts.length > 0 && wire !== null ? Object.values(wire as object)[0] : undefined
    if (compound === null || typeof compound !== 'object') keep(source, wire)
    else for (const part of parts) keep(part.source, (compound as Record<string, unknown>)[part.name])
  }
  return { ...(header && { header }), values }
}

/** Times as Java prints an instant: without a fraction when there is none. */
function instant(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('.000Z', 'Z')
}

function toText(source: FieldSchema, value: FieldValue | undefined): FieldValue {
  if (value === undefined || value === null) return null
  if (source.type === 'datetime') return instant(Number(value))
  // "Date fields contain the date in UTC format"
  // (https://developer.salesforce.com/docs/atlas.en-us.api_streaming.meta/api_streaming/cdc_event_diff_pubsub_cometd.htm).
  if (source.type === 'date') return `${String(value)}T00:00:00Z`
  return value
}

/**
 * The event's `payload` for CometD clients. Change events leave out what is null and unchanged and name their changed
 * fields; platform events show every field.
 * https://developer.salesforce.com/docs/atlas.en-us.api_streaming.meta/api_streaming/cdc_event_diff_pubsub_cometd.htm
 */
export function bodyAsJson(schema: EventSchema, { header, values }: EventBody): Record<string, unknown> {
  const json: Record<string, unknown> = {}
  for (const field of schema.fields) {
    const { name, source, parts } = field
    if (!source) continue
    if (parts.length > 0 && !isSwitched(field, values)) {
      const inside = Object.fromEntries(
        parts.flatMap((part) => {
          const value = toText(part.source, values[part.source.name])
          return value === null ? [] : [[part.name, value]]
        }),
      )
      if (Object.keys(inside).length > 0) json[name] = inside
      continue
    }
    const value = toText(source, values[source.name])
    if (!header || value !== null) json[name] = value
  }
  if (!header) return json
  // A field that was emptied is there, as null: it changed.
  for (const name of header.nulledFields) if (!name.includes('.')) json[name] = null
  const { nulledFields: _, diffFields: __, ...shown } = header
  return { ...json, ChangeEventHeader: shown }
}
