import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { adminOf, agentOf, connect, jsonOf, ORIGIN } from '../test-browser.ts'

const clock = { ms: Date.UTC(2026, 10, 1, 12) }
const emulator = createEmulator({ origin: ORIGIN, now: () => clock.ms, dailyApiRequests: 1000 })
after(() => emulator.close())
const token = emulator.issueToken(adminOf(emulator).username)
const agentToken = emulator.issueToken(agentOf(emulator).username)
const DATA = '/services/data/v67.0'

function call(path: string, { as = token, ...init }: RequestInit & { as?: string } = {}): Promise<Response> {
  return emulator.fetch(`${ORIGIN}${path}`, { ...init, headers: { authorization: `Bearer ${as}`, ...init.headers } })
}

async function errorOf(response: Response): Promise<[number, string, string]> {
  const [error, ...others] = await jsonOf(response)
  assert.equal(others.length, 0)
  return [response.status, error.errorCode, error.message]
}

test('the versions are listed for anyone, v31.0 to v67.0, with their seasons', async () => {
  const versions = await jsonOf(await emulator.fetch(`${ORIGIN}/services/data/`))
  assert.deepEqual(versions.at(-1), { label: "Summer '26", url: DATA, version: '67.0' })
  assert.deepEqual(versions.at(-2), { label: "Spring '26", url: '/services/data/v66.0', version: '66.0' })
  assert.deepEqual(versions[0], { label: "Summer '14", url: '/services/data/v31.0', version: '31.0' })
})

test('a retired version is gone, an unknown one was never there', async () => {
  assert.deepEqual((await errorOf(await call('/services/data/v30.0/sobjects'))).slice(0, 2), [
    410,
    'UNSUPPORTED_API_VERSION',
  ])
  for (const version of ['v68.0', 'v67', 'v67.1', 'latest']) {
    assert.deepEqual((await errorOf(await call(`/services/data/${version}/sobjects`))).slice(0, 2), [404, 'NOT_FOUND'])
  }
})

test('the resources list names the way to everything else, and each is there', async () => {
  const resources = await jsonOf(await call(`${DATA}/`))
  assert.equal(resources.sobjects, `${DATA}/sobjects`)
  assert.equal(resources.identity, `${ORIGIN}/id/${emulator.org.id}/${adminOf(emulator).userId}`)
  for (const [name, path] of Object.entries<string>(resources)) {
    if (name === 'identity') continue
    const { status } = await call(path)
    assert.ok(status === 200 || status === 400, `${path}: ${status}`)
  }
})

test('whoever may not use the API is told so', async () => {
  const walled = emulator.org.users.find(({ permissions }) => !permissions.has('ApiEnabled'))
  assert.ok(walled)
  const refused = await call(`${DATA}/sobjects`, { as: emulator.issueToken(walled.username) })
  assert.deepEqual((await errorOf(refused)).slice(0, 2), [403, 'API_DISABLED_FOR_ORG'])
})

