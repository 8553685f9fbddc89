import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrgClock } from './clock.ts'

test('the clock can be set ahead or back and goes on from there', () => {
  let machine = 1_000
  const clock = new OrgClock(() => machine)
  assert.equal(clock.now(), 1_000)
  clock.restore(clock.stateAt(50_000))
  machine += 5
  assert.equal(clock.now(), 50_005)
  clock.restore(clock.stateAt(100))
  machine += 5
  assert.equal(clock.now(), 105)
})

test('a stopped clock stays until it is moved, and runs on from where it stood', () => {
  let machine = 1_000
  const clock = new OrgClock(() => machine)
  clock.restore(clock.stateAt(clock.now(), { frozen: true }))
  machine += 60_000
  assert.equal(clock.now(), 1_000)
  clock.restore(clock.stateAt(clock.now() + 30))
  assert.equal(clock.now(), 1_030)
  clock.restore(clock.stateAt(clock.now(), { frozen: false }))
  machine += 7
  assert.equal(clock.now(), 1_037)
})
