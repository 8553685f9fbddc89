import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { adminOf, agentOf, jsonOf, ORIGIN } from '../test-browser.ts'

const clock = { ms: Date.UTC(2026, 10, 1, 12) }
const emulator = createEmulator({ origin: ORIGIN, now: () => clock.ms })
after(() => emulator.close())
const admin = adminOf(emulator)
const agent = agentOf(emulator)
const token = emulator.issueToken(admin.username)
const agentToken = emulator.issueToken(agent.username)
const DATA = '/services/data/v67.0'

function call(path: string, { as = token, ...init }: RequestInit & { as?: string } = {}): Promise<Response> {
  return emulator.fetch(`${ORIGIN}${path}`, { ...init, headers: { authorization: `Bearer ${as}`, ...init.headers } })
}

/** The first row of a query, asked of the org itself. */
function firstRow(soql: string): readonly unknown[] {
  const [row] = [...emulator.org.query(admin, soql, { all: false }).rows()]
  assert.ok(row, `${soql} finds nothing`)
  return row
}

test('the global describe lists what the user may see, with links', async () => {
  const { encoding, maxBatchSize, sobjects } = await jsonOf(await call(`${DATA}/sobjects`))
  assert.deepEqual([encoding, maxBatchSize], ['UTF-8', 200])
  const names = (list: { name: string }[]) => list.map(({ name }) => name)
  assert.ok(names(sobjects).includes('Case'))
  assert.ok(names(sobjects).includes('Lead'))
  const forCase = sobjects.find(({ name }: { name: string }) => name === 'Case')
  assert.equal(forCase.keyPrefix, '500')
  assert.deepEqual(forCase.urls, {
    rowTemplate: `${DATA}/sobjects/Case/{ID}`,
    describe: `${DATA}/sobjects/Case/describe`,
    sobject: `${DATA}/sobjects/Case`,
  })
  const forAgent = await jsonOf(await call(`${DATA}/sobjects`, { as: agentToken }))
  assert.ok(!names(forAgent.sobjects).includes('Lead'))
})

test('a describe has all attributes of object and fields that clients look at', async () => {
  const described = await jsonOf(await call(`${DATA}/sobjects/case/describe`))
  assert.equal(described.name, 'Case')
  for (const key of [
    'childRelationships',
    'recordTypeInfos',
    'supportedScopes',
    'queryable',
    'replicateable',
    'urls',
  ]) {
    assert.ok(key in described, key)
  }
  const field = (name: string) => described.fields.find((candidate: { name: string }) => candidate.name === name)
  assert.equal(field('Id').type, 'id')
  assert.equal(field('Id').soapType, 'tns:ID')
  assert.equal(field('Id').nillable, false)
  assert.equal(field('SystemModstamp').soapType, 'xsd:dateTime')
  assert.equal(field('OwnerId').polymorphicForeignKey, true)
  assert.deepEqual(field('OwnerId').referenceTo.toSorted(), ['Group', 'User'])
  assert.ok(field('Status').picklistValues.some(({ value }: { value: string }) => value === 'Closed'))
})

test('If-Modified-Since is answered with 304 until something changes for that user', async () => {
  const path = `${DATA}/sobjects/Case/describe`
  const first = await call(path, { as: agentToken })
  const since = first.headers.get('last-modified') ?? ''
  assert.notEqual(since, '')
  const ask = (as: string, modifiedSince = since) => call(path, { as, headers: { 'if-modified-since': modifiedSince } })
  const unchanged = await ask(agentToken)
  assert.deepEqual([unchanged.status, await unchanged.text()], [304, ''])

  emulator.org.hideField(agent.userId, 'Case', 'Priority')
  const changed = await ask(agentToken)
  assert.equal(changed.status, 200)
  const names = (await jsonOf(changed)).fields.map(({ name }: { name: string }) => name)
  assert.ok(!names.includes('Priority'))
  assert.equal((await ask(agentToken, changed.headers.get('last-modified') ?? '')).status, 304)
  emulator.org.showField(agent.userId, 'Case', 'Priority')
  assert.equal((await ask(agentToken, changed.headers.get('last-modified') ?? '')).status, 200)
})

