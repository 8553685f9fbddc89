import { readdir, readFile } from 'node:fs/promises'
import type { Pool } from './database.ts'

const folder = new URL('./migrations/', import.meta.url)

/**
 * Brings the app's schema up to date, one transaction for all that is missing. Safe to call from several processes at
 * once. Returns the names of the migrations it ran. Throws when the database is newer than this code.
 */
export async function migrate(sql: Pool): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).sort()
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('loopline.migrate'))`
    await tx`create schema if not exists loopline`
    await tx`create table if not exists loopline.migrations (
      name text primary key, applied_at timestamptz not null default now()
    )`
    const applied = new Set((await tx<{ name: string }[]>`select name from loopline.migrations`).map((row) => row.name))
    const unknown = [...applied].filter((name) => !files.includes(name))
    if (unknown.length > 0) {
      throw new Error(`The database was used by a newer Loopline (it has ${unknown.join(', ')}). Start that version.`)
    }
    const missing = files.filter((name) => !applied.has(name))
    for (const name of missing) {
      await tx.unsafe(await readFile(new URL(name, folder), 'utf8'))
      await tx`insert into loopline.migrations (name) values (${name})`
    }
    return missing
  })
}
