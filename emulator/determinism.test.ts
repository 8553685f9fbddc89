import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEmulator, type Emulator } from './app.ts'
import { adminOf, agentOf, jsonOf, ORIGIN } from './test-browser.ts'

const ANCHOR = Date.UTC(2026, 10, 1)
const DATA = '/services/data/v67.0'

interface Exchange {
  readonly request: string
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** An org whose clock ticks a second with each call, and a client that remembers what it heard. */
async function live(
  act: (call: (path: string, init?: RequestInit) => Promise<string>) => Promise<void>,
  seed = 7,
): Promise<Exchange[]> {
  let time = ANCHOR
  const emulator = createEmulator({ origin: ORIGIN, anchor: ANCHOR, seed, scale: 0.2, now: () => time })
  const heard: Exchange[] = []
  const tokens = [adminOf(emulator), agentOf(emulator)].map(({ username }) => emulator.issueToken(username))
  try {
    await act(async (path, init = {}) => {
      time += 1000
      const [who, at] = path.startsWith('agent:') ? [1, path.slice(6)] : [0, path]
      const headers = { authorization: `Bearer ${tokens[who]}`, 'content-type': 'application/json', ...init.headers }
      const response = await emulator.fetch(ORIGIN + at, { ...init, headers })
      const body = await response.text()
      heard.push({
        request: `${init.method ?? 'GET'} ${path}`,
        status: response.status,
        headers: [...response.headers],
        body,
      })
      return body
    })
    return heard
  } finally {
    await emulator.close()
  }
}

const query = (soql: string) => `${DATA}/query?q=${encodeURIComponent(soql)}`
const send = (method: string, body: object): RequestInit => ({ method, body: JSON.stringify(body) })

/** Reads and writes through every API that needs no token of chance. */
async function workday(call: (path: string, init?: RequestInit) => Promise<string>): Promise<void> {
  await call('/services/data/')
  await call(`${DATA}/sobjects`)
  await call(`${DATA}/sobjects/Case/describe`)
  await call(`agent:${DATA}/sobjects/Case/describe`)
  await call(`${DATA}/limits`)
  await call(query('SELECT FIELDS(ALL) FROM Case ORDER BY CreatedDate DESC LIMIT 200'))
  await call(
    query("SELECT Id, Name, (SELECT Id, Email FROM Contacts) FROM Account WHERE Name LIKE '%a%' ORDER BY Id LIMIT 50"),
  )
  await call(query('SELECT Status, COUNT(Id) n FROM Case GROUP BY Status ORDER BY Status'))
  await call(`agent:${query('SELECT Id, Subject, Priority FROM Case WHERE IsClosed = false')}`)
  const created = JSON.parse(
    await call(`${DATA}/sobjects/Case`, send('POST', { Subject: 'Same here and there', Origin: 'Web' })),
  )
  await call(`${DATA}/sobjects/Case/${created.id}`, send('PATCH', { Status: 'Working', Priority: 'High' }))
  await call(`${DATA}/sobjects/Case/${created.id}`)
  const account = JSON.parse(await call(`${DATA}/sobjects/Account`, send('POST', { Name: 'Twin' })))
  await call(`${DATA}/sobjects/Account/${account.id}`, { method: 'DELETE' })
  await call(`${DATA}/sobjects/Nope/1`)
  await call(query('SELECT Nope FROM Case'))
  await call(query(`SELECT FIELDS(ALL) FROM CaseHistory WHERE CaseId = '${created.id}' LIMIT 20`))
  const start = encodeURIComponent('2026-10-31T00:00:00+00:00')
  const end = encodeURIComponent('2026-11-02T00:00:00+00:00')
  await call(`${DATA}/sobjects/Account/deleted/?start=${start}&end=${end}`)
  await call(`${DATA}/sobjects/Case/updated/?start=${start}&end=${end}`)
  const job = JSON.parse(
    await call(
      `${DATA}/jobs/query`,
      send('POST', { operation: 'queryAll', query: 'SELECT Id, Subject, SystemModstamp FROM Case' }),
    ),
  )
  await untilComplete(call, `${DATA}/jobs/query/${job.id}`)
  await call(`${DATA}/jobs/query/${job.id}/results?maxRecords=300`)
}

/** Looks at the job without the looks counting among what is compared: how many there are is up to the machine. */
async function untilComplete(call: (path: string) => Promise<string>, path: string): Promise<void> {
  for (let state = ''; state !== 'JobComplete'; ) {
    state = JSON.parse(await call(path)).state
    assert.notEqual(state, 'Failed')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** What is the same for the same seed, clock and calls: all but how long a job took, and how often one looked. */
function comparable(heard: readonly Exchange[]): readonly Exchange[] {
  const looks = /^GET \/services\/data\/v67\.0\/jobs\/query\/[^/]+$/
  const isTimed = (name: string) => ['date', 'sforce-limit-info'].includes(name)
  return heard
    .filter(({ request }) => !looks.test(request))
    .map((exchange) => ({ ...exchange, headers: exchange.headers.filter(([name]) => !isTimed(name)) }))
}

test('two orgs with the same seed, clock and calls answer the same to the byte, writes included', async () => {
  const [one, other] = [comparable(await live(workday)), comparable(await live(workday))]
  assert.equal(one.length, other.length)
  for (const [index, exchange] of one.entries()) assert.deepEqual(exchange, other[index], exchange.request)
  // The day went well: a comparison of refusals would prove little.
  assert.ok(
    one.filter(({ status }) => status < 300).length >= one.length - 2,
    one.map(({ request, status }) => `${status} ${request}`).join('\n'),
  )
})

test('another seed is another company', async () => {
  const names = async (seed: number) =>
    (await live((call) => call(query('SELECT Name FROM Account LIMIT 20')).then(() => undefined), seed))[0]?.body
  assert.notEqual(await names(7), await names(8))
})

test('a stopped clock stamps everything alike, and a moved one later', async () => {
  const emulator: Emulator = createEmulator({ origin: ORIGIN, anchor: ANCHOR, scale: 0.1, now: () => ANCHOR })
  const control = (path: string, body: object) =>
    emulator.fetch(`${ORIGIN}/_control/${path}`, {
      ...send('POST', body),
      headers: { 'content-type': 'application/json' },
    })
  const create = async () => {
    const { id } = await jsonOf(
      await control('records', { action: 'create', object: 'Case', fields: { Subject: 'x' } }),
    )
    return emulator.org.findRecord(adminOf(emulator), 'Case', id)?.CreatedDate
  }
  await control('clock', { frozen: true })
  assert.equal(await create(), ANCHOR)
  assert.equal(await create(), ANCHOR)
  await control('clock', { move: '1d' })
  assert.equal(await create(), ANCHOR + 86_400_000)
  await emulator.close()
})
