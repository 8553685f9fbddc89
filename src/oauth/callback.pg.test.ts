import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../../test/database.ts'
import { maria, practiceConnection } from '../../test/practice-connection.ts'
import { logInAtSalesforce } from '../../test/salesforce-login.ts'
import { LooplineError } from '../errors.ts'
import { findConnection } from '../store/connections.ts'
import { findIntegration, getIntegration, listIntegrations } from '../store/integrations.ts'
import { findAttempt, finishAttempt } from '../store/oauth-attempts.ts'
import { startAuthorization } from './authorize.ts'
import { finishAuthorization } from './callback.ts'
import { createClientDirectory } from './clients.ts'
import { attemptFailures } from './explain.ts'
import { accessContext, refreshContext } from './tokens.ts'

const { sql } = await testDatabase()
const practice = practiceConnection(sql)
const { deps, emulator, draft, admin, agent, origin } = practice

const begin = (name: string) => startAuthorization(deps, { draft: { ...draft, name }, person: maria })
const logIn = (url: string, login: Parameters<typeof logInAtSalesforce>[1] = admin) =>
  logInAtSalesforce(url, login, emulator.fetch)

function codeOf({ outcome }: Awaited<ReturnType<typeof finishAuthorization>>): string {
  return outcome.ok ? 'ok' : outcome.failure.code
}

test('log in, allow, and the integration is there, connected to the org as the user who logged in', async () => {
  const start = await begin('Acme Support')
  const { attemptId, outcome } = await finishAuthorization(deps, {
    url: await logIn(start.authorizationUrl),
    person: maria,
  })
  assert.equal(attemptId, start.attemptId)
  assert.ok(outcome.ok && outcome.isNew)

  const integration = await getIntegration(sql, outcome.integrationId)
  assert.equal(integration.name, 'Acme Support')
  assert.equal(integration.domain, origin)
  assert.deepEqual(integration.pullFrom, new Date('2024-11-01T00:00:00Z'))
  const connection = await findConnection(sql, integration.id)
  assert.ok(connection)
  assert.equal(connection.orgId.slice(0, 15), emulator.org.id.slice(0, 15))
  assert.equal(connection.orgName, emulator.org.name)
  assert.equal(connection.isSandbox, emulator.org.isSandbox)
  assert.equal(connection.username, admin.username)
  assert.equal(connection.userName, admin.name)
  assert.equal(connection.health, 'connected')
  assert.equal((await findAttempt(sql, start.attemptId))?.resultIntegrationId, integration.id)
})

test('tokens and secrets are sealed at rest, and the state is not kept at all', async () => {
  const start = await startAuthorization(
    { ...deps, clients: createClientDirectory({ vault: deps.vault }) },
    {
      draft: { ...draft, name: 'Own app', clientId: emulator.clientId, clientSecret: emulator.clientSecret },
      person: maria,
    },
  )
  const state = new URL(start.authorizationUrl).searchParams.get('state') ?? ''
  assert.ok(state.length >= 43)
  const [attempt] =
    await sql`select oauth_attempts::text as row from loopline.oauth_attempts where id = ${start.attemptId}`
  assert.ok(!attempt?.row.includes(state) && !attempt?.row.includes(emulator.clientSecret))

  const { outcome } = await finishAuthorization(
    { ...deps, clients: createClientDirectory({ vault: deps.vault }) },
    { url: await logIn(start.authorizationUrl), person: maria },
  )
  assert.ok(outcome.ok)
  const { integrationId } = outcome
  const connection = await findConnection(sql, integrationId)
  const integration = await getIntegration(sql, integrationId)
  assert.ok(connection?.accessTokenSealed && connection.refreshTokenSealed && integration.clientSecretSealed)
  const access = deps.vault.open(connection.accessTokenSealed, accessContext(integrationId))
  const refresh = deps.vault.open(connection.refreshTokenSealed, refreshContext(integrationId))
  const rows = JSON.stringify([
    await sql`select connections::text from loopline.connections`,
    await sql`select integrations::text from loopline.integrations`,
    await sql`select oauth_attempts::text from loopline.oauth_attempts`,
  ])
  for (const secret of [access, refresh, emulator.clientSecret]) {
    assert.ok(!rows.includes(secret))
    assert.ok(!practice.lines.join('').includes(secret))
  }
  const client = createClientDirectory({ vault: deps.vault }).find(integration, origin)
  assert.deepEqual(client, { clientId: emulator.clientId, clientSecret: emulator.clientSecret, source: 'integration' })
})

