import { Readable } from 'node:stream'
import type { JsonRecord, JsonValue } from '../salesforce/json.ts'

/** Records of a REST answer as a page of CSV like the Bulk API's: pages of either kind land in the same way. */
export function csvOf(records: readonly JsonRecord[], fields: readonly string[]): Readable {
  return Readable.from(csvLines(records, fields), { objectMode: false })
}

function* csvLines(records: readonly JsonRecord[], fields: readonly string[]): Generator<Buffer> {
  yield Buffer.from(`${fields.join(',')}\n`)
  for (let start = 0; start < records.length; start += 200) {
    const lines = records.slice(start, start + 200).map((record) => fields.map((name) => cell(record[name])).join(','))
    yield Buffer.from(`${lines.join('\n')}\n`)
  }
}

function cell(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  // Postgres takes no NUL in a text.
  return `"${text.replaceAll('\0', '').replaceAll('"', '""')}"`
}
