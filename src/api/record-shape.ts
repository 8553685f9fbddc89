/** From a view's row to the record as JSON: camelCase names, ISO times, references as nested values. */

import type { RecordRow } from '../store/records.ts'
import type { Column, RecordType, SqlType } from '../unified/mapping.ts'
import { columnsOf } from '../unified/views.ts'

/** The columns to ask for; long ones only for a single record. */
export function columnNames(type: RecordType, { detail }: { detail: boolean }): string[] {
  const own = type.sources[0].columns
  return Object.keys(columnsOf(type)).filter((name) => detail || !own[name]?.detail)
}

/** Total over what a view can give: a reference or an address without anything in it is null. */
export function shapeRecord(type: RecordType, row: RecordRow): Record<string, unknown> {
  const own: Readonly<Record<string, Column>> = type.sources[0].columns
  const record: Record<string, unknown> = {}
  const groups = new Map<string, Record<string, unknown>>()
  for (const [name, sqlType] of Object.entries(columnsOf(type))) {
    if (!(name in row)) continue
    const value = shapeValue(row[name], sqlType)
    const within = own[name]?.within
    if (!within) {
      record[camelCase(name)] = value
      continue
    }
    const group = groups.get(within.group) ?? {}
    groups.set(within.group, { ...group, [within.property]: value })
  }
  for (const [name, group] of groups) {
    record[camelCase(name)] = isNothing(group) ? null : group
  }
  return record
}

/** A reference without an id is none; an author or an address may have no id and still say something. */
function isNothing(group: Record<string, unknown>): boolean {
  return Object.values(group).every((value) => value === null)
}

function shapeValue(value: unknown, type: SqlType): unknown {
  return type === 'timestamptz' && typeof value === 'string' ? new Date(value).toISOString() : value
}

export function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
