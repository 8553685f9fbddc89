/**
 * Reads unified records out of the integrations' views: many integrations as one list. Names of views and columns come
 * from the mappings, never from a request; values are parameters.
 */

import postgres from 'postgres'
import type { Pool } from './database.ts'
import { quoted } from './identifier.ts'
import { decodeCursor, encodeCursor, type Order, type Position } from './record-cursor.ts'

/** An integration that has the view. */
export interface RecordSource {
  readonly integrationId: string
  readonly schemaName: string
  readonly view: string
}

export type Filter =
  | { readonly column: string; readonly is: string | boolean }
  | { readonly column: string; readonly isOneOf: readonly string[] }
  /** ISO times, both included. */
  | { readonly column: string; readonly from: string }
  | { readonly column: string; readonly until: string }
  /** Full text: every word must occur, the last letters of each may be missing. */
  | { readonly search: string; readonly words: readonly string[] }

type Fragment = postgres.PendingQuery<postgres.Row[]>

/** A row as JSON, by the view's column names. */
export type RecordRow = Readonly<Record<string, unknown>>

export interface FoundRecord {
  readonly source: RecordSource
  readonly row: RecordRow
}

/** Integrations whose first run has not made these views yet are not there; oldest first. */
async function listRecordSources(
  sql: Pool,
  { views, integrationId }: { views: readonly string[]; integrationId?: string | undefined },
): Promise<RecordSource[]> {
  return sql<RecordSource[]>`
    select i.id as "integrationId", i.schema_name as "schemaName", c.relname::text as view
    from loopline.integrations i
    join pg_namespace n on n.nspname = i.schema_name
    join pg_class c on c.relnamespace = n.oid and c.relkind = 'v' and c.relname = any (${views as string[]})
    where ${integrationId === undefined ? sql`true` : sql`i.id = ${integrationId}`}
    order by i.created_at, i.id, c.relname`
}

export interface ListQuery {
  readonly sources: readonly RecordSource[]
  /** All must hold. */
  readonly filters: readonly Filter[]
  readonly order: Order
  readonly cursor?: string | undefined
  readonly limit: number
  /** The columns to give for each view. */
  readonly columns: (view: string) => readonly string[]
}

/**
 * One page of the list over all sources, without deleted records. Going on from each page's cursor gives every record
 * that does not change its place exactly once, whatever else changes meanwhile.
 */
export async function listRecords(
  sql: Pool,
  query: ListQuery,
): Promise<{ records: FoundRecord[]; nextCursor: string | null }> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.order, query.cursor)
  if (query.sources.length === 0) return { records: [], nextCursor: null }
  const keys = await listKeys(sql, query, after)
  const page = keys.slice(0, query.limit)
  const last = page.at(-1)
  return {
    records: await readRecords(sql, { ...query, keys: page }),
    nextCursor: keys.length > query.limit && last ? encodeCursor(query.order, last) : null,
  }
}

/**
 * Reads from the sources that have these views; once more when one of them went away meanwhile (its integration was
 * deleted, or its views are being made anew).
 */
export async function readSources<T>(
  sql: Pool,
  wanted: { views: readonly string[]; integrationId?: string | undefined },
  read: (sources: readonly RecordSource[]) => Promise<T>,
): Promise<T> {
  try {
    return await read(await listRecordSources(sql, wanted))
  } catch (error) {
    const isGone = error instanceof postgres.PostgresError && (error.code === '42P01' || error.code === '3F000')
    if (!isGone) throw error
    return read(await listRecordSources(sql, wanted))
  }
}

/** The first record that fits, deleted or not. */
export async function findRecord(
  sql: Pool,
  { source, filters, columns }: { source: RecordSource; filters: readonly Filter[]; columns: readonly string[] },
): Promise<RecordRow | undefined> {
  const [found] = await sql<{ row: RecordRow }[]>`
    select to_jsonb(r) as row from (
      select ${sql(columns as string[])} from ${viewOf(sql, source)} where ${allOf(sql, filters)} limit 1
    ) r`
  return found?.row
}

interface Key extends Position {
  readonly view: string
}

/** The page's places in order, and one more to know whether the list goes on. */
async function listKeys(sql: Pool, query: ListQuery, after: Position | undefined): Promise<Key[]> {
  const direction = query.order.descending ? sql`desc` : sql`asc`
  const areFew = await Promise.all(query.sources.map((source) => isSmallMatch(sql, { ...query, source })))
  const branches = query.sources.flatMap((source, n) =>
    eachValueApart(query.filters).flatMap((filters) =>
      keysOfBranch(sql, { ...query, source, filters, after, areFew: areFew[n] === true }),
    ),
  )
  if (branches.length === 0) return []
  return sql<Key[]>`
    select "integrationId", view, "remoteId", value::text from (
      ${branches.reduce((all, branch) => sql`${all} union all ${branch}`)}
    ) branches
    order by branches.value ${direction} nulls last, "remoteId" ${direction}, "integrationId" collate "C" ${direction}
    limit ${query.limit + 1}`
}

