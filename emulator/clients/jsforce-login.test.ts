import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { SignJWT } from 'jose'
import { Connection, OAuth2 } from 'jsforce'
import { CALLBACK_URL, TestBrowser } from '../test-browser.ts'
import { serveOrg } from './served-org.ts'

type Served = Awaited<ReturnType<typeof serveOrg>>

function oauthOf({ emulator, origin }: Served, name: string, options: { useVerifier?: boolean } = {}): OAuth2 {
  const { clientId, clientSecret } = emulator.apps.getByName(name)
  return new OAuth2({ loginUrl: origin, clientId, clientSecret, redirectUri: CALLBACK_URL, ...options })
}

function adminOf({ emulator }: Served) {
  const [admin] = emulator.org.users
  assert.ok(admin)
  return admin
}

async function codeFor(served: Served, oauth2: OAuth2): Promise<string> {
  const browser = new TestBrowser({ fetch: globalThis.fetch }, served.origin)
  await browser.open(oauth2.getAuthorizationUrl({ scope: 'api id refresh_token' }))
  await browser.logIn(adminOf(served))
  const { url } = await browser.submit({ decision: 'allow' })
  return url.searchParams.get('code') ?? ''
}

test('jsforce connects with PKCE, whose verifier is the 171 characters that Salesforce takes', async (t) => {
  const served = await serveOrg(t)
  const oauth2 = oauthOf(served, 'Loopline', { useVerifier: true })
  const connection = new Connection({ oauth2, instanceUrl: served.origin, version: '67.0' })
  const userInfo = await connection.authorize(await codeFor(served, oauth2))
  assert.equal(userInfo.id, adminOf(served).userId)
  assert.equal(userInfo.organizationId, served.emulator.org.id)
  assert.equal((await connection.query('SELECT Id FROM Case LIMIT 1')).records.length, 1)

  const identity = await connection.identity()
  assert.equal(identity.username, adminOf(served).username)
  assert.equal(identity.organization_id, served.emulator.org.id)
})

test('jsforce renews its session by itself when it has expired', async (t) => {
  const served = await serveOrg(t)
  const oauth2 = oauthOf(served, 'Classic Connector')
  const connection = new Connection({ oauth2, instanceUrl: served.origin, version: '67.0' })
  await connection.authorize(await codeFor(served, oauth2))
  for (const _time of [1, 2]) {
    const before = connection.accessToken
    served.emulator.expireTokens()
    assert.equal((await connection.query('SELECT Id FROM Case LIMIT 1')).records.length, 1)
    assert.notEqual(connection.accessToken, before)
  }
})

test('jsforce tells of a rotated refresh token but keeps the old one, which works once only', async (t) => {
  const served = await serveOrg(t)
  const oauth2 = oauthOf(served, 'Loopline', { useVerifier: true })
  const connection = new Connection({ oauth2, instanceUrl: served.origin, version: '67.0' })
  await connection.authorize(await codeFor(served, oauth2))
  let rotated: string | undefined
  connection.on('refresh', (_accessToken, { refresh_token }) => {
    rotated = refresh_token
  })
  const query = async () => (await connection.query('SELECT Id FROM Case LIMIT 1')).records.length
  const given = connection.refreshToken
  served.emulator.expireTokens()
  assert.equal(await query(), 1)
  assert.ok(rotated && rotated !== given)
  assert.equal(connection.refreshToken, given)

  connection.refreshToken = rotated
  served.emulator.expireTokens()
  assert.equal(await query(), 1)
  // Left as it is, jsforce comes with the token of the time before, and is locked out.
  served.emulator.expireTokens()
  await assert.rejects(query(), /expired access\/refresh token/)
})

test('jsforce authorizes with client credentials and with a signed assertion', async (t) => {
  const served = await serveOrg(t)
  const { emulator, origin } = served
  const warehouse = new Connection({
    oauth2: oauthOf(served, 'Data Warehouse'),
    instanceUrl: origin,
    version: '67.0',
  })
  await warehouse.authorize({ grant_type: 'client_credentials' })
  assert.equal((await warehouse.identity()).username, emulator.apps.getByName('Data Warehouse').runAs)

  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const certificate = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const { clientId } = emulator.apps.save({ name: 'Nightly Reports', certificate })
  const assertion = await new SignJWT({ iss: clientId, sub: adminOf(served).username, aud: origin })
    .setProtectedHeader({ alg: 'RS256' })
    .setExpirationTime('2 minutes')
    .sign(privateKey)
  const reports = new Connection({ oauth2: oauthOf(served, 'Nightly Reports'), instanceUrl: origin, version: '67.0' })
  const userInfo = await reports.authorize({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion,
  })
  assert.equal(userInfo.id, adminOf(served).userId)
})

