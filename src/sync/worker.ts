import type { Logger } from 'pino'
import type { ClientDirectory } from '../oauth/clients.ts'
import { createTokenSource } from '../oauth/tokens.ts'
import type { Vault } from '../oauth/vault.ts'
import { createSalesforce } from '../salesforce/client.ts'
import type { Pool } from '../store/database.ts'
import { type AttemptDeps, attemptRun } from './attempt.ts'
import type { Boss } from './boss.ts'

// Each run has a connection to Postgres of its own, and most of its time is spent waiting for Salesforce.
const concurrency = 4

export interface WorkerDeps {
  readonly sql: Pool
  readonly databaseUrl: string
  readonly boss: Boss
  readonly vault: Vault
  /** The guarded way out: nothing else reaches Salesforce. */
  readonly fetch: typeof fetch
  readonly clients: ClientDirectory
  readonly extraOrigins: readonly string[]
  readonly log: Logger
  readonly now: () => Date
}

/** Works on runs as they come. `stop` lets each come to a safe point, from where the next worker goes on. */
export async function startWorker(deps: WorkerDeps): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController()
  const underWay = new Set<Promise<unknown>>()
  const attempt: AttemptDeps = {
    sql: deps.sql,
    databaseUrl: deps.databaseUrl,
    log: deps.log,
    now: deps.now,
    salesforceFor: (integration, onApiUse) =>
      createSalesforce({
        tokens: createTokenSource(deps, integration.id),
        fetch: deps.fetch,
        log: deps.log.child({ integrationId: integration.id }),
        onApiUse,
      }),
  }
  await deps.boss.work(
    async (runId) => {
      if (stopping.signal.aborted) return
      const work = attemptRun(attempt, runId, stopping.signal).catch((error: unknown) => {
        // The run's row says nothing new: the scheduler wakes it again.
        deps.log.error({ err: error, runId }, 'an attempt at a run broke off')
      })
      underWay.add(work)
      await work.finally(() => underWay.delete(work))
    },
    { concurrency },
  )
  return {
    async stop() {
      stopping.abort()
      await Promise.all(underWay)
    },
  }
}
