/** A large object by the Bulk API: one job, its pages landed one by one, resumed where it was left. */

import postgres from 'postgres'
import type { BulkJob } from '../salesforce/bulk-query.ts'
import { SalesforceError } from '../salesforce/error.ts'
import { createLandingTable, PageError } from '../store/landing.ts'
import { isMirrorEmpty } from '../store/mirror.ts'
import {
  beginRunStream,
  clearJob,
  type KeptJob,
  leaveDirect,
  type RunStream,
  saveExpected,
} from '../store/run-streams.ts'
import { fenced } from '../store/runs.ts'
import { completeUnread, landPage, landPageDirectly } from './land-page.ts'
import type { PreparedStream } from './prepare.ts'
import type { RunContext, WindowedRun } from './run-context.ts'

/** The object is not for the Bulk API, or not now: REST reads it. */
export class BulkRefused extends Error {
  override readonly name = 'BulkRefused'
}

/** A job, and how far its pages have landed. */
export interface StartedJob {
  readonly job: BulkJob
  readonly locator: string | null
  readonly recordsRead: number
  /** Whether pages may be copied straight into the mirror. */
  readonly direct: boolean
  /** Whether an earlier attempt started it, and may have asked for other columns. */
  readonly isResumed: boolean
}

// Salesforce takes no Bulk query on this object, these columns or for this user, or has no jobs left for today.
const notForBulk = new Set(['INVALIDENTITY', 'API_ERROR', 'LIMIT_EXCEEDED', 'FEATURENOTENABLED', 'FEATURE_NOT_ENABLED'])

/** Takes the job up that an earlier attempt started, or starts one. Throws BulkRefused when Salesforce won't. */
export async function startJob(
  context: WindowedRun,
  { plan, runStream }: PreparedStream,
  expectedRecords: number | undefined,
): Promise<StartedJob> {
  const known = await findJob(context, runStream)
  if (known) return known
  context.checkApiBudget()
  const [soql] = plan.queries
  if (soql === undefined || plan.queries.length > 1) throw new BulkRefused()
  const job = await requestJob(context, soql)
  const direct = await isMirrorEmpty(context.session, plan.target)
  await fenced(context.session, context.run, (tx) =>
    beginRunStream(tx, context.run, {
      objectName: plan.rule.name,
      mode: 'bulk',
      job,
      direct,
      expectedRecords,
      windowStart: plan.windowStart,
    }),
  )
  context.onStep('job-started', plan.rule.name)
  return { job, locator: null, recordsRead: 0, direct, isResumed: false }
}

/** Asks Salesforce to work on a query. Throws BulkRefused when it won't. */
export async function requestJob({ salesforce, signal }: WindowedRun, soql: string): Promise<BulkJob> {
  return salesforce.startBulkQuery(soql, { all: true, signal }).catch((error) => {
    throw error instanceof SalesforceError && notForBulk.has(error.code) ? new BulkRefused('', { cause: error }) : error
  })
}

async function findJob({ salesforce, signal }: WindowedRun, runStream: RunStream): Promise<StartedJob | undefined> {
  const { jobId, jobApiVersion, locator, recordsRead, direct } = runStream
  if (!jobId || !jobApiVersion) return undefined
  // Deleted, or kept longer than the seven days that Salesforce keeps results: the merge makes repetition harmless.
  const job = await salesforce.findBulkJob({ id: jobId, apiVersion: jobApiVersion }, { signal })
  if (!job || job.state === 'Failed' || job.state === 'Aborted') return undefined
  return { job, locator, recordsRead, direct, isResumed: true }
}

/** Waits for the job and lands what is left of its pages. Throws BulkRefused when the job failed. */
export async function landBulk(context: WindowedRun, prepared: PreparedStream, started: StartedJob): Promise<void> {
  const { plan } = prepared
  const job = await waitForJob(context, started.job)
  const expected = job.recordsProcessed ?? undefined
  if (expected !== undefined) {
    await fenced(context.session, context.run, (tx) =>
      saveExpected(tx, context.run, { objectName: plan.rule.name, records: expected }),
    )
  }
  context.onStep('job-complete', plan.rule.name)
  const told = { objectName: plan.rule.name, records: expected, copiesDirectly: started.direct }
  context.log.info(told, 'bulk job complete: landing its pages')
  if (expected === 0) await completeUnread(context, [plan])
  else await landPages(context, { prepared, started: { ...started, job }, expected })
  context.log.info(told, 'bulk job landed')
  context.onStep('stream-finished', plan.rule.name)
  await removeJob(context, job, plan.rule.name)
}

