import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { z } from '@hono/zod-openapi'
import { testDatabase } from '../../test/database.ts'
import { createMirror, type Row, standardFields } from '../../test/mirror.ts'
import { recordTypes } from '../unified/record-types.ts'
import { problemOf } from './problem.ts'
import { recordLists } from './record-lists.ts'
import {
  Article,
  ArticleFilters,
  ArticleVersion,
  Attachment,
  Contact,
  Deal,
  DealFilters,
  DealLine,
  DealStage,
  DealStageChange,
  Ticket,
  TicketEntry,
  TicketFilters,
} from './record-schemas.ts'
import { camelCase, shapeRecord } from './record-shape.ts'
import { recordRoutes } from './records.ts'
import { listOf } from './schemas.ts'

const { sql } = await testDatabase()
const routes = recordRoutes({ sql })
routes.onError((error, c) => {
  const problem = problemOf(error, 'r1')
  return c.json(problem, problem.status)
})

/** The answer, held to its schema (which knows no property that isn't said). */
async function get<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>> {
  const response = await routes.request(path)
  const body: unknown = await response.json()
  assert.equal(response.status, 200, `${path}: ${JSON.stringify(body)}`)
  return schema.parse(body)
}

async function refusal(path: string): Promise<{ status: number; code: string; fields: string[] }> {
  const response = await routes.request(path)
  const body = (await response.json()) as { code: string; errors?: { field: string }[] }
  return { status: response.status, code: body.code, fields: (body.errors ?? []).map((error) => error.field) }
}

const stamps = { IsDeleted: false, CreatedDate: '2026-01-01T10:00:00Z', SystemModstamp: '2026-01-02T10:00:00Z' }

const emptyLists = await Promise.all(recordLists.map((list) => get(list.path, listOf(list.schema))))
const emptyStages = await get('/deals/by-stage', listOf(DealStage))
const emptyFilters = await get('/tickets/filters', TicketFilters)

const support = await createMirror(sql, {
  name: 'Support',
  capability: 'helpdesk',
  objects: {
    Case: {
      ...standardFields,
      CaseNumber: 'text',
      Subject: 'text',
      Description: 'text',
      Status: 'text',
      IsClosed: 'boolean',
      Priority: 'text',
      OwnerId: 'text',
      ContactId: 'text',
      AccountId: 'text',
      SuppliedEmail: 'text',
      Region__c: 'text',
    },
    Contact: { ...standardFields, Name: 'text', Email: 'text', AccountId: 'text', Phone: 'text', MailingCity: 'text' },
    Account: { ...standardFields, Name: 'text' },
    User: { ...standardFields, Name: 'text' },
    Group: { ...standardFields, Name: 'text', Type: 'text' },
    CaseComment: { ...standardFields, ParentId: 'text', IsPublished: 'boolean', CommentBody: 'text' },
    EmailMessage: { ...standardFields, ParentId: 'text', Incoming: 'boolean', FromAddress: 'text', TextBody: 'text' },
    CaseHistory: { ...standardFields, CaseId: 'text', Field: 'text', OldValue: 'text', NewValue: 'text' },
    Attachment: { ...standardFields, ParentId: 'text', Name: 'text', BodyLength: 'bigint' },
  },
})
await support.add('User', [{ Id: '005A', ...stamps, Name: 'Ada' }])
await support.add('Group', [{ Id: '00GA', ...stamps, Name: 'Tier 2', Type: 'Queue' }])
await support.add('Account', [{ Id: '001A', ...stamps, Name: 'Acme' }])
await support.add('Contact', [
  {
    Id: '003A',
    ...stamps,
    Name: 'Zoë',
    Email: 'zoe@acme.com',
    AccountId: '001A',
    Phone: '+1 555',
    MailingCity: 'Oslo',
  },
  { Id: '003B', ...stamps, Name: 'Bo', Email: null, AccountId: null, Phone: null, MailingCity: null },
])
const ticketRow = (n: number, more: Row): Row => ({
  Id: `500${n}`,
  IsDeleted: false,
  CreatedDate: `2026-01-0${n}T10:00:00Z`,
  SystemModstamp: `2026-02-0${9 - n}T10:00:00Z`,
  CaseNumber: `0000100${n}`,
  Subject: `Case ${n}`,
  Description: 'long',
  Status: 'Working',
  IsClosed: false,
  Priority: 'Medium',
  OwnerId: '005A',
  ContactId: '003A',
  AccountId: '001A',
  SuppliedEmail: null,
  Region__c: null,
  ...more,
})
await support.add('Case', [
  ticketRow(1, { Subject: 'Inverter shows E-42', Region__c: 'EMEA', OwnerId: '00GA' }),
  ticketRow(2, { Status: 'Closed', IsClosed: true, Priority: 'High', SuppliedEmail: 'zoe@acme.com' }),
  ticketRow(3, { Status: 'New', ContactId: null, AccountId: null }),
  ticketRow(4, { Status: 'Waiting on Customer', IsDeleted: true }),
])
await support.add('CaseComment', [{ Id: '00aA', ...stamps, ParentId: '5001', IsPublished: true, CommentBody: 'hi' }])
await support.add('EmailMessage', [
  {
    Id: '02sA',
    ...stamps,
    CreatedDate: '2026-01-01T09:00:00Z',
    ParentId: '5001',
    Incoming: true,
    FromAddress: 'a@b.c',
  },
])
await support.add('CaseHistory', [
  { Id: '017A', ...stamps, CreatedDate: '2026-01-01T11:00:00Z', CaseId: '5001', Field: 'Status', NewValue: 'Working' },
])
await support.add('Attachment', [
  { Id: '00PA', ...stamps, ParentId: '5001', Name: 'a.log', BodyLength: 5 },
  { Id: '00PB', ...stamps, ParentId: '02sA', Name: 'b.log', BodyLength: 6 },
  { Id: '00PC', ...stamps, ParentId: '5002', Name: 'c.log', BodyLength: 7 },
])

