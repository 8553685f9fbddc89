import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idOfSlot } from '../org/ids.ts'
import { ORIGIN } from '../test-browser.ts'
import { DATA, testOrg } from './test-calls.ts'

const { call, get, failure, create, emulator, agentToken } = testOrg()

const query = (q: string) => `query?${new URLSearchParams({ q })}`
const post = (body: unknown) => ({ method: 'POST', body })
const patch = (body: unknown) => ({ method: 'PATCH', body })

/** The errors that Salesforce documents for data work (salesforce-api.md 3.3), and how a client comes by each. */
test('each error has the status and the code of the table', async () => {
  const id = await create('Account', { Name: 'Known', ERP_Number__c: 'T-1' })
  const caseId = await create('Case', { Subject: 'Known' })
  const deleted = await create('Account', { Name: 'Deleted' })
  await get(`sobjects/Account/${deleted}`, 204, { method: 'DELETE' })
  const table: [string, [number, string], string, Parameters<typeof call>[1]?][] = [
    ['a token that is none', [401, 'INVALID_SESSION_ID'], 'limits', { as: 'nonsense' }],
    ['a malformed header', [401, 'INVALID_AUTH_HEADER'], 'limits', { headers: { authorization: 'Digest x' } }],
    ['a path that is not there', [404, 'NOT_FOUND'], 'nothing/here'],
    ['Apex that is not there', [404, 'NOT_FOUND'], '/services/apexrest/Nothing'],
    ['an unknown object', [404, 'NOT_FOUND'], 'sobjects/Nope/describe'],
    ['an unknown record', [404, 'NOT_FOUND'], 'sobjects/Case/500000000000000'],
    ['text where an id belongs', [404, 'NOT_FOUND'], 'sobjects/Case/nonsense'],
    ['a deleted record', [404, 'NOT_FOUND'], `sobjects/Account/${deleted}`],
    ['a method that does not fit', [405, 'METHOD_NOT_ALLOWED'], 'limits', { method: 'DELETE' }],
    ['a query sent by POST', [405, 'METHOD_NOT_ALLOWED'], 'query', post({ q: 'SELECT Id FROM Case' })],
    ['a retired version', [410, 'UNSUPPORTED_API_VERSION'], '/services/data/v20.0/limits'],
    ['limits without View Setup', [403, 'FORBIDDEN'], 'limits', { as: agentToken }],
    ['SOQL that is none', [400, 'MALFORMED_QUERY'], query('SELECT FROM')],
    ['a field that is not there', [400, 'INVALID_FIELD'], query('SELECT Nope__c FROM Case')],
    ['an object that is not there', [400, 'INVALID_TYPE'], query('SELECT Id FROM Nope')],
    ['an offset too far', [400, 'NUMBER_OUTSIDE_VALID_RANGE'], query('SELECT Id FROM Case OFFSET 2001')],
    ['a locator that is none', [400, 'INVALID_QUERY_LOCATOR'], 'query/0r8000000000000AAA-2000'],
    ['a field that is unknown', [400, 'INVALID_FIELD'], 'sobjects/Account', post({ Name: 'X', Nope__c: 1 })],
    ['a required field left out', [400, 'REQUIRED_FIELD_MISSING'], 'sobjects/Contact', post({ FirstName: 'X' })],
    ['a text too long', [400, 'STRING_TOO_LONG'], 'sobjects/Account', post({ Name: 'x'.repeat(300) })],
    [
      'an address that is none',
      [400, 'INVALID_EMAIL_ADDRESS'],
      'sobjects/Contact',
      post({ LastName: 'X', Email: 'x' }),
    ],
    [
      'a value outside a restricted list',
      [400, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST'],
      'sobjects/Knowledge__kav',
      post({ Title: 'X', UrlName: 'X', Language: 'xx' }),
    ],
    ['a unique value twice', [400, 'DUPLICATE_VALUE'], 'sobjects/Account', post({ Name: 'X', ERP_Number__c: 'T-1' })],
    [
      'a reference to nothing',
      [400, 'INVALID_CROSS_REFERENCE_KEY'],
      'sobjects/Contact',
      post({ LastName: 'X', AccountId: idOfSlot('001', 9_999_999) }),
    ],
    [
      'a reference of the wrong type',
      [400, 'FIELD_INTEGRITY_EXCEPTION'],
      'sobjects/Contact',
      post({ LastName: 'X', AccountId: caseId }),
    ],
    [
      'a field that nobody writes',
      [400, 'INVALID_FIELD_FOR_INSERT_UPDATE'],
      `sobjects/Account/${id}`,
      patch({ CreatedById: null }),
    ],
    ['an id in the body', [400, 'INVALID_FIELD'], `sobjects/Account/${id}`, patch({ Id: id, Name: 'X' })],
    ['an update of what is deleted', [404, 'ENTITY_IS_DELETED'], `sobjects/Account/${deleted}`, patch({ Name: 'X' })],
    [
      'an update by the id of another object',
      [400, 'MALFORMED_ID'],
      `sobjects/Account/${caseId}`,
      patch({ Name: 'X' }),
    ],
    ['a delete by the id of another object', [400, 'MALFORMED_ID'], `sobjects/Account/${caseId}`, { method: 'DELETE' }],
    [
      'JSON that is none',
      [400, 'JSON_PARSER_ERROR'],
      'sobjects/Account',
      { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } },
    ],
    [
      'another content type',
      [415, 'UNSUPPORTED_MEDIA_TYPE'],
      'sobjects/Account',
      { method: 'POST', body: 'Name=x', headers: { 'content-type': 'text/plain' } },
    ],
    [
      'too many in a batch',
      [400, 'INVALID_BATCH_REQUEST'],
      'composite/batch',
      post({ batchRequests: Array(26).fill({ method: 'GET', url: 'v67.0/limits' }) }),
    ],
    [
      'a window that is none',
      [400, 'INVALID_REPLICATION_DATE'],
      'sobjects/Case/updated?start=2026-11-01T12:00:00Z&end=2026-11-01T12:00:00Z',
    ],
    ['a search that is none', [400, 'MALFORMED_SEARCH'], `search?${new URLSearchParams({ q: 'FIND nothing' })}`],
    ['an address too long', [414, 'URI_TOO_LONG'], `query?q=${'x'.repeat(16_400)}`],
  ]
  const answers = []
  for (const [what, , path, options] of table) answers.push([what, await failure(path, options)])
  assert.deepEqual(
    answers,
    table.map(([what, expected]) => [what, expected]),
  )
})

