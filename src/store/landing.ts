/** Pages of CSV on their way into the mirror: copied into a temporary landing table, then merged; or straight in. */

import type { Readable, Writable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Sql } from './database.ts'
import { guardEndMark } from './end-mark.ts'
import { quoted } from './identifier.ts'
import type { ColumnType, MirrorColumn, MirrorTable } from './mirror.ts'

/** A page's columns are not the ones asked for, or its rows are not as many as announced. */
export class PageError extends Error {
  override readonly name = 'PageError'
  /** Whether asking for the page again can't help: its whole job has to be done anew. */
  readonly spoilsJob: boolean

  constructor(message: string, { spoilsJob = false }: { spoilsJob?: boolean } = {}) {
    super(message)
    this.spoilsJob = spoilsJob
  }
}

export interface PageTarget extends MirrorTable {
  readonly objectName: string
  /** The columns of the page, in the order of its fields. */
  readonly read: readonly MirrorColumn[]
}

export interface MergeRule {
  /** `created`: a row that is there is never changed. `updated`: the newest copy wins. */
  readonly pullBy: 'created' | 'updated'
  /** The column that tells which copy is newer; null when none does. */
  readonly versionColumn: string | null
  /** The column whose highest value is reported back as `newest`. */
  readonly timeColumn: string | null
}

export interface Merged {
  readonly inserted: number
  readonly changed: number
  readonly deleted: number
  readonly newest: Date | null
}

/** Makes an empty landing table that only this connection sees, and that goes with it. */
export async function createLandingTable(session: Sql, target: PageTarget): Promise<void> {
  const columns = target.read.map((column) => `${quoted(column.column)} ${landingType[column.type] ?? column.type}`)
  await session.unsafe(`drop table if exists ${landingName(target)}`)
  await session.unsafe(`create table ${landingName(target)} (${columns.join(', ')})`)
}

export async function emptyLandingTable(session: Sql, target: PageTarget): Promise<void> {
  await session.unsafe(`truncate ${landingName(target)}`)
}

// Whole numbers may come as `12.0` or `1.0E7`, which bigint does not take.
const landingType: Partial<Record<ColumnType, string>> = { bigint: 'numeric' }

function landingName(target: PageTarget): string {
  return `pg_temp.${quoted(`landing_${target.tableName}`.slice(0, 63))}`
}

/** A column of `landed`, the landing table, in the mirror's type. */
function landedValue({ column, type }: MirrorColumn): string {
  return `landed.${quoted(column)}${landingType[type] ? `::${type}` : ''}`
}

/** Copies a page into the landing table. Returns how many rows it had. */
export function copyToLandingTable(session: Sql, target: PageTarget, page: CsvPage): Promise<number> {
  return copyCsv(session, landingName(target), target, page)
}

/**
 * Copies a page straight into the mirror: half the work, but only for rows that can't be there yet. Throws Postgres's
 * 23505 when one is, and 22xxx for a number in a form that only the landing table takes.
 */
export function copyToMirror(tx: Sql, target: PageTarget, page: CsvPage): Promise<number> {
  return copyCsv(tx, quoted(target.schemaName, target.tableName), target, page)
}

export interface CsvPage {
  readonly body: Readable
  readonly signal: AbortSignal
}

async function copyCsv(sql: Sql, into: string, target: PageTarget, { body, signal }: CsvPage): Promise<number> {
  const columns = target.read.map((column) => quoted(column.column)).join(', ')
  // Every value comes quoted, null as "": without force_null each would be an empty text.
  const [server] = await sql<{ version: number }[]>`select current_setting('server_version_num')::integer as version`
  const guards = (server?.version ?? 0) < 180_000 ? [guardEndMark()] : []
  const copy = sql.unsafe<never[]>(`copy ${into} (${columns}) from stdin (format csv, force_null (${columns}))`)
  const outcome = watchOutcome(copy)
  const writable = await copy.writable()
  try {
    const sent = pipeline([body, checkHeader(target), ...guards, writable], { signal })
    const [, count] = await Promise.all([sent, outcome])
    return count
  } catch (error) {
    body.destroy()
    writable.destroy()
    throw error
  }
}

/**
 * The number of rows copied, or the server's error. The driver settles a COPY's promise when the stream is ready and
 * tells nobody of what comes later: neither the count, nor an error in the rows that were under way when the stream
 * ended, for which the stream itself would wait for ever.
 */
function watchOutcome(copy: unknown): Promise<number> {
  const query = copy as { resolve(value: unknown): void; reject(error: unknown): void }
  const { resolve, reject } = query
  let stream: Writable | undefined
  const outcome = new Promise<number>((done, fail) => {
    query.resolve = (value) => {
      if (stream) return done((value as { count: number }).count)
      stream = value as Writable
      resolve(value)
    }
    query.reject = (error) => {
      fail(error)
      reject(error)
    }
  })
  // Whoever awaits the stream hears of an early error there.
  outcome.catch(() => {})
  return outcome
}

