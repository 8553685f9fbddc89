import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { signIns } from '../org/test-org.ts'
import { decodeReplayId, encodeReplayId, RETENTION_MS } from './event-log.ts'
import { headers, makeBench } from './test-bus.ts'

const HOUR_MS = 3_600_000

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
