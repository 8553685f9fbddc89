import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createEmulator } from '../app.ts'
import { adminOf, ORIGIN } from '../test-browser.ts'
import { asyncClient } from './async-client.ts'
import { bulkClient } from './bulk-client.ts'

const emulator = createEmulator({ origin: ORIGIN, scale: 0.1, now: () => Date.UTC(2026, 10, 1) })
after(() => emulator.close())
const admin = adminOf(emulator)
const client = asyncClient(emulator, admin.username)

function rowsOf(soql: string) {
  return [...emulator.org.query(admin, soql, { all: true, bulk: true }).rows()]
}

test('PK chunking ends the first batch as NotProcessed and adds one for each range of ids', async () => {
  const header = { 'sforce-enable-pkchunking': 'true; chunkSize=100', 'sforce-disable-batch-retry': 'true' }
  const job = await client.open({ operation: 'queryAll', object: 'Case', contentType: 'CSV' }, header)
  await client.post(`/${job}/batch`, 'text/csv', "SELECT Id FROM Case WHERE Subject != 'order by (nothing)'")
  const [original, ...chunks] = await client.wait(job)
  assert.equal(original?.state, 'NotProcessed')
  const ids = rowsOf('SELECT Id FROM Case').map(([id]) => String(id))
  assert.equal(chunks.length, Math.ceil(ids.length / 100))
  assert.ok(chunks.every(({ state, records }) => state === 'Completed' && records <= 100))
  const found: string[] = []
  for (const chunk of chunks) {
    const list = await (await client.call(`/${job}/batch/${chunk.id}/result`)).text()
    const csv = await (await client.call(`/${job}/batch/${chunk.id}/result/${/752\w{15}/.exec(list)?.[0]}`)).text()
    found.push(
      ...csv
        .split('\n')
        .slice(1, -1)
        .map((line) => line.slice(1, -1)),
    )
  }
  const asked = rowsOf("SELECT Id FROM Case WHERE Subject != 'order by (nothing)'").map(([id]) => String(id))
  assert.deepEqual(found, asked)
  const first = await (await client.call(`/${job}/batch/${chunks[0]?.id}/request`)).text()
  assert.match(
    first,
    /^SELECT Id FROM Case WHERE \(Subject != 'order by \(nothing\)'\) AND Id >= '500\w{12}' AND Id < '500\w{12}'$/,
  )
})

