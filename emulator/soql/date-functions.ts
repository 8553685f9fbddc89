/**
 * `CALENDAR_YEAR(CreatedDate)` and the like
 * (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-date-functions.html).
 * They read datetimes in GMT; convertTimezone() moves them to the user's zone first.
 */

import type { FieldType } from '../org/model.ts'

const DAY = 86_400_000
const HOUR = 3_600_000

export interface DateFunction {
  readonly type: FieldType
  /** DAY_ONLY and HOUR_IN_DAY make no sense of a date. */
  readonly datetimeOnly: boolean
  /** Of a clock reading, written as if the zone were GMT. */
  of(reading: number): string | number
}

const dayInYear = (at: number): number => Math.floor((at - Date.UTC(new Date(at).getUTCFullYear(), 0)) / DAY) + 1
const month = (at: number): number => new Date(at).getUTCMonth() + 1
const quarter = (at: number): number => Math.ceil(month(at) / 3)
const year = (at: number): number => new Date(at).getUTCFullYear()

const int = (of: (reading: number) => number): DateFunction => ({ type: 'int', datetimeOnly: false, of })

/** By upper-case name. */
export const DATE_FUNCTIONS: ReadonlyMap<string, DateFunction> = new Map([
  ['CALENDAR_MONTH', int(month)],
  ['CALENDAR_QUARTER', int(quarter)],
  ['CALENDAR_YEAR', int(year)],
  ['DAY_IN_MONTH', int((at) => new Date(at).getUTCDate())],
  ['DAY_IN_WEEK', int((at) => new Date(at).getUTCDay() + 1)],
  ['DAY_IN_YEAR', int(dayInYear)],
  ['DAY_ONLY', { type: 'date', datetimeOnly: true, of: (at: number) => new Date(at).toISOString().slice(0, 10) }],
  // The practice company's fiscal year is the calendar year.
  ['FISCAL_MONTH', int(month)],
  ['FISCAL_QUARTER', int(quarter)],
  ['FISCAL_YEAR', int(year)],
  ['HOUR_IN_DAY', { ...int((at) => Math.floor((((at % DAY) + DAY) % DAY) / HOUR)), datetimeOnly: true }],
  ['WEEK_IN_MONTH', int((at) => Math.ceil(new Date(at).getUTCDate() / 7))],
  ['WEEK_IN_YEAR', int((at) => Math.ceil(dayInYear(at) / 7))],
])
