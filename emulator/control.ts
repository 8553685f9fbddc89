/**
 * `/_control`: what a test or a curious person does to the practice org from outside. JSON only, which also keeps other
 * sites' forms out. `GET /_control` lists the calls, and so does the start page.
 */
import { Hono, type Context as HonoContext } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { OrgClock } from './clock.ts'
import type { Context as EmulatorContext } from './context.ts'
import { ControlCalls } from './control-calls.ts'
import { eventControls } from './events/controls.ts'
import { oauthControls } from './oauth/controls.ts'
import { recordControls } from './org/controls.ts'
import { fieldsFromJson } from './org/input.ts'
import { OrgError } from './org/model.ts'
import { countRecords, getAdmin, listObjects, overviewControls } from './overview.ts'
import { limitControls } from './rest/controls.ts'
import { schemaControls } from './schema/controls.ts'
import { troubleControls } from './trouble/controls.ts'

/** What the control calls do, for programs in the same process and over HTTP alike. */
export interface Controls {
  expireTokens(): void
  revokeGrants(username?: string): void
  setUserActive(username: string, active: boolean): void
  setAppInstalled(installed: boolean): void
  setVisibility(username: string, what: { object: string; field?: string | undefined; visible: boolean }): void
  setClock(state: OrgClock['state']): void
  /** Moves the org to another address, whose old one then fails in this way, or back; gives the address it has now. */
  moveOrg(to: 'no-route' | 'redirect' | 'home'): Promise<string>
}

const username = z.string().min(1)
const recordFields = z.record(z.string(), z.unknown())
const recordsSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('create'), object: z.string(), fields: recordFields }),
  z.object({ action: z.literal('update'), object: z.string(), id: z.string(), fields: recordFields }),
  z.object({ action: z.enum(['delete', 'undelete', 'hard-delete']), object: z.string(), id: z.string() }),
])

/** All control calls of this org. Each part adds its own. */
export function listControls(context: EmulatorContext, controls: Controls): ControlCalls {
  const { org, usage } = context
  const calls = new ControlCalls()
  const { on } = calls
  const [admin, agent] = org.users.map((user) => user.username)

  troubleControls(calls, context, controls)
  overviewControls(on, context)
  oauthControls(on, context)
  recordControls(on, org)
  schemaControls(on, org)
  eventControls(on, context.events)
  limitControls(on, usage)
  on('expire-tokens', z.unknown(), { what: 'End all access tokens now', example: {} }, () => controls.expireTokens())
  on(
    'revoke-grants',
    z.object({ username: username.optional() }),
    { what: "Revoke the app's grants, of one user or (without a username) of all", example: { username: admin } },
    (body) => controls.revokeGrants(body.username),
  )
  on(
    'users',
    z.object({ username, active: z.boolean() }),
    { what: 'Deactivate or reactivate a user', example: { username: agent, active: false } },
    (body) => controls.setUserActive(body.username, body.active),
  )
  on(
    'app',
    z.object({ installed: z.boolean() }),
    { what: 'Uninstall or install the app in the org', example: { installed: false } },
    (body) => controls.setAppInstalled(body.installed),
  )
  on(
    'api-usage',
    z.object({ used: z.int().nonnegative() }),
    { what: 'Set how many API calls count as used', example: { used: 114_000 } },
    (body) => usage.setUsed(body.used),
  )
  on(
    'visibility',
    z.object({ username, object: z.string(), field: z.string().optional(), visible: z.boolean() }),
    {
      what: 'Hide a field or (without a field) an object from a user, or show it again',
      example: { username: agent, object: 'Case', field: 'Priority', visible: false },
    },
    ({ username: name, ...what }) => controls.setVisibility(name, what),
  )
  on(
    'records',
    recordsSchema,
    {
      what: 'Create, update, delete, undelete or hard-delete a record as the administrator',
      example: { action: 'create', object: 'Case', fields: { Subject: 'From outside' } },
    },
    (body) => {
      const user = getAdmin(org)
      const schema = org.getObject(user, body.object)
      if (body.action === 'create') {
        return { id: org.create(user.userId, schema.name, fieldsFromJson(org, user, schema, body.fields)) }
      }
      if (body.action === 'update')
        org.update(user.userId, schema.name, body.id, fieldsFromJson(org, user, schema, body.fields))
      if (body.action === 'delete') org.delete(user.userId, schema.name, body.id)
      if (body.action === 'undelete') org.undelete(user.userId, schema.name, body.id)
      if (body.action === 'hard-delete') org.hardDelete(user.userId, schema.name, body.id)
      return { id: body.id }
    },
  )
  return calls
}

