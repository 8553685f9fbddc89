import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { PlannedFaults } from '../faults.ts'
import { ANCHOR, signIns } from '../org/test-org.ts'
import { ApiUsage } from '../rest/usage.ts'
import { CometdClient } from './cometd-client.ts'
import { EventBus } from './event-bus.ts'

const ORIGIN = 'http://127.0.0.1:7466'
const CASES = '/data/CaseChangeEvent'

type Reply = Record<string, unknown> & { clientId?: string; error?: string; successful?: boolean }

function makeOrg(t: TestContext, options: { dataDir?: string } = {}) {
  const emulator = createEmulator({ origin: ORIGIN, scale: 0.1, anchor: ANCHOR, ...options })
  t.after(() => emulator.close())
  const { admin, agent } = signIns(emulator.org)
  const bayeux = async (
    message: object | readonly object[],
    { path = '/cometd/67.0', token = emulator.issueToken(admin.username) as string | null } = {},
  ): Promise<Reply[]> => {
    const response = await emulator.fetch(ORIGIN + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(token !== null && { Authorization: `Bearer ${token}` }) },
      body: JSON.stringify(message),
    })
    return (await response.json()) as Reply[]
  }
  const shake = async (token?: string) => {
    const [reply] = await bayeux([{ channel: '/meta/handshake', version: '1.0' }], token === undefined ? {} : { token })
    return reply?.clientId ?? ''
  }
  const createCase = (subject: string) => emulator.org.create(admin.userId, 'Case', { Subject: subject })
  const connect = (clientId: string) => bayeux([{ channel: '/meta/connect', clientId, connectionType: 'long-polling' }])
  return { emulator, admin, agent, bayeux, shake, createCase, connect }
}

test('a client that nobody knows is told to shake hands again', async (t) => {
  const { connect } = makeOrg(t)
  const [reply] = await connect('forgotten')
  assert.equal(reply?.error, '403::Unknown client')
  assert.deepEqual(reply?.advice, { interval: 0, reconnect: 'handshake' })
})

test('a client without a token, or with a dead one, is denied with the reason', async (t) => {
  const { bayeux } = makeOrg(t)
  const shake = [{ channel: '/meta/handshake', version: '1.0' }]
  for (const [token, reason] of [
    [null, '401::Request requires authentication'],
    ['dead', '401::Authentication invalid'],
  ] as const) {
    const [reply] = await bayeux(shake, { token })
    assert.equal(reply?.error, '403::Handshake denied')
    assert.deepEqual(reply?.advice, { reconnect: 'none' })
    assert.deepEqual(reply?.ext, { sfdc: { failureReason: reason }, replay: true, 'payload.format': true })
  }
})

test('a token that dies while the client is connected ends the connection', async (t) => {
  const { emulator, bayeux, shake, admin } = makeOrg(t)
  const token = emulator.issueToken(admin.username)
  const clientId = await shake(token)
  emulator.expireTokens()
  const [reply] = await bayeux([{ channel: '/meta/connect', clientId, connectionType: 'long-polling' }], { token })
  assert.equal(reply?.error, '401::Authentication invalid')
  assert.deepEqual(reply?.advice, { reconnect: 'none', interval: 0 })
})

test('a waiting request brings the event that happens, and a channel that was left brings none', async (t) => {
  const { bayeux, shake, createCase, connect } = makeOrg(t)
  const clientId = await shake()
  await bayeux([{ channel: '/meta/subscribe', clientId, subscription: CASES }])
  await connect(clientId)
  const waiting = connect(clientId)
  createCase('Seen')
  const [event, reply] = await waiting
  assert.equal(event?.channel, CASES)
  assert.equal(reply?.successful, true)

  await bayeux([{ channel: '/meta/unsubscribe', clientId, subscription: CASES }])
  createCase('Not seen')
  const [replayed] = await bayeux([
    { channel: '/meta/subscribe', clientId, subscription: CASES, ext: { replay: { [CASES]: -1 } } },
  ])
  assert.equal(replayed?.successful, true)
  const next = connect(clientId)
  createCase('Seen again')
  const messages = (await next).filter((message) => 'data' in message) as { data?: { payload: { Subject: string } } }[]
  assert.deepEqual(
    messages.map(({ data }) => data?.payload.Subject),
    ['Seen again'],
  )
  const [left] = await bayeux([{ channel: '/meta/disconnect', clientId }])
  assert.equal(left?.successful, true)
  assert.equal((await connect(clientId))[0]?.error, '403::Unknown client')
})