test('a duplicate rule is answered with its code, and a header saves duplicates', async () => {
  const { org } = emulator
  org.setSaveRule({
    kind: 'duplicate',
    name: 'Same site',
    object: 'Account',
    match: ['Site'],
    message: 'Use one of these records?',
  })
  const account = { Name: 'Duplicate', Site: 'https://duplicate.example' }
  await create('Account', account)
  assert.deepEqual(await failure('sobjects/Account', post(account)), [400, 'DUPLICATES_DETECTED'])
  const headers = { 'Sforce-Duplicate-Rule-Header': 'allowSave=true' }
  await get('sobjects/Account', 201, { ...post(account), headers })
})

test('a method that does not fit names those that do; HEAD is GET without its body', async () => {
  const refused = await call('limits', { method: 'PUT', body: {} })
  assert.equal(refused.headers.get('allow'), 'GET,HEAD')
  assert.equal((await call('query', { method: 'OPTIONS' })).status, 405)
  const head = await call('sobjects/Case/describe', { method: 'HEAD' })
  assert.deepEqual([head.status, await head.text()], [200, ''])
})

test('an error inside a query result page comes as on the first, in the envelope', async () => {
  emulator.faults.add({ do: { fault: 'cursor-gone' } })
  const { nextRecordsUrl } = await get(query('SELECT Id FROM Task'), 200, {
    headers: { 'Sforce-Query-Options': 'batchSize=200' },
  })
  assert.deepEqual(await failure(nextRecordsUrl), [400, 'INVALID_QUERY_LOCATOR'])
  assert.equal((await call(nextRecordsUrl)).status, 200)
})

test('children beyond a batch have a cursor of their own', async () => {
  const account = await create('Account', { Name: 'Many contacts' })
  const records = Array.from({ length: 200 }, (_, index) => ({
    attributes: { type: 'Contact' },
    LastName: `No ${index}`,
    AccountId: account,
  }))
  await get('composite/sobjects', 200, post({ records }))
  await create('Contact', { LastName: 'One more', AccountId: account })
  const soql = `SELECT Id, (SELECT LastName FROM Contacts) FROM Account WHERE Id = '${account}'`
  const result = await get(query(soql), 200, { headers: { 'Sforce-Query-Options': 'batchSize=200' } })
  const { Contacts } = result.records[0]
  assert.deepEqual([Contacts.totalSize, Contacts.done, Contacts.records.length], [201, false, 200])
  const rest = await get(Contacts.nextRecordsUrl)
  assert.deepEqual([rest.totalSize, rest.done, rest.records.length], [201, true, 1])
  assert.equal(rest.records[0].attributes.type, 'Contact')
})

test('a path that nothing knows is noted, with what it was', async () => {
  await failure(`${DATA}/tabs`)
  assert.deepEqual(await failure('sobjects/Account/describe/layouts'), [404, 'NOT_FOUND'])
  await failure(`sobjects/Account/${idOfSlot('001', 1)}/richTextImageFields/Body__c/0EM000000000000`)
  await failure('sobjects/Dashboard/describe')
  await failure('sobjects/Lead/describe', { as: agentToken })
  const state = await (await emulator.fetch(`${ORIGIN}/_control/requests`)).text()
  assert.match(state, /\/services\/data\/vXX\.0\/tabs/)
  const { unknown } = JSON.parse(state)
  const paths = unknown.map(({ path }: { path: string }) => path)
  assert.ok(paths.includes('/services/data/vXX.0/sobjects/Account/describe/layouts'))
  assert.ok(paths.some((path: string) => path.includes('richTextImageFields')))
  // What is only hidden from somebody isn't unknown.
  assert.ok(paths.includes('/services/data/vXX.0/sobjects/Dashboard/describe'))
  assert.ok(!paths.includes('/services/data/vXX.0/sobjects/Lead/describe'))
})
