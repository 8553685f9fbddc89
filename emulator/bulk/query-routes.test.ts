import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { createEmulator } from '../app.ts'
import { PlannedFaults } from '../faults.ts'
import { ApiUsage } from '../rest/usage.ts'
import { adminOf, agentOf, jsonOf, ORIGIN } from '../test-browser.ts'
import { bulkClient, codeOf, type JobInfo } from './bulk-client.ts'
import { BulkJobs } from './jobs.ts'

const clock = { ms: Date.UTC(2026, 10, 1) }
const emulator = createEmulator({ origin: ORIGIN, now: () => clock.ms })
after(() => emulator.close())
const { call, wait } = bulkClient(emulator, adminOf(emulator).username)
const JOBS = '/services/data/v67.0/jobs/query'

const create = (body: object) => call(JOBS, { method: 'POST', body: JSON.stringify(body) })

/** Creates a job and waits for its end. */
async function runJob(query: string, more: object = {}): Promise<JobInfo> {
  const created = await create({ operation: 'query', query, ...more })
  assert.equal(created.status, 200, await created.clone().text())
  return wait(`${JOBS}/${(await jsonOf(created)).id}`)
}

/** All pages of a job as text, each without its header. */
async function readPages(id: string, maxRecords: number): Promise<{ header: string; pages: string[]; rows: number[] }> {
  const pages: string[] = []
  const rows: number[] = []
  let header = ''
  let locator: string | null = ''
  while (locator !== 'null') {
    const at = locator === '' ? '' : `&locator=${locator}`
    const response = await call(`${JOBS}/${id}/results?maxRecords=${maxRecords}${at}`)
    const text = await response.text()
    const lineEnd = text.indexOf('\n') + 1
    header = text.slice(0, lineEnd)
    pages.push(text.slice(lineEnd))
    rows.push(Number(response.headers.get('sforce-numberofrecords')))
    locator = response.headers.get('sforce-locator')
  }
  return { header, pages, rows }
}

test('a job is created as UploadComplete and ends as JobComplete with its count', async () => {
  const created = await create({ operation: 'queryAll', query: 'SELECT Id, Subject FROM Case LIMIT 2500' })
  const text = await created.text()
  assert.ok(text.includes('"apiVersion":67.0'))
  const { id, createdDate, systemModstamp, ...info } = JSON.parse(text)
  assert.match(id, /^750\w{15}$/)
  assert.equal(createdDate, '2026-11-01T00:00:00.000+0000')
  assert.equal(systemModstamp, createdDate)
  assert.deepEqual(info, {
    operation: 'queryAll',
    object: 'Case',
    createdById: adminOf(emulator).userId,
    state: 'UploadComplete',
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: 67,
    lineEnding: 'LF',
    columnDelimiter: 'COMMA',
  })

  const done = await runJob('SELECT Id, Subject FROM Case LIMIT 2500')
  assert.equal(done.state, 'JobComplete')
  assert.equal(done.numberRecordsProcessed, 2500)
  assert.equal(done.jobType, 'V2Query')
  assert.equal(done.retries, 0)
  assert.equal(done.isPkChunkingSupported, true)
})

test('pages of any size hold each row once, under the same header, and end with the text null', async () => {
  const { id } = await runJob('SELECT Id, Subject, Description, CreatedDate FROM Case LIMIT 2500')
  const whole = await readPages(id, 100_000)
  assert.deepEqual(whole.rows, [2500])
  for (const [size, rows] of [
    [1000, [1000, 1000, 500]],
    [999, [999, 999, 502]],
    [1700, [1700, 800]],
    [2500, [2500]],
  ] as const) {
    const cut = await readPages(id, size)
    assert.equal(cut.header, '"Id","Subject","Description","CreatedDate"\n')
    assert.deepEqual(cut.rows, rows)
    assert.equal(cut.pages.join(''), whole.pages.join(''))
  }
})

test('the rows are those of the query, written as CSV', async () => {
  const soql = 'SELECT Id, Subject, CreatedDate FROM Case LIMIT 300'
  const { id } = await runJob(soql)
  const { pages } = await readPages(id, 300)
  const expected = [...emulator.org.query(adminOf(emulator), soql, { all: false, bulk: true }).rows()]
    .map(([recordId, subject, created]) => {
      const text = subject === null ? '' : String(subject).replaceAll('"', '""')
      return `"${recordId}","${text}","${new Date(Number(created)).toISOString()}"\n`
    })
    .join('')
  assert.equal(pages.join(''), expected)
})

