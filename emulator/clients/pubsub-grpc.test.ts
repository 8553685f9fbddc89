import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type ServiceError, status } from '@grpc/grpc-js'
import avro from 'avsc'
import type { Emulator } from '../app.ts'
import { serveEmulator } from '../serve.ts'
import { callPubSub, describeError, type FetchResponse, failure, next, untilEnd } from './pubsub-grpc.ts'
import { serveOrg } from './served-org.ts'

const CODES = 'sfdc.platform.eventbus.grpc.'
const CASES = '/data/CaseChangeEvent'
const ORDERS = '/event/Order_Event__e'

async function serveEvents(t: Parameters<typeof serveOrg>[0]) {
  const served = await serveOrg(t, { pubSubPort: 0 })
  const { emulator } = served
  const userId = emulator.org.users[0]?.userId ?? ''
  const createCase = (subject: string) => emulator.org.create(userId, 'Case', { Subject: subject })
  const control = (path: string, body: object = {}) =>
    fetch(`${served.origin}/_control/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
  return { ...served, createCase, control, caller: callPubSub(t, emulator) }
}

async function refusal(call: Promise<unknown>) {
  try {
    await call
  } catch (error) {
    return describeError(error as ServiceError)
  }
  assert.fail('The call was not refused')
}

test('a topic names its schema, and the schema says how to read its events', async (t) => {
  const { caller, emulator } = await serveEvents(t)
  const topic = await caller.call('GetTopic', { topicName: CASES })
  assert.equal(topic.canPublish, false)
  assert.equal(topic.canSubscribe, true)
  assert.match(String(topic.tenantGuid), new RegExp(emulator.org.id))
  const { schemaJson } = await caller.call('GetSchema', { schemaId: topic.schemaId })
  const schema = JSON.parse(String(schemaJson))
  assert.equal(schema.name, 'CaseChangeEvent')
  assert.equal(schema.namespace, 'com.sforce.eventbus')
  assert.equal(schema.fields[0].name, 'ChangeEventHeader')
  const orders = await caller.call('GetTopic', { topicName: ORDERS })
  assert.equal(orders.canPublish, true)
})

test('no more events come than were asked for, and asking again adds to what is outstanding', async (t) => {
  const { caller, createCase, control } = await serveEvents(t)
  for (let number = 1; number <= 5; number += 1) createCase(`Case ${number}`)
  const stream = caller.subscribe({ topicName: CASES, replayPreset: 'EARLIEST', numRequested: 2 })
  const first = await next(stream)
  assert.equal(first.events.length, 2)
  assert.equal(first.pendingNumRequested, 0)

  stream.write({ topicName: CASES, numRequested: 4 })
  const second = await next(stream)
  assert.equal(second.events.length, 3)
  assert.equal(second.pendingNumRequested, 1)
  assert.deepEqual(second.latestReplayId, second.events[2]?.replayId)

  // 1 is still outstanding; a hundred is the most there can be.
  stream.write({ numRequested: 500 })
  const asked = next(stream)
  await untilStreams(control)
  assert.equal((await asked).pendingNumRequested, 100)
  createCase('Case 6')
  assert.equal((await next(stream)).pendingNumRequested, 99)
})

test('after a stored replay id exactly the later events come, in its ten bytes and in eight', async (t) => {
  const { caller, createCase } = await serveEvents(t)
  for (let number = 1; number <= 3; number += 1) createCase(`Case ${number}`)
  const all = await next(caller.subscribe({ topicName: CASES, replayPreset: 'EARLIEST', numRequested: 100 }))
  const [first, second, third] = all.events
  assert.equal(first?.replayId.length, 10)
  assert.ok(first && second && Buffer.compare(first.replayId, second.replayId) < 0)
  for (const replayId of [second.replayId, second.replayId.subarray(0, 8)]) {
    const stream = caller.subscribe({ topicName: CASES, replayPreset: 'CUSTOM', replayId, numRequested: 100 })
    const { events } = await next(stream)
    assert.deepEqual(events, [third])
  }
})

test('a waiting stream hears an empty batch whose replay id can be resumed from', async (t) => {
  const { caller, createCase, control } = await serveEvents(t)
  const stream = caller.subscribe({ topicName: CASES, replayPreset: 'LATEST', numRequested: 1 })
  const heard = next(stream)
  await untilStreams(control)
  const { events, latestReplayId, pendingNumRequested } = await heard
  assert.deepEqual({ events, pendingNumRequested }, { events: [], pendingNumRequested: 1 })
  createCase('Later')
  const resumed = caller.subscribe({
    topicName: CASES,
    replayPreset: 'CUSTOM',
    replayId: latestReplayId,
    numRequested: 5,
  })
  assert.equal((await next(resumed)).events.length, 1)
})

/** Asks for a sign of life until there is a stream that hears it. */
async function untilStreams(control: (path: string) => Promise<Response>): Promise<void> {
  for (;;) {
    const { streams } = (await (await control('events/keep-alive')).json()) as { streams: number }
    if (streams > 0) return
  }
}

test('each refusal has the status and the code that Salesforce documents', async (t) => {
  const { caller, emulator, control } = await serveEvents(t)
  const subscribe = (request: object) => failure(caller.subscribe({ topicName: CASES, numRequested: 1, ...request }))
  const expected = (code: status, errorCode: string) => ({ code, errorCode: CODES + errorCode })
  const decide = ({ code, errorCode }: { code: number; errorCode: unknown }) => ({ code, errorCode })

  const unknown = await refusal(caller.call('GetTopic', { topicName: '/data/CaseCommentChangeEvent' }))
  assert.deepEqual(decide(unknown), expected(status.NOT_FOUND, 'topic.notfound'))
  assert.match(unknown.details, /Ensure the topic name is correct and that the topic exists\. rpcId: [0-9a-f-]{36}$/)
  assert.deepEqual(
    decide(await subscribe({ topicName: '/event/Nothing__e' })),
    expected(status.NOT_FOUND, 'topic.notfound'),
  )
  const corrupted = expected(status.INVALID_ARGUMENT, 'subscription.fetch.replayid.corrupted')
  for (const replayId of [Buffer.from('made up'), Buffer.alloc(10), Buffer.alloc(10, 0x1f)]) {
    assert.deepEqual(decide(await subscribe({ replayPreset: 'CUSTOM', replayId })), corrupted)
  }
  assert.deepEqual(
    decide(await subscribe({ replayPreset: 'CUSTOM' })),
    expected(status.INVALID_ARGUMENT, 'subscription.fetch.replayid.validation.failed'),
  )
  assert.deepEqual(
    decide(await subscribe({ numRequested: 0 })),
    expected(status.INVALID_ARGUMENT, 'subscription.fetch.requested.events.invalid'),
  )
  const moved = caller.subscribe({ topicName: CASES, numRequested: 1 })
  moved.write({ topicName: ORDERS, numRequested: 1 })
  assert.equal((await failure(moved)).code, status.INVALID_ARGUMENT)
  assert.equal((await refusal(caller.call('GetSchema', { schemaId: '' }))).code, status.INVALID_ARGUMENT)

  const unauthenticated = expected(status.UNAUTHENTICATED, 'service.auth.error')
  for (const headers of [
    { accesstoken: 'wrong' },
    { tenantid: '00D000000000000AAA' },
    { instanceurl: 'https://elsewhere.my.salesforce.com' },
  ]) {
    const stranger = callPubSub(t, emulator, { headers })
    assert.deepEqual(decide(await refusal(stranger.call('GetTopic', { topicName: CASES }))), unauthenticated)
    assert.deepEqual(decide(await failure(stranger.subscribe({ topicName: CASES, numRequested: 1 }))), unauthenticated)
  }
  const agent = callPubSub(t, emulator, { username: emulator.org.users[1]?.username ?? '' })
  const kept = await failure(agent.subscribe({ topicName: CASES, numRequested: 1 }))
  assert.equal(kept.code, status.PERMISSION_DENIED)

  await control('faults', { do: { fault: 'replay-id-corrupted' } })
  const { latestReplayId } = await lastPosition(caller, control)
  assert.deepEqual(decide(await subscribe({ replayPreset: 'CUSTOM', replayId: latestReplayId })), corrupted)
})

async function lastPosition(
  caller: ReturnType<typeof callPubSub>,
  control: (path: string) => Promise<Response>,
): Promise<FetchResponse> {
  const heard = next(caller.subscribe({ topicName: CASES, numRequested: 1 }))
  await untilStreams(control)
  return heard
}

test('the day has so many deliveries; then the subscription ends', async (t) => {
  const { caller, createCase, control } = await serveEvents(t)
  for (let number = 1; number <= 3; number += 1) createCase(`Case ${number}`)
  await control('limits', { limit: 'DailyDeliveredPlatformEvents', max: 2 })
  const stream = caller.subscribe({ topicName: CASES, replayPreset: 'EARLIEST', numRequested: 10 })
  const ended = failure(stream)
  assert.equal((await next(stream)).events.length, 2)
  const { code, errorCode, details } = await ended
  assert.equal(code, status.RESOURCE_EXHAUSTED)
  assert.equal(errorCode, `${CODES}subscription.limit.exceeded`)
  assert.match(details, /^You have exceeded the event delivery limit for your org\./)
})

test('streams break when they are told to', async (t) => {
  const { caller, createCase, control } = await serveEvents(t)
  await control('faults', { do: { fault: 'stream-breaks' } })
  const stream = caller.subscribe({ topicName: CASES, replayPreset: 'LATEST', numRequested: 1 })
  const ended = failure(stream)
  await untilStreams(control)
  createCase('Never heard of')
  assert.deepEqual(
    { ...(await ended), details: '' },
    { code: status.UNAVAILABLE, errorCode: `${CODES}service.unavailable`, details: '' },
  )
  const other = caller.subscribe({ topicName: CASES, replayPreset: 'EARLIEST', numRequested: 2 })
  assert.equal((await next(other)).events.length, 1)
  const broken = failure(other)
  await control('events/break-streams')
  assert.equal((await broken).code, status.UNAVAILABLE)
})

test('published events come back to their subscribers, each judged by itself', async (t) => {
  const { caller } = await serveEvents(t)
  const { schemaId } = await caller.call('GetTopic', { topicName: ORDERS })
  const { schemaJson } = await caller.call('GetSchema', { schemaId })
  const type = avro.Type.forSchema(JSON.parse(String(schemaJson)), { wrapUnions: true })
  const order = {
    CreatedDate: 1_767_323_045_000,
    CreatedById: '005000000000000AAA',
    Order_Number__c: { string: '10' },
    City__c: null,
    Amount__c: { double: 9.5 },
    Has_Shipped__c: { boolean: false },
  }
  const events = [
    { id: 'one', schemaId, payload: type.toBuffer(order) },
    { id: 'two', schemaId, payload: Buffer.from('not Avro') },
    { id: 'three', schemaId: 'unknown', payload: type.toBuffer(order) },
  ]
  const published = (await caller.call('Publish', { topicName: ORDERS, events })) as {
    results: { correlationKey: string; replayId: Buffer; error: { code: string } | null }[]
    schemaId: string
  }
  assert.deepEqual(
    published.results.map(({ correlationKey, error }) => [correlationKey, error?.code]),
    [
      ['one', undefined],
      ['two', 'PUBLISH'],
      ['three', 'PUBLISH'],
    ],
  )
  const response = await next(caller.subscribe({ topicName: ORDERS, replayPreset: 'EARLIEST', numRequested: 5 }))
  const [event] = response.events
  assert.equal(response.events.length, 1)
  assert.deepEqual(event?.replayId, published.results[0]?.replayId)
  assert.equal(event?.event.id, 'one')
  assert.equal(type.fromBuffer(event?.event.payload ?? Buffer.alloc(0)).Amount__c.double, 9.5)
  const refused = await refusal(caller.call('Publish', { topicName: CASES, events }))
  assert.equal(refused.code, status.INVALID_ARGUMENT)

  const stream = untilEnd(t, caller.client.PublishStream(caller.metadata))
  for (const id of ['four', 'five']) {
    stream.write({ topicName: ORDERS, events: [{ id, schemaId, payload: type.toBuffer(order) }] })
    const { results } = (await next(stream)) as { results: { correlationKey: string }[] }
    assert.equal(results[0]?.correlationKey, id)
  }
})

test('a managed subscription goes on after what its client committed', async (t) => {
  const { caller, control, createCase } = await serveEvents(t)
  const subscription = { developerName: 'Cases', topicName: CASES, defaultReplay: 'EARLIEST' }
  await control('events/managed-subscriptions', subscription)
  const [first, second] = [createCase('First'), createCase('Second')]
  assert.notEqual(first, second)
  const open = (request: object) => {
    const stream = untilEnd(t, caller.client.ManagedSubscribe(caller.metadata))
    stream.write(request)
    return stream
  }

  const stream = open({ developerName: 'Cases', numRequested: 2 })
  const { events } = await next(stream)
  assert.equal(events.length, 2)
  const replayId = events[0]?.replayId
  stream.write({ developerName: 'Cases', commitReplayIdRequest: { commitRequestId: 'c1', replayId } })
  const { commitResponse } = await next(stream)
  assert.deepEqual(
    { ...commitResponse, processTime: 0 },
    { commitRequestId: 'c1', replayId, error: null, processTime: 0 },
  )
  const again = await next(open({ developerName: 'Cases', numRequested: 2 }))
  assert.deepEqual(again.events, [events[1]])

  assert.equal((await failure(open({ developerName: 'Nothing', numRequested: 1 }))).code, status.NOT_FOUND)
})

test('a hundred large events come in messages that a client takes by default', async (t) => {
  const { caller, emulator } = await serveEvents(t)
  const userId = emulator.org.users[0]?.userId ?? ''
  const fields = { Subject: 'Long', Description: '\u20ac'.repeat(32_000) }
  for (let number = 1; number <= 100; number += 1) emulator.org.create(userId, 'Case', fields)
  const stream = caller.subscribe({ topicName: CASES, replayPreset: 'EARLIEST', numRequested: 100 })
  let count = 0
  let messages = 0
  for await (const { events, pendingNumRequested } of stream as AsyncIterable<FetchResponse>) {
    messages += 1
    count += events.length
    if (pendingNumRequested === 0) break
  }
  assert.equal(count, 100)
  assert.ok(messages > 1)
})

test('a client that asks and asks without reading gets no more until it reads; then it gets all of it', async (t) => {
  const { caller, emulator, connect } = await serveEvents(t)
  const userId = emulator.org.users[0]?.userId ?? ''
  const fields = { Subject: 'Long', Description: 'x'.repeat(32_000) }
  for (let number = 1; number <= 1500; number += 1) emulator.org.create(userId, 'Case', fields)
  const jsforce = connect()
  const delivered = async () => {
    const { DailyDeliveredPlatformEvents: meter } = await jsforce.limits()
    return (meter?.Max ?? 0) - (meter?.Remaining ?? 0)
  }
  const stream = caller.subscribe({ topicName: CASES, replayPreset: 'EARLIEST', numRequested: 100 })
  for (let asked = 1; asked < 40; asked += 1) stream.write({ numRequested: 100 })
  // What is answered here was heard after all of that.
  for (let before = -1, now = 0; now === 0 || before < now; before = now, now = await delivered()) {
    for (let call = 1; call <= 10; call += 1) await caller.call('GetTopic', { topicName: CASES })
  }
  assert.ok((await delivered()) < 1500)
  let count = 0
  for await (const { events } of stream as AsyncIterable<FetchResponse>) {
    count += events.length
    if (count === 1500) break
  }
  assert.equal(await delivered(), 1500)
})

test('a connection has a thousand streams at most', async (t) => {
  const { emulator } = await serveEvents(t)
  const session = connectHttp2(`http://${emulator.pubSubEndpoint()}`)
  t.after(() => session.close())
  const [settings] = await once(session, 'remoteSettings')
  assert.equal(settings.maxConcurrentStreams, 1000)
})

