import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { PlannedFaults } from '../faults.ts'
import { ANCHOR, signIns } from '../org/test-org.ts'
import { ApiUsage } from '../rest/usage.ts'
import { EventBus } from './event-bus.ts'
import { decodeReplayId } from './event-log.ts'
import type { FetchResponse } from './pubsub-messages.ts'
import { Subscription } from './pubsub-stream.ts'

const TIMING = { keepAliveMs: 60_000, idleMs: 60_000 }

/** A subscription to cases whose client is an array, with a clock that the test moves. */
function subscribe(t: TestContext, { mostBytes }: { mostBytes?: number } = {}) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let clock = ANCHOR
  const emulator = createEmulator({ origin: 'http://127.0.0.1:7466', scale: 0.1, anchor: ANCHOR, now: () => clock })
  const { org } = emulator
  const { admin } = signIns(org)
  const usage = new ApiUsage(1000, () => clock)
  const bus = new EventBus({ org, faults: new PlannedFaults(() => 1), usage, mostBytes })
  const topic = bus.catalog.findTopic('/data/CaseChangeEvent')
  assert.ok(topic)
  const sent: Omit<FetchResponse, 'rpcId'>[] = []
  const ends: string[] = []
  const subscription = new Subscription({
    bus,
    viewer: admin,
    topic,
    after: bus.log.tip(),
    timing: TIMING,
    breaks: () => false,
    wire: {
      write: (response) => sent.push(response),
      fail: (error) => ends.push(String(error)),
      end: () => ends.push('ended'),
    },
  })
  t.after(() => {
    subscription.close()
    bus.close()
    return emulator.close()
  })
  return {
    bus,
    subscription,
    sent,
    ends,
    createCase: () => org.create(admin.userId, 'Case', { Subject: 'New' }),
    pass(ms: number) {
      clock += ms
      t.mock.timers.tick(ms)
    },
  }
}

test('a client that waits hears a sign of life each minute, with a later replay id each time', (t) => {
  const { subscription, sent, pass, createCase } = subscribe(t)
  subscription.request(5)
  pass(59_999)
  assert.equal(sent.length, 0)
  pass(1)
  pass(60_000)
  const [first, second] = sent.map(({ latestReplayId }) => decodeReplayId(latestReplayId) ?? 0)
  assert.deepEqual(
    sent.map(({ events, pendingNumRequested }) => [events.length, pendingNumRequested]),
    [
      [0, 5],
      [0, 5],
    ],
  )
  assert.ok(first !== undefined && second !== undefined && first < second)
  // An event puts the next one off.
  pass(30_000)
  createCase()
  pass(59_999)
  assert.equal(sent.length, 3)
  pass(1)
  assert.equal(sent.length, 4)
})

test('a client that has all it asked for and does not ask again within a minute loses its stream', (t) => {
  const { subscription, sent, ends, pass, createCase } = subscribe(t)
  subscription.request(1)
  createCase()
  createCase()
  assert.equal(sent.length, 1)
  pass(59_999)
  assert.deepEqual(ends, [])
  pass(1)
  assert.deepEqual(ends, ['ended'])
  createCase()
  assert.equal(sent.length, 1)
})

test('what happens while nothing is asked for is kept for the next request', (t) => {
  const { subscription, sent, createCase } = subscribe(t)
  subscription.request(1)
  for (let number = 1; number <= 3; number += 1) createCase()
  subscription.keepAlive()
  subscription.request(100)
  assert.deepEqual(
    sent.map(({ events }) => events.length),
    [1, 2],
  )
})

test('a client so slow that its next events are no longer kept loses its stream, not the events in silence', (t) => {
  const { subscription, sent, ends, createCase } = subscribe(t, { mostBytes: 20_000 })
  subscription.request(1)
  for (let number = 1; number <= 100; number += 1) createCase()
  subscription.request(100)
  assert.equal(sent.length, 1)
  assert.deepEqual(
    ends.map((end) => /Replay ID validation failed/.test(end)),
    [true],
  )
})
