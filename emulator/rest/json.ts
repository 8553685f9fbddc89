/** Query results and records as the REST API writes them (salesforce-api.md 3.5, 3.6). */
import type {
  FieldSchema,
  FieldType,
  FieldValue,
  NestedResult,
  ObjectSchema,
  OrgRecord,
  ResultColumn,
  ResultRow,
  RowSet,
} from '../org/model.ts'
import { formatDouble, formatRestDatetime } from '../values.ts'

/** One value as JSON text. Written by hand since JSON.stringify cannot write `12.0`. */
function writeValue(value: FieldValue, type: FieldType, version: string): string {
  if (value === null) return 'null'
  if (typeof value === 'number') {
    if (type === 'datetime') return `"${formatRestDatetime(value)}"`
    if (type === 'double' || type === 'currency' || type === 'percent') return formatDouble(value)
    return String(value)
  }
  // A compound address travels through the org as JSON text; on the wire it is an object.
  if (type === 'address' && typeof value === 'string') return value
  if (type === 'base64') return `"/services/data/${version}${value}"`
  return JSON.stringify(value)
}

/** The columns of one level of a query's answer: its own values, its parents, its children. */
export interface Level {
  readonly path: string
  readonly parts: (
    | { readonly kind: 'value'; readonly key: string; readonly index: number; readonly column: ResultColumn }
    | { readonly kind: 'parent'; readonly key: string; readonly level: Level }
  )[]
}

/** Sorts the columns of a result by the record that they belong to. */
export function planLevels(columns: readonly ResultColumn[]): Level {
  const root: Level = { path: '', parts: [] }
  for (const [index, column] of columns.entries()) {
    const names = column.path.split('.')
    const key = names.pop() ?? column.path
    let level = root
    for (const name of names) {
      const known = level.parts.find((part) => part.kind === 'parent' && part.key === name)
      if (known?.kind === 'parent') {
        level = known.level
        continue
      }
      const path = level.path === '' ? name : `${level.path}.${name}`
      const next: Level = { path, parts: [] }
      level.parts.push({ kind: 'parent', key: name, level: next })
      level = next
    }
    level.parts.push({ kind: 'value', key, index, column })
  }
  return root
}

/**
 * Writes rows of one result as JSON text; the columns are looked at once. `firstPage` cuts long subqueries: it gives the rows
 * to write and the address of those that follow.
 */
export function rowWriter(source: RowSet, version: string, firstPage: FirstPage = whole): (row: ResultRow) => string {
  const root = planLevels(source.columns)
  const base = `/services/data/${version}/sobjects`

  function writeAttributes(objectName: string, id: string | undefined): string {
    if (id === undefined) return `"attributes":{"type":${JSON.stringify(objectName)}}`
    return `"attributes":{"type":${JSON.stringify(objectName)},"url":"${base}/${objectName}/${id}"}`
  }

  function writeLevel(row: ResultRow, level: Level, objectName: string, id: string | undefined): string {
    let text = `{${writeAttributes(objectName, id)}`
    for (const part of level.parts) {
      text += `,${JSON.stringify(part.key)}:`
      if (part.kind === 'parent') {
        text += writeParent(row, part.level)
        continue
      }
      const value = row[part.index] ?? null
      if (typeof value === 'object' && value !== null) text += writeNested(value, version, firstPage)
      else text += writeValue(value, part.column.type, version)
    }
    return `${text}}`
  }

  function writeParent(row: ResultRow, level: Level): string {
    const parent = source.parentOf(row, level.path)
    return parent ? writeLevel(row, level, parent.objectName, parent.id) : 'null'
  }

  return (row) => writeLevel(row, root, source.objectName, source.idOf(row))
}

type FirstPage = (nested: NestedResult) => { rows: readonly ResultRow[]; nextRecordsUrl: string | undefined }

const whole: FirstPage = ({ rows }) => ({ rows, nextRecordsUrl: undefined })

/** A parent-to-child subquery: null when there are no children; what a TYPEOF points to: a record. */
function writeNested(nested: NestedResult, version: string, firstPage: FirstPage): string {
  const [only] = nested.rows
  if (!only) return 'null'
  const write = rowWriter(nested, version, firstPage)
  if (nested.single) return write(only)
  const { rows, nextRecordsUrl } = firstPage(nested)
  const next = nextRecordsUrl === undefined ? '' : `,"nextRecordsUrl":"${nextRecordsUrl}"`
  return `{"totalSize":${nested.rows.length},"done":${next === ''}${next},"records":[${rows.map(write).join(',')}]}`
}

/** One whole record, as a single-row read gives it, with the given fields of its object in the given order. */
export function writeRecord(
  record: OrgRecord,
  schema: ObjectSchema,
  options: { fields: readonly FieldSchema[]; version: string },
): string {
  const url = `/services/data/${options.version}/sobjects/${schema.name}/${record.Id}`
  let text = `{"attributes":{"type":"${schema.name}","url":"${url}"}`
  for (const field of options.fields) {
    text += `,"${field.name}":${writeValue(record[field.name] ?? null, field.type, options.version)}`
  }
  return `${text}}`
}
