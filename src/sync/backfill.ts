/** Streams without a checkpoint: everything they have, large objects by Bulk jobs that Salesforce works on together. */

import { SalesforceError } from '../salesforce/error.ts'
import { BulkRefused, landBulk, type StartedJob, startJob } from './bulk-backfill.ts'
import { landByParents } from './by-parents.ts'
import type { PreparedStream } from './prepare.ts'
import { orRefuse } from './refusal.ts'
import { landRest, pageOrThrow } from './rest-pages.ts'
import type { WindowedRun } from './run-context.ts'
import { tendStream } from './tend-stream.ts'

/** Loads the streams, in their order but for what has to wait for a job. */
export async function landBackfills(context: WindowedRun, streams: readonly PreparedStream[]): Promise<void> {
  if (streams.length === 0) return
  const expected = await countRecords(context, streams)
  const jobs = new Map<string, StartedJob>()
  const readable: PreparedStream[] = []
  for (const prepared of streams) {
    const isReadable = await orRefuse(context, prepared, async () => {
      const job = await startJobIfLarge(context, prepared, expected.get(prepared.plan.rule.name))
      if (job) jobs.set(prepared.plan.rule.name, job)
    })
    if (isReadable) readable.push(prepared)
  }
  const jobOf = ({ plan }: PreparedStream) => jobs.get(plan.rule.name)
  const isByParents = ({ plan }: PreparedStream) => plan.kind === 'by-parents'
  for (const prepared of readable.filter((stream) => !jobOf(stream) && !isByParents(stream))) {
    await load(context, prepared, () => loadByRest(context, prepared))
  }
  for (const prepared of readable) {
    const job = jobOf(prepared)
    if (job) await load(context, prepared, () => loadByBulk(context, prepared, job))
  }
  // Last of all: their parents must be here.
  for (const prepared of readable.filter(isByParents)) {
    await load(context, prepared, () => landByParents(context, prepared, undefined))
  }
}

async function load(context: WindowedRun, prepared: PreparedStream, read: () => Promise<void>): Promise<void> {
  await orRefuse(context, prepared, async () => {
    await read()
    await tendStream(context, prepared.plan)
  })
}

/** How many records each stream has; nothing for those where counting took too long or is not possible. */
async function countRecords(context: WindowedRun, streams: readonly PreparedStream[]): Promise<Map<string, number>> {
  const countable = streams.filter(({ plan, runStream }) => plan.rule.bulk && runStream.jobId === null)
  if (countable.length === 0) return new Map()
  context.checkApiBudget()
  const queries = countable.flatMap(({ plan }) => plan.counts.map((soql) => ({ soql, all: true })))
  const answers = await context.salesforce.queryBatch(queries, { signal: context.signal })
  return new Map(
    countable.flatMap(({ plan }, index) => {
      const answer = answers[index]
      return !answer || answer instanceof SalesforceError ? [] : [[plan.rule.name, answer.totalSize]]
    }),
  )
}

async function startJobIfLarge(
  context: WindowedRun,
  prepared: PreparedStream,
  expected: number | undefined,
): Promise<StartedJob | undefined> {
  const { plan, runStream } = prepared
  if (!plan.rule.bulk || plan.queries.length > 1 || runStream.mode === 'rest') return undefined
  if (runStream.jobId === null && expected !== undefined && expected < context.sizes.bulkFrom) return undefined
  try {
    return await startJob(context, prepared, expected)
  } catch (error) {
    if (error instanceof BulkRefused) return undefined
    throw error
  }
}

async function loadByBulk(context: WindowedRun, prepared: PreparedStream, job: StartedJob): Promise<void> {
  try {
    await landBulk(context, prepared, job)
  } catch (error) {
    if (!(error instanceof BulkRefused)) throw error
    context.log.warn({ objectName: prepared.plan.rule.name, err: error }, 'the bulk job failed: going on by REST')
    await loadByRest(context, prepared)
  }
}

async function loadByRest(context: WindowedRun, { plan }: PreparedStream): Promise<void> {
  context.checkApiBudget()
  const queries = plan.queries.map((soql) => ({ soql: `${soql}${plan.orderBy}`, all: true }))
  const answers = await context.salesforce.queryBatch(queries, { signal: context.signal })
  await landRest(context, plan, answers.map(pageOrThrow))
}
