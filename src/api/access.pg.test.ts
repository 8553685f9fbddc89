import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ApiBrowser, becomeAdmin, becomeInvited, openApi } from '../../test/api.ts'
import { testDatabase } from '../../test/database.ts'
import { checkAccessTable } from './access.ts'
import type { ApiKey, ApiKeyWithSecret, Problem } from './schemas.ts'

const { sql, url } = await testDatabase()
const api = await openApi({ sql, url })
after(() => api.close())

const admin = await becomeAdmin(api)
const member = await becomeInvited(api, { admin, email: 'sam@acme.example', role: 'member' })
const createKey = (access: 'read' | 'manage') =>
  admin.call<ApiKeyWithSecret>('POST', '/api-keys', { name: `for ${access}`, access })
const [readKey, manageKey] = [await createKey('read'), await createKey('manage')]
const byKey = ({ key }: ApiKeyWithSecret) => ({ authorization: `Bearer ${key}` })

type Caller = 'anonymous' | 'member' | 'read key' | 'manage key' | 'admin'

const callers: Record<Caller, (method: string, path: string, body?: unknown) => Promise<Response>> = {
  anonymous: (...request) => new ApiBrowser(api).send(...request),
  member: (...request) => member.send(...request),
  'read key': (method, path, body) => new ApiBrowser(api).send(method, path, body, byKey(readKey)),
  'manage key': (method, path, body) => new ApiBrowser(api).send(method, path, body, byKey(manageKey)),
  admin: (...request) => admin.send(...request),
}

const document = (await (await admin.send('GET', '/api/v1/openapi.json')).json()) as {
  paths: Record<string, Record<string, { requestBody?: unknown; summary?: string }>>
}
const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { requestBody }]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path: `/api/v1${path.replace('/runs/{id}', '/runs/999999').replaceAll('{id}', 'nowhere')}`,
    ...(requestBody ? { body: {} } : {}),
  })),
)

// Written out, not taken from the table: a slip there must show here.
const forAnyone = ['GET /session', 'GET /invitations/lookup', 'POST /invitations/accept']
const notForMembers = [
  'GET /people',
  'GET /people/invitations',
  'GET /api-keys',
  'GET /audit-events',
  'GET /connect-attempts/{id}',
  'GET /integrations/name-available',
  'GET /integrations/{id}/streams',
]
const onlyInTheBrowser = [
  'PATCH /people/{id}',
  'DELETE /people/{id}',
  'POST /people/invitations',
  'DELETE /people/invitations/{id}',
  'POST /api-keys',
  'DELETE /api-keys/{id}',
  'POST /integrations/connect',
  'POST /integrations/{id}/reconnect',
  'GET /connect-attempts/{id}',
  'POST /connect-attempts/{id}/cancel',
]

function mayCall(caller: Caller, name: string): boolean {
  if (forAnyone.includes(name)) return true
  if (caller === 'anonymous') return false
  if (caller === 'admin') return true
  if (caller === 'manage key') return !onlyInTheBrowser.includes(name)
  return name.startsWith('GET ') && !notForMembers.includes(name)
}

test('every route lets in whom it should and nobody else, tried one by one', async () => {
  assert.ok(routes.length >= 45, `only ${routes.length} routes found`)
  const before = await countAudit()
  for (const [caller, send] of Object.entries(callers)) {
    // What an admin's call does is tried elsewhere; here it would change what the others see.
    for (const route of routes.filter(({ name }) => caller !== 'admin' || mayCall('admin', name))) {
      const { status } = await send(route.method, route.path, 'body' in route ? route.body : undefined)
      const expected = mayCall(caller as Caller, route.name) ? 'let in' : caller === 'anonymous' ? 401 : 403
      const got = status === 401 || status === 403 ? status : 'let in'
      assert.equal(got, expected, `${caller}: ${route.name} answered ${status}`)
      assert.ok(status < 500, `${caller}: ${route.name} answered ${status}`)
    }
  }
  assert.equal(await countAudit(), before, 'none of these calls changed anything')
})

test('a member is told why, and whom to ask', async () => {
  const response = await member.send('DELETE', '/api/v1/integrations/x', { name: 'x' })
  const problem = (await response.json()) as Problem
  assert.deepEqual([problem.code, problem.detail], ['NOT_ALLOWED', 'Only admins can do this.'])
  assert.match(problem.failure?.remedy ?? '', /admin/)
})

