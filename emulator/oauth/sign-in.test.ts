import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Emulator } from '../app.ts'
import {
  adminOf,
  agentOf,
  authorizeUrl,
  newVerifier,
  ORIGIN,
  postToken,
  practice,
  TestBrowser,
} from '../test-browser.ts'

const HOUR_MS = 3_600_000
const { challenge } = newVerifier()

function logInByPassword(emulator: Emulator, { username, password }: { username: string; password: string }) {
  const { clientId, clientSecret } = emulator.apps.getByName('Classic Connector')
  const client = { client_id: clientId, client_secret: clientSecret }
  return postToken(emulator, { ...client, grant_type: 'password', username, password })
}

async function logInOnPage(emulator: Emulator, user: { username: string; password: string }) {
  const browser = new TestBrowser(emulator)
  await browser.open(authorizeUrl(emulator, challenge))
  return browser.logIn(user)
}

async function logInBySoap(emulator: Emulator, { username, password }: { username: string; password: string }) {
  const body = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><login xmlns="urn:partner.soap.sforce.com">
<username>${username}</username><password>${password}</password></login></e:Body></e:Envelope>`
  const response = await emulator.fetch(`${ORIGIN}/services/Soap/u/64.0`, {
    method: 'POST',
    body,
    headers: { soapaction: 'login' },
  })
  const text = await response.text()
  return response.ok ? 'in' : (/<faultcode>([^<]+)/.exec(text)?.[1] ?? text)
}

test('the password flow answers with a token and no scope, and takes the username in any case', () =>
  practice(async ({ emulator }) => {
    const { username, password } = adminOf(emulator)
    const { status, body } = await logInByPassword(emulator, { username: username.toUpperCase(), password })
    assert.equal(status, 200)
    assert.deepEqual(Object.keys(body).sort(), [
      'access_token',
      'id',
      'instance_url',
      'issued_at',
      'signature',
      'token_type',
    ])
  }))

test('locked, frozen and deactivated users are kept out, each in the words of the way they came', () =>
  practice(async ({ emulator }) => {
    const agent = agentOf(emulator)
    const cases: [() => void, string, string][] = [
      [() => emulator.signIns.change({ lockedUsers: [agent.username] }), 'invalid_grant', 'sf:INVALID_LOGIN'],
      [
        () => emulator.signIns.change({ lockedUsers: [], frozenUsers: [agent.username] }),
        'inactive_user',
        'sf:INVALID_LOGIN',
      ],
      [() => emulator.setUserActive(agent.username, false), 'inactive_user', 'sf:INVALID_LOGIN'],
    ]
    for (const [make, error, fault] of cases) {
      make()
      assert.equal((await logInByPassword(emulator, agent)).body.error, error)
      assert.equal(await logInBySoap(emulator, agent), fault)
      assert.match((await logInOnPage(emulator, agent)).text, /Please check your username and password/)
    }
    assert.equal((await logInByPassword(emulator, adminOf(emulator))).status, 200)
  }))

test('a frozen user’s refresh is refused, and works again after', () =>
  practice(async ({ emulator }) => {
    const { username } = agentOf(emulator)
    const { refresh_token } = emulator.issueRefreshToken(username)
    const refresh = () => postToken(emulator, { grant_type: 'refresh_token', refresh_token })
    emulator.signIns.change({ frozenUsers: [username] })
    assert.equal((await refresh()).body.error, 'inactive_user')
    emulator.signIns.change({ frozenUsers: [] })
    assert.equal((await refresh()).status, 200)
  }))

test('logins from outside of the IP ranges are refused, and refreshes, too', () =>
  practice(async ({ emulator }) => {
    const admin = adminOf(emulator)
    const { refresh_token } = emulator.issueRefreshToken(admin.username)
    emulator.signIns.change({ loginIpRanges: ['203.0.113.0/24'] })
    const restricted = { error: 'invalid_grant', error_description: 'ip restricted' }
    assert.deepEqual((await logInByPassword(emulator, admin)).body, restricted)
    assert.deepEqual((await postToken(emulator, { grant_type: 'refresh_token', refresh_token })).body, restricted)
    assert.equal(await logInBySoap(emulator, admin), 'sf:LOGIN_DURING_RESTRICTED_DOMAIN')
    assert.match((await logInOnPage(emulator, admin)).text, /from this IP address/)
    emulator.signIns.change({ loginIpRanges: ['203.0.113.0/24', '127.0.0.0/8'] })
    assert.equal((await logInByPassword(emulator, admin)).status, 200)
  }))

test('too many logins in an hour are refused until the hour is over', () =>
  practice(async ({ emulator, clock }) => {
    const admin = adminOf(emulator)
    emulator.signIns.change({ loginsPerHour: 2 })
    for (const status of [200, 200, 400]) assert.equal((await logInByPassword(emulator, admin)).status, status)
    assert.deepEqual((await logInByPassword(emulator, admin)).body, {
      error: 'rate_limit_exceeded',
      error_description: 'number of logins exceeded',
    })
    assert.equal(await logInBySoap(emulator, admin), 'sf:LOGIN_RATE_EXCEEDED')
    assert.equal((await logInByPassword(emulator, agentOf(emulator))).status, 200)
    emulator.apps.save({ name: 'Data Warehouse', runAs: admin.username })
    const { clientId, clientSecret } = emulator.apps.getByName('Data Warehouse')
    const credentials = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }
    assert.equal((await postToken(emulator, credentials)).body.error, 'rate_limit_exceeded')
    clock.ms += HOUR_MS
    assert.equal((await logInByPassword(emulator, admin)).status, 200)
  }))

test('where a security token is asked for, programs append it to the password; people never do', () =>
  practice(async ({ emulator }) => {
    const { username, password } = adminOf(emulator)
    const withToken = { username, password: password + emulator.signIns.securityTokenOf(adminOf(emulator)) }
    assert.equal(await logInBySoap(emulator, withToken), 'in')
    emulator.signIns.change({ securityToken: true })
    assert.equal(await logInBySoap(emulator, { username, password }), 'sf:LOGIN_MUST_USE_SECURITY_TOKEN')
    assert.equal(await logInBySoap(emulator, withToken), 'in')
    assert.equal((await logInByPassword(emulator, withToken)).status, 200)
    assert.match((await logInOnPage(emulator, { username, password })).text, /Allow access/)
    assert.match((await logInOnPage(emulator, withToken)).text, /Please check your username and password/)
  }))

test('a locked org lets nobody in', () =>
  practice(async ({ emulator }) => {
    emulator.signIns.change({ orgLocked: true })
    assert.equal((await logInByPassword(emulator, adminOf(emulator))).body.error, 'inactive_org')
    assert.equal(await logInBySoap(emulator, adminOf(emulator)), 'sf:ORG_LOCKED')
  }))

test('an API-only user logs in by program, but not on a page, where an app’s attempt ends in the generic error', () =>
  practice(async ({ emulator }) => {
    const apiOnly = emulator.org.users.find(({ permissions }) => permissions.has('ApiUserOnly'))
    assert.ok(apiOnly)
    assert.equal(await logInBySoap(emulator, apiOnly), 'in')
    const { status, text, url } = await logInOnPage(emulator, apiOnly)
    assert.equal(status, 400)
    assert.match(text, /OAUTH_APPROVAL_ERROR_GENERIC/)
    assert.equal(url.origin, ORIGIN)
    const browser = new TestBrowser(emulator)
    await browser.open(`${ORIGIN}/login`)
    assert.match((await browser.logIn(apiOnly)).text, /API-only users/)
  }))

test('a user without API access gets no SOAP session', () =>
  practice(async ({ emulator }) => {
    const user = emulator.org.users.find(({ permissions }) => !permissions.has('ApiEnabled'))
    assert.ok(user)
    assert.equal(await logInBySoap(emulator, user), 'sf:API_DISABLED_FOR_ORG')
  }))

test('the rules are changed over the control API, and an unknown user is named', () =>
  practice(async ({ emulator }) => {
    const post = async (body: object) => {
      const headers = { 'content-type': 'application/json' }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      const response = await emulator.fetch(`${ORIGIN}/_control/sign-in`, init)
      return { status: response.status, body: JSON.parse(await response.text()) }
    }
    assert.equal((await post({ soapLogin: false })).body.soapLogin, false)
    assert.equal(await logInBySoap(emulator, adminOf(emulator)), 'sf:INVALID_OPERATION')
    assert.match((await post({ lockedUsers: ['nobody@example.com'] })).body.error, /nobody@example.com/)
    assert.equal((await post({ loginIpRanges: ['here'] })).status, 400)
  }))
