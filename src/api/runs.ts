import { createRoute, z } from '@hono/zod-openapi'
import { LooplineError } from '../errors.ts'
import { recordAudit } from '../store/audit.ts'
import { findConnection } from '../store/connections.ts'
import type { Pool } from '../store/database.ts'
import { getIntegration, type Integration } from '../store/integrations.ts'
import { findRun, listRuns, type RunWithObjects } from '../store/runs.ts'
import { listStreams, type Stream } from '../store/streams.ts'
import type { Boss } from '../sync/boss.ts'
import { cancelRun, queueRun } from '../sync/schedule.ts'
import { callerOf } from './caller.ts'
import { answers, idParam, newRoutes, pageQuery, wholeList } from './routes.ts'
import { shapeRun } from './run-shape.ts'
import { listOf, Run, StreamStatus } from './schemas.ts'

const tags = ['Runs']
const runIdParam = z.object({ id: z.string().regex(/^\d{1,15}$/, 'A run’s id is a number.') })

const list = createRoute({
  method: 'get',
  path: '/integrations/{id}/runs',
  tags,
  summary: 'List an integration’s runs',
  request: { params: idParam, query: pageQuery },
  responses: answers(listOf(Run), 'Newest first, without their objects.'),
})

const start = createRoute({
  method: 'post',
  path: '/integrations/{id}/runs',
  tags,
  summary: 'Sync now',
  request: { params: idParam },
  responses: answers(Run, 'The run, queued.'),
})

const show = createRoute({
  method: 'get',
  path: '/runs/{id}',
  tags,
  summary: 'A run, object by object',
  request: { params: runIdParam },
  responses: answers(Run, 'The run with its objects.'),
})

const cancel = createRoute({
  method: 'post',
  path: '/runs/{id}/cancel',
  tags,
  summary: 'Cancel a run',
  description: 'What it has loaded stays; the next run goes on from there.',
  request: { params: runIdParam },
  responses: answers(Run, 'It stops within a few seconds.'),
})

const retry = createRoute({
  method: 'post',
  path: '/runs/{id}/retry',
  tags,
  summary: 'Run again what failed or was cancelled',
  request: { params: runIdParam },
  responses: answers(Run, 'A new run that goes on from the checkpoints.'),
})

const streams = createRoute({
  method: 'get',
  path: '/integrations/{id}/streams',
  tags,
  summary: 'List an integration’s objects and how far each is',
  request: { params: idParam },
  responses: answers(listOf(StreamStatus), 'In alphabetical order.'),
})

/** Runs, and the streams that they move. */
export function runRoutes({ sql, boss, now }: { sql: Pool; boss: Boss; now: () => Date }) {
  async function getRun(id: string | number): Promise<RunWithObjects> {
    const run = await findRun(sql, Number(id))
    if (!run) throw runGone()
    return run
  }
  const shapeWhole = async (id: string | number) => shapeRun(await getRun(id), { now: now(), withObjects: true })

  return newRoutes()
    .openapi(list, async (c) => {
      const { cursor, limit } = c.req.valid('query')
      const { id } = await getIntegration(sql, c.req.valid('param').id)
      const runs = await listRuns(sql, id, { before: cursor ?? null, limit: limit + 1 })
      const items = runs.slice(0, limit).map((run) => shapeRun(run, { now: now(), withObjects: false }))
      return c.json({ items, nextCursor: runs.length > limit ? (items.at(-1)?.id ?? null) : null }, 200)
    })
    .openapi(start, async (c) => {
      const { actor } = callerOf(c)
      const integration = await getIntegration(sql, c.req.valid('param').id)
      await checkMaySync(sql, integration)
      const runId = await queueRun(sql, boss, integration, { trigger: 'manual', requestedBy: actor.name })
      await recordAudit(sql, { actor, action: 'run.started', integration, detail: { runId: String(runId) } })
      return c.json(await shapeWhole(runId), 200)
    })
    .openapi(show, async (c) => c.json(await shapeWhole(c.req.valid('param').id), 200))
    .openapi(cancel, async (c) => {
      const run = await getRun(c.req.valid('param').id)
      const integration = await getIntegration(sql, run.integrationId)
      await cancelRun(sql, boss, run.id)
      const { actor } = callerOf(c)
      await recordAudit(sql, { actor, action: 'run.cancelled', integration, detail: { runId: String(run.id) } })
      return c.json(await shapeWhole(run.id), 200)
    })
    .openapi(retry, async (c) => {
      const run = await getRun(c.req.valid('param').id)
      if (run.state !== 'failed' && run.state !== 'cancelled') throw nothingToRetry()
      const integration = await getIntegration(sql, run.integrationId)
      await checkMaySync(sql, integration)
      const { actor } = callerOf(c)
      const runId = await queueRun(sql, boss, integration, { trigger: 'retry', requestedBy: actor.name })
      const detail = { runId: String(runId), retriedRunId: String(run.id) }
      await recordAudit(sql, { actor, action: 'run.retried', integration, detail })
      return c.json(await shapeWhole(runId), 200)
    })
    .openapi(streams, async (c) => {
      const { id } = await getIntegration(sql, c.req.valid('param').id)
      return c.json(wholeList((await listStreams(sql, id)).map(shapeStream)), 200)
    })
}

/** Throws why a run would get nowhere. */
async function checkMaySync(sql: Pool, { id, pausedAt }: Integration): Promise<void> {
  const connection = await findConnection(sql, id)
  if (connection?.health === 'connected' || connection?.health === 'degraded') {
    if (pausedAt) throw isPaused()
    return
  }
  throw new LooplineError(connection?.failure ?? notConnected)
}

function shapeStream(stream: Stream): StreamStatus {
  return {
    objectName: stream.objectName,
    label: stream.label,
    tableName: stream.tableName,
    state: stream.state,
    rows: stream.rowCount,
    columns: stream.columns.length,
    checkpoint: stream.checkpoint?.toISOString() ?? null,
    newestRecordAt: stream.newestRecordAt?.toISOString() ?? null,
    calculatedReadAt: stream.columns.some((column) => column.calculated && column.state !== 'gone')
      ? (stream.fullReadAt?.toISOString() ?? null)
      : null,
    failure: stream.failure,
  }
}

const notConnected = {
  kind: 'reconnect',
  code: 'NOT_CONNECTED',
  message: 'This integration is not connected to Salesforce.',
  remedy: 'Re-generate the token first.',
} as const

function isPaused(): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'INTEGRATION_PAUSED',
    message: 'This integration is paused.',
    remedy: 'Resume it first.',
  })
}

function runGone(): LooplineError {
  return new LooplineError({ kind: 'invalid', code: 'RUN_NOT_FOUND', message: 'This run is not here (any more).' })
}

function nothingToRetry(): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'RUN_NOT_OVER',
    message: 'Only a run that failed or was cancelled can be run again.',
    remedy: 'Use Sync now instead.',
  })
}
