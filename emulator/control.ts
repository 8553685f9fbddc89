/**
 * `/_control`: what a test or a curious person does to the practice org from outside. JSON only, which also keeps other
 * sites' forms out. The start page lists the calls.
 */
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Context as EmulatorContext } from './context.ts'
import { type FieldValue, type ObjectSchema, OrgError } from './org/model.ts'

/** What the control calls do, for programs in the same process and over HTTP alike. */
export interface Controls {
  expireTokens(): void
  revokeGrants(username?: string): void
  setUserActive(username: string, active: boolean): void
  setAppInstalled(installed: boolean): void
  setVisibility(username: string, what: { object: string; field?: string | undefined; visible: boolean }): void
}

const username = z.string().min(1)
const recordFields = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))

const schemas = {
  revokeGrants: z.object({ username: username.optional() }),
  users: z.object({ username, active: z.boolean() }),
  app: z.object({ installed: z.boolean() }),
  answerNext: z.object({
    answer: z.enum(['unavailable', 'unauthorized', 'limit']),
    times: z.int().positive().optional(),
    path: z.string().optional(),
  }),
  cutStream: z.object({ afterBytes: z.int().nonnegative() }),
  failBulkJob: z.object({ message: z.string() }),
  apiUsage: z.object({ used: z.int().nonnegative() }),
  visibility: z.object({ username, object: z.string(), field: z.string().optional(), visible: z.boolean() }),
  records: z.discriminatedUnion('action', [
    z.object({ action: z.literal('create'), object: z.string(), fields: recordFields }),
    z.object({ action: z.literal('update'), object: z.string(), id: z.string(), fields: recordFields }),
    z.object({ action: z.enum(['delete', 'undelete', 'hard-delete']), object: z.string(), id: z.string() }),
  ]),
}

export function createControl(context: EmulatorContext, controls: Controls): Hono {
  const { org, faults, usage, grants } = context
  const control = new Hono()

  function on<T>(path: string, schema: z.ZodType<T>, act: (body: T) => unknown): void {
    control.post(`/_control/${path}`, async (c) => {
      if (!c.req.header('content-type')?.startsWith('application/json')) {
        throw new HTTPException(415, { message: 'Send Content-Type: application/json' })
      }
      const body = schema.safeParse(await c.req.json().catch(() => undefined))
      if (!body.success) return c.json({ error: z.prettifyError(body.error) }, 400)
      try {
        return c.json(act(body.data) ?? { ok: true })
      } catch (error) {
        if (error instanceof RangeError || error instanceof SyntaxError) return c.json({ error: error.message }, 400)
        if (error instanceof OrgError) return c.json({ error: error.message, errorCode: error.errorCode }, 400)
        throw error
      }
    })
  }

  on('expire-tokens', z.unknown(), () => controls.expireTokens())
  on('revoke-grants', schemas.revokeGrants, (body) => controls.revokeGrants(body.username))
  on('users', schemas.users, (body) => controls.setUserActive(body.username, body.active))
  on('app', schemas.app, (body) => controls.setAppInstalled(body.installed))
  on('answer-next', schemas.answerNext, ({ answer, times, path }) =>
    faults.answerNext(answer, { ...(times !== undefined && { times }), ...(path !== undefined && { path }) }),
  )
  on('cut-stream', schemas.cutStream, (body) => faults.cutNextResultStream(body.afterBytes))
  on('fail-bulk-job', schemas.failBulkJob, (body) => faults.failNextBulkJob(body.message))
  on('clear-faults', z.unknown(), () => faults.clear())
  on('api-usage', schemas.apiUsage, (body) => usage.setUsed(body.used))
  on('visibility', schemas.visibility, ({ username: name, ...what }) => controls.setVisibility(name, what))

  on('records', schemas.records, (body) => {
    // The first sign-in is the administrator, who may do everything.
    const [admin] = org.users
    if (!admin) throw new RangeError('The practice org has no sign-in to act for')
    const schema = org.getObject(admin, body.object)
    if (body.action === 'create') {
      return { id: org.create(admin.userId, schema.name, keptValues(schema, body.fields)) }
    }
    if (body.action === 'update') org.update(admin.userId, schema.name, body.id, keptValues(schema, body.fields))
    if (body.action === 'delete') org.delete(admin.userId, schema.name, body.id)
    if (body.action === 'undelete') org.undelete(admin.userId, schema.name, body.id)
    if (body.action === 'hard-delete') org.hardDelete(admin.userId, schema.name, body.id)
    return { id: body.id }
  })

  control.get('/_control/state', (c) =>
    c.json({
      org: { id: org.id, name: org.name, now: new Date(org.now()).toISOString() },
      app: { clientId: context.app.clientId, installed: context.isAppInstalled() },
      users: org.users.map((user) => ({
        username: user.username,
        userId: user.userId,
        active: user.active,
        grants: grants.countGrants(user.userId),
      })),
      apiUsage: { used: usage.used, max: usage.max },
      faults: faults.describe(),
    }),
  )

  return control
}

/** Values as the org keeps them: datetimes may come as text, as in Salesforce's own JSON. */
function keptValues(schema: ObjectSchema, fields: Record<string, FieldValue>): Record<string, FieldValue> {
  const kept: Record<string, FieldValue> = {}
  for (const [name, value] of Object.entries(fields)) {
    const field = schema.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
    if (!field) throw new RangeError(`${schema.name} has no field ${name}`)
    const isDatetime = field.type === 'datetime' && typeof value === 'string'
    kept[field.name] = isDatetime ? Date.parse(value) : value
  }
  return kept
}
