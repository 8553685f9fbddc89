import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Emulator } from '../app.ts'
import { adminOf, ORIGIN, postToken, practice, TestBrowser } from '../test-browser.ts'

const POLL_MS = 5000

function begin(emulator: Emulator, fields: Record<string, string> = {}) {
  const { clientId } = emulator.apps.getByName('Classic Connector')
  const request = {
    response_type: 'device_code',
    client_id: clientId,
    client_secret: undefined,
    scope: 'api refresh_token',
  }
  return postToken(emulator, { ...request, ...fields })
}

function poll(emulator: Emulator, code: string | undefined) {
  const { clientId } = emulator.apps.getByName('Classic Connector')
  return postToken(emulator, { grant_type: 'device', client_id: clientId, client_secret: undefined, code })
}

/** What a person does with the code, up to the question. */
async function enter(emulator: Emulator, userCode: string | undefined): Promise<TestBrowser> {
  const browser = new TestBrowser(emulator)
  await browser.open(`${ORIGIN}/setup/connect`)
  await browser.submit({ user_code: userCode ?? '' })
  await browser.logIn(adminOf(emulator))
  return browser
}

test('a device polls until its person has typed in the code, logged in and allowed it', () =>
  practice(async ({ emulator, clock }) => {
    const { body } = await begin(emulator)
    assert.deepEqual(Object.keys(body).sort(), ['device_code', 'interval', 'user_code', 'verification_uri'])
    assert.match(body.user_code ?? '', /^[A-Z0-9]{8}$/)
    assert.equal(body.verification_uri, `${ORIGIN}/setup/connect`)
    assert.equal((await poll(emulator, body.device_code)).body.error, 'authorization_pending')
    assert.equal((await poll(emulator, body.device_code)).body.error, 'slow_down')

    const browser = await enter(emulator, body.user_code?.toLowerCase())
    assert.match(browser.page.text, /Classic Connector/)
    assert.match((await browser.submit({ decision: 'allow' })).text, /connected/)
    clock.ms += POLL_MS
    const { status, body: tokens } = await poll(emulator, body.device_code)
    assert.equal(status, 200)
    assert.ok(tokens.access_token && tokens.refresh_token)
    clock.ms += POLL_MS
    assert.equal((await poll(emulator, body.device_code)).body.error, 'invalid_grant')
  }))

test('a person who denies is told to the device', () =>
  practice(async ({ emulator }) => {
    const { body } = await begin(emulator)
    const browser = await enter(emulator, body.user_code)
    assert.match((await browser.submit({ decision: 'deny' })).text, /Not connected/)
    assert.equal((await poll(emulator, body.device_code)).body.error, 'access_denied')
  }))

test('a wrong code can be typed again, and an old one has expired', () =>
  practice(async ({ emulator, clock }) => {
    const { body } = await begin(emulator)
    const browser = new TestBrowser(emulator)
    await browser.open(`${ORIGIN}/setup/connect?user_code=WRONG`)
    assert.match(browser.page.text, /value="WRONG"/)
    assert.match((await browser.submit({ user_code: 'WRONG' })).text, /invalid or has expired/)
    assert.match((await browser.submit({ user_code: body.user_code ?? '' })).text, /Log in to/)
    clock.ms += 10 * 60_000
    assert.equal((await poll(emulator, body.device_code)).body.error, 'invalid_grant')
  }))

test('the device flow is refused to apps without it, to unknown scopes, and to apps that aren’t installed', () =>
  practice(async ({ emulator }) => {
    const loopline = await begin(emulator, { client_id: emulator.clientId })
    assert.equal(loopline.body.error, 'oauth_flow_disabled')
    assert.equal((await begin(emulator, { scope: 'everything' })).body.error, 'invalid_scope')
    emulator.apps.save({ name: 'Classic Connector', installed: false })
    assert.deepEqual((await begin(emulator)).body, {
      error: 'invalid_client',
      error_description: 'app must be installed into org',
    })
  }))
