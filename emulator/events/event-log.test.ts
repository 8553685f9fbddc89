import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { EventLog, RETENTION_MS } from './event-log.ts'

const event = (id: string, topics = ['/event/A__e']) => ({ id, schemaId: 's', payload: Buffer.from(id), topics })

function openLog(options: { mostBytes?: number; folder?: string } = {}) {
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
  const { log } = openLog({ mostBytes: 1640 })
  const [first, second, third] = log.append(['one', 'two', 'three', 'four'].map((id) => event(id)))
  log.append([event('five')])
  log.append([event('six')])
  const { events } = log.read('/event/A__e', log.earliest, 10)
  assert.deepEqual(
    events.map(({ id }) => id),
    ['four', 'five', 'six'],
  )
  assert.ok(first && second && third)
  assert.ok(!log.isValid(second.position))
  // Nothing after this one is lost.
  assert.ok(log.isValid(third.position))
})

test('the file is no longer than what is kept, and what it has kept is there after a restart', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'events-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const { log } = openLog({ mostBytes: 20_000, folder })
  log.addSchema('s', { name: 'A__e' })
  let longest = 0
  for (let number = 1; number <= 1000; number += 1) {
    log.append([event(`number ${number}`)])
    longest = Math.max(longest, statSync(join(folder, 'events.jsonl')).size)
  }
  assert.ok(longest < 20_000, `${longest} bytes`)
  const { events } = log.read('/event/A__e', log.earliest, 1000)
  const again = openLog({ folder }).log
  assert.deepEqual(again.read('/event/A__e', again.earliest, 1000).events, events)
  assert.ok(events.length > 10 && events.at(-1)?.id === 'number 1000')
  assert.equal(again.earliest, log.earliest)
  assert.deepEqual([...again.schemas], [['s', { name: 'A__e' }]])
})

test('what is too old makes room, in memory and in the file', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'events-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const { log, pass } = openLog({ folder })
  log.append(Array.from({ length: 100 }, (_, number) => event(`old ${number}`)))
  pass(RETENTION_MS + 1000)
  log.append([event('new')])
  log.append([event('newer')])
  assert.ok(!readFileSync(join(folder, 'events.jsonl'), 'utf8').includes('old 10'))
  assert.deepEqual(
    log.read('/event/A__e', log.earliest, 10).events.map(({ id }) => id),
    ['new', 'newer'],
  )
})

test('no more is read at once than one message can bring, whatever was asked for', () => {
  const { log } = openLog()
  const large = { ...event('large'), payload: Buffer.alloc(1_000_000) }
  log.append(Array.from({ length: 7 }, () => large))
  const counts: number[] = []
  for (let after = log.earliest; ; ) {
    const { events, upTo } = log.read('/event/A__e', after, 100)
    if (events.length === 0) break
    counts.push(events.length)
    after = upTo
  }
  assert.deepEqual(counts, [3, 3, 1])
})
