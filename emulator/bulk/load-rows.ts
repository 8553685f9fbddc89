/** Loads rows into the org as both Bulk APIs do: 200 at a time, each row for itself (salesforce-api.md 5.5). */

import { looksLikeId } from '../org/ids.ts'
import { fieldsFromCsv, fieldsFromJson } from '../org/input.ts'
import { type ObjectSchema, type Org, OrgError, type OrgUser, type RecordFields } from '../org/model.ts'
import { toLongId } from '../values.ts'
import type { RowTarget } from './job.ts'
import { JobFailure } from './job-failure.ts'

/** Rows that share a transaction, and so their stamps. */
export const CHUNK_ROWS = 200

/** A row to load, whatever its format. */
export interface LoadRow {
  /** What stands in a column, '' when nothing does. */
  text(column: string): string
  /** Throws OrgError for a value that isn't one. */
  fields(): RecordFields
}

export interface RowOutcome {
  /** The record's; for a row that failed, the one it named, if any. */
  readonly id: string
  readonly created: boolean
  readonly error: OrgError | null
}

/** Into which object, as whom, and how. */
export interface Load extends RowTarget {
  readonly org: Org
  readonly user: OrgUser
  readonly schema: ObjectSchema
  readonly version: number
}

/** A row that could not even be read. */
export const malformedRow: LoadRow = {
  text: () => '',
  fields() {
    throw new OrgError('INVALID_ROW', 'The row is malformed: its quotes or its number of columns are wrong')
  },
}

/** Makes rows of CSV cells. Throws JobFailure when the header names what isn't there, or lacks what is needed. */
export function csvRowMaker(load: Load, header: readonly string[]): (cells: readonly string[]) => LoadRow {
  checkColumns(load, header)
  return cellRowMaker(load, header)
}

/** Makes rows of cells whose columns nobody has looked at: a wrong one is an error of its row. */
export function cellRowMaker({ org, user, schema }: Load, header: readonly string[]) {
  const lower = header.map((title) => title.toLowerCase())
  return (cells: readonly string[]): LoadRow => ({
    text: (column) => cells[lower.indexOf(column.toLowerCase())] ?? '',
    fields: () => fieldsFromCsv(org, user, schema, header, cells),
  })
}

/** Makes a row of a JSON object. */
export function jsonRow({ org, user, schema }: Load, value: Record<string, unknown>): LoadRow {
  const isId = (name: string) => name.toLowerCase() === 'id'
  const found = (column: string) => Object.entries(value).find(([name]) => name.toLowerCase() === column.toLowerCase())
  return {
    text: (column) => String(found(column)?.[1] ?? ''),
    fields: () =>
      fieldsFromJson(org, user, schema, Object.fromEntries(Object.entries(value).filter(([name]) => !isId(name)))),
  }
}

/** The key column that an operation can't do without: `Field name not found : Id` (https://github.com/heroku/salesforce-bulk/issues/101). */
function checkColumns({ org, user, schema, operation, externalIdFieldName }: Load, header: readonly string[]): void {
  const seen = new Set<string>()
  for (const title of header) {
    if (seen.has(title.toLowerCase())) throw new JobFailure('InvalidBatch', `Duplicate field name : ${title}`)
    seen.add(title.toLowerCase())
    try {
      fieldsFromCsv(org, user, schema, [title], [''])
    } catch {
      throw new JobFailure('InvalidBatch', `Field name not found : ${title}`)
    }
  }
  const key = operation === 'upsert' ? (externalIdFieldName ?? 'Id') : operation === 'insert' ? undefined : 'Id'
  if (key !== undefined && !seen.has(key.toLowerCase())) {
    throw new JobFailure('InvalidBatch', `Field name not found : ${key}`)
  }
}

/** Loads up to 200 rows in one transaction. A row that fails leaves nothing behind, and the others stay. */
export function loadChunk(load: Load, rows: readonly LoadRow[]): RowOutcome[] {
  const origin = `com/salesforce/api/bulkapi/${load.version}.0`
  const isRepeated = repeatedKeys(load, rows)
  return load.org.transaction(() => rows.map((row) => loadRow(load, row, isRepeated)), { origin })
}

