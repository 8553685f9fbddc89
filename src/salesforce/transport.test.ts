/** What the client does with answers that a healthy org never gives. What a healthy one gives is in client.test.ts. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import pino from 'pino'
import { LooplineError } from '../errors.ts'
import { createSalesforce } from './client.ts'
import { SalesforceError } from './error.ts'
import type { AccessToken, ApiUse } from './transport.ts'

const json = (body: unknown, init: ResponseInit = {}) => new Response(JSON.stringify(body), init)
const expired = () =>
  json([{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }], { status: 401 })
const page = (records: unknown[] = []) => json({ totalSize: records.length, done: true, records })

/** A client whose answers are these, in turn; tells what was asked and how long it waited. */
function scripted(answers: (() => Response | Promise<Response>)[]) {
  const asked: { url: string; authorization: string | null }[] = []
  const waits: number[] = []
  const uses: ApiUse[] = []
  let renewals = 0
  const tokenOf = (version: number): AccessToken => ({
    token: `planted-token-${version}`,
    instanceUrl: version === 1 ? 'https://acme.my.salesforce.com' : 'https://renamed.my.salesforce.com',
    version,
  })
  const lines: string[] = []
  const salesforce = createSalesforce({
    tokens: {
      current: async () => tokenOf(1),
      renew: async (stale) => {
        renewals++
        return tokenOf(stale.version + 1)
      },
    },
    fetch: async (input, init) => {
      asked.push({ url: String(input), authorization: new Headers(init?.headers).get('authorization') })
      const answer = answers.shift()
      if (!answer) throw new Error('asked once too often')
      return answer()
    },
    log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    onApiUse: (use) => uses.push(use),
    wait: async (ms, signal) => {
      signal?.throwIfAborted()
      waits.push(ms)
    },
  })
  return { salesforce, asked, waits, uses, lines, renewals: () => renewals }
}

const query = (salesforce: ReturnType<typeof scripted>['salesforce'], signal?: AbortSignal) =>
  salesforce.query('SELECT Id FROM Case', { all: false, signal })

test('an expired session is renewed once, and the request goes on at the new address', async () => {
  const { salesforce, asked, renewals } = scripted([expired, page])
  await query(salesforce)
  assert.equal(renewals(), 1)
  assert.deepEqual(
    asked.map(({ url, authorization }) => [new URL(url).host, authorization]),
    [
      ['acme.my.salesforce.com', 'Bearer planted-token-1'],
      ['renamed.my.salesforce.com', 'Bearer planted-token-2'],
    ],
  )
  assert.equal(salesforce.apiCalls(), 2)
})

test('a session that is refused again after renewal is an error, not a loop', async () => {
  const { salesforce, asked, renewals } = scripted([expired, expired])
  await assert.rejects(query(salesforce), { status: 401, code: 'INVALID_SESSION_ID' })
  assert.equal(renewals(), 1)
  assert.equal(asked.length, 2)
})

for (const message of [
  'This session is not valid for use with the REST API',
  'Connected app is not attached to Agent',
]) {
  test(`“${message}” is never answered by renewing`, async () => {
    const { salesforce, renewals } = scripted([
      () => json([{ errorCode: 'INVALID_SESSION_ID', message }], { status: 401 }),
    ])
    await assert.rejects(query(salesforce), { status: 401, message })
    assert.equal(renewals(), 0)
  })
}

test('maintenance pages, empty answers and broken connections are asked again, each time later', async () => {
  const { salesforce, waits } = scripted([
    () => new Response('<html>Down for maintenance</html>', { status: 503 }),
    () => new Response(null, { status: 406 }),
    () => Promise.reject(new TypeError('fetch failed')),
    page,
  ])
  await query(salesforce)
  assert.equal(waits.length, 3)
  const [first = 0, , third = 0] = waits
  assert.ok(first >= 250 && first <= 750 && third >= 1_000 && third <= 3_000, String(waits))
})

test('trying again has an end', async () => {
  const down = () => new Response('<html></html>', { status: 503 })
  const { salesforce, asked } = scripted([down, down, down, down, down, down])
  await assert.rejects(query(salesforce), { status: 503, code: 'HTTP_503' })
  assert.equal(asked.length, 5)
})

test('an org that the edge has no route for is tried three times, not for ever', async () => {
  const gone = () => new Response(null, { status: 420 })
  const { salesforce, asked } = scripted([gone, gone, gone, gone])
  await assert.rejects(query(salesforce), { status: 420 })
  assert.equal(asked.length, 3)
})

test('what Salesforce refuses is not asked again, and its own words arrive', async () => {
  const { salesforce, asked } = scripted([
    () =>
      json([{ errorCode: 'INVALID_FIELD', message: "No such column 'Foo__c'", fields: ['Foo__c'] }], { status: 400 }),
  ])
  await assert.rejects(query(salesforce), {
    name: 'SalesforceError',
    status: 400,
    code: 'INVALID_FIELD',
    message: "No such column 'Foo__c'",
    fields: ['Foo__c'],
    request: 'GET /services/data/v67.0/query',
  })
  assert.equal(asked.length, 1)
})

test('a refusal by our own allow-list arrives as itself', async () => {
  const refusal = new LooplineError({ kind: 'refused', code: 'HOST_NOT_ALLOWED', message: 'No.' })
  const { salesforce, asked } = scripted([() => Promise.reject(new TypeError('fetch failed', { cause: refusal }))])
  await assert.rejects(query(salesforce), refusal)
  assert.equal(asked.length, 1)
})

