import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RunObject, RunWithObjects } from '../store/runs.ts'
import { shapeRun } from './run-shape.ts'

const startedAt = new Date('2026-11-03T14:00:00Z')
const now = new Date('2026-11-03T14:01:40Z')

const object = (changes: Partial<RunObject>): RunObject => ({
  objectName: 'Case',
  label: 'Cases',
  state: 'running',
  mode: 'bulk',
  expectedRecords: null,
  recordsRead: 0,
  rowsChanged: 0,
  rowsDeleted: 0,
  failure: null,
  startedAt: null,
  finishedAt: null,
  ...changes,
})

const run = (objects: RunObject[], changes: Partial<RunWithObjects> = {}): RunWithObjects => ({
  id: 7,
  integrationId: 'abc',
  kind: 'backfill',
  trigger: 'connect',
  state: 'running',
  requestedBy: null,
  attempt: 1,
  failures: 0,
  windowEnd: null,
  retryAt: null,
  cancelRequestedAt: null,
  failure: null,
  notes: [],
  apiCalls: 3,
  createdAt: startedAt,
  startedAt,
  heartbeatAt: null,
  finishedAt: null,
  objects,
  ...changes,
})

test('progress sums the objects, and time left is told once every number is known', () => {
  const known = shapeRun(
    run([object({ expectedRecords: 9_000, recordsRead: 1_000 }), object({ state: 'finished', recordsRead: 1_000 })]),
    { now, withObjects: true },
  )
  assert.deepEqual([known.objectsDone, known.objectsTotal], [1, 2])
  assert.deepEqual([known.recordsRead, known.recordsExpected], [2_000, 10_000])
  assert.deepEqual([known.recordsPerSecond, known.secondsLeft], [20, 400])
  assert.equal(known.objects?.length, 2)

  const unknown = shapeRun(run([object({ expectedRecords: 9_000, recordsRead: 100 }), object({})]), {
    now,
    withObjects: false,
  })
  assert.deepEqual([unknown.recordsExpected, unknown.secondsLeft, unknown.objects], [null, null, undefined])
})

test('an estimate that turns out too low never shows more than all', () => {
  const shaped = shapeRun(run([object({ expectedRecords: 50, recordsRead: 80 })]), { now, withObjects: false })
  assert.deepEqual([shaped.recordsExpected, shaped.secondsLeft], [80, 0])
})

test('before anything is read there is no rate, and a run that is over has no time left', () => {
  assert.equal(shapeRun(run([object({})]), { now, withObjects: false }).recordsPerSecond, null)
  const over = run([object({ state: 'finished', recordsRead: 50 })], {
    state: 'finished',
    finishedAt: new Date('2026-11-03T14:00:10Z'),
  })
  const shaped = shapeRun(over, { now, withObjects: false })
  assert.deepEqual([shaped.recordsPerSecond, shaped.secondsLeft], [5, null])
})
