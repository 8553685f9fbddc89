/** The client against an org, in this process. */

import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import pino from 'pino'
import { createEmulator } from '../../emulator/app.ts'
import type { BulkPage, BulkQueries } from './bulk-query.ts'
import { createSalesforce } from './client.ts'
import { SalesforceError } from './error.ts'
import type { ApiUse } from './transport.ts'

const origin = 'http://127.0.0.1:17467'
const emulator = createEmulator({ origin, scale: 0.2 })
after(() => emulator.close())
afterEach(() => emulator.faults.clear())
const [admin, agent] = emulator.org.users
if (!admin || !agent) throw new Error('the practice org lacks its sign-ins')

function clientOf(username: string) {
  const uses: ApiUse[] = []
  let version = 1
  const issue = () => ({ token: emulator.issueToken(username), instanceUrl: origin, version: version++ })
  let token = issue()
  const salesforce = createSalesforce({
    tokens: {
      current: async () => token,
      renew: async () => {
        token = issue()
        return token
      },
    },
    fetch: emulator.fetch,
    log: pino({ level: 'silent' }),
    onApiUse: (use) => uses.push(use),
    wait: () => new Promise((resolve) => setImmediate(resolve)),
  })
  return { salesforce, uses, renewals: () => version - 2 }
}
const { salesforce } = clientOf(admin.username)

async function readPages(pages: AsyncIterable<BulkPage>): Promise<{ page: BulkPage; lines: string[] }[]> {
  const read = []
  for await (const page of pages) {
    const chunks: Buffer[] = []
    for await (const chunk of page.body) chunks.push(chunk)
    read.push({ page, lines: Buffer.concat(chunks).toString('utf8').trimEnd().split('\n') })
  }
  return read
}

async function completeJob(queries: BulkQueries, soql: string) {
  const job = await queries.startBulkQuery(soql, { all: true })
  return queries.waitForBulkJob(job)
}

test('says who we are, in which org, and what time it is there', async () => {
  const identity = await salesforce.identity()
  assert.equal(identity.username, admin.username)
  assert.equal(identity.orgId.slice(0, 15), emulator.org.id.slice(0, 15))
  const organization = await salesforce.organization()
  assert.equal(organization?.name, emulator.org.name)
  assert.equal(organization?.isSandbox, emulator.org.isSandbox)

  const calls = salesforce.apiCalls()
  const time = await salesforce.orgTime()
  assert.ok(Math.abs(time.getTime() - emulator.org.now()) < 2_000)
  assert.equal(salesforce.apiCalls(), calls)
})

test('daily API calls are told to those who may see them, and seen on every answer by all', async () => {
  const limits = await salesforce.limits()
  assert.ok(limits && limits.max > 0 && limits.used > 0)
  const limited = clientOf(agent.username)
  assert.equal(await limited.salesforce.limits(), undefined)
  await limited.salesforce.query('SELECT Id FROM Account LIMIT 1', { all: false })
  assert.ok((limited.uses.at(-1)?.used ?? 0) > 0)
})

test('an expired token is renewed once, in the middle of whatever was asked', async () => {
  const client = clientOf(admin.username)
  await client.salesforce.identity()
  emulator.expireTokens()
  const page = await client.salesforce.query('SELECT Id FROM Account LIMIT 3', { all: false })
  assert.equal(page.records.length, 3)
  assert.equal(client.renewals(), 1)
})

test('an outage that passes is not noticed', async () => {
  emulator.faults.answerNext('unavailable', { times: 2 })
  const page = await salesforce.query('SELECT Id FROM Account LIMIT 1', { all: false })
  assert.equal(page.records.length, 1)
})

test('pages are followed to the end, and every record comes once', async () => {
  const ids = new Set<unknown>()
  let page = await salesforce.query('SELECT Id FROM CaseHistory', { all: true })
  const { totalSize } = page
  let pages = 1
  for (const record of page.records) ids.add(record.Id)
  while (page.nextRecordsUrl !== null) {
    page = await salesforce.queryMore(page.nextRecordsUrl)
    pages++
    for (const record of page.records) ids.add(record.Id)
  }
  assert.ok(pages > 1, `${totalSize} records should take more than one page`)
  assert.equal(ids.size, totalSize)
})

test('objects are described 25 to a call; one that is not there spoils no other', async () => {
  const calls = salesforce.apiCalls()
  const described = await salesforce.describeObjects(['Case', 'Nothing__c', 'Account'])
  assert.equal(salesforce.apiCalls(), calls + 1)
  assert.deepEqual([...described.keys()], ['Case', 'Nothing__c', 'Account'])
  const missing = described.get('Nothing__c')
  assert.ok(missing instanceof SalesforceError && missing.status === 404)
  const object = described.get('Case')
  assert.ok(object && !(object instanceof SalesforceError))
  assert.equal(object.label, 'Case')
  const owner = object.fields.find(({ name }) => name === 'OwnerId')
  assert.equal(owner?.type, 'reference')
  assert.ok(owner.referenceTo.includes('User') && owner.referenceTo.includes('Group'))
  assert.ok((object.fields.find(({ name }) => name === 'Status')?.picklistValues.length ?? 0) > 0)
})

