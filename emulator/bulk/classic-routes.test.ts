import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createEmulator } from '../app.ts'
import { adminOf, agentOf, ORIGIN } from '../test-browser.ts'
import { asyncClient } from './async-client.ts'

const clock = { ms: Date.UTC(2026, 10, 1) }
const complaints: string[] = []
const complain = (line: string) => void complaints.push(line)
const emulator = createEmulator({ origin: ORIGIN, scale: 0.1, now: () => clock.ms, complain })
after(() => emulator.close())
const admin = adminOf(emulator)
const XMLNS = 'xmlns="http://www.force.com/2009/06/asyncapi/dataload"'

const client = asyncClient(emulator, admin.username)

function rowsOf(soql: string) {
  return [...emulator.org.query(admin, soql, { all: true, bulk: true }).rows()]
}

/** Runs a query as a one-batch job and gives its records as they come. */
async function query(contentType: string, soql: string): Promise<string> {
  const id = await client.open({ operation: 'query', object: 'Case', contentType })
  await client.post(`/${id}/batch`, 'text/csv', soql)
  const [batch] = await client.wait(id)
  assert.equal(batch?.state, 'Completed', batch?.message)
  const list = await (await client.call(`/${id}/batch/${batch?.id}/result`)).text()
  const result = /752\w{15}/.exec(list)?.[0]
  return (await client.call(`/${id}/batch/${batch?.id}/result/${result}`)).text()
}

test('a job made in XML is answered in XML, with times in Z and every count', async () => {
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<jobInfo ${XMLNS}>
  <operation>insert</operation>
  <object>Account</object>
  <contentType>CSV</contentType>
</jobInfo>`
  const response = await client.call('', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/xml; charset=UTF-8' },
  })
  assert.deepEqual([response.status, response.headers.get('content-type')], [201, 'application/xml'])
  const text = await response.text()
  const id = /<id>(750\w{15})<\/id>/.exec(text)?.[1]
  const expected =
    `<?xml version="1.0" encoding="UTF-8"?><jobInfo ${XMLNS}><id>${id}</id><operation>insert</operation>` +
    `<object>Account</object><createdById>${admin.userId}</createdById><createdDate>2026-11-01T00:00:00.000Z</createdDate>` +
    '<systemModstamp>2026-11-01T00:00:00.000Z</systemModstamp><state>Open</state><concurrencyMode>Parallel</concurrencyMode>' +
    '<contentType>CSV</contentType><numberBatchesQueued>0</numberBatchesQueued><numberBatchesInProgress>0</numberBatchesInProgress>' +
    '<numberBatchesCompleted>0</numberBatchesCompleted><numberBatchesFailed>0</numberBatchesFailed>' +
    '<numberBatchesTotal>0</numberBatchesTotal><numberRecordsProcessed>0</numberRecordsProcessed><numberRetries>0</numberRetries>' +
    '<apiVersion>67.0</apiVersion><numberRecordsFailed>0</numberRecordsFailed><totalProcessingTime>0</totalProcessingTime>' +
    '<apiActiveProcessingTime>0</apiActiveProcessingTime><apexProcessingTime>0</apexProcessingTime></jobInfo>'
  assert.equal(text, expected)
})

test('a job made in JSON is answered in JSON, with times in +0000 and the version as a number', async () => {
  const body = { operation: 'insert', object: 'Account', contentType: 'JSON', concurrencyMode: 1 }
  const text = await client.post('', 'application/json', JSON.stringify(body))
  assert.ok(text.includes('"apiVersion":67.0'))
  const info = JSON.parse(text)
  assert.equal(info.createdDate, '2026-11-01T00:00:00.000+0000')
  assert.deepEqual([info.state, info.contentType, info.concurrencyMode], ['Open', 'JSON', 'Serial'])
})

test('a query gives the same records as CSV, JSON and XML', async () => {
  emulator.org.create(admin.userId, 'Case', { Subject: 'Less < more & "quotes"', Origin: 'Web' })
  const soql = "SELECT Id, Subject, CreatedDate, Owner.Name, ClosedDate FROM Case WHERE Subject LIKE 'Less %'"
  const [row = []] = rowsOf(soql)
  const [id, , created, ownerName] = row
  assert.equal(
    await query('CSV', soql),
    `"Id","Subject","CreatedDate","Owner.Name","ClosedDate"\n"${id}","Less < more & ""quotes""","2026-11-01T00:00:00.000Z","${ownerName}",""\n`,
  )
  const url = (object: string, recordId: unknown) => `/services/data/v67.0/sobjects/${object}/${recordId}`
  const [record, ...none] = JSON.parse(await query('JSON', soql))
  assert.deepEqual(none, [])
  assert.deepEqual(record, {
    attributes: { type: 'Case', url: url('Case', id) },
    Id: id,
    Subject: 'Less < more & "quotes"',
    CreatedDate: created,
    Owner: { attributes: { type: 'User', url: url('User', admin.userId) }, Name: ownerName },
    ClosedDate: null,
  })
  const xml = await query('XML', soql)
  assert.equal(
    xml,
    `<?xml version="1.0" encoding="UTF-8"?><queryResult ${XMLNS} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
      `<records xsi:type="sObject"><type>Case</type><Id>${id}</Id><Id>${id}</Id><Subject>Less &#60; more &#38; &#34;quotes&#34;</Subject>` +
      `<CreatedDate>2026-11-01T00:00:00.000Z</CreatedDate><Owner xsi:type="sObject"><type>User</type><Id xsi:nil="true"/><Name>${ownerName}</Name></Owner>` +
      '<ClosedDate xsi:nil="true"/></records></queryResult>',
  )
  assert.deepEqual(JSON.parse(await query('JSON', 'SELECT Id FROM Case LIMIT 3')).length, 3)
  assert.equal(await query('JSON', 'SELECT Id FROM Case LIMIT 0'), '[]')
})

