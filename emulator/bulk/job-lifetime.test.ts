import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createEmulator } from '../app.ts'
import { PlannedFaults } from '../faults.ts'
import { ApiUsage } from '../rest/usage.ts'
import { adminOf, jsonOf, ORIGIN } from '../test-browser.ts'
import { asyncClient } from './async-client.ts'
import { bulkClient } from './bulk-client.ts'
import { BulkJobs } from './jobs.ts'

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

/** Jobs without requests: work begins with the next turn of the event loop, and not before the test lets go. */
function openJobs(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'bulk-lifetime-'))
  const usage = new ApiUsage(1000, () => clock.ms)
  const jobs = new BulkJobs({ org: emulator.org, faults: new PlannedFaults(() => 0), usage }, folder)
  t.after(async () => {
    await jobs.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const admin = adminOf(emulator)
  const dialect = { columnDelimiter: 'COMMA', lineEnding: 'LF' } as const
  const target = { operation: 'insert', externalIdFieldName: null, assignmentRuleId: null, version: 67 } as const
  return {
    jobs,
    async upload(csv: string) {
      const job = jobs.ingests.create(admin, { ...target, ...dialect, object: 'Contact' })
      await jobs.ingests.upload(job, new Response(csv).body, undefined)
      return job
    },
    ask: () =>
      jobs.queries.create(admin, { ...dialect, operation: 'query', query: 'SELECT Id FROM Case', version: 67 }),
    openClassic: () =>
      jobs.classics.create(admin, {
        ...target,
        objectName: 'Contact',
        contentType: 'CSV',
        concurrencyMode: 'Parallel',
        pkChunking: null,
      }),
  }
}

async function untilEnd(work: { readonly state: string }): Promise<void> {
  while (['Queued', 'UploadComplete', 'InProgress'].includes(work.state)) await nextTurn()
}

test('a job that is deleted while it waits is never begun, and the next one is', { timeout: 30_000 }, async (t) => {
  const { jobs, upload } = openJobs(t)
  const [deleted, next] = [await upload(rows('Deleted', 5)), await upload(rows('Next', 5))]
  jobs.ingests.close(deleted)
  jobs.ingests.delete(deleted)
  jobs.ingests.close(next)
  await untilEnd(next)
  assert.equal(next.state, 'JobComplete')
  assert.deepEqual([namesOf('Deleted'), namesOf('Next')], [0, 5])
})

test('a clock that jumps over a week leaves jobs that wait or work alone, and takes those that have ended', {
  timeout: 30_000,
}, async (t) => {
  const { jobs, upload, ask, openClassic } = openJobs(t)
  const ended = ask()
  await untilEnd(ended)
  const ingest = await upload(rows('Jumped', 450))

  jobs.ingests.close(ingest)
  const query = ask()
  const classic = openClassic()
  const batches = [1, 2, 3].map(() => jobs.classics.addBatch(classic, rows('Classic', 250)))
  clock.ms += 8 * DAY_MS
  const kept = jobs.store.list().map(({ id }) => id)
  assert.deepEqual(kept, [ingest.id, query.id, classic.id])

  for (const work of [ingest, query, ...batches]) await untilEnd(work)
  assert.deepEqual([ingest.state, ingest.recordsProcessed, query.state], ['JobComplete', 450, 'JobComplete'])
  assert.deepEqual(
    batches.map(({ state }) => state),
    Array(3).fill('Completed'),
  )
  assert.deepEqual([namesOf('Jumped'), namesOf('Classic')], [450, 750])
  clock.ms += 8 * DAY_MS
  assert.deepEqual(jobs.store.list(), [])
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
