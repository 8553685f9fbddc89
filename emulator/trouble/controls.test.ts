import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createEmulator, type Emulator } from '../app.ts'
import { serveEmulator } from '../serve.ts'
import { adminOf, jsonOf, ORIGIN, postToken } from '../test-browser.ts'
import type { FaultRule } from './rule.ts'

const ANCHOR = Date.UTC(2026, 10, 1)
const HOUR_MS = 3_600_000
const emulator = createEmulator({ origin: ORIGIN, anchor: ANCHOR, scale: 0.1, now: () => ANCHOR })
after(() => emulator.close())
const LIMITS = '/services/data/v67.0/limits'

function bearer(of: Emulator) {
  return { authorization: `Bearer ${of.issueToken(adminOf(of).username)}` }
}

async function control(of: Emulator, path: string, body: object = {}) {
  const headers = { 'content-type': 'application/json' }
  const response = await of.fetch(`${ORIGIN}/_control/${path}`, { method: 'POST', body: JSON.stringify(body), headers })
  return { status: response.status, body: await jsonOf(response) }
}

test('rules are planned, listed and called off over HTTP', async () => {
  const planned = await control(emulator, 'faults', {
    when: { path: '/limits', times: 'always' },
    do: { answer: 'limit' },
  })
  assert.equal(planned.status, 200)
  const read = async () => (await emulator.fetch(ORIGIN + LIMITS, { headers: bearer(emulator) })).status
  assert.equal(await read(), 403)
  const [rule] = await jsonOf(await emulator.fetch(`${ORIGIN}/_control/faults`))
  assert.deepEqual([rule.number, rule.struck, rule.do], [planned.body.number, 1, { answer: 'limit' }])
  const callOff = () => emulator.fetch(`${ORIGIN}/_control/faults/${planned.body.number}`, { method: 'DELETE' })
  assert.equal((await callOff()).status, 200)
  assert.equal(await read(), 200)
  assert.equal((await callOff()).status, 404)
  await control(emulator, 'faults', { do: { answer: 'limit' } })
  await emulator.fetch(`${ORIGIN}/_control/faults`, { method: 'DELETE' })
  assert.equal(await read(), 200)
})

test('a rule that says nothing, or names a call that cannot be made, is refused with the reason', async () => {
  assert.equal((await control(emulator, 'faults', { do: {} })).status, 400)
  const unknown = await control(emulator, 'faults', { do: { call: 'nonsense' } })
  assert.match(unknown.body.error, /no control call "nonsense"/)
  const wrong = await control(emulator, 'faults', { do: { call: 'users', with: { active: 1 } } })
  assert.equal(wrong.status, 400)
  assert.equal((await control(emulator, 'faults', { when: { path: '(' }, do: { answer: 'limit' } })).status, 400)
})

test('the clock is set, moved and stopped; tokens age with it', async () => {
  const headers = bearer(emulator)
  const read = () => emulator.fetch(ORIGIN + LIMITS, { headers })
  assert.equal((await control(emulator, 'clock', { move: '1h' })).body.now, new Date(ANCHOR + HOUR_MS).toISOString())
  const response = await read()
  assert.equal(response.status, 200)
  assert.equal(Date.parse(response.headers.get('date') ?? ''), ANCHOR + HOUR_MS)
  await control(emulator, 'clock', { move: '3h' })
  assert.equal((await read()).status, 401)
  await control(emulator, 'clock', { set: '2026-11-01T00:00:00Z', frozen: true })
  assert.equal(emulator.org.now(), ANCHOR)
  for (const impossible of [
    { move: 'soon' },
    { move: 1e300 },
    { move: '-9999999d' },
    { set: '9999-12-31T00:00:00Z' },
  ]) {
    assert.equal((await control(emulator, 'clock', impossible)).status, 400, JSON.stringify(impossible))
    assert.equal(emulator.org.now(), ANCHOR)
  }
  for (const lag of ['-5m', '2d', 1e300]) {
    assert.equal((await control(emulator, 'commit-lag', { lag })).status, 400, `${lag}`)
  }
})

