import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Pool } from '../src/store/database.ts'

/** Seconds that a plain COPY of the file takes into an empty table like `table`, with the same primary key. */
export async function copyFile(
  sql: Pool,
  { file, table, columns }: { file: string; table: string; columns: readonly string[] },
): Promise<number> {
  await sql.unsafe('create schema floor')
  await sql.unsafe(`create table floor.copied (like ${table})`)
  await sql.unsafe('alter table floor.copied add primary key (id)')
  await sql.unsafe('checkpoint').catch(() => {})
  const names = columns.map((column) => `"${column.toLowerCase()}"`).join(', ')
  const from = performance.now()
  const copy = `copy floor.copied (${names}) from stdin (format csv, force_null (${names}))`
  await pipeline(createReadStream(file, { highWaterMark: 262_144 }), await sql.unsafe(copy).writable())
  const seconds = (performance.now() - from) / 1_000
  await sql.unsafe('drop schema floor cascade')
  return seconds
}