test('messages that come together are answered together, without a wait', async (t) => {
  const { bayeux, shake, connect } = makeOrg(t)
  const clientId = await shake()
  await connect(clientId)
  const poll = { channel: '/meta/connect', clientId, connectionType: 'long-polling' }
  const replies = await bayeux([poll, { channel: '/meta/subscribe', clientId, subscription: CASES }])
  assert.deepEqual(
    replies.map(({ channel, successful }) => [channel, successful]),
    [
      ['/meta/connect', true],
      ['/meta/subscribe', true],
    ],
  )
  const [reply] = await bayeux([{ ...poll, advice: { timeout: 0 } }])
  assert.equal(reply?.successful, true)
})

test('other transports, old versions, other channels and publishing are refused', async (t) => {
  const { bayeux, shake, agent, emulator } = makeOrg(t)
  const clientId = await shake()
  const [socket] = await bayeux([{ channel: '/meta/connect', clientId, connectionType: 'websocket' }])
  assert.equal(socket?.error, '400::Invalid connection type websocket')
  const [old] = await bayeux([{ channel: '/meta/handshake' }], { path: '/cometd/36.0' })
  assert.match(old?.error ?? '', /^400::Unsupported API version/)
  const [none] = await bayeux([{ channel: '/meta/handshake' }], { path: '/cometd' })
  assert.match(none?.error ?? '', /^400::API version in the URI is mandatory/)
  const subscribe = async (subscription: string | undefined, token?: string) => {
    const id = token === undefined ? clientId : await shake(token)
    const message = { channel: '/meta/subscribe', clientId: id, subscription }
    return (await bayeux(message, token === undefined ? {} : { token }))[0]?.error
  }
  assert.equal(await subscribe(undefined), '400::Channel name not specified')
  assert.equal(await subscribe('data'), "400::Channel subscriptions must start with a leading '/'")
  assert.match(
    (await subscribe('/topic/Cases')) ?? '',
    /^400::The channel you requested to subscribe to does not exist/,
  )
  assert.match((await subscribe(CASES, emulator.issueToken(agent.username))) ?? '', /^403:denied_by_security_policy/)
  const [published] = await bayeux([{ channel: CASES, clientId, data: {} }])
  assert.equal(published?.successful, false)
})

test('the day has so many deliveries; then connecting fails by name', async (t) => {
  const { emulator, bayeux, shake, createCase, connect } = makeOrg(t)
  await emulator.fetch(`${ORIGIN}/_control/limits`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ limit: 'DailyDeliveredPlatformEvents', max: 1 }),
  })
  const clientId = await shake()
  await bayeux([{ channel: '/meta/subscribe', clientId, subscription: CASES }])
  createCase('One')
  createCase('Two')
  const [event, reply] = await connect(clientId)
  assert.ok(event && 'data' in event)
  assert.equal(reply?.error, '403::Organization total events daily limit exceeded')
})

