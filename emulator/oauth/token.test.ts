import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { Emulator } from '../app.ts'
import {
  adminOf,
  agentOf,
  authorizeUrl,
  CALLBACK_URL,
  connect,
  jsonOf,
  newVerifier,
  ORIGIN,
  postToken,
  practice,
  TestBrowser,
} from '../test-browser.ts'
import { appChangeSchema } from './apps.ts'

const MINUTE_MS = 60_000

/** Goes as far as the code. */
async function getCode(emulator: Emulator, user = adminOf(emulator)): Promise<{ code: string; verifier: string }> {
  const { verifier, challenge } = newVerifier()
  const browser = new TestBrowser(emulator)
  await browser.open(authorizeUrl(emulator, challenge))
  const { url, text } = await browser.logIn(user)
  const back = text.includes('Allow access') ? (await browser.submit({ decision: 'allow' })).url : url
  return { code: back.searchParams.get('code') ?? '', verifier }
}

const trade = (emulator: Emulator, fields: Record<string, string | undefined>) =>
  postToken(emulator, { grant_type: 'authorization_code', redirect_uri: CALLBACK_URL, ...fields })

const refresh = (emulator: Emulator, token: string | undefined) =>
  postToken(emulator, { grant_type: 'refresh_token', refresh_token: token })

async function callApi(emulator: Emulator, token: string | undefined): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  return (await emulator.fetch(`${ORIGIN}/services/data/v67.0/`, { headers })).status
}

test('the token answer has what Salesforce sends and no expires_in', () =>
  practice(async ({ emulator, clock }) => {
    const answer = await connect(emulator)
    assert.deepEqual(Object.keys(answer).sort(), [
      'access_token',
      'id',
      'instance_url',
      'issued_at',
      'refresh_token',
      'scope',
      'signature',
      'token_type',
    ])
    assert.equal(answer.issued_at, String(clock.ms))
    assert.equal(answer.instance_url, ORIGIN)
    assert.equal(answer.token_type, 'Bearer')
    assert.deepEqual(answer.scope?.split(' ').sort(), ['api', 'id', 'refresh_token'])
    assert.equal(answer.id, `${ORIGIN}/id/${emulator.org.id}/${adminOf(emulator).userId}`)
    assert.ok(answer.access_token?.startsWith(`${emulator.org.id.slice(0, 15)}!`))
    const signature = createHmac('sha256', emulator.clientSecret).update(`${answer.id}${answer.issued_at}`)
    assert.equal(answer.signature, signature.digest('base64'))
    assert.equal(await callApi(emulator, answer.access_token), 200)
  }))

test('without the refresh_token scope there is no refresh token', () =>
  practice(async ({ emulator }) => {
    const answer = await connect(emulator, { scope: 'api id' })
    assert.equal(answer.refresh_token, undefined)
    assert.equal(await callApi(emulator, answer.access_token), 200)
  }))

test('a code works once, for 15 minutes, with its verifier and its callback', () =>
  practice(async ({ emulator, clock }) => {
    const used = await getCode(emulator)
    assert.equal((await trade(emulator, { code: used.code, code_verifier: used.verifier })).status, 200)
    const again = await trade(emulator, { code: used.code, code_verifier: used.verifier })
    assert.deepEqual(again, {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'expired authorization code' },
    })

    const old = await getCode(emulator)
    clock.ms += 15 * MINUTE_MS
    assert.equal((await trade(emulator, { code: old.code, code_verifier: old.verifier })).body.error, 'invalid_grant')

    const wrong = await getCode(emulator)
    const mismatch = await trade(emulator, { code: wrong.code, code_verifier: newVerifier().verifier })
    assert.equal(mismatch.body.error, 'invalid_request')
    const missing = await trade(emulator, { code: (await getCode(emulator)).code })
    assert.equal(missing.body.error, 'invalid_grant')

    const moved = await getCode(emulator)
    const elsewhere = { code: moved.code, code_verifier: moved.verifier, redirect_uri: `${CALLBACK_URL}/` }
    assert.equal((await trade(emulator, elsewhere)).body.error, 'redirect_uri_mismatch')
  }))