test('an answer that is sent twice connects once', async () => {
  const start = await begin('Twice')
  const url = await logIn(start.authorizationUrl)
  assert.equal(codeOf(await finishAuthorization(deps, { url, person: maria })), 'ok')
  assert.equal(codeOf(await finishAuthorization(deps, { url, person: maria })), 'ATTEMPT_USED')
  assert.equal((await findAttempt(sql, start.attemptId))?.state, 'succeeded')

  const other = await begin('Race')
  const raced = await logIn(other.authorizationUrl)
  const codes = await Promise.all([1, 2, 3].map(() => finishAuthorization(deps, { url: raced, person: maria })))
  assert.deepEqual(codes.map(codeOf).sort(), ['ATTEMPT_USED', 'ATTEMPT_USED', 'ok'])
})

test('nobody else, and no other session, can finish what somebody began; they still can', async () => {
  const start = await begin('Foreign')
  const url = await logIn(start.authorizationUrl)
  for (const person of [
    { id: 'mallory', sessionId: 'session-of-mallory' },
    { id: 'maria', sessionId: 'another-session' },
  ]) {
    const result = await finishAuthorization(deps, { url, person })
    assert.equal(codeOf(result), 'ATTEMPT_FOREIGN')
    assert.equal(result.attemptId, null)
  }
  assert.equal(codeOf(await finishAuthorization(deps, { url, person: maria })), 'ok')
})

test('an answer with a state that was not given out here is refused', async () => {
  const start = await begin('Forged')
  const url = await logIn(start.authorizationUrl)
  url.searchParams.set('state', 'forged')
  assert.equal(codeOf(await finishAuthorization(deps, { url, person: maria })), 'ATTEMPT_UNKNOWN')
  url.searchParams.delete('state')
  assert.equal(codeOf(await finishAuthorization(deps, { url, person: maria })), 'ATTEMPT_UNKNOWN')
})

test('a login that takes longer than ten minutes is refused, and says so', async () => {
  const start = await begin('Slow')
  const url = await logIn(start.authorizationUrl)
  const later = new Date(deps.now().getTime() + 10 * 60_000)
  const result = await finishAuthorization({ ...deps, now: () => later }, { url, person: maria })
  assert.equal(codeOf(result), 'ATTEMPT_EXPIRED')
  const attempt = await findAttempt(sql, start.attemptId)
  assert.equal(attempt?.failure?.code, 'ATTEMPT_EXPIRED')
  assert.equal(codeOf(await finishAuthorization(deps, { url, person: maria })), 'ATTEMPT_EXPIRED')
})

test('Deny ends the attempt in a sentence, and no integration is made', async () => {
  const start = await begin('Denied')
  const url = await logIn(start.authorizationUrl, { ...admin, decision: 'deny' })
  const result = await finishAuthorization(deps, { url, person: maria })
  assert.equal(codeOf(result), 'ACCESS_DENIED')
  assert.equal((await findAttempt(sql, start.attemptId))?.state, 'failed')
  assert.ok(!(await listIntegrations(sql)).some(({ name }) => name === 'Denied'))
})

test('a code that was meant for another attempt is refused (PKCE)', async () => {
  const [mine, other] = [await begin('Mine'), await begin('Other')]
  const url = await logIn(mine.authorizationUrl)
  const stolen = (await logIn(other.authorizationUrl)).searchParams.get('code') ?? ''
  url.searchParams.set('code', stolen)
  const { outcome } = await finishAuthorization(deps, { url, person: maria })
  assert.ok(!outcome.ok && outcome.failure.kind === 'invalid', JSON.stringify(outcome))
  assert.ok(!practice.lines.join('').includes(stolen))
})

test('a login that is given up while Salesforce answers leaves nothing behind', async () => {
  const start = await begin('Given up')
  const url = await logIn(start.authorizationUrl)
  const revoked: string[] = []
  const late: typeof fetch = async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    if (pathname.endsWith('/userinfo'))
      await finishAttempt(sql, start.attemptId, { failure: attemptFailures.cancelled })
    if (pathname.endsWith('/revoke')) revoked.push(pathname)
    return emulator.fetch(input, init)
  }
  const result = await finishAuthorization({ ...deps, fetch: late }, { url, person: maria })
  assert.equal(codeOf(result), 'ATTEMPT_CANCELLED')
  assert.equal(revoked.length, 1)
  assert.ok(!(await listIntegrations(sql)).some(({ name }) => name === 'Given up'))
})

test('Re-generate Token replaces the tokens; a login to another org is refused and changes nothing', async () => {
  const integration = await practice.connected('Renewable')
  const before = await findConnection(sql, integration.id)
  const again = await practice.reconnect(integration, agent)
  assert.deepEqual(again.outcome, { ok: true, integrationId: integration.id, isNew: false })
  const after = await findConnection(sql, integration.id)
  assert.equal(after?.username, agent.username)
  assert.ok(after && before && after.tokenVersion > before.tokenVersion)

  await sql`update loopline.connections set org_id = '00D000000000999EAA' where integration_id = ${integration.id}`
  const elsewhere = await practice.reconnect(integration)
  assert.equal(codeOf(elsewhere), 'OTHER_ORG')
  const kept = await findConnection(sql, integration.id)
  assert.deepEqual(kept, { ...after, orgId: '00D000000000999EAA' })
})

