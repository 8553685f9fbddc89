import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { adminOf, jsonOf, ORIGIN } from '../test-browser.ts'

const emulator = createEmulator({ origin: ORIGIN, scale: 0.1 })
after(() => emulator.close())
const admin = adminOf(emulator)
const get = (path: string) => emulator.fetch(ORIGIN + path)
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  emulator.fetch(`${ORIGIN}/_control/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

test('the start page says how to get in and how to make it fail', async () => {
  const page = await (await get('/')).text()
  const shown = [ORIGIN, emulator.clientId, emulator.clientSecret, admin.username, admin.password]
  for (const text of shown) assert.ok(page.includes(text), text)
  for (const { path } of await jsonOf(await get('/_control'))) assert.ok(page.includes(`/_control/${path}`), path)
})

test('each of its buttons makes a control call that the org takes', async () => {
  const page = await (await get('/')).text()
  const buttons = [...page.matchAll(/data-call="([^"]+)" data-body="([^"]+)"/g)]
  assert.ok(buttons.length > 20)
  for (const [, path = '', body = ''] of buttons) {
    const response = await post(path, JSON.parse(body.replaceAll('&quot;', '"').replaceAll('&#39;', "'")))
    assert.equal(response.status, 200, `${path} ${body}: ${await response.text()}`)
  }
  await post('move-org', { away: false })
  await post('clear-faults', {})
})

test('only its own script runs there, and only pages of the org itself reach the control calls', async () => {
  const response = await get('/')
  const policy = response.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /script-src 'self'/)
  assert.equal(response.headers.get('x-frame-options'), 'DENY')
  const script = await get('/_page/start.js')
  assert.match(script.headers.get('content-type') ?? '', /^text\/javascript/)
  assert.doesNotMatch(await (await get('/login')).text(), /<script/)
  assert.equal((await post('expire-tokens', {}, { origin: 'http://elsewhere.example' })).status, 403)
  assert.equal((await post('expire-tokens', {}, { origin: ORIGIN })).status, 200)
  assert.equal((await post('expire-tokens', {}, { 'content-type': 'text/plain' })).status, 415)
})

test('the page and the control calls answer at no name that a stranger could point at this machine', async () => {
  const ask = (url: string, method = 'GET') =>
    emulator.app.fetch(new Request(url, { method, headers: { 'content-type': 'application/json' }, body: null }), {})
  const paths = [
    '/',
    '/?x',
    '/_control',
    '/_control/state',
    '/%5Fcontrol/state',
    '/_control/requests',
    '/_page/start.js',
  ]
  for (const path of paths) {
    const refused = await ask(`http://rebound.example:7466${path}`)
    assert.equal(refused.status, 403, path)
    assert.match(await refused.text(), new RegExp(`use ${ORIGIN}`))
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '192.168.1.20']) {
      assert.equal((await ask(`http://${host}:7466${path}`)).status, 200, `${host}${path}`)
    }
  }
  assert.equal((await ask('http://rebound.example:7466/_control/expire-tokens', 'POST')).status, 403)
  const named = createEmulator({ origin: 'http://practice-org:7466', scale: 0.01 })
  assert.equal((await named.fetch('http://practice-org:7466/_control/state')).status, 200)
  await named.close()
})

test('records can be browsed: objects, counts, and SOQL as any user', async () => {
  const objects: { name: string; fields: string[] }[] = await jsonOf(await get('/_control/objects'))
  assert.ok(objects.some(({ name }) => name === 'Case'))
  for (const { name, fields } of objects) {
    const { count } = await jsonOf(await get(`/_control/objects/${name}`))
    if (count === null) continue
    const soql = `SELECT ${fields.join(', ')} FROM ${name} LIMIT 3`
    const answer = await post('query', { username: admin.username, soql })
    const { rows, error } = await jsonOf(answer)
    assert.equal(answer.status, 200, `${soql}: ${error}`)
    assert.equal(rows.length, Math.min(3, count), name)
  }
  const refused = await post('query', { username: admin.username, soql: 'SELECT Nope FROM Case' })
  assert.equal((await jsonOf(refused)).errorCode, 'INVALID_FIELD')
})