const fewRows = 10_000

/**
 * Whether a search or a span of time leaves so few rows that sorting them beats walking through the list's order until
 * a page is full. Postgres takes the matches to be spread evenly over the list and so guesses wrong: "created in March
 * 2024, last changed first" took 1.4 s among 1,000,000 tickets, and takes 15 ms this way.
 */
async function isSmallMatch(
  sql: Pool,
  { source, filters, order }: Pick<ListQuery, 'filters' | 'order'> & { source: RecordSource },
): Promise<boolean> {
  const search = filters.find((filter) => 'search' in filter)
  const span = filters.find((filter) => ('from' in filter || 'until' in filter) && filter.column !== order.column)
  if (!search && !span) return false
  // By the span's own column, so that its index is used and no more is read than needed.
  const sorted = span && !search && 'column' in span ? sql`order by ${sql(span.column)}` : sql``
  const [found] = await sql<{ count: number }[]>`
    select count(*) from (
      select from ${viewOf(sql, source)} where ${allOf(sql, filters)} ${sorted} limit ${fewRows + 1}
    ) matches`
  return found !== undefined && found.count <= fewRows
}

// "status is new or open" as one branch for each: Postgres reads an index in order for one value, not for several.
function eachValueApart(filters: readonly Filter[]): (readonly Filter[])[] {
  const several = filters.find((filter) => 'isOneOf' in filter)
  if (!several || several.isOneOf.length > 8) return [filters]
  const others = filters.filter((filter) => filter !== several)
  return [...new Set(several.isOneOf)].map((is) => [{ column: several.column, is }, ...others])
}

/** The first places of one source, each branch small and in an index's order; values and nulls apart. */
function keysOfBranch(
  sql: Pool,
  query: Pick<ListQuery, 'order' | 'limit'> & {
    source: RecordSource
    filters: readonly Filter[]
    after: Position | undefined
    areFew: boolean
  },
) {
  const { source, order, after, areFew } = query
  const column = sql(order.column)
  const direction = order.descending ? sql`desc` : sql`asc`
  const view = viewOf(sql, source)
  const matches = sql`is_deleted is not true and ${allOf(sql, query.filters)}`
  // With "offset 0", Postgres finds the few first and sorts them then.
  const branch = (rest: Fragment) => sql`(
    select ${source.integrationId}::text as "integrationId", ${source.view}::text as view,
      remote_id as "remoteId", ${column} as value
    from ${areFew ? sql`(select remote_id, ${column} from ${view} where ${matches} offset 0) few` : view}
    where ${areFew ? sql`true` : matches} and ${rest}
    order by ${column} ${direction}, remote_id ${direction} limit ${query.limit + 1})`

  // The same record may be in two integrations: then theirs is the order between the two.
  const isLaterSource = after && source.integrationId > after.integrationId !== order.descending
  const isSameSource = after && source.integrationId === after.integrationId
  const past = sql.unsafe(`${order.descending ? '<' : '>'}${isLaterSource && !isSameSource ? '=' : ''}`)
  const withValue = !after
    ? sql`true`
    : sql`(${column}, remote_id) ${past} (${after.value}::text::${sql.unsafe(order.type)}, ${after.remoteId}::text)`
  if (!order.nullable) return [branch(withValue)]

  const withoutValue = after?.value === null ? sql`remote_id ${past} ${after.remoteId}` : sql`true`
  return [
    ...(after?.value === null ? [] : [branch(sql`${column} is not null and ${withValue}`)]),
    branch(sql`${column} is null and ${withoutValue}`),
  ]
}

async function readRecords(
  sql: Pool,
  { sources, columns, keys }: Pick<ListQuery, 'sources' | 'columns'> & { keys: readonly Key[] },
): Promise<FoundRecord[]> {
  const nameOf = (key: Pick<Key, 'integrationId' | 'view'>, remoteId: string) =>
    `${key.integrationId} ${key.view} ${remoteId}`
  const found = new Map<string, FoundRecord>()
  await Promise.all(
    sources.map(async (source) => {
      const ids = keys
        .filter((key) => key.integrationId === source.integrationId && key.view === source.view)
        .map((key) => key.remoteId)
      if (ids.length === 0) return
      const rows = await sql<{ remoteId: string; row: RecordRow }[]>`
        select r.remote_id as "remoteId", to_jsonb(r) as row from (
          select ${sql(columns(source.view) as string[])} from ${viewOf(sql, source)} where remote_id = any (${ids})
        ) r`
      for (const { remoteId, row } of rows) found.set(nameOf(source, remoteId), { source, row })
    }),
  )
  // What vanished between the two questions is left out.
  return keys.flatMap((key) => found.get(nameOf(key, key.remoteId)) ?? [])
}

