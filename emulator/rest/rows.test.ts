import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { adminOf, jsonOf } from '../test-browser.ts'
import { DATA, testOrg } from './test-calls.ts'

const { call, get, failure, create, clock, emulator, agentToken } = testOrg()

test('a created record is answered with 201, its id, and its address', async () => {
  const response = await call('sobjects/Account', { method: 'POST', body: { Name: 'New' } })
  assert.equal(response.status, 201)
  const { id, ...rest } = JSON.parse(await response.text())
  assert.deepEqual(rest, { success: true, errors: [] })
  assert.equal(response.headers.get('location'), `${DATA}/sobjects/Account/${id}`)
  assert.equal((await get(response.headers.get('location') ?? '')).Name, 'New')
})

test('an update and a delete answer 204 with no body', async () => {
  const id = await create('Account', { Name: 'Short-lived' })
  for (const options of [{ method: 'PATCH', body: { Name: 'Changed' } }, { method: 'DELETE' }]) {
    const response = await call(`sobjects/Account/${id}`, options)
    assert.deepEqual([response.status, await response.text()], [204, ''])
  }
  assert.equal((await call(`sobjects/Account/${id}`)).status, 404)
  assert.deepEqual(await failure(`sobjects/Account/${id}`, { method: 'DELETE' }), [404, 'ENTITY_IS_DELETED'])
})

test('null empties a field; a field that is not named stays', async () => {
  const id = await create('Account', { Name: 'Kept', BillingCity: 'Oslo', Phone: '1' })
  await get(`sobjects/Account/${id}`, 204, { method: 'PATCH', body: { Phone: null } })
  const { Name, BillingCity, Phone } = await get(`sobjects/Account/${id}?fields=Name,BillingCity,Phone`)
  assert.deepEqual([Name, BillingCity, Phone], ['Kept', 'Oslo', null])
})

test('a client that cannot send PATCH says so in the address', async () => {
  const id = await create('Account', { Name: 'Posted' })
  const before = emulator.apiCallsUsed()
  await get(`sobjects/Account/${id}?_HttpMethod=PATCH`, 204, { method: 'POST', body: { Name: 'Patched' } })
  assert.equal(emulator.apiCallsUsed(), before + 1)
  assert.equal((await get(`sobjects/Account/${id}`)).Name, 'Patched')
  assert.deepEqual(await failure('limits?_HttpMethod=GET', { method: 'POST', body: {} }), [405, 'METHOD_NOT_ALLOWED'])
})

test('an upsert creates, then updates, and says which; before v46.0 an update says nothing', async () => {
  const path = 'sobjects/Account/ERP_Number__c/E-1'
  const upsert = (url: string, status: number, body: object = { Name: 'Upserted' }) =>
    get(url, status, { method: 'PATCH', body })
  const created = await upsert(path, 201)
  assert.deepEqual(created, { id: created.id, success: true, errors: [], created: true })
  assert.deepEqual(await upsert(path, 200), { ...created, created: false })
  assert.equal(await upsert(`/services/data/v45.0/${path}`, 204), undefined)
  const old = await upsert('/services/data/v45.0/sobjects/Account/ERP_Number__c/E-2', 201)
  assert.deepEqual(Object.keys(old), ['id', 'success', 'errors'])
  assert.equal((await get(path)).Id, created.id)
  await get(path, 204, { method: 'DELETE' })
  assert.equal((await call(path)).status, 404)
})

test('an upsert that may only update finds nothing to do', async () => {
  const path = 'sobjects/Account/ERP_Number__c/E-3?updateOnly=true'
  assert.deepEqual(await failure(path, { method: 'PATCH', body: { Name: 'X' } }), [404, 'NOT_FOUND'])
  assert.equal((await call('sobjects/Account/ERP_Number__c/E-3')).status, 404)
})

test('an upsert by a field that is no key, or with the key in its body, is refused', async () => {
  const patch = { method: 'PATCH', body: { Name: 'X' } }
  assert.deepEqual(await failure('sobjects/Account/Site/E-4', patch), [404, 'NOT_FOUND'])
  const twice = { method: 'PATCH', body: { Name: 'X', ERP_Number__c: 'E-4' } }
  assert.deepEqual(await failure('sobjects/Account/ERP_Number__c/E-4', twice), [400, 'INVALID_FIELD'])
})

