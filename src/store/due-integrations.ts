import type { Sql } from './database.ts'

/**
 * Integrations whose next run is due: connected, not paused, with nothing under way. One whose grant is dead waits for
 * a person, and piles up no errors.
 */
export async function listDueIntegrations(sql: Sql): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select integrations.id from loopline.integrations
    join loopline.connections on integration_id = integrations.id
    where paused_at is null and next_run_at <= now() and health <> 'reconnect'
      and not exists (
        select 1 from loopline.runs
        where runs.integration_id = integrations.id and state in ('queued', 'running', 'waiting'))
    order by next_run_at`
  return rows.map((row) => row.id)
}

/** The next scheduled run is one interval from now. */
export async function scheduleNextRun(sql: Sql, integrationId: string): Promise<void> {
  await sql`
    update loopline.integrations set next_run_at = now() + make_interval(mins => sync_every_minutes)
    where id = ${integrationId}`
}

/** The interval has changed: a next run that is further away than a new interval comes earlier. */
export async function hurryNextRun(sql: Sql, integrationId: string): Promise<void> {
  await sql`
    update loopline.integrations
    set next_run_at = least(next_run_at, now() + make_interval(mins => sync_every_minutes))
    where id = ${integrationId} and next_run_at is not null`
}
