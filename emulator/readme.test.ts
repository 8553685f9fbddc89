import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createEmulator, type Emulator } from './app.ts'
import { adminOf, jsonOf, postToken } from './test-browser.ts'
import { DOMAIN_FAULTS, type FaultRule } from './trouble/rule.ts'

const ORIGIN = 'http://127.0.0.1:7466'
const README = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8')

interface Curl {
  readonly body: object
  readonly url: string
  readonly path: string
}

/** The lines that can be pasted: what they send and where to, one list for each block of them. */
const BLOCKS = Array.from(README.matchAll(/^```sh\n([\s\S]*?)^```/gm), ([, block = '']) => readCurls(block)).filter(
  (curls) => curls.length > 0,
)
const CURLS = BLOCKS.flat()
const RULES = CURLS.filter(({ path }) => path === 'faults').map(({ body }) => body as FaultRule)
/** Asked for by a stream of events only, which the tests of those streams open. */
const NEEDS_STREAM = ['stream-breaks', 'replay-id-corrupted']

function readCurls(block: string): Curl[] {
  const lines = block.matchAll(/^curl --json '(.+)' (http:\S+\/_control\/(\S+))$/gm)
  return Array.from(lines, ([, body = '', url = '', path = '']) => ({ body: JSON.parse(body), url, path }))
}

function freshOrg(): Emulator {
  return createEmulator({ origin: ORIGIN, scale: 0.2, complain: () => undefined })
}

function send(emulator: Emulator, { body, url }: { body: object; url: string }): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return emulator.fetch(url, { method: 'POST', body: JSON.stringify(body), headers })
}

/** What a client does in a day: whatever fails on the way doesn't stop it. */
async function spendDay(emulator: Emulator): Promise<void> {
  const admin = adminOf(emulator)
  const headers = () => ({
    authorization: `Bearer ${emulator.issueToken(admin.username)}`,
    'content-type': 'application/json',
  })
  const call = async (path: string, init: RequestInit = {}) => {
    const response = await emulator.fetch(`${emulator.instanceUrl()}/services/data/v67.0${path}`, {
      headers: headers(),
      ...init,
    })
    return { headers: response.headers, body: await response.text() }
  }
  const attempt = async <T>(act: () => Promise<T>) => act().catch(() => undefined)

  const { refresh_token } = emulator.issueRefreshToken(admin.username)
  await attempt(() => postToken(emulator, { grant_type: 'refresh_token', refresh_token }))
  await Promise.all([1, 2, 3].map(() => attempt(() => call('/limits'))))
  await attempt(() => call('/sobjects/Case/describe'))
  for (let query = 0; query < 3; query += 1) await attempt(() => call('/query?q=SELECT+Id,Subject+FROM+Case+LIMIT+300'))
  await attempt(async () => {
    const first = await call('/query?q=SELECT+Id+FROM+CaseHistory', {
      headers: { ...headers(), 'sforce-query-options': 'batchSize=200' },
    })
    const next: string = JSON.parse(first.body).nextRecordsUrl
    await call(next.slice('/services/data/v67.0'.length))
  })
  await attempt(() => call('/sobjects/Case', { method: 'POST', body: '{"Subject":"Of the day"}' }))
  await attempt(() => call('/limits'))
  await attempt(async () => {
    const created = await call('/jobs/query', {
      method: 'POST',
      body: '{"operation":"query","query":"SELECT Id, Subject FROM Case"}',
    })
    const { id } = JSON.parse(created.body)
    for (let state = 'UploadComplete'; state === 'UploadComplete' || state === 'InProgress'; ) {
      state = JSON.parse((await call(`/jobs/query/${id}`)).body).state
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (let locator = ''; locator !== 'null'; ) {
      const page = await call(`/jobs/query/${id}/results?maxRecords=200${locator && `&locator=${locator}`}`)
      const nextLocator = page.headers.get('sforce-locator') ?? 'null'
      if (nextLocator === locator) break
      locator = nextLocator
    }
  })
}

test('each control call has a line in the README that can be pasted', () => {
  const emulator = freshOrg()
  const shown = new Set(CURLS.map(({ path }) => path))
  return emulator
    .fetch(`${ORIGIN}/_control`)
    .then(jsonOf)
    .then((calls: { path: string }[]) => {
      assert.deepEqual(
        calls.map(({ path }) => path).filter((path) => !shown.has(path)),
        [],
      )
      assert.deepEqual(
        [...shown].filter((path) => !calls.some((known) => known.path === path)),
        [],
      )
    })
    .finally(() => emulator.close())
})

test('each test that the README names is there', () => {
  const named = Array.from(README.matchAll(/`([\w/.-]+\.(?:test|e2e)\.ts)`/g), ([, file]) => file ?? '')
  assert.ok(named.length > 100)
  assert.deepEqual(
    named.filter((file) => !existsSync(join(import.meta.dirname, file))),
    [],
  )
})

test('each kind of trouble has a line, and so has each thing that a rule can do', () => {
  const faults = new Set(RULES.map((rule) => rule.do.fault))
  assert.deepEqual(
    Object.keys(DOMAIN_FAULTS).filter((fault) => !faults.has(fault as never)),
    [],
  )
  const named = [...README.matchAll(/^\| (`.+?`) \| /gm)].flatMap(([, names]) => (names ?? '').match(/\w+/g) ?? [])
  for (const rule of RULES) {
    for (const key of Object.keys({ ...rule.when, ...rule.do })) {
      const isDetail = ['message', 'errorCode', 'count'].includes(key)
      assert.ok(isDetail || named.includes(key), `${key} is in the README's tables`)
    }
  }
})

for (const [index, block] of BLOCKS.entries()) {
  test(`block ${index + 1} of the README, from ${block[0]?.path} on, can be pasted line by line`, async () => {
    const emulator = freshOrg()
    for (const curl of block) {
      const response = await send(emulator, curl)
      assert.equal(response.status, 200, `${curl.path} ${JSON.stringify(curl.body)}: ${await response.text()}`)
    }
    await emulator.close()
  })
}

for (const rule of RULES) {
  test(`the README's rule ${JSON.stringify(rule)} strikes a client`, async () => {
    const emulator = freshOrg()
    const { status } = await send(emulator, { body: rule, url: `${ORIGIN}/_control/faults` })
    await spendDay(emulator)
    const [left] = await jsonOf(await emulator.fetch(`${ORIGIN}/_control/faults`))
    await emulator.close()
    assert.equal(status, 200)
    // A rule that has struck as often as it should is gone.
    if (!NEEDS_STREAM.includes(rule.do.fault ?? ''))
      assert.ok(left === undefined || left.struck > 0, JSON.stringify(left))
  })
}
