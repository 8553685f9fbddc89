import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { createEmulator } from '../app.ts'
import { PlannedFaults } from '../faults.ts'
import { ApiUsage } from '../rest/usage.ts'
import { adminOf, agentOf, jsonOf, ORIGIN } from '../test-browser.ts'
import { bulkClient, codeOf } from './bulk-client.ts'
import { BulkJobs } from './jobs.ts'

const clock = { ms: Date.UTC(2026, 10, 1) }
const emulator = createEmulator({ origin: ORIGIN, scale: 0.1, now: () => clock.ms })
after(() => emulator.close())
const admin = adminOf(emulator)
const bulk = bulkClient(emulator, admin.username)
const contacts = { object: 'Contact', operation: 'insert' }

function query(soql: string): (string | number | boolean | null)[][] {
  return Array.from(emulator.org.query(admin, soql, { all: true, bulk: true }).rows(), (row) =>
    row.map((value) => (typeof value === 'object' ? null : value)),
  )
}

test('a job opens with the address its rows go to, and loses it when it is closed', async () => {
  const text = await (await bulk.call('ingest', { method: 'POST', body: JSON.stringify(contacts) })).text()
  assert.ok(text.includes('"apiVersion":67.0'))
  const { id, createdDate, systemModstamp, ...info } = JSON.parse(text)
  assert.match(id, /^750\w{15}$/)
  assert.equal(createdDate, '2026-11-01T00:00:00.000+0000')
  assert.equal(systemModstamp, createdDate)
  assert.deepEqual(info, {
    operation: 'insert',
    object: 'Contact',
    createdById: admin.userId,
    state: 'Open',
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: 67,
    contentUrl: `services/data/v67.0/jobs/ingest/${id}/batches`,
    lineEnding: 'LF',
    columnDelimiter: 'COMMA',
  })
  const put = await bulk.put(id, 'LastName\nFirst\n')
  assert.deepEqual([put.status, await put.text()], [201, ''])
  const closed = await jsonOf(await bulk.patch(`ingest/${id}`, 'UploadComplete'))
  assert.equal(closed.state, 'UploadComplete')
  assert.equal(closed.contentUrl, undefined)
  const done = await bulk.wait(`ingest/${id}`)
  assert.deepEqual(
    [done.state, done.jobType, done.numberRecordsProcessed, done.numberRecordsFailed, done.retries],
    ['JobComplete', 'V2Ingest', 1, 0, 0],
  )
  assert.equal(done.apexProcessingTime, 0)
  assert.equal(done.apiActiveProcessingTime, done.totalProcessingTime)
})

test('rows that can be made are made, the others come back with what is wrong with them', async () => {
  const csv = 'FirstName,LastName,Email\nJo,"Doe, ""JD""",jo@example.com\nNo,,\nBad,Mail,nonsense\n'
  const job = await bulk.load(contacts, csv)
  assert.deepEqual([job.state, job.numberRecordsProcessed, job.numberRecordsFailed], ['JobComplete', 3, 2])
  const [header, made = '', ...others] = await bulk.lines(job.id, 'successfulResults')
  assert.equal(header, '"sf__Id","sf__Created","FirstName","LastName","Email"')
  assert.match(made, /^"003\w{15}","true","Jo","Doe, ""JD""","jo@example.com"$/)
  assert.deepEqual(others, [])
  const failed = await bulk.lines(job.id, 'failedResults')
  assert.equal(failed[0], '"sf__Id","sf__Error","FirstName","LastName","Email"')
  assert.match(
    failed[1] ?? '',
    /^"","REQUIRED_FIELD_MISSING:Required fields are missing: \[LastName\]:LastName --","No","",""$/,
  )
  assert.match(failed[2] ?? '', /^"","INVALID_EMAIL_ADDRESS:.*:Email --","Bad","Mail","nonsense"$/)
  for (const spelling of ['unprocessedrecords', 'unprocessedRecords', 'unprocessedrecords/']) {
    assert.deepEqual(await bulk.lines(job.id, spelling), ['"FirstName","LastName","Email"'])
  }
  assert.deepEqual(query(`SELECT LastName FROM Contact WHERE Id = '${made.slice(1, 19)}'`), [['Doe, "JD"']])
})

