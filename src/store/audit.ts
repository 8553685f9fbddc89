import type { Sql } from './database.ts'

/** What happened, and what its `detail` says about it. */
export interface AuditDetails {
  'person.invited': { email: string; role: string }
  'person.joined': { email: string; role: string }
  'person.role-changed': { email: string; from: string; to: string }
  'person.removed': { email: string }
  'invitation.withdrawn': { email: string }
  'api-key.created': { name: string; access: string }
  'api-key.revoked': { name: string }
  'integration.added': { org: string; username: string }
  'integration.reconnected': { org: string; username: string }
  'integration.changed': { changes: Record<string, { from: unknown; to: unknown }> }
  'integration.paused': Record<string, never>
  'integration.resumed': Record<string, never>
  'integration.deleted': { rows: number; revoked: boolean }
  'run.started': { runId: string }
  'run.cancelled': { runId: string }
  'run.retried': { runId: string; retriedRunId: string }
}
export type AuditAction = keyof AuditDetails

export interface NewAuditEvent<A extends AuditAction = AuditAction> {
  /** Who did it, as text too: the trail outlives the person. */
  readonly actor: { readonly id: string | null; readonly name: string }
  readonly action: A
  readonly integration?: { readonly id: string; readonly name: string }
  readonly detail: AuditDetails[A]
}

export interface StoredAuditEvent {
  readonly id: number
  readonly at: Date
  readonly actor: string
  readonly action: string
  readonly integrationId: string | null
  readonly integrationName: string | null
  readonly detail: Record<string, unknown>
}

/** Writes one line of the trail; hand in the transaction of the change, so that neither is kept without the other. */
export async function recordAudit<A extends AuditAction>(sql: Sql, event: NewAuditEvent<A>): Promise<void> {
  await sql`
    insert into loopline.audit_events (actor_id, actor, action, integration_id, integration_name, detail)
    values (
      ${event.actor.id}, ${event.actor.name}, ${event.action},
      ${event.integration?.id ?? null}, ${event.integration?.name ?? null}, ${JSON.stringify(event.detail)}::text::jsonb
    )`
}

/** Newest first, older than `before`; of one integration when it is named. */
export async function listAuditEvents(
  sql: Sql,
  { before, limit, integrationId }: { before?: number; limit: number; integrationId?: string },
): Promise<StoredAuditEvent[]> {
  return sql<StoredAuditEvent[]>`
    select id, at, actor, action, integration_id as "integrationId", integration_name as "integrationName", detail
    from loopline.audit_events
    where (${before ?? null}::bigint is null or id < ${before ?? null})
      and (${integrationId ?? null}::text is null or integration_id = ${integrationId ?? null})
    order by id desc
    limit ${limit}`
}