/** Takes the header line off, once it is sure that the columns are the ones asked for, in the same order. */
function checkHeader(target: PageTarget): Transform {
  const expected = target.read.map((column) => column.field.toLowerCase()).join(',')
  let head: Buffer[] | null = []
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (!head) return done(null, chunk)
      const end = chunk.indexOf(10)
      head.push(end < 0 ? chunk : chunk.subarray(0, end))
      if (end < 0) return done()
      const found = Buffer.concat(head).toString().replaceAll('"', '').trimEnd().toLowerCase()
      head = null
      if (found !== expected) {
        return done(new PageError(`The page has other columns than were asked for: ${found}`, { spoilsJob: true }))
      }
      done(null, chunk.subarray(end + 1))
    },
    // A page without any row may be wholly empty; a header cut short is not that.
    flush: (done) => done(head?.length ? new PageError('The page ends within its header.') : null),
  })
}

/** Merges the landing table into the mirror. Repeating it changes nothing; an older copy never replaces a newer one. */
export async function mergeLandingTable(tx: Sql, target: PageTarget, rule: MergeRule): Promise<Merged> {
  const mirror = quoted(target.schemaName, target.tableName)
  const names = target.read.map((column) => quoted(column.column))
  const newestFirst = rule.versionColumn ? `, ${quoted(rule.versionColumn)} desc nulls last` : ''
  const hasDeleted = target.read.some((column) => column.column === 'isdeleted')
  const newest = rule.timeColumn ? `(select max(${quoted(rule.timeColumn)}) from ${landingName(target)})` : 'null'
  const [merged] = await tx.unsafe<Merged[]>(`
    with merged as (
      insert into ${mirror} as mirror (${names.join(', ')})
      select distinct on (id) ${target.read.map(landedValue).join(', ')} from ${landingName(target)} as landed order by id${newestFirst}
      on conflict (id) ${conflictClause(target, rule)}
      returning xmax = 0 as inserted, ${hasDeleted ? 'isdeleted' : 'false'} as deleted
    )
    select count(*) filter (where inserted) as inserted, count(*) as changed,
      count(*) filter (where deleted) as deleted, ${newest}::timestamptz as newest
    from merged`)
  return merged ?? { inserted: 0, changed: 0, deleted: 0, newest: null }
}

/** Brings what was read of rows that are here up to date, and adds none. Returns how many changed. */
export async function updateFromLandingTable(tx: Sql, target: PageTarget): Promise<number> {
  const settable = target.read.filter((column) => column.column !== 'id')
  const result = await tx.unsafe(`
    update ${quoted(target.schemaName, target.tableName)} as mirror
    set ${settable.map((column) => `${quoted(column.column)} = ${landedValue(column)}`).join(', ')}
    from ${landingName(target)} as landed
    where mirror.id = landed.id
      and row(${settable.map(({ column }) => `mirror.${quoted(column)}`).join(', ')})
        is distinct from row(${settable.map(landedValue).join(', ')})`)
  return result.count
}

function conflictClause(target: PageTarget, rule: MergeRule): string {
  // A pulled row is never changed, but a column that is new to the mirror was never pulled.
  const settable = target.read.filter(
    (column) => column.column !== 'id' && (rule.pullBy === 'updated' || column.state === 'filling'),
  )
  if (settable.length === 0) return 'do nothing'
  const list = (from: string) => settable.map((column) => `${from}.${quoted(column.column)}`).join(', ')
  const version = rule.pullBy === 'updated' && rule.versionColumn ? quoted(rule.versionColumn) : null
  return `do update set ${settable.map(({ column }) => `${quoted(column)} = excluded.${quoted(column)}`).join(', ')}
    where row(${list('mirror')}) is distinct from row(${list('excluded')})
    ${version ? `and (mirror.${version} is null or excluded.${version} >= mirror.${version})` : ''}`
}

export interface Removal {
  readonly removed: number
  /** Whether the rows are still there, marked as deleted. */
  readonly isMarked: boolean
  /** True when so many rows were missing that it looks like lost access: then nothing was removed. */
  readonly refused: boolean
}

/**
 * After a whole reading has landed: rows that it did not hold are gone, and are marked or, where there is no mark,
 * removed. `parents` limits this to the rows below these parents.
 */
export async function removeMissing(
  tx: Sql,
  target: PageTarget,
  parents: { readonly column: string; readonly ids: readonly string[] } | null,
): Promise<Removal> {
  const mirror = quoted(target.schemaName, target.tableName)
  const marks = target.columns.some((column) => column.column === 'isdeleted' && column.state !== 'gone')
  const scope = [
    marks ? 'not coalesce(isdeleted, false)' : 'true',
    parents ? `${quoted(parents.column)} = any ($1)` : '',
  ]
  const inScope = scope.filter(Boolean).join(' and ')
  const values = parents ? [parents.ids as string[]] : []
  const missing = `${inScope} and not exists (select 1 from ${landingName(target)} as landed where landed.id = mirror.id)`
  const [count] = await tx.unsafe<{ known: number; missing: number }[]>(
    `select count(*) as known, count(*) filter (where ${missing}) as missing from ${mirror} as mirror where ${inScope}`,
    values,
  )
  if (!count || count.missing === 0) return { removed: 0, isMarked: marks, refused: false }
  // Lost access looks just like this. Few rows may well go at once; most of many don't.
  if (count.missing === count.known ? count.known > 5 : count.missing > 100 && count.missing * 2 > count.known) {
    return { removed: 0, isMarked: marks, refused: true }
  }
  await tx.unsafe(
    marks
      ? `update ${mirror} as mirror set isdeleted = true where ${missing}`
      : `delete from ${mirror} as mirror where ${missing}`,
    values,
  )
  return { removed: count.missing, isMarked: marks, refused: false }
}