test('an empty cell changes nothing, #N/A empties the field', async () => {
  const id = emulator.org.create(admin.userId, 'Contact', { LastName: 'Full', Title: 'Boss', Department: 'Sales' })
  const job = await bulk.load({ object: 'Contact', operation: 'update' }, `Id,Title,Department\n${id},,#N/A\n`)
  assert.equal(job.numberRecordsFailed, 0)
  assert.deepEqual(await bulk.lines(job.id, 'successfulResults'), [
    '"sf__Id","sf__Created","Id","Title","Department"',
    `"${id}","false","${id}","","#N/A"`,
  ])
  assert.deepEqual(query(`SELECT Title, Department FROM Contact WHERE Id = '${id}'`), [['Boss', null]])
})

test('rows are deleted into the recycle bin; deleting one twice, or another object, fails', async () => {
  const id = emulator.org.create(admin.userId, 'Contact', { LastName: 'Leaving' })
  const account = emulator.org.create(admin.userId, 'Account', { Name: 'Not a contact' })
  const job = await bulk.load({ object: 'Contact', operation: 'delete' }, `Id\n${id}\n${id}\n${account}\n\n"",\n`)
  assert.deepEqual([job.numberRecordsProcessed, job.numberRecordsFailed], [4, 3])
  const [, ...errors] = (await bulk.lines(job.id, 'failedResults')).map((line) => line.split('","')[1]?.split(':')[0])
  assert.deepEqual(errors, ['ENTITY_IS_DELETED', 'MALFORMED_ID', 'MISSING_ARGUMENT'])
  assert.deepEqual(query(`SELECT IsDeleted FROM Contact WHERE Id = '${id}'`), [[true]])
})

test('hard delete is for users with the permission, and leaves nothing', async () => {
  const id = emulator.org.create(admin.userId, 'Contact', { LastName: 'Gone for good' })
  const request = { object: 'Contact', operation: 'hardDelete' }
  assert.equal((await bulk.load(request, `Id\n${id}\n`)).numberRecordsFailed, 0)
  assert.deepEqual(query(`SELECT Id FROM Contact WHERE Id = '${id}'`), [])
  const agent = bulkClient(emulator, agentOf(emulator).username)
  const refused = await agent.call('ingest', { method: 'POST', body: JSON.stringify(request) })
  assert.deepEqual(await codeOf(refused), [400, 'FEATURENOTENABLED'])
})

test('200 rows share a stamp and show together; the next 200 have their own', async () => {
  const rows = Array.from({ length: 450 }, (_, n) => `Chunk ${n}`)
  const commits: number[] = []
  const stop = emulator.org.onCommit(({ changes }) => {
    commits.push(changes.filter(({ kind, objectName }) => kind === 'create' && objectName === 'Contact').length)
    clock.ms += 1000
  })
  const job = await bulk.load(contacts, `LastName\n${rows.join('\n')}\n`)
  stop()
  assert.equal(job.numberRecordsProcessed, 450)
  assert.deepEqual(commits, [200, 200, 50])
  const stamps = query("SELECT SystemModstamp FROM Contact WHERE LastName LIKE 'Chunk %'").map(([stamp]) => stamp)
  assert.equal(new Set(stamps).size, 3)
})