test('a page can be downloaded again, with the same locator and the same bytes', async () => {
  const { id } = await runJob('SELECT Id FROM Case LIMIT 2500')
  const first = await call(`${JOBS}/${id}/results?maxRecords=1200`)
  const locator = first.headers.get('sforce-locator')
  const read = async () => {
    const response = await call(`${JOBS}/${id}/results?maxRecords=1200&locator=${locator}`)
    return { text: await response.text(), next: response.headers.get('sforce-locator') }
  }
  assert.deepEqual(await read(), await read())
})

test('NUL bytes, CRLF inside quotes and the longest text come through, and page borders do not cut them', async () => {
  const { userId } = adminOf(emulator)
  const body = '\u00e9\r\n"\u0000,'.repeat(21_845)
  for (let n = 0; n < 3; n += 1) {
    emulator.org.create(userId, 'Knowledge__kav', { Title: 'Odd texts', UrlName: `odd-texts-${n}`, Body__c: body })
  }
  const { id } = await runJob("SELECT Title, Body__c FROM Knowledge__kav WHERE Title = 'Odd texts'")
  const { pages, rows } = await readPages(id, 1)
  assert.deepEqual(rows, [1, 1, 1])
  for (const page of pages) assert.equal(page, `"Odd texts","${body.replaceAll('"', '""')}"\n`)
})

test('results are gzipped for clients that accept it, and plain for others', async () => {
  const { id } = await runJob('SELECT Id FROM Case LIMIT 1500')
  const request = (encoding: string) =>
    emulator.app.request(`${ORIGIN}${JOBS}/${id}/results`, {
      headers: {
        authorization: `Bearer ${emulator.issueToken(adminOf(emulator).username)}`,
        'accept-encoding': encoding,
      },
    })
  const gzipped = await request('gzip')
  assert.equal(gzipped.headers.get('content-encoding'), 'gzip')
  assert.equal(gzipped.headers.get('content-type'), 'text/csv; charset=UTF-8')
  const plain = await request('identity')
  assert.equal(plain.headers.get('content-encoding'), null)
  assert.equal(gunzipSync(await gzipped.arrayBuffer()).toString(), await plain.text())
})

test('an empty result is a header, no rows and no further page', async () => {
  const { id, numberRecordsProcessed } = await runJob("SELECT Id, Subject FROM Case WHERE Subject = 'no such subject'")
  assert.equal(numberRecordsProcessed, 0)
  const response = await call(`${JOBS}/${id}/results?maxRecords=100`)
  assert.equal(response.headers.get('sforce-locator'), 'null')
  assert.equal(response.headers.get('sforce-numberofrecords'), '0')
  assert.equal(await response.text(), '"Id","Subject"\n')
})

test('results must be fetched with the version that made the job; other versions get 409', async () => {
  const { id } = await runJob('SELECT Id FROM Case LIMIT 1')
  for (const path of ['results', 'resultPages']) {
    assert.equal((await call(`/services/data/v66.0/jobs/query/${id}/${path}`)).status, 409)
  }
  assert.equal((await call(`/services/data/v66.0/jobs/query/${id}`)).status, 200)
})

test('resultPages links to pages that together hold all rows', async () => {
  const { id } = await runJob('SELECT Id FROM Case LIMIT 1500')
  const { resultPages, done } = await jsonOf(await call(`${JOBS}/${id}/resultPages`))
  assert.equal(done, true)
  assert.equal(resultPages.length, 1)
  const text = await (await call(resultPages[0].resultUrl)).text()
  assert.equal(text.split('\n').length, 1 + 1500 + 1)
})

test('a bad query, body or operation is refused when the job is created', async () => {
  assert.deepEqual(await codeOf(await create({ operation: 'query', query: 'SELECT FROM' })), [400, 'MALFORMED_QUERY'])
  assert.deepEqual(await codeOf(await create({ operation: 'query', query: 'SELECT Nope FROM Case' })), [
    400,
    'INVALID_FIELD',
  ])
  assert.deepEqual(await codeOf(await create({ operation: 'insert', query: 'SELECT Id FROM Case' })), [
    400,
    'JSON_PARSER_ERROR',
  ])
  assert.deepEqual(await codeOf(await call(JOBS, { method: 'POST', body: '{' })), [400, 'JSON_PARSER_ERROR'])
})

