import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncTest } from '../../test/sync.ts'
import { listJobs } from '../store/run-streams.ts'
import { findRun } from '../store/runs.ts'
import { listStreams } from '../store/streams.ts'

const { sql, emulator, clock, addIntegration } = await openSyncTest({ scale: 0.2 })
const dayMs = 86_400_000
const [admin] = emulator.org.users
assert.ok(admin)

/** Changes an account, and with it what a formula on its cases shows. */
function changeLevel(rows: readonly Record<string, unknown>[]): void {
  assert.ok(admin)
  const accountId = String(rows.find((row) => row.accountid !== null)?.accountid)
  const level = emulator.org.findRecord(admin, 'Account', accountId)?.Service_Level__c
  emulator.org.update(admin.userId, 'Account', accountId, { Service_Level__c: level === 'Gold' ? 'Silver' : 'Gold' })
}

for (const [way, sizes] of [
  ['REST', { bulkFrom: 1_000_000, recordsPerPage: 1_000 }],
  ['Bulk jobs', { bulkFrom: 50, recordsPerPage: 100 }],
] as const) {
  test(`formulas and roll-ups that no time stamp tells of are right again a day later, read by ${way}`, {
    timeout: 60_000,
  }, async () => {
    for (const capability of ['helpdesk', 'crm'] as const) {
      const integration = await addIntegration({ capability })
      await integration.run({ sizes })
      changeLevel(await integration.rows(capability === 'helpdesk' ? 'Case' : 'Opportunity'))
      clock.now += 60_000
      await integration.run({ trigger: 'schedule', sizes })
      assert.deepEqual((await integration.compare({ exceptCalculated: true })).differences, [])
      if (capability === 'helpdesk') assert.notDeepEqual((await integration.compare()).differences, [])

      clock.now += dayMs
      const runId = await integration.queue('schedule')
      assert.deepEqual(await integration.attempt(runId, { sizes }), { state: 'finished' })
      assert.deepEqual((await integration.compare()).differences, [])
      // Not again before the next day.
      clock.now += 60_000
      const next = await integration.queue('schedule')
      await integration.attempt(next, { sizes })
      assert.equal((await findRun(sql, next))?.apiCalls, 1)
    }
  })
}

test('a refresh that is cut off starts again in the next attempt, and leaves no job at Salesforce', {
  timeout: 60_000,
}, async () => {
  const sizes = { bulkFrom: 50, recordsPerPage: 100 }
  const integration = await addIntegration()
  await integration.run({ sizes })
  changeLevel(await integration.rows('Case'))
  clock.now += dayMs + 60_000
  const runId = await integration.queue('schedule')
  for (const death of ['job-started', 'page-landed'] as const) {
    const died = await integration.attempt(runId, {
      sizes,
      onStep(step) {
        if (step === death) throw Object.assign(new Error('died'), { code: 'ECONNRESET' })
      },
    })
    assert.equal(died?.state, 'waiting')
    clock.now += 3_600_000
    await sql`update loopline.runs set retry_at = now() where id = ${runId}`
  }
  assert.deepEqual(await integration.attempt(runId, { sizes }), { state: 'finished' })
  assert.deepEqual((await integration.compare({ exceptCalculated: true })).differences, [])
  assert.equal((await listJobs(sql, { id: runId, integrationId: integration.id })).length, 0)
  const streams = await listStreams(sql, integration.id)
  const read = streams.find(({ objectName }) => objectName === 'Case')?.fullReadAt
  assert.ok(read && read.getTime() > clock.now - dayMs)
})

test('pulled by created time, formulas stay as they were pulled', { timeout: 60_000 }, async () => {
  const integration = await addIntegration({ pullBy: 'created' })
  await integration.run()
  const before = await integration.rows('Case')
  changeLevel(before)
  clock.now += dayMs + 60_000
  await integration.run({ trigger: 'schedule' })
  const after = new Map((await integration.rows('Case')).map((row) => [row.id, row]))
  for (const row of before) assert.deepEqual(after.get(row.id), row)
})