test('jsforce logs in with a password where the app and the org allow that flow, and is refused where not', async (t) => {
  const served = await serveOrg(t)
  const { emulator, origin } = served
  const { username, password } = adminOf(served)
  const refused = { name: 'invalid_grant', message: 'authentication failure' }
  const connection = new Connection({ oauth2: oauthOf(served, 'Classic Connector'), loginUrl: origin, version: '67.0' })
  await connection.loginByOAuth2(username, password)
  assert.equal((await connection.identity()).username, username)

  const classic = oauthOf(served, 'Classic Connector')
  await assert.rejects(classic.authenticate(username, 'wrong'), refused)
  // External Client Apps don't have this flow at all.
  await assert.rejects(oauthOf(served, 'Loopline').authenticate(username, password), refused)
  emulator.signIns.change({ usernamePasswordFlow: false })
  await assert.rejects(classic.authenticate(username, password), refused)
})

test('jsforce revokes its token when it logs out, and understands why it cannot', async (t) => {
  const served = await serveOrg(t)
  const oauth2 = oauthOf(served, 'Classic Connector')
  const connection = new Connection({ oauth2, instanceUrl: served.origin, version: '67.0' })
  await connection.authorize(await codeFor(served, oauth2))
  const { accessToken } = connection
  await connection.logoutByOAuth2()
  await assert.rejects(oauth2.revokeToken(accessToken ?? ''), { name: 'invalid_token', message: 'invalid token' })
  const stranger = new Connection({ instanceUrl: served.origin, accessToken: accessToken ?? '', version: '67.0' })
  await assert.rejects(async () => stranger.query('SELECT Id FROM Case LIMIT 1'), { errorCode: 'INVALID_SESSION_ID' })
})

test('jsforce logs in and out over SOAP, as far as a version and the org still have it', async (t) => {
  const served = await serveOrg(t)
  const { emulator, origin } = served
  const { username, password, userId } = adminOf(served)
  const connection = new Connection({ loginUrl: origin, version: '64.0' })
  const userInfo = await connection.login(username, password)
  assert.deepEqual([userInfo.id, userInfo.organizationId], [userId, emulator.org.id])
  assert.equal((await connection.query('SELECT Id FROM Case LIMIT 1')).records.length, 1)
  const { accessToken } = connection
  await connection.logout()
  const stranger = new Connection({ instanceUrl: origin, accessToken: accessToken ?? '', version: '64.0' })
  await assert.rejects(async () => stranger.query('SELECT Id FROM Case LIMIT 1'), { errorCode: 'INVALID_SESSION_ID' })

  await assert.rejects(
    new Connection({ loginUrl: origin, version: '64.0' }).login(username, 'wrong'),
    /^Error: INVALID_LOGIN: Invalid username, password, security token; or user locked out\.$/,
  )
  await assert.rejects(
    new Connection({ loginUrl: origin, version: '65.0' }).login(username, password),
    /INVALID_OPERATION: The SOAP Login operation is not available in the API version specified \(65\.0\)/,
  )
  emulator.signIns.change({ soapLogin: false })
  await assert.rejects(
    new Connection({ loginUrl: origin, version: '64.0' }).login(username, password),
    /INVALID_OPERATION: SOAP API login\(\) is disabled by default in this org/,
  )
})

test('jsforce learns over SOAP what time it is and who it is', async (t) => {
  const { emulator, connect } = await serveOrg(t)
  const connection = connect()
  const { timestamp } = await connection.soap.getServerTimestamp()
  assert.equal(new Date(timestamp).getTime() <= emulator.org.now(), true)
  const info = await connection.soap.getUserInfo()
  assert.equal(info.userName, emulator.org.users[0]?.username)
  assert.equal(info.organizationId, emulator.org.id)
  assert.ok(info.sessionSecondsValid > 7000 && info.sessionSecondsValid <= 7200)
})

test('a SOAP call without a session, or of an unknown operation, gets the fault that jsforce knows', async (t) => {
  const complaints: string[] = []
  const { origin, connect } = await serveOrg(t, { complain: (line) => complaints.push(line) })
  const stranger = new Connection({ instanceUrl: origin, accessToken: 'nobody', version: '67.0' })
  await assert.rejects(stranger.soap.getUserInfo(), { errorCode: 'sf:INVALID_SESSION_ID' })
  await assert.rejects(connect().soap.describeTabs(), { errorCode: 'soapenv:Client' })
  assert.match(complaints.join(), /describeTabs.*emulator\/soap/)
})