test('a job can be aborted while it is open, and then not again', async () => {
  const job: JobInfo = await jsonOf(await create({ operation: 'query', query: 'SELECT Id FROM Case' }))
  const abort = () => call(`${JOBS}/${job.id}`, { method: 'PATCH', body: '{"state":"Aborted"}' })
  const aborted = await abort()
  assert.deepEqual([aborted.status, (await jsonOf(aborted)).state], [200, 'Aborted'])
  assert.deepEqual(await codeOf(await abort()), [400, 'INVALIDJOBSTATE'])
  assert.deepEqual(await codeOf(await call(`${JOBS}/${job.id}/results`)), [400, 'INVALIDJOBSTATE'])
})

test('a job is deleted only when it has ended, and is then unknown', async () => {
  const open: JobInfo = await jsonOf(await create({ operation: 'query', query: 'SELECT Id FROM Case' }))
  assert.deepEqual(await codeOf(await call(`${JOBS}/${open.id}`, { method: 'DELETE' })), [400, 'API_ERROR'])
  const { id } = await runJob('SELECT Id FROM Case LIMIT 1')
  assert.equal((await call(`${JOBS}/${id}`, { method: 'DELETE' })).status, 204)
  for (const path of [`${JOBS}/${id}`, `${JOBS}/${id}/results`]) {
    assert.deepEqual(await codeOf(await call(path)), [404, 'NOT_FOUND'])
  }
})

test('a bad locator or page size is refused', async () => {
  const { id } = await runJob('SELECT Id FROM Case LIMIT 10')
  assert.equal((await call(`${JOBS}/${id}/results?locator=nonsense`)).status, 400)
  assert.equal((await call(`${JOBS}/${id}/results?maxRecords=0`)).status, 400)
})

test('jobs are listed for their creator and for whoever sees all data', async () => {
  const { id } = await runJob('SELECT Id FROM Case LIMIT 1')
  const agent = bulkClient(emulator, agentOf(emulator).username)
  const all = await jsonOf(await call(`${JOBS}?jobType=V2Query&concurrencyMode=parallel`))
  assert.equal(all.done, true)
  assert.ok(all.records.some((job: JobInfo) => job.id === id))
  assert.deepEqual((await jsonOf(await agent.call(JOBS))).records, [])
  assert.deepEqual((await jsonOf(await call(`${JOBS}?jobType=V2Ingest`))).records, [])
  assert.deepEqual((await jsonOf(await call(`${JOBS}?concurrencyMode=serial`))).records, [])
  assert.equal((await agent.call(`${JOBS}/${id}`)).status, 404)
})

test('queries come with v47.0, their columns as asked for with v50.0, parallel results with v58.0', async () => {
  const inVersion = async (version: number) => {
    const base = `/services/data/v${version}.0/jobs/query`
    const body = JSON.stringify({ operation: 'query', query: 'SELECT Subject, Id FROM Case LIMIT 1' })
    const created = await call(base, { method: 'POST', body })
    return { status: created.status, base: created.ok ? `${base}/${(await jsonOf(created)).id}` : base }
  }
  assert.equal((await inVersion(46)).status, 404)
  const headerOf = async (version: number) => {
    const { base } = await inVersion(version)
    await wait(base)
    return (await (await call(`${base}/results`)).text()).split('\n')[0]
  }
  assert.equal(await headerOf(49), '"Id","Subject"')
  assert.equal(await headerOf(50), '"Subject","Id"')
  const { base } = await inVersion(57)
  assert.equal((await wait(base)).state, 'JobComplete')
  assert.deepEqual(await codeOf(await call(`${base}/resultPages`)), [404, 'NOT_FOUND'])
})

test('what Bulk can not query is refused with the code and words of an org', async () => {
  for (const [query, code] of [
    ['SELECT COUNT() FROM Case', 'API_ERROR'],
    ['SELECT Status, COUNT(Id) FROM Case GROUP BY Status', 'API_ERROR'],
    ['SELECT Id FROM Case LIMIT 10 OFFSET 10', 'API_ERROR'],
    ['SELECT Id, (SELECT Id FROM Contacts) FROM Account', 'API_ERROR'],
    ['SELECT TYPEOF Owner WHEN User THEN Name END FROM Case', 'API_ERROR'],
    ['SELECT BillingAddress FROM Account', 'INVALIDENTITY'],
    ["SELECT VersionData FROM ContentVersion WHERE Id = '068000000000000AAA'", 'INVALIDENTITY'],
    ['SELECT Id FROM CaseStatus', 'INVALIDENTITY'],
    ['SELECT Id FROM ContentDocumentLink', 'API_ERROR'],
  ] as const) {
    assert.deepEqual(await codeOf(await create({ operation: 'query', query })), [400, code], query)
  }
  const [{ message }] = await jsonOf(await create({ operation: 'query', query: 'SELECT MAX(CreatedDate) FROM Case' }))
  assert.equal(message, 'Aggregate Relationships not supported in Bulk Query')
})

