import { setTimeout as sleep } from 'node:timers/promises'
import type { OAuthDeps } from '../oauth/authorize.ts'
import { revokeConnection } from '../oauth/revoke.ts'
import { recordAudit } from '../store/audit.ts'
import { changeIntegration, deleteIntegration, type Integration } from '../store/integrations.ts'
import { findActiveRun } from '../store/runs.ts'
import { listStreamTotals } from '../store/streams.ts'
import type { Boss } from '../sync/boss.ts'
import { cancelRun } from '../sync/schedule.ts'
import type { Caller } from './caller.ts'
import type { Deletion } from './schemas.ts'

const stopWithinMs = 5_000

/**
 * Stops what is running, revokes the token at Salesforce as well as it can, and drops the integration with its schema.
 * Salesforce not answering keeps nobody from deleting: the note then says what to do there.
 */
export async function removeIntegration(
  { oauth, boss }: { oauth: OAuthDeps; boss: Boss },
  integration: Integration,
  actor: Caller['actor'],
): Promise<Deletion> {
  const { sql, now } = oauth
  await changeIntegration(sql, integration.id, { pausedAt: integration.pausedAt ?? now() })
  await stopRun({ oauth, boss }, integration.id)
  const { revoked, note } = await revokeConnection(oauth, integration.id)
  const [totals] = await listStreamTotals(sql, [integration.id])
  const rows = totals?.rows ?? 0
  await deleteIntegration(sql, integration)
  await recordAudit(sql, { actor, action: 'integration.deleted', integration, detail: { rows, revoked } })
  return { name: integration.name, rowsRemoved: rows, revoked, note }
}

// A run that stops in time can still abort its Bulk job; one that doesn't can write nothing once its row is gone.
async function stopRun({ oauth: { sql }, boss }: { oauth: OAuthDeps; boss: Boss }, integrationId: string) {
  const run = await findActiveRun(sql, integrationId)
  if (!run) return
  await cancelRun(sql, boss, run.id)
  for (let waitedMs = 0; waitedMs < stopWithinMs; waitedMs += 100) {
    if (!(await findActiveRun(sql, integrationId))) return
    await sleep(100)
  }
}