test('without a good token everything is INVALID_SESSION_ID', async () => {
  const expected = [401, 'INVALID_SESSION_ID', 'Session expired or invalid']
  const ask = (headers: Record<string, string>) => emulator.fetch(`${ORIGIN}${DATA}/sobjects`, { headers })
  assert.deepEqual(await errorOf(await ask({})), expected)
  assert.deepEqual(await errorOf(await ask({ authorization: 'Bearer nope' })), expected)
  for (const authorization of ['Bearer', `Basic ${token}`]) {
    assert.deepEqual(await errorOf(await ask({ authorization })), [401, 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE'])
  }
})

test('a token without the api scope is refused in words of its own', async () => {
  const { access_token } = await connect(emulator, { scope: 'id refresh_token' })
  assert.deepEqual(await errorOf(await call(`${DATA}/sobjects`, { as: access_token ?? '' })), [
    401,
    'INVALID_SESSION_ID',
    'This session is not valid for use with the REST API',
  ])
})

test('each answered call counts once and says what is used; failed sign-ins do not count', async () => {
  const before = emulator.apiCallsUsed()
  const response = await call(`${DATA}/`)
  assert.equal(response.headers.get('sforce-limit-info'), `api-usage=${before + 1}/1000`)
  const refused = await call(`${DATA}/`, { as: 'nope' })
  assert.equal(refused.headers.get('sforce-limit-info'), null)
  const wrong = await call(`${DATA}/query?q=SELECT`)
  assert.equal(wrong.status, 400)
  assert.equal(wrong.headers.get('sforce-limit-info'), `api-usage=${before + 2}/1000`)
})

test('a used-up allowance answers REQUEST_LIMIT_EXCEEDED until the calls are a day old', async () => {
  const own = { ms: Date.UTC(2026, 10, 1, 12) }
  const small = createEmulator({ origin: ORIGIN, now: () => own.ms, dailyApiRequests: 2 })
  try {
    const get = () =>
      small.fetch(`${ORIGIN}${DATA}/`, {
        headers: { authorization: `Bearer ${small.issueToken(adminOf(small).username)}` },
      })
    assert.equal((await get()).status, 200)
    assert.equal((await get()).status, 200)
    const refused = await get()
    assert.equal(refused.headers.get('sforce-limit-info'), 'api-usage=2/2')
    assert.deepEqual(await errorOf(refused), [403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'])
    assert.equal(small.apiCallsUsed(), 2)
    own.ms += 24 * 3_600_000
    assert.equal((await get()).status, 200)
  } finally {
    await small.close()
  }
})

test("every answer carries the org's own time", async () => {
  const date = new Date(clock.ms).toUTCString()
  for (const path of ['/services/data/', `${DATA}/nope`, '/', '/services/oauth2/token']) {
    assert.equal((await call(path)).headers.get('date'), date)
  }
})

test('JSON is gzipped for whoever accepts it', async () => {
  const request = (encoding: string) =>
    emulator.app.request(`${ORIGIN}${DATA}/sobjects`, {
      headers: { authorization: `Bearer ${token}`, 'accept-encoding': encoding },
    })
  assert.equal((await request('gzip, deflate')).headers.get('content-encoding'), 'gzip')
  const plain = await request('identity')
  assert.equal(plain.headers.get('content-encoding'), null)
  assert.equal(plain.headers.get('content-type'), 'application/json;charset=UTF-8')
  assert.deepEqual(await jsonOf(plain), await jsonOf(await call(`${DATA}/sobjects`)))
})

test('a path that is not there is NOT_FOUND, a method that does not fit 405', async () => {
  assert.deepEqual(await errorOf(await call(`${DATA}/nope`)), [
    404,
    'NOT_FOUND',
    'The requested resource does not exist',
  ])
  const [status, code, message] = await errorOf(await call(`${DATA}/query?q=x`, { method: 'PUT' }))
  assert.deepEqual([status, code], [405, 'METHOD_NOT_ALLOWED'])
  assert.match(message, /^HTTP Method 'PUT' not allowed/)
})

test('a URI over 16,384 bytes is 414, one that its headers push over it 431', async () => {
  assert.equal((await call(`${DATA}/query?q=${'x'.repeat(16_400)}`)).status, 414)
  assert.equal(
    (await call(`${DATA}/query?q=${'x'.repeat(16_200)}`, { headers: { 'x-long': 'y'.repeat(200) } })).status,
    431,
  )
})

test('limits are for those who may view setup, and count down', async () => {
  const { DailyApiRequests } = await jsonOf(await call(`${DATA}/limits`))
  assert.deepEqual(DailyApiRequests, { Max: 1000, Remaining: 1000 - emulator.apiCallsUsed() })
  assert.equal((await call(`${DATA}/limits`, { as: agentToken })).status, 403)
})

test('recordCount counts the objects that were asked for, for those who may view setup', async () => {
  const { sObjects } = await jsonOf(await call(`${DATA}/limits/recordCount?sObjects=Case,Account,Nope`))
  const countOf = (name: string) =>
    emulator.org.query(adminOf(emulator), `SELECT COUNT() FROM ${name}`, { all: false }).totalSize
  assert.deepEqual(sObjects, [
    { count: countOf('Account'), name: 'Account' },
    { count: countOf('Case'), name: 'Case' },
  ])
  const all = await jsonOf(await call(`${DATA}/limits/recordCount`))
  const names = all.sObjects.map(({ name }: { name: string }) => name)
  assert.deepEqual([names.includes('Task'), names.includes('CaseShare')], [true, false])
  assert.equal((await call(`${DATA}/limits/recordCount`, { as: agentToken })).status, 403)
})

test('a batch is one call, with each answer in its place, errors included', async () => {
  const before = emulator.apiCallsUsed()
  const batchRequests = [
    { method: 'GET', url: 'v67.0/query?q=SELECT+Id+FROM+Case+LIMIT+1' },
    { method: 'GET', url: '/services/data/v67.0/query?q=SELECT+Nope+FROM+Case' },
    { method: 'GET', url: 'v67.0/sobjects/Case/describe' },
  ]
  const post = (body: object) =>
    call(`${DATA}/composite/batch`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  const response = await post({ batchRequests })
  assert.equal(response.headers.get('sforce-limit-info'), `api-usage=${before + 1}/1000`)
  const { hasErrors, results } = await jsonOf(response)
  assert.equal(hasErrors, true)
  assert.deepEqual(
    results.map(({ statusCode }: { statusCode: number }) => statusCode),
    [200, 400, 200],
  )
  assert.equal(results[0].result.totalSize, 1)
  assert.equal(results[1].result[0].errorCode, 'INVALID_FIELD')
  assert.equal(results[2].result.name, 'Case')

  const halted = await jsonOf(await post({ batchRequests, haltOnError: true }))
  assert.equal(halted.results[2].statusCode, 412)
  assert.equal(halted.results[2].result[0].errorCode, 'BATCH_PROCESSING_HALTED')

  const tooMany = await post({ batchRequests: Array.from({ length: 26 }, () => batchRequests[0]) })
  assert.deepEqual((await errorOf(tooMany)).slice(0, 2), [400, 'INVALID_BATCH_REQUEST'])
  assert.deepEqual((await errorOf(await post([]))).slice(0, 2), [400, 'JSON_PARSER_ERROR'])
})

test('a composite request answers each subrequest under its reference, as one call', async () => {
  const before = emulator.apiCallsUsed()
  const post = (compositeRequest: object[], allOrNone = false) =>
    call(`${DATA}/composite`, {
      method: 'POST',
      body: JSON.stringify({ allOrNone, compositeRequest }),
      headers: { 'content-type': 'application/json' },
    })
  const good = { method: 'GET', url: `${DATA}/query?q=SELECT+Id+FROM+Case+LIMIT+1`, referenceId: 'q1' }
  const bad = { method: 'GET', url: `${DATA}/sobjects/Nope/describe`, referenceId: 'd1' }
  const { compositeResponse } = await jsonOf(await post([good, bad]))
  assert.equal(emulator.apiCallsUsed(), before + 1)
  assert.equal(compositeResponse[0].referenceId, 'q1')
  assert.equal(compositeResponse[0].httpStatusCode, 200)
  assert.equal(compositeResponse[0].body.records.length, 1)
  assert.equal(compositeResponse[1].httpStatusCode, 404)
  assert.equal(compositeResponse[1].body[0].errorCode, 'NOT_FOUND')

  const rolledBack = (await jsonOf(await post([good, bad], true))).compositeResponse
  assert.equal(rolledBack[0].body[0].errorCode, 'PROCESSING_HALTED')
  const six = Array.from({ length: 6 }, (_, index) => ({ ...good, referenceId: `q${index}` }))
  assert.equal((await post(six)).status, 400)
})
