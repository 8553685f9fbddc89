import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { after, test } from 'node:test'
import pino from 'pino'
import { openSyncTest } from '../../test/sync.ts'
import { LooplineError } from '../errors.ts'
import { setConnectionHealth } from '../store/connections.ts'
import { changeIntegration } from '../store/integrations.ts'
import { findActiveRun, findLastRun, findRun, listRuns } from '../store/runs.ts'
import { startBoss } from './boss.ts'
import { cancelRun, queueRun, scheduleDue } from './schedule.ts'

const { sql, url, addIntegration } = await openSyncTest({ scale: 0.05 })
const log = pino({ level: 'silent' })
const boss = await startBoss(url, log)
after(() => boss.stop({ graceful: false }))

const asked = new EventEmitter()
const known = new Set<number>()
await boss.work(
  async (runId) => {
    known.add(runId)
    asked.emit('run')
  },
  { concurrency: 1 },
)
/** A worker has been asked to work on the run. */
async function untilAsked(runId: number): Promise<void> {
  while (!known.has(runId)) await once(asked, 'run')
}

const manual = { trigger: 'manual', requestedBy: 'Jo' } as const

test('a queued run reaches a worker, and says when the next one is due', { timeout: 30_000 }, async () => {
  const integration = await addIntegration()
  const runId = await queueRun(sql, boss, await integration.get(), manual)
  await untilAsked(runId)
  assert.equal((await findRun(sql, runId))?.kind, 'backfill')
  const { nextRunAt } = await integration.get()
  assert.ok(nextRunAt && Math.abs(nextRunAt.getTime() - Date.now() - 15 * 60_000) < 60_000)
})

test('two runs of one integration never overlap', async () => {
  const integration = await addIntegration()
  await queueRun(sql, boss, await integration.get(), manual)
  await assert.rejects(
    queueRun(sql, boss, await integration.get(), manual),
    (error) => error instanceof LooplineError && error.failure.code === 'RUN_ACTIVE',
  )
  assert.equal((await listRuns(sql, integration.id, { before: null, limit: 10 })).length, 1)
})

test('what is due is queued once, by however many schedulers', async () => {
  const integration = await addIntegration()
  await changeIntegration(sql, integration.id, { nextRunAt: new Date(Date.now() - 1_000) })
  await Promise.all([1, 2, 3].map(() => scheduleDue({ sql, boss, log })))
  const runs = await listRuns(sql, integration.id, { before: null, limit: 10 })
  assert.deepEqual(
    runs.map((run) => [run.trigger, run.state]),
    [['schedule', 'queued']],
  )
  assert.ok(((await integration.get()).nextRunAt ?? 0) > new Date())
})

for (const [why, hold] of [
  ['paused', (id: string) => changeIntegration(sql, id, { pausedAt: new Date() })],
  ['without a living grant', (id: string) => setConnectionHealth(sql, id, { health: 'reconnect', failure: null })],
  ['not yet due', (id: string) => changeIntegration(sql, id, { nextRunAt: new Date(Date.now() + 60_000) })],
] as const) {
  test(`an integration that is ${why} is left alone`, async () => {
    const integration = await addIntegration()
    await changeIntegration(sql, integration.id, { nextRunAt: new Date(Date.now() - 1_000) })
    await hold(integration.id)
    await scheduleDue({ sql, boss, log })
    assert.equal(await findActiveRun(sql, integration.id), undefined)
  })
}

test('a run whose worker died is woken, and the next worker takes it though its heartbeat is fresh', {
  timeout: 60_000,
}, async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  await sql`update loopline.runs set state = 'running', attempt = 3, heartbeat_at = now() - interval '6 seconds' where id = ${runId}`
  const woken = untilAsked(runId)
  await scheduleDue({ sql, boss, log })
  await woken
  assert.deepEqual(await integration.attempt(runId), { state: 'finished' })
  assert.equal((await findLastRun(sql, integration.id))?.attempt, 4)
})

test('a cancelled run whose worker died ends, too', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  await sql`update loopline.runs set state = 'running', attempt = 1, heartbeat_at = now() where id = ${runId}`
  assert.equal(await cancelRun(sql, boss, runId), 'running')
  assert.deepEqual(await integration.attempt(runId), { state: 'cancelled' })
  assert.equal((await findRun(sql, runId))?.state, 'cancelled')
})

test('run history is read newest first, page by page', async () => {
  const integration = await addIntegration()
  const ids: number[] = []
  for (let n = 0; n < 3; n++) {
    const id = await integration.queue()
    await cancelRun(sql, boss, id)
    ids.unshift(id)
  }
  const first = await listRuns(sql, integration.id, { before: null, limit: 2 })
  const rest = await listRuns(sql, integration.id, { before: first.at(-1)?.id ?? null, limit: 2 })
  assert.deepEqual(
    [...first, ...rest].map((run) => run.id),
    ids,
  )
})
