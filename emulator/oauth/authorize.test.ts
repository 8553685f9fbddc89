import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEmulator, type Emulator } from '../app.ts'
import {
  adminOf,
  agentOf,
  authorizeUrl,
  CALLBACK_URL,
  connect,
  newVerifier,
  ORIGIN,
  TestBrowser,
} from '../test-browser.ts'

async function practice(run: (emulator: Emulator, browser: TestBrowser) => Promise<void>): Promise<void> {
  const emulator = createEmulator({ origin: ORIGIN, anchor: Date.UTC(2026, 10, 1) })
  try {
    await run(emulator, new TestBrowser(emulator))
  } finally {
    await emulator.close()
  }
}

const { challenge } = newVerifier()
const isCallback = (url: URL) => url.href.startsWith(`${CALLBACK_URL}?`)

test('a person logs in, allows, and is sent back with a code and the same state', () =>
  practice(async (emulator, browser) => {
    const login = await browser.open(authorizeUrl(emulator, challenge))
    assert.equal(login.status, 200)
    assert.match(login.text, /<label for="username">Username<\/label>/)
    assert.match(login.text, /<label for="password">Password<\/label>/)
    assert.match(login.text, />Log In<\/button>/)

    const consent = await browser.logIn(adminOf(emulator))
    assert.match(consent.text, />Deny<\/button>/)
    assert.match(consent.text, />Allow<\/button>/)
    assert.match(consent.text, /Manage user data via APIs/)

    const back = await browser.submit({ decision: 'allow' })
    assert.ok(isCallback(back.url))
    assert.equal(back.url.searchParams.get('state'), 'state-1')
    assert.match(back.url.searchParams.get('code') ?? '', /^aPrx.+==$/)
  }))

test('Deny goes back with access_denied and the state', () =>
  practice(async (emulator, browser) => {
    await browser.open(authorizeUrl(emulator, challenge))
    await browser.logIn(adminOf(emulator))
    const { url } = await browser.submit({ decision: 'deny' })
    assert.ok(isCallback(url))
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      error: 'access_denied',
      error_description: 'end-user denied authorization',
      state: 'state-1',
    })
  }))

test("a wrong password is answered in Salesforce's words, and the person can try again", () =>
  practice(async (emulator, browser) => {
    await browser.open(authorizeUrl(emulator, challenge))
    const { username, password } = adminOf(emulator)
    const again = await browser.logIn({ username, password: 'wrong' })
    assert.match(again.text, /Please check your username and password/)
    assert.match(again.text, new RegExp(`value="${username}"`))
    assert.match((await browser.logIn({ username, password })).text, /Allow access/)
  }))

test('a deactivated user cannot log in', () =>
  practice(async (emulator, browser) => {
    const admin = adminOf(emulator)
    emulator.setUserActive(admin.username, false)
    await browser.open(authorizeUrl(emulator, challenge))
    assert.match((await browser.logIn(admin)).text, /Please check your username and password/)
  }))

test('someone already logged in there is asked for consent only, and who has consented is not asked at all', () =>
  practice(async (emulator, browser) => {
    await browser.open(authorizeUrl(emulator, challenge))
    await browser.logIn(adminOf(emulator))
    const second = await browser.open(authorizeUrl(emulator, challenge))
    assert.match(second.text, /Allow access/)
    await browser.submit({ decision: 'allow' })
    assert.ok(isCallback((await browser.open(authorizeUrl(emulator, challenge))).url))
  }))

test('prompt=login, consent and select_account each ask again', () =>
  practice(async (emulator, browser) => {
    await browser.open(authorizeUrl(emulator, challenge))
    await browser.logIn(adminOf(emulator))
    await browser.submit({ decision: 'allow' })
    const withPrompt = (prompt: string) => browser.open(authorizeUrl(emulator, challenge, { prompt }))
    assert.match((await withPrompt('login')).text, />Log In<\/button>/)
    assert.match((await withPrompt('consent')).text, /Allow access/)
    assert.match((await withPrompt('select_account')).text, /Choose a username/)
    assert.ok(isCallback((await browser.submit({})).url))
    await withPrompt('select_account login consent')
    assert.match((await browser.logIn(adminOf(emulator))).text, /Allow access/)
  }))

test('asking for more than was consented to before asks again', () =>
  practice(async (emulator, browser) => {
    await browser.open(authorizeUrl(emulator, challenge, { scope: 'api' }))
    await browser.logIn(adminOf(emulator))
    await browser.submit({ decision: 'allow' })
    assert.match((await browser.open(authorizeUrl(emulator, challenge))).text, /Perform requests at any time/)
  }))