test('POST to Id is an upsert of a new record, PATCH to Id an update', async () => {
  const created = await get('sobjects/Account/Id', 201, { method: 'POST', body: { Name: 'By id' } })
  assert.equal(created.created, true)
  const path = `sobjects/Account/Id/${created.id}`
  const updated = await get(path, 200, { method: 'PATCH', body: { Name: 'Again' } })
  assert.deepEqual([updated.id, updated.created], [created.id, false])
})

test('an ambiguous key is answered with 300 and the address of each record', async () => {
  const definition = { type: 'string', length: 20, externalId: true } as const
  emulator.org.changeSchema({ kind: 'add-field', object: 'Contact', field: 'Legacy_Key__c', definition })
  const fields = { LastName: 'Twin', Legacy_Key__c: 'twin' }
  const ids = [await create('Contact', fields), await create('Contact', fields)]
  const path = 'sobjects/Contact/Legacy_Key__c/twin'
  assert.deepEqual(
    await get(path, 300),
    ids.map((id) => `${DATA}/sobjects/Contact/${id}`),
  )
  await get(path, 300, { method: 'PATCH', body: { Title: 'X' } })
  await get(path, 300, { method: 'DELETE' })
})

test('dates make reads and updates conditional: 304 and 412', async () => {
  const id = await create('Case', { Subject: 'Conditional' })
  const path = `sobjects/Case/${id}`
  const modified = (await call(path)).headers.get('last-modified') ?? ''
  assert.equal(modified, new Date(clock.ms).toUTCString())
  const earlier = new Date(clock.ms - 1000).toUTCString()
  assert.equal((await call(path, { headers: { 'if-modified-since': modified } })).status, 304)
  assert.equal((await call(path, { headers: { 'if-modified-since': earlier } })).status, 200)
  const patch = (since: string) =>
    call(path, { method: 'PATCH', body: { Subject: 'Changed' }, headers: { 'if-unmodified-since': since } })
  assert.equal((await patch(earlier)).status, 412)
  assert.equal((await get(path)).Subject, 'Conditional')
  assert.equal((await patch('yesterday')).status, 400)
  assert.equal((await patch(modified)).status, 204)
})

test('accounts have entity tags, other records none; DELETE takes no conditions', async () => {
  const id = await create('Account', { Name: 'Tagged' })
  const path = `sobjects/Account/${id}`
  const tag = (await call(path)).headers.get('etag') ?? ''
  assert.match(tag, /^"[A-Za-z0-9+/]+=-gzip"$/)
  assert.equal((await call(path, { headers: { 'if-none-match': tag } })).status, 304)
  const patch = (ifMatch: string) =>
    call(path, { method: 'PATCH', body: { Name: 'Changed' }, headers: { 'if-match': ifMatch } })
  assert.equal((await patch('"other"')).status, 412)
  assert.equal((await patch('not quoted')).status, 400)
  assert.equal((await patch(`"other", ${tag}`)).status, 204)
  assert.equal((await patch(tag)).status, 412)
  assert.equal((await call(path, { method: 'DELETE', headers: { 'if-match': tag } })).status, 204)
  const caseId = await create('Case', { Subject: 'Untagged' })
  assert.equal((await call(`sobjects/Case/${caseId}`)).headers.get('etag'), null)
})

test('a relationship in the address leads to parents, up to the last, and to children', async () => {
  const accountId = await create('Account', { Name: 'Parent' })
  const contactId = await create('Contact', { LastName: 'Child', AccountId: accountId })
  const caseId = await create('Case', { Subject: 'Grandchild', ContactId: contactId })
  assert.equal((await get(`sobjects/Case/${caseId}/Contact`)).Id, contactId)
  const account = await get(`sobjects/Case/${caseId}/Contact/Account?fields=Name`)
  assert.deepEqual([account.Id, account.Name], [accountId, 'Parent'])
  const contacts = await get(`sobjects/Account/${accountId}/Contacts?fields=LastName`)
  assert.deepEqual([contacts.totalSize, contacts.done, contacts.records[0].LastName], [1, true, 'Child'])
  assert.deepEqual((await get(`sobjects/Account/${accountId}/Opportunities`)).records, [])

  await get(`sobjects/Contact/${contactId}/Account`, 204, { method: 'PATCH', body: { Name: 'Renamed' } })
  assert.equal((await get(`sobjects/Account/${accountId}`)).Name, 'Renamed')
  const orphan = await create('Contact', { LastName: 'Orphan' })
  assert.deepEqual(await failure(`sobjects/Contact/${orphan}/Account`), [404, 'NOT_FOUND'])
  assert.deepEqual(await failure(`sobjects/Contact/${contactId}/Nothing`), [404, 'NOT_FOUND'])
  assert.deepEqual(await failure(`sobjects/Account/${accountId}/Contacts`, { method: 'DELETE' }), [
    405,
    'METHOD_NOT_ALLOWED',
  ])
  const file = await create('Attachment', { Name: 'x', Body: 'eA==', ParentId: caseId })
  await get(`sobjects/Attachment/${file}/Parent`, 204, { method: 'DELETE' })
  assert.equal((await call(`sobjects/Case/${caseId}`)).status, 404)
})

