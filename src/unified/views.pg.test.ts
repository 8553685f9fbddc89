import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../../test/database.ts'
import { createMirror, mirrorTables, standardFields } from '../../test/mirror.ts'
import { compileIndexes } from './indexes.ts'
import { recordTypes, recordTypesOf } from './record-types.ts'
import { columnsOf, compileViews } from './views.ts'

const { sql } = await testDatabase()

const at = '2026-03-01T10:00:00Z'
const later = '2026-03-02T10:00:00Z'
const stamps = { IsDeleted: false, CreatedDate: at, SystemModstamp: later }

let made = 0
const names = () => `Org ${++made}`

/** One view's rows, in the order of Salesforce's ids. */
async function read(schemaName: string, view: string): Promise<Record<string, unknown>[]> {
  return [...(await sql`select * from ${sql(schemaName)}.${sql(view)} order by remote_id`)]
}

test('a mirror without any table gives every view of its capability, empty and with all columns', async () => {
  for (const capability of ['helpdesk', 'crm', 'content'] as const) {
    const { schemaName } = await createMirror(sql, { name: names(), capability, objects: {} })
    for (const type of recordTypesOf(capability)) {
      const found = await sql<{ name: string; type: string }[]>`
        select attname as name, format_type(atttypid, null) as type from pg_attribute
        where attrelid = ${`"${schemaName}"."${type.view}"`}::regclass and attnum > 0`
      const longNames: Record<string, string> = { timestamptz: 'timestamp with time zone' }
      const expected = Object.entries(columnsOf(type)).map(([name, sqlType]) => [name, longNames[sqlType] ?? sqlType])
      assert.deepEqual(
        found.map((column) => [column.name, column.type]),
        expected,
        type.name,
      )
      assert.deepEqual(await read(schemaName, type.view), [])
    }
  }
})

test('a mirror with nothing but ids still gives every record, with nulls', async () => {
  for (const type of recordTypes) {
    const [capability] = type.capabilities
    assert.ok(capability)
    const objects = Object.fromEntries(type.sources.map((source) => [source.object, { Id: 'text' } as const]))
    const { schemaName, add } = await createMirror(sql, { name: names(), capability, objects })
    for (const source of type.sources) await add(source.object, [{ Id: `${source.object}1` }])
    const rows = await read(schemaName, type.view)
    // Whatever is filtered by a field that is missing (a queue's type, a comment's case) may be left out.
    for (const row of rows) assert.deepEqual([row.is_deleted, row.custom], [false, {}], type.name)
  }
})

test('all sources of a record have the same columns', () => {
  for (const type of recordTypes) {
    const shapeOf = (source: (typeof type.sources)[number]) =>
      Object.entries(source.columns).map(([name, column]) => [name, column.type, column.within, column.detail])
    for (const source of type.sources) assert.deepEqual(shapeOf(source), shapeOf(type.sources[0]), type.name)
  }
})

