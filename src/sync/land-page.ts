/** Where Salesforce's pages meet Postgres's tables: a page lands whole, with its checkpoint, or not at all. */

import type { Readable } from 'node:stream'
import type { Sql } from '../store/database.ts'
import {
  copyToLandingTable,
  copyToMirror,
  emptyLandingTable,
  type Merged,
  mergeLandingTable,
  PageError,
} from '../store/landing.ts'
import { countPage, finishRunStream } from '../store/run-streams.ts'
import { fence, fenced } from '../store/runs.ts'
import { countStreamRows, moveCheckpoint, settleColumns } from '../store/streams.ts'
import type { StreamPlan } from './plan.ts'
import type { WindowedRun } from './run-context.ts'

export interface LandedPage {
  readonly body: Readable
  /** How many rows it must have; undefined when Salesforce didn't say. */
  readonly recordCount: number | undefined
  /** Where to go on after it; null at the end. */
  readonly nextLocator: string | null
  /** Whether the stream is complete up to the window's end once this page has landed. */
  readonly isLast: boolean
  /** Pages come in order of time: everything before this page's newest record has landed with it. */
  readonly isOrdered?: boolean
  /** Told how many rows the page had, before it commits; may throw. */
  readonly checkRows?: (rows: number) => void
}

/** The landing table must have been made for this stream (`createLandingTable`). */
export async function landPage(context: WindowedRun, plan: StreamPlan, page: LandedPage): Promise<Merged> {
  const { session, signal } = context
  await emptyLandingTable(session, plan.target)
  // The slow part, before the transaction opens.
  const rows = await copyToLandingTable(session, plan.target, { body: page.body, signal })
  checkCount(page, rows)
  context.onStep('page-copied', plan.rule.name)
  const merged = await session.begin(async (tx) => {
    const merged = await mergeLandingTable(tx, plan.target, plan.merge)
    context.onStep('page-merged', plan.rule.name)
    await savePage(context, tx, { plan, page, rows, merged })
    return merged
  })
  context.onStep('page-landed', plan.rule.name)
  return merged
}

/** The same for a page of a first load, whose rows can't be there yet: they are copied once instead of twice. */
export async function landPageDirectly(context: WindowedRun, plan: StreamPlan, page: LandedPage): Promise<Merged> {
  const merged = await context.session.begin(async (tx) => {
    const rows = await copyToMirror(tx, plan.target, { body: page.body, signal: context.signal })
    checkCount(page, rows)
    context.onStep('page-merged', plan.rule.name)
    const merged = { inserted: rows, changed: rows, deleted: 0, newest: null }
    await savePage(context, tx, { plan, page, rows, merged })
    return merged
  })
  context.onStep('page-landed', plan.rule.name)
  return merged
}

function checkCount(page: LandedPage, rows: number): void {
  if (page.recordCount !== undefined && rows !== page.recordCount) {
    throw new PageError(`Salesforce announced ${page.recordCount} records and sent ${rows}.`)
  }
  page.checkRows?.(rows)
}

// Same transaction as the rows: a crash repeats a page, it never skips one.
async function savePage(
  context: WindowedRun,
  tx: Sql,
  { plan, page, rows, merged }: { plan: StreamPlan; page: LandedPage; rows: number; merged: Merged },
): Promise<void> {
  const { run } = context
  const objectName = plan.rule.name
  await fence(tx, run, { isProgress: true })
  await countPage(tx, run, {
    objectName,
    locator: page.nextLocator,
    read: rows,
    changed: merged.changed,
    deleted: merged.deleted,
  })
  await countStreamRows(tx, run.integrationId, { objectName, inserted: merged.inserted, newest: merged.newest })
  if (page.isLast) await completeStream(context, tx, plan)
  else if (page.isOrdered && merged.newest) {
    await moveCheckpoint(tx, run.integrationId, {
      objectName,
      checkpoint: merged.newest,
      isComplete: false,
      isWhole: false,
    })
  }
}

/** Everything up to the window's end is here: the checkpoint moves there, and the columns being filled are filled. */
export async function completeStream(
  { run, windowEnd }: WindowedRun,
  tx: Sql,
  plan: StreamPlan,
  { isWhole = plan.kind === 'snapshot' || plan.kind === 'backfill' }: { isWhole?: boolean } = {},
): Promise<void> {
  const objectName = plan.rule.name
  await moveCheckpoint(tx, run.integrationId, {
    objectName,
    checkpoint: windowEnd,
    isComplete: true,
    isWhole,
  })
  if (plan.target.columns.some((column) => column.state === 'filling')) {
    await settleColumns(tx, run.integrationId, { objectName, columns: plan.target.columns })
  }
  await finishRunStream(tx, run, objectName)
}

/** Streams for which there was nothing to read are complete, all in one transaction. */
export async function completeUnread(context: WindowedRun, plans: readonly StreamPlan[]): Promise<void> {
  if (plans.length === 0) return
  await fenced(context.session, context.run, async (tx) => {
    for (const plan of plans) {
      if (plan.kind === 'skip') await finishRunStream(tx, context.run, plan.rule.name)
      else await completeStream(context, tx, plan)
    }
  })
}
