/**
 * ContentDocumentLink: Salesforce answers only for named documents, so the documents of the mirror are walked.
 * Documents that changed are asked for in every run, all of them once a day or, where they are few, every time.
 */

import type { QueryPage } from '../salesforce/query.ts'
import { stringLiteral } from '../salesforce/soql.ts'
import { createLandingTable, emptyLandingTable } from '../store/landing.ts'
import { listMirrorIds } from '../store/mirror.ts'
import { beginRunStream } from '../store/run-streams.ts'
import { fenced } from '../store/runs.ts'
import { tableName } from './columns.ts'
import { completeStream } from './land-page.ts'
import { isFullReadDue, overlapMs, type StreamPlan, soqlOf } from './plan.ts'
import type { PreparedStream } from './prepare.ts'
import { copyAll, pageOrThrow, saveWholeReading } from './rest-pages.ts'
import type { WindowedRun } from './run-context.ts'

// Ids of 18 characters: 200 of them make a filter that Salesforce still takes.
const parentsPerQuery = 200
// As many queries as one API call takes.
const parentsPerCall = 25 * parentsPerQuery
// So few that their queries fit into the call that a run makes anyway.
const fewParents = 4 * parentsPerQuery

/** First pages that were asked for together with other objects', and the parents that they are about. */
export interface AskedLinks {
  readonly ids: readonly string[]
  readonly pages: readonly QueryPage[]
}

/** The parents worth asking for in every run, since they fit into its one call; empty when they are too many. */
export async function listFewParents(context: WindowedRun, plan: StreamPlan): Promise<string[]> {
  for await (const ids of listMirrorIds(context.session, parentTable(context, plan), {
    since: null,
    batch: fewParents + 1,
  })) {
    return ids.length <= fewParents ? ids : []
  }
  return []
}

/** The queries for these parents' links. */
export function linkQueries(plan: StreamPlan, ids: readonly string[]): { soql: string; all: boolean }[] {
  const fields = plan.target.read.map((column) => column.field).join(', ')
  return chunksOf(ids, parentsPerQuery).map((chunk) => {
    const filter = `${plan.rule.parents?.field} IN (${chunk.map(stringLiteral).join(', ')})`
    return { soql: soqlOf(fields, plan.rule.name, [filter]), all: true }
  })
}

/** Lands the links that were asked for already, then those of all other parents that are due. */
export async function landByParents(
  context: WindowedRun,
  { plan, stream }: PreparedStream,
  asked: AskedLinks | undefined,
): Promise<void> {
  const { session, run, salesforce, signal, windowEnd } = context
  const objectName = plan.rule.name
  await createLandingTable(session, plan.target)
  await fenced(session, run, (tx) => beginRunStream(tx, run, { objectName, mode: 'rest' }))
  if (asked) await landLinks(context, plan, asked)

  const done = new Set(asked?.ids)
  const isFull = stream.checkpoint === null || isFullReadDue(stream, windowEnd)
  const since = isFull || stream.checkpoint === null ? null : new Date(stream.checkpoint.getTime() - overlapMs)
  for await (const batch of listMirrorIds(session, parentTable(context, plan), { since, batch: parentsPerCall })) {
    const ids = batch.filter((id) => !done.has(id))
    if (ids.length === 0) continue
    context.checkApiBudget()
    const pages = (await salesforce.queryBatch(linkQueries(plan, ids), { signal })).map(pageOrThrow)
    await landLinks(context, plan, { ids, pages })
  }
  const isWhole = isFull || asked !== undefined
  await fenced(session, run, (tx) => completeStream(context, tx, plan, { isWhole }))
  context.onStep('stream-finished', objectName)
}

async function landLinks(context: WindowedRun, plan: StreamPlan, { ids, pages }: AskedLinks): Promise<void> {
  const { session } = context
  await emptyLandingTable(session, plan.target)
  const read = await copyAll(context, plan, pages)
  await session.begin(async (tx) => {
    const parents = { column: (plan.rule.parents?.field ?? '').toLowerCase(), ids }
    await saveWholeReading(context, tx, { plan, read, parents })
  })
  context.onStep('page-landed', plan.rule.name)
}

function parentTable({ integration }: WindowedRun, { rule }: StreamPlan) {
  return { schemaName: integration.schemaName, tableName: tableName(rule.parents?.objectName ?? '') }
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))
}
