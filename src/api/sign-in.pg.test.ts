import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { ApiBrowser, becomeAdmin, becomeInvited, openApi, password, tokenOf } from '../../test/api.ts'
import { testDatabase } from '../../test/database.ts'
import type { InvitationPreview, InvitationWithLink, Person, Problem, Session } from './schemas.ts'
import { ensureSetupLink } from './setup.ts'

const { sql, url } = await testDatabase()
const api = await openApi({ sql, url })
after(() => api.close())

const publicUrl = 'http://127.0.0.1:7465'
const day = 24 * 60 * 60 * 1000
const newSetupLink = () => ensureSetupLink({ sql, publicUrl, now: () => api.clock.now })
const credentials = { email: 'maria@acme.example', password }

beforeEach(async () => {
  api.clock.now = new Date()
  await sql`truncate loopline.people, loopline.invitations, loopline.rate_limits, loopline.audit_events cascade`
})

async function problemOf(response: Response): Promise<Problem> {
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  return (await response.json()) as Problem
}

test('the first admin comes by a one-time link, and is signed in by it', async () => {
  const browser = new ApiBrowser(api)
  assert.deepEqual(await browser.call<Session>('GET', '/session'), { person: null, setupNeeded: true })

  const link = await newSetupLink()
  assert.match(link ?? '', /^http:\/\/127\.0\.0\.1:7465\/welcome#token=[\w-]{43}$/)
  const token = tokenOf(link)
  const preview = await browser.call<InvitationPreview>('GET', `/invitations/lookup?token=${token}`)
  assert.deepEqual([preview.email, preview.role], [null, 'admin'])

  const form = { token, name: 'Maria', ...credentials }
  const { person } = await browser.call<Session>('POST', '/invitations/accept', form)
  assert.deepEqual([person?.email, person?.role], ['maria@acme.example', 'admin'])
  assert.equal((await browser.call<Session>('GET', '/session')).person?.name, 'Maria')

  const again = await new ApiBrowser(api).send('POST', '/api/v1/invitations/accept', {
    ...form,
    email: 'eve@x.example',
  })
  assert.equal(again.status, 400)
  assert.equal((await problemOf(again)).code, 'LINK_NOT_VALID')
  assert.equal(await newSetupLink(), null, 'once there is an admin, no link is made')
})

test('of two who open the first admin’s link at the same moment, one becomes admin', async () => {
  const token = tokenOf(await newSetupLink())
  const accept = (email: string) =>
    new ApiBrowser(api).send('POST', '/api/v1/invitations/accept', { token, name: 'A', email, password })
  const statuses = (await Promise.all([accept('a@x.example'), accept('b@x.example')])).map(({ status }) => status)
  assert.deepEqual(statuses.sort(), [200, 400])
})

test('a newer setup link replaces the former, and a link ends after a day', async () => {
  const former = tokenOf(await newSetupLink())
  const newer = tokenOf(await newSetupLink())
  const lookUp = (token: string) => new ApiBrowser(api).send('GET', `/api/v1/invitations/lookup?token=${token}`)
  assert.equal((await lookUp(former)).status, 400)
  assert.equal((await lookUp(newer)).status, 200)
  api.clock.now = new Date(Date.now() + day + 1)
  assert.equal((await lookUp(newer)).status, 400)
})

test('only hashes of links and passwords are kept', async () => {
  const token = tokenOf(await newSetupLink())
  const rows = await sql`select * from loopline.invitations`
  assert.ok(!JSON.stringify(rows).includes(token))
  await becomeAdmin(api)
  assert.ok(!JSON.stringify(await sql`select * from loopline.credentials`).includes(password))
})

test('somebody signs in, stays signed in, and signs out', async () => {
  await becomeAdmin(api)
  const browser = new ApiBrowser(api)
  const signedIn = await browser.send('POST', '/api/auth/sign-in/email', {
    ...credentials,
    email: 'Maria@ACME.example',
  })
  assert.equal(signedIn.status, 200)
  assert.deepEqual(await signedIn.json(), { signedIn: true }, 'the session’s token is in the cookie only')
  assert.match(signedIn.headers.getSetCookie()[0] ?? '', /HttpOnly; SameSite=Lax/)
  const { cookie } = browser
  assert.equal((await browser.call<Session>('GET', '/session')).person?.email, credentials.email)

  assert.equal((await browser.send('POST', '/api/auth/sign-out', {})).status, 200)
  const stolen = await api.app.request(`${publicUrl}/api/v1/integrations`, { headers: { cookie } })
  assert.equal(stolen.status, 401, 'the cookie is worth nothing afterwards')
})

test('a wrong password and an unknown address are told the same, and guessing is slowed down', async () => {
  await becomeAdmin(api)
  const browser = new ApiBrowser(api)
  const attempt = (email: string) => browser.send('POST', '/api/auth/sign-in/email', { email, password: 'guess-0001' })
  const [wrong, unknown] = [await attempt(credentials.email), await attempt('nobody@acme.example')]
  assert.deepEqual([wrong.status, unknown.status], [401, 401])
  assert.equal((await problemOf(wrong)).detail, (await problemOf(unknown)).detail)

  assert.equal((await browser.send('POST', '/api/auth/sign-in/email')).status, 400)

  const statuses: number[] = []
  for (let n = 0; n < 10; n++) statuses.push((await attempt(credentials.email)).status)
  assert.equal(statuses.at(-1), 429)
  assert.match(
    (await problemOf(await attempt(credentials.email))).failure?.remedy ?? '',
    /Try again in [1-6]?\d seconds?\./,
  )
  const elsewhere = await browser.send('POST', '/api/auth/sign-in/email', credentials, {
    'x-loopline-address': '9.9.9.9',
  })
  assert.equal(elsewhere.status, 429, 'a header of the caller’s does not make them somebody else')
})

test('nobody can sign up, and nothing else of the sign-in library is reachable', async () => {
  const browser = await becomeAdmin(api)
  const form = { name: 'Eve', email: 'eve@x.example', password, role: 'admin' }
  for (const path of ['sign-up/email', 'update-user', 'list-sessions', 'api-key/create', 'change-password']) {
    assert.equal((await browser.send('POST', `/api/auth/${path}`, form)).status, 404, path)
    assert.equal((await browser.send('GET', `/api/auth/${path}`)).status, 404, path)
  }
})

test('an invitation is for one address, works once, and its role is what the admin chose', async () => {
  const admin = await becomeAdmin(api)
  const invite = { email: 'Sam@Acme.example', role: 'member' }
  const { invitation, link } = await admin.call<InvitationWithLink>('POST', '/people/invitations', invite)
  assert.deepEqual([invitation.email, invitation.invitedBy], ['sam@acme.example', 'maria@acme.example'])
  const form = { token: tokenOf(link), name: 'Sam', email: 'other@acme.example', password }
  const { person } = await new ApiBrowser(api).call<Session>('POST', '/invitations/accept', form)
  assert.deepEqual([person?.email, person?.role], ['sam@acme.example', 'member'])
  assert.equal((await new ApiBrowser(api).send('POST', '/api/v1/invitations/accept', form)).status, 400)

  const taken = await admin.send('POST', '/api/v1/people/invitations', invite)
  assert.deepEqual(
    (await problemOf(taken)).errors?.map(({ field }) => field),
    ['email'],
  )
})

test('an invitation ends after a week, when withdrawn, and when renewed', async () => {
  const admin = await becomeAdmin(api)
  const invite = () =>
    admin.call<InvitationWithLink>('POST', '/people/invitations', { email: 'sam@acme.example', role: 'member' })
  const opens = async ({ link }: InvitationWithLink) =>
    (await new ApiBrowser(api).send('GET', `/api/v1/invitations/lookup?token=${tokenOf(link)}`)).status === 200

  const first = await invite()
  const second = await invite()
  assert.deepEqual([await opens(first), await opens(second)], [false, true])
  assert.equal((await admin.call<{ items: unknown[] }>('GET', '/people/invitations')).items.length, 1)

  await admin.call('DELETE', `/people/invitations/${second.invitation.id}`)
  assert.equal(await opens(second), false)
  const gone = await admin.send('DELETE', `/api/v1/people/invitations/${second.invitation.id}`)
  assert.equal(gone.status, 404)

  const third = await invite()
  api.clock.now = new Date(Date.now() + 7 * day + 1)
  assert.equal(await opens(third), false)
  assert.equal((await admin.call<{ items: unknown[] }>('GET', '/people/invitations')).items.length, 0)
})

test('a password that is too short is said beside its field', async () => {
  const token = tokenOf(await newSetupLink())
  const form = { token, name: '', email: 'not an address', password: 'short' }
  const problem = await problemOf(await new ApiBrowser(api).send('POST', '/api/v1/invitations/accept', form))
  assert.deepEqual(
    problem.errors?.map(({ field, message }) => [field, message]),
    [
      ['name', 'Enter your name.'],
      ['email', 'Enter an e-mail address.'],
      ['password', 'At least 10 characters.'],
    ],
  )
})

test('a role taken away or a person removed counts at once, also where they are signed in', async () => {
  const admin = await becomeAdmin(api)
  const sam = await becomeInvited(api, { admin, email: 'sam@acme.example', role: 'admin' })
  const { person } = await sam.call<Session>('GET', '/session')
  assert.equal((await sam.send('GET', '/api/v1/people')).status, 200)

  const changed = await admin.call<Person>('PATCH', `/people/${person?.id}`, { role: 'member' })
  assert.equal(changed.role, 'member')
  assert.equal((await sam.send('GET', '/api/v1/people')).status, 403)

  await admin.call('DELETE', `/people/${person?.id}`)
  assert.equal((await sam.send('GET', '/api/v1/integrations')).status, 401)
  const back = { email: 'sam@acme.example', password }
  assert.equal((await new ApiBrowser(api).send('POST', '/api/auth/sign-in/email', back)).status, 401)
})

test('the last admin can neither be removed nor become a member, not even by two at the same moment', async () => {
  const admin = await becomeAdmin(api)
  const { person: maria } = await admin.call<Session>('GET', '/session')
  const demoted = await admin.send('PATCH', `/api/v1/people/${maria?.id}`, { role: 'member' })
  assert.equal((await problemOf(demoted)).code, 'LAST_ADMIN')
  assert.equal((await admin.send('DELETE', `/api/v1/people/${maria?.id}`)).status, 409)

  const other = await becomeInvited(api, { admin, email: 'sam@acme.example', role: 'admin' })
  const { person: sam } = await other.call<Session>('GET', '/session')
  await Promise.all([
    admin.send('DELETE', `/api/v1/people/${sam?.id}`),
    other.send('DELETE', `/api/v1/people/${maria?.id}`),
  ])
  const [row] = await sql<{ admins: number }[]>`select count(*) as admins from loopline.people where role = 'admin'`
  assert.equal(row?.admins, 1)
})

test('every change to people is in the audit trail, with who did it', async () => {
  const admin = await becomeAdmin(api)
  await becomeInvited(api, { admin, email: 'sam@acme.example', role: 'member' })
  const { items: people } = await admin.call<{ items: Person[] }>('GET', '/people')
  const sam = people.find(({ email }) => email.startsWith('sam'))
  await admin.call('PATCH', `/people/${sam?.id}`, { role: 'admin' })
  await admin.call('DELETE', `/people/${sam?.id}`)
  const { items } = await admin.call<{ items: { sentence: string }[] }>('GET', '/audit-events')
  assert.deepEqual(items.map(({ sentence }) => sentence).reverse(), [
    'maria@acme.example joined as admin.',
    'maria@acme.example invited sam@acme.example as member.',
    'sam@acme.example joined as member.',
    'maria@acme.example made sam@acme.example admin (was member).',
    'maria@acme.example removed sam@acme.example.',
  ])
})

test('the audit trail is read page by page, each event once', async () => {
  const admin = await becomeAdmin(api)
  for (let n = 0; n < 5; n++) {
    await admin.call('POST', '/people/invitations', { email: `p${n}@acme.example`, role: 'member' })
  }
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const query: string = cursor === '' ? '?limit=2' : `?limit=2&cursor=${cursor}`
    const page: { items: { id: string }[]; nextCursor: string | null } = await admin.call(
      'GET',
      `/audit-events${query}`,
    )
    assert.ok(page.items.length <= 2)
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  }
  assert.equal(new Set(seen).size, 6)
  assert.equal(seen.length, 6)
})