/** All of its results have landed: they need lie at Salesforce no longer. */
export async function removeJob(
  { salesforce, session, run, signal }: WindowedRun,
  job: BulkJob,
  objectName: string,
): Promise<void> {
  await salesforce.deleteBulkQuery(job, { signal })
  await fenced(session, run, (tx) => clearJob(tx, { runId: run.id, objectName }))
}

/** Stops the job, if it still works, and removes its results: nobody goes on with it. */
export async function abandonJob(
  { salesforce, sql, signal }: Pick<RunContext, 'salesforce' | 'sql' | 'signal'>,
  job: KeptJob,
) {
  await salesforce.abortBulkQuery(job, { signal })
  await salesforce.deleteBulkQuery(job, { signal })
  await clearJob(sql, job)
}

/** The job when it is complete. Throws BulkRefused when it failed. */
export async function waitForJob(context: WindowedRun, job: BulkJob): Promise<BulkJob> {
  if (job.state === 'JobComplete') return job
  const { salesforce, signal } = context
  return salesforce.waitForBulkJob(job, { signal, onProgress: context.checkApiBudget }).catch((error) => {
    const hasFailed = error instanceof SalesforceError && error.status === 200 && error.code !== 'JOB_ABORTED'
    throw hasFailed ? new BulkRefused(error.message, { cause: error }) : error
  })
}

async function landPages(
  context: WindowedRun,
  { prepared, started, expected }: { prepared: PreparedStream; started: StartedJob; expected: number | undefined },
): Promise<void> {
  const { plan } = prepared
  let { locator, recordsRead, direct } = started
  await createLandingTable(context.session, plan.target)
  for (;;) {
    try {
      const pages = context.salesforce.bulkQueryPages(started.job, {
        after: locator,
        maxRecords: context.sizes.recordsPerPage,
        signal: context.signal,
      })
      for await (const page of ahead(pages)) {
        const isLast = page.nextLocator === null
        let rows = 0
        await (direct ? landPageDirectly : landPage)(context, plan, {
          ...page,
          isLast,
          checkRows: (landed) => {
            rows = landed
            if (!isLast || expected === undefined || recordsRead + rows === expected) return
            const message = `The job has ${expected} records, its pages had ${recordsRead + rows}.`
            throw new PageError(message, { spoilsJob: true })
          },
        })
        locator = page.nextLocator
        recordsRead += rows
        context.checkApiBudget()
      }
      return
    } catch (error) {
      if (error instanceof PageError && error.spoilsJob) await forgetJob(context, prepared, started)
      // A row that is there already, or a number in a form that only the landing table takes: once more, by merging.
      if (!direct || !isRowRefused(error)) throw error
      direct = false
      await fenced(context.session, context.run, (tx) => leaveDirect(tx, context.run, plan.rule.name))
    }
  }
}

/** The next attempt starts another job, or tries REST when a job of its own was wrong; it merges over what has landed. */
async function forgetJob(
  context: WindowedRun,
  { plan }: PreparedStream,
  { job, isResumed }: StartedJob,
): Promise<void> {
  const mode = isResumed ? 'bulk' : 'rest'
  await fenced(context.session, context.run, (tx) =>
    beginRunStream(tx, context.run, { objectName: plan.rule.name, mode }),
  )
  await context.salesforce.deleteBulkQuery(job, { signal: context.signal })
}

function isRowRefused(error: unknown): boolean {
  return error instanceof postgres.PostgresError && (error.code === '23505' || error.code.startsWith('22'))
}

/** Asks for the next page while the current one lands. */
async function* ahead<T extends { body: { destroy(): unknown } }>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = pages[Symbol.asyncIterator]()
  let next = iterator.next()
  try {
    for (;;) {
      const { done, value } = await next
      if (done) return
      next = iterator.next()
      // Its failure counts when it is asked for.
      next.catch(() => {})
      yield value
    }
  } finally {
    void next.then(({ value }) => value?.body.destroy()).catch(() => {})
  }
}
