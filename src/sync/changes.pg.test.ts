import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startLive } from '../../emulator/org/live.ts'
import { openSyncTest } from '../../test/sync.ts'
import { findRun } from '../store/runs.ts'
import { listStreams } from '../store/streams.ts'

const { sql, emulator, clock, addIntegration } = await openSyncTest({ scale: 0.2 })
const live = startLive(emulator.org, { changesPerMinute: 0, seed: 7 })

/** Life goes on in the org: so many changes, half a minute apart. */
function liveOn(steps: number): void {
  for (let n = 0; n < steps; n++) {
    clock.now += 30_000
    live.step()
  }
  clock.now += 30_000
}

for (const capability of ['helpdesk', 'crm', 'content'] as const) {
  test(`after each later run, ${capability} equals the org again, but for formulas`, { timeout: 120_000 }, async () => {
    const integration = await addIntegration({ capability })
    await integration.run()
    for (const steps of [120, 200]) {
      liveOn(steps)
      assert.deepEqual(await integration.run({ trigger: 'schedule' }), { state: 'finished' })
      assert.deepEqual((await integration.compare({ exceptCalculated: true })).differences, [])
    }
  })
}

test('a run in which nothing changed takes one API call and changes no row', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  await integration.run()
  clock.now += 3_600_000 / 2
  const runId = await integration.queue('schedule')
  await integration.attempt(runId)
  const run = await findRun(sql, runId)
  assert.equal(run?.state, 'finished')
  assert.equal(run.kind, 'incremental')
  assert.equal(run.apiCalls, 1)
  assert.equal(
    run.objects.reduce((sum, object) => sum + object.rowsChanged, 0),
    0,
  )
  assert.ok(run.objects.every((object) => object.state === 'finished'))
})

test('pulled by created time, later runs add what is new and leave what is here as it was', {
  timeout: 60_000,
}, async () => {
  const integration = await addIntegration({ pullBy: 'created' })
  await integration.run()
  const before = await integration.rows('Case')
  liveOn(150)
  await integration.run({ trigger: 'schedule' })
  const after = await integration.rows('Case')
  const known = new Set(before.map((row) => row.id))
  assert.deepEqual(
    after.filter((row) => known.has(row.id)),
    before,
  )
  const [admin] = emulator.org.users
  assert.ok(admin)
  const all = emulator.org.query(admin, 'SELECT Id FROM Case', { all: true })
  assert.equal(after.length, all.totalSize)
  assert.ok(after.length > before.length)
})

test('only records from the start date on are pulled, but people and companies are complete', {
  timeout: 60_000,
}, async () => {
  const pullFrom = new Date(clock.now - 100 * 86_400_000)
  const integration = await addIntegration({ pullFrom })
  await integration.run()
  const recent = `SystemModstamp >= ${pullFrom.toISOString()}`
  const windowed = ['Case', 'CaseComment', 'EmailMessage', 'FeedItem', 'Attachment']
  const filters = Object.fromEntries(windowed.map((name) => [name, recent]))
  const { differences } = await integration.compare({
    filters: { ...filters, CaseHistory: `CreatedDate >= ${pullFrom.toISOString()}` },
  })
  assert.deepEqual(differences, [])
})

test('a record that became visible after its own time stamp still arrives', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  await integration.run()
  const [stream] = (await listStreams(sql, integration.id)).filter(({ objectName }) => objectName === 'Case')
  const checkpoint = stream?.checkpoint
  assert.ok(checkpoint)
  // Written while the last window was read, with a stamp from before its end.
  const [admin] = emulator.org.users
  assert.ok(admin)
  const later = clock.now
  clock.now = checkpoint.getTime() - 5 * 60_000
  const id = emulator.org.create(admin.userId, 'Case', { Subject: 'Committed late' })
  clock.now = later + 900_000
  await integration.run({ trigger: 'schedule' })
  const [row] = await sql.unsafe(
    `select subject from "${(await integration.get()).schemaName}".sf_case where id = $1`,
    [id],
  )
  assert.equal(row?.subject, 'Committed late')
})
