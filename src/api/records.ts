/** Unified records over HTTP: lists over all integrations as one, single records, and what belongs to them. */

import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Pool } from '../store/database.ts'
import type { Order } from '../store/record-cursor.ts'
import {
  type Filter,
  findRecord,
  listRecords,
  listRemoteIds,
  type RecordSource,
  readSources,
} from '../store/records.ts'
import { articleVersion } from '../unified/article.ts'
import { attachment } from '../unified/attachment.ts'
import { ticketComment, ticketEvent } from '../unified/conversation.ts'
import { dealLine, dealStageChange } from '../unified/deal.ts'
import type { RecordType } from '../unified/mapping.ts'
import type { ApiEnv } from './caller.ts'
import {
  accountList,
  activityList,
  articleList,
  contactList,
  dealList,
  type RecordList,
  recordLists,
  ticketList,
} from './record-lists.ts'
import { keyFilters, listQuery, notFound, pageOf, parseId, questionOf } from './record-query.ts'
import { ArticleVersion, Attachment, DealLine, DealStageChange, TicketEntry } from './record-schemas.ts'
import { columnNames, shapeRecord } from './record-shape.ts'
import { addSummaryRoutes } from './record-summaries.ts'
import { answers, idParam, newRoutes } from './routes.ts'
import { listOf } from './schemas.ts'

interface RecordDeps {
  readonly sql: Pool
}

/** All of these only read. Who may call them is `access.ts`'s to say. */
export function recordRoutes(deps: RecordDeps): OpenAPIHono<ApiEnv> {
  const routes = newRoutes()
  // Before the single records, since "filters" would be taken for an id.
  addSummaryRoutes(routes, deps)
  for (const list of recordLists) {
    addList(routes, deps, list)
    addSingle(routes, deps, list)
  }
  for (const related of relatedLists) addRelated(routes, deps, related)
  return routes
}

function addList(routes: OpenAPIHono<ApiEnv>, { sql }: RecordDeps, list: RecordList): void {
  const route = createRoute({
    method: 'get',
    path: list.path,
    tags: [list.tag],
    summary: `List ${list.nouns[1]}`,
    request: { query: listQuery(list) },
    responses: answers(listOf(list.schema), `One page of ${list.nouns[1]}, without those deleted in Salesforce.`),
  })
  routes.openapi(route, async (c) => {
    const query = c.req.valid('query')
    const question = questionOf(list, query)
    const page = await readSources(sql, { ...question, views: [list.type.view] }, (sources) =>
      listRecords(sql, { ...question, ...query, sources, columns: () => columnNames(list.type, { detail: false }) }),
    )
    const items = page.records.map(({ row }) => shapeRecord(list.type, row))
    return c.json({ items, nextCursor: page.nextCursor }, 200)
  })
}

function addSingle(routes: OpenAPIHono<ApiEnv>, deps: RecordDeps, list: RecordList): void {
  const route = createRoute({
    method: 'get',
    path: `${list.path}/{id}`,
    tags: [list.tag],
    summary: `Read one ${list.nouns[0]}`,
    request: { params: idParam },
    responses: answers(list.schema, `The ${list.nouns[0]}, also when it is deleted in Salesforce (see deletedAt).`),
  })
  routes.openapi(route, async (c) => c.json(await getRecord(deps, list, c.req.valid('param').id), 200))
}

/** Throws `RECORD_NOT_FOUND`. */
async function getRecord({ sql }: RecordDeps, list: RecordList, id: string): Promise<Record<string, unknown>> {
  const parsed = parseId(id)
  const columns = columnNames(list.type, { detail: true })
  const row =
    parsed &&
    (await readSources(sql, { ...parsed, views: [list.type.view] }, async ([source]) =>
      source ? findRecord(sql, { source, filters: keyFilters(list.type, parsed.key), columns }) : undefined,
    ))
  if (!row) throw notFound(list.nouns[0])
  return shapeRecord(list.type, row)
}

/** What belongs to one record, as a list of its own. */
interface RelatedList {
  readonly of: RecordList
  readonly path: string
  readonly summary: string
  readonly types: readonly RecordType[]
  readonly schema: z.ZodType
  readonly order: Order
  /** What is said of a row beside its columns. */
  readonly mark?: (type: RecordType) => Record<string, unknown>
  readonly filters: (parent: Parent) => Filter[] | Promise<Filter[]>
}

interface Parent {
  readonly sql: Pool
  readonly record: Readonly<Record<string, unknown>>
  readonly remoteId: string
  readonly integrationId: string
}

