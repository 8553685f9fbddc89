import assert from 'node:assert/strict'
import test from 'node:test'
import type { Org } from './model.ts'
import { ANCHOR, rowsOf, signIns, testOrg } from './test-org.ts'

function withArticle() {
  const clock = { now: ANCHOR + 60_000 }
  const org = testOrg({ now: () => clock.now })
  const by = signIns(org).admin.userId
  const draft = org.create(by, 'Knowledge__kav', { Title: 'How to', UrlName: 'How-to', Body__c: '<p>Hi</p>' })
  const articleId = String(rowsOf(org, `SELECT KnowledgeArticleId FROM Knowledge__kav WHERE Id = '${draft}'`)[0]?.[0])
  return { clock, org, by, draft, articleId }
}

/** The article's versions: language, number, state, latest or not. */
function versions(org: Org, articleId: string): readonly string[] {
  const select = `SELECT Language, VersionNumber, PublishStatus, IsLatestVersion FROM Knowledge__kav WHERE KnowledgeArticleId = '${articleId}'`
  return [select, `${select} AND PublishStatus = 'Archived' AND IsLatestVersion = false`]
    .flatMap((soql) => rowsOf(org, soql).map(String))
    .sort()
}

// The states and what may be asked of them: salesforce-api.md 10.1.
test('a new article is a draft with a number of its own, invisible to who sees no drafts', () => {
  const { org, draft, articleId } = withArticle()
  assert.deepEqual(versions(org, articleId), ['en_US,1,Draft,true'])
  const record = org.findRecord(signIns(org).admin, 'Knowledge__kav', draft)
  assert.match(String(record?.ArticleNumber), /^\d{9}$/)
  assert.deepEqual([record?.IsMasterLanguage, record?.ArticleMasterLanguage], [true, 'en_US'])
  assert.equal(org.findRecord(signIns(org).agent, 'Knowledge__kav', draft), undefined)
})

test('publishing a second version puts the first in the archive; archiving takes the last off', () => {
  const { org, by, clock, draft, articleId } = withArticle()
  org.actOnArticle(by, { kind: 'publish', versionId: draft })
  const first = clock.now
  clock.now += 60_000
  const second = org.actOnArticle(by, { kind: 'edit', versionId: draft })
  assert.deepEqual(versions(org, articleId), ['en_US,1,Online,true', 'en_US,2,Draft,true'])
  org.update(by, 'Knowledge__kav', second, { Title: 'How to, again' })
  org.actOnArticle(by, { kind: 'publish', versionId: second })
  assert.deepEqual(versions(org, articleId), ['en_US,1,Archived,false', 'en_US,2,Online,true'])
  const record = org.findRecord(signIns(org).admin, 'Knowledge__kav', second)
  assert.deepEqual(
    [record?.FirstPublishedDate, record?.LastPublishedDate, record?.Body__c],
    [first, clock.now, '<p>Hi</p>'],
  )
  org.actOnArticle(by, { kind: 'archive', versionId: second })
  assert.deepEqual(versions(org, articleId), ['en_US,1,Archived,false', 'en_US,2,Archived,false'])
  const third = org.actOnArticle(by, { kind: 'edit', versionId: second })
  assert.equal(versions(org, articleId).at(-1), 'en_US,3,Draft,true')
  org.actOnArticle(by, { kind: 'delete-draft', versionId: third })
  org.actOnArticle(by, { kind: 'delete-article', articleId })
  assert.deepEqual(rowsOf(org, `SELECT Id FROM Knowledge__ka WHERE Id = '${articleId}'`, { all: true }), [])
  assert.deepEqual(versions(org, articleId), [])
})

test('a translation has its own draft and states, and goes to the archive with its master', () => {
  const { org, by, draft, articleId } = withArticle()
  org.actOnArticle(by, { kind: 'publish', versionId: draft })
  const german = org.actOnArticle(by, { kind: 'translate', versionId: draft, language: 'de' })
  const record = org.findRecord(signIns(org).admin, 'Knowledge__kav', german)
  assert.deepEqual([record?.IsMasterLanguage, record?.MasterVersionId, record?.Title], [false, draft, 'How to'])
  org.actOnArticle(by, { kind: 'publish', versionId: german })
  assert.deepEqual(versions(org, articleId), ['de,1,Online,true', 'en_US,1,Online,true'])
  org.actOnArticle(by, { kind: 'archive', versionId: draft })
  assert.deepEqual(versions(org, articleId), ['de,1,Archived,false', 'en_US,1,Archived,false'])
})

test('categories go along to the next draft', () => {
  const { org, by, draft } = withArticle()
  const category = { DataCategoryGroupName: 'Products', DataCategoryName: 'Storage' }
  org.create(by, 'Knowledge__DataCategorySelection', { ParentId: draft, ...category })
  org.actOnArticle(by, { kind: 'publish', versionId: draft })
  const next = org.actOnArticle(by, { kind: 'edit', versionId: draft })
  const soql = `SELECT DataCategoryName FROM Knowledge__DataCategorySelection WHERE ParentId = '${next}'`
  assert.deepEqual(rowsOf(org, soql), [['Storage']])
})

test('the categories in use are those of the category groups', () => {
  const { org } = withArticle()
  const known = org
    .dataCategories()
    .flatMap(({ name, topCategories }) =>
      topCategories.flatMap((top) => top.children.map((category) => `${name},${category.name}`)),
    )
  const used = rowsOf(org, 'SELECT DataCategoryGroupName, DataCategoryName FROM Knowledge__DataCategorySelection')
  for (const category of used.map(String)) assert.ok(known.includes(category), category)
})

test('what is not a draft is not edited, a URL name is one article’s, and a draft is one of a language', () => {
  const { org, by, draft } = withArticle()
  const title = { Title: 'Other' }
  assert.throws(() => org.create(by, 'Knowledge__kav', { ...title, UrlName: 'How-to' }), {
    errorCode: 'DUPLICATE_VALUE',
  })
  org.create(by, 'Knowledge__kav', { ...title, UrlName: 'how-to' })
  org.actOnArticle(by, { kind: 'publish', versionId: draft })
  assert.throws(() => org.update(by, 'Knowledge__kav', draft, title), { errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' })
  assert.throws(() => org.delete(by, 'Knowledge__kav', draft), { errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY' })
  org.actOnArticle(by, { kind: 'edit', versionId: draft })
  const refusal = { errorCode: 'INVALID_OPERATION' }
  assert.throws(() => org.actOnArticle(by, { kind: 'edit', versionId: draft }), refusal)
  assert.throws(() => org.actOnArticle(by, { kind: 'publish', versionId: draft }), refusal)
  assert.throws(() => org.actOnArticle(by, { kind: 'translate', versionId: draft, language: 'tlh' }), refusal)
})