test('a job that fails says why', async () => {
  emulator.faults.failNextBulkJob('QUERY_TIMEOUT')
  const job = await runJob('SELECT Id FROM Case LIMIT 1')
  assert.equal(job.state, 'Failed')
  assert.equal(job.errorMessage, 'InvalidBatch : Failed to process query: QUERY_TIMEOUT')
})

test('a result stream is cut where it was told to be, once', async () => {
  const { id } = await runJob('SELECT Id, Subject FROM Case LIMIT 2500')
  emulator.faults.cutNextResultStream(5000)
  const cut = await call(`${JOBS}/${id}/results`)
  assert.equal(cut.status, 200)
  await assert.rejects(cut.text())
  const whole = await call(`${JOBS}/${id}/results`)
  assert.equal((await whole.text()).trim().split('\n').length >= 2501, true)
})

test('a job fails with any code, is stuck, miscounts, loses its results: once, when told to', async () => {
  const soql = 'SELECT Id FROM Case LIMIT 20'
  const { faults } = emulator
  faults.add({ do: { fault: 'bulk-job-fails', errorCode: 'Timeout', message: 'The query took too long' } })
  assert.equal((await runJob(soql)).errorMessage, 'Timeout : The query took too long')
  const message = 'InvalidBatch : Failed to process query: QUERY_TIMEOUT: too long'
  faults.add({ do: { fault: 'bulk-job-fails', message } })
  assert.equal((await runJob(soql)).errorMessage, message)
  faults.add({ do: { fault: 'bulk-job-fails', message: 'Retried more than 15 times' } })
  assert.equal((await runJob(soql)).retries, 15)

  faults.add({ do: { fault: 'bulk-job-stuck', count: 3 } })
  const { id: stuckId } = await jsonOf(await create({ operation: 'query', query: soql }))
  await wait(`${JOBS}/${(await runJob(soql)).id}`)
  const states = []
  for (let look = 0; look < 4; look += 1) states.push((await jsonOf(await call(`${JOBS}/${stuckId}`))).state)
  assert.deepEqual(states, ['InProgress', 'InProgress', 'InProgress', 'JobComplete'])

  faults.add({ do: { fault: 'bulk-count-off', count: 5 } })
  const { id, numberRecordsProcessed } = await runJob(soql)
  assert.equal(numberRecordsProcessed, 25)

  faults.add({ do: { fault: 'bulk-page-short', count: 7 } })
  const short = await call(`${JOBS}/${id}/results`)
  assert.equal(short.headers.get('sforce-numberofrecords'), '20')
  assert.equal((await short.text()).trim().split('\n').length, 1 + 13)

  const second = (await call(`${JOBS}/${id}/results?maxRecords=5`)).headers.get('sforce-locator')
  faults.add({ when: { path: 'locator=' }, do: { fault: 'locator-repeats' } })
  const page = () => call(`${JOBS}/${id}/results?maxRecords=5&locator=${second}`)
  assert.equal((await page()).headers.get('sforce-locator'), second)
  assert.notEqual((await page()).headers.get('sforce-locator'), second)

  faults.add({ do: { fault: 'bulk-results-gone' } })
  for (let again = 0; again < 2; again += 1) {
    assert.deepEqual(await codeOf(await call(`${JOBS}/${id}/results`)), [404, 'NOT_FOUND'])
  }
  assert.equal((await jsonOf(await call(`${JOBS}/${id}`))).state, 'JobComplete')
})

