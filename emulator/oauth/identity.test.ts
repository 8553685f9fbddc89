import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { after, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { adminOf, agentOf, connect, jsonOf, ORIGIN, postToken } from '../test-browser.ts'

const emulator = createEmulator({ origin: ORIGIN, anchor: Date.UTC(2026, 10, 1) })
after(() => emulator.close())
const admin = adminOf(emulator)
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

test('userinfo and the identity URL say whose token it is', async () => {
  const token = emulator.issueToken(admin.username)
  const userinfo = await jsonOf(await emulator.fetch(`${ORIGIN}/services/oauth2/userinfo`, bearer(token)))
  assert.equal(userinfo.organization_id, emulator.org.id)
  assert.equal(userinfo.user_id, admin.userId)
  assert.equal(userinfo.preferred_username, admin.username)
  assert.equal(userinfo.sub, `${ORIGIN}/id/${emulator.org.id}/${admin.userId}`)

  const identity = await jsonOf(await emulator.fetch(userinfo.sub, bearer(token)))
  assert.equal(identity.username, admin.username)
  assert.equal(identity.organization_id, emulator.org.id)
  assert.equal(identity.urls.rest, `${ORIGIN}/services/data/v{version}/`)
})

test('the identity URL fails in plain words', async () => {
  const token = emulator.issueToken(admin.username)
  const cases: [string, string | undefined, number, string][] = [
    [`/id/${emulator.org.id}/${admin.userId}`, undefined, 403, 'Missing_OAuth_Token'],
    [`/id/${emulator.org.id}/${admin.userId}`, 'nope', 403, 'Bad_OAuth_Token'],
    [`/id/00D000000000000AAA/${admin.userId}`, token, 403, 'Wrong_Org'],
    [`/id/${emulator.org.id}/005000000000000AAA`, token, 404, 'Bad_Id'],
  ]
  for (const [path, given, status, words] of cases) {
    const response = await emulator.fetch(ORIGIN + path, given === undefined ? {} : bearer(given))
    assert.deepEqual([response.status, await response.text()], [status, words])
  }
})

test('an id token is signed with a key of the key set and is bound to the access token', async () => {
  const { id_token = '', access_token = '' } = await connect(emulator, { user: agentOf(emulator), scope: 'openid api' })
  const [header = '', payload = '', signature = ''] = id_token.split('.')
  const { kid, alg } = JSON.parse(Buffer.from(header, 'base64url').toString())
  const configuration = await jsonOf(await emulator.fetch(`${ORIGIN}/.well-known/openid-configuration`))
  const { keys } = await jsonOf(await emulator.fetch(configuration.jwks_uri))
  const jwk = keys.find((key: { kid: string }) => key.kid === kid)
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  assert.equal(alg, 'RS256')
  assert.ok(verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url')))

  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  assert.equal(claims.iss, configuration.issuer)
  assert.equal(claims.aud, emulator.clientId)
  assert.equal(claims.sub, `${ORIGIN}/id/${emulator.org.id}/${agentOf(emulator).userId}`)
  const half = createHash('sha256').update(access_token).digest().subarray(0, 16)
  assert.equal(claims.at_hash, half.toString('base64url'))
})

test('discovery names the endpoints of this very origin', async () => {
  const configuration = await jsonOf(await emulator.fetch(`${ORIGIN}/.well-known/openid-configuration`))
  assert.equal(configuration.issuer, ORIGIN)
  assert.equal(configuration.token_endpoint, `${ORIGIN}/services/oauth2/token`)
  assert.deepEqual(configuration.code_challenge_methods_supported, ['S256'])
})

test('userinfo and the identity URL come as JSON, XML or form-encoded, as format or Accept asks', async () => {
  const token = emulator.issueToken(admin.username)
  const ask = async (path: string, accept?: string) => {
    const headers = { ...bearer(token).headers, ...(accept !== undefined && { accept }) }
    const response = await emulator.fetch(ORIGIN + path, { headers })
    return [response.headers.get('content-type')?.split(';')[0], await response.text()]
  }
  const identity = `/id/${emulator.org.id}/${admin.userId}`
  const [jsonType, json = ''] = await ask(identity, '*/*')
  assert.equal(jsonType, 'application/json')
  assert.equal(JSON.parse(json).username, admin.username)
  const [xmlType, xml = ''] = await ask(identity, 'application/xml,application/json')
  assert.equal(xmlType, 'application/xml')
  assert.match(xml, new RegExp(`<username>${admin.username}</username>`))
  const [formType, form = ''] = await ask('/services/oauth2/userinfo?format=urlencoded', 'application/json')
  assert.equal(formType, 'application/x-www-form-urlencoded')
  assert.equal(new URLSearchParams(form).get('preferred_username'), admin.username)
  const [scriptType, script = ''] = await ask(`${identity}?callback=app.load`)
  assert.equal(scriptType, 'text/javascript')
  assert.match(script, /^app\.load\(\{.*\}\);$/)
})

test('the identity URL takes 15-character ids, the token as a parameter, and a version for its URLs', async () => {
  const token = emulator.issueToken(admin.username)
  const path = `/id/${emulator.org.id.slice(0, 15)}/${admin.userId.slice(0, 15)}`
  const identity = await jsonOf(await emulator.fetch(`${ORIGIN}${path}?version=latest&oauth_token=${token}`))
  assert.equal(identity.user_id, admin.userId)
  assert.equal(identity.urls.query, `${ORIGIN}/services/data/v67.0/query/`)
  assert.equal(identity.urls.partner, `${ORIGIN}/services/Soap/u/67.0/${emulator.org.id.slice(0, 15)}`)
})

test('the identity of another user takes the api scope', async () => {
  const path = `/id/${emulator.org.id}/${agentOf(emulator).userId}`
  const withApi = await emulator.fetch(ORIGIN + path, bearer(emulator.issueToken(admin.username)))
  assert.equal((await jsonOf(withApi)).asserted_user, false)
  const { access_token = '' } = await connect(emulator, { user: admin, scope: 'id' })
  const without = await emulator.fetch(ORIGIN + path, bearer(access_token))
  assert.deepEqual([without.status, await without.text()], [403, 'No_Access'])
})

test('a refresh of an app that asked for openid brings an id token, too', async () => {
  const { refresh_token, id_token = '' } = await connect(emulator, { user: admin, scope: 'openid api refresh_token' })
  const { body } = await postToken(emulator, { grant_type: 'refresh_token', refresh_token })
  assert.ok(body.id_token && body.id_token !== id_token)
})
