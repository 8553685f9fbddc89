/** One worker's attempt at one run: claim it, keep it alive, execute it, and say how it ended. */

import type { Logger } from 'pino'
import type { Failure } from '../errors.ts'
import type { Salesforce } from '../salesforce/client.ts'
import type { ApiUse } from '../salesforce/transport.ts'
import { saveApiUse, setConnectionHealth } from '../store/connections.ts'
import { openDatabase, type Pool } from '../store/database.ts'
import { getIntegration, type Integration } from '../store/integrations.ts'
import { listJobs } from '../store/run-streams.ts'
import { beatHeart, type ClaimedRun, ClaimLost, claimRun, endAttempt, type RunEnd, tryRunLock } from '../store/runs.ts'
import { listStreams } from '../store/streams.ts'
import { type ApiBudget, createApiBudget } from './api-budget.ts'
import { abandonJob } from './bulk-backfill.ts'
import { classify } from './classify.ts'
import { objectsOf } from './objects.ts'
import { executeRun } from './run.ts'
import type { RunContext, RunSizes } from './run-context.ts'

// 100,000 records are some 80 MB on the wire: a crash repeats a second, and a page's end costs next to nothing.
const usualSizes: RunSizes = { bulkFrom: 4_000, recordsPerPage: 100_000 }
const heartbeatMs = 1_000
// Ten failures in a row, with no page landed in between, are an hour or so: then the next scheduled run tries again.
const retryDelaysMs = [10, 30, 60, 120, 300, 600, 900, 900, 900].map((seconds) => seconds * 1_000)

export interface AttemptDeps {
  readonly sql: Pool
  readonly databaseUrl: string
  readonly log: Logger
  readonly now: () => Date
  readonly salesforceFor: (integration: Integration, onApiUse: (use: ApiUse) => void) => Salesforce
  readonly sizes?: RunSizes
  readonly onStep?: RunContext['onStep']
}

/** The worker stops; the run goes on with the next one. */
class Stopping extends Error {
  override readonly name = 'Stopping'
}

class Cancelled extends Error {
  override readonly name = 'Cancelled'
}

/**
 * Works on the run until it ends, waits, or `stop` is aborted. Returns how the attempt ended; undefined when the run
 * was not to be had or was lost to another worker.
 */
export async function attemptRun(deps: AttemptDeps, runId: number, stop: AbortSignal): Promise<RunEnd | undefined> {
  const session = openDatabase(deps.databaseUrl, { max: 1, lasting: true })
  try {
    const isAlone = await tryRunLock(session, runId)
    const run = await claimRun(deps.sql, runId, { isAlone })
    if (!run) return undefined
    // Rows and checkpoint commit together: a database that crashes loses the last of them together, or neither, and
    // they are read again. Waiting for the disk after each page would cost a fifth of a first load's speed.
    await session`set synchronous_commit = off`
    return await holdRun(deps, { run, session, stop })
  } finally {
    await session.end({ timeout: 2 })
  }
}

async function holdRun(
  deps: AttemptDeps,
  { run, session, stop }: { run: ClaimedRun; session: Pool; stop: AbortSignal },
): Promise<RunEnd | undefined> {
  const { sql, now, sizes = usualSizes, onStep = () => {} } = deps
  const log = deps.log.child({ runId: run.id, integrationId: run.integrationId, attempt: run.attempt })
  const integration = await getIntegration(sql, run.integrationId)
  const budget = createApiBudget({ sharePercent: integration.apiSharePercent, now })
  const salesforce = deps.salesforceFor(integration, budget.see)
  const apiCalls = () => run.apiCalls + salesforce.apiCalls()
  const control = new AbortController()
  const onStop = () => control.abort(new Stopping())
  stop.addEventListener('abort', onStop, { once: true })
  if (stop.aborted) onStop()
  if (run.cancelRequested) control.abort(new Cancelled())
  const heart = keepBeating(deps, { run, control, apiCalls, budget })
  try {
    const { signal } = control
    const context = { run, integration, salesforce, sql, session, signal, log, now, sizes, onStep }
    const error = await failureOf(() => executeRun({ ...context, checkApiBudget: budget.check }), signal)
    if (error instanceof ClaimLost) {
      log.warn('another worker has taken the run')
      return undefined
    }
    const end = endFor(error, { run, now })
    const isOver = end.state === 'cancelled' || (end.state === 'failed' && end.failure.kind !== 'reconnect')
    if (isOver) await abandonJobs({ salesforce, sql, run, log })
    heart.stop()
    await endAttempt(sql, run, { end, apiCalls: apiCalls() })
    await saveHealth(sql, integration, end)
    await saveUse(deps, { run, budget })
    logEnd(log, end, error)
    return end
  } finally {
    heart.stop()
    stop.removeEventListener('abort', onStop)
  }
}

