import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncTest } from '../../test/sync.ts'
import { findConnection } from '../store/connections.ts'
import { findRun } from '../store/runs.ts'
import { listStreams } from '../store/streams.ts'

const { sql, emulator, clock, addIntegration } = await openSyncTest({ scale: 0.1 })
const [admin, agent] = emulator.org.users
assert.ok(admin && agent)

const streamOf = async (integrationId: string, objectName: string) =>
  (await listStreams(sql, integrationId)).find((stream) => stream.objectName === objectName)

const priorityField = {
  name: 'Region__c',
  label: 'Region',
  type: 'string',
  length: 80,
  precision: 0,
  scale: 0,
  nillable: true,
  custom: true,
  createable: true,
  updateable: true,
  filterable: true,
  sortable: true,
  calculated: false,
  unique: false,
  externalId: false,
  nameField: false,
  htmlFormatted: false,
  autoNumber: false,
  defaultedOnCreate: false,
  restrictedPicklist: false,
  compoundFieldName: null,
  referenceTo: [],
  relationshipName: null,
  picklistValues: [],
} as const

test('the admin of an org is refused nothing', { timeout: 60_000 }, async () => {
  for (const capability of ['helpdesk', 'crm', 'content'] as const) {
    const integration = await addIntegration({ capability })
    await integration.run()
    const refused = (await listStreams(sql, integration.id)).filter((stream) => stream.state === 'refused')
    assert.deepEqual(
      refused.map((stream) => stream.objectName),
      [],
    )
    assert.equal((await findConnection(sql, integration.id))?.health, 'connected')
  }
})

test('objects that the user may not read are named with the permission they need; all others are complete', {
  timeout: 60_000,
}, async () => {
  const integration = await addIntegration({ capability: 'crm', username: agent.username })
  const runId = await integration.queue()
  assert.deepEqual(await integration.attempt(runId), { state: 'finished' })
  const lead = await streamOf(integration.id, 'Lead')
  assert.equal(lead?.state, 'refused')
  assert.equal(lead.failure?.kind, 'refused')
  assert.equal(lead.failure.objectName, 'Lead')
  assert.match(lead.failure.remedy ?? '', /“Read” and “View All” on Lead/)
  const run = await findRun(sql, runId)
  assert.equal(run?.objects.find((object) => object.objectName === 'Lead')?.state, 'refused')
  assert.equal(run.objects.find((object) => object.objectName === 'Contact')?.state, 'finished')
  const { records, differences } = await integration.compare()
  assert.deepEqual(differences, [])
  assert.ok(records > 100)
  assert.equal((await findConnection(sql, integration.id))?.health, 'degraded')
  // Views are there for what is refused, too: SQL that names them runs.
  const { schemaName } = await integration.get()
  assert.equal((await sql.unsafe(`select * from "${schemaName}".leads`)).length, 0)
})

test('an object that the user gets access to later is pulled in full', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  emulator.org.hideObject(admin.userId, 'CaseHistory')
  await integration.run()
  assert.equal((await streamOf(integration.id, 'CaseHistory'))?.state, 'refused')
  emulator.org.showObject(admin.userId, 'CaseHistory')
  clock.now += 60_000
  await integration.run()
  assert.equal((await streamOf(integration.id, 'CaseHistory'))?.state, 'live')
  assert.deepEqual((await integration.compare()).differences, [])
})

test('an object that is lost between two describes stops nothing else, and its rows stay', {
  timeout: 60_000,
}, async () => {
  const integration = await addIntegration()
  await integration.run()
  const before = (await integration.rows('FeedItem')).length
  emulator.org.hideObject(admin.userId, 'FeedItem')
  clock.now += 60_000
  assert.deepEqual(await integration.run({ trigger: 'schedule' }), { state: 'finished' })
  assert.equal((await streamOf(integration.id, 'FeedItem'))?.state, 'refused')
  assert.equal((await integration.rows('FeedItem')).length, before)
  emulator.org.showObject(admin.userId, 'FeedItem')
  clock.now += 60_000
  await integration.run()
  assert.deepEqual((await integration.compare()).differences, [])
})

test('a field that is hidden between two describes is named, and keeps what it had; shown again, it is filled', {
  timeout: 60_000,
}, async () => {
  const integration = await addIntegration()
  await integration.run()
  const before = await integration.rows('Case')
  emulator.org.hideField(admin.userId, 'Case', 'Origin')
  clock.now += 60_000
  const runId = await integration.queue('schedule')
  assert.deepEqual(await integration.attempt(runId), { state: 'finished' })
  assert.match((await findRun(sql, runId))?.notes.join(' ') ?? '', /No longer visible on Case: Origin\./)
  assert.deepEqual(
    (await integration.rows('Case')).map((row) => row.origin),
    before.map((row) => row.origin),
  )
  assert.deepEqual((await integration.compare()).differences, [])

  const id = String(before[0]?.id)
  emulator.org.update(agent.userId, 'Case', id, { Origin: 'Phone', Subject: 'Called' })
  emulator.org.showField(admin.userId, 'Case', 'Origin')
  clock.now += 60_000
  await integration.run()
  assert.deepEqual((await integration.compare()).differences, [])
})

for (const pullBy of ['updated', 'created'] as const) {
  test(`a new field appears by itself and is filled for old records (by ${pullBy})`, { timeout: 60_000 }, async () => {
    const integration = await addIntegration({ pullBy })
    await integration.run()
    const name = `Region_${pullBy}__c`
    emulator.org.addField('Case', { ...priorityField, name }, 'North')
    clock.now += 60_000
    const runId = await integration.queue()
    await integration.attempt(runId)
    assert.match((await findRun(sql, runId))?.notes.join(' ') ?? '', new RegExp(`New on Case: ${name}`))
    const values = new Set((await integration.rows('Case')).map((row) => row[name.toLowerCase()]))
    assert.deepEqual([...values], ['North'])
    assert.deepEqual((await integration.compare()).differences, [])
    const stream = await streamOf(integration.id, 'Case')
    assert.equal(stream?.state, 'live')
    assert.ok(stream.columns.every((column) => column.state === 'live'))
    const { schemaName } = await integration.get()
    const [ticket] = await sql.unsafe(`select custom from "${schemaName}".tickets limit 1`)
    assert.equal(ticket?.custom?.[name], 'North')
  })
}
