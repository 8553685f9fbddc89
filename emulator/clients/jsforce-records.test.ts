import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOrg } from './served-org.ts'

/** A control call, as somebody at the org would make it. */
async function control(origin: string, path: string, body: object): Promise<unknown> {
  const response = await fetch(`${origin}/_control/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  assert.equal(response.status, 200, await response.clone().text())
  return response.json()
}

const idOf = (saved: { id?: string | undefined; success: boolean }): string => {
  assert.ok(saved.success)
  return String(saved.id)
}

test('jsforce hears why a record is not saved: the code and the fields of Salesforce', async (t) => {
  const connection = (await serveOrg(t)).connect()
  const refusals: readonly [Promise<unknown>, string, RegExp][] = [
    [connection.sobject('Contact').create({ FirstName: 'Jo' }), 'REQUIRED_FIELD_MISSING', /\[LastName\]/],
    [connection.sobject('Case').create({ Subject: 'x'.repeat(256) }), 'STRING_TOO_LONG', /max length=255/],
    [connection.sobject('Task').create({ TaskSubtype: 'Dance' }), 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', /Dance/],
    [connection.sobject('Contact').create({ LastName: 'X', Email: 'nobody' }), 'INVALID_EMAIL_ADDRESS', /nobody/],
    [connection.sobject('Opportunity').create({ Amount: 'lots' }), 'JSON_PARSER_ERROR', /VALUE_STRING value lots/],
    [connection.sobject('Case').create({ Nope__c: 1 }), 'INVALID_FIELD', /No such column 'Nope__c'/],
  ]
  for (const [attempt, errorCode, message] of refusals) await assert.rejects(attempt, { errorCode, message })
})

test('jsforce meets a validation rule, a duplicate rule and a locked row', async (t) => {
  const { origin, connect } = await serveOrg(t)
  const connection = connect()
  await control(origin, 'save-rule', {
    kind: 'validation',
    name: 'reason',
    object: 'Case',
    when: { Status: 'Closed', Reason: null },
    message: 'Say why',
  })
  const Id = idOf(await connection.sobject('Case').create({ Subject: 'Ruled' }))
  await assert.rejects(connection.sobject('Case').update({ Id, Status: 'Closed' }), {
    errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    message: 'Say why',
  })
  await control(origin, 'save-rule', { kind: 'duplicate', name: 'address', object: 'Contact', match: ['Email'] })
  const twin = { LastName: 'Twin', Email: 'twin@example.com' }
  await connection.sobject('Contact').create(twin)
  await assert.rejects(connection.sobject('Contact').create(twin), { errorCode: 'DUPLICATES_DETECTED' })
  const headers = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' }
  idOf(await connection.sobject('Contact').create(twin, { headers }))
  await control(origin, 'lock-rows', { object: 'Case', id: Id, times: 1 })
  const edit = () => connection.sobject('Case').update({ Id, Subject: 'Free' })
  await assert.rejects(edit(), { errorCode: 'UNABLE_TO_LOCK_ROW' })
  idOf(await edit())
})

test('jsforce uploads a file, a second version of it, and reads the bytes back', async (t) => {
  const connection = (await serveOrg(t)).connect()
  const upload = async (text: string, more: object = {}) => {
    const VersionData = Buffer.from(text).toString('base64')
    return idOf(await connection.sobject('ContentVersion').create({ PathOnClient: 'notes.txt', VersionData, ...more }))
  }
  const first = await connection.sobject('ContentVersion').retrieve(await upload('one'))
  const second = await upload('two, longer', { ContentDocumentId: first.ContentDocumentId })
  const { records } = await connection.query(
    `SELECT VersionNumber, IsLatest, ContentSize, Checksum FROM ContentVersion WHERE ContentDocumentId = '${first.ContentDocumentId}' ORDER BY VersionNumber`,
  )
  assert.deepEqual(
    records.map(({ VersionNumber, IsLatest, ContentSize }) => [VersionNumber, IsLatest, ContentSize]),
    [
      ['1', false, 3],
      ['2', true, 11],
    ],
  )
  const bytes: Buffer[] = []
  for await (const part of connection.sobject('ContentVersion').record(second).blob('VersionData')) bytes.push(part)
  assert.equal(Buffer.concat(bytes).toString(), 'two, longer')
})

test('jsforce finds a merged record in the bin with its master, and what is purged nowhere', async (t) => {
  const { origin, connect } = await serveOrg(t)
  const connection = connect()
  const create = async (Name: string) => idOf(await connection.sobject('Account').create({ Name }))
  const [masterId, loserId] = [await create('Master'), await create('Loser')]
  const contact = idOf(await connection.sobject('Contact').create({ LastName: 'Moves', AccountId: loserId }))
  const merged = await control(origin, 'merge', { object: 'Account', masterId, loserIds: [loserId] })
  assert.deepEqual(merged, { updatedRelatedIds: [contact] })
  const find = async () => {
    const soql = `SELECT IsDeleted, MasterRecordId FROM Account WHERE Id = '${loserId}'`
    const { records } = await connection.query(soql, { scanAll: true })
    return records.map(({ IsDeleted, MasterRecordId }) => [IsDeleted, MasterRecordId])
  }
  assert.deepEqual(await find(), [[true, masterId]])
  await control(origin, 'empty-recycle-bin', { ids: [loserId] })
  assert.deepEqual(await find(), [])
})

test('jsforce sees a slow record only when it shows itself, older than what it has read by then', async (t) => {
  let now = Date.UTC(2026, 10, 2, 9)
  const { origin, connect } = await serveOrg(t, { now: () => now, anchor: now - 60_000 })
  const connection = connect()
  const fields = { Subject: 'Slow' }
  await control(origin, 'late-record', { object: 'Case', fields, showAfterMs: 90_000 })
  now += 30_000
  await connection.sobject('Case').create({ Subject: 'Quick' })
  const read = async () => {
    const soql = "SELECT Subject FROM Case WHERE Subject IN ('Slow', 'Quick') ORDER BY SystemModstamp"
    return (await connection.query(soql)).records.map(({ Subject }) => Subject)
  }
  assert.deepEqual(await read(), ['Quick'])
  now += 60_000
  assert.deepEqual(await read(), ['Slow', 'Quick'])
})

test('jsforce reads an article through its states', async (t) => {
  const { origin, connect } = await serveOrg(t)
  const connection = connect()
  const draft = { Title: 'Mounting', UrlName: 'Mounting-1', Body__c: '<p>Up</p>' }
  const versionId = idOf(await connection.sobject('Knowledge__kav').create(draft))
  const state = async (id: string) => (await connection.sobject('Knowledge__kav').retrieve(id)).PublishStatus
  assert.equal(await state(versionId), 'Draft')
  await control(origin, 'articles', { kind: 'publish', versionId })
  assert.equal(await state(versionId), 'Online')
  const edited = await control(origin, 'articles', { kind: 'edit', versionId })
  const next = String(Object(edited).id)
  await control(origin, 'articles', { kind: 'publish', versionId: next })
  assert.deepEqual([await state(versionId), await state(next)], ['Archived', 'Online'])
})
