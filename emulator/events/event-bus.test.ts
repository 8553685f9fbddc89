import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createEmulator, type Emulator } from '../app.ts'
import { PlannedFaults } from '../faults.ts'
import type { Commit } from '../org/model.ts'
import { ANCHOR, signIns } from '../org/test-org.ts'
import { ApiUsage } from '../rest/usage.ts'
import { type ChangeEventHeader, decodeBody, type EventBody } from './event-body.ts'
import { EventBus } from './event-bus.ts'
import { decodeReplayId, encodeReplayId, RETENTION_MS } from './event-log.ts'

const HOUR_MS = 3_600_000

interface Bench {
  readonly emulator: Emulator
  readonly bus: EventBus
  readonly faults: PlannedFaults
  readonly usage: ApiUsage
  clock: number
  /** What the administrator gets of a topic from its beginning, or after a position. */
  read(topicName: string, options?: { after?: number; username?: string }): (EventBody & { position: number })[]
}

/** A bus beside the emulator's own, so that a test can look inside. */
function makeBench(
  t: TestContext,
  { folder, settings }: { folder?: string; settings?: { personAccounts: boolean } } = {},
): Bench {
  let clock = ANCHOR + 60_000
  const now = () => clock
  const emulator = createEmulator({ origin: 'http://127.0.0.1:7466', scale: 0.1, anchor: ANCHOR, now, settings })
  const faults = new PlannedFaults(() => 0.5)
  const usage = new ApiUsage(1000, () => clock)
  const { org } = emulator
  const bus = new EventBus({ org, faults, usage, folder })
  t.after(async () => {
    bus.close()
    await emulator.close()
  })
  return {
    emulator,
    bus,
    faults,
    usage,
    get clock() {
      return clock
    },
    set clock(time) {
      clock = time
    },
    read(topicName, { after = bus.log.earliest, username } = {}) {
      const topic = bus.catalog.findTopic(topicName)
      assert.ok(topic, topicName)
      const viewer = org.users.find((user) => user.username === username) ?? signIns(org).admin
      return bus
        .read(viewer, topic, { after, most: 1000 })
        .events.map(({ schema, payload, position }) => ({ ...decodeBody(schema, payload), position }))
    },
  }
}

const headers = (bodies: readonly EventBody[]) => bodies.map(({ header }) => header as ChangeEventHeader)

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

test('a custom object has a topic of its own, and a schema that follows its fields', (t) => {
  const { emulator, bus, read } = makeBench(t)
  const { org } = emulator
  const { admin } = signIns(org)
  org.changeSchema({
    kind: 'add-object',
    object: 'Roof__c',
    definition: { keyPrefix: 'a7R', fields: { Area__c: { type: 'double', scale: 2 } } },
  })
  bus.catalog.selectEntities(['Roof__c'])
  const id = org.create(admin.userId, 'Roof__c', { Name: 'North', Area__c: 12.5 }, { asSystem: true })
  org.changeSchema({ kind: 'remove-field', object: 'Roof__c', field: 'Area__c' })
  org.update(admin.userId, 'Roof__c', id, { Name: 'South' }, { asSystem: true })
  const [created, updated] = read('/data/Roof__ChangeEvent')
  assert.equal(created?.header?.entityName, 'Roof__c')
  assert.equal(created?.values.Area__c, 12.5)
  assert.equal(updated?.values.Name, 'South')
  assert.notEqual(bus.findEventSchema('Roof__ChangeEvent')?.id, undefined)
})

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