test('beyond the allocation of jobs or of result volume no job is made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulk-limits-'))
  const usage = new ApiUsage(1000, () => clock.ms)
  const jobs = new BulkJobs({ org: emulator.org, faults: new PlannedFaults(() => 0), usage }, folder)
  const request = { operation: 'query', query: 'SELECT Id FROM Case LIMIT 1', version: 67 } as const
  const make = () => jobs.queries.create(adminOf(emulator), { ...request, columnDelimiter: 'COMMA', lineEnding: 'LF' })
  make()
  usage.setLimit('DailyBulkV2QueryJobs', { max: 1 })
  assert.throws(make, /Max bulk v2 query jobs \(1\) per 24 hrs has been reached/)
  usage.setLimit('DailyBulkV2QueryJobs', { max: 10 })
  usage.setLimit('DailyBulkV2QueryFileStorageMB', { used: 976_562 })
  assert.throws(make, /Max bulk v2 query result size stored \(1000000000\) kb per 24 hrs has been exceeded/)
  await jobs.close()
  rmSync(folder, { recursive: true })
})

test('jobs survive a restart: finished ones with their results, others start over; ids are never given twice', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulk-restart-'))
  const start = () => createEmulator({ origin: ORIGIN, scale: 0.1, now: () => clock.ms, dataDir })
  const make = async (client: ReturnType<typeof bulkClient>, query: string): Promise<string> =>
    (await jsonOf(await client.call('query', { method: 'POST', body: JSON.stringify({ operation: 'query', query }) })))
      .id

  const first = start()
  const before = bulkClient(first, adminOf(first).username)
  const done = await make(before, 'SELECT Id FROM Account LIMIT 3')
  await before.wait(`query/${done}`)
  const text = await (await before.call(`query/${done}/results`)).text()
  const dropped = await make(before, 'SELECT Id FROM Account LIMIT 1')
  await before.wait(`query/${dropped}`)
  await before.call(`query/${dropped}`, { method: 'DELETE' })
  const waiting = await make(before, 'SELECT Id FROM Case')
  await first.close()

  const second = start()
  const later = bulkClient(second, adminOf(second).username)
  assert.equal(await (await later.call(`query/${done}/results`)).text(), text)
  assert.equal((await later.wait(`query/${waiting}`)).state, 'JobComplete')
  const next = await make(later, 'SELECT Id FROM Account LIMIT 1')
  assert.ok(![done, dropped, waiting].includes(next))
  await second.close()
  rmSync(dataDir, { recursive: true })
})

test('jobs are listed 1,000 at a time', async () => {
  const own = createEmulator({ origin: ORIGIN, scale: 0.1, now: () => clock.ms })
  const { call: ask, open } = bulkClient(own, adminOf(own).username)
  for (let n = 0; n < 1003; n += 1) await open({ object: 'Contact', operation: 'insert' })
  const first = await jsonOf(await ask('ingest?jobType=V2Ingest'))
  assert.deepEqual([first.done, first.records.length], [false, 1000])
  const second = await jsonOf(await ask(first.nextRecordsUrl))
  assert.deepEqual([second.done, second.records.length, second.nextRecordsUrl], [true, 3, null])
  assert.equal(new Set([...first.records, ...second.records].map(({ id }) => id)).size, 1003)
  await own.close()
})

test('a large job is seen to grow; its result is linked five pages at a time, each row on one of them', async () => {
  const large = createEmulator({ origin: ORIGIN, scale: 60, now: () => clock.ms })
  const own = bulkClient(large, adminOf(large).username)
  const body = JSON.stringify({ operation: 'queryAll', query: 'SELECT Id FROM CaseHistory' })
  const { id } = await jsonOf(await own.call('query', { method: 'POST', body }))
  const seen: JobInfo[] = []
  do {
    seen.push(await jsonOf(await own.call(`query/${id}`)))
    await nextTurn()
  } while (seen.at(-1)?.state !== 'JobComplete')
  const counts = seen.map((job) => job.numberRecordsProcessed)
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  )
  assert.ok(seen.some(({ state, numberRecordsProcessed: count }) => state === 'InProgress' && count > 0))
  const numberRecordsProcessed = counts.at(-1) ?? 0
  assert.ok(numberRecordsProcessed > 500_000)
  const first = await jsonOf(await own.call(`query/${id}/resultPages`))
  assert.deepEqual([first.done, first.resultPages.length], [false, 5])
  const second = await jsonOf(await own.call(first.nextRecordsUrl))
  assert.equal(second.done, true)
  let rows = 0
  for (const { resultUrl } of [...first.resultPages, ...second.resultPages]) {
    const page = await own.call(resultUrl)
    await page.body?.cancel()
    rows += Number(page.headers.get('sforce-numberofrecords'))
  }
  assert.equal(rows, numberRecordsProcessed)
  await large.close()
})
