import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { adminOf, jsonOf, ORIGIN } from '../test-browser.ts'
import { asyncClient } from './async-client.ts'
import { bulkClient, codeOf } from './bulk-client.ts'

const clock = { ms: Date.UTC(2026, 10, 1) }
const emulator = createEmulator({ origin: ORIGIN, scale: 0.1, now: () => clock.ms })
after(() => emulator.close())
const { username } = adminOf(emulator)
const contacts = { object: 'Contact', operation: 'insert' }
const DAY_MS = 86_400_000

function namesOf(prefix: string): number {
  const soql = `SELECT COUNT() FROM Contact WHERE LastName LIKE '${prefix} %'`
  return emulator.org.query(adminOf(emulator), soql, { all: true }).totalSize
}

const rows = (prefix: string, count: number) =>
  `LastName\n${Array.from({ length: count }, (_, n) => `${prefix} ${n}`).join('\n')}\n`

test('a job that is deleted while it waits is never begun, and the next one is', async () => {
  const bulk = bulkClient(emulator, username)
  const waiting = await bulk.open(contacts)
  await bulk.put(waiting.id, rows('Deleted', 5))
  await bulk.patch(`ingest/${waiting.id}`, 'UploadComplete')
  assert.equal((await bulk.call(`ingest/${waiting.id}`, { method: 'DELETE' })).status, 204)
  assert.equal((await bulk.load(contacts, rows('Next', 5))).state, 'JobComplete')
  assert.deepEqual([namesOf('Deleted'), namesOf('Next')], [0, 5])
})

test('a clock that jumps over a week leaves jobs that wait or work alone, and takes those that have ended', async () => {
  const before = bulkClient(emulator, username)
  const query = JSON.stringify({ operation: 'query', query: 'SELECT Id FROM Case' })
  const ask = async () => jsonOf(await before.call('query', { method: 'POST', body: query }))
  const ended = await before.load(contacts, rows('Ended', 1))
  const answered = await ask()
  await before.wait(`query/${answered.id}`)
  const ingest = await before.open(contacts)
  await before.put(ingest.id, rows('Jumped', 450))
  const asked = await ask()
  const classic = asyncClient(emulator, username)
  const classicJob = await classic.open({ ...contacts, contentType: 'CSV' })
  for (let batch = 0; batch < 3; batch += 1) {
    await classic.post(`/${classicJob}/batch`, 'text/csv', rows('Classic', 250))
  }
  await before.patch(`ingest/${ingest.id}`, 'UploadComplete')
  clock.ms += 8 * DAY_MS

  const bulk = bulkClient(emulator, username)
  for (const path of [`ingest/${ended.id}`, `query/${answered.id}/results`]) {
    assert.deepEqual(await codeOf(await bulk.call(path)), [404, 'NOT_FOUND'])
  }
  assert.equal((await bulk.wait(`ingest/${ingest.id}`)).numberRecordsProcessed, 450)
  assert.equal((await bulk.wait(`query/${asked.id}`)).state, 'JobComplete')
  const batches = await asyncClient(emulator, username).wait(classicJob)
  assert.deepEqual(
    batches.map(({ state, records }) => [state, records]),
    Array(3).fill(['Completed', 250]),
  )
  assert.deepEqual([namesOf('Jumped'), namesOf('Classic')], [450, 750])
})

test('a job that nobody closes fails after a day, alone and in lists, whatever API made it', async () => {
  const before = bulkClient(emulator, username)
  const { id } = await before.open(contacts)
  const classicId = await asyncClient(emulator, username).open({ ...contacts, contentType: 'JSON' })
  clock.ms += DAY_MS + 1
  const bulk = bulkClient(emulator, username)
  const { records } = await jsonOf(await bulk.call('ingest'))
  for (const job of [id, classicId]) {
    assert.equal(records.find((one: { id: string }) => one.id === job)?.state, 'Failed')
  }
  assert.match((await bulk.wait(`ingest/${id}`)).errorMessage ?? '', /^Timeout : /)
  const classic = asyncClient(emulator, username)
  const headers = { 'content-type': 'application/json' }
  assert.equal((await jsonOf(await classic.call(`/${classicId}`, { headers }))).state, 'Failed')
})
