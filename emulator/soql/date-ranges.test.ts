import assert from 'node:assert/strict'
import test from 'node:test'
import { dateRange } from './date-ranges.ts'

const NOW = Date.parse('2026-02-18T15:30:00Z') // a Wednesday

const RANGES: readonly [string, string, string][] = [
  ['TODAY', '2026-02-18', '2026-02-19'],
  ['YESTERDAY', '2026-02-17', '2026-02-18'],
  ['TOMORROW', '2026-02-19', '2026-02-20'],
  ['THIS_WEEK', '2026-02-15', '2026-02-22'],
  ['LAST_WEEK', '2026-02-08', '2026-02-15'],
  ['LAST_MONTH', '2026-01-01', '2026-02-01'],
  ['NEXT_MONTH', '2026-03-01', '2026-04-01'],
  ['THIS_QUARTER', '2026-01-01', '2026-04-01'],
  ['LAST_QUARTER', '2025-10-01', '2026-01-01'],
  ['THIS_FISCAL_YEAR', '2026-01-01', '2027-01-01'],
  ['LAST_YEAR', '2025-01-01', '2026-01-01'],
  ['LAST_N_DAYS:3', '2026-02-15', '2026-02-19'],
  ['NEXT_N_DAYS:2', '2026-02-19', '2026-02-21'],
  ['N_DAYS_AGO:2', '2026-02-16', '2026-02-17'],
  ['LAST_N_MONTHS:2', '2025-12-01', '2026-02-01'],
  ['NEXT_N_WEEKS:1', '2026-02-22', '2026-03-01'],
  ['N_YEARS_AGO:1', '2025-01-01', '2026-01-01'],
  ['LAST_90_DAYS', '2025-11-20', '2026-02-19'],
]

for (const [name, from, to] of RANGES) {
  test(`${name} on 18 February 2026 runs from ${from} up to ${to}`, () => {
    assert.deepEqual(dateRange(name, NOW), { from: Date.parse(from), to: Date.parse(to) })
  })
}