test('login_hint fills in the username', () =>
  practice(async (emulator, browser) => {
    const { text } = await browser.open(authorizeUrl(emulator, challenge, { login_hint: 'ops@example.com' }))
    assert.match(text, /value="ops@example.com"/)
  }))

test('immediate=true shows nothing: it fails until the person is logged in and has consented', () =>
  practice(async (emulator, browser) => {
    const immediate = authorizeUrl(emulator, challenge, { immediate: 'true' })
    assert.equal((await browser.open(immediate)).url.searchParams.get('error'), 'immediate_unsuccessful')
    await browser.open(authorizeUrl(emulator, challenge))
    await browser.logIn(adminOf(emulator))
    await browser.submit({ decision: 'allow' })
    assert.ok((await browser.open(immediate)).url.searchParams.has('code'))
  }))

test('a wrong client id or callback ends on an error page, never at the callback', () =>
  practice(async (emulator, browser) => {
    const cases: [Record<string, string | undefined>, string][] = [
      [{ client_id: 'nope' }, 'error=invalid_client_id'],
      [{ redirect_uri: undefined }, 'error=redirect_uri_missing'],
      [{ redirect_uri: `${CALLBACK_URL}/` }, 'error=redirect_uri_mismatch'],
      [{ redirect_uri: 'https://evil.example/oauth/callback' }, 'error=redirect_uri_mismatch'],
    ]
    for (const [changes, words] of cases) {
      const { status, text, url } = await browser.open(authorizeUrl(emulator, challenge, changes))
      assert.equal(status, 400)
      assert.equal(url.origin, ORIGIN)
      assert.ok(text.includes(words), words)
    }
  }))

test('PKCE with S256 is required; other mistakes go back to the app with the state', () =>
  practice(async (emulator, browser) => {
    const cases: [Record<string, string | undefined>, string][] = [
      [{ code_challenge: undefined }, 'invalid_request'],
      [{ code_challenge_method: 'plain' }, 'invalid_request'],
      [{ code_challenge: 'short' }, 'invalid_request'],
      [{ response_type: 'code id_token' }, 'unsupported_response_type'],
      [{ scope: 'api no_such_scope' }, 'invalid_scope'],
    ]
    for (const [changes, error] of cases) {
      const { url } = await browser.open(authorizeUrl(emulator, challenge, changes))
      assert.ok(isCallback(url))
      assert.equal(url.searchParams.get('error'), error)
      assert.equal(url.searchParams.get('state'), 'state-1')
    }
  }))

test('a scope the app was not given surfaces after the login as OAUTH_APPROVAL_ERROR_GENERIC', () =>
  practice(async (emulator, browser) => {
    await browser.open(authorizeUrl(emulator, challenge, { scope: 'api full' }))
    const { text, url } = await browser.logIn(adminOf(emulator))
    assert.equal(url.origin, ORIGIN)
    assert.match(text, /OAUTH_APPROVAL_ERROR_GENERIC/)
  }))

test('an app that is not installed lets nobody new in, but those who were let in before', () =>
  practice(async (emulator) => {
    await connect(emulator)
    emulator.appInstalled(false)

    const stranger = new TestBrowser(emulator)
    await stranger.open(authorizeUrl(emulator, challenge))
    const { status, text, url } = await stranger.logIn(agentOf(emulator))
    assert.equal(status, 400)
    assert.match(url.search, /error=invalid_client&error_description=app\+must\+be\+installed\+into\+org/)
    assert.match(text, /OAUTH_APPROVAL_ERROR_GENERIC/)

    await connect(emulator)
    emulator.appInstalled(true)
    await connect(emulator, { user: agentOf(emulator) })
  }))

test('an administrator, or who holds the permission, lets in an app that is not installed', () =>
  practice(async (emulator) => {
    emulator.appInstalled(false)
    await connect(emulator)
    await assert.rejects(connect(emulator, { user: agentOf(emulator) }))
    const permission = 'ApproveUninstalledConnectedApps'
    emulator.org.changeAccess({ kind: 'add-permission-set', permissionSet: 'App_Approval' })
    emulator.org.changeAccess({ kind: 'permission', permissionSet: 'App_Approval', permission, granted: true })
    const { userId } = agentOf(emulator)
    emulator.org.changeAccess({ kind: 'assignment', permissionSet: 'App_Approval', userId, assigned: true })
    await connect(emulator, { user: agentOf(emulator) })
  }))

