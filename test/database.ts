/** Gives each test file a database of its own, cloned from a migrated template on the server at TEST_DATABASE_URL. */

import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { after } from 'node:test'
import postgres from 'postgres'
import { openDatabase, type Pool } from '../src/store/database.ts'
import { migrate } from '../src/store/migrate.ts'

/** The database is dropped after the file's tests. Call at the top of a `.pg.test.ts` file. */
export async function testDatabase(): Promise<{ sql: Pool; url: string }> {
  const serverUrl = process.env.TEST_DATABASE_URL
  if (!serverUrl) throw new Error('Set TEST_DATABASE_URL to a Postgres where databases may be created.')
  const server = postgres(serverUrl, { max: 1, onnotice: () => {} })
  const name = `loopline_test_${randomBytes(6).toString('hex')}`
  const template = templateName()
  // One at a time: a template can't be cloned while somebody is connected to it.
  await server`select pg_advisory_lock(hashtext(${template}))`
  const exists = await server`select 1 from pg_database where datname = ${template}`
  if (exists.length === 0) await makeTemplate(server, serverUrl, template)
  await server`create database ${server(name)} template ${server(template)}`
  await server`select pg_advisory_unlock(hashtext(${template}))`

  const url = withDatabase(serverUrl, name)
  const sql = openDatabase(url)
  after(async () => {
    await sql.end({ timeout: 5 })
    await server`drop database ${server(name)} with (force)`
    await server.end()
  })
  return { sql, url }
}

/** Named for the migrations' content, so that a changed migration makes a new one. */
function templateName(): string {
  const folder = new URL('../src/store/migrations/', import.meta.url)
  const hash = createHash('sha256')
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(new URL(file, folder)))
  return `loopline_template_${hash.digest('hex').slice(0, 12)}`
}

async function makeTemplate(server: postgres.Sql, serverUrl: string, template: string): Promise<void> {
  const draft = `${template}_draft`
  await server`drop database if exists ${server(draft)} with (force)`
  await server`create database ${server(draft)}`
  const sql = openDatabase(withDatabase(serverUrl, draft), { max: 1 })
  await migrate(sql)
  await sql.end()
  await server`alter database ${server(draft)} rename to ${server(template)}`
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}