test('queryAll sees deleted records, query does not', async () => {
  const id = emulator.org.create(admin.userId, 'Case', { Subject: 'Deleted classic' })
  emulator.org.delete(admin.userId, 'Case', id)
  const soql = "SELECT Id FROM Case WHERE Subject = 'Deleted classic'"
  const counts = []
  for (const operation of ['query', 'queryAll']) {
    const job = await client.open({ operation, object: 'Case', contentType: 'CSV' })
    await client.post(`/${job}/batch`, 'text/csv', soql)
    counts.push((await client.wait(job))[0]?.records)
  }
  assert.deepEqual(counts, [0, 1])
})

test('rows come in as XML with nil and lookups by a unique field, and their results go out as XML', async () => {
  const job = await client.open({ operation: 'insert', object: 'Contact', contentType: 'XML' })
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<sObjects ${XMLNS} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <sObject><lastname>Xml &amp; Co</lastname><Title xsi:nil="true"/><Owner><sObject><Username>${agentOf(emulator).username}</Username></sObject></Owner></sObject>
  <sObject><FirstName>Nobody</FirstName></sObject>
</sObjects>`
  await client.post(`/${job}/batch`, 'application/xml', body)
  const [batch] = await client.wait(job)
  assert.deepEqual([batch?.state, batch?.records], ['Completed', 2])
  const results = await (await client.call(`/${job}/batch/${batch?.id}/result`)).text()
  assert.match(
    results,
    /<results [^>]*><result><id>003\w{15}<\/id><success>true<\/success><created>true<\/created><\/result><result><errors><fields>LastName<\/fields><message>Required fields are missing: \[LastName\]<\/message><statusCode>REQUIRED_FIELD_MISSING<\/statusCode><\/errors><success>false<\/success><created>false<\/created><\/result><\/results>$/,
  )
  assert.deepEqual(rowsOf("SELECT OwnerId FROM Contact WHERE LastName = 'Xml & Co'"), [[agentOf(emulator).userId]])
  assert.equal(await (await client.call(`/${job}/batch/${batch?.id}/request`)).text(), body)
})

test('rows come in as JSON, and their results go out as JSON', async () => {
  const job = await client.open({ operation: 'insert', object: 'Contact', contentType: 'JSON' })
  const rows = [{ LastName: 'Json', Owner: { Username: agentOf(emulator).username } }, { LastName: null }, 'nonsense']
  await client.post(`/${job}/batch`, 'application/json', JSON.stringify(rows))
  const [batch] = await client.wait(job)
  assert.equal(batch?.records, 3)
  const [made, missing, malformed] = JSON.parse(await (await client.call(`/${job}/batch/${batch?.id}/result`)).text())
  assert.deepEqual({ ...made, id: '' }, { success: true, created: true, id: '', errors: [] })
  assert.deepEqual(missing, {
    success: false,
    created: false,
    id: null,
    errors: [
      {
        message: 'Required fields are missing: [LastName]',
        fields: ['LastName'],
        statusCode: 'REQUIRED_FIELD_MISSING',
        extendedErrorDetails: null,
      },
    ],
  })
  assert.equal(malformed.success, false)
})

test('a batch fails as a whole when it has too many rows or can not be read', async () => {
  const jobOf = (contentType: string) => client.open({ operation: 'insert', object: 'Contact', contentType })
  for (const [contentType, body, message] of [
    [
      'CSV',
      `LastName\n${'a\n'.repeat(10_001)}`,
      'InvalidBatch : Exceeded number of records: 10001. Number of records should be less than or equal to 10000',
    ],
    ['JSON', '{', 'InvalidBatch : Failed to parse the batch: it is no JSON array'],
    ['XML', '<sObjects>', 'InvalidXML : Unable to parse the request as XML'],
  ] as const) {
    const job = await jobOf(contentType)
    await client.post(`/${job}/batch`, 'text/csv', body)
    const [batch] = await client.wait(job)
    assert.deepEqual([batch?.state, batch?.message, batch?.records], ['Failed', message, 0])
  }
  const job = await jobOf('CSV')
  const large = await client.post(`/${job}/batch`, 'application/json', 'x'.repeat(10_000_001))
  assert.equal(JSON.parse(large).exceptionCode, 'InvalidBatch')
})

test('a query that fails says why, in the words of the query', async () => {
  for (const [soql, message] of [
    [
      'SELECT Id FROM Contact',
      /INVALID_TYPE_FOR_OPERATION: The root entity of the requested query \(Contact\) does not match the entity of the requested Bulk API Job \(Account\)\.$/,
    ],
    ['SELECT Nope FROM Account', /^InvalidBatch : Failed to process query: INVALID_FIELD: /],
    [
      'SELECT BillingAddress FROM Account',
      /^InvalidBatch : Failed to process query: FUNCTIONALITY_NOT_ENABLED: Selecting compound data not supported in Bulk Query$/,
    ],
  ] as const) {
    const job = await client.open({ operation: 'query', object: 'Account', contentType: 'CSV' })
    await client.post(`/${job}/batch`, 'text/csv', soql)
    const [batch] = await client.wait(job)
    assert.equal(batch?.state, 'Failed')
    assert.match(batch?.message ?? '', message)
  }
})

test('requests may be compressed', async () => {
  const job = await client.open({ operation: 'insert', object: 'Contact', contentType: 'CSV' })
  const body = new Uint8Array(gzipSync('LastName\r\nZipped classic\r\n'))
  const headers = { 'content-type': 'text/csv', 'content-encoding': 'gzip' }
  assert.equal((await client.call(`/${job}/batch`, { method: 'POST', headers, body })).status, 201)
  assert.equal((await client.wait(job))[0]?.records, 1)
  const broken = await client.post(`/${job}/batch`, 'text/csv', 'no gzip', { 'content-encoding': 'gzip' })
  assert.match(broken, /<exceptionCode>ClientInputError</)
})

test('a closed job takes no more batches, an aborted one leaves those that wait', async () => {
  const job = await client.open({ operation: 'insert', object: 'Contact', contentType: 'CSV' })
  const closed = await client.post(`/${job}`, 'application/xml', `<jobInfo ${XMLNS}><state>Closed</state></jobInfo>`)
  assert.match(closed, /<state>Closed<\/state>/)
  const late = await client.post(`/${job}/batch`, 'text/csv', 'LastName\nLate\n')
  assert.match(late, /<exceptionCode>InvalidJobState<\/exceptionCode>/)

  const other = await client.open({ operation: 'insert', object: 'Contact', contentType: 'JSON' })
  await client.post(`/${other}/batch`, 'application/json', '[{"LastName":"Never"}]')
  const aborted = await client.post(`/${other}`, 'application/json', '{"state":"Aborted"}')
  assert.equal(JSON.parse(aborted).state, 'Aborted')
  assert.deepEqual(
    (await client.wait(other)).map(({ state }) => state),
    ['NotProcessed'],
  )
})

test('errors come as XML, or as JSON to whoever sends JSON', async () => {
  const unknown = await client.call('/750000000000000AAA', { headers: { 'content-type': 'application/json' } })
  assert.deepEqual([unknown.status, unknown.headers.get('content-type')], [400, 'application/json'])
  assert.equal(((await unknown.json()) as { exceptionCode: string }).exceptionCode, 'InvalidJob')

  const stranger = await emulator.fetch(`${ORIGIN}/services/async/67.0/job/750`, {
    headers: { authorization: `Bearer ${emulator.issueToken(admin.username)}` },
  })
  assert.equal(stranger.status, 400)
  assert.equal(
    await stranger.text(),
    `<?xml version="1.0" encoding="UTF-8"?><error ${XMLNS}><exceptionCode>InvalidSessionId</exceptionCode><exceptionMessage>Invalid session id</exceptionMessage></error>`,
  )
  const outsider = emulator.org.users.find(({ permissions }) => !permissions.has('ApiEnabled'))
  const outside = asyncClient(emulator, outsider?.username ?? '')
  assert.match(await (await outside.call('/750')).text(), /<exceptionCode>FeatureNotEnabled</)
  const job = await client.open({ operation: 'insert', object: 'Contact', contentType: 'CSV' })
  const agent = asyncClient(emulator, agentOf(emulator).username)
  assert.match(await (await agent.call(`/${job}`)).text(), /<exceptionCode>InvalidUser</)
  assert.match(await (await client.call(`/${job}/batch/751`)).text(), /<exceptionCode>InvalidBatch</)
  const wrongMethod = await client.call(`/${job}`, { method: 'DELETE' })
  assert.deepEqual([wrongMethod.status, /MethodNotAllowed/.test(await wrongMethod.text())], [405, true])
  const wrongPath = await client.call('/x/y/z')
  assert.deepEqual([wrongPath.status, /InvalidUrl/.test(await wrongPath.text())], [404, true])
  assert.match(complaints.join(), /a route in emulator\/bulk/)
  assert.match(await client.post('', 'application/xml', '<jobInfo'), /InvalidXML/)
  const hard = await agent.post('', 'application/json', '{"operation":"hardDelete","object":"Contact"}')
  assert.deepEqual(JSON.parse(hard), {
    exceptionCode: 'FeatureNotEnabled',
    exceptionMessage:
      'hardDelete operation requires special user profile permission, please contact your system administrator',
  })
})

test('batches survive a restart: queries start over, rows go on where they were', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'bulk-restart-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const start = () => createEmulator({ origin: ORIGIN, scale: 0.1, now: () => clock.ms, dataDir })
  const first = start()
  const before = asyncClient(first, adminOf(first).username)
  const load = await before.open({ operation: 'insert', object: 'Contact', contentType: 'CSV' })
  const begun = Promise.withResolvers<void>()
  first.org.onCommit(() => begun.resolve())
  const names = Array.from({ length: 900 }, (_, n) => `Resumed ${n}`)
  await before.post(`/${load}/batch`, 'text/csv', `LastName\n${names.join('\n')}\n`)
  await begun.promise
  const asked = await before.open({ operation: 'query', object: 'Case', contentType: 'JSON' })
  await before.post(`/${asked}/batch`, 'application/json', 'SELECT Id FROM Case')
  await first.close()

  const second = start()
  t.after(() => second.close())
  const later = asyncClient(second, adminOf(second).username)
  assert.deepEqual(
    (await later.wait(load)).map(({ state, records }) => [state, records]),
    [['Completed', 900]],
  )
  assert.equal((await later.wait(asked))[0]?.state, 'Completed')
  const soql = "SELECT COUNT() FROM Contact WHERE LastName LIKE 'Resumed %'"
  assert.equal(second.org.query(adminOf(second), soql, { all: false }).totalSize, 900)
})

test('types are those that public clients compare: results of rows have no charset, records have one', async () => {
  for (const [contentType, type, body] of [
    ['CSV', 'text/csv', 'LastName\nTyped\n'],
    ['JSON', 'application/json', '[{"LastName":"Typed"}]'],
    ['XML', 'application/xml', `<sObjects ${XMLNS}><sObject><LastName>Typed</LastName></sObject></sObjects>`],
  ] as const) {
    const load = await client.open({ operation: 'insert', object: 'Contact', contentType })
    await client.post(`/${load}/batch`, type, body)
    const ask = await client.open({ operation: 'query', object: 'Case', contentType })
    await client.post(`/${ask}/batch`, 'text/csv', 'SELECT Id FROM Case LIMIT 1')
    const [loaded] = await client.wait(load)
    const [asked] = await client.wait(ask)
    const outcomes = await client.call(`/${load}/batch/${loaded?.id}/result`)
    const list = await client.call(`/${ask}/batch/${asked?.id}/result`)
    const records = await client.call(`/${ask}/batch/${asked?.id}/result/${/752\w{15}/.exec(await list.text())?.[0]}`)
    const types = [outcomes, list, records].map(({ headers }) => headers.get('content-type'))
    assert.deepEqual(types, [type, contentType === 'JSON' ? type : 'application/xml', `${type}; charset=UTF-8`])
  }
})