test('planned trouble breaks the stream and spoils a replay id', async (t) => {
  const { emulator, bayeux, shake, createCase, connect } = makeOrg(t)
  const clientId = await shake()
  const subscribe = { channel: '/meta/subscribe', clientId, subscription: CASES }
  await bayeux(subscribe)
  emulator.faults.add({ do: { fault: 'stream-breaks' } })
  createCase('Lost')
  const [broken] = await connect(clientId)
  assert.equal(broken?.error, '503::Service unavailable')
  createCase('Heard')
  const [event] = (await connect(clientId)) as { data?: { event: { replayId: number } } }[]
  const replay = { [CASES]: event?.data?.event.replayId }
  emulator.faults.add({ do: { fault: 'replay-id-corrupted' } })
  assert.match((await bayeux({ ...subscribe, ext: { replay } }))[0]?.error ?? '', /^400::The replayId/)
  assert.equal((await bayeux({ ...subscribe, ext: { replay } }))[0]?.successful, true)
})

test('what was published before a restart can be asked for after it', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-org-'))
  t.after(() => rmSync(dataDir, { recursive: true }))
  const first = makeOrg(t, { dataDir })
  first.createCase('Before')
  const clientId = await first.shake()
  const all = { [CASES]: -2 }
  const subscribe = { channel: '/meta/subscribe', subscription: CASES }
  await first.bayeux({ ...subscribe, clientId, ext: { replay: all } })
  const [event] = (await first.connect(clientId)) as { data?: { event: { replayId: number } } }[]
  const replayId = event?.data?.event.replayId ?? 0
  await first.emulator.close()

  const second = makeOrg(t, { dataDir })
  second.createCase('After')
  const again = await second.shake()
  await second.bayeux({ ...subscribe, clientId: again, ext: { replay: { [CASES]: replayId } } })
  const messages = (await second.connect(again)) as { data?: { payload: { Subject: string } } }[]
  assert.deepEqual(
    messages.flatMap(({ data }) => (data ? [data.payload.Subject] : [])),
    ['After'],
  )
})

test('no more clients are let in than the org may have', async (t) => {
  const { shake, bayeux } = makeOrg(t)
  for (let number = 1; number <= 20; number += 1) assert.notEqual(await shake(), '')
  const [denied] = await bayeux([{ channel: '/meta/handshake', version: '1.0' }])
  assert.equal(denied?.successful, false)
  assert.match(JSON.stringify(denied?.ext), /concurrent user limit exceeded/)
})

test("nobody takes another user's events by knowing their client id", async (t) => {
  const { emulator, agent, bayeux, shake, createCase } = makeOrg(t)
  const clientId = await shake()
  await bayeux([{ channel: '/meta/subscribe', clientId, subscription: CASES }])
  createCase('For the administrator')
  const poll = [{ channel: '/meta/connect', clientId, connectionType: 'long-polling' }]
  const replies = await bayeux(poll, { token: emulator.issueToken(agent.username) })
  assert.deepEqual(
    replies.map(({ error }) => error),
    ['403::Unknown client'],
  )
  assert.equal((await bayeux(poll))[0]?.channel, CASES)
})

test('a request that is larger than the server takes is refused unread', async (t) => {
  const { emulator } = makeOrg(t)
  const response = await emulator.fetch(`${ORIGIN}/cometd/67.0`, { method: 'POST', body: 'x'.repeat(32_769) })
  assert.equal(response.status, 413)
  assert.equal(await response.text(), 'Maximum Request Size Exceeded')
})

test('a client so slow that its next events are no longer kept has to begin anew', async (t) => {
  const { emulator, admin, createCase } = makeOrg(t)
  const { org } = emulator
  const usage = new ApiUsage(1000, () => org.now())
  const bus = new EventBus({ org, usage, faults: new PlannedFaults(() => 1), mostBytes: 20_000 })
  const client = new CometdClient({ bus, viewer: admin, breaks: () => false, corrupts: () => false })
  t.after(() => {
    client.close()
    bus.close()
  })
  client.subscribe(CASES)
  for (let number = 1; number <= 100; number += 1) createCase(`Case ${number}`)
  const { messages, outcome } = await client.poll({ holdMs: 0, signal: new AbortController().signal })
  assert.deepEqual({ messages, outcome }, { messages: [], outcome: 'lost' })
})