test('a ticket shows its people, its link, its own fields, and when it was deleted', async () => {
  const { id, schemaName, add } = await createMirror(sql, {
    name: names(),
    capability: 'helpdesk',
    objects: {
      Case: {
        ...standardFields,
        CaseNumber: 'text',
        Subject: 'text',
        Status: 'text',
        IsClosed: 'boolean',
        Priority: 'text',
        OwnerId: 'text',
        ContactId: 'text',
        AccountId: 'text',
        Region__c: 'text',
        Score__c: 'numeric',
        Empty__c: 'date',
      },
      Contact: { Id: 'text', FirstName: 'text', LastName: 'text', Email: 'text' },
      Account: { Id: 'text', Name: 'text' },
      User: { Id: 'text', Name: 'text' },
      Group: { Id: 'text', Name: 'text', Type: 'text' },
    },
  })
  await sql`
    insert into loopline.connections (integration_id, org_id, user_id, username, instance_url, login_origin)
    values (${id}, 'o', 'u', 'n', 'https://acme.my.salesforce.com', 'https://acme.my.salesforce.com')`
  await add('Contact', [{ Id: '003A', FirstName: null, LastName: 'Øst', Email: 'o@x.no' }])
  await add('Account', [{ Id: '001A', Name: 'Acme' }])
  await add('User', [{ Id: '005A', Name: 'Ada' }])
  await add('Group', [{ Id: '00GA', Name: 'Tier 2', Type: 'Queue' }])
  const one = {
    CaseNumber: '00001026',
    Subject: "It's \\ broken",
    Status: 'Working',
    IsClosed: false,
    Priority: 'High',
    OwnerId: '005A',
    ContactId: '003A',
    AccountId: '001A',
    Region__c: 'EMEA',
    Score__c: 1.5,
    Empty__c: null,
    ...stamps,
  }
  await add('Case', [
    { ...one, Id: '500A' },
    { ...one, Id: '500B', OwnerId: '00GA', ContactId: '003gone', IsDeleted: true },
  ])
  const [first, second] = await read(schemaName, 'tickets')
  assert.deepEqual(
    {
      id: first?.id,
      url: first?.remote_url,
      status: first?.status,
      priority: first?.priority,
      contact: [first?.contact_id, first?.contact_name, first?.contact_email],
      account: first?.account_name,
      owner: [first?.owner_kind, first?.owner_name],
      custom: first?.custom,
      deletedAt: first?.deleted_at,
    },
    {
      id: `${id}-500A`,
      url: 'https://acme.my.salesforce.com/lightning/r/Case/500A/view',
      status: 'open',
      priority: 'high',
      contact: [`${id}-003A`, 'Øst', 'o@x.no'],
      account: 'Acme',
      owner: ['user', 'Ada'],
      custom: { Region__c: 'EMEA', Score__c: 1.5 },
      deletedAt: null,
    },
  )
  assert.deepEqual(
    [second?.owner_kind, second?.owner_name, second?.contact_name, second?.deleted_at],
    ['team', 'Tier 2', null, new Date(later)],
  )
  assert.deepEqual(
    (await read(schemaName, 'teams')).map((team) => team.name),
    ['Tier 2'],
  )
})

test('more custom fields than one call takes are all there', async () => {
  const fields = Object.fromEntries(Array.from({ length: 230 }, (_, n) => [`F${n}__c`, 'bigint' as const]))
  const { schemaName, add } = await createMirror(sql, {
    name: names(),
    capability: 'crm',
    objects: { Lead: { ...standardFields, ...fields } },
  })
  const values = Object.fromEntries(Object.keys(fields).map((field, n) => [field, n]))
  await add('Lead', [{ Id: '00QA', ...stamps, ...values }])
  assert.deepEqual((await read(schemaName, 'leads'))[0]?.custom, values)
})

