import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEmulator } from './app.ts'
import { RequestLog } from './request-log.ts'
import { adminOf, jsonOf, ORIGIN } from './test-browser.ts'

const call = (path: string) => ({ at: 0, method: 'GET', path, status: 200, ms: 1 })

test('the last 500 calls are kept, and asked for from a number on', () => {
  const log = new RequestLog()
  for (let n = 1; n <= 620; n += 1) log.add(call(`/${n}`))
  assert.equal(log.list().length, 500)
  assert.equal(log.list()[0]?.path, '/121')
  assert.deepEqual(
    log.list(618).map(({ number, path }) => [number, path]),
    [
      [619, '/619'],
      [620, '/620'],
    ],
  )
})

test('what is secret in an address is not kept', () => {
  const log = new RequestLog()
  log.add(
    call('/services/oauth2/authorize?client_id=abc&code_challenge=xyz&state=1&sid=00D!x&access_token=t&code=aPrx'),
  )
  const [{ path } = { path: '' }] = log.list()
  for (const secret of ['00D!x', '=t&', 'aPrx']) assert.ok(!path.includes(secret), path)
  assert.match(path, /client_id=abc/)
})

test('an unknown request is answered as Salesforce would, and told of once for each kind of path', async () => {
  const told: string[] = []
  const emulator = createEmulator({ origin: ORIGIN, scale: 0.1, complain: (line) => told.push(line) })
  const headers = { authorization: `Bearer ${emulator.issueToken(adminOf(emulator).username)}` }
  const ask = (path: string) => emulator.fetch(ORIGIN + path, { headers })
  for (const path of [
    '/services/data/v67.0/wave/datasets/0Fb5f0000000001AAA',
    '/services/data/v66.0/wave/datasets/0Fb5f0000000002AAA',
  ]) {
    const response = await ask(path)
    assert.equal(response.status, 404)
    assert.deepEqual(await jsonOf(response), [
      { message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' },
    ])
  }
  await ask('/nowhere/at/all')
  const { unknown } = await jsonOf(await emulator.fetch(`${ORIGIN}/_control/requests`))
  assert.deepEqual(unknown, [
    { method: 'GET', path: '/services/data/vXX.0/wave/datasets/{id}', count: 2 },
    { method: 'GET', path: '/nowhere/at/all', count: 1 },
  ])
  assert.equal(told.length, 2)
  assert.match(told[0] ?? '', /GET \/services\/data\/vXX\.0\/wave\/datasets\/\{id\}.*emulator\/rest\//)
  await emulator.close()
})
