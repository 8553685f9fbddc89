import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { postToken } from '../../emulator/test-browser.ts'
import { becomeAdmin, becomeInvited, logInAtSalesforce, openApi } from '../../test/api.ts'
import { testDatabase } from '../../test/database.ts'
import { accessContext, refreshContext } from '../oauth/tokens.ts'
import { createVault } from '../oauth/vault.ts'
import { findConnection } from '../store/connections.ts'
import type {
  ConnectStart,
  Deletion,
  Integration,
  IntegrationDraft,
  Problem,
  Run,
  StreamStatus,
  TestReport,
} from './schemas.ts'

const { sql, url } = await testDatabase()
const api = await openApi({ sql, url })
after(() => api.close())

const admin = await becomeAdmin(api)
const member = await becomeInvited(api, { admin, email: 'sam@acme.example', role: 'member' })
const domain = 'http://127.0.0.1:7466'
const draft: IntegrationDraft = { name: 'Acme Support', capability: 'helpdesk', environment: 'production', domain }

beforeEach(async () => {
  const rows = await sql<{ name: string }[]>`select schema_name as name from loopline.integrations`
  for (const { name } of rows) await sql`drop schema ${sql(name)} cascade`
  await sql`delete from loopline.integrations`
  await sql`delete from loopline.audit_events`
})

async function connect(changes: Partial<IntegrationDraft> = {}): Promise<Integration> {
  const start = await admin.call<ConnectStart>('POST', '/integrations/connect', { draft: { ...draft, ...changes } })
  await logInAtSalesforce(api, { browser: admin, start })
  const { items } = await admin.call<{ items: Integration[] }>('GET', '/integrations')
  const [newest] = items
  assert.ok(newest, 'it stands at the top of the list')
  return newest
}

const show = (id: string) => admin.call<Integration>('GET', `/integrations/${id}`)
const sentences = async () =>
  (await admin.call<{ items: { sentence: string }[] }>('GET', '/audit-events')).items.map(({ sentence }) => sentence)

async function refused(method: string, path: string, body?: unknown): Promise<Problem> {
  const response = await admin.send(method, `/api/v1${path}`, body)
  assert.ok(response.status >= 400, `${method} ${path} answered ${response.status}`)
  return (await response.json()) as Problem
}

test('a member sees names, health and runs, but no settings and no connection', async () => {
  const { id, activeRun } = await connect()
  const seen = await member.call<Integration>('GET', `/integrations/${id}`)
  assert.deepEqual(
    [seen.name, seen.health.state, seen.settings, seen.connection],
    ['Acme Support', 'syncing', null, null],
  )
  assert.ok(!JSON.stringify(seen).includes('127.0.0.1'))
  assert.equal((await member.call<Run>('GET', `/runs/${activeRun?.id}`)).id, activeRun?.id)
  const { items } = await member.call<{ items: Integration[] }>('GET', '/integrations')
  assert.deepEqual(
    items.map(({ settings }) => settings),
    [null],
  )
})

test('what is changed is kept, the rest stays, and the trail says from what to what', async () => {
  const { id } = await connect()
  const changes = { name: 'Acme EU', syncEveryMinutes: 60, pullFrom: '2025-01-01T00:00:00Z' }
  const changed = await admin.call<Integration>('PATCH', `/integrations/${id}`, changes)
  assert.deepEqual([changed.name, changed.settings?.syncEveryMinutes], ['Acme EU', 60])
  assert.deepEqual([changed.capability, changed.settings?.domain], ['helpdesk', domain])
  assert.equal(changed.settings?.pullFrom, '2025-01-01T00:00:00.000Z')
  assert.match((await sentences())[0] ?? '', /changed “Acme EU”: name, Pull records from, Sync every\.$/)
  const { items } = await admin.call<{ items: { detail: unknown }[] }>(
    'GET',
    `/audit-events?integrationId=${id}&limit=1`,
  )
  assert.match(
    JSON.stringify(items[0]?.detail),
    /"name":\{"to":"Acme EU","from":"Acme Support"\}|"from":"Acme Support","to":"Acme EU"/,
  )

  await admin.call('PATCH', `/integrations/${id}`, changes)
  assert.equal(
    (await sentences()).filter((one) => one.includes(' changed ')).length,
    1,
    'changing nothing leaves no trace',
  )
})

test('a change that cannot be is refused beside its field, and changes nothing', async () => {
  await connect({ name: 'Other' })
  const { id } = await connect()
  const fieldsOf = async (changes: Record<string, unknown>) =>
    (await refused('PATCH', `/integrations/${id}`, changes)).errors?.map(({ field }) => field)
  assert.deepEqual(await fieldsOf({ name: 'OTHER', syncEveryMinutes: 60 }), ['name'])
  assert.deepEqual(await fieldsOf({ domain: 'https://evil.example' }), ['domain'])
  assert.deepEqual(await fieldsOf({ syncEveryMinutes: 1 }), ['syncEveryMinutes'])
  assert.equal((await show(id)).settings?.syncEveryMinutes, 15)
  assert.equal((await refused('PATCH', '/integrations/nowhere', { name: 'X' })).status, 404)
})

