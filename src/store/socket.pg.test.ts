import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { after, test } from 'node:test'
import { testDatabase } from '../../test/database.ts'
import { openDatabase } from './database.ts'

const { url } = await testDatabase()

test('statements after a page was copied do not wait for an acknowledgement', async () => {
  const sql = openDatabase(url, { max: 1 })
  after(() => sql.end())
  await sql`create temp table pages (line text)`
  const milliseconds: number[] = []
  for (let n = 0; n < 9; n++) {
    await sql.begin(async (tx) => {
      const copy = await tx.unsafe('copy pages from stdin').writable()
      await pipeline(Readable.from([Buffer.alloc(1_000_000, 'a line of text\n')]), copy)
      const from = performance.now()
      for (const value of [1, 2, 3]) await tx`select ${value}::integer`
      milliseconds.push(performance.now() - from)
    })
  }
  // Nagle's algorithm made each page wait for 40.
  const sorted = milliseconds.sort((one, other) => one - other)
  assert.ok((sorted[4] ?? Infinity) < 35, `${sorted.map(Math.round)} ms`)
})

test('when the first host is away, the next one is used', async () => {
  const { hostname, port, pathname, username, password } = new URL(url)
  const sql = openDatabase(`postgres://${username}:${password}@127.0.0.1:1,${hostname}:${port}${pathname}`, { max: 1 })
  after(() => sql.end())
  assert.equal((await sql`select 1`).length, 1)
})

test('a database that can’t be reached says so at once, each time it is asked', { timeout: 20_000 }, async () => {
  const sql = openDatabase('postgres://nobody@127.0.0.1:1/nothing', { max: 1 })
  after(() => sql.end())
  for (let n = 0; n < 3; n++) await assert.rejects(sql`select 1`, { code: 'ECONNREFUSED' })
})
