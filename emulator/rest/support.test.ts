import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DATA, testOrg } from './test-calls.ts'

const { get, failure, create, emulator } = testOrg()
const headers = { 'accept-language': 'en-US' }

test('the category groups come with their top categories, or with all of them', async () => {
  const path = 'support/dataCategoryGroups?sObjectName=KnowledgeArticleVersion'
  const { categoryGroups } = await get(`${path}&topCategoriesOnly=false`)
  const products = categoryGroups.find(({ name }: { name: string }) => name === 'Products')
  assert.equal(products.objectUsage, 'KnowledgeArticleVersion')
  const [top] = products.topCategories
  assert.ok(top.childCategories.length > 1)
  assert.equal((await get(path)).categoryGroups[0].topCategories[0].childCategories, null)
  const read = await get(top.url)
  assert.deepEqual([read.name, read.childCategories.length], [top.name, top.childCategories.length])
  assert.deepEqual(await failure('support/dataCategoryGroups'), [400, 'INVALID_PARAMETER'])
})

test('the online articles of a language are listed page by page, newest first', async () => {
  const { articles, nextPageUrl, pageNumber } = await get('support/knowledgeArticles?pageSize=3', 200, { headers })
  assert.deepEqual([articles.length, pageNumber], [3, 1])
  const dates = articles.map(({ lastPublishedDate }: { lastPublishedDate: string }) => lastPublishedDate)
  assert.deepEqual(dates, dates.toSorted().reverse())
  const next = await get(nextPageUrl, 200, { headers })
  assert.equal(next.pageNumber, 2)
  assert.notEqual(next.articles[0].id, articles[0].id)

  const detail = await get(articles[0].url, 200, { headers })
  assert.equal(detail.title, articles[0].title)
  const names = detail.layoutItems.map(({ name }: { name: string }) => name)
  assert.ok(names.includes('Body__c'))
})

test('an article is read by its URL name when the call says that it is one', async () => {
  const { articles } = await get('support/knowledgeArticles?pageSize=1', 200, { headers })
  const path = `support/knowledgeArticles/${articles[0].urlName}`
  assert.equal((await get(`${path}?isUrlName=true`, 200, { headers })).id, articles[0].id)
  assert.deepEqual(await failure(path, { headers }), [404, 'NOT_FOUND'])
  const quoted = `support/knowledgeArticles/${encodeURIComponent("it's \\ nothing")}?isUrlName=true`
  assert.deepEqual(await failure(quoted, { headers }), [404, 'NOT_FOUND'])
})

test('an article is shown only where its channel is', async () => {
  const soql =
    "SELECT KnowledgeArticleId FROM Knowledge__kav WHERE PublishStatus = 'Online' AND Language = 'en_US' AND IsVisibleInPkb = false AND IsVisibleInApp = true LIMIT 1"
  const [internal] = (await get(`query?${new URLSearchParams({ q: soql })}`)).records
  const path = `support/knowledgeArticles/${internal.KnowledgeArticleId}`
  await get(path, 200, { headers })
  assert.deepEqual(await failure(`${path}?channel=Pkb`, { headers }), [404, 'NOT_FOUND'])
})

test('a language must be asked for, and be one of the knowledge base', async () => {
  for (const language of [undefined, 'ja', '???']) {
    const options = language === undefined ? {} : { headers: { 'accept-language': language } }
    // Node's fetch asks for any language unless told.
    assert.deepEqual(await failure('support/knowledgeArticles', options), [400, 'INVALID_LANGUAGE'])
  }
})

test('articles are found by their words and by their categories', async () => {
  const list = async (query: Record<string, string>) =>
    (await get(`support/knowledgeArticles?${new URLSearchParams({ pageSize: '100', ...query })}`, 200, { headers }))
      .articles
  const all = await list({})
  const [first] = all
  const [group] = first.categoryGroups
  const [category] = group.selectedCategories
  const filed = await list({
    categories: JSON.stringify({ [group.groupName]: category.categoryName }),
    queryMethod: 'AT',
  })
  assert.ok(filed.length > 0 && filed.length < all.length)
  const searched = await list({ q: `"${first.title}"` })
  assert.ok(searched.some(({ id }: { id: string }) => id === first.id))
  assert.ok(searched.length < all.length)
  assert.deepEqual(await failure('support/knowledgeArticles?categories=nonsense', { headers }), [
    400,
    'ARGUMENT_OBJECT_PARSE_ERROR',
  ])
})

test('an author drafts, publishes, edits, publishes again and archives an article', async () => {
  const fields = { Title: 'Bleeding a radiator', UrlName: 'Bleeding-a-radiator', IsVisibleInApp: true }
  const draft = await create('Knowledge__kav', fields)
  const { KnowledgeArticleId: articleId } = await get(`sobjects/Knowledge__kav/${draft}`)
  const versions = 'knowledgeManagement/articleVersions/masterVersions'
  const setStatus = (id: string, publishStatus: string, status = 204) =>
    get(`${versions}/${id}`, status, { method: 'PATCH', body: { publishStatus } })
  assert.equal((await get(`${versions}/${draft}`)).publishStatus, 'Draft')
  await setStatus(draft, 'Online')
  assert.equal((await get(`support/knowledgeArticles/${articleId}`, 200, { headers })).title, fields.Title)

  const { id: second } = await get(versions, 201, { method: 'POST', body: { articleId } })
  await get(`sobjects/Knowledge__kav/${second}`, 204, { method: 'PATCH', body: { Title: 'Bleeding radiators' } })
  await setStatus(second, 'Online')
  assert.equal((await get(`support/knowledgeArticles/${articleId}`, 200, { headers })).title, 'Bleeding radiators')
  const online = "SELECT Id, VersionNumber FROM Knowledge__kav WHERE PublishStatus = 'Online' AND KnowledgeArticleId ="
  const { records } = await get(`query?${new URLSearchParams({ q: `${online} '${articleId}'` })}`)
  assert.deepEqual([records.length, records[0].VersionNumber], [1, 2])

  await setStatus(records[0].Id, 'Archived')
  assert.deepEqual(await failure(`support/knowledgeArticles/${articleId}`, { headers }), [404, 'NOT_FOUND'])
  await get(`knowledgeManagement/articles/${articleId}`, 204, { method: 'DELETE' })
  assert.equal(emulator.org.findRecord(emulator.org.users[0] ?? assert.fail(), 'Knowledge__ka', articleId), undefined)
})

test('the way to knowledge is shown', async () => {
  assert.equal((await get('support')).knowledgeArticles, `${DATA}/support/knowledgeArticles`)
  assert.equal((await get('knowledgeManagement')).articles, `${DATA}/knowledgeManagement/articles`)
})