test('what a change means is said before it is done', async () => {
  const { id } = await connect()
  const preview = async (changes: Record<string, unknown>) =>
    (await admin.call<{ sentences: string[] }>('POST', `/integrations/${id}/changes-preview`, changes)).sentences
  assert.deepEqual(await preview({ name: 'Renamed' }), [])
  assert.ok((await preview({ capability: 'crm' })).length > 0)
  assert.match((await preview({ domain: 'acme.my.salesforce.com' })).join(' '), /connected again/)
  assert.match((await preview({ clientId: 'another-app' })).join(' '), /External Client App was changed/)
  assert.deepEqual([(await show(id)).name, (await show(id)).capability], ['Acme Support', 'helpdesk'])
})

test('another domain needs a new login: health says so, and nothing syncs meanwhile', async () => {
  const { id, activeRun } = await connect()
  await admin.call('POST', `/runs/${activeRun?.id}/cancel`)
  const changed = await admin.call<Integration>('PATCH', `/integrations/${id}`, { domain: 'acme.my.salesforce.com' })
  assert.equal(changed.settings?.domain, 'https://acme.my.salesforce.com')
  assert.deepEqual([changed.health.state, changed.health.failure?.code], ['reconnect', 'DOMAIN_CHANGED'])
  const problem = await refused('POST', `/integrations/${id}/runs`)
  assert.deepEqual([problem.status, problem.code], [409, 'DOMAIN_CHANGED'])
})

test('an app of its own replaces the installation’s, an empty client id goes back to it', async () => {
  const { id } = await connect()
  const own = { clientId: 'its-own-app', clientSecret: 'planted-own-secret' }
  const changed = await admin.call<Integration>('PATCH', `/integrations/${id}`, own)
  assert.deepEqual([changed.settings?.clientSource, changed.settings?.clientId], ['integration', 'its-own-app'])
  assert.equal(changed.health.failure?.code, 'CLIENT_CHANGED')
  assert.ok(!JSON.stringify(await sql`select * from loopline.integrations`).includes('planted-own-secret'))
  const back = await admin.call<Integration>('PATCH', `/integrations/${id}`, { clientId: '' })
  assert.equal(back.settings?.clientSource, 'practice')
})

test('pausing stops what runs and keeps everything; resuming makes the next run due at once', async () => {
  const { id, activeRun } = await connect()
  const paused = await admin.call<Integration>('POST', `/integrations/${id}/pause`)
  assert.deepEqual([paused.health.state, paused.paused, paused.nextRunAt], ['paused', true, null])
  assert.equal((await admin.call<Run>('GET', `/runs/${activeRun?.id}`)).state, 'cancelled')
  assert.equal((await refused('POST', `/integrations/${id}/runs`)).code, 'INTEGRATION_PAUSED')
  await admin.call('POST', `/integrations/${id}/pause`)

  const resumed = await admin.call<Integration>('POST', `/integrations/${id}/resume`)
  assert.deepEqual([resumed.paused, resumed.nextRunAt], [false, api.clock.now.toISOString()])
  const trail = await sentences()
  assert.equal(trail.filter((one) => one.includes(' paused ')).length, 1)
  assert.equal(trail.filter((one) => one.includes(' resumed ')).length, 1)
})

test('Sync now, cancel and retry: one run at a time, each in the trail', async () => {
  const { id, activeRun } = await connect()
  assert.equal((await refused('POST', `/integrations/${id}/runs`)).code, 'RUN_ACTIVE')
  assert.equal((await refused('POST', `/runs/${activeRun?.id}/retry`)).code, 'RUN_NOT_OVER')

  const cancelled = await admin.call<Run>('POST', `/runs/${activeRun?.id}/cancel`)
  assert.equal(cancelled.state, 'cancelled')
  const retried = await admin.call<Run>('POST', `/runs/${cancelled.id}/retry`)
  assert.deepEqual([retried.state, retried.trigger, retried.requestedBy], ['queued', 'retry', 'maria@acme.example'])
  await admin.call<Run>('POST', `/runs/${retried.id}/cancel`)
  const manual = await admin.call<Run>('POST', `/integrations/${id}/runs`)
  assert.equal(manual.trigger, 'manual')

  type Page = { items: Run[]; nextCursor: string | null }
  const first = await admin.call<Page>('GET', `/integrations/${id}/runs?limit=2`)
  const second = await admin.call<Page>('GET', `/integrations/${id}/runs?limit=2&cursor=${first.nextCursor}`)
  const listed = [...first.items, ...second.items].map((run) => run.id)
  assert.deepEqual(listed, [manual.id, retried.id, cancelled.id])
  assert.equal(second.nextCursor, null)
  const trail = (await sentences()).join('\n')
  for (const word of ['started run', 'cancelled run', 'retried run']) assert.ok(trail.includes(word), word)
  assert.equal((await refused('GET', '/runs/123456')).status, 404)
  assert.equal((await refused('GET', '/runs/x')).status, 400)
})

