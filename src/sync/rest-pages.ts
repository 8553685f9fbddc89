/** Objects read by REST: pages of 2,000 records, following Salesforce's own links from one to the next. */

import { SalesforceError } from '../salesforce/error.ts'
import type { QueryPage } from '../salesforce/query.ts'
import type { Sql } from '../store/database.ts'
import {
  copyToLandingTable,
  createLandingTable,
  mergeLandingTable,
  PageError,
  removeMissing,
} from '../store/landing.ts'
import { beginRunStream, countPage } from '../store/run-streams.ts'
import { addRunNote, fence, fenced } from '../store/runs.ts'
import { countStreamRows } from '../store/streams.ts'
import { csvOf } from './csv.ts'
import { completeStream, completeUnread, landPage } from './land-page.ts'
import type { StreamPlan } from './plan.ts'
import type { WindowedRun } from './run-context.ts'

/** Lands everything that these first pages (one per slice) lead to, and completes the stream. */
export async function landRest(
  context: WindowedRun,
  plan: StreamPlan,
  firstPages: readonly QueryPage[],
): Promise<void> {
  const { session, run } = context
  const expectedRecords = firstPages.reduce((sum, page) => sum + page.totalSize, 0)
  if (expectedRecords === 0 && !plan.removesMissing) return completeUnread(context, [plan])
  await fenced(session, run, (tx) =>
    beginRunStream(tx, run, {
      objectName: plan.rule.name,
      mode: 'rest',
      expectedRecords,
      windowStart: plan.windowStart,
    }),
  )
  await createLandingTable(session, plan.target)
  await (plan.removesMissing ? landWhole : landWindow)(context, plan, firstPages)
  context.onStep('stream-finished', plan.rule.name)
}

async function landWindow(context: WindowedRun, plan: StreamPlan, firstPages: readonly QueryPage[]): Promise<void> {
  for (const [index, firstPage] of firstPages.entries()) {
    const isLastSlice = index === firstPages.length - 1
    for await (const page of pagesFrom(context, firstPage)) {
      await landPage(context, plan, {
        body: csvOf(page.records, fieldsOf(plan)),
        recordCount: page.records.length,
        nextLocator: null,
        isLast: isLastSlice && page.done,
        // Of several slices each has its own order of time.
        isOrdered: firstPages.length === 1 && plan.orderBy !== '',
      })
    }
  }
}

/** All pages first, then one merge: only a whole reading can tell what is no longer there. */
async function landWhole(context: WindowedRun, plan: StreamPlan, firstPages: readonly QueryPage[]): Promise<void> {
  const read = await copyAll(context, plan, firstPages)
  await context.session.begin(async (tx) => {
    await saveWholeReading(context, tx, { plan, read, parents: null })
    await completeStream(context, tx, plan)
  })
  context.onStep('page-landed', plan.rule.name)
}

/** Merges what was copied, and takes out what a whole reading (of these parents, when given) did not show. */
export async function saveWholeReading(
  context: WindowedRun,
  tx: Sql,
  {
    plan,
    read,
    parents,
  }: { plan: StreamPlan; read: number; parents: { column: string; ids: readonly string[] } | null },
): Promise<void> {
  const { run } = context
  const objectName = plan.rule.name
  const merged = await mergeLandingTable(tx, plan.target, plan.merge)
  const removal = plan.removesMissing
    ? await removeMissing(tx, plan.target, parents)
    : { removed: 0, isMarked: false, refused: false }
  context.onStep('page-merged', objectName)
  await fence(tx, run, { isProgress: true })
  await countPage(tx, run, {
    objectName,
    locator: null,
    read,
    changed: merged.changed + removal.removed,
    deleted: merged.deleted + removal.removed,
  })
  await countStreamRows(tx, run.integrationId, {
    objectName,
    inserted: merged.inserted - (removal.isMarked ? 0 : removal.removed),
    newest: merged.newest,
  })
  if (!removal.refused) return
  const note = `Most records of ${objectName} no longer show. Since lost access looks just like that, none was removed here.`
  await addRunNote(tx, run, note)
}

/** A first page, or the error that came in its place. */
export function pageOrThrow(answer: QueryPage | SalesforceError): QueryPage {
  if (answer instanceof SalesforceError) throw answer
  return answer
}

/** Copies every page into the landing table, which must be empty. Returns how many records there were. */
export async function copyAll(
  context: WindowedRun,
  plan: StreamPlan,
  firstPages: readonly QueryPage[],
): Promise<number> {
  let read = 0
  for (const firstPage of firstPages) {
    for await (const page of pagesFrom(context, firstPage)) {
      const body = csvOf(page.records, fieldsOf(plan))
      const rows = await copyToLandingTable(context.session, plan.target, { body, signal: context.signal })
      if (rows !== page.records.length) throw new PageError(`Of ${page.records.length} records ${rows} were copied.`)
      read += rows
    }
  }
  context.onStep('page-copied', plan.rule.name)
  return read
}

async function* pagesFrom(context: WindowedRun, firstPage: QueryPage): AsyncGenerator<QueryPage> {
  let page: QueryPage = firstPage
  yield page
  while (page.nextRecordsUrl !== null) {
    context.checkApiBudget()
    page = await context.salesforce.queryMore(page.nextRecordsUrl, { signal: context.signal })
    yield page
  }
}

function fieldsOf(plan: StreamPlan): string[] {
  return plan.target.read.map((column) => column.field)
}
