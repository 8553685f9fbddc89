import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventLog } from './event-log.ts'

const event = (id: string, topics = ['/event/A__e']) => ({ id, schemaId: 's', payload: Buffer.from(id), topics })

function openLog(options: { mostEvents?: number } = {}) {
  let clock = Date.parse('2026-11-02T09:00:00Z')
  const log = new EventLog({ now: () => clock, ...options })
  return {
    log,
    pass(ms: number) {
      clock += ms
    },
  }
}

test('each topic has its own events, in the order in which they were published', () => {
  const { log, pass } = openLog()
  log.append([event('one'), event('two', ['/event/B__e']), event('three')])
  pass(5000)
  log.append([event('four')])
  const { events, upTo } = log.read('/event/A__e', log.earliest, 2)
  assert.deepEqual(
    events.map(({ id }) => id),
    ['one', 'three'],
  )
  const rest = log.read('/event/A__e', upTo, 10)
  assert.deepEqual(
    rest.events.map(({ id }) => id),
    ['four'],
  )
  assert.deepEqual(log.read('/event/A__e', rest.upTo, 10).events, [])
})

test('positions rise even when the clock goes back', () => {
  const { log, pass } = openLog()
  const [first] = log.append([event('one')])
  pass(-3_600_000)
  const tip = log.tip()
  const [second] = log.append([event('two')])
  assert.ok(first && second && first.position <= tip && tip < second.position)
})

test('a log that is full forgets its oldest events and refuses the positions before them', () => {
  const { log } = openLog({ mostEvents: 4 })
  const [first, second, third] = log.append(['one', 'two', 'three', 'four'].map((id) => event(id)))
  log.append([event('five')])
  log.append([event('six')])
  const { events } = log.read('/event/A__e', log.earliest, 10)
  assert.deepEqual(
    events.map(({ id }) => id),
    ['three', 'four', 'five', 'six'],
  )
  assert.ok(first && second && third)
  assert.ok(!log.isValid(first.position))
  // Nothing after this one is lost.
  assert.ok(log.isValid(second.position))
})
