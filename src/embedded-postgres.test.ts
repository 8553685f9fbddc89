import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import pino from 'pino'
import postgres from 'postgres'
import { findEmbeddedUrl, startEmbeddedPostgres } from './embedded-postgres.ts'

const log = pino({ level: 'silent' })
const dataDir = await mkdtemp(join(tmpdir(), 'loopline-embedded-'))
// Open to the user that Postgres runs as when the tests run as root.
await chmod(dataDir, 0o755)
after(() => rm(dataDir, { recursive: true, force: true }))

test('a database written in one start is there in the next, at the same address, and its password is private', async () => {
  const first = await startEmbeddedPostgres({ dataDir, log })
  const sql = postgres(first.url, { max: 1 })
  await sql`create table kept (word text)`
  await sql`insert into kept values ('Grüße')`
  await sql.end()
  await first.stop()

  const second = await startEmbeddedPostgres({ dataDir, log })
  assert.equal(second.url, first.url)
  assert.equal(await findEmbeddedUrl(dataDir), first.url)
  const again = postgres(second.url, { max: 1 })
  assert.deepEqual([...(await again`select word from kept`)], [{ word: 'Grüße' }])
  await again.end()
  assert.equal((await stat(join(dataDir, 'postgres.json'))).mode & 0o077, 0)
  await second.stop()
})

test('a server that outlived its process is stopped, and the next start has the data', async () => {
  const first = await startEmbeddedPostgres({ dataDir, log })
  const pidOf = async () => Number((await readFile(join(dataDir, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0])
  const leftover = await pidOf()
  const second = await startEmbeddedPostgres({ dataDir, log })
  assert.notEqual(await pidOf(), leftover)
  const sql = postgres(second.url, { max: 1 })
  assert.equal((await sql`select count(*)::int as n from kept`)[0]?.n, 1)
  await sql.end()
  await second.stop()
  await first.stop()
})