const sales = await createMirror(sql, {
  name: 'Sales',
  capability: 'crm',
  objects: {
    Opportunity: {
      ...standardFields,
      Name: 'text',
      StageName: 'text',
      IsWon: 'boolean',
      IsClosed: 'boolean',
      Amount: 'numeric',
      CloseDate: 'date',
    },
    OpportunityStage: {
      Id: 'text',
      ApiName: 'text',
      MasterLabel: 'text',
      SortOrder: 'bigint',
      IsWon: 'boolean',
      IsClosed: 'boolean',
      IsActive: 'boolean',
    },
    OpportunityLineItem: {
      ...standardFields,
      OpportunityId: 'text',
      Product2Id: 'text',
      Quantity: 'numeric',
      SortOrder: 'bigint',
    },
    OpportunityHistory: { ...standardFields, OpportunityId: 'text', StageName: 'text' },
    Task: {
      ...standardFields,
      Subject: 'text',
      WhatId: 'text',
      WhoId: 'text',
      ActivityDate: 'date',
      IsClosed: 'boolean',
    },
    Product2: { ...standardFields, Name: 'text', ProductCode: 'text' },
    Contact: { ...standardFields, Name: 'text' },
  },
})
const open = { IsWon: false, IsClosed: false }
await sales.add('Opportunity', [
  { Id: '006A', ...stamps, Name: 'Roof', StageName: 'Prospecting', ...open, Amount: 100.5, CloseDate: '2026-03-31' },
  { Id: '006B', ...stamps, Name: 'Barn', StageName: 'Prospecting', ...open, Amount: null, CloseDate: null },
  {
    Id: '006C',
    ...stamps,
    Name: 'Farm',
    StageName: 'Closed Won',
    IsWon: true,
    IsClosed: true,
    Amount: 7,
    CloseDate: null,
  },
])
await sales.add('OpportunityStage', [
  { Id: '01JA', ApiName: 'Prospecting', MasterLabel: 'Prospecting', SortOrder: 1, ...open, IsActive: true },
  { Id: '01JB', ApiName: 'Proposal', MasterLabel: 'Proposal', SortOrder: 2, ...open, IsActive: true },
  {
    Id: '01JC',
    ApiName: 'Closed Won',
    MasterLabel: 'Closed Won',
    SortOrder: 3,
    IsWon: true,
    IsClosed: true,
    IsActive: true,
  },
  { Id: '01JD', ApiName: 'Old', MasterLabel: 'Old', SortOrder: 4, ...open, IsActive: false },
])
await sales.add('Product2', [{ Id: '01tA', ...stamps, Name: 'Panel', ProductCode: 'P-1' }])
await sales.add('OpportunityLineItem', [
  { Id: '00kA', ...stamps, OpportunityId: '006A', Product2Id: '01tA', Quantity: 2, SortOrder: 2 },
  { Id: '00kB', ...stamps, OpportunityId: '006A', Product2Id: '01tA', Quantity: 1, SortOrder: 1 },
])
await sales.add('OpportunityHistory', [{ Id: '008A', ...stamps, OpportunityId: '006A', StageName: 'Prospecting' }])
await sales.add('Task', [
  { Id: '00TA', ...stamps, Subject: 'Call', WhatId: '006A', WhoId: '003A', ActivityDate: '2026-03-01', IsClosed: true },
  { Id: '00TB', ...stamps, Subject: 'Other', WhatId: '006B', WhoId: null, ActivityDate: null, IsClosed: false },
])
await sales.add('Contact', [{ Id: '003A', ...stamps, Name: 'Zoë' }])

