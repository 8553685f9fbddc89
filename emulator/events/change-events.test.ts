import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Emulator } from '../app.ts'
import { PlannedFaults } from '../faults.ts'
import type { Commit } from '../org/model.ts'
import { signIns } from '../org/test-org.ts'
import { ApiUsage } from '../rest/usage.ts'
import { decodeBody } from './event-body.ts'
import { EventBus } from './event-bus.ts'
import { headers, makeBench } from './test-bus.ts'

test('a case made, changed, deleted and restored tells of itself each time', (t) => {
  const { emulator, read } = makeBench(t)
  const { org } = emulator
  const { admin, agent } = signIns(org)
  const origin = 'com/salesforce/api/rest/67.0;client=desk'
  const id = org.create(admin.userId, 'Case', { Subject: 'No power', Priority: 'High' }, { origin })
  org.update(agent.userId, 'Case', id, { Subject: 'No power since noon', Priority: null })
  org.delete(admin.userId, 'Case', id)
  org.undelete(admin.userId, 'Case', id)
  org.delete(admin.userId, 'Case', id)
  org.emptyRecycleBin(admin.userId, [id])

  const events = read('/data/CaseChangeEvent')
  const told = headers(events).map(({ changeType, changedFields }) => [changeType, changedFields.toSorted()])
  assert.deepEqual(told, [
    ['CREATE', []],
    ['UPDATE', ['LastModifiedById', 'LastModifiedDate', 'Priority', 'Subject']],
    ['DELETE', []],
    ['UNDELETE', []],
    // Emptying the recycle bin is no news.
    ['DELETE', []],
  ])
  const [created, updated, deleted, restored] = events
  assert.equal(created?.header?.changeOrigin, origin)
  assert.deepEqual(created?.header?.recordIds, [id])
  assert.equal(created?.header?.commitUser, admin.userId)
  assert.equal(created?.values.Subject, 'No power')
  assert.equal(created?.values.CreatedById, admin.userId)
  assert.ok(created?.values.CaseNumber)
  assert.deepEqual(Object.keys(updated?.values ?? {}).toSorted(), ['LastModifiedById', 'LastModifiedDate', 'Subject'])
  assert.deepEqual(updated?.header?.nulledFields, ['Priority'])
  assert.deepEqual(deleted?.values, {})
  assert.equal(restored?.values.Subject, 'No power since noon')
})

test('a record that is deleted for good at once tells so', (t) => {
  const { emulator, read } = makeBench(t)
  const { org } = emulator
  const { admin } = signIns(org)
  const id = org.create(admin.userId, 'Case', { Subject: 'No trace' })
  org.hardDelete(admin.userId, 'Case', id)
  assert.deepEqual(
    headers(read('/data/CaseChangeEvent')).map(({ changeType }) => changeType),
    ['CREATE', 'DELETE'],
  )
})

test('an update names exactly the fields whose values it changed', (t) => {
  const { emulator, read } = makeBench(t)
  const { org } = emulator
  const { admin } = signIns(org)
  const id = org.create(admin.userId, 'Contact', { LastName: 'Byron', FirstName: 'Ada', MailingCity: 'London' })
  org.update(admin.userId, 'Contact', id, { FirstName: 'Augusta', LastName: 'Byron', MailingCity: null, Title: 'Dr' })
  const { header, values } = read('/data/ContactChangeEvent')[1] ?? {}
  assert.deepEqual(header?.changedFields.toSorted(), [
    'LastModifiedDate',
    'MailingAddress.City',
    'Name.FirstName',
    'Title',
  ])
  assert.deepEqual(header?.nulledFields, ['MailingAddress.City'])
  assert.deepEqual(Object.keys(values ?? {}).toSorted(), ['FirstName', 'LastModifiedDate', 'Title'])
})