test('a moved org answers at its new address only, tokens and all, until it moves back', async () => {
  const headers = bearer(emulator)
  const { instanceUrl } = (await control(emulator, 'move-org')).body
  assert.notEqual(instanceUrl, ORIGIN)
  const old = await emulator.fetch(ORIGIN + LIMITS, { headers })
  assert.deepEqual([old.status, await old.text()], [420, ''])
  assert.equal((await emulator.fetch(instanceUrl + LIMITS, { headers })).status, 200)
  // Logging in goes on where it was: that is how a client learns of the new address.
  const { refresh_token } = emulator.issueRefreshToken(adminOf(emulator).username)
  const refreshed = await postToken(emulator, { grant_type: 'refresh_token', refresh_token })
  assert.deepEqual([refreshed.status, refreshed.body.instance_url], [200, instanceUrl])

  const redirecting = (await control(emulator, 'move-org', { oldHost: 'redirect' })).body.instanceUrl
  const sent = await emulator.fetch(ORIGIN + LIMITS, { headers, redirect: 'manual' })
  assert.deepEqual([sent.status, sent.headers.get('location')], [308, redirecting + LIMITS])
  await control(emulator, 'move-org', { away: false })
  assert.equal((await emulator.fetch(ORIGIN + LIMITS, { headers })).status, 200)
})

test('over a network a moved org listens on another port, also after a restart, with its clock as it was', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-move-'))
  try {
    const first = await serveEmulator({ port: 0, host: '127.0.0.1', scale: 0.1, dataDir })
    const headers = bearer(first.emulator)
    const post = (path: string, body: object) =>
      fetch(`${first.origin}/_control/${path}`, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      })
    const { instanceUrl } = await jsonOf(await post('move-org', {}))
    await post('clock', { set: '2031-01-01T00:00:00Z', frozen: true })
    assert.equal((await fetch(first.origin + LIMITS, { headers })).status, 420)
    assert.equal((await fetch(instanceUrl + LIMITS, { headers: bearer(first.emulator) })).status, 200)
    await first.close()

    const port = Number(new URL(first.origin).port)
    const second = await serveEmulator({ port, host: '127.0.0.1', dataDir })
    try {
      const response = await fetch(instanceUrl + LIMITS, { headers: bearer(second.emulator) })
      assert.equal(response.status, 200)
      assert.equal(response.headers.get('date'), 'Wed, 01 Jan 2031 00:00:00 GMT')
    } finally {
      await second.close()
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})

test('a restart forgets planned trouble and commit lag; a record that was late stays late by its own stamp', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-restart-'))
  let time = ANCHOR
  const open = (faults: FaultRule[] = []) =>
    createEmulator({ origin: ORIGIN, scale: 0.01, anchor: ANCHOR, now: () => time, dataDir, faults })
  const create = async (of: Emulator, Subject: string) =>
    (await control(of, 'records', { action: 'create', object: 'Case', fields: { Subject } })).body.id
  const sees = (of: Emulator, id: string) => of.org.findRecord(adminOf(of), 'Case', id) !== undefined
  const listRules = async (of: Emulator) => jsonOf(await of.fetch(`${ORIGIN}/_control/faults`))
  try {
    const first = open()
    await control(first, 'faults', { when: { times: 'always' }, do: { answer: 'limit' } })
    await control(first, 'commit-lag', { lag: '90s' })
    const late = await create(first, 'Late')
    assert.equal(sees(first, late), false)
    await first.close()

    const second = open([{ do: { answer: 'no-route' } }])
    const rules = await listRules(second)
    assert.deepEqual(
      rules.map(({ do: effects }: FaultRule) => effects),
      [{ answer: 'no-route' }],
    )
    assert.equal(sees(second, await create(second, 'At once')), true)
    assert.equal(sees(second, late), false)
    time += 91_000
    assert.equal(sees(second, late), true)
    await second.close()
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})
