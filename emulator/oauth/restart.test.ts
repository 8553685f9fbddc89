import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createEmulator, type Emulator } from '../app.ts'
import { adminOf, authorizeUrl, CALLBACK_URL, newVerifier, ORIGIN, postToken, TestBrowser } from '../test-browser.ts'

/** An org that can be stopped and started again on the same folder; a browser stays with whichever runs. */
function makeOrg(t: TestContext) {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-org-test-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const start = () => createEmulator({ origin: ORIGIN, scale: 0.1, dataDir, now: () => Date.UTC(2026, 10, 1, 12) })
  const running: { emulator: Emulator } = { emulator: start() }
  t.after(() => running.emulator.close())
  return {
    running,
    dataDir,
    browser: new TestBrowser({ fetch: (input, init) => running.emulator.fetch(input, init) }),
    async restart() {
      await running.emulator.close()
      running.emulator = start()
    },
  }
}

test('a code, the browser it was given to and the consent survive a restart', async (t) => {
  const { running, browser, restart } = makeOrg(t)
  const { verifier, challenge } = newVerifier()
  await browser.open(authorizeUrl(running.emulator, challenge))
  await browser.logIn(adminOf(running.emulator))
  const { url } = await browser.submit({ decision: 'allow' })
  await restart()
  const { emulator } = running
  const fields = { grant_type: 'authorization_code', redirect_uri: CALLBACK_URL, code_verifier: verifier }
  const code = url.searchParams.get('code') ?? ''
  assert.equal((await postToken(emulator, { ...fields, code })).status, 200)
  await restart()
  assert.equal((await postToken(running.emulator, { ...fields, code })).body.error, 'invalid_grant')

  const again = await browser.open(authorizeUrl(running.emulator, challenge))
  assert.ok(again.url.href.startsWith(`${CALLBACK_URL}?code=`), 'neither login nor consent is asked for again')
})

test('apps and the rules for signing in survive a restart', async (t) => {
  const { running, restart } = makeOrg(t)
  running.emulator.apps.save({ name: 'My Tool', callbackUrls: [CALLBACK_URL], sessionMinutes: 15 })
  running.emulator.appInstalled(false)
  running.emulator.signIns.change({ loginsPerHour: 5 })
  const saved = running.emulator.apps.list()
  await restart()
  assert.deepEqual(running.emulator.apps.list(), saved)
  assert.equal(running.emulator.apps.getByName('Loopline').installed, false)
  assert.equal(running.emulator.signIns.rules.loginsPerHour, 5)
})

test('neither codes nor tokens nor cookies are in the journal as they are', async (t) => {
  const { running, dataDir, browser } = makeOrg(t)
  const { verifier, challenge } = newVerifier()
  await browser.open(authorizeUrl(running.emulator, challenge))
  await browser.logIn(adminOf(running.emulator))
  const { url } = await browser.submit({ decision: 'allow' })
  const code = url.searchParams.get('code') ?? ''
  const fields = { grant_type: 'authorization_code', redirect_uri: CALLBACK_URL, code_verifier: verifier, code }
  const { body } = await postToken(running.emulator, fields)
  const journal = readFileSync(join(dataDir, 'journal.jsonl'), 'utf8')
  assert.match(journal, /code-issued/)
  for (const secret of [code, body.access_token, body.refresh_token, ...browser.cookieValues()]) {
    assert.ok(secret && !journal.includes(secret))
  }
})
