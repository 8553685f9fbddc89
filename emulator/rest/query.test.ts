import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { adminOf, agentOf, jsonOf, ORIGIN } from '../test-browser.ts'

const clock = { ms: Date.UTC(2026, 10, 1, 12) }
const emulator = createEmulator({ origin: ORIGIN, now: () => clock.ms, sessionMinutes: 10_000 })
after(() => emulator.close())
const admin = adminOf(emulator)
const token = emulator.issueToken(admin.username)
const DATA = '/services/data/v67.0'

function call(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return emulator.fetch(`${ORIGIN}${path}`, { headers: { authorization: `Bearer ${token}`, ...headers } })
}

const ask = (soql: string, { resource = 'query', headers = {} } = {}) =>
  call(`${DATA}/${resource}?${new URLSearchParams({ q: soql })}`, headers)

const idsOf = (records: { Id: string }[]) => records.map(({ Id }) => Id)

test('a query answers records with attributes and values as Salesforce writes them', async () => {
  const { totalSize, done, records, ...rest } = await jsonOf(
    await ask('SELECT Id, CaseNumber, CreatedDate, IsClosed FROM Case LIMIT 2'),
  )
  assert.deepEqual([totalSize, done, records.length], [2, true, 2])
  assert.deepEqual(rest, {})
  const [record] = records
  assert.deepEqual(record.attributes, { type: 'Case', url: `${DATA}/sobjects/Case/${record.Id}` })
  assert.match(record.CreatedDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/)
  assert.equal(typeof record.IsClosed, 'boolean')
})

test('parents are nested objects with attributes of their own, absent parents null', async () => {
  const { records } = await jsonOf(
    await ask('SELECT Id, Subject, Owner.Name, ContactId, Contact.Name, Contact.Account.Name FROM Case LIMIT 200'),
  )
  const withContact = records.find((record: { ContactId: string | null }) => record.ContactId !== null)
  assert.equal(withContact.Contact.attributes.type, 'Contact')
  assert.equal(withContact.Contact.attributes.url, `${DATA}/sobjects/Contact/${withContact.ContactId}`)
  assert.equal(typeof withContact.Contact.Name, 'string')
  const types = new Set(records.map(({ Owner }: { Owner: { attributes: { type: string } } }) => Owner.attributes.type))
  assert.ok([...types].every((type) => type === 'User' || type === 'Group' || type === 'Name'))
  const without = records.find((record: { ContactId: string | null }) => record.ContactId === null)
  if (without) assert.equal(without.Contact, null)
})

test('a subquery is a result of its own inside the record, or null', async () => {
  const { records } = await jsonOf(
    await ask('SELECT Id, (SELECT Id, CommentBody FROM CaseComments) FROM Case LIMIT 100'),
  )
  const commented = records.find((record: { CaseComments: object | null }) => record.CaseComments !== null)
  assert.equal(commented.CaseComments.done, true)
  assert.equal(commented.CaseComments.totalSize, commented.CaseComments.records.length)
  assert.equal(commented.CaseComments.records[0].attributes.type, 'CaseComment')
  assert.ok(records.some((record: { CaseComments: object | null }) => record.CaseComments === null))
})

test('COUNT() answers totalSize and no records; COUNT(Id) an AggregateResult', async () => {
  const counted = await jsonOf(await ask('SELECT COUNT() FROM Case'))
  assert.deepEqual(counted.records, [])
  const aggregated = await jsonOf(await ask('SELECT COUNT(Id) FROM Case'))
  assert.deepEqual(aggregated.records, [{ attributes: { type: 'AggregateResult' }, expr0: counted.totalSize }])
})

test('pages of 2,000 follow each other by nextRecordsUrl and hold every record once', async () => {
  const soql = 'SELECT Id FROM Case'
  const first = await jsonOf(await ask(soql))
  assert.equal(first.records.length, 2000)
  assert.match(first.nextRecordsUrl, /^\/services\/data\/v67\.0\/query\/0r8\w{15}-2000$/)
  const ids: string[] = idsOf(first.records)
  let page = first
  while (!page.done) {
    page = await jsonOf(await call(page.nextRecordsUrl))
    assert.equal(page.totalSize, first.totalSize)
    ids.push(...idsOf(page.records))
  }
  assert.equal(page.nextRecordsUrl, undefined)
  assert.equal(ids.length, first.totalSize)
  assert.equal(new Set(ids).size, ids.length)
})

test('the batch size may be asked for, from 200 to 2,000', async () => {
  for (const [asked, given] of [
    [500, 500],
    [1, 200],
    [9999, 2000],
  ]) {
    const response = await ask('SELECT Id FROM Case', { headers: { 'sforce-query-options': `batchSize=${asked}` } })
    assert.equal((await jsonOf(response)).records.length, given)
  }
})