test('an object that the user may not see is NOT_FOUND', async () => {
  for (const path of ['Lead/describe', 'Lead', 'Nope/describe']) {
    const response = await call(`${DATA}/sobjects/${path}`, { as: agentToken })
    assert.deepEqual([response.status, (await jsonOf(response))[0].errorCode], [404, 'NOT_FOUND'])
  }
})

test('a record is read by its id, 15 or 18 characters, whole or by fields', async () => {
  const [id, subject] = firstRow('SELECT Id, Subject FROM Case LIMIT 1')
  const whole = await jsonOf(await call(`${DATA}/sobjects/Case/${id}`))
  assert.deepEqual(whole.attributes, { type: 'Case', url: `${DATA}/sobjects/Case/${id}` })
  assert.equal(whole.Subject, subject)
  assert.match(whole.CreatedDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/)

  const short = String(id).slice(0, 15)
  const some = await jsonOf(await call(`${DATA}/sobjects/Case/${short}?fields=Subject,Status`))
  assert.deepEqual(Object.keys(some), ['attributes', 'Subject', 'Status', 'Id'])
  const wrong = await call(`${DATA}/sobjects/Case/${id}?fields=Nope__c`)
  assert.deepEqual([wrong.status, (await jsonOf(wrong))[0].errorCode], [400, 'INVALID_FIELD'])
})

test('a record that is deleted, unknown or not the user’s to see is NOT_FOUND', async () => {
  const [id] = firstRow('SELECT Id FROM Case LIMIT 1')
  emulator.org.delete(admin.userId, 'Case', String(id))
  assert.equal((await call(`${DATA}/sobjects/Case/${id}`)).status, 404)
  assert.equal((await call(`${DATA}/sobjects/Case/500000000000000AAA`)).status, 404)
  const [leadId] = firstRow('SELECT Id FROM Lead LIMIT 1')
  assert.equal((await call(`${DATA}/sobjects/Lead/${leadId}`, { as: agentToken })).status, 404)
})

test('doubles keep their point, compound addresses are objects', async () => {
  const [id] = firstRow('SELECT Id FROM Account WHERE AnnualRevenue != null AND BillingCity != null LIMIT 1')
  const text = await (await call(`${DATA}/sobjects/Account/${id}`)).text()
  assert.match(text, /"AnnualRevenue":\d+\.\d+(E\d+)?,/)
  const { BillingAddress, BillingCity } = JSON.parse(text)
  assert.equal(BillingAddress.city, BillingCity)
  assert.ok('geocodeAccuracy' in BillingAddress)
})

test('the bytes of a file are at the address that the record gives, and match its checksum', async () => {
  const [id, checksum, size] = firstRow(
    'SELECT Id, Checksum, ContentSize FROM ContentVersion WHERE ContentSize > 0 LIMIT 1',
  )
  const record = await jsonOf(await call(`${DATA}/sobjects/ContentVersion/${id}`))
  assert.equal(record.VersionData, `${DATA}/sobjects/ContentVersion/${id}/VersionData`)
  const response = await call(record.VersionData)
  assert.equal(response.headers.get('content-type'), 'application/octetstream')
  const bytes = new Uint8Array(await response.arrayBuffer())
  assert.equal(bytes.length, size)
  assert.equal(createHash('md5').update(bytes).digest('hex'), checksum)
  assert.equal((await call(`${DATA}/sobjects/ContentVersion/${id}/Title`)).status, 404)
})

test("an attachment comes with its record's content type", async () => {
  const [id, contentType, length] = firstRow('SELECT Id, ContentType, BodyLength FROM Attachment LIMIT 1')
  const response = await call(`${DATA}/sobjects/Attachment/${id}/Body`)
  assert.equal(response.headers.get('content-type'), contentType)
  assert.equal((await response.arrayBuffer()).byteLength, length)
})
