import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { ApiBrowser, becomeAdmin, becomeInvited, logInAtSalesforce, openApi } from '../../test/api.ts'
import { testDatabase } from '../../test/database.ts'
import type { ConnectAttempt, ConnectStart, DomainCheck, Integration, IntegrationDraft, Problem } from './schemas.ts'

const { sql, url } = await testDatabase()
const api = await openApi({ sql, url })
after(() => api.close())

const admin = await becomeAdmin(api)
const domain = 'http://127.0.0.1:7466'
const draft: IntegrationDraft = { name: 'Acme Support', capability: 'helpdesk', environment: 'production', domain }

const startConnecting = (changes: Partial<IntegrationDraft> = {}, browser = admin) =>
  browser.call<ConnectStart>('POST', '/integrations/connect', { draft: { ...draft, ...changes } })
const attemptOf = ({ attemptId }: ConnectStart) => admin.call<ConnectAttempt>('GET', `/connect-attempts/${attemptId}`)
const listIntegrations = async () => (await admin.call<{ items: Integration[] }>('GET', '/integrations')).items

beforeEach(async () => {
  api.clock.now = new Date()
  await sql`delete from loopline.integrations`
  await sql`delete from loopline.audit_events`
})

test('after the login and Allow, the integration stands in the list and its first run has begun', async () => {
  const start = await startConnecting()
  assert.ok(start.authorizationUrl.startsWith(`${domain}/services/oauth2/authorize?`))
  assert.deepEqual(await listIntegrations(), [], 'nothing is added before access is given')
  assert.equal((await attemptOf(start)).state, 'pending')

  const page = await logInAtSalesforce(api, { browser: admin, start })
  assert.equal(page.status, 200)
  assert.match(await page.text(), /Connected/)

  const attempt = await attemptOf(start)
  const [integration] = await listIntegrations()
  assert.deepEqual([attempt.state, attempt.integrationId, attempt.failure], ['succeeded', integration?.id, null])
  assert.equal(attempt.connection?.username, api.emulator.org.users[0]?.username)
  assert.deepEqual([integration?.name, integration?.health.state], ['Acme Support', 'syncing'])
  assert.deepEqual([integration?.activeRun?.state, integration?.activeRun?.trigger], ['queued', 'connect'])
  assert.equal(integration?.settings?.clientSource, 'practice')

  const { items } = await admin.call<{ items: { sentence: string }[] }>('GET', '/audit-events')
  assert.match(items[0]?.sentence ?? '', /^maria@acme\.example added “Acme Support”, connected to .+ as .+@/)
})

test('the callback page tells its opener, on our own origin only, and runs no other script', async () => {
  const start = await startConnecting()
  const page = await logInAtSalesforce(api, { browser: admin, start })
  const text = await page.text()
  const policy = page.headers.get('content-security-policy') ?? ''
  const nonce = /script-src 'nonce-([\w-]+)'/.exec(policy)?.[1]
  assert.ok(nonce && text.includes(`<script nonce="${nonce}">`))
  assert.equal(text.match(/<script/g)?.length, 1)
  assert.ok(text.includes(`{ attemptId: "${start.attemptId}" }`))
  assert.ok(text.includes('}, "http://127.0.0.1:7465")'))
  assert.ok(text.includes(`/settings/integrations?attempt=${start.attemptId}`))
  assert.equal(page.headers.get('cross-origin-opener-policy'), 'unsafe-none')
})

test('Deny ends in a sentence, and adds nothing', async () => {
  const start = await startConnecting()
  const page = await logInAtSalesforce(api, { browser: admin, start, decision: 'deny' })
  const attempt = await attemptOf(start)
  assert.equal(attempt.state, 'failed')
  assert.ok(attempt.failure?.message)
  assert.ok((await page.text()).includes('Not connected'))
  assert.deepEqual(await listIntegrations(), [])
})

test('nobody but who began it can finish a login', async () => {
  const other = await becomeInvited(api, { admin, email: 'lee@acme.example', role: 'admin' })
  const start = await startConnecting()
  await logInAtSalesforce(api, { browser: other, start })
  assert.deepEqual(await listIntegrations(), [])
  assert.equal((await other.send('GET', `/api/v1/connect-attempts/${start.attemptId}`)).status, 404)

  const signedOut = await logInAtSalesforce(api, { browser: new ApiBrowser(api), start })
  assert.equal(signedOut.status, 401)
  assert.match(await signedOut.text(), /not signed in to Loopline/)
  assert.equal((await attemptOf(start)).state, 'pending', 'who began it can still finish it')
  await sql`delete from loopline.people where email = 'lee@acme.example'`
})