/** What ended it; undefined when it came to its end. An abort's reason is what counts, not what it broke. */
async function failureOf(execute: () => Promise<void>, signal: AbortSignal): Promise<unknown> {
  try {
    signal.throwIfAborted()
    await execute()
    return undefined
  } catch (error) {
    return signal.aborted ? signal.reason : error
  }
}

function keepBeating(
  deps: AttemptDeps,
  {
    run,
    control,
    apiCalls,
    budget,
  }: { run: ClaimedRun; control: AbortController; apiCalls: () => number; budget: ApiBudget },
): { stop(): void } {
  let isBusy = false
  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    void Promise.all([beatHeart(deps.sql, run, { apiCalls: apiCalls() }), saveUse(deps, { run, budget })])
      .then(([{ cancelRequested }]) => {
        if (cancelRequested) control.abort(new Cancelled())
      })
      .catch((error: unknown) => {
        if (error instanceof ClaimLost) control.abort(error)
        else deps.log.warn({ err: error }, 'could not write a heartbeat')
      })
      .finally(() => {
        isBusy = false
      })
  }, heartbeatMs)
  return { stop: () => clearInterval(timer) }
}

async function saveUse({ sql, now }: AttemptDeps, { run, budget }: { run: ClaimedRun; budget: ApiBudget }) {
  const use = budget.lastSeen()
  if (use) await saveApiUse(sql, run.integrationId, { ...use, seenAt: now() })
}

function endFor(error: unknown, { run, now }: { run: ClaimedRun; now: () => Date }): RunEnd {
  if (error === undefined) return { state: 'finished' }
  if (error instanceof Stopping) return { state: 'queued' }
  if (error instanceof Cancelled) return { state: 'cancelled' }
  const failure = classify(error)
  if (failure.kind !== 'transient') return { state: 'failed', failure }
  // The org's own pace is nobody's failure.
  const counts = failure.code !== 'API_BUDGET'
  const delayMs = retryDelaysMs[run.failures]
  if (counts && delayMs === undefined) {
    const action = 'Loopline has tried ten times in a row and gave up on this sync. The next scheduled one tries again.'
    return { state: 'failed', failure: { ...failure, action } }
  }
  const retryAt = failure.retryAt ? new Date(failure.retryAt) : new Date(now().getTime() + (delayMs ?? 0))
  return { state: 'waiting', failure: { ...failure, retryAt: retryAt.toISOString() }, retryAt, counts }
}

/** A run that nobody goes on with leaves nothing running, or lying, at Salesforce; where that fails, the next one sees to it. */
async function abandonJobs({
  salesforce,
  sql,
  run,
  log,
}: {
  salesforce: Salesforce
  sql: Pool
  run: ClaimedRun
  log: Logger
}): Promise<void> {
  const signal = AbortSignal.timeout(20_000)
  for (const job of await listJobs(sql, run)) {
    try {
      await abandonJob({ salesforce, sql, signal }, job)
    } catch (error) {
      log.warn({ err: error, jobId: job.id }, 'could not remove a bulk job: the next run tries again')
    }
  }
}

async function saveHealth(sql: Pool, integration: Integration, end: RunEnd): Promise<void> {
  if (end.state === 'failed') {
    const health = end.failure.kind === 'reconnect' ? 'reconnect' : 'degraded'
    await setConnectionHealth(sql, integration.id, { health, failure: end.failure })
  } else if (end.state === 'finished') {
    const refused = await findRefusal(sql, integration)
    await setConnectionHealth(sql, integration.id, { health: refused ? 'degraded' : 'connected', failure: refused })
  }
}

async function findRefusal(sql: Pool, integration: Integration): Promise<Failure | null> {
  const names = new Set(objectsOf(integration.capability).map((rule) => rule.name))
  const streams = await listStreams(sql, integration.id)
  return streams.find((stream) => stream.state === 'refused' && names.has(stream.objectName))?.failure ?? null
}

function logEnd(log: Logger, end: RunEnd, error: unknown): void {
  if (end.state === 'failed') log.error({ err: error, code: end.failure.code }, end.failure.message)
  else if (end.state === 'waiting') log.warn({ code: end.failure.code, retryAt: end.retryAt }, end.failure.message)
  else log.info({ state: end.state }, 'run ended')
}
