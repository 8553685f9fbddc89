/** What changed since the checkpoints: one API call asks for all of it, and most runs need no other. */

import { SalesforceError } from '../salesforce/error.ts'
import type { Query, QueryPage } from '../salesforce/query.ts'
import { BulkRefused, landBulk, startJob } from './bulk-backfill.ts'
import { type AskedLinks, landByParents, linkQueries, listFewParents } from './by-parents.ts'
import { completeUnread } from './land-page.ts'
import { overlapMs } from './plan.ts'
import type { PreparedStream } from './prepare.ts'
import { orRefuse } from './refusal.ts'
import { landRest, pageOrThrow } from './rest-pages.ts'
import type { WindowedRun } from './run-context.ts'

const queriesPerCall = 25
// After a pause each first page may be full: fewer of them at a time keep the answer small.
const queriesPerCallAfterPause = 5
const pauseMs = 6 * 3_600_000
// From here on a Bulk job is quicker and takes fewer calls than pages of 2,000.
const manyChanges = 20_000

interface Question {
  readonly prepared: PreparedStream
  readonly queries: readonly Query[]
  /** The parents that the queries are about, for a stream that is read by them. */
  readonly parentIds: readonly string[] | null
}

/** Brings all streams that have a checkpoint up to the window's end. */
export async function landChanges(context: WindowedRun, streams: readonly PreparedStream[]): Promise<void> {
  await completeUnread(
    context,
    streams.map(({ plan }) => plan).filter((plan) => plan.kind === 'skip'),
  )
  const questions = await Promise.all(
    streams.filter(({ plan }) => plan.kind !== 'skip').map((prepared) => questionFor(context, prepared)),
  )
  for (const group of groupsOf(context, questions)) {
    context.checkApiBudget()
    const queries = group.flatMap((question) => question.queries)
    const answers = queries.length > 0 ? await context.salesforce.queryBatch(queries, { signal: context.signal }) : []
    await landAnswers(context, group, answers)
  }
}

async function questionFor(context: WindowedRun, prepared: PreparedStream): Promise<Question> {
  const { plan } = prepared
  if (plan.kind === 'by-parents') {
    const parentIds = await listFewParents(context, plan)
    return { prepared, queries: linkQueries(plan, parentIds), parentIds: parentIds.length > 0 ? parentIds : null }
  }
  return {
    prepared,
    queries: plan.queries.map((soql) => ({ soql: `${soql}${plan.orderBy}`, all: true })),
    parentIds: null,
  }
}

/** Questions that share one API call; the order stays, since links come after their documents. */
function groupsOf(context: WindowedRun, questions: readonly Question[]): Question[][] {
  const groups: Question[][] = []
  let size = 0
  for (const question of questions) {
    const start = question.prepared.stream.checkpoint
    const isLong = start !== null && context.windowEnd.getTime() - start.getTime() > pauseMs + overlapMs
    const limit = isLong ? queriesPerCallAfterPause : queriesPerCall
    const group = groups.at(-1)
    if (group && size + question.queries.length <= limit) {
      group.push(question)
      size += question.queries.length
    } else {
      groups.push([question])
      size = question.queries.length
    }
  }
  return groups
}

async function landAnswers(
  context: WindowedRun,
  group: readonly Question[],
  answers: readonly (QueryPage | SalesforceError)[],
): Promise<void> {
  let next = 0
  const answered = group.map((question) => {
    const own = answers.slice(next, next + question.queries.length)
    next += question.queries.length
    return { ...question, answers: own }
  })
  const isUnchanged = ({ prepared, answers }: (typeof answered)[number]) =>
    prepared.plan.kind === 'changes' &&
    answers.every((answer) => !(answer instanceof SalesforceError) && answer.totalSize === 0)
  await completeUnread(
    context,
    answered.filter(isUnchanged).map(({ prepared }) => prepared.plan),
  )
  for (const { prepared, parentIds, answers } of answered.filter((question) => !isUnchanged(question))) {
    await orRefuse(context, prepared, async () => {
      const pages = answers.map(pageOrThrow)
      if (prepared.plan.kind === 'by-parents') {
        const asked: AskedLinks | undefined = parentIds ? { ids: parentIds, pages } : undefined
        return landByParents(context, prepared, asked)
      }
      const total = pages.reduce((sum, page) => sum + page.totalSize, 0)
      if (total < manyChanges || !prepared.plan.rule.bulk) return landRest(context, prepared.plan, pages)
      return landManyChanges(context, { prepared, pages, total })
    })
  }
}

async function landManyChanges(
  context: WindowedRun,
  { prepared, pages, total }: { prepared: PreparedStream; pages: readonly QueryPage[]; total: number },
): Promise<void> {
  try {
    await landBulk(context, prepared, await startJob(context, prepared, total))
  } catch (error) {
    if (!(error instanceof BulkRefused)) throw error
    await landRest(context, prepared.plan, pages)
  }
}