test('a page can be asked for again; what changed meanwhile does not shift it', async () => {
  const headers = { 'sforce-query-options': 'batchSize=200' }
  const first = await jsonOf(await ask('SELECT Id, Subject FROM Case', { headers }))
  const page = async () => idsOf((await jsonOf(await call(first.nextRecordsUrl))).records)
  const before = await page()
  emulator.org.create(admin.userId, 'Case', { Subject: 'New while paging' })
  assert.deepEqual(await page(), before)
})

test('pages hold the records that the query found, with the values that they have by then', async () => {
  const headers = { 'sforce-query-options': 'batchSize=200' }
  const soql = "SELECT Id, Subject FROM Case WHERE Subject != 'Renamed while paging'"
  const first = await jsonOf(await ask(soql, { headers }))
  const before = (await jsonOf(await call(first.nextRecordsUrl))).records
  const [{ Id: renamed }, { Id: gone }] = before
  emulator.org.update(admin.userId, 'Case', renamed, { Subject: 'Renamed while paging' })
  emulator.org.delete(admin.userId, 'Case', gone)
  emulator.org.emptyRecycleBin(admin.userId, [gone])
  const page = await jsonOf(await call(first.nextRecordsUrl))
  assert.deepEqual(idsOf(page.records), idsOf(before))
  assert.equal(page.records[0].Subject, 'Renamed while paging')
  assert.equal(page.totalSize, first.totalSize)
})

test('a locator is refused when it is two days old, made up, or somebody else’s', async () => {
  const { nextRecordsUrl } = await jsonOf(await ask('SELECT Id FROM Case'))
  const agentToken = emulator.issueToken(agentOf(emulator).username)
  const foreign = await call(nextRecordsUrl, { authorization: `Bearer ${agentToken}` })
  assert.deepEqual([foreign.status, (await jsonOf(foreign))[0].errorCode], [400, 'INVALID_QUERY_LOCATOR'])
  const madeUp = await call(`${DATA}/query/0r8000000000000AAA-2000`)
  assert.equal((await jsonOf(madeUp))[0].errorCode, 'INVALID_QUERY_LOCATOR')
  clock.ms += 2 * 86_400_000
  assert.equal((await jsonOf(await call(nextRecordsUrl)))[0].errorCode, 'INVALID_QUERY_LOCATOR')
})

test('queryAll shows what is in the recycle bin, query does not', async () => {
  const id = emulator.org.create(admin.userId, 'Case', { Subject: 'To be deleted' })
  emulator.org.delete(admin.userId, 'Case', id)
  const soql = `SELECT Id, IsDeleted FROM Case WHERE Id = '${id}'`
  assert.equal((await jsonOf(await ask(soql))).totalSize, 0)
  const { records } = await jsonOf(await ask(soql, { resource: 'queryAll' }))
  assert.deepEqual([records[0].Id, records[0].IsDeleted], [id, true])
})

test("a wrong query is answered with Salesforce's code", async () => {
  for (const [soql, code] of [
    ['SELECT', 'MALFORMED_QUERY'],
    ['SELECT Nope__c FROM Case', 'INVALID_FIELD'],
    ['SELECT Id FROM Nope', 'INVALID_TYPE'],
  ] as const) {
    const response = await ask(soql)
    assert.deepEqual([response.status, (await jsonOf(response))[0].errorCode], [400, code])
  }
  assert.equal((await call(`${DATA}/query`)).status, 400)
})

// https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_query_explain.htm
test('an explained query has a plan for its index and one without, and says which filters are not indexed', async () => {
  const explain = 'SELECT Name FROM Opportunity WHERE CreatedDate = LAST_N_DAYS:30 AND Amount > 10.0'
  const { plans } = await jsonOf(await call(`${DATA}/query/?${new URLSearchParams({ explain })}`))
  const byType = new Map(plans.map((plan: { leadingOperationType: string }) => [plan.leadingOperationType, plan]))
  const [first] = plans
  assert.deepEqual([...byType.keys()].toSorted(), ['Index', 'TableScan'])
  assert.deepEqual(Object(byType.get('Index')).fields, ['CreatedDate'])
  assert.equal(first.sobjectType, 'Opportunity')
  assert.ok(first.cardinality <= first.sobjectCardinality)
  const unindexed = first.notes.flatMap(({ fields }: { fields: string[] }) => fields)
  assert.deepEqual(unindexed, ['Amount', 'IsDeleted'])
  const wrong = await call(`${DATA}/query?${new URLSearchParams({ explain: 'SELECT' })}`)
  assert.deepEqual([wrong.status, (await jsonOf(wrong))[0].errorCode], [400, 'MALFORMED_QUERY'])
})