test('objects that are not selected are silent, and five is the most without the add-on', (t) => {
  const { emulator, bus, read } = makeBench(t)
  const { org } = emulator
  const { admin } = signIns(org)
  org.create(admin.userId, 'Lead', { LastName: 'Quiet', Company: 'Nobody' })
  assert.equal(bus.catalog.findTopic('/data/LeadChangeEvent'), undefined)
  assert.throws(() => bus.catalog.selectEntities([...bus.catalog.settings.entities, 'Lead']), /at most 5/)
  assert.throws(() => bus.catalog.selectEntities(['CaseComment']), /isn't available for CaseComment/)
  bus.catalog.selectEntities(['Lead'])
  org.create(admin.userId, 'Lead', { LastName: 'Loud', Company: 'Somebody' })
  assert.deepEqual(
    read('/data/LeadChangeEvent').map(({ values }) => values.LastName),
    ['Loud'],
  )
})

test('a custom channel brings the events of its members', (t) => {
  const { emulator, bus, read } = makeBench(t)
  const { admin } = signIns(emulator.org)
  bus.catalog.putChannel({ name: 'Support__chn', members: ['Case', 'Contact'] })
  emulator.org.create(admin.userId, 'Account', { Name: 'Elsewhere' })
  emulator.org.create(admin.userId, 'Case', { Subject: 'Here' })
  assert.deepEqual(
    headers(read('/data/Support__chn')).map(({ entityName }) => entityName),
    ['Case'],
  )
})

test('who may not see all records of an object gets nothing of it; hidden fields are left out', (t) => {
  const { emulator, bus, read } = makeBench(t)
  const { org } = emulator
  const { admin, agent } = signIns(org)
  const id = org.create(admin.userId, 'Case', { Subject: 'Costly' })
  const topic = bus.catalog.findTopic('/data/CaseChangeEvent')
  assert.ok(topic && !bus.maySubscribe(agent, topic))
  assert.deepEqual(read('/data/ChangeEvents', { username: agent.username }), [])

  const before = bus.findTopicSchema(topic)?.id
  org.hideField(admin.userId, 'Case', 'Priority')
  const after = bus.log.tip()
  org.update(agent.userId, 'Case', id, { Priority: 'Low', Subject: 'Cheap' }, { asSystem: true })
  const [event] = read('/data/CaseChangeEvent', { after })
  assert.ok(!event?.header?.changedFields.includes('Priority'))
  assert.ok(event?.header?.changedFields.includes('Subject'))
  assert.equal(event?.values.Priority, undefined)
  assert.equal(bus.findTopicSchema(topic)?.id, before)
})

test('a new field gives the event a new schema, and old events keep theirs', (t) => {
  const { emulator, bus, read } = makeBench(t)
  const { org } = emulator
  const { admin } = signIns(org)
  const id = org.create(admin.userId, 'Case', { Subject: 'Before' })
  const topic = bus.catalog.findTopic('/data/CaseChangeEvent')
  assert.ok(topic)
  const old = bus.findTopicSchema(topic)
  const like = org.getObject(admin, 'Case').fields.find(({ name }) => name === 'Serial_Number__c')
  assert.ok(like && old)
  org.addField('Case', { ...like, name: 'Batch__c' })
  org.update(admin.userId, 'Case', id, { Batch__c: 'B-7' })
  const { events } = bus.read(admin, topic, { after: bus.log.earliest, most: 10 })
  const [first, second] = events
  assert.equal(first?.schema.id, old.id)
  assert.notEqual(second?.schema.id, old.id)
  assert.equal(second?.schema.id, bus.findTopicSchema(topic)?.id)
  assert.equal(bus.findSchema(old.id)?.name, 'CaseChangeEvent')
  assert.equal(read('/data/CaseChangeEvent')[1]?.values.Batch__c, 'B-7')
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

test('a position is good for three days; older, newer and made-up ones are not', (t) => {
  const bench = makeBench(t)
  const { emulator, bus } = bench
  const { admin } = signIns(emulator.org)
  emulator.org.create(admin.userId, 'Case', { Subject: 'First' })
  const [event] = bench.read('/data/CaseChangeEvent')
  assert.ok(event)
  assert.ok(bus.log.isValid(event.position))
  assert.equal(decodeReplayId(encodeReplayId(event.position)), event.position)
  // Some clients keep the number and give its eight bytes back.
  assert.equal(decodeReplayId(encodeReplayId(event.position).subarray(0, 8)), event.position)
  assert.equal(decodeReplayId(Buffer.from('abc')), undefined)
  assert.ok(!bus.log.isValid(event.position + 10_000_000))
  assert.ok(!bus.log.isValid(bus.log.earliest - 1))

  bench.clock += RETENTION_MS - HOUR_MS
  assert.ok(bus.log.isValid(event.position))
  const idle = bus.log.tip()
  bench.clock += 2 * HOUR_MS
  assert.ok(!bus.log.isValid(event.position))
  assert.ok(bus.log.isValid(idle))
  assert.deepEqual(bench.read('/data/CaseChangeEvent'), [])
})

test('events and what is selected are there again after a restart, whole lines only', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'events-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const before = makeBench(t, { folder })
  const { admin } = signIns(before.emulator.org)
  before.bus.catalog.selectEntities(['Case', 'Lead'])
  before.emulator.org.create(admin.userId, 'Case', { Subject: 'Kept' })
  before.bus.publish(admin, 'Order_Event__e', { City__c: 'Bern' })
  const [kept] = before.read('/data/CaseChangeEvent')
  assert.ok(kept)
  before.bus.close()

  const after = makeBench(t, { folder })
  assert.ok(after.bus.catalog.captures('Lead'))
  assert.deepEqual(after.read('/data/CaseChangeEvent'), [kept])
  assert.equal(after.read('/event/Order_Event__e')[0]?.values.City__c, 'Bern')
  assert.ok(after.bus.log.isValid(kept.position))
  after.emulator.org.create(admin.userId, 'Case', { Subject: 'New' })
  const [next] = after.read('/data/CaseChangeEvent', { after: kept.position })
  assert.equal(next?.values.Subject, 'New')
})

test('a platform event beyond the hourly allocation is refused, as are unknown and missing fields', (t) => {
  const { emulator, bus, usage } = makeBench(t)
  const { admin } = signIns(emulator.org)
  bus.catalog.putPlatformEvent({ name: 'Low_Ink__e', fields: { Printer__c: 'string' }, required: ['Printer__c'] })
  assert.throws(() => bus.publish(admin, 'Low_Ink__e', { Colour__c: 'red' }), { errorCode: 'INVALID_FIELD' })
  assert.throws(() => bus.publish(admin, 'Low_Ink__e', {}), { errorCode: 'REQUIRED_FIELD_MISSING' })
  assert.throws(() => bus.publish(admin, 'Nothing__e', {}), { errorCode: 'NOT_FOUND' })
  usage.setLimit('HourlyPublishedPlatformEvents', { max: 1 })
  assert.match(bus.publish(admin, 'Low_Ink__e', { Printer__c: 'P1' }).uuid, /^[0-9a-f-]{36}$/)
  assert.throws(() => bus.publish(admin, 'Low_Ink__e', { Printer__c: 'P2' }), { errorCode: 'LIMIT_EXCEEDED' })
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
