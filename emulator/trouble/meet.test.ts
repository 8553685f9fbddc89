import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { after, afterEach, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { serveEmulator } from '../serve.ts'
import { adminOf, agentOf, jsonOf, ORIGIN } from '../test-browser.ts'
import type { FaultRule } from './rule.ts'

const ANCHOR = Date.UTC(2026, 10, 1)
let time = ANCHOR
const emulator = createEmulator({ origin: ORIGIN, anchor: ANCHOR, scale: 0.1, now: () => time })
const { faults } = emulator
after(() => emulator.close())
afterEach(() => faults.clear())
const admin = adminOf(emulator)
const DATA = '/services/data/v67.0'

function call(path: string, init: RequestInit & { token?: string } = {}) {
  const { token = emulator.issueToken(admin.username), ...rest } = init
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return emulator.fetch(ORIGIN + path, { ...rest, headers })
}
const query = (soql: string) => `${DATA}/query?q=${encodeURIComponent(soql)}`
const statuses = async (count: number, path = `${DATA}/`) => {
  const seen = []
  for (let n = 0; n < count; n += 1) seen.push((await call(path)).status)
  return seen
}
const plan = (rule: FaultRule) => faults.add(rule)

test('trouble comes once, or as often, as late and as regularly as told', async () => {
  plan({ do: { answer: 'unavailable' } })
  assert.deepEqual(await statuses(2), [503, 200])
  plan({ when: { skip: 1, every: 2, times: 2 }, do: { answer: 'unavailable' } })
  assert.deepEqual(await statuses(6), [200, 503, 200, 503, 200, 200])
  const number = plan({ when: { times: 'always' }, do: { answer: 'unavailable' } })
  assert.deepEqual(await statuses(3), [503, 503, 503])
  assert.equal(faults.remove(number), true)
  assert.deepEqual(await statuses(1), [200])
})

test('chance strikes at the same calls for the same seed', async () => {
  const strikes = async () => {
    const other = createEmulator({ origin: ORIGIN, anchor: ANCHOR, scale: 0.1, now: () => time })
    other.faults.add({ when: { probability: 0.5, times: 'always' }, do: { answer: 'unavailable' } })
    const seen = []
    for (let n = 0; n < 40; n += 1) seen.push((await other.fetch(`${ORIGIN}/services/data/`)).status)
    await other.close()
    return seen
  }
  const seen = await strikes()
  const struck = seen.filter((status) => status === 503).length
  assert.ok(struck > 8 && struck < 32, `${struck} of 40`)
  assert.deepEqual(await strikes(), seen)
})

test('trouble waits for a path, a method, an object, a SOQL text, a user', async () => {
  const agentToken = emulator.issueToken(agentOf(emulator).username)
  const cases: [FaultRule['when'], struck: () => Promise<Response>, spared: () => Promise<Response>][] = [
    [{ path: '/describe$' }, () => call(`${DATA}/sobjects/Case/describe`), () => call(`${DATA}/sobjects`)],
    [
      { method: 'post' },
      () => call(`${DATA}/sobjects/Case`, { method: 'POST', body: '{"Subject":"x"}' }),
      () => call(`${DATA}/sobjects/Case`),
    ],
    [{ object: 'case' }, () => call(query('SELECT Id FROM Case LIMIT 1')), () => call(query('SELECT Id FROM User'))],
    [
      { object: 'Contact' },
      () =>
        call(`${DATA}/jobs/query`, { method: 'POST', body: '{"operation":"query","query":"SELECT Id FROM Contact"}' }),
      () => call(`${DATA}/jobs/query`, { method: 'POST', body: '{"operation":"query","query":"SELECT Id FROM User"}' }),
    ],
    [
      { soql: 'order by Subject' },
      () => call(query('SELECT Id FROM Case ORDER BY Subject LIMIT 1')),
      () => call(query('SELECT Id FROM Case LIMIT 1')),
    ],
    [{ user: agentOf(emulator).username }, () => call(`${DATA}/`, { token: agentToken }), () => call(`${DATA}/`)],
  ]
  for (const [when, struck, spared] of cases) {
    plan({ when, do: { answer: 'no-route' } })
    assert.notEqual((await spared()).status, 420, JSON.stringify(when))
    assert.equal((await struck()).status, 420, JSON.stringify(when))
    faults.clear()
  }
})

test('a call can get any status with any Salesforce error, in the envelope of its API', async () => {
  const answer = { status: 400, errorCode: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access' }
  plan({ when: { times: 'always' }, do: { answer } })
  const data = await call(`${DATA}/limits`)
  assert.equal(data.status, 400)
  assert.deepEqual(await jsonOf(data), [{ message: answer.message, errorCode: answer.errorCode }])
  assert.deepEqual(await jsonOf(await call('/services/oauth2/token')), {
    error: answer.errorCode,
    error_description: answer.message,
  })
  assert.deepEqual(await jsonOf(await call('/services/async/67.0/job')), {
    exceptionCode: answer.errorCode,
    exceptionMessage: answer.message,
  })
  assert.match(await (await call('/services/Soap/u/67.0')).text(), /<faultcode>sf:UNABLE_TO_LOCK_ROW<\/faultcode>/)
})

test('the named answers are those that Salesforce gives', async () => {
  plan({ do: { answer: 'concurrent-limit' } })
  const limited = await call(`${DATA}/limits`)
  assert.equal(limited.status, 403)
  const [error] = await jsonOf(limited)
  assert.equal(error.errorCode, 'REQUEST_LIMIT_EXCEEDED')
  assert.match(error.message, /^ConcurrentRequests/)
  for (const [answer, status] of [
    ['no-route', 420],
    ['not-acceptable', 406],
  ] as const) {
    plan({ do: { answer } })
    const response = await call(`${DATA}/limits`)
    assert.deepEqual([response.status, await response.text()], [status, ''])
  }
})

test('a body can be HTML or missing, and a header left out', async () => {
  plan({ do: { body: 'html' } })
  const html = await call(`${DATA}/limits`)
  assert.equal(html.status, 200)
  assert.match(html.headers.get('content-type') ?? '', /^text\/html/)
  assert.match(await html.text(), /^<html>/)
  plan({ do: { body: 'empty' } })
  assert.equal(await (await call(`${DATA}/limits`)).text(), '')
  plan({ do: { withoutHeaders: ['Sforce-Limit-Info'] } })
  assert.equal((await call(`${DATA}/limits`)).headers.get('sforce-limit-info'), null)
  assert.notEqual((await call(`${DATA}/limits`)).headers.get('sforce-limit-info'), null)
})

test('an answer that never has a body stays without one, whatever was to be done to it', async () => {
  const { id } = await jsonOf(await call(`${DATA}/sobjects/Case`, { method: 'POST', body: '{"Subject":"x"}' }))
  const update = () => call(`${DATA}/sobjects/Case/${id}`, { method: 'PATCH', body: '{"Subject":"y"}' })
  const answer = { status: 204, body: 'html' } as const
  for (const effects of [{ body: 'html' }, { corruptGzip: true }, { contentLengthOff: 5 }, { answer }] as const) {
    const number = plan({ do: effects })
    assert.equal((await update()).status, 204, JSON.stringify(effects))
    assert.equal(faults.remove(number), false, 'it struck')
  }
})

test('a pattern that would take for ever matches nothing and holds up nobody', async () => {
  plan({ when: { path: '(a+)+!$' }, do: { answer: 'unavailable' } })
  const started = performance.now()
  assert.equal((await call(`${DATA}/limits?${'a'.repeat(200)}`)).status, 200)
  assert.ok(performance.now() - started < 2_000)
})

test('a broken connection before the work leaves nothing done; after it, all is done and the answer lost', async () => {
  const body = '{"operation":"query","query":"SELECT Id FROM User"}'
  const create = () => call(`${DATA}/jobs/query`, { method: 'POST', body })
  const count = async () => (await jsonOf(await call(`${DATA}/jobs/query`))).records.length
  const before = await count()
  plan({ when: { method: 'POST' }, do: { reset: 'before-work' } })
  await assert.rejects(create(), { name: 'TypeError', message: 'fetch failed' })
  assert.equal(await count(), before)
  plan({ when: { method: 'POST' }, do: { reset: 'after-work' } })
  await assert.rejects(create(), { name: 'TypeError', message: 'fetch failed' })
  assert.equal(await count(), before + 1)
  plan({ do: { reset: 'after-headers' } })
  const response = await call(`${DATA}/limits`)
  assert.equal(response.status, 200)
  await assert.rejects(response.text())
})

test('a stream is cut at a byte, its gzip corrupted, its bytes drip', async () => {
  const soql = query('SELECT Id, Subject FROM Case LIMIT 500')
  plan({ do: { cutAfterBytes: 700 } })
  await assert.rejects((await call(soql)).text())
  plan({ do: { corruptGzip: true } })
  await assert.rejects((await call(soql)).text())
  plan({ do: { bytesPerSecond: 20_000 } })
  const started = performance.now()
  const dripped = await (await call(`${DATA}/sobjects/Case/describe`)).text()
  assert.ok(performance.now() - started > 100, 'it took its time')
  assert.equal(JSON.parse(dripped).name, 'Case')
})

test('an answer can come twice: the page before in place of the next one', async () => {
  const first = await jsonOf(await call(query('SELECT Id FROM Case'), { headers: {} }))
  assert.equal(first.done, first.nextRecordsUrl === undefined)
  plan({ when: { path: '/limits', times: 'always' }, do: { repeatAnswer: true } })
  const one = await (await call(`${DATA}/limits`)).text()
  assert.equal(await (await call(`${DATA}/limits`)).text(), one)
  faults.clear()
  assert.notEqual(await (await call(`${DATA}/limits`)).text(), one)
})

test('at the n-th matching call anything can happen that a control call does', async () => {
  const token = emulator.issueToken(admin.username)
  plan({ when: { path: '/limits', skip: 1 }, do: { call: 'expire-tokens' } })
  const seen = []
  for (let n = 0; n < 3; n += 1) seen.push((await call(`${DATA}/limits`, { token })).status)
  assert.deepEqual(seen, [200, 401, 401])
  assert.throws(() => createEmulator({ origin: ORIGIN, faults: [{ do: { call: 'nonsense' } }] }), /no control call/)
})

test('what a rule can do only once is no failure of later calls, and the log says so', async () => {
  const removal = { kind: 'remove-field', object: 'Case', field: 'Internal_Cost__c' }
  plan({ when: { path: '/limits', times: 2 }, do: { call: 'schema', with: removal } })
  assert.deepEqual(await statuses(2, `${DATA}/limits`), [200, 200])
  const { requests } = await jsonOf(await emulator.fetch(`${ORIGIN}/_control/requests`))
  assert.match(requests.at(-1).note, /not done: Case has no field Internal_Cost__c/)
})

test('a wait comes before the answer, and only calls beyond a number under way are turned away', async () => {
  plan({ when: { times: 3 }, do: { delayMs: 60 } })
  plan({ when: { inFlight: 2, times: 'always' }, do: { answer: 'concurrent-limit' } })
  const started = performance.now()
  const answers = await Promise.all([1, 2, 3].map(() => call(`${DATA}/`)))
  assert.ok(performance.now() - started >= 55)
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 403])
})

