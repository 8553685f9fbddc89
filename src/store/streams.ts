/** One object of one integration: its columns, its checkpoint, how it stands. */

import type { Failure } from '../errors.ts'
import type { Sql } from './database.ts'
import type { MirrorColumn } from './mirror.ts'

export interface Stream {
  readonly objectName: string
  readonly label: string
  readonly tableName: string
  readonly state: 'new' | 'backfilling' | 'live' | 'refused'
  /** Everything before it has landed; null until the first backfill is done. */
  readonly checkpoint: Date | null
  readonly columns: readonly MirrorColumn[]
  readonly describedAt: Date | null
  /** When every record was last read, whatever its stamps said: what no stamp tells of is as of then. */
  readonly fullReadAt: Date | null
  readonly rowCount: number
  readonly newestRecordAt: Date | null
  readonly failure: Failure | null
}

/** In alphabetical order of their objects. */
export async function listStreams(sql: Sql, integrationId: string): Promise<Stream[]> {
  return sql<Stream[]>`
    select object_name as "objectName", label, table_name as "tableName", state, checkpoint, columns,
      described_at as "describedAt", full_read_at as "fullReadAt", row_count as "rowCount",
      newest_record_at as "newestRecordAt", failure
    from loopline.streams where integration_id = ${integrationId} order by object_name`
}

export interface StreamTotals {
  readonly integrationId: string
  readonly rows: number
  /** The newest record's time of change over all objects. */
  readonly newestRecordAt: Date | null
  readonly objects: number
  /** Objects that Salesforce refuses, and why. */
  readonly refused: readonly { readonly label: string; readonly failure: Failure | null }[]
}

export async function listStreamTotals(sql: Sql, integrationIds: readonly string[]): Promise<StreamTotals[]> {
  return sql<StreamTotals[]>`
    select integration_id as "integrationId", sum(row_count)::bigint as rows, max(newest_record_at) as "newestRecordAt",
      count(*) as objects,
      coalesce(
        jsonb_agg(jsonb_build_object('label', label, 'failure', failure) order by object_name)
          filter (where state = 'refused'), '[]') as refused
    from loopline.streams where integration_id = any (${integrationIds as string[]}) group by integration_id`
}

export interface StreamShape {
  readonly objectName: string
  readonly label: string
  readonly tableName: string
  readonly columns: readonly MirrorColumn[]
}

/**
 * Keeps what a describe said. A stream that was refused is `live` again, or `backfilling` when it never was complete
 * or has columns to fill: then its checkpoint goes too.
 */
export async function saveStreamShape(tx: Sql, integrationId: string, shape: StreamShape): Promise<void> {
  const refill = shape.columns.some((column) => column.state === 'filling')
  await tx`
    insert into loopline.streams (integration_id, object_name, label, table_name, columns, described_at, state)
    values (${integrationId}, ${shape.objectName}, ${shape.label}, ${shape.tableName},
      ${JSON.stringify(shape.columns)}::text::jsonb, now(), 'backfilling')
    on conflict (integration_id, object_name) do update set
      label = excluded.label, columns = excluded.columns, described_at = excluded.described_at, failure = null,
      checkpoint = case when ${refill} then null else streams.checkpoint end,
      full_read_at = case when ${refill} then null else streams.full_read_at end,
      state = case when streams.checkpoint is null or ${refill} then 'backfilling' else 'live' end`
}

/** Salesforce doesn't let the user read the object (any more). Its rows and checkpoint stay as they are. */
export async function refuseStream(
  tx: Sql,
  integrationId: string,
  refused: { objectName: string; label: string; tableName: string; failure: Failure },
): Promise<void> {
  await tx`
    insert into loopline.streams (integration_id, object_name, label, table_name, state, failure, described_at)
    values (${integrationId}, ${refused.objectName}, ${refused.label}, ${refused.tableName}, 'refused',
      ${JSON.stringify(refused.failure)}::text::jsonb, now())
    on conflict (integration_id, object_name) do update set
      state = 'refused', failure = excluded.failure, described_at = now()`
}

/** Adds a page's rows to the stream's totals, in the page's own transaction. */
export async function countStreamRows(
  tx: Sql,
  integrationId: string,
  page: { objectName: string; inserted: number; newest: Date | null },
): Promise<void> {
  await tx`
    update loopline.streams set row_count = greatest(row_count + ${page.inserted}, 0),
      newest_record_at = greatest(newest_record_at, ${page.newest})
    where integration_id = ${integrationId} and object_name = ${page.objectName}`
}

/** Exact totals, after a first load. */
export async function saveStreamTotals(
  tx: Sql,
  integrationId: string,
  totals: { objectName: string; rows: number; newestRecordAt: Date | null },
): Promise<void> {
  await tx`
    update loopline.streams set row_count = ${totals.rows}, newest_record_at = ${totals.newestRecordAt}
    where integration_id = ${integrationId} and object_name = ${totals.objectName}`
}

/** Everything before `checkpoint` has landed. Called in the transaction that lands the last of it. */
export async function moveCheckpoint(
  tx: Sql,
  integrationId: string,
  moved: { objectName: string; checkpoint: Date; isComplete: boolean; isWhole: boolean },
): Promise<void> {
  await tx`
    update loopline.streams set checkpoint = greatest(checkpoint, ${moved.checkpoint}),
      state = case when ${moved.isComplete} then 'live' else state end,
      full_read_at = case when ${moved.isWhole} then ${moved.checkpoint} else full_read_at end
    where integration_id = ${integrationId} and object_name = ${moved.objectName}`
}

/** Every record's formulas have been read. */
export async function saveFullRead(
  tx: Sql,
  integrationId: string,
  { objectName, at }: { objectName: string; at: Date },
) {
  await tx`
    update loopline.streams set full_read_at = ${at}
    where integration_id = ${integrationId} and object_name = ${objectName}`
}

/** Every row has been read for the columns that were being filled. */
export async function settleColumns(
  tx: Sql,
  integrationId: string,
  settled: { objectName: string; columns: readonly MirrorColumn[] },
): Promise<void> {
  const columns = settled.columns.map((column) => (column.state === 'filling' ? { ...column, state: 'live' } : column))
  await tx`
    update loopline.streams set columns = ${JSON.stringify(columns)}::text::jsonb
    where integration_id = ${integrationId} and object_name = ${settled.objectName}`
}

/** These objects are read from the beginning again; their rows stay and are brought up to date by it. */
export async function resetStreams(sql: Sql, integrationId: string, objectNames: readonly string[]): Promise<void> {
  await sql`
    update loopline.streams set checkpoint = null, full_read_at = null, described_at = null,
      state = case when state = 'refused' then state else 'backfilling' end
    where integration_id = ${integrationId} and object_name = any (${objectNames as string[]})`
}