test('an upsert updates what has the external id, creates the rest, and refuses ids that come twice or not at all', async () => {
  const accounts = { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Number__c' }
  const known = emulator.org.create(admin.userId, 'Account', { Name: 'Known', ERP_Number__c: 'E-1' })
  const csv = 'ERP_Number__c,Name\ne-1,Renamed\nE-2,New\nE-3,Twice\nE-3,Again\n,Nobody\n'
  const job = await bulk.load(accounts, csv)
  assert.equal(job.externalIdFieldName, 'ERP_Number__c')
  const [, updated, created = ''] = await bulk.lines(job.id, 'successfulResults')
  assert.equal(updated, `"${known}","false","e-1","Renamed"`)
  assert.match(created, /^"001\w{15}","true","E-2","New"$/)
  const [, ...failed] = await bulk.lines(job.id, 'failedResults')
  assert.deepEqual(
    failed.map((line) => line.split('","')[1]),
    [
      'DUPLICATE_VALUE:Duplicate external id specified: e-3:ERP_Number__c --',
      'DUPLICATE_VALUE:Duplicate external id specified: e-3:ERP_Number__c --',
      'MISSING_ARGUMENT:ERP_Number__c not specified:--',
    ],
  )
  assert.deepEqual(query(`SELECT Name FROM Account WHERE Id = '${known}'`), [['Renamed']])

  const lookup = await bulk.load(contacts, 'LastName,Account.ERP_Number__c\nOf the known,E-1\nOf nobody,E-9\n')
  assert.equal(lookup.numberRecordsFailed, 1)
  assert.deepEqual(query("SELECT AccountId FROM Contact WHERE LastName = 'Of the known'"), [[known]])
  const [, noParent = ''] = await bulk.lines(lookup.id, 'failedResults')
  assert.match(
    noParent,
    /INVALID_FIELD:Foreign key external ID: e-9 not found for field ERP_Number__c in entity Account:/,
  )
})

test('a lookup is found by a unique field of its parent', async () => {
  const csv = `LastName,Owner.Username\nOwned,${agentOf(emulator).username}\nUnowned,nobody@example.com\n`
  const job = await bulk.load(contacts, csv)
  assert.equal(job.numberRecordsFailed, 1)
  assert.deepEqual(query("SELECT OwnerId FROM Contact WHERE LastName = 'Owned'"), [[agentOf(emulator).userId]])
})

test('a header that names no field, no key or a field twice fails the job, and no row is touched', async () => {
  for (const [request, csv, message] of [
    [contacts, 'LastName,Nope__c\na,b\n', 'InvalidBatch : Field name not found : Nope__c'],
    [{ object: 'Contact', operation: 'update' }, 'LastName\na\n', 'InvalidBatch : Field name not found : Id'],
    [contacts, 'LastName,lastname\na,b\n', 'InvalidBatch : Duplicate field name : lastname'],
    [
      contacts,
      'LastName\r\na\r\n',
      'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF',
    ],
  ] as const) {
    const job = await bulk.load(request, csv)
    assert.deepEqual([job.state, job.errorMessage, job.numberRecordsProcessed], ['Failed', message, 0])
  }
  const job = await bulk.load(contacts, 'LastName,Nope__c\na,b\n')
  assert.deepEqual(await bulk.lines(job.id, 'unprocessedrecords'), ['"LastName","Nope__c"', '"a","b"'])
})

test('delimiters and line endings of the upload are those of the results', async () => {
  const job = await bulk.load(
    { ...contacts, columnDelimiter: 'SEMICOLON', lineEnding: 'CRLF' },
    'LastName;Title\r\n"Semi;colon";x\r\n',
  )
  const text = await (await bulk.call(`ingest/${job.id}/successfulResults`)).text()
  assert.match(text, /^"sf__Id";"sf__Created";"LastName";"Title"\r\n"003\w{15}";"true";"Semi;colon";"x"\r\n$/)
})

test('rows are sent once, as CSV, compressed or not', async () => {
  const { id } = await bulk.open(contacts)
  const url = `ingest/${id}/batches`
  const json = await bulk.call(url, { method: 'PUT', body: '[]' })
  assert.deepEqual(await codeOf(json), [415, 'UNSUPPORTED_MEDIA_TYPE'])
  const broken = { 'content-type': 'text/csv', 'content-encoding': 'gzip' }
  const unreadable = await bulk.call(url, { method: 'PUT', headers: broken, body: 'no gzip' })
  assert.deepEqual(await codeOf(unreadable), [400, 'CLIENTINPUTERROR'])
  const zipped = gzipSync('LastName\nZipped\n')
  const headers = { 'content-type': 'text/csv; charset=UTF-8', 'content-encoding': 'gzip' }
  assert.equal((await bulk.call(url, { method: 'PUT', headers, body: new Uint8Array(zipped) })).status, 201)
  const [status, code] = await codeOf(await bulk.put(id, 'LastName\nAgain\n'))
  assert.deepEqual([status, code], [400, 'CLIENTINPUTERROR'])
  await bulk.patch(`ingest/${id}`, 'UploadComplete')
  assert.equal((await bulk.wait(`ingest/${id}`)).numberRecordsProcessed, 1)
})

test('an upload beyond 150 MB of base64 is refused', async () => {
  const { id } = await bulk.open(contacts)
  const megabyte = new Uint8Array(1024 * 1024).fill(65)
  let sent = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1
      controller.enqueue(megabyte)
    },
  })
  const init = { method: 'PUT', headers: { 'content-type': 'text/csv' }, body: endless, duplex: 'half' }
  const refused = await bulk.call(`ingest/${id}/batches`, init as RequestInit)
  assert.deepEqual(await codeOf(refused), [400, 'EXCEEDED_MAX_SIZE_REQUEST'])
  assert.ok(sent < 130)
})

