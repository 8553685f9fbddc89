/** Runs and what each did per object. The row is the truth: a job of the queue only names it. */

import { type Failure, LooplineError } from '../errors.ts'
import type { Pool, Sql } from './database.ts'

export type RunState = 'queued' | 'running' | 'waiting' | 'finished' | 'failed' | 'cancelled'
export type RunTrigger = 'connect' | 'schedule' | 'manual' | 'retry'
export type RunKind = 'backfill' | 'incremental' | 'verify'

interface Run {
  readonly id: number
  readonly integrationId: string
  readonly kind: RunKind
  readonly trigger: RunTrigger
  readonly state: RunState
  readonly requestedBy: string | null
  readonly attempt: number
  readonly failures: number
  readonly windowEnd: Date | null
  readonly retryAt: Date | null
  readonly cancelRequestedAt: Date | null
  readonly failure: Failure | null
  readonly notes: readonly string[]
  readonly apiCalls: number
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly heartbeatAt: Date | null
  readonly finishedAt: Date | null
}

export interface RunObject {
  readonly objectName: string
  readonly label: string
  readonly state: 'pending' | 'running' | 'finished' | 'refused' | 'failed'
  readonly mode: 'bulk' | 'rest' | null
  readonly expectedRecords: number | null
  readonly recordsRead: number
  readonly rowsChanged: number
  readonly rowsDeleted: number
  readonly failure: Failure | null
  readonly startedAt: Date | null
  readonly finishedAt: Date | null
}

export interface RunWithObjects extends Run {
  /** In the order in which they are read. */
  readonly objects: readonly RunObject[]
}

/** A run that this worker holds, for as long as no later attempt exists. */
export interface ClaimedRun {
  readonly id: number
  readonly integrationId: string
  readonly attempt: number
  readonly trigger: RunTrigger
  readonly kind: RunKind
  readonly windowEnd: Date | null
  readonly failures: number
  readonly apiCalls: number
  readonly notes: readonly string[]
  readonly cancelRequested: boolean
}