test('chunks begin where they are told to, and follow the ids of a parent', async () => {
  const cases = rowsOf('SELECT Id FROM Case').map(([id]) => String(id))
  const from = cases[cases.length - 150] ?? ''
  const header = { 'sforce-enable-pkchunking': `chunkSize=100; startRow=${from}` }
  const job = await client.open({ operation: 'queryAll', object: 'Case', contentType: 'CSV' }, header)
  await client.post(`/${job}/batch`, 'text/csv', 'SELECT Id FROM Case')
  const [, ...chunks] = await client.wait(job)
  assert.deepEqual(
    chunks.map(({ records }) => records),
    [100, 50],
  )
  const byParent = { 'sforce-enable-pkchunking': 'true; chunkSize=100000; parent=Case' }
  const histories = await client.open({ operation: 'queryAll', object: 'CaseHistory', contentType: 'CSV' }, byParent)
  await client.post(`/${histories}/batch`, 'text/csv', 'SELECT Id, CaseId FROM CaseHistory')
  const [, only] = await client.wait(histories)
  assert.equal(only?.records, rowsOf('SELECT Id FROM CaseHistory').length)
  assert.match(await (await client.call(`/${histories}/batch/${only?.id}/request`)).text(), / WHERE CaseId >= '500/)
})

test('a query with more than a WHERE is not chunked; a chunk that is too large is refused', async () => {
  const header = { 'sforce-enable-pkchunking': 'chunkSize=100' }
  const job = await client.open({ operation: 'query', object: 'Case', contentType: 'CSV' }, header)
  await client.post(`/${job}/batch`, 'text/csv', 'SELECT Id FROM Case LIMIT 5')
  assert.deepEqual(
    (await client.wait(job)).map(({ state, records }) => [state, records]),
    [['Completed', 5]],
  )
  const refused = await client.post(
    '',
    'application/json',
    '{"operation":"query","object":"Case","contentType":"CSV"}',
    {
      'sforce-enable-pkchunking': 'chunkSize=250001',
    },
  )
  assert.equal(JSON.parse(refused).exceptionCode, 'InvalidJob')
  const listed = await emulator.fetch(`${ORIGIN}/services/data/v67.0/jobs/query?isPkChunkingEnabled=true`, {
    headers: { authorization: `Bearer ${emulator.issueToken(admin.username)}` },
  })
  const { records } = (await listed.json()) as { records: { id: string; jobType: string }[] }
  assert.ok(records.some(({ id, jobType }) => id === job && jobType === 'Classic'))
})

test('an object that can not be chunked is refused when the job is made, and a 2.0 job says whether its object can', async () => {
  const create = async (object: string, pkChunking: string) => {
    const body = JSON.stringify({ operation: 'query', object, contentType: 'CSV' })
    return JSON.parse(await client.post('', 'application/json', body, { 'sforce-enable-pkchunking': pkChunking }))
  }
  assert.deepEqual(await create('organization', 'true'), {
    exceptionCode: 'InvalidEntity',
    exceptionMessage: "Entity 'Organization' is not supported to use PKChunking.",
  })
  for (const object of ['Case', 'CaseHistory', 'AccountShare'])
    assert.equal((await create(object, 'true')).state, 'Open')
  assert.equal((await create('Organization', 'false')).state, 'Open')

  const bulk = bulkClient(emulator, admin.username)
  const isSupported = async (query: string) => {
    const created = await bulk.call('query', { method: 'POST', body: JSON.stringify({ operation: 'query', query }) })
    const { id } = (await created.json()) as { id: string }
    return (await bulk.wait(`query/${id}`)).isPkChunkingSupported
  }
  assert.equal(await isSupported('SELECT Id FROM Case ORDER BY Id LIMIT 1'), true)
  assert.equal(await isSupported('SELECT Id FROM Organization'), false)
})

test('chunks begin at an id and at nothing else', async () => {
  const body = JSON.stringify({ operation: 'query', object: 'Case', contentType: 'CSV' })
  const header = { 'sforce-enable-pkchunking': "startRow=x' OR Id != '" }
  assert.equal(JSON.parse(await client.post('', 'application/json', body, header)).exceptionCode, 'InvalidJob')
})

test('a job that was cut off after its query was split goes on with the same chunks', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulk-chunks-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const start = () => createEmulator({ origin: ORIGIN, scale: 0.1, dataDir })
  const first = start()
  const before = asyncClient(first, admin.username)
  const header = { 'sforce-enable-pkchunking': 'chunkSize=10' }
  const job = await before.open({ operation: 'queryAll', object: 'Case', contentType: 'CSV' }, header)
  await before.post(`/${job}/batch`, 'text/csv', 'SELECT Id FROM Case')
  const idsIn = (text: string) => Array.from(text.matchAll(/<id>(751\w{15})<\/id>/g), ([, id]) => id)
  const list = async (own: typeof before) => idsIn(await (await own.call(`/${job}/batch`)).text())
  let seen = await list(before)
  while (seen.length === 1) {
    await nextTurn()
    seen = await list(before)
  }
  await first.close()

  const second = start()
  t.after(() => second.close())
  const batches = await asyncClient(second, admin.username).wait(job)
  assert.deepEqual(
    batches.map(({ id }) => id),
    seen,
  )
  assert.deepEqual(
    batches.map(({ state }) => state),
    ['NotProcessed', ...Array(seen.length - 1).fill('Completed')],
  )
  const total = batches.reduce((sum, { records }) => sum + records, 0)
  assert.equal(total, second.org.query(admin, 'SELECT COUNT() FROM Case', { all: true }).totalSize)
})