test('equal changes in one transaction are one event, others follow in order under one key', (t) => {
  const { emulator, read } = makeBench(t)
  const { org } = emulator
  const { admin } = signIns(org)
  const ids = [1, 2, 3].map((number) => org.create(admin.userId, 'Account', { Name: `Roof ${number}` }))
  const [first = '', second = '', third = ''] = ids
  org.transaction(() => {
    for (const id of [first, second]) org.update(admin.userId, 'Account', id, { Industry: 'Energy' })
    org.update(admin.userId, 'Account', third, { Industry: 'Utilities' })
  })
  const told = headers(read('/data/ChangeEvents')).slice(3)
  assert.deepEqual(
    told.map(({ recordIds, sequenceNumber }) => ({ recordIds, sequenceNumber })),
    [
      { recordIds: [first, second], sequenceNumber: 1 },
      { recordIds: [third], sequenceNumber: 2 },
    ],
  )
  assert.equal(new Set(told.map(({ transactionKey }) => transactionKey)).size, 1)
})

test('of a record that goes back and forth in one transaction, the last value is told last', (t) => {
  const { emulator, bus, read } = makeBench(t)
  const { org } = emulator
  const { admin } = signIns(org)
  const id = org.create(admin.userId, 'Account', { Name: 'Undecided', Industry: 'Energy' })
  const after = bus.log.tip()
  org.transaction(() => {
    for (const Industry of ['Utilities', 'Energy', 'Utilities']) org.update(admin.userId, 'Account', id, { Industry })
  })
  const told = read('/data/AccountChangeEvent', { after })
  assert.equal(told.at(-1)?.values.Industry, 'Utilities')
  assert.equal(told.length, 3)
})

test('a lead conversion is one transaction, in the order that Salesforce documents', (t) => {
  // https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_event_fields_header.htm
  const { emulator, bus, read } = makeBench(t)
  const { org } = emulator
  const { admin } = signIns(org)
  bus.catalog.selectEntities(['Account', 'Contact', 'Opportunity', 'Lead'])
  const leadId = org.create(admin.userId, 'Lead', { LastName: 'Sun', Company: 'Sun & Sons' })
  const after = bus.log.tip()
  org.convertLead(admin.userId, { leadId, convertedStatus: convertedStatus(emulator) })
  const told = headers(read('/data/ChangeEvents', { after }))
  assert.deepEqual(
    told.map(({ entityName, changeType, sequenceNumber }) => `${sequenceNumber} ${changeType} ${entityName}`),
    ['1 CREATE Account', '2 CREATE Contact', '3 CREATE Opportunity', '4 UPDATE Lead'],
  )
  assert.equal(new Set(told.map(({ transactionKey }) => transactionKey)).size, 1)
})

function convertedStatus({ org }: Emulator): string {
  const { admin } = signIns(org)
  const { rows } = org.query(admin, 'SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true', { all: false })
  return String([...rows()][0]?.[0])
}

test('a person account tells of itself twice: as an account and as a contact', (t) => {
  const bench = makeBench(t, { settings: { personAccounts: true } })
  const { org } = bench.emulator
  const { admin } = signIns(org)
  const soql = "SELECT Id FROM RecordType WHERE SobjectType = 'Account' AND DeveloperName = 'PersonAccount'"
  const [[RecordTypeId = null] = []] = org.query(admin, soql, { all: false }).rows()
  assert.ok(typeof RecordTypeId === 'string')
  const id = org.create(admin.userId, 'Account', { FirstName: 'Ada', LastName: 'Byron', RecordTypeId })
  org.update(admin.userId, 'Account', id, { FirstName: 'Augusta', PersonEmail: 'ada@byron.example' })
  const told = headers(bench.read('/data/ChangeEvents')).map(({ changeType, entityName, changedFields }) => [
    `${changeType} ${entityName}`,
    ...changedFields.toSorted(),
  ])
  assert.deepEqual(told, [
    ['CREATE Account'],
    ['CREATE Contact'],
    ['UPDATE Account', 'LastModifiedDate', 'Name.FirstName', 'PersonEmail'],
    ['UPDATE Contact', 'Email', 'LastModifiedDate', 'Name.FirstName'],
  ])
  assert.ok(bench.read('/data/AccountChangeEvent')[0]?.values.PersonContactId)
})