test('a time-line has each thing once: no drafts, no feed copies, no second row for a change of owner', async () => {
  const { schemaName, add } = await createMirror(sql, {
    name: names(),
    capability: 'helpdesk',
    objects: {
      CaseComment: { ...standardFields, ParentId: 'text', IsPublished: 'boolean', CommentBody: 'text' },
      EmailMessage: {
        ...standardFields,
        ParentId: 'text',
        Status: 'text',
        Incoming: 'boolean',
        IsExternallyVisible: 'boolean',
        FromName: 'text',
        FromAddress: 'text',
        FromId: 'text',
        TextBody: 'text',
        HtmlBody: 'text',
      },
      FeedItem: {
        ...standardFields,
        ParentId: 'text',
        Type: 'text',
        Visibility: 'text',
        Body: 'text',
        IsRichText: 'boolean',
      },
      CaseHistory: { ...standardFields, CaseId: 'text', Field: 'text', OldValue: 'text', NewValue: 'text' },
      User: { Id: 'text', Name: 'text', Email: 'text' },
    },
  })
  const by = { ...stamps, CreatedById: '005A' }
  await add('User', [{ Id: '005A', Name: 'Ada', Email: 'ada@acme.com' }])
  await add('CaseComment', [
    { Id: '00aA', ...by, ParentId: '500A', IsPublished: false, CommentBody: 'only us' },
    { Id: '00aB', ...by, ParentId: '500A', IsPublished: true, CommentBody: 'all' },
  ])
  const mail = { ...by, ParentId: '500A', Status: '3', Incoming: false, IsExternallyVisible: true, FromId: null }
  const bodies = { TextBody: 't', HtmlBody: '<p>t' }
  const from = { FromName: null, FromAddress: 'o@x.no' }
  await add('EmailMessage', [
    { Id: '02sA', ...mail, ...bodies, ...from, Incoming: true, IsExternallyVisible: false, FromId: '003A' },
    { Id: '02sB', ...mail, ...bodies, ...from },
    { Id: '02sC', ...mail, ...bodies, ...from, Status: '5' },
    { Id: '02sD', ...mail, ...bodies, ...from, ParentId: '001A' },
  ])
  const post = { ...by, ParentId: '500A', Visibility: 'InternalUsers', Body: '<b>b', IsRichText: true }
  await add('FeedItem', [
    { Id: '0D5A', ...post, Type: 'TextPost' },
    { Id: '0D5B', ...post, Type: 'CaseCommentPost' },
    { Id: '0D5C', ...post, Type: 'TextPost', ParentId: '006A' },
  ])
  const change = { ...by, CaseId: '500A', Field: 'Owner' }
  await add('CaseHistory', [
    { Id: '017A', ...change, OldValue: 'Ada', NewValue: 'Tier 2' },
    { Id: '017B', ...change, OldValue: '0055f00000AbCdEAAV', NewValue: '00G5f00000AbCdEEAV' },
    { Id: '017C', ...change, Field: 'created', OldValue: null, NewValue: null },
    { Id: '017D', ...change, Field: 'Region__c', OldValue: null, NewValue: 'EMEA' },
  ])
  const comments = await read(schemaName, 'ticket_comments')
  assert.deepEqual(
    comments.map((one) => [
      one.remote_id,
      one.channel,
      one.visibility,
      one.direction,
      one.author_kind,
      one.author_name,
    ]),
    [
      ['00aA', 'comment', 'internal', null, 'user', 'Ada'],
      ['00aB', 'comment', 'public', null, 'user', 'Ada'],
      ['02sA', 'email', 'public', 'inbound', 'customer', 'o@x.no'],
      ['02sB', 'email', 'public', 'outbound', 'user', 'o@x.no'],
      ['0D5A', 'feed', 'internal', null, 'user', 'Ada'],
    ],
  )
  assert.deepEqual([comments[4]?.body_text, comments[4]?.body_html], [null, '<b>b'])
  assert.deepEqual(
    (await read(schemaName, 'ticket_events')).map((one) => [one.remote_id, one.change, one.field, one.new_value]),
    [
      ['017A', 'owner', 'Owner', 'Tier 2'],
      ['017C', 'created', 'created', null],
      ['017D', 'field', 'Region__c', 'EMEA'],
    ],
  )
})

test('files on a ticket and on its e-mails belong to the ticket; links to owners and libraries are no attachments', async () => {
  const { id, schemaName, add } = await createMirror(sql, {
    name: names(),
    capability: 'helpdesk',
    objects: {
      ContentDocumentLink: { ...standardFields, ContentDocumentId: 'text', LinkedEntityId: 'text' },
      ContentDocument: { Id: 'text', Title: 'text', ContentSize: 'bigint', OwnerId: 'text' },
      EmailMessage: { ...standardFields, ParentId: 'text' },
      Attachment: { ...standardFields, ParentId: 'text', Name: 'text', BodyLength: 'bigint', OwnerId: 'text' },
    },
  })
  await add('ContentDocument', [{ Id: '069A', Title: 'Log', ContentSize: 12, OwnerId: '005A' }])
  await add('EmailMessage', [{ Id: '02sA', ...stamps, ParentId: '500A' }])
  const link = { ...stamps, ContentDocumentId: '069A' }
  await add('ContentDocumentLink', [
    { Id: '06AA', ...link, LinkedEntityId: '500A' },
    { Id: '06AB', ...link, LinkedEntityId: '02sA' },
    { Id: '06AC', ...link, LinkedEntityId: '005A' },
    { Id: '06AD', ...link, LinkedEntityId: '058A' },
  ])
  await add('Attachment', [{ Id: '00PA', ...stamps, ParentId: '500A', Name: 'a.txt', BodyLength: 3, OwnerId: '005A' }])
  assert.deepEqual(
    (await read(schemaName, 'attachments')).map((one) => [one.remote_id, one.ticket_id, one.name, one.size_bytes]),
    [
      ['00PA', `${id}-500A`, 'a.txt', 3],
      ['06AA', `${id}-500A`, 'Log', 12],
      ['06AB', `${id}-500A`, 'Log', 12],
    ],
  )
})