test('the client is checked, by form or by Basic authentication', () =>
  practice(async ({ emulator }) => {
    const { refresh_token } = emulator.issueRefreshToken(adminOf(emulator).username)
    const fields = { grant_type: 'refresh_token', refresh_token }
    const wrongId = await postToken(emulator, { ...fields, client_id: 'nope' })
    assert.deepEqual(wrongId, {
      status: 400,
      body: { error: 'invalid_client_id', error_description: 'client identifier invalid' },
    })
    const wrongSecret = await postToken(emulator, { ...fields, client_secret: 'nope' })
    assert.deepEqual(wrongSecret, {
      status: 400,
      body: { error: 'invalid_client', error_description: 'invalid client credentials' },
    })
    const basic = Buffer.from(`${emulator.clientId}:${emulator.clientSecret}`).toString('base64')
    const headers = { authorization: `Basic ${basic}` }
    const bare = { ...fields, client_id: undefined, client_secret: undefined }
    assert.equal((await postToken(emulator, bare, { headers })).status, 200)
    const broken = await postToken(emulator, bare, { headers: { authorization: 'Basic bm8=' } })
    assert.equal(broken.body.error, 'invalid_basic_auth_header')
  }))

test('names that JavaScript gives every object are neither grant types nor formats nor scopes', () =>
  practice(async ({ emulator }) => {
    for (const name of ['toString', 'constructor', '__proto__']) {
      const { status, body } = await postToken(emulator, { grant_type: name }, { headers: { accept: name } })
      assert.deepEqual([status, body.error], [400, 'unsupported_grant_type'])
      const browser = new TestBrowser(emulator)
      const { url } = await browser.open(authorizeUrl(emulator, newVerifier().challenge, { scope: `api ${name}` }))
      assert.equal(url.searchParams.get('error'), 'invalid_scope')
      assert.equal(appChangeSchema.safeParse({ name: 'My Tool', scopes: [name] }).success, false)
    }
  }))

test('other grant types and GET are refused', () =>
  practice(async ({ emulator }) => {
    const other = await postToken(emulator, { grant_type: 'urn:ietf:params:oauth:grant-type:saml2-bearer' })
    assert.deepEqual(other, {
      status: 400,
      body: { error: 'unsupported_grant_type', error_description: 'grant type not supported' },
    })
    const got = await emulator.fetch(`${ORIGIN}/services/oauth2/token`)
    assert.deepEqual(
      [got.status, await jsonOf(got)],
      [400, { error: 'invalid_request', error_description: 'must use HTTP POST' }],
    )
  }))

test('a refresh rotates the token; using the old one again ends the whole grant', () =>
  practice(async ({ emulator }) => {
    const first = await connect(emulator)
    const second = await refresh(emulator, first.refresh_token)
    assert.equal(second.status, 200)
    assert.notEqual(second.body.refresh_token, first.refresh_token)
    assert.equal(await callApi(emulator, second.body.access_token), 200)

    const dead = { error: 'invalid_grant', error_description: 'expired access/refresh token' }
    assert.deepEqual(await refresh(emulator, first.refresh_token), { status: 400, body: dead })
    assert.deepEqual(await refresh(emulator, second.body.refresh_token), { status: 400, body: dead })
    assert.equal(await callApi(emulator, second.body.access_token), 401)
  }))

test('without rotation the refresh token stays the same and is not sent again', () =>
  practice(
    async ({ emulator }) => {
      const { refresh_token } = await connect(emulator)
      const first = await refresh(emulator, refresh_token)
      assert.equal(first.body.refresh_token, undefined)
      assert.equal((await refresh(emulator, refresh_token)).status, 200)
    },
    { rotateRefreshTokens: false },
  ))