test('gap and overflow faults replace the next event of the object', (t) => {
  const { emulator, faults, read } = makeBench(t)
  const { org } = emulator
  const { admin } = signIns(org)
  faults.add({ when: { object: 'Case' }, do: { fault: 'gap' } })
  org.create(admin.userId, 'Account', { Name: 'Whole' })
  const id = org.create(admin.userId, 'Case', { Subject: 'Lost' })
  faults.add({ do: { fault: 'overflow' } })
  org.update(admin.userId, 'Case', id, { Subject: 'Lost again' })
  const told = headers(read('/data/ChangeEvents')).map(({ changeType, recordIds }) => [changeType, recordIds.length])
  assert.deepEqual(told, [
    ['CREATE', 1],
    ['GAP_CREATE', 1],
    ['GAP_OVERFLOW', 0],
  ])
})

test('an event above 1 MB comes as a gap', (t) => {
  const { emulator, read } = makeBench(t)
  const { org } = emulator
  const { admin } = signIns(org)
  const longest = (name: string) =>
    'x'.repeat(org.getObject(admin, 'EmailMessage').fields.find((field) => field.name === name)?.length ?? 0)
  const bodies = { HtmlBody: longest('HtmlBody'), TextBody: longest('TextBody') }
  assert.ok(bodies.HtmlBody.length < 1_048_576)
  const subject = { Subject: 'Large', Status: '3', ...bodies }
  org.create(admin.userId, 'EmailMessage', subject)
  const [header] = headers(read('/data/EmailMessageChangeEvent'))
  const isLarge = bodies.HtmlBody.length + bodies.TextBody.length > 1_048_576
  assert.equal(header?.changeType, isLarge ? 'GAP_CREATE' : 'CREATE')
})

test('more than 100,000 changes in one transaction end in one overflow event for each object', (t) => {
  const { emulator, bus, read } = makeBench(t)
  const { admin } = signIns(emulator.org)
  let tell: ((commit: Commit) => void) | undefined
  const org = {
    ...emulator.org,
    users: emulator.org.users,
    now: emulator.org.now,
    onCommit: (listener: typeof tell) => {
      tell = listener
      return () => undefined
    },
  }
  const other = new EventBus({ org, faults: new PlannedFaults(() => 1), usage: new ApiUsage(1, org.now) })
  const change = { kind: 'delete', byUserId: admin.userId, at: org.now() } as const
  const changes = Array.from({ length: 100_002 }, (_, index) => ({
    ...change,
    objectName: index === 100_001 ? 'Contact' : 'Case',
    id: `5005f${String(index).padStart(10, '0')}AAA`,
  }))
  tell?.({ at: org.now(), key: 'key', byUserId: admin.userId, origin: '', changes })
  const topic = other.catalog.findTopic('/data/ChangeEvents')
  assert.ok(topic)
  const { events } = other.read(admin, topic, { after: other.log.earliest, most: 1000 })
  const told = events.map(({ schema, payload }) => decodeBody(schema, payload).header)
  assert.equal(told.flatMap((header) => header?.recordIds ?? []).length, 100_000)
  assert.deepEqual(
    told.slice(-2).map((header) => [header?.entityName, header?.changeType, header?.recordIds]),
    [
      ['Case', 'GAP_OVERFLOW', []],
      ['Contact', 'GAP_OVERFLOW', []],
    ],
  )
  assert.deepEqual(read('/data/ChangeEvents'), [])
  assert.ok(bus !== other)
})

test('a change that shows itself late is told when it does', (t) => {
  const bench = makeBench(t)
  const { org } = bench.emulator
  const { admin } = signIns(org)
  org.create(admin.userId, 'Case', { Subject: 'Slow' }, { visibleAfterMs: 5000 })
  assert.deepEqual(bench.read('/data/CaseChangeEvent'), [])
  const stamped = bench.clock
  bench.clock += 6000
  org.findRecord(admin, 'Case', '500000000000000AAA')
  const [event] = bench.read('/data/CaseChangeEvent')
  assert.equal(event?.header?.commitTimestamp, Math.floor((stamped + 5000) / 1000) * 1000)
  assert.equal(event?.values.CreatedDate, Math.floor(stamped / 1000) * 1000)
})
