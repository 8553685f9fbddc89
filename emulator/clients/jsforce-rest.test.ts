import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOrg } from './served-org.ts'

const isError = (errorCode: string) => (error: Error & { errorCode?: string }) => error.errorCode === errorCode

/** What Salesforce calls the error of a record in a collection, where jsforce's types say `errorCode`. */
function statusCodes(errors: readonly object[]): unknown[] {
  return errors.map((error) => ('statusCode' in error ? error.statusCode : undefined))
}

/** The first result of a call that may take one record or several. */
function only<T>(result: T | T[]): T {
  assert.ok(!Array.isArray(result))
  return result
}

test('jsforce creates, reads, updates and deletes a record', async (t) => {
  const accounts = (await serveOrg(t)).connect().sobject('Account')
  const created = only(await accounts.create({ Name: 'Acme', NumberOfEmployees: 12, BillingCity: 'Oslo' }))
  assert.ok(created.success)
  const { id } = created
  const read = only(await accounts.retrieve(id))
  assert.deepEqual([read.Name, read.NumberOfEmployees, read.BillingAddress?.city], ['Acme', 12, 'Oslo'])

  assert.ok(only(await accounts.update({ Id: id, Name: 'Acme AS', BillingCity: null })).success)
  const changed = only(await accounts.retrieve(id, { fields: ['Name', 'BillingCity'] } as object))
  assert.deepEqual([changed.Name, changed.BillingCity], ['Acme AS', null])

  assert.ok(only(await accounts.destroy(id)).success)
  await assert.rejects(Promise.resolve(accounts.retrieve(id)), isError('NOT_FOUND'))
  await assert.rejects(Promise.resolve(accounts.update({ Id: id, Name: 'Too late' })), isError('ENTITY_IS_DELETED'))
})

test('jsforce upserts by external id, and relates a record to its parent by one', async (t) => {
  const connection = (await serveOrg(t)).connect()
  const accounts = connection.sobject('Account')
  const first = only(await accounts.upsert({ ERP_Number__c: 'ERP/42 ö', Name: 'First' }, 'ERP_Number__c'))
  assert.ok(first.success && 'created' in first)
  assert.equal(first.created, true)
  const second = only(await accounts.upsert({ ERP_Number__c: 'ERP/42 ö', Name: 'Second' }, 'ERP_Number__c'))
  assert.ok(second.success && 'created' in second)
  assert.deepEqual([second.id, second.created], [first.id, false])
  assert.equal(only(await accounts.retrieve(first.id)).Name, 'Second')

  const contact = only(
    await connection.sobject('Contact').create({ LastName: 'Berg', Account: { ERP_Number__c: 'ERP/42 ö' } }),
  )
  assert.ok(contact.success)
  assert.equal(only(await connection.sobject('Contact').retrieve(contact.id)).AccountId, first.id)
})

test('jsforce writes lists of records, in which a bad one spoils nothing unless all or none is asked for', async (t) => {
  const connection = (await serveOrg(t)).connect()
  const contacts = connection.sobject('Contact')
  const given = [{ LastName: 'Qalm' }, { LastName: 'Qbo', Email: 'not an address' }, { LastName: 'Qdahl' }]
  const results = await contacts.create(given)
  assert.deepEqual(
    results.map(({ success, errors }) => [success, statusCodes(errors)]),
    [
      [true, []],
      [false, ['INVALID_EMAIL_ADDRESS']],
      [true, []],
    ],
  )
  const ids = results.flatMap((result) => (result.success ? [result.id] : []))
  const read = await contacts.retrieve(ids)
  assert.deepEqual(
    read.map(({ LastName }) => LastName),
    ['Qalm', 'Qdahl'],
  )

  const strict = await contacts.create(given, { allOrNone: true })
  assert.deepEqual(
    strict.flatMap(({ errors }) => statusCodes(errors)),
    ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'INVALID_EMAIL_ADDRESS', 'ALL_OR_NONE_OPERATION_ROLLED_BACK'],
  )
  const { totalSize } = await connection.query("SELECT Id FROM Contact WHERE LastName IN ('Qalm', 'Qdahl')")
  assert.equal(totalSize, 2)

  const updated = await contacts.update(ids.map((Id) => ({ Id, Department: 'Sales' })))
  assert.ok(updated.every(({ success }) => success))
  const upserted = await connection.sobject('Account').upsert(
    [
      { attributes: { type: 'Account' }, ERP_Number__c: 'N-1', Name: 'One' },
      { attributes: { type: 'Account' }, ERP_Number__c: 'N-2', Name: 'Two' },
    ],
    'ERP_Number__c',
  )
  assert.ok(Array.isArray(upserted) && upserted.every(({ success }) => success))
  const deleted = await contacts.destroy(ids)
  assert.ok(deleted.every(({ success }) => success))
  const again = await contacts.destroy(ids)
  assert.deepEqual(
    again.flatMap(({ errors }) => statusCodes(errors)),
    ['ENTITY_IS_DELETED', 'ENTITY_IS_DELETED'],
  )
})