test('the app does not start with a route that says nowhere who may call it', () => {
  const declared = { method: 'post', path: '/integrations/{id}/explode' }
  assert.throws(() => checkAccessTable([declared], []), /POST \/integrations\/\{id\}\/explode says nowhere/)
  assert.throws(() => checkAccessTable([], [{ method: 'delete', path: '/tickets/{id}' }]), /DELETE .* is no GET/)
  assert.throws(() => checkAccessTable([], []), /GET \/session is in the access table but not among the routes/)
})

test('what is not there is 404, another method 405 with those that work, both as problems', async () => {
  const unknown = await admin.send('GET', '/api/v1/nothing')
  assert.equal(unknown.status, 404)
  assert.equal(((await unknown.json()) as Problem).code, 'ADDRESS_NOT_FOUND')
  assert.equal((await admin.send('GET', '/api/v2/integrations')).status, 404)
  const put = await admin.send('PUT', '/api/v1/integrations/x', {})
  assert.equal(put.status, 405)
  assert.equal(put.headers.get('allow'), 'GET, PATCH, DELETE')
})

test('a key shows once, works, says when it was used, and stops when revoked', async () => {
  const { apiKey, key } = await admin.call<ApiKeyWithSecret>('POST', '/api-keys', { name: 'Warehouse', access: 'read' })
  assert.match(key, /^loopline_\w{64}$/)
  assert.ok(key.startsWith(apiKey.start) && apiKey.start.length < 20)
  const use = () => new ApiBrowser(api).send('GET', '/api/v1/integrations', undefined, byKey({ apiKey, key }))
  assert.equal((await use()).status, 200)
  const { items } = await admin.call<{ items: ApiKey[] }>('GET', '/api-keys')
  const listed = items.find(({ id }) => id === apiKey.id)
  assert.deepEqual([listed?.name, listed?.access, listed?.createdBy], ['Warehouse', 'read', 'maria@acme.example'])
  assert.ok(listed?.lastUsedAt)
  assert.ok(!JSON.stringify([items, await sql`select * from loopline.api_keys`]).includes(key))

  await admin.call('DELETE', `/api-keys/${apiKey.id}`)
  const refused = await use()
  assert.equal(refused.status, 401)
  assert.equal(((await refused.json()) as Problem).code, 'KEY_NOT_VALID')
})

test('a key that has expired is refused', async () => {
  const form = { name: 'Short', access: 'read', expiresInDays: 1 }
  const created = await admin.call<ApiKeyWithSecret>('POST', '/api-keys', form)
  await sql`update loopline.api_keys set expires_at = now() - interval '1 second' where id = ${created.apiKey.id}`
  const { status } = await new ApiBrowser(api).send('GET', '/api/v1/integrations', undefined, byKey(created))
  assert.equal(status, 401)
})

test('a key never does more than its owner may, and goes with them', async () => {
  const lee = await becomeInvited(api, { admin, email: 'lee@acme.example', role: 'admin' })
  const created = await lee.call<ApiKeyWithSecret>('POST', '/api-keys', { name: 'Lee’s', access: 'manage' })
  const use = async () => (await new ApiBrowser(api).send('GET', '/api/v1/people', undefined, byKey(created))).status
  assert.equal(await use(), 200)
  const [row] = await sql<{ id: string }[]>`select id from loopline.people where email = 'lee@acme.example'`
  await admin.call('PATCH', `/people/${row?.id}`, { role: 'member' })
  assert.equal(await use(), 403)
  await admin.call('DELETE', `/people/${row?.id}`)
  assert.equal(await use(), 401)
})

test('members see what Loopline is made of, but not how to sign in at the practice org', async () => {
  type About = { version: string; practiceOrg: unknown }
  assert.ok((await admin.call<About>('GET', '/about')).practiceOrg)
  const about = await member.call<About>('GET', '/about')
  assert.match(about.version, /^\d+\.\d+\.\d+/)
  assert.equal(about.practiceOrg, null)
})

test('the OpenAPI document says of every route what it is for and what it answers', async () => {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      assert.ok(operation.summary, `${method} ${path} has no summary`)
    }
  }
})

async function countAudit(): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*) as n from loopline.audit_events`
  return row?.n ?? 0
}