test("a user's sixth grant ends the oldest, and nobody else's", () =>
  practice(async ({ emulator }) => {
    const other = emulator.issueRefreshToken(agentOf(emulator).username)
    const grants = Array.from({ length: 6 }, () => emulator.issueRefreshToken(adminOf(emulator).username))
    assert.equal((await refresh(emulator, grants[0]?.refresh_token)).body.error, 'invalid_grant')
    assert.equal(await callApi(emulator, grants[0]?.access_token), 401)
    assert.equal((await refresh(emulator, grants[1]?.refresh_token)).status, 200)
    assert.equal((await refresh(emulator, other.refresh_token)).status, 200)
  }))

test('a session ends after two hours without use, and each use extends it', () =>
  practice(async ({ emulator, clock }) => {
    const token = emulator.issueToken(adminOf(emulator).username)
    clock.ms += 119 * MINUTE_MS
    assert.equal(await callApi(emulator, token), 200)
    clock.ms += 119 * MINUTE_MS
    assert.equal(await callApi(emulator, token), 200)
    clock.ms += 120 * MINUTE_MS
    assert.equal(await callApi(emulator, token), 401)
  }))

test('tokens expired by force are renewed with the refresh token; revoked grants are not', () =>
  practice(async ({ emulator }) => {
    const { access_token, refresh_token } = await connect(emulator)
    emulator.expireTokens()
    assert.equal(await callApi(emulator, access_token), 401)
    const renewed = await refresh(emulator, refresh_token)
    assert.equal(await callApi(emulator, renewed.body.access_token), 200)

    emulator.revokeGrants(adminOf(emulator).username)
    assert.equal(await callApi(emulator, renewed.body.access_token), 401)
    assert.equal((await refresh(emulator, renewed.body.refresh_token)).body.error, 'invalid_grant')
  }))

test('a deactivated user is refused as inactive_user, and goes on when active again', () =>
  practice(async ({ emulator }) => {
    const { username } = adminOf(emulator)
    const { access_token, refresh_token } = await connect(emulator)
    emulator.setUserActive(username, false)
    assert.equal(await callApi(emulator, access_token), 401)
    assert.deepEqual(await refresh(emulator, refresh_token), {
      status: 400,
      body: { error: 'inactive_user', error_description: 'user is inactive' },
    })
    emulator.setUserActive(username, true)
    assert.equal((await refresh(emulator, refresh_token)).status, 200)
  }))

test('a code that arrives when the app is no longer installed is refused', () =>
  practice(async ({ emulator }) => {
    const { code, verifier } = await getCode(emulator, agentOf(emulator))
    emulator.revokeGrants()
    emulator.appInstalled(false)
    assert.deepEqual(await trade(emulator, { code, code_verifier: verifier }), {
      status: 400,
      body: { error: 'invalid_client', error_description: 'app must be installed into org' },
    })
  }))

test('revoking either token ends what came from it', () =>
  practice(async ({ emulator }) => {
    const revoke = (token: string) => postToken(emulator, { token }, { path: 'revoke' })
    const first = await connect(emulator)
    assert.deepEqual(await revoke(first.access_token ?? ''), { status: 200, body: {} })
    assert.equal(await callApi(emulator, first.access_token), 401)
    const second = await refresh(emulator, first.refresh_token)
    assert.equal((await revoke(second.body.refresh_token ?? '')).status, 200)
    assert.equal(await callApi(emulator, second.body.access_token), 401)
    assert.equal((await refresh(emulator, second.body.refresh_token)).body.error, 'invalid_grant')
  }))

/** As https://github.com/omniphx/forrest/issues/213 shows it. */
test('a token that cannot be revoked is answered form-encoded, or as JSON to whoever asks for that', () =>
  practice(async ({ emulator }) => {
    const revoke = async (body: string, headers: Record<string, string> = {}) => {
      const url = `${ORIGIN}/services/oauth2/revoke`
      const response = await emulator.fetch(url, { method: 'POST', body, headers })
      return [response.status, response.headers.get('content-type')?.split(';')[0], await response.text()]
    }
    const form = 'application/x-www-form-urlencoded'
    assert.deepEqual(await revoke('other=x'), [
      400,
      form,
      'error=unsupported_token_type&error_description=this%20token%20type%20is%20not%20supported',
    ])
    const unknown = 'error=invalid_token&error_description=invalid%20token'
    assert.deepEqual(await revoke('token=nobody'), [400, form, unknown])
    const json = '{"error":"invalid_token","error_description":"invalid token"}'
    assert.deepEqual(await revoke('token=nobody', { accept: 'application/json' }), [400, 'application/json', json])
  }))

