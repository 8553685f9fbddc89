/** The whole story of one run: read this file first. */

import { listJobs } from '../store/run-streams.ts'
import { fixWindowEnd } from '../store/runs.ts'
import { landBackfills } from './backfill.ts'
import { abandonJob } from './bulk-backfill.ts'
import { landChanges } from './changes.ts'
import { followParents } from './follow-parents.ts'
import { type PreparedStream, prepareStreams } from './prepare.ts'
import { refreshCalculated } from './refresh-calculated.ts'
import { ShapeChanged } from './refusal.ts'
import type { RunContext, WindowedRun } from './run-context.ts'
import { tendStream } from './tend-stream.ts'

/**
 * One attempt at a run: fix the window, see what the org has, bring every stream up to the window's end. May be cut off
 * at any point and started again: it goes on where the last committed page left it. Throws what stopped it.
 */
export async function executeRun(context: RunContext): Promise<void> {
  context.onStep('claimed')
  const windowEnd = context.run.windowEnd ?? (await fixWindow(context))
  context.onStep('window-fixed')
  // A person who asks for a sync wants to see new fields now; the schedule may go by what it knows.
  const isAskedFor = context.run.trigger !== 'schedule' && context.run.attempt === 1
  try {
    await readStreams({ ...context, windowEnd, isFreshlyDescribed: isAskedFor })
  } catch (error) {
    if (!(error instanceof ShapeChanged)) throw error
    context.log.info({ err: error }, 'the org has changed: describing it again')
    await readStreams({ ...context, windowEnd, isFreshlyDescribed: true })
  }
}

/** What is newer belongs to the next run. Salesforce's clock, never ours. */
async function fixWindow({ salesforce, session, run, signal }: RunContext): Promise<Date> {
  const windowEnd = await salesforce.orgTime({ signal })
  await fixWindowEnd(session, run, windowEnd)
  return windowEnd
}

async function readStreams(context: WindowedRun): Promise<void> {
  const prepared = await prepareStreams(context)
  context.onStep('prepared')
  const unread = prepared.filter(({ runStream }) => runStream.state !== 'finished')
  await landChanges(
    context,
    unread.filter((stream) => !needsBackfill(stream)),
  )
  await landBackfills(context, unread.filter(needsBackfill))
  await followParents(context, prepared)
  await refreshCalculated(context, prepared)
  await clearUp(context, prepared)
}

/** Snapshots and links are read whole in either case; the first time they come with the other first loads. */
function needsBackfill({ stream }: PreparedStream): boolean {
  return stream.checkpoint === null
}

/** What was cut off may have left a stream without indexes; it, and an earlier run that failed, results at Salesforce. */
async function clearUp(context: WindowedRun, prepared: readonly PreparedStream[]): Promise<void> {
  const { run, session } = context
  if (run.attempt > 1 && run.kind === 'backfill') for (const { plan } of prepared) await tendStream(context, plan)
  for (const job of await listJobs(session, run)) await abandonJob(context, job)
}
