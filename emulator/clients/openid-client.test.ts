import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { createRemoteJWKSet, jwtVerify, SignJWT } from 'jose'
import * as oidc from 'openid-client'
import { CALLBACK_URL, TestBrowser } from '../test-browser.ts'
import { serveOrg } from './served-org.ts'

type Served = Awaited<ReturnType<typeof serveOrg>>

const insecure = { execute: [oidc.allowInsecureRequests] }
const SCOPES = 'openid api refresh_token id profile email'

async function discover({ origin, emulator }: Served, app = appNamed(emulator, 'Loopline')) {
  return oidc.discovery(new URL(origin), app.clientId, app.clientSecret, undefined, insecure)
}

function appNamed(emulator: Served['emulator'], name: string) {
  const app = emulator.apps.getByName(name)
  return { clientId: app.clientId, clientSecret: app.clientSecret }
}

function adminOf({ emulator }: Served) {
  const [admin] = emulator.org.users
  assert.ok(admin)
  return admin
}

/** Connects as a person would: the pages, then the code for tokens, checked by the client. */
async function connect(served: Served, config: oidc.Configuration, scope = SCOPES) {
  const codeVerifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const nonce = oidc.randomNonce()
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK_URL,
    scope,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  })
  const browser = new TestBrowser({ fetch: globalThis.fetch }, served.origin)
  await browser.open(url.href)
  await browser.logIn(adminOf(served))
  const { url: callback } = await browser.submit({ decision: 'allow' })
  const checks = { pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  return oidc.authorizationCodeGrant(config, callback, checks)
}

test('openid-client discovers the org, walks a person through it, and accepts its signed id token', async (t) => {
  const served = await serveOrg(t)
  const config = await discover(served)
  assert.ok(config.serverMetadata().supportsPKCE())
  const tokens = await connect(served, config)
  const { userId, username } = adminOf(served)
  const subject = `${served.origin}/id/${served.emulator.org.id}/${userId}`
  assert.equal(tokens.claims()?.sub, subject)
  assert.equal(tokens.claims()?.aud, appNamed(served.emulator, 'Loopline').clientId)

  const info = await oidc.fetchUserInfo(config, tokens.access_token, subject)
  assert.equal(info.preferred_username, username)
  assert.equal(info.organization_id, served.emulator.org.id)
})

