/** What one run does with one object: how far it is, and what is needed to go on after a crash. */

import type { Failure } from '../errors.ts'
import type { Sql } from './database.ts'
import type { ClaimedRun } from './runs.ts'

export interface RunStream {
  readonly objectName: string
  readonly state: 'pending' | 'running' | 'finished' | 'refused' | 'failed'
  readonly mode: 'bulk' | 'rest' | null
  readonly jobId: string | null
  readonly jobApiVersion: string | null
  readonly locator: string | null
  readonly direct: boolean
  readonly expectedRecords: number | null
  readonly recordsRead: number
  readonly windowStart: Date | null
}

/** Adds the objects that the run does not have yet, in this order. */
export async function addRunStreams(tx: Sql, run: ClaimedRun, objectNames: readonly string[]): Promise<void> {
  await tx`
    insert into loopline.run_streams (run_id, object_name, position)
    select ${run.id}, name, position
    from unnest(${objectNames as string[]}::text[]) with ordinality as named (name, position)
    on conflict (run_id, object_name) do nothing`
}

export async function listRunStreams(sql: Sql, run: ClaimedRun): Promise<Map<string, RunStream>> {
  const rows = await sql<RunStream[]>`
    select object_name as "objectName", state, mode, job_id as "jobId", job_api_version as "jobApiVersion", locator,
      direct, expected_records as "expectedRecords", records_read as "recordsRead", window_start as "windowStart"
    from loopline.run_streams where run_id = ${run.id}`
  return new Map(rows.map((row) => [row.objectName, row]))
}

/** The object is being read from the beginning, in this way; what an earlier attempt had read counts no more. */
export async function beginRunStream(
  tx: Sql,
  run: ClaimedRun,
  begin: {
    objectName: string
    mode: 'bulk' | 'rest'
    job?: { id: string; apiVersion: string } | undefined
    direct?: boolean
    expectedRecords?: number | undefined
    windowStart?: Date | null
  },
): Promise<void> {
  await tx`
    update loopline.run_streams set state = 'running', mode = ${begin.mode}, started_at = coalesce(started_at, now()),
      job_id = ${begin.job?.id ?? null}, job_api_version = ${begin.job?.apiVersion ?? null}, locator = null,
      direct = ${begin.direct ?? false}, records_read = 0, window_start = ${begin.windowStart ?? null},
      expected_records = ${begin.expectedRecords ?? null}, failure = null
    where run_id = ${run.id} and object_name = ${begin.objectName}`
}

export interface PageCounts {
  readonly read: number
  readonly changed: number
  readonly deleted: number
}

/** Adds what a page did, in the page's own transaction. */
export async function countPage(
  tx: Sql,
  run: ClaimedRun,
  page: PageCounts & { objectName: string; locator: string | null },
): Promise<void> {
  await tx`
    update loopline.run_streams set state = 'running', started_at = coalesce(started_at, now()),
      locator = ${page.locator}, records_read = records_read + ${page.read},
      rows_changed = rows_changed + ${page.changed}, rows_deleted = rows_deleted + ${page.deleted}
    where run_id = ${run.id} and object_name = ${page.objectName}`
}

/** Adds rows that changed without having been read. */
export async function countFollowed(
  tx: Sql,
  run: ClaimedRun,
  { objectName, changed, deleted }: { objectName: string; changed: number; deleted: number },
): Promise<void> {
  await tx`
    update loopline.run_streams set rows_changed = rows_changed + ${changed}, rows_deleted = rows_deleted + ${deleted}
    where run_id = ${run.id} and object_name = ${objectName}`
}

/** How many records Salesforce now says there are. */
export async function saveExpected(sql: Sql, run: ClaimedRun, expected: { objectName: string; records: number }) {
  await sql`
    update loopline.run_streams set expected_records = ${expected.records}
    where run_id = ${run.id} and object_name = ${expected.objectName}`
}

/** From here on pages go through the landing table. */
export async function leaveDirect(sql: Sql, run: ClaimedRun, objectName: string): Promise<void> {
  await sql`
    update loopline.run_streams set direct = false where run_id = ${run.id} and object_name = ${objectName}`
}

export async function finishRunStream(tx: Sql, run: ClaimedRun, objectName: string): Promise<void> {
  await tx`
    update loopline.run_streams set state = 'finished', finished_at = now(), expected_records = records_read,
      mode = coalesce(mode, 'rest'), started_at = coalesce(started_at, now())
    where run_id = ${run.id} and object_name = ${objectName}`
}

export async function refuseRunStream(
  tx: Sql,
  run: ClaimedRun,
  { objectName, failure }: { objectName: string; failure: Failure },
) {
  await tx`
    update loopline.run_streams set state = 'refused', failure = ${JSON.stringify(failure)}::text::jsonb,
      finished_at = now()
    where run_id = ${run.id} and object_name = ${objectName}`
}

export interface KeptJob {
  readonly runId: number
  readonly objectName: string
  readonly id: string
  readonly apiVersion: string
}

/** Remembers a job whose results are of use to this attempt only. */
export async function keepJob(tx: Sql, job: KeptJob): Promise<void> {
  await tx`
    update loopline.run_streams set job_id = ${job.id}, job_api_version = ${job.apiVersion}
    where run_id = ${job.runId} and object_name = ${job.objectName}`
}

/** Jobs whose results are still at Salesforce: the run's own, and those that the integration's earlier runs left there. */
export async function listJobs(sql: Sql, run: Pick<ClaimedRun, 'id' | 'integrationId'>): Promise<KeptJob[]> {
  return sql<KeptJob[]>`
    select run_id as "runId", object_name as "objectName", job_id as id, job_api_version as "apiVersion"
    from loopline.run_streams join loopline.runs on runs.id = run_id
    where integration_id = ${run.integrationId} and run_id <= ${run.id} and job_id is not null`
}

/** The job is gone from Salesforce, or about to be: nobody can go on with it. */
export async function clearJob(tx: Sql, { runId, objectName }: Omit<KeptJob, 'id' | 'apiVersion'>): Promise<void> {
  await tx`
    update loopline.run_streams set job_id = null, job_api_version = null, locator = null
    where run_id = ${runId} and object_name = ${objectName}`
}