test('Test Connection says to which org and as whom; with a dead grant, that a new login is needed', async () => {
  const { id } = await connect()
  const report = await admin.call<TestReport>('POST', `/integrations/${id}/test`)
  assert.equal(report.ok, true, report.summary)
  assert.ok(report.summary.includes(api.emulator.org.users[0]?.username ?? '?'), report.summary)
  assert.ok(report.objects.find(({ objectName }) => objectName === 'Case')?.readable)

  api.emulator.revokeGrants()
  const failed = await admin.call<TestReport>('POST', `/integrations/${id}/test`)
  assert.deepEqual([failed.ok, failed.failure?.kind], [false, 'reconnect'])
  assert.equal((await show(id)).health.state, 'reconnect')
})

test('the objects of an integration say how far each is', async () => {
  const { id } = await connect()
  await sql`
    insert into loopline.streams (integration_id, object_name, label, table_name, state, row_count, failure)
    values (${id}, 'Case', 'Cases', 'sf_case', 'live', 12, null),
      (${id}, 'FeedItem', 'Feed posts', 'sf_feeditem', 'refused', 0, ${sql.json({ kind: 'refused', code: 'X', message: 'No.' })})`
  const { items } = await admin.call<{ items: StreamStatus[] }>('GET', `/integrations/${id}/streams`)
  assert.deepEqual(
    items.map(({ objectName, state, rows }) => [objectName, state, rows]),
    [
      ['Case', 'live', 12],
      ['FeedItem', 'refused', 0],
    ],
  )
  assert.equal((await show(id)).rows, 12)
})

test('deleting asks for the name, revokes the token at Salesforce, drops the schema, and says so', async () => {
  const { id, settings } = await connect()
  const connection = await findConnection(sql, id)
  const refreshToken = createVault([api.secretKey]).open(connection?.refreshTokenSealed ?? '', refreshContext(id))
  const wrong = await refused('DELETE', `/integrations/${id}`, { name: 'acme' })
  assert.deepEqual(
    wrong.errors?.map(({ field }) => field),
    ['name'],
  )

  await sql`
    insert into loopline.streams (integration_id, object_name, label, table_name, row_count)
    values (${id}, 'Case', 'Cases', 'sf_case', 412)`
  const deletion = await admin.call<Deletion>('DELETE', `/integrations/${id}`, { name: 'Acme Support' })
  assert.deepEqual(deletion, { name: 'Acme Support', rowsRemoved: 412, revoked: true, note: null })
  assert.equal((await sql`select 1 from pg_namespace where nspname = ${settings?.schemaName ?? ''}`).length, 0)
  const { status } = await postToken(api.emulator, { grant_type: 'refresh_token', refresh_token: refreshToken })
  assert.equal(status, 400, 'the token is worth nothing any more')
  assert.equal((await refused('GET', `/integrations/${id}`)).status, 404)
  assert.match((await sentences())[0] ?? '', /deleted “Acme Support” with 412 rows; its token is revoked\./)
})

test('deleting works when Salesforce does not answer, and says what is left to do there', async () => {
  const { id } = await connect()
  api.emulator.faults.answerNext('unavailable', { path: '/services/oauth2/revoke', times: 10 })
  const deletion = await admin.call<Deletion>('DELETE', `/integrations/${id}`, { name: 'Acme Support' })
  api.emulator.faults.clear()
  assert.equal(deletion.revoked, false)
  assert.match(deletion.note ?? '', /Connected Apps OAuth Usage/)
  assert.equal((await refused('GET', `/integrations/${id}`)).status, 404)
})

test('no token, secret, code or password is in any answer or log line', async () => {
  const { id } = await connect({ name: 'Planted' })
  await admin.call('PATCH', `/integrations/${id}`, { clientId: 'app-2', clientSecret: 'planted-client-secret' })
  await admin.call('PATCH', `/integrations/${id}`, { clientId: '' })
  await admin.call('POST', `/integrations/${id}/test`)
  await admin.send('POST', '/api/auth/sign-in/email', { email: 'x@acme.example', password: 'planted-password' })
  await admin.send('GET', '/api/v1/invitations/lookup?token=planted-invitation-token')
  await admin.send('GET', '/oauth/callback?code=planted-code&state=planted-state')
  await admin.send('GET', '/api/v1/integrations', undefined, { authorization: 'Bearer planted-api-key' })

  const vault = createVault([api.secretKey])
  const rows = await sql<{ id: string; access: string; refresh: string }[]>`
    select integration_id as id, access_token_sealed as access, refresh_token_sealed as refresh from loopline.connections`
  const sessions = await sql<{ token: string }[]>`select token from loopline.sessions`
  const secrets = [
    ...rows.map((row) => vault.open(row.refresh, refreshContext(row.id))),
    ...rows.map((row) => vault.open(row.access, accessContext(row.id))),
    ...sessions.map(({ token }) => token),
    api.emulator.clientSecret,
    api.secretKey,
    'planted-',
  ]
  assert.ok(secrets.length > 6)
  for (const secret of secrets) {
    assert.ok(!api.logged.some((line) => line.includes(secret)), `logged: ${secret}`)
    assert.ok(!api.answered.some((body) => body.includes(secret)), `answered: ${secret}`)
  }
})