const remoteIds = (page: { items: { remoteId: string }[] }) => page.items.map((item) => item.remoteId)
const tickets = async (query: string) => remoteIds(await get(`/tickets?${query}`, listOf(Ticket)))

test('before any integration has pulled, every list is empty', () => {
  for (const page of emptyLists) assert.deepEqual(page, { items: [], nextCursor: null })
  assert.deepEqual(emptyStages.items, [])
  assert.deepEqual(emptyFilters, { statuses: [], priorities: [], owners: [] })
})

test('a ticket in a list names its people; alone it also has its description', async () => {
  const { items } = await get('/tickets?sort=createdAt', listOf(Ticket))
  const [first] = items
  assert.deepEqual(
    items.map((ticket) => [ticket.remoteId, ticket.status, ticket.orgStatus, ticket.priority]),
    [
      ['5001', 'open', 'Working', 'normal'],
      ['5002', 'closed', 'Closed', 'high'],
      ['5003', 'new', 'New', 'normal'],
    ],
  )
  assert.deepEqual(first?.owner, { id: `${support.id}-00GA`, remoteId: '00GA', name: 'Tier 2', kind: 'team' })
  assert.deepEqual(first?.contact, { id: `${support.id}-003A`, remoteId: '003A', name: 'Zoë', email: 'zoe@acme.com' })
  assert.deepEqual([first?.custom, first?.createdAt], [{ Region__c: 'EMEA' }, '2026-01-01T10:00:00.000Z'])
  assert.deepEqual([items[2]?.contact, items[2]?.account], [null, null])
  assert.equal('description' in (first ?? {}), false)
  assert.equal((await get(`/tickets/${support.id}-5001`, Ticket)).description, 'long')
})

test('tickets are found by status, priority, people, time and words, together', async () => {
  assert.deepEqual(await tickets('status=open'), ['5001'])
  assert.deepEqual(await tickets('status=new&status=closed'), ['5002', '5003'])
  assert.deepEqual(await tickets('priority=high'), ['5002'])
  assert.deepEqual(await tickets('status=closed&priority=normal'), [])
  assert.deepEqual(await tickets(`ownerId=${support.id}-00GA`), ['5001'])
  assert.deepEqual(await tickets(`accountId=${support.id}-001A`), ['5001', '5002'])
  assert.deepEqual(await tickets('createdFrom=2026-01-02T10:00:00Z'), ['5002', '5003'])
  assert.deepEqual(await tickets('createdTo=2026-01-02T11:00:00%2B01:00'), ['5001', '5002'])
  assert.deepEqual(await tickets('q=INVERTER+e'), ['5001'])
  assert.deepEqual(await tickets('q=e-42'), ['5001'])
  assert.deepEqual(await tickets('q=1002'), ['5002'])
  assert.deepEqual(await tickets('q=00001002'), ['5002'])
  assert.deepEqual(await tickets('q=zoe@acme'), ['5002'])
  assert.deepEqual(await tickets('q=%27%26%7C!:*(case'), ['5002', '5003'])
  assert.deepEqual(await tickets('q=nothing+of+this'), [])
  assert.deepEqual(await tickets(`integrationId=${sales.id}`), [])
  assert.deepEqual(await tickets(`integrationId=${sales.id}&ownerId=${support.id}-00GA`), [])
})

test('a list goes on from its cursor', async () => {
  const first = await get('/tickets?limit=2&sort=-createdAt', listOf(Ticket))
  const second = await get(`/tickets?limit=2&sort=-createdAt&cursor=${first.nextCursor}`, listOf(Ticket))
  assert.deepEqual([...remoteIds(first), ...remoteIds(second)], ['5003', '5002', '5001'])
  assert.equal(second.nextCursor, null)
})

