import { createRoute, z } from '@hono/zod-openapi'
import { LooplineError } from '../errors.ts'
import type { OAuthDeps } from '../oauth/authorize.ts'
import { recordAudit } from '../store/audit.ts'
import { changeIntegration, getIntegration, listIntegrations } from '../store/integrations.ts'
import { findActiveRun } from '../store/runs.ts'
import type { Boss } from '../sync/boss.ts'
import { cancelRun } from '../sync/schedule.ts'
import { testConnection } from '../sync/test-connection.ts'
import { callerOf } from './caller.ts'
import { changeSettings, previewSettings } from './integration-changes.ts'
import { removeIntegration } from './integration-deletion.ts'
import { shapeIntegrations, shapeOne } from './integration-shape.ts'
import { answers, idParam, jsonBody, newRoutes, wholeList } from './routes.ts'
import { Deletion, Integration, IntegrationChanges, listOf, TestReport } from './schemas.ts'

const tags = ['Integrations']

const list = createRoute({
  method: 'get',
  path: '/integrations',
  tags,
  summary: 'List integrations and how they are',
  responses: answers(listOf(Integration), 'Newest first.'),
})

const show = createRoute({
  method: 'get',
  path: '/integrations/{id}',
  tags,
  summary: 'An integration',
  request: { params: idParam },
  responses: answers(Integration, 'With its active run, object by object.'),
})

const change = createRoute({
  method: 'patch',
  path: '/integrations/{id}',
  tags,
  summary: 'Change settings',
  description: 'What is absent stays. Ask `changes-preview` first for what a change means for the copied records.',
  request: { params: idParam, body: jsonBody(IntegrationChanges) },
  responses: answers(Integration, 'The integration as it is now.'),
})

const preview = createRoute({
  method: 'post',
  path: '/integrations/{id}/changes-preview',
  tags,
  summary: 'What changing these settings would mean',
  request: { params: idParam, body: jsonBody(IntegrationChanges) },
  responses: answers(z.object({ sentences: z.array(z.string()) }), 'Nothing is changed. Empty: nothing to mention.'),
})

const remove = createRoute({
  method: 'delete',
  path: '/integrations/{id}',
  tags,
  summary: 'Delete an integration and its copied records',
  description: 'The token is revoked at Salesforce, the schema with all its rows dropped. Salesforce’s records stay.',
  request: { params: idParam, body: jsonBody(z.object({ name: z.string() })) },
  responses: answers(Deletion, 'What was removed, and whether the token is revoked.'),
})

const test = createRoute({
  method: 'post',
  path: '/integrations/{id}/test',
  tags,
  summary: 'Test the connection, step by step',
  request: { params: idParam },
  responses: answers(TestReport, 'Also when a step failed: the report says which, and the remedy.'),
})

const pause = createRoute({
  method: 'post',
  path: '/integrations/{id}/pause',
  tags,
  summary: 'Pause syncing',
  request: { params: idParam },
  responses: answers(Integration, 'Paused; a run under way stops.'),
})

const resume = createRoute({
  method: 'post',
  path: '/integrations/{id}/resume',
  tags,
  summary: 'Resume syncing',
  request: { params: idParam },
  responses: answers(Integration, 'The next run goes on from the checkpoints.'),
})

/** Integrations: everything but connecting them and their runs. */
export function integrationRoutes({ oauth, boss }: { oauth: OAuthDeps; boss: Boss }) {
  const { sql, clients, now } = oauth
  const shape = { sql, clients, now }

  return newRoutes()
    .openapi(list, async (c) => {
      const isAdmin = callerOf(c).role === 'admin'
      return c.json(wholeList(await shapeIntegrations(shape, await listIntegrations(sql), { isAdmin })), 200)
    })
    .openapi(show, async (c) => {
      const integration = await getIntegration(sql, c.req.valid('param').id)
      return c.json(await shapeOne(shape, integration, callerOf(c).role === 'admin'), 200)
    })
    .openapi(change, async (c) => {
      const integration = await getIntegration(sql, c.req.valid('param').id)
      const changed = await changeSettings(oauth, integration, { form: c.req.valid('json'), actor: callerOf(c).actor })
      return c.json(await shapeOne(shape, changed, true), 200)
    })
    .openapi(preview, async (c) => {
      const integration = await getIntegration(sql, c.req.valid('param').id)
      return c.json({ sentences: previewSettings(oauth, integration, c.req.valid('json')) }, 200)
    })
    .openapi(remove, async (c) => {
      const integration = await getIntegration(sql, c.req.valid('param').id)
      if (c.req.valid('json').name.trim() !== integration.name) throw nameDiffers(integration.name)
      return c.json(await removeIntegration({ oauth, boss }, integration, callerOf(c).actor), 200)
    })
    .openapi(test, async (c) => {
      const integration = await getIntegration(sql, c.req.valid('param').id)
      return c.json(await testConnection(oauth, integration), 200)
    })
    .openapi(pause, async (c) => {
      const { actor } = callerOf(c)
      const integration = await getIntegration(sql, c.req.valid('param').id)
      const paused = await sql.begin(async (tx) => {
        if (!integration.pausedAt)
          await recordAudit(tx, { actor, action: 'integration.paused', integration, detail: {} })
        return changeIntegration(tx, integration.id, { pausedAt: integration.pausedAt ?? now() })
      })
      const run = await findActiveRun(sql, integration.id)
      if (run) await cancelRun(sql, boss, run.id)
      return c.json(await shapeOne(shape, paused, true), 200)
    })
    .openapi(resume, async (c) => {
      const { actor } = callerOf(c)
      const integration = await getIntegration(sql, c.req.valid('param').id)
      const resumed = await sql.begin(async (tx) => {
        if (!integration.pausedAt) return integration
        await recordAudit(tx, { actor, action: 'integration.resumed', integration, detail: {} })
        // Due at once: the scheduler starts what was missed meanwhile.
        return changeIntegration(tx, integration.id, { pausedAt: null, nextRunAt: now() })
      })
      return c.json(await shapeOne(shape, resumed, true), 200)
    })
}

function nameDiffers(name: string): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'NAME_DIFFERS',
    message: `Type the integration’s name, “${name}”, to delete it.`,
    field: 'name',
  })
}