/** What other parts have to show, looked at whenever someone asks. */
export interface OrgFacts {
  listJobs(): readonly object[]
  listTopics(): readonly string[]
  /** `host:port` of the Pub/Sub API, if it is served. */
  pubSubEndpoint(): string | undefined
}

export function createControl(
  context: EmulatorContext,
  { calls, facts }: { calls: ControlCalls; facts: OrgFacts },
): Hono {
  const { org, faults, usage, grants, requests, clock } = context
  const control = new Hono()

  control.use('/_control/*', async (c, next) => {
    // A page of another site may not reach the org through someone's browser.
    const from = c.req.header('origin')
    if (from !== undefined && from !== new URL(c.req.url).origin)
      throw new HTTPException(403, { message: 'Not from here' })
    return next()
  })

  control.get('/_control', (c) => c.json(calls.list().map(({ path, what, example }) => ({ path, what, example }))))

  control.post('/_control/:path{.+}', async (c) => {
    if (!calls.has(c.req.param('path'))) {
      requests.noteUnknown('POST', c.req.path)
      return c.json({ error: `There is no control call "${c.req.param('path')}"` }, 404)
    }
    if (!c.req.header('content-type')?.startsWith('application/json')) {
      throw new HTTPException(415, { message: 'Send Content-Type: application/json' })
    }
    return answer(c, async () => {
      const act = calls.get(c.req.param('path')).prepare(await c.req.json().catch(() => undefined))
      return (await act()) ?? { ok: true }
    })
  })

  control.get('/_control/faults', (c) => c.json(faults.list()))
  control.delete('/_control/faults', (c) => {
    faults.clear()
    return c.json({ ok: true })
  })
  control.delete('/_control/faults/:number{\\d+}', (c) =>
    faults.remove(Number(c.req.param('number')))
      ? c.json({ ok: true })
      : c.json({ error: 'There is no such rule' }, 404),
  )

  control.get('/_control/objects', (c) => c.json(listObjects(org)))
  control.get('/_control/objects/:name', (c) =>
    answer(c, async () => ({ count: countRecords(org, c.req.param('name')) })),
  )

  control.get('/_control/requests', (c) =>
    c.json({
      latest: requests.latest,
      requests: requests.list(Number(c.req.query('after') ?? 0)),
      unknown: requests.listUnknown(),
    }),
  )

  control.get('/_control/state', (c) =>
    c.json({
      org: {
        id: org.id,
        name: org.name,
        now: new Date(org.now()).toISOString(),
        frozen: clock.state.frozenAt !== null,
      },
      instanceUrl: context.instanceUrl(),
      apps: context.apps.list().map(({ name, clientId }) => ({ name, clientId })),
      app: { clientId: context.app.clientId, installed: context.app.installed },
      users: org.users.map((user) => ({
        username: user.username,
        userId: user.userId,
        active: user.active,
        grants: grants.countGrants(user.userId),
      })),
      apiUsage: { used: usage.used, max: usage.max },
      faults: faults.list(),
      jobs: facts.listJobs(),
      topics: facts.listTopics(),
      pubSub: facts.pubSubEndpoint() ?? null,
    }),
  )

  return control
}

/** What a control call answers, or what is wrong with it. */
async function answer(c: HonoContext, act: () => Promise<unknown>): Promise<Response> {
  try {
    return c.json((await act()) as object)
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError) return c.json({ error: error.message }, 400)
    if (error instanceof OrgError) return c.json({ error: error.message, errorCode: error.errorCode }, 400)
    throw error
  }
}
