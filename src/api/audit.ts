import { createRoute, z } from '@hono/zod-openapi'
import { listAuditEvents, type StoredAuditEvent } from '../store/audit.ts'
import type { Pool } from '../store/database.ts'
import { sentenceOf } from './audit-sentences.ts'
import { answers, newRoutes, pageQuery } from './routes.ts'
import { AuditEvent, listOf } from './schemas.ts'

const list = createRoute({
  method: 'get',
  path: '/audit-events',
  tags: ['Audit trail'],
  summary: 'List who changed what and when',
  request: { query: pageQuery.extend({ integrationId: z.string().optional() }) },
  responses: answers(listOf(AuditEvent), 'Newest first.'),
})

/** The audit trail. */
export function auditRoutes({ sql }: { sql: Pool }) {
  return newRoutes().openapi(list, async (c) => {
    const { cursor, limit, integrationId } = c.req.valid('query')
    const events = await listAuditEvents(sql, {
      limit: limit + 1,
      ...(cursor ? { before: cursor } : {}),
      ...(integrationId ? { integrationId } : {}),
    })
    const items = events.slice(0, limit).map(shapeEvent)
    return c.json({ items, nextCursor: events.length > limit ? (items.at(-1)?.id ?? null) : null }, 200)
  })
}

function shapeEvent(event: StoredAuditEvent): AuditEvent {
  return {
    id: String(event.id),
    at: event.at.toISOString(),
    actor: event.actor,
    action: event.action,
    integrationId: event.integrationId,
    integrationName: event.integrationName,
    sentence: sentenceOf(event),
    detail: event.detail,
  }
}