/** Another worker has taken the run: whatever this one was about to write is void. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost'
}

const columns = `id, integration_id as "integrationId", kind, trigger, state, requested_by as "requestedBy", attempt,
  failures, window_end as "windowEnd", retry_at as "retryAt", cancel_requested_at as "cancelRequestedAt", failure,
  notes, api_calls as "apiCalls", created_at as "createdAt", started_at as "startedAt",
  heartbeat_at as "heartbeatAt", finished_at as "finishedAt"`

const active = ['queued', 'running', 'waiting']

/** Inserts the run as queued. Throws RUN_ACTIVE when the integration has one that has not ended. */
export async function insertRun(
  sql: Sql,
  run: { integrationId: string; kind: RunKind; trigger: RunTrigger; requestedBy: string | null },
): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into loopline.runs (integration_id, kind, trigger, requested_by)
    values (${run.integrationId}, ${run.kind}, ${run.trigger}, ${run.requestedBy})
    on conflict (integration_id) where state in ('queued', 'running', 'waiting') do nothing
    returning id`
  if (row) return row.id
  throw new LooplineError({
    kind: 'invalid',
    code: 'RUN_ACTIVE',
    message: 'A sync of this integration is already under way.',
    remedy: 'Wait until it has ended, or cancel it first.',
  })
}

export async function findRun(sql: Sql, id: number): Promise<RunWithObjects | undefined> {
  const [run] = await withObjects(
    sql,
    await sql<Run[]>`select ${sql.unsafe(columns)} from loopline.runs where id = ${id}`,
  )
  return run
}

/** Newest first; `before` is the id that the page before ended with. */
export async function listRuns(
  sql: Sql,
  integrationId: string,
  { before, limit }: { before: number | null; limit: number },
): Promise<RunWithObjects[]> {
  const runs = await sql<Run[]>`
    select ${sql.unsafe(columns)} from loopline.runs
    where integration_id = ${integrationId} and (${before}::bigint is null or id < ${before}::bigint)
    order by id desc limit ${limit}`
  return withObjects(sql, runs)
}

/** The run that has not ended, of each of these integrations that has one. */
export async function listActiveRuns(sql: Sql, integrationIds: readonly string[]): Promise<RunWithObjects[]> {
  const runs = await sql<Run[]>`
    select ${sql.unsafe(columns)} from loopline.runs
    where integration_id = any (${integrationIds as string[]}) and state = any (${active})`
  return withObjects(sql, runs)
}

/** The newest run that has ended, of each of these integrations that has one. */
export async function listLastRuns(sql: Sql, integrationIds: readonly string[]): Promise<RunWithObjects[]> {
  const runs = await sql<Run[]>`
    select distinct on (integration_id) ${sql.unsafe(columns)} from loopline.runs
    where integration_id = any (${integrationIds as string[]}) and state in ('finished', 'failed', 'cancelled')
    order by integration_id, id desc`
  return withObjects(sql, runs)
}

export async function findActiveRun(sql: Sql, integrationId: string): Promise<RunWithObjects | undefined> {
  return (await listActiveRuns(sql, [integrationId]))[0]
}

/** The newest run that has ended. */
export async function findLastRun(sql: Sql, integrationId: string): Promise<RunWithObjects | undefined> {
  return (await listLastRuns(sql, [integrationId]))[0]
}

async function withObjects(sql: Sql, runs: readonly Run[]): Promise<RunWithObjects[]> {
  if (runs.length === 0) return []
  const objects = await sql<(RunObject & { runId: number })[]>`
    select run_id as "runId", object_name as "objectName", coalesce(label, object_name) as label, run_streams.state,
      mode, expected_records as "expectedRecords", records_read as "recordsRead", rows_changed as "rowsChanged",
      rows_deleted as "rowsDeleted", run_streams.failure, run_streams.started_at as "startedAt",
      run_streams.finished_at as "finishedAt"
    from loopline.run_streams
    join loopline.runs on runs.id = run_id
    left join loopline.streams using (integration_id, object_name)
    where run_id = any (${runs.map((run) => run.id)}) order by run_id, position`
  const byRun = Map.groupBy(objects, (object) => object.runId)
  return runs.map((run) => ({
    ...run,
    objects: (byRun.get(run.id) ?? []).map(({ runId: _, ...object }) => object),
  }))
}

/** Asks the run to stop. One that no worker holds is cancelled at once. Returns the state it has now. */
export async function requestCancel(sql: Sql, id: number): Promise<RunState | undefined> {
  const [row] = await sql<{ state: RunState }[]>`
    update loopline.runs set
      cancel_requested_at = coalesce(cancel_requested_at, now()),
      state = case when state = 'running' then state else 'cancelled' end,
      finished_at = case when state = 'running' then finished_at else now() end
    where id = ${id} and state = any (${active})
    returning state`
  return row?.state
}

/**
 * Takes the run, if it is due or its worker is gone, and fences that worker off by a higher attempt number. `isAlone`
 * says that the worker's lock is free, so that it needn't be waited for.
 */
export async function claimRun(
  sql: Sql,
  id: number,
  { isAlone }: { isAlone: boolean },
): Promise<ClaimedRun | undefined> {
  const [row] = await sql<ClaimedRun[]>`
    update loopline.runs set state = 'running', attempt = attempt + 1, retry_at = null,
      started_at = coalesce(started_at, now()), heartbeat_at = now()
    where id = ${id} and (
      state = 'queued' or (state = 'waiting' and retry_at <= now())
      or (state = 'running' and (${isAlone} or heartbeat_at < now() - interval '60 seconds')))
    returning id, integration_id as "integrationId", attempt, trigger, kind, window_end as "windowEnd", failures,
      api_calls as "apiCalls", notes, cancel_requested_at is not null as "cancelRequested"`
  return row
}

/** One key per run; held by its worker's own connection, so that it is free the moment the worker is gone. */
export async function tryRunLock(session: Sql, id: number): Promise<boolean> {
  const [row] = await session<{ locked: boolean }[]>`
    select pg_try_advisory_lock(hashtext('loopline.run'), ${id % 2 ** 31}) as locked`
  return row?.locked ?? false
}

/** Says that the worker lives. Throws ClaimLost when a later attempt holds the run. */
export async function beatHeart(
  sql: Sql,
  run: ClaimedRun,
  { apiCalls }: { apiCalls: number },
): Promise<{ cancelRequested: boolean }> {
  const [row] = await sql<{ cancelRequested: boolean }[]>`
    update loopline.runs set heartbeat_at = now(), api_calls = ${apiCalls}
    where id = ${run.id} and attempt = ${run.attempt} and state = 'running'
    returning cancel_requested_at is not null as "cancelRequested"`
  if (!row) throw new ClaimLost(`Run ${run.id} is no longer attempt ${run.attempt}'s.`)
  return row
}