test('an article is its published version, else its draft, one per language; versions are all there', async () => {
  const { id, schemaName, add } = await createMirror(sql, {
    name: names(),
    capability: 'content',
    objects: {
      Knowledge__kav: {
        ...standardFields,
        KnowledgeArticleId: 'text',
        Language: 'text',
        PublishStatus: 'text',
        VersionNumber: 'bigint',
        Title: 'text',
        Question__c: 'html',
        Answer__c: 'html',
        Audience__c: 'text',
      },
      Knowledge__DataCategorySelection: {
        Id: 'text',
        IsDeleted: 'boolean',
        ParentId: 'text',
        DataCategoryName: 'text',
      },
    },
  })
  const row = (
    Id: string,
    Title: string,
    article: string,
    Language: string,
    PublishStatus: string,
    version: number,
  ) => ({
    Id,
    ...stamps,
    KnowledgeArticleId: article,
    Language,
    PublishStatus,
    VersionNumber: version,
    Title,
    Question__c: `<p>Q ${Title}</p>`,
    Answer__c: Title === 'live' ? '<p>A</p>' : null,
    Audience__c: 'all',
  })
  await add('Knowledge__kav', [
    row('ka01', 'old', 'kA1', 'en_US', 'Archived', 1),
    row('ka02', 'live', 'kA1', 'en_US', 'Online', 2),
    row('ka03', 'next', 'kA1', 'en_US', 'Draft', 3),
    row('ka04', 'deutsch', 'kA1', 'de', 'Draft', 1),
    row('ka05', 'gone 1', 'kA2', 'en_US', 'Archived', 1),
    row('ka06', 'gone 2', 'kA2', 'en_US', 'Archived', 2),
    { ...row('ka07', 'thrown away', 'kA3', 'fr', 'Online', 1), IsDeleted: true },
    row('ka08', 'kept', 'kA3', 'fr', 'Draft', 2),
  ])
  await add('Knowledge__DataCategorySelection', [
    { Id: '02oA', ParentId: 'ka02', DataCategoryName: 'Setup', IsDeleted: false },
    { Id: '02oB', ParentId: 'ka02', DataCategoryName: 'Billing', IsDeleted: false },
    { Id: '02oC', ParentId: 'ka02', DataCategoryName: 'Gone', IsDeleted: true },
  ])
  const articles = await read(schemaName, 'articles')
  assert.deepEqual(
    articles.map((one) => [one.id, one.remote_id, one.publish_state, one.categories]),
    [
      [`${id}-kA1-en_US`, 'ka02', 'published', ['Billing', 'Setup']],
      [`${id}-kA1-de`, 'ka04', 'draft', []],
      [`${id}-kA2-en_US`, 'ka06', 'archived', []],
      [`${id}-kA3-fr`, 'ka08', 'draft', []],
    ],
  )
  assert.equal(articles[0]?.body_html, '<h2>Question</h2>\n<p>Q live</p>\n<h2>Answer</h2>\n<p>A</p>\n')
  assert.equal(articles[1]?.body_html, '<p>Q deutsch</p>')
  assert.deepEqual(articles[0]?.custom, { Audience__c: 'all' })
  assert.equal((await read(schemaName, 'article_versions')).length, 8)
})

test('compiling is pure and knows nothing of the data: hostile names come out quoted', () => {
  const tables = mirrorTables({ Case: { Id: 'text', "A'b__c": 'text', '"x"__c': 'text' } })
  const input = { integrationId: "i'd", schemaName: 'org_"x', capability: 'helpdesk', tables } as const
  const [view] = compileViews(input)
  assert.match(view?.sql ?? '', /"org_""x"\."sf_case"/)
  assert.match(view?.sql ?? '', /'A''b__c', r\."a'b__c"/)
  assert.deepEqual(compileViews(input), compileViews(input))
})

test('indexes are over what the mirror has, and are named for what they are over', () => {
  const names = (tables: Parameters<typeof mirrorTables>[0]) =>
    compileIndexes({ schemaName: 's', capability: 'helpdesk', tables: mirrorTables(tables) }).map((one) => one.name)
  assert.deepEqual(names({}), [])
  const few = names({ Case: standardFields })
  assert.deepEqual(
    few.map((name) => name.slice(0, -9)),
    ['case_created_at', 'case_updated_at_remote_id_created_at'],
  )
  const more = names({ Case: { ...standardFields, Status: 'text', IsClosed: 'boolean' } })
  assert.ok(more.some((name) => name.startsWith('case_status_created_at_')))
  // Without the flag the words decide: another expression, so another index.
  const words = names({ Case: { ...standardFields, Status: 'text' } })
  assert.notDeepEqual(more, words)
})
