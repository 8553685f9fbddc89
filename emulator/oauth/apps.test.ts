import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Emulator } from '../app.ts'
import { adminOf, agentOf, CALLBACK_URL, ORIGIN, postToken, practice, TestBrowser } from '../test-browser.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

function authorizeUrl(emulator: Emulator, name: string, more: Record<string, string> = {}): string {
  const { clientId } = emulator.apps.getByName(name)
  const parameters = { response_type: 'code', client_id: clientId, redirect_uri: CALLBACK_URL, ...more }
  return `${ORIGIN}/services/oauth2/authorize?${new URLSearchParams({ scope: 'api refresh_token id', ...parameters })}`
}

/** Logs in, allows if asked, and gives where the browser ends up. */
async function walk(emulator: Emulator, url: string, user = adminOf(emulator)): Promise<URL> {
  const browser = new TestBrowser(emulator)
  await browser.open(url)
  const page = await browser.logIn(user)
  return page.text.includes('Allow access') ? (await browser.submit({ decision: 'allow' })).url : page.url
}

function clientOf(emulator: Emulator, name: string) {
  const { clientId, clientSecret } = emulator.apps.getByName(name)
  return { client_id: clientId, client_secret: clientSecret }
}

/** Connects an app that doesn't ask for PKCE. */
async function connect(emulator: Emulator, name: string, user = adminOf(emulator)) {
  const url = await walk(emulator, authorizeUrl(emulator, name), user)
  return trade(emulator, name, url.searchParams.get('code') ?? '')
}

const trade = (emulator: Emulator, name: string, code: string, more: Record<string, string | undefined> = {}) =>
  postToken(emulator, {
    ...clientOf(emulator, name),
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK_URL,
    ...more,
  })

const refresh = (emulator: Emulator, name: string, token: string | undefined) =>
  postToken(emulator, { ...clientOf(emulator, name), grant_type: 'refresh_token', refresh_token: token })