test('a relationship in the address goes up five parents, and no further', async () => {
  let id = await create('Account', { Name: 'No 6' })
  for (const number of [5, 4, 3, 2, 1, 0]) id = await create('Account', { Name: `No ${number}`, ParentId: id })
  const upwards = (parents: number) => `sobjects/Account/${id}/${'Parent/'.repeat(parents)}`
  assert.equal((await get(upwards(5))).Name, 'No 5')
  assert.deepEqual(await failure(upwards(6)), [404, 'NOT_FOUND'])
})

test('a name that both a parent and children bear leads to the parent', async () => {
  const manager = await create('Contact', { LastName: 'Manager' })
  const contact = await create('Contact', { LastName: 'Managed', ReportsToId: manager })
  assert.equal((await get(`sobjects/Contact/${contact}/ReportsTo?fields=LastName`)).LastName, 'Manager')
  assert.deepEqual(await failure(`sobjects/Contact/${manager}/ReportsTo`), [404, 'NOT_FOUND'])
})

test('a file comes as multipart with its bytes, or as base64, and goes out as it came in', async () => {
  const bytes = Uint8Array.from({ length: 3000 }, (_, index) => index % 256)
  const form = new FormData()
  const entity = JSON.stringify({ Title: 'Photo', PathOnClient: 'photo.png' })
  form.append('entity_content', new Blob([entity], { type: 'application/json' }))
  form.append('VersionData', new Blob([bytes], { type: 'image/png' }), 'photo.png')
  const { id } = await get('sobjects/ContentVersion', 201, { method: 'POST', body: form })
  const response = await call(`sobjects/ContentVersion/${id}/VersionData`)
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes)
  const version = await get(`sobjects/ContentVersion/${id}`)
  assert.equal(version.ContentSize, bytes.length)
  assert.equal(version.Checksum, createHash('md5').update(bytes).digest('hex'))

  const ParentId = await create('Case', { Subject: 'With attachment' })
  const Body = Buffer.from(bytes).toString('base64')
  const attachment = { Name: 'a.bin', ParentId, ContentType: 'image/png', Body }
  const attachmentId = await create('Attachment', attachment)
  const download = await call(`sobjects/Attachment/${attachmentId}/Body`)
  assert.equal(download.headers.get('content-type'), 'image/png')
  assert.deepEqual(new Uint8Array(await download.arrayBuffer()), bytes)
  // No byte ranges (salesforce-api.md 3.10): the whole comes.
  const ranged = await call(`sobjects/Attachment/${attachmentId}/Body`, { headers: { range: 'bytes=0-9' } })
  assert.deepEqual([ranged.status, (await ranged.arrayBuffer()).byteLength], [200, bytes.length])
})

test('the record of somebody else is neither read nor written', async () => {
  const id = await create('Lead', { LastName: 'Hidden', Company: 'Acme' })
  const as = agentToken
  assert.deepEqual(await failure(`sobjects/Lead/${id}`, { as }), [404, 'NOT_FOUND'])
  assert.deepEqual(await failure(`sobjects/Lead/${id}`, { as, method: 'PATCH', body: { LastName: 'X' } }), [
    404,
    'NOT_FOUND',
  ])
  assert.deepEqual(await failure('sobjects/Lead', { as, method: 'POST', body: { LastName: 'X', Company: 'Y' } }), [
    404,
    'NOT_FOUND',
  ])
})