/**
 * Holds the run until the transaction ends. Every transaction that writes for a run calls it: a worker that has lost
 * its claim can write nothing more. With `isProgress`, earlier failures are forgotten: their number has an end, the
 * run's length has none.
 */
export async function fence(
  tx: Sql,
  run: ClaimedRun,
  { isProgress = false }: { isProgress?: boolean } = {},
): Promise<void> {
  const rows = await tx`
    update loopline.runs set heartbeat_at = now(), failures = case when ${isProgress} then 0 else failures end
    where id = ${run.id} and attempt = ${run.attempt} and state = 'running' returning 1`
  if (rows.length === 0) throw new ClaimLost(`Run ${run.id} is no longer attempt ${run.attempt}'s.`)
}

/** A transaction behind the fence. */
export async function fenced<T>(session: Pool, run: ClaimedRun, write: (tx: Sql) => Promise<T>): Promise<T> {
  return (await session.begin(async (tx) => {
    await fence(tx, run)
    return write(tx)
  })) as T
}

/** Fixes where the run's windows end; the first attempt's answer stays. */
export async function fixWindowEnd(sql: Sql, run: ClaimedRun, windowEnd: Date): Promise<void> {
  await sql`
    update loopline.runs set window_end = ${windowEnd}
    where id = ${run.id} and attempt = ${run.attempt} and window_end is null`
}

export async function saveRunPlan(
  tx: Sql,
  run: ClaimedRun,
  { kind, notes }: { kind: RunKind; notes: readonly string[] },
): Promise<void> {
  await tx`
    update loopline.runs set kind = ${kind}, notes = ${JSON.stringify(notes)}::text::jsonb
    where id = ${run.id} and attempt = ${run.attempt}`
}

export async function addRunNote(tx: Sql, run: ClaimedRun, note: string): Promise<void> {
  await tx`
    update loopline.runs set notes = notes || jsonb_build_array(${note}::text)
    where id = ${run.id} and attempt = ${run.attempt} and not notes ? ${note}`
}

/** How a run's attempt ended. */
export type RunEnd =
  | { readonly state: 'finished' }
  | { readonly state: 'cancelled' }
  /** The worker is stopping: the next one goes on at once. */
  | { readonly state: 'queued' }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'waiting'; readonly failure: Failure; readonly retryAt: Date; readonly counts: boolean }

/** Ends the attempt, unless a later one holds the run. Streams that were under way say so no more. */
export async function endAttempt(sql: Pool, run: ClaimedRun, { end, apiCalls }: { end: RunEnd; apiCalls: number }) {
  const failure = 'failure' in end ? JSON.stringify(end.failure) : null
  const ended = end.state === 'finished' || end.state === 'failed' || end.state === 'cancelled'
  await sql.begin(async (tx) => {
    const rows = await tx`
      update loopline.runs set state = ${end.state}, failure = ${failure}::text::jsonb, api_calls = ${apiCalls},
        retry_at = ${end.state === 'waiting' ? end.retryAt : null},
        failures = failures + ${end.state === 'waiting' && end.counts ? 1 : 0},
        finished_at = case when ${ended} then now() end
      where id = ${run.id} and attempt = ${run.attempt} and state = 'running' returning 1`
    if (rows.length === 0 || !ended) return
    await tx`
      update loopline.run_streams set state = ${end.state === 'failed' ? 'failed' : 'pending'}
      where run_id = ${run.id} and state = 'running'`
  })
}

/** Runs that no worker is at: they need a job. A fresh heartbeat means that somebody is. */
export async function listRunsToWake(sql: Sql): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select id from loopline.runs
    where state = 'queued' or (state = 'waiting' and retry_at <= now())
      or (state = 'running' and heartbeat_at < now() - interval '5 seconds')`
  return rows.map((row) => row.id)
}

/**
 * The integration's settings have changed under its run: its worker is fenced off, and the next one plans anew. These
 * objects are read from the beginning, whatever the run had done with them.
 */
export async function restartActiveRun(tx: Sql, integrationId: string, objectNames: readonly string[]): Promise<void> {
  const [run] = await tx<{ id: number }[]>`
    update loopline.runs set attempt = attempt + 1, state = case when state = 'running' then 'queued' else state end
    where integration_id = ${integrationId} and state in ('queued', 'running', 'waiting') returning id`
  if (!run) return
  await tx`
    update loopline.run_streams set state = 'pending', mode = null, job_id = null, job_api_version = null,
      locator = null, direct = false, records_read = 0, expected_records = null
    where run_id = ${run.id} and (state = 'running' or object_name = any (${objectNames as string[]}))`
}