test('26 queries cost two calls, and each gets its own answer', async () => {
  const calls = salesforce.apiCalls()
  const queries = Array.from({ length: 26 }, (_, index) => ({
    soql: `SELECT Id FROM ${index === 3 ? 'Nothing__c' : 'Account'} LIMIT ${index + 1}`,
    all: index % 2 === 0,
  }))
  const answers = await salesforce.queryBatch(queries)
  assert.equal(salesforce.apiCalls(), calls + 2)
  for (const [index, answer] of answers.entries()) {
    if (index === 3) assert.ok(answer instanceof SalesforceError && answer.code === 'INVALID_TYPE')
    else assert.ok(!(answer instanceof SalesforceError) && answer.records.length === index + 1)
  }
})

test('a query too long for an address line is answered all the same', async () => {
  const names = Array.from({ length: 700 }, (_, index) => `'A company that is not here, number ${index}'`)
  const page = await salesforce.query(`SELECT Id FROM Account WHERE Name IN (${names.join(',')})`, { all: false })
  assert.equal(page.totalSize, 0)
})

test('a bulk job is started, waited for, read page by page, and removed', async () => {
  const seen: (number | null)[] = []
  const started = await salesforce.startBulkQuery('SELECT Id, Subject FROM Case', { all: true })
  assert.equal(started.apiVersion, 'v67.0')
  const job = await salesforce.waitForBulkJob(started, { onProgress: (now) => seen.push(now.recordsProcessed) })
  const total = seen.at(-1) ?? 0
  assert.ok(total > 250 && job.recordsProcessed === total)

  const pages = await readPages(salesforce.bulkQueryPages(job, { maxRecords: 100 }))
  assert.ok(pages.every(({ lines }) => lines[0] === '"Id","Subject"'))
  assert.equal(pages.length, Math.ceil(total / 100))
  assert.equal(
    pages.reduce((sum, { page }) => sum + (page.recordCount ?? 0), 0),
    total,
  )
  assert.equal(pages[0]?.page.locator, null)
  assert.equal(pages.at(-1)?.page.nextLocator, null)
  assert.ok((pages[0]?.page.received.bytes ?? 0) > 1_000)

  // Resumed after its first page, the rest is the same.
  const rest = await readPages(
    salesforce.bulkQueryPages(job, { maxRecords: 100, after: pages[1]?.page.locator ?? null }),
  )
  assert.deepEqual(
    rest.map(({ lines }) => lines),
    pages.slice(1).map(({ lines }) => lines),
  )

  assert.equal((await salesforce.findBulkJob(job))?.state, 'JobComplete')
  await salesforce.abortBulkQuery(job)
  await salesforce.deleteBulkQuery(job)
  assert.equal(await salesforce.findBulkJob(job), undefined)
  await salesforce.deleteBulkQuery(job)
  await salesforce.abortBulkQuery(job)
})

test('a page that is cut off in its middle raises, and can be asked for again', async () => {
  const job = await completeJob(salesforce, 'SELECT Id, Subject, Description FROM Case')
  emulator.faults.cutNextResultStream(3_000)
  await assert.rejects(readPages(salesforce.bulkQueryPages(job)), { code: 'ANSWER_CUT_OFF', status: 0 })
  const [page] = await readPages(salesforce.bulkQueryPages(job))
  assert.equal(page?.page.recordCount, job.recordsProcessed)
})

test('a job that Salesforce gives up is told by its reason', async () => {
  emulator.faults.failNextBulkJob('InvalidBatch : Failed to process query: QUERY_TIMEOUT: too long')
  await assert.rejects(completeJob(salesforce, 'SELECT Id FROM Case'), { code: 'QUERY_TIMEOUT' })
})

test('an aborted job ends the wait', async () => {
  const job = await salesforce.startBulkQuery('SELECT Id FROM Case', { all: false })
  await salesforce.abortBulkQuery(job)
  const state = (await salesforce.findBulkJob(job))?.state
  if (state === 'Aborted') await assert.rejects(salesforce.waitForBulkJob(job), { code: 'JOB_ABORTED' })
  else assert.equal(state, 'JobComplete')
})

test('what Bulk does not take, and who may not, is said with Salesforce’s code', async () => {
  await assert.rejects(salesforce.startBulkQuery('SELECT Nothing__c FROM Case', { all: false }), {
    code: 'INVALID_FIELD',
  })
  await assert.rejects(salesforce.query('SELECT FROM', { all: false }), { code: 'MALFORMED_QUERY' })
  const limited = clientOf(agent.username).salesforce
  await assert.rejects(limited.query('SELECT Id FROM Opportunity', { all: false }), { code: 'INVALID_TYPE' })
})

test('a run of the org’s daily calls to their end is an error of its own', async () => {
  emulator.faults.answerNext('limit')
  await assert.rejects(salesforce.query('SELECT Id FROM Case LIMIT 1', { all: false }), {
    status: 403,
    code: 'REQUEST_LIMIT_EXCEEDED',
  })
})

test('an abort stops the wait for a job at once', async () => {
  const job = await salesforce.startBulkQuery('SELECT Id FROM Case', { all: false })
  const reason = new Error('the run was cancelled')
  await assert.rejects(salesforce.waitForBulkJob(job, { signal: AbortSignal.abort(reason) }), reason)
  await salesforce.abortBulkQuery(job)
})
