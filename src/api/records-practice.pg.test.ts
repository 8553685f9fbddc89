import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from '@hono/zod-openapi'
import { openSyncTest } from '../../test/sync.ts'
import type { Capability } from '../unified/mapping.ts'
import { type RecordList, recordLists } from './record-lists.ts'
import {
  Account,
  Activity,
  Article,
  ArticleVersion,
  Attachment,
  Contact,
  Deal,
  DealLine,
  DealStage,
  DealStageChange,
  TicketEntry,
} from './record-schemas.ts'
import { recordRoutes } from './records.ts'
import { listOf } from './schemas.ts'

const { sql, addIntegration } = await openSyncTest({ scale: 0.1 })
const routes = recordRoutes({ sql })
const integrations = {
  helpdesk: await addIntegration({ capability: 'helpdesk' }),
  crm: await addIntegration({ capability: 'crm' }),
  content: await addIntegration({ capability: 'content' }),
}
for (const integration of Object.values(integrations)) assert.deepEqual(await integration.run(), { state: 'finished' })

async function get<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>> {
  const response = await routes.request(path)
  const body: unknown = await response.json()
  assert.equal(response.status, 200, `${path}: ${JSON.stringify(body)}`)
  return schema.parse(body)
}

/** Every item of a list, page by page. */
async function getAll<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>[]> {
  const items: z.infer<T>[] = []
  const [start = '', query = ''] = path.split('?')
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: z.infer<T>[]; nextCursor: string | null } = await get(
      `${start}?${query}&limit=200${cursor && `&cursor=${cursor}`}`,
      listOf(schema),
    )
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}

/** Rows of a mirror that are records of the list's type, deleted ones aside. */
async function countRows(list: RecordList, capability: Capability): Promise<number> {
  const { schemaName } = await integrations[capability].get()
  const [found] = await sql<{ count: number }[]>`
    select count(*) from ${sql(schemaName)}.${sql(list.type.view)} where not is_deleted`
  return found?.count ?? 0
}

const identified = z.looseObject({
  id: z.string(),
  remoteUrl: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
})

test('every record of the practice org is in its list exactly once, in the shape that the API tells of', async () => {
  for (const list of recordLists) {
    const items = z.array(identified).parse(await getAll(list.path, list.schema))
    const counts = await Promise.all(list.type.capabilities.map((capability) => countRows(list, capability)))
    const expected = counts.reduce((sum, count) => sum + count, 0)
    assert.ok(expected > 0, `the practice org has ${list.nouns[1]}`)
    assert.equal(items.length, expected, list.path)
    assert.equal(new Set(items.map((item) => item.id)).size, expected, list.path)
    const [first] = items
    assert.ok(first)
    assert.equal(z.object({ id: z.string() }).parse(await get(`${list.path}/${first.id}`, list.schema)).id, first.id)
  }
})

/** Some records of a list, with all that is related to each. */
async function related<T extends z.ZodType>(path: string, suffix: string, schema: T) {
  const { items } = await get(`${path}?limit=20`, listOf(identified))
  return Promise.all(items.map(async ({ id }) => ({ id, items: await getAll(`${path}/${id}/${suffix}`, schema) })))
}

test('what belongs to a record is found through it, and it is nobody else’s', async () => {
  const parentOf = (one: z.infer<typeof TicketEntry | typeof Attachment>) => one.ticket?.id
  const dealOf = (one: z.infer<typeof DealLine | typeof DealStageChange>) => one.deal?.id
  const found = [
    ...(await related('/tickets', 'timeline', TicketEntry)).map((one) => ({
      ...one,
      parents: one.items.map(parentOf),
    })),
    ...(await related('/tickets', 'attachments', Attachment)).map((one) => ({
      ...one,
      parents: one.items.map(parentOf),
    })),
    ...(await related('/deals', 'lines', DealLine)).map((one) => ({ ...one, parents: one.items.map(dealOf) })),
    ...(await related('/deals', 'stage-changes', DealStageChange)).map((one) => ({
      ...one,
      parents: one.items.map(dealOf),
    })),
    ...(await related('/deals', 'activities', Activity)).map((one) => ({
      ...one,
      parents: one.items.map((item) => item.about?.id),
    })),
    ...(await related('/accounts', 'contacts', Contact)).map((one) => ({
      ...one,
      parents: one.items.map((item) => item.account?.id),
    })),
  ]
  for (const { id, parents } of found) assert.deepEqual(new Set(parents), new Set(parents.length > 0 ? [id] : []))
  assert.ok(found.filter(({ parents }) => parents.length > 0).length > 60)
  for (const { id, items } of await related('/articles', 'versions', ArticleVersion)) {
    assert.ok(items.some((version) => id.includes(`-${version.articleRemoteId}-`)))
    assert.equal(new Set(items.map((version) => version.articleRemoteId)).size, 1)
  }
})

test('the sums by stage are those of the deals', async () => {
  const deals = await getAll('/deals', Deal)
  const stages = (await get('/deals/by-stage', listOf(DealStage))).items
  assert.equal(
    stages.reduce((sum, stage) => sum + stage.count, 0),
    deals.length,
  )
  for (const stage of stages) {
    const amount = deals.filter((deal) => deal.stage === stage.stage).reduce((sum, deal) => sum + (deal.amount ?? 0), 0)
    assert.ok(Math.abs(amount - stage.amount) < 0.01, `${stage.stage}: ${amount} is not ${stage.amount}`)
  }
  assert.ok(stages.every((stage) => stage.sortOrder !== null))
})

test('articles have their text, and drafts of a published article do not take its place', async () => {
  const articles = await getAll('/articles', Article)
  const one = await get(`/articles/${articles[0]?.id}`, Article)
  assert.ok(one.bodyHtml)
  assert.ok(articles.some((article) => article.publishState === 'published'))
  const keys = articles.map((article) => `${article.articleRemoteId} ${article.language}`)
  assert.equal(new Set(keys).size, articles.length)
})

test('a found record is one that has the words', async () => {
  const accounts = await getAll('/accounts', Account)
  const [account] = accounts
  const word = account?.name?.split(' ')[0] ?? ''
  const found = await getAll(`/accounts?q=${encodeURIComponent(word)}`, Account)
  const expected = accounts.filter(({ name, number, website, phone }) =>
    [name, number, website, phone].some((value) =>
      value
        ?.toLowerCase()
        .split(/[^\p{L}\p{N}\p{M}]+/u)
        .some((part) => part.startsWith(word.toLowerCase())),
    ),
  )
  assert.ok(found.length > 0)
  assert.deepEqual(new Set(found.map(({ id }) => id)), new Set(expected.map(({ id }) => id)))
})