test('a job and its rows come in one multipart request, as the guide writes it', async () => {
  const body = [
    '--BOUNDARY',
    'Content-Type: application/json',
    'Content-Disposition: form-data; name="job"',
    '',
    '{ "object":"Contact", "contentType":"CSV", "operation": "insert", "lineEnding" : "LF" }',
    '',
    '--BOUNDARY',
    'Content-Type: text/csv',
    'Content-Disposition: form-data; name="content"; filename="content"',
    '',
    'FirstName,LastName,MailingCity',
    'Astro,Nomical,San Francisco',
    'Hootie,McOwl,San Francisco',
    '--BOUNDARY--',
  ].join('\n')
  const headers = { 'content-type': 'multipart/form-data; boundary="BOUNDARY"' }
  const created = await jsonOf(await bulk.call('ingest/', { method: 'POST', headers, body }))
  assert.equal(created.state, 'UploadComplete')
  const job = await bulk.wait(`ingest/${created.id}`)
  assert.deepEqual([job.state, job.numberRecordsProcessed, job.numberRecordsFailed], ['JobComplete', 2, 0])
})

test('what can not be loaded is refused before any row is sent', async () => {
  for (const [request, code, message] of [
    [{ object: 'Nope__c', operation: 'insert' }, 'INVALIDJOB', 'InvalidJob : Unable to find object: Nope__c'],
    [
      { object: 'Contact', operation: 'upsert' },
      'INVALIDJOB',
      'InvalidJob : External ID was blank for Contact. An External ID must be specified for upsert.',
    ],
    [
      { object: 'Contact', operation: 'upsert', externalIdFieldName: 'Title' },
      'INVALIDJOB',
      'InvalidJob : Field name provided, Title does not match an External ID, Salesforce Id, or indexed field for Contact',
    ],
  ] as const) {
    const [error] = await jsonOf(await bulk.call('ingest', { method: 'POST', body: JSON.stringify(request) }))
    assert.deepEqual(error, { message, errorCode: code })
  }
  const bad = { ...contacts, columnDelimiter: 'DOT' }
  assert.equal((await bulk.call('ingest', { method: 'POST', body: JSON.stringify(bad) })).status, 400)
})

test('states are left in their order only', async () => {
  const { id } = await bulk.open(contacts)
  assert.deepEqual(await codeOf(await bulk.call(`ingest/${id}/failedResults`)), [400, 'INVALIDJOBSTATE'])
  assert.deepEqual(await codeOf(await bulk.call(`ingest/${id}`, { method: 'DELETE' })), [400, 'API_ERROR'])
  assert.equal((await jsonOf(await bulk.patch(`ingest/${id}`, 'Aborted'))).state, 'Aborted')
  assert.deepEqual(await codeOf(await bulk.patch(`ingest/${id}`, 'UploadComplete')), [400, 'INVALIDJOBSTATE'])
  assert.deepEqual(await codeOf(await bulk.patch(`ingest/${id}`, 'Aborted')), [400, 'INVALIDJOBSTATE'])
  assert.equal((await bulk.call(`ingest/${id}`, { method: 'DELETE' })).status, 204)
  assert.deepEqual(await codeOf(await bulk.call(`ingest/${id}`)), [404, 'NOT_FOUND'])
  assert.deepEqual(await codeOf(await bulk.call('ingest', { method: 'PUT' })), [405, 'METHOD_NOT_ALLOWED'])
})

test('jobs are listed with those of the other Bulk APIs, or alone', async () => {
  const own = bulkClient(emulator, admin.username)
  const { id } = await own.open(contacts)
  const idsOf = async (path: string) =>
    (await jsonOf(await own.call(path))).records.map((job: { id: string }) => job.id)
  assert.ok((await idsOf('ingest')).includes(id))
  assert.ok((await idsOf('query')).includes(id))
  assert.ok((await idsOf('ingest?jobType=V2Ingest')).includes(id))
  assert.ok(!(await idsOf('query?jobType=V2Query')).includes(id))
  assert.ok(!(await idsOf('query?isPkChunkingEnabled=true')).includes(id))
})

test('a job fails in the middle when told to, and what was done stays done', async () => {
  const own = bulkClient(emulator, admin.username)
  emulator.faults.add({
    do: { fault: 'bulk-job-fails', errorCode: 'TooManyLockFailure', message: 'locked', count: 200 },
  })
  const names = Array.from({ length: 300 }, (_, n) => `Half ${n}`)
  const job = await own.load(contacts, `LastName\n${names.join('\n')}\n`)
  assert.deepEqual(
    [job.state, job.errorMessage, job.numberRecordsProcessed],
    ['Failed', 'TooManyLockFailure : locked', 200],
  )
  assert.equal((await own.lines(job.id, 'successfulResults')).length, 201)
  assert.equal((await own.lines(job.id, 'unprocessedrecords')).length, 101)
  assert.equal(query("SELECT Id FROM Contact WHERE LastName LIKE 'Half %'").length, 200)
})