const oldestFirst: Order = {
  name: 'createdAt',
  column: 'created_at',
  type: 'timestamptz',
  descending: false,
  nullable: false,
}
const newestFirst: Order = { ...oldestFirst, name: '-createdAt', descending: true }

const relatedLists: readonly RelatedList[] = [
  {
    of: ticketList,
    path: 'timeline',
    summary: "A ticket's conversation and changes, oldest first",
    types: [ticketComment, ticketEvent],
    schema: TicketEntry,
    order: oldestFirst,
    mark: (type) => ({ entry: type === ticketComment ? 'comment' : 'event' }),
    filters: ({ remoteId }) => [{ column: 'ticket_remote_id', is: remoteId }],
  },
  {
    of: ticketList,
    path: 'attachments',
    summary: 'Files on a ticket, its e-mails and its posts',
    types: [attachment],
    schema: Attachment,
    order: oldestFirst,
    filters: async (parent) => [
      { column: 'parent_remote_id', isOneOf: [parent.remoteId, ...(await listCommentIds(parent))] },
    ],
  },
  {
    of: dealList,
    path: 'lines',
    summary: 'What a deal is about, product by product',
    types: [dealLine],
    schema: DealLine,
    order: { name: 'sortOrder', column: 'sort_order', type: 'bigint', descending: false, nullable: true },
    filters: ({ remoteId }) => [{ column: 'deal_remote_id', is: remoteId }],
  },
  {
    of: dealList,
    path: 'stage-changes',
    summary: "A deal's stages so far, oldest first",
    types: [dealStageChange],
    schema: DealStageChange,
    order: oldestFirst,
    filters: ({ remoteId }) => [{ column: 'deal_remote_id', is: remoteId }],
  },
  {
    of: dealList,
    path: 'activities',
    summary: 'Tasks and events about a deal, newest first',
    types: [activityList.type],
    schema: activityList.schema,
    order: newestFirst,
    filters: ({ remoteId }) => [{ column: 'about_remote_id', is: remoteId }],
  },
  {
    of: accountList,
    path: 'contacts',
    summary: "An account's contacts by name",
    types: [contactList.type],
    schema: contactList.schema,
    order: { name: 'name', column: 'name', type: 'text', descending: false, nullable: true },
    filters: ({ remoteId }) => [{ column: 'account_remote_id', is: remoteId }],
  },
  {
    of: articleList,
    path: 'versions',
    summary: 'All versions of an article in all languages, newest first',
    types: [articleVersion],
    schema: ArticleVersion,
    order: newestFirst,
    filters: ({ record }) => [{ column: 'article_remote_id', is: String(record.articleRemoteId) }],
  },
]

// Far more than any ticket has; what hangs on later ones is still found through the ticket itself.
const maxComments = 5000

/** Files hang on e-mails and posts more often than on the ticket. */
async function listCommentIds({ sql, remoteId, integrationId }: Parent): Promise<string[]> {
  const filters = [{ column: 'ticket_remote_id', is: remoteId }]
  return readSources(sql, { views: [ticketComment.view], integrationId }, async ([source]) =>
    source ? listRemoteIds(sql, { source, filters, limit: maxComments }) : [],
  )
}

function addRelated(routes: OpenAPIHono<ApiEnv>, deps: RecordDeps, related: RelatedList): void {
  const route = createRoute({
    method: 'get',
    path: `${related.of.path}/{id}/${related.path}`,
    tags: [related.of.tag],
    summary: related.summary,
    request: { params: idParam, query: z.object(pageOf) },
    responses: answers(listOf(related.schema), `${related.summary}; one page.`),
  })
  const typeOf = ({ view }: Pick<RecordSource, 'view'>) => related.types.find((type) => type.view === view)
  const columns = (view: string) => {
    const type = typeOf({ view })
    return type ? columnNames(type, { detail: false }) : []
  }
  routes.openapi(route, async (c) => {
    const record = await getRecord(deps, related.of, c.req.valid('param').id)
    const parent = { ...deps, record, remoteId: String(record.remoteId), integrationId: String(record.integrationId) }
    const filters = await related.filters(parent)
    const views = related.types.map((type) => type.view)
    const page = await readSources(deps.sql, { ...parent, views }, (sources) =>
      listRecords(deps.sql, { ...c.req.valid('query'), sources, filters, order: related.order, columns }),
    )
    const items = page.records.flatMap(({ source, row }) => {
      const type = typeOf(source)
      return type ? [{ ...related.mark?.(type), ...shapeRecord(type, row) }] : []
    })
    return c.json({ items, nextCursor: page.nextCursor }, 200)
  })
}
