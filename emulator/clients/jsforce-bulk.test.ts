import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import type { Connection } from 'jsforce'
import { serveOrg } from './served-org.ts'

type Record = { [field: string]: unknown }

async function connectBulk(t: TestContext) {
  const { connect, emulator } = await serveOrg(t)
  const connection = connect()
  connection.bulk.pollInterval = 10
  connection.bulk.pollTimeout = 20_000
  return { connection, bulk: connection.bulk, emulator }
}

/** jsforce closes the jobs of `load` and `query` without being waited for: the org must not be gone before. */
async function untilClosed(connection: Connection): Promise<void> {
  for (let isOpen = true; isOpen; ) {
    const { records } = await connection.requestGet<{ records: { state: string }[] }>('/jobs/query?jobType=Classic')
    isOpen = records.some(({ state }) => state === 'Open')
  }
}

test('jsforce bulk queries every record once', async (t) => {
  const { connection, bulk } = await connectBulk(t)
  const stream = await bulk.query('SELECT Id, Subject, CreatedDate, Owner.Name FROM Case')
  const records: Record[] = await stream.toArray()
  const { totalSize } = await connection.query('SELECT COUNT() FROM Case')
  assert.equal(new Set(records.map(({ Id }) => Id)).size, totalSize)
  assert.match(String(records[0]?.CreatedDate), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
  assert.ok(records.some((record) => record['Owner.Name'] !== ''))
  await untilClosed(connection)
})

test('jsforce bulk loads inserts, updates, upserts, deletes and hard deletes', async (t) => {
  const { connection, bulk } = await connectBulk(t)
  const inserted = await bulk.load('Contact', 'insert', [
    { LastName: 'Classic One', Email: 'one@example.com' },
    { LastName: 'Classic Two', Email: 'no address' },
    { LastName: 'Classic Three', Email: null },
  ])
  assert.deepEqual(
    inserted.map(({ success }) => success),
    [true, false, true],
  )
  assert.match(inserted[1]?.errors[0] ?? '', /^INVALID_EMAIL_ADDRESS:.*:Email --$/)
  const ids = inserted.flatMap(({ id }) => (id ? [id] : []))

  const updated = await bulk.load(
    'Contact',
    'update',
    ids.map((Id) => ({ Id, Title: 'Loaded' })),
  )
  assert.ok(updated.every(({ success }) => success))
  assert.equal((await connection.query("SELECT Id FROM Contact WHERE Title = 'Loaded'")).totalSize, 2)

  const upserted = await bulk.load('Contact', 'upsert', { extIdField: 'Id' }, [
    { Id: ids[0] ?? '', LastName: 'Upserted' },
    { Id: '', LastName: 'Upserted too' },
  ])
  assert.deepEqual(
    upserted.map((result) => [result.success, 'created' in result && result.created]),
    [
      [true, false],
      [true, true],
    ],
  )

  const deleted = await bulk.load(
    'Contact',
    'delete',
    ids.map((Id) => ({ Id })),
  )
  assert.ok(deleted.every(({ success }) => success))
  const purged = await bulk.load('Contact', 'hardDelete', [{ Id: upserted[1]?.id ?? '' }])
  assert.ok(purged.every(({ success }) => success))
  assert.equal((await connection.query("SELECT Id FROM Contact WHERE LastName LIKE 'Upserted%'")).totalSize, 0)
  await untilClosed(connection)
})

test('jsforce bulk hears why a batch failed', async (t) => {
  const { bulk, connection } = await connectBulk(t)
  await assert.rejects(Promise.resolve(bulk.query('SELECT Nope FROM Case')), (error: Error) =>
    error.message.startsWith('InvalidBatch : Failed to process query: INVALID_FIELD'),
  )
  await assert.rejects(
    Promise.resolve(bulk.load('Contact', 'insert', 'LastName,Nope__c\nA,B\n')),
    /InvalidBatch : Field name not found : Nope__c/,
  )
  await untilClosed(connection)
})

test('jsforce bulk hears that a session is over', async (t) => {
  const { bulk, emulator } = await connectBulk(t)
  emulator.expireTokens()
  await assert.rejects(Promise.resolve(bulk.createJob('Contact', 'insert').open()), { errorCode: 'InvalidSessionId' })
})

test('jsforce bulk aborts a job, and its batches are not processed any more', async (t) => {
  const { bulk } = await connectBulk(t)
  const job = bulk.createJob('Contact', 'insert')
  const batch = job.createBatch()
  const queued = once(batch, 'queue')
  batch.execute('LastName\nA\n')
  await queued
  const { id } = job
  await job.abort()
  assert.equal((await bulk.job(String(id)).check()).state, 'Aborted')
})
