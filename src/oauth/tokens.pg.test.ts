import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../test/database.ts'
import { maria, practiceConnection } from '../../test/practice-connection.ts'
import { logInAtSalesforce } from '../../test/salesforce-login.ts'
import { LooplineError } from '../errors.ts'
import { createSalesforce } from '../salesforce/client.ts'
import { findConnection } from '../store/connections.ts'
import { openDatabase } from '../store/database.ts'
import { type OAuthDeps, startAuthorization } from './authorize.ts'
import { finishAuthorization } from './callback.ts'
import { revokeConnection } from './revoke.ts'
import { createTokenSource, refreshContext } from './tokens.ts'
import { createVault } from './vault.ts'

const { sql, url } = await testDatabase()
const practice = practiceConnection(sql)
const { deps, emulator, admin } = practice

/** A second process, as far as Postgres can tell. */
const otherPool = openDatabase(url)
after(() => otherPool.end({ timeout: 5 }))

/** These deps, counting what goes to the token endpoint; `answer` may stand in for Salesforce's. */
function counted(base: OAuthDeps, answer?: (response: Response) => Promise<Response>) {
  let requests = 0
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const path = new URL(input instanceof Request ? input.url : input).pathname
    if (path !== '/services/oauth2/token') return emulator.fetch(input, init)
    requests++
    const response = await emulator.fetch(input, init)
    return answer ? answer(response) : response
  }
  return { deps: { ...base, fetch }, requests: () => requests }
}

const refreshTokenOf = async (id: string) => {
  const connection = await findConnection(sql, id)
  return connection?.refreshTokenSealed && deps.vault.open(connection.refreshTokenSealed, refreshContext(id))
}

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => assert.fail('should have failed'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof LooplineError, String(error))
  return error.failure
}

test('an expired token is renewed by itself, and the rotated refresh token is kept', async () => {
  const { id } = await practice.connected('Renewed')
  const before = await refreshTokenOf(id)
  emulator.expireTokens()
  const salesforce = createSalesforce({ tokens: createTokenSource(deps, id), fetch: deps.fetch, log: deps.log })
  assert.equal((await salesforce.identity()).username, admin.username)
  const after = await refreshTokenOf(id)
  assert.ok(after && after !== before)

  // And once more, with what was kept.
  emulator.expireTokens()
  const next = createSalesforce({ tokens: createTokenSource(deps, id), fetch: deps.fetch, log: deps.log })
  assert.equal((await next.identity()).username, admin.username)
  assert.equal((await findConnection(sql, id))?.health, 'connected')
})

test('ten callers in two processes renew once, and all go on', async () => {
  const { id } = await practice.connected('Crowded')
  const here = counted(deps)
  const there = counted({ ...deps, sql: otherPool })
  const sources = [here, there].flatMap((process) => {
    const source = createTokenSource(process.deps, id)
    // Three callers share a source, two have their own.
    return [source, source, source, createTokenSource(process.deps, id), createTokenSource(process.deps, id)]
  })
  const held = await Promise.all(sources.map((source) => source.current()))
  emulator.expireTokens()
  const renewed = await Promise.all(sources.map((source, index) => source.renew(held[index] as never)))
  assert.equal(here.requests() + there.requests(), 1)
  assert.equal(new Set(renewed.map(({ token }) => token)).size, 1)
  assert.ok(renewed.every(({ version }) => version === 2))
})

test('a revoked grant asks for a person, is remembered, and Salesforce is not asked again', async () => {
  const { id } = await practice.connected('Revoked')
  emulator.revokeGrants(admin.username)
  const process = counted(deps)
  const source = createTokenSource(process.deps, id)
  const failure = await failureOf(source.renew(await source.current()))
  assert.equal(failure.kind, 'reconnect')
  assert.match(failure.message, /^Salesforce no longer accepts this connection/)
  const connection = await findConnection(sql, id)
  assert.equal(connection?.health, 'reconnect')
  assert.deepEqual(connection?.failure, failure)

  assert.deepEqual(await failureOf(createTokenSource(process.deps, id).current()), failure)
  assert.equal(process.requests(), 1)
})

test('a deactivated user asks for a person; once activated again, the connection mends when it is tested', async () => {
  const { id } = await practice.connected('Deactivated')
  emulator.setUserActive(admin.username, false)
  const source = createTokenSource(deps, id)
  const failure = await failureOf(source.renew(await source.current()))
  assert.equal(failure.code, 'INACTIVE_USER')

  emulator.setUserActive(admin.username, true)
  assert.equal((await failureOf(createTokenSource(deps, id).current())).code, 'INACTIVE_USER')
  const token = await createTokenSource(deps, id, { tryDeadGrant: true }).current()
  assert.ok(token.token)
  assert.equal((await findConnection(sql, id))?.health, 'connected')
  assert.equal((await findConnection(sql, id))?.failure, null)
})

