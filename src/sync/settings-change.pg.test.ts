import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncTest, type TestIntegration } from '../../test/sync.ts'
import { changeIntegration, type IntegrationChanges } from '../store/integrations.ts'
import { findRun } from '../store/runs.ts'
import { applySettingsChange, describeSettingsChange } from './settings-change.ts'

const { sql, emulator, clock, addIntegration } = await openSyncTest({ scale: 0.1 })
const [admin] = emulator.org.users
assert.ok(admin)

async function change(integration: TestIntegration, changes: IntegrationChanges): Promise<string[]> {
  const before = await integration.get()
  return sql.begin(async (tx) => {
    const after = await changeIntegration(tx, before.id, changes)
    await applySettingsChange(tx, before, after)
    return describeSettingsChange(before, after)
  }) as Promise<string[]>
}

test('an earlier start date brings the older records, and loses none', { timeout: 60_000 }, async () => {
  const integration = await addIntegration({ pullFrom: new Date(clock.now - 30 * 86_400_000) })
  await integration.run()
  const few = (await integration.rows('Case')).length
  assert.match((await change(integration, { pullFrom: null })).join(), /new start date/)
  await integration.run({ trigger: 'schedule' })
  assert.ok((await integration.rows('Case')).length > few)
  assert.deepEqual((await integration.compare()).differences, [])
})

test('an earlier start date counts for a run that is under way, too', { timeout: 60_000 }, async () => {
  const integration = await addIntegration({ pullFrom: new Date(clock.now - 30 * 86_400_000) })
  const runId = await integration.queue()
  let changed: Promise<unknown> | undefined
  const sizes = { bulkFrom: 10, recordsPerPage: 100_000 }
  const onStep = (step: string, objectName?: string) => {
    if (step === 'stream-tended' && objectName === 'CaseStatus') changed = change(integration, { pullFrom: null })
  }
  assert.equal(await integration.attempt(runId, { sizes, onStep }), undefined)
  await changed
  assert.equal((await findRun(sql, runId))?.state, 'queued')
  assert.deepEqual(await integration.attempt(runId, { sizes }), { state: 'finished' })
  assert.deepEqual((await integration.compare()).differences, [])
})

test('from created to updated time, what changed since it was pulled arrives', { timeout: 60_000 }, async () => {
  const integration = await addIntegration({ pullBy: 'created' })
  await integration.run()
  const id = String((await integration.rows('Case'))[0]?.id)
  clock.now += 60_000
  emulator.org.update(admin.userId, 'Case', id, { Subject: 'Edited since' })
  clock.now += 3_600_000
  await integration.run()
  assert.match((await change(integration, { pullBy: 'updated' })).join(), /once more/)
  await integration.run()
  assert.deepEqual((await integration.compare()).differences, [])
})

test('another capability brings its objects, and its records appear', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  await integration.run()
  assert.match((await change(integration, { capability: 'crm' })).join(), /Opportunities, Leads, .* are pulled in full/)
  clock.now += 60_000
  await integration.run({ trigger: 'schedule' })
  assert.deepEqual((await integration.compare()).differences, [])
  const { schemaName } = await integration.get()
  assert.ok((await sql.unsafe(`select 1 from "${schemaName}".deals limit 1`)).length === 1)
  assert.ok((await integration.rows('Case')).length > 0)
})

test('a change that means nothing for the records says nothing', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  assert.deepEqual(await change(integration, { name: `Another ${integration.id}`, syncEveryMinutes: 60 }), [])
})

test('a shorter interval brings the next run forward', async () => {
  const integration = await addIntegration()
  await changeIntegration(sql, integration.id, { nextRunAt: new Date(Date.now() + 86_400_000) })
  await change(integration, { syncEveryMinutes: 5 })
  const { nextRunAt } = await integration.get()
  assert.ok(nextRunAt && nextRunAt.getTime() < Date.now() + 6 * 60_000)
})
