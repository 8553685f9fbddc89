import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createEmulator, type Emulator } from '../app.ts'
import {
  adminOf,
  agentOf,
  authorizeUrl,
  CALLBACK_URL,
  jsonOf,
  newVerifier,
  ORIGIN,
  postToken,
  TestBrowser,
} from '../test-browser.ts'

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

test('what was changed about an app is kept, and its callbacks follow the options of the next start', async (t) => {
  const { dataDir, running } = makeOrg(t)
  running.emulator.apps.save({ name: 'Loopline', sessionMinutes: 15 })
  running.emulator.appInstalled(false)
  await running.emulator.close()
  const callbackUrls = ['https://elsewhere.example/oauth/callback']
  running.emulator = createEmulator({ origin: ORIGIN, dataDir, callbackUrls, rotateRefreshTokens: false })
  const {
    callbackUrls: known,
    rotatesRefreshTokens,
    sessionMinutes,
    installed,
  } = running.emulator.apps.getByName('Loopline')
  assert.deepEqual([known, rotatesRefreshTokens, sessionMinutes, installed], [callbackUrls, false, 15, false])
})

test('a journal of the time when there was one app is replayed: records, users, sessions, grants and consent', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-org-test-'))
  t.after(() => rmSync(dataDir, { recursive: true, force: true }))
  const at = 1_793_534_400_000
  const [adminId, agentId, caseId] = ['0055f0000000000AAA', '0055f0000000001AAA', '5005f000000004qAAA']
  const hash = (token: string) => createHash('sha256').update(token).digest('base64url')
  const scopes = ['id', 'api', 'refresh_token', 'openid', 'profile', 'email']
  const change = (fields: object) => ({ type: 'change', change: { at, byUserId: adminId, ...fields } })
  // As that version wrote them, one after the other, but for the tokens.
  const entries = [
    { type: 'start', seed: 1, scale: 0.1, anchor: at },
    change({
      kind: 'create',
      objectName: 'Case',
      id: caseId,
      fields: {
        Status: 'New',
        Priority: 'Medium',
        OwnerId: adminId,
        Subject: 'Kept',
        CaseNumber: '00001301',
        IsClosed: false,
      },
    }),
    change({ kind: 'update', objectName: 'Case', id: caseId, fields: { Subject: 'Kept, changed' } }),
    { type: 'session-started', tokenHash: hash('access'), userId: adminId, scopes, grantId: null, at },
    { type: 'app-approved', userId: adminId, scopes },
    { type: 'grant-made', grantId: '99b6', userId: adminId, scopes, refreshHash: hash('refresh') },
    { type: 'session-started', tokenHash: hash('first'), userId: adminId, scopes, grantId: '99b6', at },
    { type: 'session-started', tokenHash: hash('second'), userId: adminId, scopes, grantId: '99b6', at },
    { type: 'refresh-rotated', grantId: '99b6', refreshHash: hash('rotated') },
    { type: 'app-approved', userId: agentId, scopes },
    { type: 'grant-made', grantId: '1ce3', userId: agentId, scopes, refreshHash: hash('revoked') },
    { type: 'session-started', tokenHash: hash('ended'), userId: agentId, scopes, grantId: '1ce3', at },
    { type: 'grant-revoked', grantId: '1ce3' },
    { type: 'approval-withdrawn', userId: agentId },
    { type: 'app-installed', installed: false },
    { type: 'visibility', userId: agentId, object: 'Case', field: 'Description', visible: false },
    change({ kind: 'update', objectName: 'User', id: agentId, fields: { IsActive: false } }),
  ]
  writeFileSync(join(dataDir, 'journal.jsonl'), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''))

  const emulator = createEmulator({ origin: ORIGIN, dataDir, now: () => at + 60_000 })
  t.after(() => emulator.close())
  const read = (token: string) =>
    emulator.fetch(`${ORIGIN}/services/data/v67.0/sobjects/Case/${caseId}`, {
      headers: { authorization: `Bearer ${token}` },
    })
  for (const token of ['access', 'first', 'second'])
    assert.equal((await jsonOf(await read(token))).Subject, 'Kept, changed')
  assert.equal((await read('ended')).status, 401)
  assert.equal(agentOf(emulator).active, false)
  const fields = emulator.org.getObject(agentOf(emulator), 'Case').fields.map(({ name }) => name)
  assert.ok(!fields.includes('Description'))

  // All of it is Loopline's: its grants, its consent, its being uninstalled.
  const { body } = await postToken(emulator, { token: 'rotated' }, { path: 'introspect' })
  assert.deepEqual([body.active, body.client_id, body.iat], [true, emulator.clientId, at / 1000])
  assert.equal(emulator.apps.getByName('Loopline').installed, false)
  const browser = new TestBrowser(emulator)
  await browser.open(authorizeUrl(emulator, newVerifier().challenge))
  const { url } = await browser.logIn(adminOf(emulator))
  assert.ok(url.href.startsWith(`${CALLBACK_URL}?code=`), 'neither a stranger nor asked again')
  const refresh = (refresh_token: string) => postToken(emulator, { grant_type: 'refresh_token', refresh_token })
  assert.equal((await refresh('revoked')).body.error, 'invalid_grant')
  assert.equal((await refresh('rotated')).status, 200)
  assert.equal((await refresh('refresh')).body.error, 'invalid_grant', 'used before, also then')
  assert.equal((await read('second')).status, 401)
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
