/**
 * Formulas and their like change with other records, or with the clock, while their own record's time stamps stand still
 * (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/system_fields.htm): no
 * window shows it. Once a day they are read for every record.
 */

import type { BulkJob } from '../salesforce/bulk-query.ts'
import {
  copyToLandingTable,
  createLandingTable,
  emptyLandingTable,
  PageError,
  updateFromLandingTable,
} from '../store/landing.ts'
import { countFollowed, keepJob } from '../store/run-streams.ts'
import { fence, fenced } from '../store/runs.ts'
import { saveFullRead } from '../store/streams.ts'
import { abandonJob, BulkRefused, removeJob, requestJob, waitForJob } from './bulk-backfill.ts'
import { isFullReadDue, type StreamPlan } from './plan.ts'
import type { PreparedStream } from './prepare.ts'
import { orRefuse } from './refusal.ts'
import { copyAll, pageOrThrow } from './rest-pages.ts'
import type { WindowedRun } from './run-context.ts'

/** Brings the calculated fields up to date of those streams where it is time for it. */
export async function refreshCalculated(context: WindowedRun, streams: readonly PreparedStream[]): Promise<void> {
  // A row that was pulled by created time is never changed.
  if (context.integration.pullBy === 'created') return
  for (const prepared of streams) {
    const { plan, stream } = prepared
    const calculated = plan.target.read.filter((column) => column.calculated)
    const isLanded = stream.checkpoint !== null && plan.kind === 'changes'
    if (!isLanded || calculated.length === 0 || !isFullReadDue(stream, context.windowEnd)) continue
    const read = plan.target.read.filter((column) => column.column === 'id' || column.calculated)
    await orRefuse(context, prepared, async () => {
      await abandonEarlierJob(context, prepared)
      await refresh(context, { ...plan, target: { ...plan.target, read } }, stream.rowCount)
    })
  }
}

/** That of an attempt that was cut off: its results are as old as it. */
async function abandonEarlierJob(context: WindowedRun, { plan, runStream }: PreparedStream): Promise<void> {
  const { jobId: id, jobApiVersion: apiVersion } = runStream
  if (id === null || apiVersion === null) return
  await abandonJob(context, { runId: context.run.id, objectName: plan.rule.name, id, apiVersion })
}

async function refresh(context: WindowedRun, plan: StreamPlan, rows: number): Promise<void> {
  const { session, run, sizes, windowEnd } = context
  const objectName = plan.rule.name
  const queries = plan.wholeQueries(plan.target.read.map((column) => column.field).join(', '))
  const [soql] = queries
  await createLandingTable(session, plan.target)
  const isForBulk = plan.rule.bulk && queries.length === 1 && rows >= sizes.bulkFrom
  if (!isForBulk || soql === undefined || !(await readByBulk(context, plan, soql))) {
    context.checkApiBudget()
    const asked = queries.map((one) => ({ soql: one, all: true }))
    const answers = await context.salesforce.queryBatch(asked, { signal: context.signal })
    await emptyLandingTable(session, plan.target)
    await copyAll(context, plan, answers.map(pageOrThrow))
    await update(context, plan)
  }
  await fenced(session, run, (tx) => saveFullRead(tx, run.integrationId, { objectName, at: windowEnd }))
}

/** False when the object is not for the Bulk API. */
async function readByBulk(context: WindowedRun, plan: StreamPlan, soql: string): Promise<boolean> {
  const { session, run } = context
  const objectName = plan.rule.name
  context.checkApiBudget()
  try {
    const started = await requestJob(context, soql)
    const { id, apiVersion } = started
    await fenced(session, run, (tx) => keepJob(tx, { runId: run.id, objectName, id, apiVersion }))
    context.onStep('job-started', objectName)
    const job = await waitForJob(context, started)
    if (job.recordsProcessed !== 0) await landPages(context, plan, job)
    await removeJob(context, job, objectName)
    return true
  } catch (error) {
    if (error instanceof BulkRefused) return false
    throw error
  }
}

async function landPages(context: WindowedRun, plan: StreamPlan, job: BulkJob): Promise<void> {
  const { session, salesforce, signal, sizes } = context
  let read = 0
  for await (const page of salesforce.bulkQueryPages(job, { maxRecords: sizes.recordsPerPage, signal })) {
    await emptyLandingTable(session, plan.target)
    const rows = await copyToLandingTable(session, plan.target, { body: page.body, signal })
    read += rows
    await update(context, plan)
    context.checkApiBudget()
  }
  if (job.recordsProcessed !== null && read !== job.recordsProcessed) {
    throw new PageError(`The job has ${job.recordsProcessed} records, its pages had ${read}.`)
  }
}

async function update({ session, run, onStep }: WindowedRun, { rule, target }: StreamPlan): Promise<void> {
  await session.begin(async (tx) => {
    const changed = await updateFromLandingTable(tx, target)
    await fence(tx, run, { isProgress: true })
    await countFollowed(tx, run, { objectName: rule.name, changed, deleted: 0 })
  })
  onStep('page-landed', rule.name)
}