test('an org that stops ends its open streams in order; after a restart their clients miss nothing', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'org-'))
  t.after(() => rmSync(dataDir, { recursive: true }))
  const serve = () => serveEmulator({ port: 0, host: '127.0.0.1', scale: 0.1, pubSubPort: 0, dataDir })
  const before = await serve()
  const stream = callPubSub(t, before.emulator).subscribe({
    topicName: CASES,
    replayPreset: 'EARLIEST',
    numRequested: 1,
  })
  const create = ({ org }: Emulator, subject: string) =>
    org.create(org.users[0]?.userId ?? '', 'Case', { Subject: subject })
  const heard = next(stream)
  create(before.emulator, 'One')
  const replayId = (await heard).events[0]?.replayId
  create(before.emulator, 'Two')
  const ended = once(stream, 'end')
  await before.close()
  await ended

  const after = await serve()
  t.after(after.close)
  create(after.emulator, 'Three')
  const caller = callPubSub(t, after.emulator)
  const resumed = caller.subscribe({ topicName: CASES, replayPreset: 'CUSTOM', replayId, numRequested: 5 })
  const { events } = await next(resumed)
  const told = []
  for (const { event } of events) {
    const { schemaJson } = await caller.call('GetSchema', { schemaId: event.schemaId })
    const type = avro.Type.forSchema(JSON.parse(String(schemaJson)), { wrapUnions: true })
    told.push(type.fromBuffer(event.payload).Subject.string)
  }
  assert.deepEqual(told, ['Two', 'Three'])
})

test('two orgs on one machine both find a port for it', async (t) => {
  for (const { emulator } of [await serveOrg(t, { pubSubPort: 'usual' }), await serveOrg(t, { pubSubPort: 'usual' })]) {
    const { topicName } = await callPubSub(t, emulator).call('GetTopic', { topicName: ORDERS })
    assert.equal(topicName, ORDERS)
  }
})
