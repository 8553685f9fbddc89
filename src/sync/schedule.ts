import type { Logger } from 'pino'
import type { Pool, Sql } from '../store/database.ts'
import { listDueIntegrations, scheduleNextRun } from '../store/due-integrations.ts'
import { getIntegration, type Integration } from '../store/integrations.ts'
import { insertRun, listRunsToWake, type RunState, type RunTrigger, requestCancel } from '../store/runs.ts'
import { listStreams } from '../store/streams.ts'
import type { Boss } from './boss.ts'
import { objectsOf } from './objects.ts'

const tickMs = 2_000

/**
 * Queues a run, from which the next scheduled one counts. Throws RUN_ACTIVE when one is under way. Returns the run's id.
 */
export async function queueRun(
  sql: Pool,
  boss: Boss,
  integration: Integration,
  { trigger, requestedBy }: { trigger: RunTrigger; requestedBy: string | null },
): Promise<number> {
  const runId = await sql.begin(async (tx) => {
    const kind = await kindOfNextRun(tx, integration)
    const id = await insertRun(tx, { integrationId: integration.id, kind, trigger, requestedBy })
    await scheduleNextRun(tx, integration.id)
    return id
  })
  await boss.wake(runId)
  return runId
}

/** What the run will be, as far as is known before it asks Salesforce. */
async function kindOfNextRun(sql: Sql, integration: Integration): Promise<'backfill' | 'incremental'> {
  const streams = new Map((await listStreams(sql, integration.id)).map((stream) => [stream.objectName, stream]))
  const isNew = objectsOf(integration.capability).some(({ name }) => {
    const stream = streams.get(name)
    return !stream || stream.state === 'new' || stream.state === 'backfilling'
  })
  return isNew ? 'backfill' : 'incremental'
}

/** Asks a run to stop. Returns its state: `running` still, until its worker has noticed, a second or two later. */
export async function cancelRun(sql: Pool, boss: Boss, runId: number): Promise<RunState | undefined> {
  const state = await requestCancel(sql, runId)
  // Should its worker be gone, the next one ends it.
  if (state === 'running') await boss.wake(runId)
  return state
}

export interface SchedulerDeps {
  readonly sql: Pool
  readonly boss: Boss
  readonly log: Logger
}

/**
 * Queues what is due and wakes runs that have no worker, now and then every two seconds. Any number of processes may
 * do so at once.
 */
export async function startScheduler(deps: SchedulerDeps): Promise<{ stop(): Promise<void> }> {
  let tick: Promise<void> = Promise.resolve()
  let isBusy = false
  const run = () => {
    if (isBusy) return
    isBusy = true
    tick = scheduleDue(deps)
      .catch((error: unknown) => deps.log.error({ err: error }, 'the scheduler could not do its round'))
      .finally(() => {
        isBusy = false
      })
  }
  run()
  const timer = setInterval(run, tickMs)
  return {
    async stop() {
      clearInterval(timer)
      await tick
    },
  }
}

/** One round of the scheduler. */
export async function scheduleDue({ sql, boss, log }: SchedulerDeps): Promise<void> {
  for (const integrationId of await listDueIntegrations(sql)) {
    try {
      await queueRun(sql, boss, await getIntegration(sql, integrationId), { trigger: 'schedule', requestedBy: null })
    } catch (error) {
      // Another process was quicker, or the integration is gone.
      log.debug({ err: error, integrationId }, 'a due run was not queued')
    }
  }
  for (const runId of await listRunsToWake(sql)) await boss.wake(runId)
}
