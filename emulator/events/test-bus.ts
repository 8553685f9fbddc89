/** What the tests of events share: an org with a clock, and an event bus of its own that they can look into. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { createEmulator, type Emulator } from '../app.ts'
import { PlannedFaults } from '../faults.ts'
import { ANCHOR, signIns } from '../org/test-org.ts'
import { ApiUsage } from '../rest/usage.ts'
import { type ChangeEventHeader, decodeBody, type EventBody } from './event-body.ts'
import { EventBus } from './event-bus.ts'

export interface Bench {
  readonly emulator: Emulator
  readonly bus: EventBus
  readonly faults: PlannedFaults
  readonly usage: ApiUsage
  clock: number
  /** What the administrator gets of a topic from its beginning, or after a position. */
  read(topicName: string, options?: { after?: number; username?: string }): (EventBody & { position: number })[]
}

/** A bus beside the emulator's own, so that a test can look inside. */
export function makeBench(
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

/** The headers of change events. */
export const headers = (bodies: readonly EventBody[]) => bodies.map(({ header }) => header as ChangeEventHeader)