test('a form that another browser or site fills in is refused', () =>
  practice(async (emulator, browser) => {
    await browser.open(authorizeUrl(emulator, challenge))
    const { username, password } = adminOf(emulator)
    const attempt = /name="attempt" value="([^"]+)"/.exec(browser.page.text)?.[1] ?? ''
    const body = new URLSearchParams({ attempt, username, pw: password })
    const forged = await new TestBrowser(emulator).open(`${ORIGIN}/login`, { method: 'POST', body })
    assert.equal(forged.status, 400)
    assert.match(forged.text, /begun in another browser/)
  }))

test('what an app sends is shown as text, not as markup', () =>
  practice(async (emulator, browser) => {
    const { text } = await browser.open(
      authorizeUrl(emulator, challenge, { login_hint: '"><script>alert(1)</script>' }),
    )
    assert.doesNotMatch(text, /<script>/)
  }))

test('a page of the org is shown after the login, and a login leads nowhere else', () =>
  practice(async (emulator, browser) => {
    const result = emulator.org.query(adminOf(emulator), 'SELECT Id, Subject FROM Case LIMIT 1', { all: false })
    const [row] = [...result.rows()]
    const id = String(row?.[0])
    await browser.open(`${ORIGIN}/lightning/r/Case/${id}/view`)
    const record = await browser.logIn(adminOf(emulator))
    assert.equal(record.url.pathname, `/lightning/r/Case/${id}/view`)
    assert.match(record.text, /Case Number/)
    assert.equal((await browser.open(`${ORIGIN}/${id}`)).status, 200)
    assert.equal((await browser.open(`${ORIGIN}/500000000000000AAA`)).status, 404)

    await browser.open(`${ORIGIN}/login?startURL=//evil.example/`)
    assert.equal((await browser.logIn(adminOf(emulator))).url.href, `${ORIGIN}/`)
  }))

test('prompts combine: choose the account, log in again, and consent again', () =>
  practice(async (emulator, browser) => {
    await browser.open(authorizeUrl(emulator, challenge))
    await browser.logIn(adminOf(emulator))
    await browser.submit({ decision: 'allow' })
    const both = await browser.open(authorizeUrl(emulator, challenge, { prompt: 'select_account consent' }))
    assert.match(both.text, /Choose a username/)
    assert.match(both.text, /Log In with a Different Username/)
    assert.match((await browser.submit({})).text, /Allow access/)

    const attempt = /name="attempt" value="([^"]+)"/.exec(both.text)?.[1]
    await browser.open(`${ORIGIN}/login?attempt=${attempt}`)
    const { text } = await browser.logIn(agentOf(emulator))
    assert.match(text, new RegExp(`allow access for ${agentOf(emulator).username}`))
  }))

test('login_hint is ignored by who is logged in already', () =>
  practice(async (emulator, browser) => {
    await browser.open(authorizeUrl(emulator, challenge))
    await browser.logIn(adminOf(emulator))
    await browser.submit({ decision: 'allow' })
    assert.ok(isCallback((await browser.open(authorizeUrl(emulator, challenge, { login_hint: 'x@example.com' }))).url))
  }))

test('a popup leaves out what it has no room for, and touch makes fields larger', () =>
  practice(async (emulator, browser) => {
    const shown = async (display: string) => (await browser.open(authorizeUrl(emulator, challenge, { display }))).text
    assert.doesNotMatch(await shown('page'), /min-height: 3rem|\.aside \{ display: none/)
    assert.match(await shown('touch'), /min-height: 3rem/)
    assert.match(await shown('popup'), /\.aside \{ display: none/)
  }))

test('a login on a page ends after two hours without use', async () => {
  const clock = { ms: Date.UTC(2026, 10, 1, 12) }
  const emulator = createEmulator({ origin: ORIGIN, scale: 0.1, now: () => clock.ms })
  const browser = new TestBrowser(emulator)
  await browser.open(authorizeUrl(emulator, challenge))
  await browser.logIn(adminOf(emulator))
  await browser.submit({ decision: 'allow' })
  clock.ms += 119 * 60_000
  assert.ok(isCallback((await browser.open(authorizeUrl(emulator, challenge))).url))
  clock.ms += 120 * 60_000
  assert.match((await browser.open(authorizeUrl(emulator, challenge))).text, />Log In<\/button>/)
  await emulator.close()
})
