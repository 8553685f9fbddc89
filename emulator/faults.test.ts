import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { after, test } from 'node:test'
import { createEmulator } from './app.ts'
import { serveEmulator } from './serve.ts'
import { adminOf, agentOf, jsonOf, ORIGIN, postToken } from './test-browser.ts'

const emulator = createEmulator({ origin: ORIGIN, anchor: Date.UTC(2026, 10, 1) })
after(() => emulator.close())
const admin = adminOf(emulator)
const newToken = () => emulator.issueToken(admin.username)
const call = (path: string, token = newToken()) =>
  emulator.fetch(ORIGIN + path, { headers: { authorization: `Bearer ${token}` } })
const VERSIONS = '/services/data/'

async function control(path: string, body: object = {}, headers = { 'content-type': 'application/json' }) {
  const response = await emulator.fetch(`${ORIGIN}/_control/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers,
  })
  return { status: response.status, body: await response.text() }
}

test('the next answers can be an HTML 503, a 401 or a used-up limit, as often as told', async () => {
  emulator.faults.answerNext('unavailable', { times: 2 })
  for (let count = 0; count < 2; count += 1) {
    const response = await call(VERSIONS)
    assert.equal(response.status, 503)
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
    assert.match(await response.text(), /^<html>/)
  }
  assert.equal((await call(VERSIONS)).status, 200)
  emulator.faults.answerNext('unauthorized')
  assert.equal((await call(VERSIONS)).status, 401)
  emulator.faults.answerNext('limit')
  assert.equal((await jsonOf(await call(VERSIONS)))[0].errorCode, 'REQUEST_LIMIT_EXCEEDED')
})

test('a fault may wait for a path, the token endpoint included', async () => {
  emulator.faults.answerNext('unavailable', { path: '/sobjects/Case/describe$' })
  emulator.faults.answerNext('unavailable', { path: /oauth2\/token/ })
  assert.equal((await call(VERSIONS)).status, 200)
  assert.equal((await call('/services/data/v67.0/sobjects/Case/describe')).status, 503)
  assert.equal((await emulator.fetch(`${ORIGIN}/services/oauth2/token`, { method: 'POST' })).status, 503)
  emulator.faults.answerNext('unavailable')
  emulator.faults.clear()
  assert.equal((await call(VERSIONS)).status, 200)
})

test('over HTTP: tokens expire, grants end, users are deactivated, the app is uninstalled', async () => {
  const token = newToken()
  await control('expire-tokens')
  assert.equal((await call('/services/data/v67.0/', token)).status, 401)

  const { refresh_token } = emulator.issueRefreshToken(admin.username)
  await control('revoke-grants', { username: admin.username })
  const refused = await postToken(emulator, { grant_type: 'refresh_token', refresh_token })
  assert.equal(refused.body.error, 'invalid_grant')

  await control('users', { username: admin.username, active: false })
  assert.equal(adminOf(emulator).active, false)
  await control('users', { username: admin.username, active: true })
  await control('app', { installed: false })
  const state = await jsonOf(await emulator.fetch(`${ORIGIN}/_control/state`))
  assert.equal(state.app.installed, false)
  await control('app', { installed: true })
  await control('api-usage', { used: 77 })
  assert.equal(emulator.apiCallsUsed(), 77)
})

test('over HTTP: fields and objects are hidden from a user and shown again', async () => {
  const agent = agentOf(emulator)
  const listFields = async () => {
    const response = await call('/services/data/v67.0/sobjects/Case/describe', emulator.issueToken(agent.username))
    return response.status === 200 ? (await jsonOf(response)).fields.map(({ name }: { name: string }) => name) : []
  }
  const set = (field: string | undefined, visible: boolean) =>
    control('visibility', { username: agent.username, object: 'Case', field, visible })
  await set('Priority', false)
  assert.ok(!(await listFields()).includes('Priority'))
  await set('Priority', true)
  assert.ok((await listFields()).includes('Priority'))
  await set(undefined, false)
  assert.deepEqual(await listFields(), [])
  await set(undefined, true)
  assert.ok((await listFields()).includes('Subject'))
})

test('over HTTP: records are created, changed, deleted and brought back', async () => {
  const act = async (body: object) => JSON.parse((await control('records', body)).body)
  const { id } = await act({ action: 'create', object: 'Case', fields: { Subject: 'From outside' } })
  await act({ action: 'update', object: 'Case', id, fields: { Subject: 'Changed from outside' } })
  const read = () => emulator.org.findRecord(admin, 'Case', id)
  assert.equal(read()?.Subject, 'Changed from outside')
  await act({ action: 'delete', object: 'Case', id })
  assert.equal(read(), undefined)
  await act({ action: 'undelete', object: 'Case', id })
  assert.equal(read()?.Subject, 'Changed from outside')
})

test('a wrong control call says what is wrong, and one that is not JSON is refused', async () => {
  assert.equal((await control('users', { username: 'nobody@x', active: true })).status, 400)
  assert.match((await control('answer-next', { answer: 'maybe' })).body, /unavailable/)
  assert.equal((await control('records', { action: 'create', object: 'Case', fields: { Nope: 1 } })).status, 400)
  assert.equal((await control('expire-tokens', {}, { 'content-type': 'text/plain' })).status, 415)
})

test('over a network, a cut stream is a connection that breaks in the middle of the body', async () => {
  const { emulator: served, origin, close } = await serveEmulator({ port: 0, host: '127.0.0.1' })
  try {
    const headers = {
      authorization: `Bearer ${served.issueToken(adminOf(served).username)}`,
      'content-type': 'application/json',
    }
    const jobs = `${origin}/services/data/v67.0/jobs/query`
    const body = JSON.stringify({ operation: 'query', query: 'SELECT Id, Subject, Description FROM Case' })
    let job = await jsonOf(await fetch(jobs, { method: 'POST', headers, body }))
    while (job.state !== 'JobComplete') job = await jsonOf(await fetch(`${jobs}/${job.id}`, { headers }))

    served.faults.cutNextResultStream(10_000)
    const request = get(`${jobs}/${job.id}/results`, { headers })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    assert.equal(response.statusCode, 200)
    let received = 0
    await assert.rejects(async () => {
      for await (const chunk of response) received += chunk.length
    })
    assert.ok(received > 0 && received <= 10_000, `${received} bytes`)
  } finally {
    await close()
  }
})
