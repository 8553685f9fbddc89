import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Failure } from '../errors.ts'
import { type HealthFacts, healthOf } from './health.ts'

const now = new Date('2026-11-03T14:02:00Z')
const later = new Date('2026-11-03T14:17:00Z')

const well: HealthFacts = {
  now,
  pausedAt: null,
  nextRunAt: later,
  connection: {
    health: 'connected',
    failure: null,
    healthSince: now,
    connectedAt: now,
    orgName: 'Acme Support',
    username: 'maria@acme.example',
  },
  activeRun: null,
  lastRun: { state: 'finished', finishedAt: now, failure: null },
  objects: 14,
  refused: [],
}

const run: NonNullable<HealthFacts['activeRun']> = {
  kind: 'backfill',
  state: 'running',
  createdAt: now,
  retryAt: null,
  failure: null,
  objectsDone: 3,
  objectsTotal: 14,
  recordsRead: 12_400,
  recordsExpected: null,
}
const failure = (message: string): Failure => ({ kind: 'reconnect', code: 'SOME_CODE', message })
const dead = { ...well.connection, health: 'reconnect', failure: failure('Access was revoked') } as NonNullable<
  HealthFacts['connection']
>
const refused = (label: string) => ({ label, failure: null })

const cases: [string, Partial<HealthFacts>, string, string][] = [
  ['all is well', {}, 'connected', 'Connected to Acme Support as maria@acme.example.'],
  [
    'nobody has connected it',
    { connection: null },
    'not-connected',
    'Not connected to Salesforce yet. Re-generate Token connects it.',
  ],
  [
    'the grant is dead, whatever else is the case',
    { connection: dead, pausedAt: now, activeRun: run },
    'reconnect',
    'Access was revoked. Syncing is paused, nothing is lost.',
  ],
  [
    'it is paused, though a run still winds down',
    { pausedAt: now, activeRun: run },
    'paused',
    'Paused by an admin. What was copied stays readable; resuming goes on from there.',
  ],
  [
    'the first sync runs, and how much there is, is not known yet',
    { activeRun: run, lastRun: null },
    'syncing',
    'First sync is running: 3 of 14 objects done, 12,400 records so far.',
  ],
  [
    'a sync runs, and how much there is, is known',
    { activeRun: { ...run, recordsExpected: 96_000 } },
    'syncing',
    'Sync is running: 3 of 14 objects done, 12,400 records of about 96,000 records.',
  ],
  ['a sync is queued', { activeRun: { ...run, state: 'queued' } }, 'syncing', 'Sync is about to start.'],
  [
    'a sync waits for Salesforce',
    {
      activeRun: { ...run, state: 'waiting', retryAt: later, failure: failure('Salesforce did not answer.') },
    },
    'degraded',
    'Salesforce did not answer. Loopline tries again at 3 Nov, 14:17 UTC.',
  ],
  [
    'the last sync failed',
    { lastRun: { state: 'failed', finishedAt: now, failure: failure('Something broke') } },
    'degraded',
    'Something broke. Loopline tries again at 3 Nov, 14:17 UTC.',
  ],
  [
    'a cancelled sync is no illness',
    { lastRun: { state: 'cancelled', finishedAt: now, failure: null } },
    'connected',
    'Connected to Acme Support as maria@acme.example.',
  ],
  [
    'some objects are refused',
    { refused: ['Case Milestone', 'Entitlement', 'Messaging Session'].map(refused) },
    'degraded',
    '3 of 14 objects could not be read: Case Milestone, Entitlement, Messaging Session. The other 11 are up to date.',
  ],
  [
    'many objects are refused',
    { refused: ['A', 'B', 'C', 'D', 'E'].map(refused) },
    'degraded',
    '5 of 14 objects could not be read: A, B, C and 2 more. The other 9 are up to date.',
  ],
  [
    'all objects are refused',
    { objects: 1, refused: ['A'].map(refused) },
    'degraded',
    '1 of 1 object could not be read: A.',
  ],
]

for (const [name, facts, state, sentence] of cases) {
  test(`health: ${name}`, () => {
    const health = healthOf({ ...well, ...facts })
    assert.deepEqual([health.state, health.sentence], [state, sentence])
  })
}
