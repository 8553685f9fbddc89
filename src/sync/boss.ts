import { PgBoss } from 'pg-boss'
import type { Logger } from 'pino'

/** The queue's one kind of job: it names a run, and nothing else. */
interface RunJob {
  readonly runId: number
}

export interface Boss {
  /** Makes a worker pick the run up. Asking twice before one has does no more than asking once. */
  wake(runId: number): Promise<void>
  /** Calls `handle` for each run that is to be worked on; as many at a time as `concurrency` says. */
  work(handle: (runId: number) => Promise<void>, options: { concurrency: number }): Promise<void>
  /** Gracefully: handlers that run are waited for. */
  stop(options?: { graceful?: boolean }): Promise<void>
}

const queue = 'run'

/** Starts the job queue on its own small pool. */
export async function startBoss(databaseUrl: string, log: Logger): Promise<Boss> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    schema: 'pgboss',
    max: 3,
    application_name: 'loopline queue',
  })
  boss.on('error', (error) => log.error({ err: error }, 'the job queue reports an error'))
  await boss.start()
  // `short`: at most one waiting job per key. The longest life that pg-boss gives a job is a day; a longer run goes on.
  await boss.createQueue(queue, {
    policy: 'short',
    expireInSeconds: 23 * 3600,
    retryLimit: 0,
    retentionSeconds: 2 * 24 * 3600,
    deleteAfterSeconds: 24 * 3600,
  })
  const workers: string[] = []
  return {
    async wake(runId) {
      await boss.send(queue, { runId }, { singletonKey: String(runId) })
      for (const worker of workers) boss.notifyWorker(worker)
    },
    async work(handle, { concurrency }) {
      for (let n = 0; n < concurrency; n++) {
        const worker = await boss.work<RunJob>(queue, { pollingIntervalSeconds: 1 }, async (jobs) => {
          for (const { data } of jobs) await handle(data.runId)
        })
        workers.push(worker)
      }
    },
    async stop({ graceful = true } = {}) {
      await boss.stop({ graceful, timeout: 10_000 })
    },
  }
}