test('a cancelled request ends with the reason it was cancelled for', async () => {
  const reason = new Error('the run was cancelled')
  const controller = new AbortController()
  const { salesforce } = scripted([
    () => {
      controller.abort(reason)
      return Promise.reject(new DOMException('aborted', 'AbortError'))
    },
  ])
  await assert.rejects(query(salesforce, controller.signal), reason)
})

test('what the org has used of its daily calls is told, whatever else the header says', async () => {
  const header = 'api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)'
  const { salesforce, uses } = scripted([
    () => json({ done: true, records: [] }, { headers: { 'sforce-limit-info': header } }),
  ])
  await query(salesforce)
  assert.deepEqual(uses, [{ used: 25, max: 5_000 }])
})

test('a page that is not the last and does not say where the next one is raises instead of ending', async () => {
  const { salesforce } = scripted([() => json({ totalSize: 4_000, done: false, records: [] })])
  await assert.rejects(query(salesforce), { code: 'PAGE_INCOMPLETE' })
})

for (const nextRecordsUrl of [
  'https://attacker.net/services/data/x',
  '//attacker.net/',
  '/services/data/../oauth2/token',
]) {
  test(`a next page at ${nextRecordsUrl} is not fetched`, async () => {
    const { salesforce } = scripted([() => json({ totalSize: 1, done: false, nextRecordsUrl, records: [] })])
    await assert.rejects(query(salesforce), { code: 'PATH_REFUSED' })
    await assert.rejects(salesforce.queryMore(nextRecordsUrl), { code: 'PATH_REFUSED' })
  })
}

test('a query too long for an address line is sent in a body', async () => {
  const { salesforce, asked } = scripted([
    () => json({ hasErrors: false, results: [{ statusCode: 200, result: { totalSize: 0, done: true, records: [] } }] }),
  ])
  await salesforce.query(`SELECT ${Array.from({ length: 900 }, (_, i) => `Field_${i}__c`).join(',')} FROM Case`, {
    all: true,
  })
  assert.equal(asked[0]?.url, 'https://acme.my.salesforce.com/services/data/v67.0/composite/batch')
})

test('a query of a batch that fails leaves the others their records', async () => {
  const { salesforce } = scripted([
    () =>
      json({
        hasErrors: true,
        results: [
          { statusCode: 200, result: { totalSize: 1, done: true, records: [{ Id: '1' }] } },
          { statusCode: 400, result: [{ errorCode: 'INVALID_TYPE', message: "sObject type 'X' is not supported." }] },
          { statusCode: 200, result: { totalSize: 1, done: false, records: [] } },
        ],
      }),
  ])
  const soql = (name: string) => ({ soql: `SELECT Id FROM ${name}`, all: true })
  const [good, refused, incomplete] = await salesforce.queryBatch([soql('A'), soql('X'), soql('B')])
  assert.deepEqual(good, { totalSize: 1, done: true, nextRecordsUrl: null, records: [{ Id: '1' }] })
  assert.ok(refused instanceof SalesforceError && refused.code === 'INVALID_TYPE')
  assert.ok(incomplete instanceof SalesforceError && incomplete.code === 'PAGE_INCOMPLETE')
})

test('a page of bulk results without a locator header raises: more pages could follow', async () => {
  const answer = () => new Response('"Id"\n', { headers: { 'sforce-numberofrecords': '0' } })
  const { salesforce } = scripted(Array.from({ length: 5 }, () => answer))
  const pages = salesforce.bulkQueryPages({ id: '750', apiVersion: 'v67.0' })[Symbol.asyncIterator]()
  await assert.rejects(pages.next(), { code: 'LOCATOR_MISSING' })
})

test('a failed bulk job is told by the code in its message', async () => {
  const errorMessage = 'InvalidBatch : Failed to process query: QUERY_TIMEOUT: too long'
  const job = { id: '750', apiVersion: 67, object: 'Case' }
  const { salesforce, waits } = scripted([
    () => json({ ...job, state: 'UploadComplete' }),
    () => json({ ...job, state: 'InProgress', numberRecordsProcessed: null }),
    () => json({ ...job, state: 'InProgress', numberRecordsProcessed: 100 }),
    () => json({ ...job, state: 'Failed', errorMessage }),
  ])
  const progress: (number | null)[] = []
  const waiting = salesforce.waitForBulkJob(
    { id: '750', apiVersion: 'v67.0' },
    { onProgress: ({ recordsProcessed }) => progress.push(recordsProcessed) },
  )
  await assert.rejects(waiting, { code: 'QUERY_TIMEOUT', message: errorMessage })
  assert.deepEqual(progress, [null, null, 100, null])
  assert.deepEqual(waits, [200, 400, 800])
})

test('no token, and nothing a customer wrote, is in an error or a log line', async () => {
  const { salesforce, lines } = scripted([
    expired,
    () => new Response('<html>503</html>', { status: 503 }),
    ...Array.from({ length: 4 }, () => () => new Response('{"records":[{"Subject":"planted-subject"')),
  ])
  const error = await query(salesforce).catch((reason: unknown) => reason)
  assert.ok(error instanceof SalesforceError)
  assert.equal(error.code, 'ANSWER_NOT_JSON')
  assert.doesNotMatch(
    JSON.stringify({ ...error, message: error.message, stack: error.stack, cause: error.cause }),
    /planted/,
  )
  assert.ok(lines.length > 0)
  assert.doesNotMatch(lines.join('\n'), /planted|SELECT/)
})