test('jsforce asks what was changed and deleted in the last minutes', async (t) => {
  const clock = { ms: Date.UTC(2026, 10, 1, 12) }
  const connection = (await serveOrg(t, { now: () => clock.ms })).connect()
  const start = new Date(clock.ms - 60_000)
  const kept = only(await connection.sobject('Lead').create({ LastName: 'Kept', Company: 'Acme' }))
  const gone = only(await connection.sobject('Lead').create({ LastName: 'Gone', Company: 'Acme' }))
  assert.ok(kept.success && gone.success)
  await connection.sobject('Lead').destroy(gone.id)
  clock.ms += 120_000
  const end = new Date(clock.ms)
  const { ids, latestDateCovered } = await connection.sobject('Lead').updated(start, end)
  assert.deepEqual([ids.includes(kept.id), ids.includes(gone.id)], [true, false])
  assert.equal(latestDateCovered, '2026-11-01T12:01:00.000+0000')
  const { deletedRecords } = await connection.sobject('Lead').deleted(start, end)
  assert.deepEqual(deletedRecords, [{ id: gone.id, deletedDate: '2026-11-01T12:00:00.000+0000' }])
})

test('jsforce runs dependent requests as one composite call', async (t) => {
  const { emulator, connect } = await serveOrg(t)
  const connection = connect()
  const before = emulator.apiCallsUsed()
  const base = '/services/data/v67.0'
  const answer = await connection.requestPost<{ compositeResponse: { httpStatusCode: number; body: object }[] }>(
    '/composite',
    {
      allOrNone: true,
      compositeRequest: [
        { method: 'POST', url: `${base}/sobjects/Account`, referenceId: 'account', body: { Name: 'Composed' } },
        {
          method: 'POST',
          url: `${base}/sobjects/Contact`,
          referenceId: 'contact',
          body: { LastName: 'Composer', AccountId: '@{account.id}' },
        },
        {
          method: 'GET',
          url: `${base}/query?q=SELECT Account.Name FROM Contact WHERE Id = '@{contact.id}'`,
          referenceId: 'found',
        },
      ],
    },
  )
  assert.deepEqual(
    answer.compositeResponse.map(({ httpStatusCode }) => httpStatusCode),
    [201, 201, 200],
  )
  const found = answer.compositeResponse[2]?.body as { records: { Account: { Name: string } }[] }
  assert.equal(found.records[0]?.Account.Name, 'Composed')
  assert.equal(emulator.apiCallsUsed(), before + 1)
})

test('jsforce lists limits, versions, resources and recently viewed records', async (t) => {
  const connection = (await serveOrg(t)).connect()
  const created = only(
    await connection.sobject('Account').create({ Name: 'Just seen' }, { headers: { 'Sforce-Mru': 'updateMru=true' } }),
  )
  assert.ok(created.success)
  const [recent] = await connection.recent('Account')
  assert.deepEqual([recent?.Id, recent?.Name], [created.id, 'Just seen'])
  const [any] = await connection.recent(1)
  assert.equal(any?.Id, created.id)
  const limits = await connection.limits()
  assert.ok(limits.DailyApiRequests)
  assert.equal(limits.DailyApiRequests.Max - limits.DailyApiRequests.Remaining, connection.limitInfo.apiUsage?.used)
  const versions = await connection.request<{ version: string }[]>('/services/data')
  assert.equal(versions.at(-1)?.version, '67.0')
})

test('jsforce explains a query', async (t) => {
  const connection = (await serveOrg(t)).connect()
  const { plans } = await connection.query('SELECT Id FROM Case').explain()
  assert.deepEqual(
    plans.map(({ leadingOperationType, sobjectType }) => [leadingOperationType, sobjectType]),
    [['TableScan', 'Case']],
  )
})

test('jsforce refuses nothing that Salesforce would take: a body without fields, a client named in the headers', async (t) => {
  const { emulator, connect } = await serveOrg(t)
  const origins: string[] = []
  emulator.org.onCommit(({ origin }) => origins.push(origin))
  const connection = connect()
  const created = only(
    await connection
      .sobject('Account')
      .create({ Name: 'Named' }, { headers: { 'Sforce-Call-Options': 'client=Astro, defaultNamespace=acme' } }),
  )
  assert.ok(created.success)
  assert.deepEqual(origins, ['com/salesforce/api/rest/67.0;client=Astro'])
  assert.ok(only(await connection.sobject('Account').update({ Id: created.id })).success)
})

test('jsforce uploads a file and streams its bytes back', async (t) => {
  const connection = (await serveOrg(t)).connect()
  const bytes = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 7) % 256))
  const version = only(
    await connection.sobject('ContentVersion').create({
      Title: 'Plan',
      PathOnClient: 'plan.pdf',
      VersionData: bytes.toString('base64'),
    }),
  )
  assert.ok(version.success)
  const stream = connection.sobject('ContentVersion').record(version.id).blob('VersionData')
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  assert.ok(Buffer.concat(chunks).equals(bytes))
  const { records } = await connection.query(
    `SELECT ContentDocument.Title, ContentSize FROM ContentVersion WHERE Id = '${version.id}'`,
  )
  assert.deepEqual(
    records.map(({ ContentDocument, ContentSize }) => [ContentDocument?.Title, ContentSize]),
    [['Plan', bytes.length]],
  )
})
