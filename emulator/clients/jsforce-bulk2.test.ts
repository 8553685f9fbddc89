import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { serveOrg } from './served-org.ts'

type Record = { [field: string]: unknown }

async function connectBulk(t: TestContext) {
  const { connect, emulator } = await serveOrg(t)
  const connection = connect()
  connection.bulk2.pollInterval = 10
  connection.bulk2.pollTimeout = 20_000
  return { connection, bulk2: connection.bulk2, emulator }
}

test('jsforce bulk2 reads every record once, with quotes and line breaks in its texts', async (t) => {
  const { connection, bulk2 } = await connectBulk(t)
  await connection.sobject('Case').create({ Subject: 'Says "hello",\nthen leaves', Origin: 'Web' })
  const stream = await bulk2.query('SELECT Id, Subject, CreatedDate, IsClosed FROM Case')
  const records: Record[] = await stream.toArray()
  const { totalSize } = await connection.query('SELECT COUNT() FROM Case')
  assert.equal(new Set(records.map(({ Id }) => Id)).size, totalSize)
  assert.ok(records.some(({ Subject }) => Subject === 'Says "hello",\nthen leaves'))
  const [first] = records
  assert.match(String(first?.CreatedDate), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
  assert.match(String(first?.IsClosed), /^(true|false)$/)
})

test('jsforce bulk2 sees deleted records when it scans all', async (t) => {
  const { connection, bulk2 } = await connectBulk(t)
  const { id } = await connection.sobject('Case').create({ Subject: 'To be deleted' })
  await connection.sobject('Case').destroy(String(id))
  const soql = "SELECT Id, IsDeleted FROM Case WHERE Subject = 'To be deleted'"
  const all: Record[] = await (await bulk2.query(soql, { scanAll: true })).toArray()
  assert.deepEqual(
    all.map(({ IsDeleted }) => IsDeleted),
    ['true'],
  )
  assert.deepEqual(await (await bulk2.query(soql)).toArray(), [])
})

test('jsforce bulk2 reports a query that fails', async (t) => {
  const { bulk2, emulator } = await connectBulk(t)
  await assert.rejects(bulk2.query('SELECT Nope FROM Case'), { errorCode: 'INVALID_FIELD' })
  emulator.faults.failNextBulkJob('QUERY_TIMEOUT')
  await assert.rejects(bulk2.query('SELECT Id FROM Case'), /Query job failed to complete/)
})

test('jsforce bulk2 inserts, updates, upserts and deletes, and hears what became of each row', async (t) => {
  const { connection, bulk2 } = await connectBulk(t)
  const inserted = await bulk2.loadAndWaitForResults({
    object: 'Contact',
    operation: 'insert',
    input: [
      { LastName: 'Bulk One', Email: 'one@example.com' },
      { LastName: 'Bulk Two', Email: 'no address' },
      { LastName: 'Bulk Three', Email: null },
    ],
  })
  assert.deepEqual(
    inserted.successfulResults.map(({ sf__Created, ...row }) => ['LastName' in row && row.LastName, sf__Created]),
    [
      ['Bulk One', 'true'],
      ['Bulk Three', 'true'],
    ],
  )
  assert.match(String(inserted.failedResults[0]?.sf__Error), /^INVALID_EMAIL_ADDRESS:/)
  assert.deepEqual(inserted.unprocessedRecords, [])
  const ids = inserted.successfulResults.map(({ sf__Id }) => sf__Id)

  const updated = await bulk2.loadAndWaitForResults({
    object: 'Contact',
    operation: 'update',
    input: ids.map((Id) => ({ Id, Title: 'Loaded', Email: null })),
  })
  assert.deepEqual(
    updated.successfulResults.map(({ sf__Created }) => sf__Created),
    ['false', 'false'],
  )
  assert.deepEqual(
    (await connection.query("SELECT Email FROM Contact WHERE Title = 'Loaded'")).records.map(({ Email }) => Email),
    [null, null],
  )

  const upserted = await bulk2.loadAndWaitForResults({
    object: 'Contact',
    operation: 'upsert',
    externalIdFieldName: 'Id',
    input: [
      { Id: ids[0] ?? '', LastName: 'Upserted' },
      { Id: '', LastName: 'Upserted too' },
    ],
  })
  assert.deepEqual(
    upserted.successfulResults.map(({ sf__Created }) => sf__Created),
    ['false', 'true'],
  )

  const deleted = await bulk2.loadAndWaitForResults({
    object: 'Contact',
    operation: 'delete',
    input: ids.map((Id) => ({ Id })),
  })
  assert.equal(deleted.successfulResults.length, 2)
  const { totalSize } = await connection.query("SELECT Id FROM Contact WHERE Title = 'Loaded'")
  assert.equal(totalSize, 0)
})

test('jsforce bulk2 upserts by an external id', async (t) => {
  const { bulk2 } = await connectBulk(t)
  const upsert = async () => {
    const input = [
      { ERP_Number__c: 'J-1', Name: 'One' },
      { ERP_Number__c: 'J-2', Name: 'Two' },
    ]
    const target = { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Number__c' } as const
    return (await bulk2.loadAndWaitForResults({ ...target, input })).successfulResults
  }
  const first = await upsert()
  const second = await upsert()
  assert.deepEqual(
    [...first, ...second].map(({ sf__Created }) => sf__Created),
    ['true', 'true', 'false', 'false'],
  )
  assert.deepEqual(
    second.map(({ sf__Id }) => sf__Id),
    first.map(({ sf__Id }) => sf__Id),
  )
})

test('jsforce bulk2 hears why a job failed, and gets the rows back that nobody looked at', async (t) => {
  const { bulk2 } = await connectBulk(t)
  const job = bulk2.createJob({ object: 'Contact', operation: 'insert' })
  await job.open()
  await job.uploadData('LastName,Nope__c\nA,1\nB,2\n')
  await job.close()
  await assert.rejects(job.poll(10, 20_000), /InvalidBatch : Field name not found : Nope__c/)
  const unprocessed = await job.getUnprocessedRecords()
  assert.deepEqual(unprocessed, [
    { LastName: 'A', Nope__c: '1' },
    { LastName: 'B', Nope__c: '2' },
  ])
})

test('jsforce bulk2 aborts a job and deletes it', async (t) => {
  const { bulk2 } = await connectBulk(t)
  const job = bulk2.createJob({ object: 'Contact', operation: 'insert' })
  await job.open()
  const aborted = once(job, 'aborted')
  await job.abort()
  await aborted
  assert.equal((await job.check()).state, 'Aborted')
  await job.delete()
  await assert.rejects(job.check(), { errorCode: 'NOT_FOUND' })
})