/** Rows of a chunk that share their external id are all refused, the first one included, as by upsert() in every API. */
function repeatedKeys({ operation, externalIdFieldName }: Load, rows: readonly LoadRow[]): (row: LoadRow) => boolean {
  if (operation !== 'upsert' || externalIdFieldName === null) return () => false
  const keyOf = (row: LoadRow) => row.text(externalIdFieldName).toLowerCase()
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1)
  return (row) => keyOf(row) !== '' && (counts.get(keyOf(row)) ?? 0) > 1
}

function loadRow(load: Load, row: LoadRow, isRepeated: (row: LoadRow) => boolean): RowOutcome {
  const given = row.text('Id')
  try {
    if (isRepeated(row)) {
      const key = load.externalIdFieldName ?? 'Id'
      const message = `Duplicate external id specified: ${row.text(key).toLowerCase()}`
      throw new OrgError('DUPLICATE_VALUE', message, 400, [key])
    }
    // What a row did before it failed is taken back.
    const { id, created } = load.org.transaction(() => applyRow(load, row, given))
    return { id, created, error: null }
  } catch (error) {
    if (error instanceof OrgError) return { id: given, created: false, error: asRowError(error) }
    throw error
  }
}

function applyRow(load: Load, row: LoadRow, given: string): { id: string; created: boolean } {
  const { org, user, schema, operation } = load
  switch (operation) {
    case 'insert':
      if (given !== '') {
        throw new OrgError('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', 400, ['Id'])
      }
      return { id: org.create(user.userId, schema.name, row.fields()), created: true }
    case 'update': {
      const id = readId(schema, given, operation)
      org.update(user.userId, schema.name, id, row.fields())
      return { id, created: false }
    }
    case 'delete':
    case 'hardDelete': {
      const id = readId(schema, given, operation)
      if (operation === 'delete') org.delete(user.userId, schema.name, id)
      else org.hardDelete(user.userId, schema.name, id)
      return { id, created: false }
    }
    case 'upsert':
      return upsertRow(load, row, given)
  }
}

function upsertRow(load: Load, row: LoadRow, given: string): { id: string; created: boolean } {
  const { org, user, schema } = load
  const key = findField(schema, load.externalIdFieldName ?? 'Id')
  const fields = row.fields()
  if (key.type === 'id') {
    if (given === '') return { id: org.create(user.userId, schema.name, fields), created: true }
    const id = readId(schema, given, 'upsert')
    org.update(user.userId, schema.name, id, fields)
    return { id, created: false }
  }
  const value = fields[key.name]
  if (value === undefined || value === null) {
    throw new OrgError('MISSING_ARGUMENT', `${key.name} not specified`)
  }
  const [id, ...others] = org.findIdsByField(user, schema.name, key.name, value)
  if (id === undefined) return { id: org.create(user.userId, schema.name, fields), created: true }
  if (others.length > 0) {
    const ids = [id, ...others].join(', ')
    const message = `${key.name}: more than one record found for external id field: [${ids}]`
    throw new OrgError('DUPLICATE_EXTERNAL_ID', message, 400, [key.name])
  }
  org.update(user.userId, schema.name, id, fields)
  return { id, created: false }
}

function findField(schema: ObjectSchema, name: string): ObjectSchema['fields'][number] {
  const field = schema.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
  if (!field) throw new OrgError('INVALID_FIELD', `No such column '${name}' on sobject of type ${schema.name}`)
  return field
}

function readId(schema: ObjectSchema, text: string, operation: string): string {
  if (text === '') {
    const call = operation === 'hardDelete' ? 'delete' : operation
    throw new OrgError('MISSING_ARGUMENT', `Id not specified in an ${call} call`)
  }
  if (!looksLikeId(text) || !text.startsWith(schema.keyPrefix ?? '')) {
    throw new OrgError('MALFORMED_ID', `${schema.label} ID: id value of incorrect type: ${text}`, 400, ['Id'])
  }
  return toLongId(text)
}

/** Where REST has a missing address, a row has a wrong reference. */
function asRowError(error: OrgError): OrgError {
  return error.errorCode === 'NOT_FOUND'
    ? new OrgError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
    : error
}

/** `REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --` (salesforce-api.md 5.5). */
export function rowErrorText({ errorCode, message, fields }: OrgError): string {
  return `${errorCode}:${message}:${fields.length > 0 ? `${fields.join(', ')} ` : ''}--`
}
