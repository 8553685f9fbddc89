/** Named date ranges (`TODAY`, `LAST_N_DAYS:3`), in the time zone of the practice org's users, which is GMT. */

import { OrgError } from '../org/model.ts'

const DAY = 86_400_000

export interface DateRange {
  readonly from: number
  /** Exclusive. */
  readonly to: number
}

const day = (year: number, month: number, date = 1) => Date.UTC(year, month, date)

/** Units by the start of the one that lies `offset` away from the one holding `now`. */
const starts: { readonly [unit: string]: (now: Date, offset: number) => number } = {
  DAY: (now, offset) => day(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + offset),
  // Weeks begin on Sunday in the en_US locale.
  WEEK: (now, offset) => day(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() - now.getUTCDay() + 7 * offset),
  MONTH: (now, offset) => day(now.getUTCFullYear(), now.getUTCMonth() + offset),
  QUARTER: (now, offset) => day(now.getUTCFullYear(), Math.floor(now.getUTCMonth() / 3) * 3 + 3 * offset),
  YEAR: (now, offset) => day(now.getUTCFullYear() + offset, 0),
}

const DAYS: { readonly [name: string]: number } = { YESTERDAY: -1, TODAY: 0, TOMORROW: 1 }
const TURNS: { readonly [word: string]: number } = { LAST: -1, THIS: 0, NEXT: 1 }

/** The moments that a named range covers. The fiscal year is the calendar year here. */
export function dateRange(name: string, at: number): DateRange {
  const now = new Date(at)
  const plain = name.replace('FISCAL_', '')
  const single = DAYS[plain]
  const start = (unit: string, offset: number): number => {
    const found = starts[unit]
    if (!found) throw new OrgError('MALFORMED_QUERY', `unexpected token: '${name}'`)
    return found(now, offset)
  }
  if (single !== undefined) return { from: start('DAY', single), to: start('DAY', single + 1) }
  const days90 = /^(LAST|NEXT)_90_DAYS$/.exec(plain)
  if (days90) return counted(days90[1] ?? '', 90, 'DAY', start)
  const count = /^(LAST|NEXT)_N_([A-Z]+)S:(\d+)$/.exec(plain)
  if (count) return counted(count[1] ?? '', Number(count[3]), count[2] ?? '', start)
  const ago = /^N_([A-Z]+)S_AGO:(\d+)$/.exec(plain)
  if (ago) {
    const offset = -Number(ago[2])
    return { from: start(ago[1] ?? '', offset), to: start(ago[1] ?? '', offset + 1) }
  }
  const turn = /^(LAST|THIS|NEXT)_([A-Z]+)$/.exec(plain)
  const offset = TURNS[turn?.[1] ?? '']
  if (!turn || offset === undefined) throw new OrgError('MALFORMED_QUERY', `unexpected token: '${name}'`)
  return { from: start(turn[2] ?? '', offset), to: start(turn[2] ?? '', offset + 1) }
}

function counted(
  direction: string,
  count: number,
  unit: string,
  start: (unit: string, offset: number) => number,
): DateRange {
  if (direction === 'NEXT') return { from: start(unit, 1), to: start(unit, count + 1) }
  // LAST_N_DAYS runs up to and includes today; the longer units end before the current one.
  return unit === 'DAY'
    ? { from: start(unit, -count), to: start(unit, 0) + DAY }
    : { from: start(unit, -count), to: start(unit, 0) }
}