test('a token is revoked by GET, too, and with a callback as a page without a server would', () =>
  practice(async ({ emulator }) => {
    const revoke = async (token: string) => {
      const query = new URLSearchParams({ token, callback: 'app.done' })
      return (await emulator.fetch(`${ORIGIN}/services/oauth2/revoke?${query}`)).text()
    }
    const { access_token = '' } = await connect(emulator)
    assert.equal(await revoke(access_token), 'app.done({});')
    assert.equal(await callApi(emulator, access_token), 401)
    assert.match(await revoke(access_token), /^app\.done\(\{"error":"invalid_token"/)
  }))

test('introspection tells a live token from a dead one', () =>
  practice(async ({ emulator, clock }) => {
    const token = emulator.issueToken(adminOf(emulator).username)
    const introspect = (fields: Record<string, string>) => postToken(emulator, fields, { path: 'introspect' })
    const { body } = await introspect({ token })
    assert.equal(body.active, true)
    assert.equal(body.username, adminOf(emulator).username)
    assert.equal(Number(body.exp) - Number(body.iat), 7200)
    clock.ms += 121 * MINUTE_MS
    assert.deepEqual((await introspect({ token })).body, { active: false })
    assert.equal((await introspect({ token, client_secret: 'no' })).status, 400)
  }))

test('the token endpoint takes multipart forms and parameters in the URL, and answers in XML when asked', () =>
  practice(async ({ emulator }) => {
    const { refresh_token } = emulator.issueRefreshToken(adminOf(emulator).username)
    const body = new FormData()
    const fields = { grant_type: 'refresh_token', client_id: emulator.clientId, client_secret: emulator.clientSecret }
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    const url = `${ORIGIN}/services/oauth2/token?${new URLSearchParams({ refresh_token: refresh_token ?? '', format: 'xml' })}`
    const response = await emulator.fetch(url, { method: 'POST', body })
    assert.equal(response.status, 200)
    assert.match(await response.text(), /^<\?xml[^>]*><OAuth><access_token>00D[^<]+<\/access_token><refresh_token>/)
    const refused = await emulator.fetch(url, { method: 'POST', headers: { accept: 'application/xml' } })
    assert.match(await refused.text(), /<error>unsupported_grant_type<\/error>/)
    assert.equal(refused.headers.get('cache-control'), 'no-store')
  }))

test('a client assertion of another type is refused', () =>
  practice(async ({ emulator }) => {
    const assertion = { client_assertion: 'x.y.z', client_assertion_type: 'saml' }
    const wrong = await postToken(emulator, { grant_type: 'client_credentials', ...assertion })
    assert.equal(wrong.body.error, 'invalid_assertion_type')
  }))

test('a form that is too large or broken is refused, wherever one is taken', () =>
  practice(async ({ emulator }) => {
    const identity = `/id/${emulator.org.id}/${adminOf(emulator).userId}`
    for (const path of ['/services/oauth2/token', '/login', '/continue', '/setup/connect', identity]) {
      for (const [type, body] of [
        ['application/x-www-form-urlencoded', 'x'.repeat(200_000)],
        ['multipart/form-data; boundary=edge', 'no edge at all'],
      ] as const) {
        const headers = { 'content-type': type }
        const response = await emulator.fetch(ORIGIN + path, { method: 'POST', headers, body })
        assert.deepEqual([path, response.status, (await jsonOf(response)).error], [path, 400, 'invalid_request'])
      }
    }
  }))