async function control(emulator: Emulator, path: string, body: object) {
  const response = await emulator.fetch(`${ORIGIN}/_control/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

async function callApi(emulator: Emulator, token: string | undefined): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await emulator.fetch(`${ORIGIN}/services/data/v67.0/`, { headers })).status
}

const dead = { status: 400, body: { error: 'invalid_grant', error_description: 'expired access/refresh token' } }

test('an app that is not made to use PKCE does without, with S256, with plain, and with S256 unnamed', () =>
  practice(async ({ emulator }) => {
    assert.equal((await connect(emulator, 'Classic Connector')).status, 200)
    const verifier = 'v'.repeat(43)
    const codeFor = async (more: Record<string, string>) => {
      const url = await walk(emulator, authorizeUrl(emulator, 'Classic Connector', more))
      return url.searchParams.get('code') ?? ''
    }
    const plain = { code_challenge: verifier, code_challenge_method: 'plain' }
    const good = await trade(emulator, 'Classic Connector', await codeFor(plain), { code_verifier: verifier })
    assert.equal(good.status, 200)
    const wrong = await trade(emulator, 'Classic Connector', await codeFor(plain), { code_verifier: 'w'.repeat(43) })
    assert.deepEqual(wrong.body, { error: 'invalid_request', error_description: 'invalid code verifier' })
    const missing = await trade(emulator, 'Classic Connector', await codeFor(plain))
    assert.equal(missing.body.error, 'invalid_grant')
    const unasked = await trade(emulator, 'Classic Connector', await codeFor({}), { code_verifier: verifier })
    assert.equal(unasked.body.error, 'invalid_grant')
  }))

test("an app's code, refresh token and introspection are of no use to another app", () =>
  practice(async ({ emulator }) => {
    const url = await walk(emulator, authorizeUrl(emulator, 'Classic Connector'))
    const stolen = await trade(emulator, 'Loopline', url.searchParams.get('code') ?? '')
    assert.equal(stolen.body.error, 'invalid_grant')

    const { body } = await connect(emulator, 'Classic Connector')
    assert.deepEqual(await refresh(emulator, 'Loopline', body.refresh_token), dead)
    const look = (name: string) =>
      postToken(emulator, { ...clientOf(emulator, name), token: body.access_token }, { path: 'introspect' })
    assert.deepEqual((await look('Loopline')).body, { active: false })
    emulator.apps.save({ name: 'Loopline', introspectsAll: true })
    assert.equal((await look('Loopline')).body.client_id, emulator.apps.getByName('Classic Connector').clientId)
  }))

test('an admin-approved app lets in whom the admin approved, without asking them, and tells the others at the callback', () =>
  practice(async ({ emulator }) => {
    emulator.apps.save({ name: 'Partner Portal', requiresPkce: false })
    const browser = new TestBrowser(emulator)
    await browser.open(authorizeUrl(emulator, 'Partner Portal'))
    const back = await browser.logIn(adminOf(emulator))
    assert.ok(back.url.searchParams.has('code'))
    const refused = await walk(emulator, authorizeUrl(emulator, 'Partner Portal', { state: 's' }), agentOf(emulator))
    assert.deepEqual(Object.fromEntries(refused.searchParams), {
      error: 'OAUTH_APP_ACCESS_DENIED',
      error_description: 'user is not admin approved to access this app',
      state: 's',
    })
  }))

test('a blocked app gets an error page, no tokens, and its sessions end', () =>
  practice(async ({ emulator }) => {
    const { body } = await connect(emulator, 'Classic Connector')
    assert.equal(await callApi(emulator, body.access_token), 200)
    emulator.apps.save({ name: 'Classic Connector', blocked: true })
    assert.equal(await callApi(emulator, body.access_token), 401)
    assert.deepEqual(await refresh(emulator, 'Classic Connector', body.refresh_token), {
      status: 400,
      body: { error: 'app_blocked', error_description: 'this app is blocked by admin' },
    })
    const { status, text } = await new TestBrowser(emulator).open(authorizeUrl(emulator, 'Classic Connector'))
    assert.equal(status, 400)
    assert.match(text, /OAUTH_APP_BLOCKED/)
    assert.match(text, /this app is blocked by admin/)
  }))

test('the refresh token policy of an app holds: none at all, so many days, or so many days unused', () =>
  practice(async ({ emulator, clock }) => {
    const name = 'Classic Connector'
    emulator.apps.save({ name, refreshTokenLife: 'expire-at-once' })
    assert.equal((await connect(emulator, name)).body.refresh_token, undefined)

    emulator.apps.save({ name, refreshTokenLife: { days: 2 } })
    const fixed = (await connect(emulator, name)).body.refresh_token
    clock.ms += 2 * DAY_MS - MINUTE_MS
    assert.equal((await refresh(emulator, name, fixed)).status, 200)
    clock.ms += MINUTE_MS
    assert.deepEqual(await refresh(emulator, name, fixed), dead)

    emulator.apps.save({ name, refreshTokenLife: { unusedDays: 30 } })
    const sliding = (await connect(emulator, name)).body.refresh_token
    for (const days of [29, 29]) {
      clock.ms += days * DAY_MS
      assert.equal((await refresh(emulator, name, sliding)).status, 200)
    }
    clock.ms += 30 * DAY_MS
    assert.deepEqual(await refresh(emulator, name, sliding), dead)
  }))

test("an app's own session time-out goes before the org's", () =>
  practice(async ({ emulator, clock }) => {
    emulator.apps.save({ name: 'Classic Connector', sessionMinutes: 15 })
    const short = (await connect(emulator, 'Classic Connector')).body.access_token
    const long = emulator.issueToken(adminOf(emulator).username)
    clock.ms += 16 * MINUTE_MS
    assert.deepEqual([await callApi(emulator, short), await callApi(emulator, long)], [401, 200])
  }))

test('grants are counted for each app by itself', () =>
  practice(async ({ emulator }) => {
    const classic = (await connect(emulator, 'Classic Connector')).body.refresh_token
    for (let count = 0; count < 6; count += 1) emulator.issueRefreshToken(adminOf(emulator).username)
    assert.equal((await refresh(emulator, 'Classic Connector', classic)).status, 200)
  }))

test('a public client needs no secret, but a wrong one is refused', () =>
  practice(async ({ emulator }) => {
    const redirectUri = 'http://localhost:1717/OauthRedirect'
    const secretOf = async (secret: string | undefined) => {
      const url = await walk(emulator, authorizeUrl(emulator, 'Salesforce CLI', { redirect_uri: redirectUri }))
      return postToken(emulator, {
        grant_type: 'authorization_code',
        client_id: 'PlatformCLI',
        client_secret: secret,
        redirect_uri: redirectUri,
        code: url.searchParams.get('code') ?? '',
      })
    }
    for (const none of [undefined, '']) assert.equal((await secretOf(none)).status, 200)
    assert.equal((await secretOf('wrong')).body.error, 'invalid_client')
  }))

test('a public client, too, gets client credentials with its secret only, in the form or by Basic authentication', () =>
  practice(async ({ emulator }) => {
    const app = emulator.apps.save({ name: 'Data Warehouse', requiresSecret: false })
    const ask = (secret: string | undefined, headers: Record<string, string> = {}) => {
      const fields = { grant_type: 'client_credentials', client_id: app.clientId, client_secret: secret }
      return postToken(emulator, fields, { headers })
    }
    for (const secret of [undefined, '', 'wrong']) assert.equal((await ask(secret)).body.error, 'invalid_client')
    assert.equal((await ask(app.clientSecret)).status, 200)
    const basic = Buffer.from(`${app.clientId}:${app.clientSecret}`).toString('base64')
    assert.equal((await ask(undefined, { authorization: `Basic ${basic}` })).status, 200)
  }))

test('a flow that an app does not have is refused', () =>
  practice(async ({ emulator }) => {
    emulator.apps.save({ name: 'Data Warehouse', callbackUrls: [CALLBACK_URL] })
    const { url } = await new TestBrowser(emulator).open(authorizeUrl(emulator, 'Data Warehouse', { state: 's' }))
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      error: 'oauth_flow_disabled',
      error_description: 'oauth flow is disabled',
      state: 's',
    })
    const credentials = await postToken(emulator, { grant_type: 'client_credentials' })
    assert.deepEqual(credentials.body, {
      error: 'invalid_grant',
      error_description: 'no client credentials user enabled',
    })
  }))

test('client credentials act for the API-only user, who may call the API, with no more than an API needs', () =>
  practice(async ({ emulator }) => {
    const scopes = ['api', 'id', 'full', 'web', 'refresh_token']
    emulator.apps.save({ name: 'Data Warehouse', scopes })
    const { status, body } = await postToken(emulator, {
      ...clientOf(emulator, 'Data Warehouse'),
      grant_type: 'client_credentials',
    })
    assert.equal(status, 200)
    const runAs = emulator.org.users.find(({ permissions }) => permissions.has('ApiUserOnly'))
    assert.ok(runAs && body.id?.endsWith(runAs.userId))
    assert.deepEqual(body.scope?.split(' ').sort(), ['api', 'id'])
    assert.equal(body.refresh_token, undefined)
    assert.equal(await callApi(emulator, body.access_token), 200)
  }))

test('apps are added and changed over the control API, and mistakes are named', () =>
  practice(async ({ emulator }) => {
    const added = await control(emulator, 'apps', {
      name: 'My Tool',
      callbackUrls: [CALLBACK_URL],
      requiresPkce: false,
    })
    assert.equal(added.status, 200)
    assert.equal((await connect(emulator, 'My Tool')).status, 200)
    assert.deepEqual(added.body.clientSecret, emulator.apps.getByName('My Tool').clientSecret)

    for (const [wrong, words] of [
      [{ name: 'My Tool', certificate: 'no' }, /neither a certificate nor a public key/],
      [{ name: 'My Tool', scopes: ['everything'] }, /not a scope of Salesforce/],
      [{ name: 'My Tool', clientId: emulator.clientId }, /Another app has this client id/],
      [{ name: 'My Tool', colour: 'red' }, /colour/],
    ] as const) {
      const { status, body } = await control(emulator, 'apps', wrong)
      assert.equal(status, 400)
      assert.match(body.error, words)
    }
  }))

test('trouble on demand: a refresh denied once, and a refresh token that counts as used before', () =>
  practice(async ({ emulator }) => {
    const { body } = await connect(emulator, 'Classic Connector')
    emulator.faults.add({ do: { fault: 'refresh-denied' } })
    assert.deepEqual(await refresh(emulator, 'Classic Connector', body.refresh_token), dead)
    assert.equal((await refresh(emulator, 'Classic Connector', body.refresh_token)).status, 200)
    emulator.faults.add({ do: { fault: 'rotation-reuse' } })
    assert.deepEqual(await refresh(emulator, 'Classic Connector', body.refresh_token), dead)
    assert.deepEqual(await refresh(emulator, 'Classic Connector', body.refresh_token), dead)
    assert.equal(await callApi(emulator, body.access_token), 401)
  }))

test('trouble on demand: the token endpoint answers with any error that it is told to', () =>
  practice(async ({ emulator }) => {
    const { refresh_token } = emulator.issueRefreshToken(adminOf(emulator).username)
    emulator.faults.add({ do: { fault: 'token-error', errorCode: 'service_unavailable', message: 'try again later' } })
    assert.deepEqual(await refresh(emulator, 'Loopline', refresh_token), {
      status: 400,
      body: { error: 'service_unavailable', error_description: 'try again later' },
    })
    assert.equal((await refresh(emulator, 'Loopline', refresh_token)).status, 200)
  }))

test('with API Access Control on, only apps with approved users are let in, and users who may use any', () =>
  practice(async ({ emulator }) => {
    const { body } = await connect(emulator, 'Classic Connector')
    emulator.signIns.change({ apiAccessControl: true })
    assert.deepEqual((await refresh(emulator, 'Classic Connector', body.refresh_token)).body, {
      error: 'app_blocked',
      error_description: 'this app is blocked by admin',
    })
    const url = await walk(emulator, authorizeUrl(emulator, 'Classic Connector'))
    assert.equal(url.searchParams.get('error'), 'OAUTH_APP_BLOCKED')
    emulator.apps.save({ name: 'Partner Portal', requiresPkce: false })
    assert.equal((await connect(emulator, 'Partner Portal')).status, 200)

    const { userId } = adminOf(emulator)
    const permissionSet = 'Any_Client'
    emulator.org.changeAccess({ kind: 'add-permission-set', permissionSet })
    emulator.org.changeAccess({ kind: 'permission', permissionSet, permission: 'UseAnyApiClient', granted: true })
    emulator.org.changeAccess({ kind: 'assignment', permissionSet, userId, assigned: true })
    assert.equal((await refresh(emulator, 'Classic Connector', body.refresh_token)).status, 200)
  }))

test('apps without a server get their refresh token at a scheme of their own, or at Salesforce’s own page', () =>
  practice(async ({ emulator }) => {
    for (const redirect_uri of [`${ORIGIN}/services/oauth2/success`, 'classic-connector://callback', CALLBACK_URL]) {
      const browser = new TestBrowser({
        // The page stays in the org: what it is called with is looked at before it is opened.
        fetch: async (input, init) => {
          const response = await emulator.fetch(input, init)
          const location = response.headers.get('location')
          if (location?.startsWith(redirect_uri)) seen.push(location)
          return response
        },
      })
      const seen: string[] = []
      await browser.open(authorizeUrl(emulator, 'Classic Connector', { response_type: 'token', redirect_uri }))
      const { text } = await browser.logIn(adminOf(emulator))
      if (text.includes('Allow access')) await browser.submit({ decision: 'allow' })
      const fragment = new URLSearchParams(seen[0]?.split('#')[1])
      assert.ok(fragment.get('access_token'))
      assert.equal(fragment.has('refresh_token'), redirect_uri !== CALLBACK_URL)
    }
    const { status, text } = await new TestBrowser(emulator).open(`${ORIGIN}/services/oauth2/success`)
    assert.equal(status, 200)
    assert.match(text, /has been given access/)
  }))
