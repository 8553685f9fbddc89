/** What to ask Salesforce for one object: pure, from the rule, the integration's settings and the last checkpoint. */

import { datetimeLiteral } from '../salesforce/soql.ts'
import type { Integration } from '../store/integrations.ts'
import type { MergeRule, PageTarget } from '../store/landing.ts'
import type { Stream } from '../store/streams.ts'
import type { ObjectRule } from './objects.ts'

/** A record can become visible after its own time stamp: so far a window reaches back behind the checkpoint. */
export const overlapMs = 10 * 60_000

// Larger reference lists change rarely, and reading them whole in every run would cost calls.
const smallSnapshotRows = 1_000
const fullReadEveryMs = 24 * 3_600_000

export interface StreamPlan {
  readonly rule: ObjectRule
  readonly target: PageTarget
  readonly merge: MergeRule
  /**
   * - `backfill`: everything from *pull records from* on; moves on to `changes` when complete
   * - `changes`: what changed since the checkpoint
   * - `snapshot`: all of it, each time
   * - `by-parents`: for named parents
   * - `skip`: not due
   */
  readonly kind: 'backfill' | 'changes' | 'snapshot' | 'by-parents' | 'skip'
  /** One query per slice, without an order: together they show what is to be read. */
  readonly queries: readonly string[]
  /** How many records each query has. */
  readonly counts: readonly string[]
  /** The same queries without a window: for what no time stamp tells of. */
  readonly wholeQueries: (selected: string) => readonly string[]
  /** Appended for REST: pages in order of time can move the checkpoint before the last one has landed. */
  readonly orderBy: string
  readonly windowStart: Date | null
  readonly windowEnd: Date
  /** Where nothing marks a deleted record, what a whole reading did not show is gone. */
  readonly removesMissing: boolean
}

export type PullSettings = Pick<Integration, 'schemaName' | 'pullBy' | 'pullFrom'>

export function planStream(
  rule: ObjectRule,
  { stream, settings, windowEnd }: { stream: Stream; settings: PullSettings; windowEnd: Date },
): StreamPlan {
  const read = stream.columns.filter((column) => column.state !== 'gone')
  const columnOf = (field: string) => read.find((column) => column.field.toLowerCase() === field.toLowerCase())
  const firstOf = (fields: readonly string[]) => fields.map(columnOf).find((column) => column !== undefined)

  const time = firstOf(settings.pullBy === 'created' ? ['CreatedDate'] : rule.changeFields)
  const version = firstOf(['SystemModstamp', 'LastModifiedDate'])
  const isWindow = rule.read === 'window' && time !== undefined
  const from = rule.history === 'windowed' ? settings.pullFrom : null
  const windowStart = !isWindow
    ? null
    : stream.checkpoint === null
      ? from
      : latest(new Date(stream.checkpoint.getTime() - overlapMs), from)
  const filters = isWindow
    ? [
        ...(windowStart ? [`${time.field} >= ${datetimeLiteral(windowStart)}`] : []),
        // The last second, too, though it may not be over: who saves a record and asks for a sync expects to see it. What
        // comes later in that second is within the next window's overlap.
        `${time.field} <= ${datetimeLiteral(windowEnd)}`,
      ]
    : []
  const slices = rule.slices.length > 0 ? rule.slices : ['']
  const queries = (selected: string, within: readonly string[]) =>
    slices.map((slice) => soqlOf(selected, rule.name, [slice, ...within]))
  const sinceStart = isWindow && from ? [`${time.field} >= ${datetimeLiteral(from)}`] : []

  return {
    rule,
    target: {
      schemaName: settings.schemaName,
      tableName: stream.tableName,
      objectName: rule.name,
      columns: stream.columns,
      read,
    },
    merge: {
      pullBy: settings.pullBy,
      versionColumn: version?.column ?? null,
      timeColumn: (time ?? version)?.column ?? null,
    },
    kind: kindOf(rule, { stream, isWindow, windowEnd }),
    queries: queries(read.map((column) => column.field).join(', '), filters),
    counts: queries('COUNT()', filters),
    wholeQueries: (selected) => queries(selected, sinceStart),
    orderBy: isWindow ? ` ORDER BY ${time.field}, Id` : '',
    windowStart,
    windowEnd,
    removesMissing: !isWindow && settings.pullBy === 'updated',
  }
}

function kindOf(
  rule: ObjectRule,
  { stream, isWindow, windowEnd }: { stream: Stream; isWindow: boolean; windowEnd: Date },
): StreamPlan['kind'] {
  if (rule.read === 'by-parents') return 'by-parents'
  if (isWindow) return stream.checkpoint === null ? 'backfill' : 'changes'
  return stream.rowCount <= smallSnapshotRows || isFullReadDue(stream, windowEnd) ? 'snapshot' : 'skip'
}

/** Whether it is time to read a stream whole that is usually read in part: once a day. */
export function isFullReadDue(stream: Pick<Stream, 'fullReadAt'>, windowEnd: Date): boolean {
  return stream.fullReadAt === null || windowEnd.getTime() - stream.fullReadAt.getTime() >= fullReadEveryMs
}

/** `SELECT ... FROM Case WHERE ... AND ...`; empty filters count for nothing. */
export function soqlOf(selected: string, objectName: string, filters: readonly string[]): string {
  const where = filters.filter((filter) => filter !== '').join(' AND ')
  return `SELECT ${selected} FROM ${objectName}${where ? ` WHERE ${where}` : ''}`
}

function latest(one: Date, other: Date | null): Date {
  return other !== null && other > one ? other : one
}