test('contacts of a helpdesk and a CRM are one list', async () => {
  const { items } = await get('/contacts', listOf(Contact))
  assert.deepEqual(
    items.map((contact) => [contact.name, contact.integrationId === support.id, contact.address?.city]),
    [
      ['Bo', true, undefined],
      ['Zoë', sales.id > support.id, sales.id > support.id ? 'Oslo' : undefined],
      ['Zoë', sales.id < support.id, sales.id < support.id ? 'Oslo' : undefined],
    ],
  )
  const ofAccount = await get(`/accounts/${support.id}-001A/contacts`, listOf(Contact))
  assert.deepEqual(remoteIds(ofAccount), ['003A'])
})

test('a time-line has comments, e-mails and changes in the order in which they happened, page by page', async () => {
  const path = `/tickets/${support.id}-5001/timeline`
  const first = await get(`${path}?limit=2`, listOf(TicketEntry))
  const second = await get(`${path}?limit=2&cursor=${first.nextCursor}`, listOf(TicketEntry))
  assert.deepEqual(
    [...first.items, ...second.items].map((entry) =>
      entry.entry === 'comment' ? [entry.channel, entry.visibility] : [entry.change, entry.newValue],
    ),
    [
      ['email', 'public'],
      ['comment', 'public'],
      ['status', 'Working'],
    ],
  )
  assert.equal(second.nextCursor, null)
})

test('files of a ticket include those of its e-mails, and no other ticket’s', async () => {
  const { items } = await get(`/tickets/${support.id}-5001/attachments`, listOf(Attachment))
  assert.deepEqual(
    items.map((item) => [item.name, item.sizeBytes, item.ticket?.remoteId]),
    [
      ['a.log', 5, '5001'],
      ['b.log', 6, '5001'],
    ],
  )
})

test('filters offer the words and people that occur', async () => {
  const filters = await get('/tickets/filters', TicketFilters)
  assert.deepEqual(filters.statuses, [
    { value: 'closed', orgValue: 'Closed' },
    { value: 'new', orgValue: 'New' },
    { value: 'pending', orgValue: 'Waiting on Customer' },
    { value: 'open', orgValue: 'Working' },
  ])
  assert.deepEqual(
    filters.owners.map((owner) => [owner.name, owner.kind]),
    [
      ['Ada', 'user'],
      ['Tier 2', 'team'],
    ],
  )
  assert.deepEqual((await get('/deals/filters', DealFilters)).stages, [
    { stage: 'Closed Won', outcome: 'won' },
    { stage: 'Prospecting', outcome: 'open' },
  ])
})

test("deals are summed by stage in the org's order, stages without deals included", async () => {
  const { items } = await get('/deals/by-stage', listOf(DealStage))
  assert.deepEqual(
    items.map((item) => [item.stage, item.outcome, item.sortOrder, item.count, item.amount]),
    [
      ['Prospecting', 'open', 1, 2, 100.5],
      ['Proposal', 'open', 2, 0, 0],
      ['Closed Won', 'won', 3, 1, 7],
    ],
  )
  const none = await get(`/deals/by-stage?integrationId=${support.id}`, listOf(DealStage))
  assert.deepEqual(none.items, [])
})

test('a deal has its amounts as numbers, its days as days, and its lines, stages and activities', async () => {
  const deals = await get('/deals?sort=-amount', listOf(Deal))
  assert.deepEqual(
    deals.items.map((deal) => [deal.name, deal.amount, deal.closeDate, deal.outcome]),
    [
      ['Roof', 100.5, '2026-03-31', 'open'],
      ['Farm', 7, null, 'won'],
      ['Barn', null, null, 'open'],
    ],
  )
  const path = `/deals/${sales.id}-006A`
  const lines = await get(`${path}/lines`, listOf(DealLine))
  assert.deepEqual(
    lines.items.map((line) => [line.sortOrder, line.quantity, line.product?.name, line.product?.code]),
    [
      [1, 1, 'Panel', 'P-1'],
      [2, 2, 'Panel', 'P-1'],
    ],
  )
  assert.deepEqual(remoteIds(await get(`${path}/stage-changes`, listOf(DealStageChange))), ['008A'])
  const activityList = recordLists.find((list) => list.path === '/activities')
  assert.ok(activityList)
  const activities = await get(`${path}/activities`, listOf(activityList.schema))
  assert.equal(activities.items.length, 1)
  assert.deepEqual(remoteIds(await get('/deals?stage=Prospecting&sort=name', listOf(Deal))), ['006B', '006A'])
})