test('a member’s browser cannot finish an admin’s login', async () => {
  const member = await becomeInvited(api, { admin, email: 'sam@acme.example', role: 'member' })
  const start = await startConnecting()
  assert.equal((await logInAtSalesforce(api, { browser: member, start })).status, 401)
  assert.deepEqual(await listIntegrations(), [])
})

test('a login that is given up or left for ten minutes says so', async () => {
  const first = await startConnecting()
  const cancelled = await admin.call<ConnectAttempt>('POST', `/connect-attempts/${first.attemptId}/cancel`)
  assert.deepEqual([cancelled.state, cancelled.failure?.code], ['failed', 'ATTEMPT_CANCELLED'])

  const second = await startConnecting()
  api.clock.now = new Date(Date.now() + 11 * 60_000)
  const expired = await attemptOf(second)
  assert.deepEqual([expired.state, expired.failure?.code], ['expired', 'ATTEMPT_EXPIRED'])
  await logInAtSalesforce(api, { browser: admin, start: second })
  assert.deepEqual(await listIntegrations(), [])
})

test('what is wrong with a draft is said beside its field, before anybody is sent to log in', async () => {
  await logInAtSalesforce(api, { browser: admin, start: await startConnecting() })
  const refused = async (changes: Record<string, unknown>) => {
    const response = await admin.send('POST', '/api/v1/integrations/connect', { draft: { ...draft, ...changes } })
    assert.equal(response.status, 400)
    return ((await response.json()) as Problem).errors?.map(({ field }) => field)
  }
  assert.deepEqual(await refused({ name: 'ACME support' }), ['name'])
  assert.deepEqual(await refused({ name: 'B', domain: 'https://salesforce.com.evil.example' }), ['domain'])
  assert.deepEqual(await refused({ name: 'B', domain: 'acme', clientId: undefined }), ['clientId'])
  assert.deepEqual(await refused({ name: '', syncEveryMinutes: 1 }), ['draft.name', 'draft.syncEveryMinutes'])
})

test('a name can be asked for before it is given', async () => {
  await logInAtSalesforce(api, { browser: admin, start: await startConnecting() })
  const [integration] = await listIntegrations()
  const isAvailable = async (query: string) =>
    (await admin.call<{ available: boolean }>('GET', `/integrations/name-available?${query}`)).available
  assert.equal(await isAvailable('name=acme%20support'), false)
  assert.equal(await isAvailable(`name=acme%20support&exceptId=${integration?.id}`), true)
  assert.equal(await isAvailable('name=Other'), true)
})

test('whatever an admin pastes becomes the address to log in at, with a word about it', async () => {
  const check = (typed: string, environment?: string) =>
    admin.call<DomainCheck>('POST', '/salesforce-domain', { domain: typed, environment })
  assert.equal((await check('acme.my.salesforce.com')).note, null)
  const lightning = await check('https://acme.lightning.force.com/lightning/r/Case/500/view')
  assert.equal(lightning.origin, 'https://acme.my.salesforce.com')
  assert.match(lightning.note ?? '', /https:\/\/acme\.my\.salesforce\.com/)
  const sandbox = await check('acme--uat.sandbox.my.salesforce.com', 'production')
  assert.equal(sandbox.environment, 'sandbox')
  assert.match(sandbox.note ?? '', /sandbox/)

  const wrong = await admin.send('POST', '/api/v1/salesforce-domain', { domain: 'https://example.com' })
  assert.equal(wrong.status, 400)
  assert.deepEqual(
    ((await wrong.json()) as Problem).errors?.map(({ field }) => field),
    ['domain'],
  )
})

test('Re-generate Token keeps the integration, says so in the trail, and lets it go on', async () => {
  await logInAtSalesforce(api, { browser: admin, start: await startConnecting() })
  const [integration] = await listIntegrations()
  await admin.call('POST', `/runs/${integration?.activeRun?.id}/cancel`)
  await sql`update loopline.connections set health = 'reconnect'`
  assert.equal((await listIntegrations())[0]?.health.state, 'reconnect')

  const start = await admin.call<ConnectStart>('POST', `/integrations/${integration?.id}/reconnect`)
  await logInAtSalesforce(api, { browser: admin, start })
  const [again] = await listIntegrations()
  assert.deepEqual([again?.id, again?.health.state], [integration?.id, 'syncing'])
  const { items } = await admin.call<{ items: { sentence: string }[] }>('GET', '/audit-events')
  assert.match(items[0]?.sentence ?? '', /re-generated the token of “Acme Support”/)
})