test('a name that was taken while the admin logged in does not cost the other integration anything', async () => {
  const [one, two] = [await begin('Wanted'), await begin('Wanted')]
  const urls = [await logIn(one.authorizationUrl), await logIn(two.authorizationUrl)]
  const codes = []
  for (const url of urls) codes.push(codeOf(await finishAuthorization(deps, { url, person: maria })))
  assert.deepEqual(codes, ['ok', 'NAME_TAKEN'])
  await assert.rejects(begin('wanted'), (error) => error instanceof LooplineError && error.failure.field === 'name')
})

test('where no org answers, nobody is sent', async () => {
  const unreachable: typeof fetch = async () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('not found'), { code: 'ENOTFOUND' }) })
  }
  const page: typeof fetch = async () => new Response('<html>404</html>', { status: 404 })
  const down: typeof fetch = async () => new Response('<html>503</html>', { status: 503 })
  for (const [fetch, code] of [
    [unreachable, 'DOMAIN_NOT_FOUND'],
    [page, 'DOMAIN_NOT_FOUND'],
    [down, 'DOMAIN_UNREACHABLE'],
  ] as const) {
    await assert.rejects(
      startAuthorization({ ...deps, fetch }, { draft: { ...draft, name: 'Nowhere' }, person: maria }),
      (error) => error instanceof LooplineError && error.failure.code === code && error.failure.field === 'domain',
    )
  }
})

test('without an app for that host, the form says so beside the client id', async () => {
  const clients = createClientDirectory({ vault: deps.vault })
  await assert.rejects(
    startAuthorization({ ...deps, clients }, { draft: { ...draft, name: 'No app' }, person: maria }),
    (error) => error instanceof LooplineError && error.failure.field === 'clientId',
  )
})

test('the sandbox switch follows the address where the address tells', async () => {
  const host = 'https://acme--uat.sandbox.my.salesforce.com'
  const fetch: typeof globalThis.fetch = async () => Response.json([{ version: '67.0' }])
  const clients = createClientDirectory({ installation: { clientId: 'x' }, vault: deps.vault })
  const start = await startAuthorization(
    { ...deps, fetch, clients },
    { draft: { ...draft, name: 'Sandbox', domain: 'acme--uat', environment: 'production' }, person: maria },
  )
  const url = new URL(start.authorizationUrl)
  assert.equal(url.origin, host)
  assert.equal(url.searchParams.get('code_challenge_method'), 'S256')
  assert.equal(url.searchParams.get('redirect_uri'), deps.callbackUrl)
  assert.equal((await findAttempt(sql, start.attemptId))?.draft?.environment, 'sandbox')
})

test('an app that is not installed in the org ends in what to do there', async (t) => {
  const start = await begin('Uninstalled')
  const url = await logIn(start.authorizationUrl)
  emulator.appInstalled(false)
  t.after(() => emulator.appInstalled(true))
  url.searchParams.delete('code')
  url.searchParams.set('error', 'invalid_client')
  url.searchParams.set('error_description', 'app must be installed into org')
  const { outcome } = await finishAuthorization(deps, { url, person: maria })
  assert.ok(!outcome.ok && outcome.failure.code === 'APP_NOT_INSTALLED' && outcome.failure.remedy)
})

test('an instance outside Salesforce’s hosts never sees the token', async () => {
  const asked: string[] = []
  const lying: typeof fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    asked.push(url.origin)
    const response = await emulator.fetch(input, init)
    if (url.pathname !== '/services/oauth2/token') return response
    return Response.json({ ...((await response.json()) as object), instance_url: 'https://attacker.net' })
  }
  const start = await begin('Lured')
  const url = await logIn(start.authorizationUrl)
  const { outcome } = await finishAuthorization({ ...deps, fetch: lying }, { url, person: maria })
  assert.ok(!outcome.ok && outcome.failure.code === 'INSTANCE_NOT_ALLOWED')
  assert.deepEqual(new Set(asked), new Set([origin]))
})

test('an integration that is deleted while it is re-generated stays deleted', async () => {
  const integration = await practice.connected('Deleted')
  const start = await startAuthorization(deps, { integration, person: maria })
  const url = await logIn(start.authorizationUrl)
  await sql`delete from loopline.integrations where id = ${integration.id}`
  assert.equal(codeOf(await finishAuthorization(deps, { url, person: maria })), 'ATTEMPT_UNKNOWN')
  assert.equal(await findIntegration(sql, integration.id), undefined)
})