test('a job that is aborted midway keeps what was done and gives the other rows back', async () => {
  const own = bulkClient(emulator, admin.username)
  const { id } = await own.open(contacts)
  const names = Array.from({ length: 500 }, (_, n) => `Aborted ${n}`)
  await own.put(id, `LastName\n${names.join('\n')}\n`)
  const begun = Promise.withResolvers<void>()
  const stop = emulator.org.onCommit(() => begun.resolve())
  await own.patch(`ingest/${id}`, 'UploadComplete')
  await begun.promise
  stop()
  assert.equal((await own.patch(`ingest/${id}`, 'Aborted')).status, 200)
  const job = await own.wait(`ingest/${id}`)
  const done = job.numberRecordsProcessed
  assert.equal(job.state, 'Aborted')
  assert.ok(done >= 200 && done < 500)
  assert.equal((await own.lines(id, 'successfulResults')).length, 1 + done)
  assert.equal((await own.lines(id, 'unprocessedrecords')).length, 1 + 500 - done)
  assert.equal(query("SELECT Id FROM Contact WHERE LastName LIKE 'Aborted %'").length, done)
})

test('a user loads only what they may make', async () => {
  const { userId, username } = agentOf(emulator)
  emulator.org.hideField(userId, 'Contact', 'Title')
  const agent = bulkClient(emulator, username)
  const job = await agent.load(contacts, 'LastName,Title\nHidden,Boss\n')
  assert.equal(job.errorMessage, 'InvalidBatch : Field name not found : Title')
  emulator.org.showField(userId, 'Contact', 'Title')
  emulator.org.hideObject(userId, 'Contact')
  const refused = await agent.call('ingest', { method: 'POST', body: JSON.stringify(contacts) })
  assert.deepEqual(await codeOf(refused), [400, 'INVALIDJOB'])
  emulator.org.showObject(userId, 'Contact')
})

test('rows beyond the allocation of batches are not processed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulk-limits-'))
  const usage = new ApiUsage(1000, () => clock.ms)
  usage.setLimit('DailyBulkApiBatches', { max: 1 })
  const jobs = new BulkJobs({ org: emulator.org, faults: new PlannedFaults(() => 0), usage }, folder)
  t.after(async () => {
    await jobs.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const request = { externalIdFieldName: null, assignmentRuleId: null, version: 67 }
  const dialect = { columnDelimiter: 'COMMA', lineEnding: 'LF' } as const
  const load = async (csv: string) => {
    const job = jobs.ingests.create(admin, { object: 'Contact', operation: 'insert', ...request, ...dialect })
    await jobs.ingests.upload(job, new Response(csv).body, undefined)
    jobs.ingests.close(job)
    while (job.state === 'UploadComplete' || job.state === 'InProgress') await nextTurn()
    return job
  }
  assert.equal((await load('LastName\nOne\n')).state, 'JobComplete')
  assert.equal((await load('LastName\nTwo\n')).errorMessage, 'ExceededQuota : ApiBatchItems Limit exceeded.')
})

test('a job that was cut off goes on after a restart, and each row is loaded once', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulk-restart-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const start = () => createEmulator({ origin: ORIGIN, scale: 0.1, now: () => clock.ms, dataDir })
  const first = start()
  const { id } = await (async () => {
    const own = bulkClient(first, adminOf(first).username)
    const job = await own.open(contacts)
    const names = Array.from({ length: 900 }, (_, n) => `Restarted ${n}`)
    await own.put(job.id, `LastName\n${names.join('\n')}\n`)
    const begun = Promise.withResolvers<void>()
    first.org.onCommit(() => begun.resolve())
    await own.patch(`ingest/${job.id}`, 'UploadComplete')
    await begun.promise
    return job
  })()
  await first.close()

  const second = start()
  t.after(() => second.close())
  const own = bulkClient(second, adminOf(second).username)
  const job = await own.wait(`ingest/${id}`)
  assert.deepEqual([job.state, job.numberRecordsProcessed], ['JobComplete', 900])
  assert.equal((await own.lines(id, 'successfulResults')).length, 901)
  const soql = "SELECT COUNT() FROM Contact WHERE LastName LIKE 'Restarted %'"
  assert.equal(second.org.query(adminOf(second), soql, { all: false }).totalSize, 900)
})