test('what was viewed lately is listed, newest first, and per object', async () => {
  const headers = { 'Sforce-Mru': 'updateMru=true' }
  const ids: string[] = []
  for (const Name of ['First seen', 'Then seen']) {
    ids.unshift((await get('sobjects/Account', 201, { method: 'POST', body: { Name }, headers })).id)
  }
  const caseId = await create('Case', { Subject: 'Seen' })
  await call(`sobjects/Case/${caseId}`, { headers })
  const idsOf = (items: { Id: string }[]) => items.map(({ Id }) => Id)
  assert.deepEqual(idsOf(await get('recent?limit=3')), [caseId, ...ids])
  const { objectDescribe, recentItems } = await get('sobjects/Account')
  assert.equal(objectDescribe.name, 'Account')
  assert.deepEqual(idsOf(recentItems), ids)
  assert.deepEqual(recentItems[0], {
    attributes: { type: 'Account', url: `${DATA}/sobjects/Account/${ids[0]}` },
    Id: ids[0],
    Name: 'Then seen',
  })
  assert.deepEqual(await failure('recent?limit=none'), [400, 'ILLEGAL_QUERY_PARAMETER_VALUE'])
})

/** The first row of a query, asked of the org itself. */
function firstRow(soql: string): readonly unknown[] {
  const [row] = [...emulator.org.query(adminOf(emulator), soql, { all: false }).rows()]
  assert.ok(row, `${soql} finds nothing`)
  return row
}

test('a record is read by its id, 15 or 18 characters, whole or by fields', async () => {
  const [id, subject] = firstRow('SELECT Id, Subject FROM Case LIMIT 1')
  const whole = await jsonOf(await call(`sobjects/Case/${id}`))
  assert.deepEqual(whole.attributes, { type: 'Case', url: `${DATA}/sobjects/Case/${id}` })
  assert.equal(whole.Subject, subject)
  assert.match(whole.CreatedDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/)

  const short = String(id).slice(0, 15)
  const some = await jsonOf(await call(`sobjects/Case/${short}?fields=Subject,Status`))
  assert.deepEqual(Object.keys(some), ['attributes', 'Subject', 'Status', 'Id'])
  const wrong = await call(`sobjects/Case/${id}?fields=Nope__c`)
  assert.deepEqual([wrong.status, (await jsonOf(wrong))[0].errorCode], [400, 'INVALID_FIELD'])
})

test('a record that is deleted, unknown or not the user’s to see is NOT_FOUND', async () => {
  const [id] = firstRow('SELECT Id FROM Case LIMIT 1')
  await get(`sobjects/Case/${id}`, 204, { method: 'DELETE' })
  assert.equal((await call(`sobjects/Case/${id}`)).status, 404)
  assert.equal((await call(`sobjects/Case/500000000000000AAA`)).status, 404)
  const [leadId] = firstRow('SELECT Id FROM Lead LIMIT 1')
  assert.equal((await call(`sobjects/Lead/${leadId}`, { as: agentToken })).status, 404)
})

test('doubles keep their point, compound addresses are objects', async () => {
  const [id] = firstRow('SELECT Id FROM Account WHERE AnnualRevenue != null AND BillingCity != null LIMIT 1')
  const text = await (await call(`sobjects/Account/${id}`)).text()
  assert.match(text, /"AnnualRevenue":\d+\.\d+(E\d+)?,/)
  const { BillingAddress, BillingCity } = JSON.parse(text)
  assert.equal(BillingAddress.city, BillingCity)
  assert.ok('geocodeAccuracy' in BillingAddress)
})

test('the bytes of a file are at the address that the record gives, and match its checksum', async () => {
  const [id, checksum, size] = firstRow(
    'SELECT Id, Checksum, ContentSize FROM ContentVersion WHERE ContentSize > 0 LIMIT 1',
  )
  const record = await jsonOf(await call(`sobjects/ContentVersion/${id}`))
  assert.equal(record.VersionData, `${DATA}/sobjects/ContentVersion/${id}/VersionData`)
  const response = await call(record.VersionData)
  assert.equal(response.headers.get('content-type'), 'application/octetstream')
  const bytes = new Uint8Array(await response.arrayBuffer())
  assert.equal(bytes.length, size)
  assert.equal(createHash('md5').update(bytes).digest('hex'), checksum)
  assert.equal((await call(`sobjects/ContentVersion/${id}/Title`)).status, 404)
})

test("an attachment comes with its record's content type", async () => {
  const [id, contentType, length] = firstRow('SELECT Id, ContentType, BodyLength FROM Attachment LIMIT 1')
  const response = await call(`sobjects/Attachment/${id}/Body`)
  assert.equal(response.headers.get('content-type'), contentType)
  assert.equal((await response.arrayBuffer()).byteLength, length)
})
