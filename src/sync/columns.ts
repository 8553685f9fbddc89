/** From Salesforce's description of an object to the columns of its mirror table. */

import { createHash } from 'node:crypto'
import type { FieldDescribe, ObjectDescribe } from '../salesforce/describe.ts'
import type { ColumnType, MirrorColumn } from '../store/mirror.ts'

const typeOf: Record<string, ColumnType> = {
  boolean: 'boolean',
  int: 'bigint',
  long: 'bigint',
  double: 'numeric',
  currency: 'numeric',
  percent: 'numeric',
  date: 'date',
  datetime: 'timestamptz',
  time: 'time',
}

// Compound values come in parts, and bytes are fetched one by one: neither is a column.
const notColumns = new Set(['address', 'location', 'base64', 'complexvalue', 'json'])

// These tell when the connected user last looked, not what the record is, and change without a time stamp.
const aboutTheReader = new Set(['LastViewedDate', 'LastReferencedDate'])

// Not formulas by their description, and like them in what matters: no time stamp tells of their change.
const derived = new Set(['LastActivityDate', 'PhotoUrl'])

export interface ColumnChanges {
  readonly columns: readonly MirrorColumn[]
  /** Fields that are new or back, so that old records must be read for them. */
  readonly appeared: readonly string[]
  readonly vanished: readonly string[]
}

/**
 * The columns that the mirror needs after this describe, given those it had. A field that vanished keeps its column
 * and values; one that appears (again), or changed its type, is `filling` until every row has been read for it.
 */
export function columnsFor(describe: ObjectDescribe, before: readonly MirrorColumn[]): ColumnChanges {
  const had = new Map(before.map((column) => [column.field.toLowerCase(), column]))
  const isNew = before.length === 0
  const wanted = describe.fields.filter((field) => !notColumns.has(field.type) && !aboutTheReader.has(field.name))
  const columns = wanted.map((field): MirrorColumn => {
    const old = had.get(field.name.toLowerCase())
    const next = columnFor(field)
    const goesOn = isNew || (old?.type === next.type && old.state === 'live')
    return { ...next, column: old?.column ?? next.column, state: goesOn ? 'live' : 'filling' }
  })
  const present = new Set(wanted.map((field) => field.name.toLowerCase()))
  const absent = before.filter((column) => !present.has(column.field.toLowerCase()))
  return {
    columns: [...columns, ...absent.map((column): MirrorColumn => ({ ...column, state: 'gone' }))],
    appeared: columns
      .filter((column) => column.state === 'filling' && had.get(column.field.toLowerCase())?.state !== 'filling')
      .map((column) => column.field),
    vanished: absent.filter((column) => column.state !== 'gone').map((column) => column.field),
  }
}

function columnFor(field: FieldDescribe): Omit<MirrorColumn, 'state'> {
  return {
    field: field.name,
    column: columnName(field.name),
    type: typeOf[field.type] ?? 'text',
    salesforceType: field.type,
    label: field.label,
    htmlFormatted: field.htmlFormatted,
    custom: field.custom,
    calculated: field.calculated || derived.has(field.name),
  }
}

// Postgres cuts names at 63 bytes, silently: two long names of one package could become the same.
function columnName(field: string): string {
  const name = field.toLowerCase()
  if (name.length <= 63) return name
  return `${name.slice(0, 54)}_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}

/** `Case` -> `sf_case`. */
export function tableName(objectName: string): string {
  return columnName(`sf_${objectName}`)
}
