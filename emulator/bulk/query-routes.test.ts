import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { createEmulator } from '../app.ts'
import { adminOf, agentOf, jsonOf, ORIGIN } from '../test-browser.ts'

const clock = { ms: Date.UTC(2026, 10, 1) }
const emulator = createEmulator({ origin: ORIGIN, now: () => clock.ms })
after(() => emulator.close())
const token = emulator.issueToken(adminOf(emulator).username)
const JOBS = '/services/data/v67.0/jobs/query'

interface JobInfo {
  readonly id: string
  readonly state: string
  readonly numberRecordsProcessed: number
  readonly errorMessage?: string
  readonly [field: string]: unknown
}

function call(path: string, init: RequestInit = {}, as = token): Promise<Response> {
  const headers = { authorization: `Bearer ${as}`, 'content-type': 'application/json', ...init.headers }
  return emulator.fetch(`${ORIGIN}${path}`, { ...init, headers })
}

const create = (body: object) => call(JOBS, { method: 'POST', body: JSON.stringify(body) })

async function readJob(id: string): Promise<JobInfo> {
  return jsonOf(await call(`${JOBS}/${id}`))
}

/** Creates a job and waits for its end; each look gives the work a turn. */
async function runJob(query: string, more: object = {}): Promise<JobInfo> {
  const created = await create({ operation: 'query', query, ...more })
  assert.equal(created.status, 200, await created.clone().text())
  let job: JobInfo = await jsonOf(created)
  while (job.state === 'UploadComplete' || job.state === 'InProgress') {
    await new Promise((resolve) => setImmediate(resolve))
    job = await readJob(job.id)
  }
  return job
}

async function codeOf(response: Response): Promise<[number, string]> {
  const [error] = await jsonOf(response)
  return [response.status, error.errorCode]
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
  assert.equal(done.isPkChunkingSupported, false)
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

test('results are gzipped for clients that accept it, and plain for others', async () => {
  const { id } = await runJob('SELECT Id FROM Case LIMIT 1500')
  const request = (encoding: string) =>
    emulator.app.request(`${ORIGIN}${JOBS}/${id}/results`, {
      headers: { authorization: `Bearer ${token}`, 'accept-encoding': encoding },
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
  const agentToken = emulator.issueToken(agentOf(emulator).username)
  const list = async (path: string, as: string) => jsonOf(await call(path, {}, as))
  const all = await list(`${JOBS}?jobType=V2Query&concurrencyMode=parallel`, token)
  assert.equal(all.done, true)
  assert.ok(all.records.some((job: JobInfo) => job.id === id))
  assert.deepEqual((await list(JOBS, agentToken)).records, [])
  assert.deepEqual((await list(`${JOBS}?jobType=V2Ingest`, token)).records, [])
  assert.equal((await call(`${JOBS}/${id}`, {}, agentToken)).status, 404)
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

test('results are gone after seven days', async () => {
  const { id } = await runJob('SELECT Id FROM Case LIMIT 1')
  clock.ms += 7 * 86_400_000 + 1
  const fresh = emulator.issueToken(adminOf(emulator).username)
  assert.equal((await call(`${JOBS}/${id}/results`, {}, fresh)).status, 404)
})