test('a login service that is down is no dead grant', async () => {
  const { id } = await practice.connected('Passing')
  const before = await findConnection(sql, id)
  const down: typeof fetch = async () => new Response('<html>503</html>', { status: 503 })
  const cut: typeof fetch = async () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })
  }
  for (const fetch of [down, cut]) {
    const source = createTokenSource({ ...deps, fetch }, id)
    assert.equal((await failureOf(source.renew(await source.current()))).kind, 'transient')
  }
  assert.deepEqual(await findConnection(sql, id), before)
  const source = createTokenSource(deps, id)
  assert.equal((await source.renew(await source.current())).version, 2)
})

test('a rotated refresh token is kept even when the rest of the answer can’t be used', async () => {
  const { id } = await practice.connected('Lured')
  const before = await refreshTokenOf(id)
  const lying = counted(deps, async (response) =>
    Response.json({ ...((await response.json()) as object), instance_url: 'https://attacker.net' }),
  )
  const source = createTokenSource(lying.deps, id)
  assert.equal((await failureOf(source.renew(await source.current()))).code, 'INSTANCE_NOT_ALLOWED')
  const kept = await findConnection(sql, id)
  assert.equal(kept?.instanceUrl, practice.origin)
  assert.notEqual(await refreshTokenOf(id), before)
  assert.ok((await createTokenSource(deps, id, { tryDeadGrant: true }).current()).token)
})

test('a token that suddenly is another org’s is not used', async () => {
  const { id } = await practice.connected('Refreshed sandbox')
  await sql`update loopline.connections set org_id = '00D000000000999EAA' where integration_id = ${id}`
  const source = createTokenSource(deps, id)
  assert.equal((await failureOf(source.renew(await source.current()))).code, 'OTHER_ORG')
  assert.equal((await findConnection(sql, id))?.health, 'reconnect')
})

test('with a lost SECRET_KEY the way out is said, and Re-generate Token is it', async () => {
  const integration = await practice.connected('Key lost')
  const vault = createVault(['another-key-of-32-characters-or-more'])
  const failure = await failureOf(createTokenSource({ ...deps, vault }, integration.id).current())
  assert.equal(failure.code, 'SECRET_KEY_MISSING')
  assert.equal(failure.kind, 'reconnect')

  const start = await startAuthorization({ ...deps, vault }, { integration, person: maria })
  const url = await logInAtSalesforce(start.authorizationUrl, admin, emulator.fetch)
  const { outcome } = await finishAuthorization({ ...deps, vault }, { url, person: maria })
  assert.ok(outcome.ok)
  assert.ok((await createTokenSource({ ...deps, vault }, integration.id).current()).token)
})

test('an integration that was never connected says so', async () => {
  const { id } = await practice.connected('Disconnected')
  await sql`delete from loopline.connections where integration_id = ${id}`
  assert.equal((await failureOf(createTokenSource(deps, id).current())).code, 'NOT_CONNECTED')
})

test('revoking ends the access at Salesforce, and says honestly when it could not', async () => {
  const { id } = await practice.connected('Given back')
  const token = await createTokenSource(deps, id).current()
  const down: typeof fetch = async () => new Response('<html>503</html>', { status: 503 })
  const unsure = await revokeConnection({ ...deps, fetch: down }, id)
  assert.equal(unsure.revoked, false)
  assert.match(unsure.note ?? '', new RegExp(admin.username))

  assert.deepEqual(await revokeConnection(deps, id), { revoked: true, note: null })
  const held = { current: async () => token, renew: async () => token }
  const salesforce = createSalesforce({ tokens: held, fetch: deps.fetch, log: deps.log })
  await assert.rejects(salesforce.query('SELECT Id FROM User LIMIT 1', { all: false }), { status: 401 })
  assert.equal((await failureOf(createTokenSource(deps, id).renew(token))).kind, 'reconnect')
})

test('no token and no secret is in any error or log line of all this', async () => {
  const secrets = [emulator.clientSecret]
  const { id } = await practice.connected('Planted')
  for (let renewals = 0; renewals < 2; renewals++) {
    const source = createTokenSource(deps, id)
    const { token } = await source.renew(await source.current())
    secrets.push(token, (await refreshTokenOf(id)) ?? '')
  }
  // An answer that openid-client can't use comes back from it with tokens in its cause.
  const odd = counted(deps, async (response) =>
    Response.json({ ...((await response.json()) as object), token_type: 'odd' }),
  )
  const source = createTokenSource(odd.deps, id)
  const error = await source.renew(await source.current()).catch((reason: unknown) => reason)
  assert.ok(error instanceof LooplineError)
  const texts: string[] = [...practice.lines]
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    texts.push(JSON.stringify({ ...cause }), cause.message, cause.stack ?? '')
  }
  assert.ok(secrets.every(Boolean) && texts.length > 10)
  for (const secret of secrets) assert.ok(!texts.some((text) => text.includes(secret)))
  assert.ok(!texts.some((text) => /5Aep|00D\w{12}!/.test(text)), 'something that looks like a token')
})