test('an article is read by an id that outlives its versions', async () => {
  const content = await createMirror(sql, {
    name: 'Docs',
    capability: 'content',
    objects: {
      Knowledge__kav: {
        ...standardFields,
        KnowledgeArticleId: 'text',
        Language: 'text',
        PublishStatus: 'text',
        VersionNumber: 'bigint',
        Title: 'text',
        Body__c: 'html',
      },
    },
  })
  const version = { ...stamps, KnowledgeArticleId: 'kA1', Language: 'en_US', Title: 'How to', Body__c: '<p>so</p>' }
  await content.add('Knowledge__kav', [
    { ...version, Id: 'ka1', PublishStatus: 'Archived', VersionNumber: 1 },
    { ...version, Id: 'ka2', PublishStatus: 'Online', VersionNumber: 2 },
    { ...version, Id: 'ka3', PublishStatus: 'Draft', VersionNumber: 1, Language: 'de' },
  ])
  const article = await get(`/articles/${content.id}-kA1-en_US`, Article)
  assert.deepEqual([article.remoteId, article.bodyHtml, article.publishState], ['ka2', '<p>so</p>', 'published'])
  const { items } = await get('/articles?publishState=published', listOf(Article))
  assert.deepEqual(
    items.map((item) => [item.id, 'bodyHtml' in item]),
    [[article.id, false]],
  )
  const versions = await get(`/articles/${article.id}/versions`, listOf(ArticleVersion))
  assert.deepEqual(remoteIds(versions), ['ka3', 'ka2', 'ka1'])
  assert.deepEqual(await get('/articles/filters', ArticleFilters), {
    languages: ['de', 'en_US'],
    publishStates: ['draft', 'published'],
  })
})

test('a record that was deleted in Salesforce is gone from lists but can still be read, and says so', async () => {
  const ticket = await get(`/tickets/${support.id}-5004`, Ticket)
  assert.deepEqual([ticket.isDeleted, ticket.deletedAt], [true, '2026-02-05T10:00:00.000Z'])
})

test('what does not exist is not found, and what makes no sense is refused beside its parameter', async () => {
  for (const path of [
    `/tickets/${support.id}-5009`,
    '/tickets/nobody-5001',
    '/tickets/5001',
    "/tickets/x-'%20or%201=1",
    '/tickets/a%00-b',
    `/deals/${support.id}-006A`,
    `/tickets/${support.id}-5009/timeline`,
    '/articles/x-kA1-en_US/versions',
  ]) {
    assert.deepEqual(await refusal(path), { status: 404, code: 'RECORD_NOT_FOUND', fields: [] }, path)
  }
  for (const [query, field] of [
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=x', 'limit'],
    ['sort=subject;drop', 'sort'],
    ['status=broken', 'status.0'],
    ['createdFrom=yesterday', 'createdFrom'],
    ['cursor=abc', 'cursor'],
    ['q=%00', 'q'],
    ['ownerId=%00', 'ownerId'],
    ['integrationId=%00', 'integrationId'],
  ] as const) {
    const found = await refusal(`/tickets?${query}`)
    assert.deepEqual([found.status, found.fields], [400, [field]], query)
  }
  assert.deepEqual(await tickets('integrationId=nobody'), [])
  assert.deepEqual(await tickets('ownerId=005A'), [])
})

test('the JSON of every record has exactly the properties that its schema tells of', () => {
  const schemas = new Map<string, z.ZodType>([
    ...recordLists.map((list) => [list.type.name, list.schema] as const),
    ['attachment', Attachment],
    ['deal_line', DealLine],
    ['deal_stage_change', DealStageChange],
    ['article_version', ArticleVersion],
    ['ticket_comment', TicketEntry.options[0]],
    ['ticket_event', TicketEntry.options[1]],
  ])
  for (const type of recordTypes) {
    const schema = schemas.get(type.name)
    if (!schema) continue
    assert.ok('shape' in schema && schema.shape instanceof Object)
    const own = type.sources[0].columns
    // A row in which every column says something, so that no group is null.
    const names = Object.keys(
      shapeRecord(
        type,
        Object.fromEntries([...commonColumns, ...Object.keys(own)].map((name) => [name, '2026-01-01'])),
      ),
    )
    const told = Object.keys(schema.shape).filter((name) => name !== 'entry')
    assert.deepEqual(names.map(camelCase).sort(), told.sort(), type.name)
  }
})

const commonColumns = [
  'id',
  'integration_id',
  'remote_id',
  'remote_url',
  'created_at',
  'updated_at',
  'deleted_at',
  'is_deleted',
  'custom',
]
