/** The typed copy of an org's objects: one table per object in the integration's own schema. */

import { createHash } from 'node:crypto'
import type { Sql } from './database.ts'
import { quoted } from './identifier.ts'

export type ColumnType = 'text' | 'boolean' | 'bigint' | 'numeric' | 'date' | 'timestamptz' | 'time'

export interface MirrorColumn {
  /** Salesforce's spelling: `SystemModstamp`. */
  readonly field: string
  /** Ours: `systemmodstamp`. */
  readonly column: string
  readonly type: ColumnType
  readonly salesforceType: string
  readonly label: string
  readonly htmlFormatted: boolean
  readonly custom: boolean
  /** Its value changes with other records or the clock while its own record's stamps stand still: a formula, for one. */
  readonly calculated: boolean
  /**
   * - `live`: read in every run
   * - `filling`: new (or back): old rows get it from the backfill that is under way
   * - `gone`: no longer in the org, or hidden from the user; keeps what it had
   */
  readonly state: 'live' | 'filling' | 'gone'
}

export interface MirrorTable {
  readonly schemaName: string
  readonly tableName: string
  readonly columns: readonly MirrorColumn[]
}

export interface View {
  readonly name: string
  readonly sql: string
}

/** Makes the table, or adds and retypes columns so that it has these. Its rows stay. */
export async function shapeMirrorTable(tx: Sql, table: MirrorTable): Promise<void> {
  const name = quoted(table.schemaName, table.tableName)
  const definitions = table.columns.map((column) => `${quoted(column.column)} ${column.type}`)
  await tx.unsafe(`create table if not exists ${name} (${definitions.join(', ')}, primary key (id))`)
  const existing = await listColumns(tx, table)
  const changes = table.columns.flatMap((column) => {
    const type = existing.get(column.column)
    if (type === column.type) return []
    const add = `add column ${quoted(column.column)} ${column.type}`
    // A field that changed its type is read anew for every row: what the old type held is of no use.
    return type === undefined ? [add] : [`drop column ${quoted(column.column)}`, add]
  })
  if (changes.length > 0) await tx.unsafe(`alter table ${name} ${changes.join(', ')}`)
}

async function listColumns(sql: Sql, table: Pick<MirrorTable, 'schemaName' | 'tableName'>) {
  const rows = await sql<{ name: string; type: string }[]>`
    select attname as name, format_type(atttypid, null) as type from pg_attribute
    where attrelid = ${quoted(table.schemaName, table.tableName)}::regclass and attnum > 0 and not attisdropped`
  return new Map(rows.map((row) => [row.name, shortTypes[row.type] ?? row.type]))
}

const shortTypes: Record<string, string> = {
  'timestamp with time zone': 'timestamptz',
  'time without time zone': 'time',
}

/** Drops the schema's views, so that the tables below them can change shape. */
export async function dropViews(tx: Sql, schemaName: string): Promise<void> {
  const rows = await tx<{ name: string }[]>`
    select viewname as name from pg_views where schemaname = ${schemaName}`
  if (rows.length === 0) return
  await tx.unsafe(`drop view ${rows.map((row) => quoted(schemaName, row.name)).join(', ')} cascade`)
}

/** Makes the views and remembers which they are, for `hasViews`. */
export async function createViews(tx: Sql, { schemaName, views }: { schemaName: string; views: readonly View[] }) {
  for (const view of views) await tx.unsafe(view.sql)
  await tx`update loopline.integrations set views_hash = ${hashOf(views)} where schema_name = ${schemaName}`
}

/** Whether the schema already has exactly these views: a newer Loopline may compile others. */
export async function hasViews(sql: Sql, { schemaName, views }: { schemaName: string; views: readonly View[] }) {
  const rows = await sql`
    select 1 from loopline.integrations where schema_name = ${schemaName} and views_hash = ${hashOf(views)}`
  return rows.length > 0
}

function hashOf(views: readonly View[]): string {
  return createHash('sha256').update(JSON.stringify(views)).digest('hex')
}

/** Creates a table's secondary indexes, by statements that are safe to repeat. */
export async function createIndexes(sql: Sql, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await sql.unsafe(statement)
}

/** Exact numbers of a table, by reading it once: after a first load, not on every page. */
export async function measureMirror(sql: Sql, table: MirrorTable, timeColumn: string | null) {
  const newest = timeColumn ? `max(${quoted(timeColumn)})` : 'null::timestamptz'
  const [row] = await sql.unsafe<{ rows: number; newest: Date | null }[]>(
    `select count(*) as rows, ${newest} as newest from ${quoted(table.schemaName, table.tableName)}`,
  )
  return { rows: row?.rows ?? 0, newestRecordAt: row?.newest ?? null }
}

export async function analyzeMirror(sql: Sql, table: MirrorTable): Promise<void> {
  await sql.unsafe(`analyze ${quoted(table.schemaName, table.tableName)}`)
}

/** Whether the table holds no row at all. */
export async function isMirrorEmpty(sql: Sql, table: MirrorTable): Promise<boolean> {
  const rows = await sql.unsafe(`select 1 from ${quoted(table.schemaName, table.tableName)} limit 1`)
  return rows.length === 0
}

/** The ids of a mirror's rows, ascending, a batch at a time; those changed at or after `since` when it is given. */
export async function* listMirrorIds(
  sql: Sql,
  table: { readonly schemaName: string; readonly tableName: string },
  { since, batch }: { since: Date | null; batch: number },
): AsyncGenerator<string[]> {
  let after = ''
  for (;;) {
    const rows = await sql.unsafe<{ id: string }[]>(
      `select id from ${quoted(table.schemaName, table.tableName)}
       where id > $1 and ($2::timestamptz is null or systemmodstamp >= $2) order by id limit ${batch}`,
      [after, since],
    )
    const last = rows.at(-1)
    if (!last) return
    yield rows.map((row) => row.id)
    after = last.id
  }
}

/**
 * Marks rows as deleted, or as back, as the parent they belong to is; parents that changed at or after `since`, or all.
 * Returns how many were marked, and how many of them as deleted.
 */
export async function followDeletions(
  tx: Sql,
  {
    schemaName,
    child,
    parent,
    since,
  }: { schemaName: string; child: { tableName: string; column: string }; parent: string; since: Date | null },
): Promise<{ changed: number; deleted: number }> {
  const [counts] = await tx.unsafe<{ changed: number; deleted: number }[]>(
    `with followed as (
       update ${quoted(schemaName, child.tableName)} as child set isdeleted = parent.isdeleted
       from ${quoted(schemaName, parent)} as parent
       where parent.id = child.${quoted(child.column)} and child.isdeleted is distinct from parent.isdeleted
         and ($1::timestamptz is null or parent.systemmodstamp >= $1)
       returning parent.isdeleted
     )
     select count(*) as changed, count(*) filter (where isdeleted) as deleted from followed`,
    [since],
  )
  return counts ?? { changed: 0, deleted: 0 }
}