/** The Salesforce ids of the rows that fit, at most so many. */
export async function listRemoteIds(
  sql: Pool,
  { source, filters, limit }: { source: RecordSource; filters: readonly Filter[]; limit: number },
): Promise<string[]> {
  const rows = await sql<{ remoteId: string }[]>`
    select remote_id as "remoteId" from ${viewOf(sql, source)} where ${allOf(sql, filters)} limit ${limit}`
  return rows.map((row) => row.remoteId)
}

/**
 * The values that occur in a column, at most 1,000, each with what else one of its rows says; those of deleted rows too.
 * With `mirror`, where the values stand as they are, they are read from there: a view with joins keeps Postgres from
 * answering out of the index alone, which is four times as fast for 1,000,000 tickets.
 */
export async function listValues(
  sql: Pool,
  query: {
    sources: readonly RecordSource[]
    column: string
    beside: readonly string[]
    mirror?: MirrorPlace | undefined
  },
): Promise<FoundRecord[]> {
  const column = sql(query.column)
  const found = await Promise.all(
    query.sources.map(async (source) => {
      const view = viewOf(sql, source)
      const value = query.mirror ? sql(query.mirror.column) : column
      const from = query.mirror ? sql.unsafe(quoted(source.schemaName, query.mirror.table)) : view
      const rows = await sql<{ row: RecordRow }[]>`
        select to_jsonb(one) as row from (
          select distinct ${value} as value from ${from} where ${value} is not null order by 1 limit 1000
        ) known
        cross join lateral (
          select ${sql([query.column, ...query.beside])} from ${view} where ${column} = known.value limit 1
        ) one`.catch(nothingWhenAbsent)
      return rows.map(({ row }) => ({ source, row }))
    }),
  )
  return found.flat()
}

/** A column of a mirror's table. */
export interface MirrorPlace {
  readonly table: string
  readonly column: string
}

/** An org may lack the field or the object, or the user may not see it: then no value occurs. */
function nothingWhenAbsent(error: unknown): [] {
  if (error instanceof postgres.PostgresError && (error.code === '42703' || error.code === '42P01')) return []
  throw error
}

export interface StageTotal {
  readonly stage: string | null
  readonly outcome: string | null
  readonly sortOrder: number | null
  readonly currency: string | null
  readonly count: number
  readonly amount: number
}

/** The org's stages with their deals in numbers, stages without deals too; sources' equal stages as one. */
export async function sumDealsByStage(
  sql: Pool,
  { deals, stages }: { deals: readonly RecordSource[]; stages: readonly RecordSource[] },
): Promise<StageTotal[]> {
  const parts = [
    ...deals.map(
      (source) => sql`
        select stage, outcome, currency, null::bigint as sort_order, count(*) as deals, sum(amount) as amount
        from ${viewOf(sql, source)} where not is_deleted group by stage, outcome, currency`,
    ),
    ...stages.map(
      (source) => sql`
        select stage, outcome, null::text as currency, sort_order, 0::bigint as deals, 0::numeric as amount
        from ${viewOf(sql, source)} where is_active is not false`,
    ),
  ]
  if (parts.length === 0) return []
  return sql<StageTotal[]>`
    with parts as (${parts.reduce((all, part) => sql`${all} union all ${part}`)}),
    totals as (
      select stage, outcome, currency, sum(deals)::bigint as count, coalesce(sum(amount), 0)::float8 as amount,
        -- One currency or none: the row of a stage without deals is the stage's only one.
        row_number() over (partition by stage, outcome order by sum(deals) desc) as place
      from parts group by stage, outcome, currency
    )
    select t.stage, t.outcome, t.currency, t.count, t.amount, o.sort_order as "sortOrder"
    from totals t
    left join (select stage, min(sort_order) as sort_order from parts group by stage) o on o.stage = t.stage
    where t.count > 0 or t.place = 1
    order by o.sort_order nulls last, t.stage, t.outcome, t.currency`
}

const viewOf = (sql: Pool, source: RecordSource) => sql.unsafe(quoted(source.schemaName, source.view))

function allOf(sql: Pool, filters: readonly Filter[]): Fragment {
  return filters.map((filter) => conditionOf(sql, filter)).reduce((all, one) => sql`${all} and ${one}`, sql`true`)
}

function conditionOf(sql: Pool, filter: Filter): Fragment {
  if ('search' in filter) {
    const words = filter.words.map((word) => `'${word}':*`).join(' & ')
    return sql`${sql.unsafe(filter.search)} @@ to_tsquery('simple', ${words})`
  }
  const column = sql(filter.column)
  if ('is' in filter) return sql`${column} = ${filter.is}`
  if ('isOneOf' in filter) return sql`${column} = any (${filter.isOneOf as string[]})`
  if ('from' in filter) return sql`${column} >= ${filter.from}::text::timestamptz`
  return sql`${column} <= ${filter.until}::text::timestamptz`
}
