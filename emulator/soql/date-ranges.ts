/**
 * Named date ranges (`TODAY`, `LAST_N_DAYS:3`), as
 * https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-dateformats.html
 * defines them. Moments here are clock readings in the user's time zone, written as if the zone were GMT.
 */

const DAY = 86_400_000

export interface DateRange {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

const day = (year: number, month: number, date = 1) => Date.UTC(year, month, date)

type Start = (now: Date, offset: number) => number

const quarter: Start = (now, offset) => day(now.getUTCFullYear(), Math.floor(now.getUTCMonth() / 3) * 3 + 3 * offset)
const year: Start = (now, offset) => day(now.getUTCFullYear() + offset, 0)

/** Units by the start of the one that lies `offset` away from the one holding `now`. */
const starts: { readonly [unit: string]: Start } = {
  DAY: (now, offset) => day(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + offset),
  // Weeks begin on Sunday in the en_US locale.
  WEEK: (now, offset) => day(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - now.getUTCDay() + 7 * offset),
  MONTH: (now, offset) => day(now.getUTCFullYear(), now.getUTCMonth() + offset),
  QUARTER: quarter,
  YEAR: year,
  // The practice company's fiscal year is the calendar year.
  FISCAL_QUARTER: quarter,
  FISCAL_YEAR: year,
}

const DAYS: { readonly [name: string]: number } = { YESTERDAY: -1, TODAY: 0, TOMORROW: 1 }
const TURNS: { readonly [word: string]: number } = { LAST: -1, THIS: 0, NEXT: 1 }

/** The moments that a named range covers; undefined when there is no range of this name. */
export function dateRange(name: string, at: number): DateRange | undefined {
  const now = new Date(at)
  const single = DAYS[name]
  if (single !== undefined) return between('DAY', single, single + 1)
  const days90 = /^(LAST|NEXT)_90_DAYS$/.exec(name)
  if (days90) return counted(days90[1], 90, 'DAY')
  const count = /^(LAST|NEXT)_N_([A-Z_]+)S:(\d+)$/.exec(name)
  if (count) return counted(count[1], Number(count[3]), count[2] ?? '')
  const ago = /^N_([A-Z_]+)S_AGO:(\d+)$/.exec(name)
  if (ago) return between(ago[1] ?? '', -Number(ago[2]), 1 - Number(ago[2]))
  const turn = /^(LAST|THIS|NEXT)_([A-Z_]+)$/.exec(name)
  const offset = TURNS[turn?.[1] ?? '']
  return turn && turn[2] !== 'DAY' && offset !== undefined ? between(turn[2] ?? '', offset, offset + 1) : undefined

  function between(unit: string, first: number, end: number): DateRange | undefined {
    const start = starts[unit]
    return start && { from: start(now, first), to: start(now, end) }
  }

  function counted(direction: string | undefined, count: number, unit: string): DateRange | undefined {
    if (direction === 'NEXT') return between(unit, 1, count + 1)
    const range = between(unit, -count, 0)
    // LAST_N_DAYS runs up to and includes today; the longer units end before the current one.
    return range && unit === 'DAY' ? { from: range.from, to: range.to + DAY } : range
  }
}