test('an app may get JWT-based access tokens, which are proved by the key set and end when they say', async (t) => {
  const clock = { ms: Date.now() }
  const served = await serveOrg(t, { now: () => clock.ms })
  const { emulator, origin } = served
  emulator.apps.save({ name: 'Loopline', jwtAccessTokens: true, sessionMinutes: 30 })
  const config = await discover(served)
  const tokens = await connect(served, config)
  const { payload } = await jwtVerify(tokens.access_token, createRemoteJWKSet(new URL(`${origin}/id/keys`)))
  assert.equal(payload.sub, `uid:${adminOf(served).userId}`)
  assert.equal(Number(payload.exp) - Number(payload.iat), 1800)
  const call = () =>
    fetch(`${origin}/services/data/v67.0/`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
  clock.ms += 20 * 60_000
  assert.equal((await call()).status, 200)
  clock.ms += 10 * 60_000
  assert.equal((await call()).status, 401)

  const soap = async (version: string) => {
    const token = (
      await oidc.refreshTokenGrant(config, emulator.issueRefreshToken(adminOf(served).username).refresh_token ?? '')
    ).access_token
    const body = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader><sessionId>${token}</sessionId></SessionHeader></e:Header><e:Body><getUserInfo/></e:Body></e:Envelope>`
    return (
      await fetch(`${origin}/services/Soap/u/${version}`, { method: 'POST', body, headers: { soapaction: '""' } })
    ).status
  }
  assert.deepEqual([await soap('67.0'), await soap('66.0')], [200, 500])
})

test('openid-client refreshes: the refresh token rotates, and the old one ends the grant', async (t) => {
  const served = await serveOrg(t)
  const config = await discover(served)
  const first = await connect(served, config)
  assert.ok(first.refresh_token)
  const second = await oidc.refreshTokenGrant(config, first.refresh_token)
  assert.ok(second.refresh_token)
  assert.notEqual(second.refresh_token, first.refresh_token)
  const dead = { error: 'invalid_grant', error_description: 'expired access/refresh token', status: 400 }
  await assert.rejects(oidc.refreshTokenGrant(config, first.refresh_token), dead)
  await assert.rejects(oidc.refreshTokenGrant(config, second.refresh_token), dead)
})

test('openid-client introspects and revokes: a revoked token is no longer active', async (t) => {
  const served = await serveOrg(t)
  const config = await discover(served)
  const tokens = await connect(served, config)
  const alive = await oidc.tokenIntrospection(config, tokens.access_token)
  assert.deepEqual([alive.active, alive.username, alive.token_type], [true, adminOf(served).username, 'access_token'])
  assert.equal(Number(alive.exp) - Number(alive.iat), 7200)
  assert.equal((await oidc.tokenIntrospection(config, tokens.refresh_token ?? '')).token_type, 'refresh_token')

  await oidc.tokenRevocation(config, tokens.refresh_token ?? '')
  assert.deepEqual(await oidc.tokenIntrospection(config, tokens.access_token), { active: false })
  // It looks for JSON only; Salesforce answers form-encoded.
  await assert.rejects(oidc.tokenRevocation(config, 'nobody’s'), /unexpected response content-type/)
})

test('openid-client gets a token by client credentials, for the user that the app runs as', async (t) => {
  const served = await serveOrg(t)
  const { emulator } = served
  const config = await discover(served, appNamed(emulator, 'Data Warehouse'))
  const tokens = await oidc.clientCredentialsGrant(config)
  assert.equal(tokens.refresh_token, undefined)
  const { runAs } = emulator.apps.getByName('Data Warehouse')
  const info = await oidc.fetchUserInfo(config, tokens.access_token, oidc.skipSubjectCheck)
  assert.equal(info.preferred_username, runAs)

  emulator.apps.save({ name: 'Data Warehouse', runAs: null })
  await assert.rejects(oidc.clientCredentialsGrant(config), {
    error: 'invalid_grant',
    error_description: 'no client credentials user enabled',
  })
})

test('openid-client authenticates its app with a signed assertion instead of a secret', async (t) => {
  const served = await serveOrg(t)
  const keys = await uploadKey(served, 'Data Warehouse')
  const key = await crypto.subtle.importKey(
    'pkcs8',
    keys.privateKey.export({ type: 'pkcs8', format: 'der' }),
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const { clientId } = appNamed(served.emulator, 'Data Warehouse')
  const authentication = oidc.PrivateKeyJwt(key)
  const config = await oidc.discovery(new URL(served.origin), clientId, undefined, authentication, insecure)
  assert.ok((await oidc.clientCredentialsGrant(config)).access_token)

  await uploadKey(served, 'Data Warehouse')
  await assert.rejects(oidc.clientCredentialsGrant(config), { error: 'invalid_client' })
})

test('openid-client trades a signed assertion for a token, and is refused when its claims are wrong', async (t) => {
  const served = await serveOrg(t)
  const { emulator, origin } = served
  const keys = await uploadKey(served, 'Nightly Reports')
  const { clientId } = appNamed(emulator, 'Nightly Reports')
  const config = await oidc.discovery(new URL(origin), clientId, undefined, oidc.None(), insecure)
  const { username } = adminOf(served)
  const now = Math.floor(Date.now() / 1000)
  const trade = async (changes: Record<string, unknown> = {}, key = keys.privateKey) => {
    const claims = { iss: clientId, sub: username, aud: 'https://login.salesforce.com', exp: now + 120, ...changes }
    const assertion = await new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(key)
    return oidc.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion })
  }
  const tokens = await trade()
  assert.equal(tokens.refresh_token, undefined)
  const info = await oidc.fetchUserInfo(config, tokens.access_token, oidc.skipSubjectCheck)
  assert.equal(info.preferred_username, username)
  // The org's own address is an audience, too; and Salesforce's CLI sends an `exp` in milliseconds.
  await trade({ aud: origin, exp: Date.now() + 300 })
  // `prn` is what drafts of the standard called `sub`.
  await trade({ sub: undefined, prn: username })

  const invalid = (description: string) => ({ error: 'invalid_grant', error_description: description, status: 400 })
  await assert.rejects(trade({ aud: 'https://test.salesforce.com' }), invalid('Audience validation failed'))
  await assert.rejects(trade({ exp: now - 1 }), invalid('expired authorization code'))
  await assert.rejects(trade({}, newKeys().privateKey), invalid('invalid assertion'))
  await assert.rejects(trade({ sub: 'nobody@example.com' }), invalid("user hasn't approved this consumer"))
  await assert.rejects(trade({ iss: 'nope' }), { error: 'invalid_client_id' })
  const [, agent] = emulator.org.users
  await assert.rejects(trade({ sub: agent?.username }), {
    error: 'invalid_app_access',
    error_description: 'user is not admin approved to access this app',
  })
  // Where users approve for themselves, an approval that included a refresh token must have come before.
  emulator.apps.save({ name: 'Nightly Reports', permittedUsers: 'all' })
  await assert.rejects(trade(), invalid("user hasn't approved this consumer"))
})

test('openid-client reads the answer of the user-agent flow from the fragment', async (t) => {
  const served = await serveOrg(t)
  const { clientId } = appNamed(served.emulator, 'Classic Connector')
  const browser = new TestBrowser({ fetch: globalThis.fetch }, served.origin)
  const nonce = randomUUID()
  const config = await discover(served, appNamed(served.emulator, 'Classic Connector'))
  const url = oidc.buildAuthorizationUrl(config, {
    response_type: 'token id_token',
    redirect_uri: CALLBACK_URL,
    scope: 'openid api refresh_token',
    nonce,
    state: 'state-1',
  })
  await browser.open(url.href)
  await browser.logIn(adminOf(served))
  const { url: callback } = await browser.submit({ decision: 'allow' })
  const fragment = new URLSearchParams(callback.hash.slice(1))
  assert.equal(callback.search, '')
  assert.equal(fragment.get('state'), 'state-1')
  assert.equal(fragment.get('refresh_token'), null)
  const claims = JSON.parse(Buffer.from(fragment.get('id_token')?.split('.')[1] ?? '', 'base64url').toString())
  assert.deepEqual([claims.aud, claims.nonce], [clientId, nonce])
  const info = await oidc.fetchUserInfo(config, fragment.get('access_token') ?? '', claims.sub)
  assert.equal(info.sub, claims.sub)

  served.emulator.apps.save({ name: 'Classic Connector', flows: ['web-server'] })
  const { url: refused } = await new TestBrowser({ fetch: globalThis.fetch }, served.origin).open(url.href)
  assert.equal(new URLSearchParams(refused.hash.slice(1)).get('error'), 'oauth_flow_disabled')
})

function newKeys() {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** Uploads a new public key for the app, over the control call. */
async function uploadKey({ origin }: Served, name: string): Promise<ReturnType<typeof newKeys>> {
  const keys = newKeys()
  const certificate = keys.publicKey.export({ type: 'spki', format: 'pem' })
  const response = await fetch(`${origin}/_control/apps`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, certificate }),
  })
  assert.equal(response.status, 200, await response.text())
  return keys
}