test('the log says what was done on purpose', async () => {
  const number = plan({ do: { answer: 'unavailable' } })
  await call(`${DATA}/limits`)
  const { requests } = await jsonOf(await emulator.fetch(`${ORIGIN}/_control/requests`))
  const last = requests.at(-1)
  assert.deepEqual([last.status, last.path], [503, `${DATA}/limits`])
  assert.deepEqual([last.userId, last.clientId], [admin.userId, emulator.clientId])
  assert.equal(last.note, `fault ${number}: answer`)
})

test('over a network, a reset is a connection that ends without an answer', async () => {
  time += 1000
  const { emulator: served, origin, close } = await serveEmulator({ port: 0, host: '127.0.0.1', scale: 0.1 })
  try {
    served.faults.add({ do: { reset: 'before-work' } })
    await assert.rejects(fetch(`${origin}/services/data/`), { name: 'TypeError' })
    served.faults.add({ do: { contentLengthOff: 100 } })
    const short = get(`${origin}/services/data/`)
    const [response] = (await once(short, 'response')) as [IncomingMessage]
    short.on('error', () => undefined)
    response.on('error', () => undefined)
    let received = 0
    response.on('data', (chunk: Buffer) => {
      received += chunk.length
      // All of the body is there; what the length promises beyond it never comes.
      if (received === Number(response.headers['content-length']) - 100) short.destroy()
    })
    await new Promise((resolve) => response.once('close', resolve))
    assert.equal(response.complete, false)
    served.faults.add({ do: { corruptGzip: true } })
    await assert.rejects((await fetch(`${origin}/services/data/`)).text())
    served.faults.add({ do: { bytesPerSecond: 10_000 } })
    assert.ok(Array.isArray(await (await fetch(`${origin}/services/data/`)).json()))
  } finally {
    await close()
  }
})
