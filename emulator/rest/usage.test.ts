import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createEmulator } from '../app.ts'
import { adminOf, jsonOf, ORIGIN } from '../test-browser.ts'
import { LIMITS } from './limit-names.ts'
import { testOrg } from './test-calls.ts'
import { ApiUsage } from './usage.ts'

const HOUR = 3_600_000

test('what was taken of an allocation is free again when its time is over', () => {
  const clock = { ms: Date.UTC(2026, 10, 1, 12, 30) }
  const usage = new ApiUsage(10, () => clock.ms)
  assert.ok(usage.take('HourlyPublishedPlatformEvents', 40_000))
  assert.ok(usage.take('DailyBulkV2QueryJobs', 3))
  assert.equal(usage.take('HourlyPublishedPlatformEvents', 20_000), false)
  assert.equal(usage.remaining('HourlyPublishedPlatformEvents'), 10_000)
  clock.ms += HOUR
  assert.equal(usage.remaining('HourlyPublishedPlatformEvents'), 50_000)
  assert.equal(usage.remaining('DailyBulkV2QueryJobs'), 9997)
  clock.ms += 23 * HOUR
  assert.equal(usage.remaining('DailyBulkV2QueryJobs'), 10_000)
})

test('what was used is still used after a restart, and free when its day is over', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-org-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const clock = { ms: Date.UTC(2026, 10, 1, 12) }
  const restart = () => createEmulator({ origin: ORIGIN, now: () => clock.ms, dataDir, scale: 0.1 })
  const first = restart()
  const headers = { authorization: `Bearer ${first.issueToken(adminOf(first).username)}` }
  await first.fetch(`${ORIGIN}/services/data/v67.0/limits`, { headers })
  await first.close()
  const second = restart()
  assert.equal(second.apiCallsUsed(), 1)
  clock.ms += 24 * HOUR
  assert.equal(second.apiCallsUsed(), 0)
  await second.close()
})

const { call, get, failure, create, emulator } = testOrg()

test('/limits lists every allocation, and counts down what was used', async () => {
  const before = await get('limits')
  assert.deepEqual(Object.keys(before), Object.keys(LIMITS))
  const body = { operation: 'query', query: 'SELECT Id FROM Account' }
  await get('jobs/query', 200, { method: 'POST', body })
  const after = await get('limits')
  assert.equal(after.DailyBulkV2QueryJobs.Remaining, before.DailyBulkV2QueryJobs.Remaining - 1)
  assert.equal(after.DailyApiRequests.Remaining, before.DailyApiRequests.Remaining - 2)
})

const control = (path: string, body: object) =>
  emulator.fetch(`${ORIGIN}/_control/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })

test('an app with a quota of its own is told of it, and stopped by it', async () => {
  await control('app-quota', { app: 'Loopline', max: 2 })
  const response = await call('limits')
  assert.match(
    response.headers.get('sforce-limit-info') ?? '',
    /^api-usage=\d+\/130000; per-app-api-usage=1\/2\(appName=Loopline\)$/,
  )
  assert.deepEqual((await jsonOf(response)).DailyApiRequests.Loopline, { Max: 2, Remaining: 1 })
  assert.equal((await call('sobjects')).status, 200)
  assert.deepEqual(await failure('sobjects'), [403, 'REQUEST_LIMIT_EXCEEDED'])
  await control('app-quota', { app: 'Loopline', max: null })
  assert.match((await call('limits')).headers.get('sforce-limit-info') ?? '', /^api-usage=\d+\/130000$/)
})

test('records and files take storage', async () => {
  const before = await get('limits')
  const ParentId = await create('Case', { Subject: 'Takes room' })
  await create('Attachment', { Name: 'a', ParentId, Body: Buffer.alloc(2_500_000).toString('base64') })
  const after = await get('limits')
  assert.equal(after.DataStorageMB.Remaining, before.DataStorageMB.Remaining - 1)
  assert.equal(after.FileStorageMB.Remaining, before.FileStorageMB.Remaining - 3)
})

test('an allocation can be made to end', async () => {
  const response = await control('limits', { limit: 'DailyBulkV2QueryJobs', max: 1, used: 1 })
  assert.deepEqual(await response.json(), { Max: 1, Remaining: 0 })
  const job = { operation: 'query', query: 'SELECT Id FROM Account' }
  assert.deepEqual(await failure('jobs/query', { method: 'POST', body: job }), [400, 'LIMIT_EXCEEDED'])
})
