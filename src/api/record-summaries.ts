/** What the records say together: the choices for filters, and the deals of each stage. */

import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Pool } from '../store/database.ts'
import { type FoundRecord, listValues, readSources, sumDealsByStage } from '../store/records.ts'
import { deal, dealStage } from '../unified/deal.ts'
import { placeOfChoice } from '../unified/indexes.ts'
import type { ApiEnv } from './caller.ts'
import { articleList, dealList, fileList, leadList, plainText, type RecordList, ticketList } from './record-lists.ts'
import {
  ArticleFilters,
  DealFilters,
  DealStage,
  FileFilters,
  LeadFilters,
  Owner,
  PublishState,
  TicketFilters,
} from './record-schemas.ts'
import { answers } from './routes.ts'
import { listOf } from './schemas.ts'

interface Deps {
  readonly sql: Pool
}

const integrationQuery = z.object({
  integrationId: plainText.optional().openapi({ description: 'Only the records of this integration.' }),
})

/** Asks for the values of one column, with what else the rows say. */
type ValuesOf = (column: string, ...beside: string[]) => Promise<FoundRecord[]>

/** Adds the routes whose paths would otherwise be taken for a record's id. */
export function addSummaryRoutes(routes: OpenAPIHono<ApiEnv>, deps: Deps): void {
  addFilters(routes, deps, ticketList, TicketFilters, async (valuesOf) => {
    const [statuses, priorities, owners] = await Promise.all([
      valuesOf('org_status', 'status'),
      valuesOf('org_priority', 'priority'),
      valuesOf('owner_remote_id', ...ownerColumns),
    ])
    return {
      statuses: ownWords(statuses, 'status', 'org_status'),
      priorities: ownWords(priorities, 'priority', 'org_priority'),
      owners: ownersIn(owners),
    }
  })
  addFilters(routes, deps, dealList, DealFilters, async (valuesOf) => {
    const [stages, owners] = await Promise.all([
      valuesOf('stage', 'outcome'),
      valuesOf('owner_remote_id', ...ownerColumns),
    ])
    return {
      stages: distinct(stages.map(({ row }) => ({ stage: row.stage, outcome: row.outcome }))),
      owners: ownersIn(owners),
    }
  })
  addFilters(routes, deps, leadList, LeadFilters, async (valuesOf) => {
    const [statuses, owners] = await Promise.all([
      valuesOf('org_status', 'status'),
      valuesOf('owner_remote_id', ...ownerColumns),
    ])
    return { statuses: ownWords(statuses, 'status', 'org_status'), owners: ownersIn(owners) }
  })
  addFilters(routes, deps, articleList, ArticleFilters, async (valuesOf) => {
    const [languages, states] = await Promise.all([valuesOf('language'), valuesOf('publish_state')])
    return {
      languages: distinct(languages.map(({ row }) => row.language)),
      publishStates: PublishState.options.filter((state) => states.some(({ row }) => row.publish_state === state)),
    }
  })
  addFilters(routes, deps, fileList, FileFilters, async (valuesOf) => {
    const [fileTypes, owners] = await Promise.all([valuesOf('file_type'), valuesOf('owner_remote_id', ...ownerColumns)])
    return { fileTypes: distinct(fileTypes.map(({ row }) => row.file_type)), owners: ownersIn(owners) }
  })
  addDealsByStage(routes, deps)
}

function addFilters(
  routes: OpenAPIHono<ApiEnv>,
  { sql }: Deps,
  list: RecordList,
  schema: z.ZodType,
  choices: (valuesOf: ValuesOf) => Promise<Record<string, unknown>>,
): void {
  const route = createRoute({
    method: 'get',
    path: `${list.path}/filters`,
    tags: [list.tag],
    summary: `What ${list.nouns[1]} can be filtered by`,
    request: { query: integrationQuery },
    responses: answers(schema, `The words and people that occur in ${list.nouns[1]}.`),
  })
  routes.openapi(route, async (c) => {
    const { integrationId } = c.req.valid('query')
    const found = await readSources(sql, { views: [list.type.view], integrationId }, (sources) =>
      choices((column, ...beside) =>
        listValues(sql, { sources, column, beside, mirror: placeOfChoice(list.type, column) }),
      ),
    )
    return c.json(found, 200)
  })
}

function addDealsByStage(routes: OpenAPIHono<ApiEnv>, { sql }: Deps): void {
  const route = createRoute({
    method: 'get',
    path: `${dealList.path}/by-stage`,
    tags: [dealList.tag],
    summary: "Deals in numbers, by stage in the org's order",
    request: { query: integrationQuery },
    responses: answers(listOf(DealStage), 'Each stage with the number and sum of its deals; stages without deals too.'),
  })
  routes.openapi(route, async (c) => {
    const { integrationId } = c.req.valid('query')
    const stages = await readSources(sql, { views: [deal.view, dealStage.view], integrationId }, (sources) =>
      sumDealsByStage(sql, {
        deals: sources.filter((source) => source.view === deal.view),
        stages: sources.filter((source) => source.view === dealStage.view),
      }),
    )
    const items = stages.map((stage) => ({ ...stage, outcome: stage.outcome as DealStage['outcome'] }))
    return c.json({ items, nextCursor: null }, 200)
  })
}

const ownerColumns = ['owner_id', 'owner_name', 'owner_kind']

/** Sorted by name; one for each integration in which the person owns something. */
function ownersIn(found: readonly FoundRecord[]): Owner[] {
  return found
    .map(({ row }) =>
      Owner.parse({ id: row.owner_id, remoteId: row.owner_remote_id, name: row.owner_name, kind: row.owner_kind }),
    )
    .sort((a, b) => (a.name ?? a.id).localeCompare(b.name ?? b.id))
}

/** The org's own words with their normalized value; the same pair from two integrations once. */
function ownWords(found: readonly FoundRecord[], column: string, orgColumn: string) {
  return distinct(found.map(({ row }) => ({ value: row[column], orgValue: row[orgColumn] })))
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()]
}
