import assert from 'node:assert/strict'
import test from 'node:test'
import { ANCHOR, rowsOf, signIns, testOrg } from '../org/test-org.ts'

const org = testOrg({ now: () => ANCHOR })
const { admin } = signIns(org)

/** Deals made for these tests: their stages, amounts and closing days. */
const DEALS: readonly [string, number | null, string][] = [
  ['Prospecting', 100, '2026-01-31'],
  ['Prospecting', 250.5, '2026-02-01'],
  ['Qualification', null, '2026-02-28'],
  ['Closed Won', 1000, '2025-12-31'],
]
const account = org.create(admin.userId, 'Account', { Name: 'Functions Ltd' })
for (const [StageName, Amount, CloseDate] of DEALS) {
  org.create(admin.userId, 'Opportunity', { Name: 'Deal', AccountId: account, StageName, Amount, CloseDate })
}
const deals = (select: string, rest = '') =>
  rowsOf(org, `SELECT ${select} FROM Opportunity WHERE AccountId = '${account}' ${rest}`)
/** The same of one date, as WHERE sees it. */
const holds = (condition: string) => deals('CloseDate', `AND ${condition} ORDER BY CloseDate`).flat()

// https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-date-functions.html
const DATE_FUNCTIONS: readonly [string, readonly string[]][] = [
  ['CALENDAR_MONTH(CloseDate) = 2', ['2026-02-01', '2026-02-28']],
  ['CALENDAR_QUARTER(CloseDate) = 4', ['2025-12-31']],
  ['CALENDAR_YEAR(CloseDate) = 2025', ['2025-12-31']],
  ['DAY_IN_MONTH(CloseDate) = 31', ['2025-12-31', '2026-01-31']],
  ['DAY_IN_WEEK(CloseDate) = 1', ['2026-02-01']],
  ['DAY_IN_WEEK(CloseDate) = 7', ['2026-01-31', '2026-02-28']],
  ['DAY_IN_YEAR(CloseDate) = 32', ['2026-02-01']],
  ['FISCAL_YEAR(CloseDate) < 2026', ['2025-12-31']],
  ['WEEK_IN_MONTH(CloseDate) = 5', ['2025-12-31', '2026-01-31']],
  ['WEEK_IN_YEAR(CloseDate) IN (1, 5)', ['2026-01-31', '2026-02-01']],
  ['DAY_ONLY(CreatedDate) = 2026-11-02', ['2025-12-31', '2026-01-31', '2026-02-01', '2026-02-28']],
  ['HOUR_IN_DAY(CreatedDate) != 9', []],
  ['CloseDate < LAST_N_MONTHS:8', ['2025-12-31', '2026-01-31', '2026-02-01', '2026-02-28']],
  ['CloseDate = LAST_YEAR', ['2025-12-31']],
  ['CloseDate IN (LAST_YEAR, N_MONTHS_AGO:10)', ['2025-12-31', '2026-01-31']],
]

for (const [condition, expected] of DATE_FUNCTIONS) {
  test(`${condition} finds ${expected.join(', ') || 'nothing'}`, () => assert.deepEqual(holds(condition), expected))
}

test('date literals and convertTimezone() go by the time zone of the user, date functions by GMT', () => {
  const night = testOrg({ now: () => Date.parse('2026-11-03T04:30:00Z') })
  const { agent } = signIns(night)
  const lead = night.create(agent.userId, 'Case', { Subject: 'Late at night' })
  const ask = (where: string) =>
    rowsOf(night, `SELECT Id FROM Case WHERE Id = '${lead}' AND ${where}`, { viewer: agent }).length
  const zoned = (zone: string) =>
    night.update(agent.userId, 'User', agent.userId, { TimeZoneSidKey: zone }, { asSystem: true })
  zoned('GMT')
  assert.deepEqual([ask('CreatedDate = TODAY'), ask('HOUR_IN_DAY(convertTimezone(CreatedDate)) = 4')], [1, 1])
  assert.equal(ask('DAY_ONLY(convertTimezone(CreatedDate)) = 2026-11-03'), 1)
  zoned('America/New_York')
  assert.equal(ask('CreatedDate = TODAY'), 1)
  assert.equal(ask('CreatedDate >= 2026-11-03T04:00:00Z'), 1)
  assert.equal(ask('HOUR_IN_DAY(CreatedDate) = 4'), 1)
  assert.equal(ask('HOUR_IN_DAY(convertTimezone(CreatedDate)) = 23'), 1)
  assert.equal(ask('DAY_ONLY(convertTimezone(CreatedDate)) = 2026-11-02'), 1)
})

test('text is written for the reader: labels, amounts, dates', () => {
  const [row] = deals(
    'toLabel(StageName), toLabel(StageName) stage, FORMAT(Amount) amount, FORMAT(CloseDate) day',
    'AND Amount > 999',
  )
  assert.deepEqual(row, ['Closed Won', 'Closed Won', '€1,000.00', '12/31/2025'])
  assert.deepEqual(deals('FORMAT(MAX(Amount)) most'), [['€1,000.00']])
})

test('distances are measured between addresses and places, in kilometres or miles', () => {
  const place = (city: string, BillingLatitude: number, BillingLongitude: number) =>
    org.create(admin.userId, 'Account', { Name: 'Distance', BillingCity: city, BillingLatitude, BillingLongitude })
  place('Berlin', 52.52, 13.405)
  place('Paris', 48.8566, 2.3522)
  const from = 'DISTANCE(BillingAddress, GEOLOCATION(52.52, 13.405)'
  const [near, far] = rowsOf(
    org,
    `SELECT BillingCity, ${from}, 'km'), ${from}, 'mi') FROM Account WHERE Name = 'Distance' AND ${from}, 'km') < 900 ORDER BY ${from}, 'km')`,
  )
  assert.deepEqual(near, ['Berlin', 0, 0])
  assert.deepEqual(
    far?.map((value) => (typeof value === 'number' ? Math.round(value) : value)),
    ['Paris', 877, 545],
  )
  assert.throws(() => rowsOf(org, `SELECT Id FROM Account WHERE ${from}, 'km') = 5`), {
    errorCode: 'INVALID_QUERY_FILTER_OPERATOR',
  })
})

test('aggregates leave nulls out, except COUNT() and COUNT(Id)', () => {
  assert.deepEqual(deals('COUNT(Id), COUNT(Amount), SUM(Amount), AVG(Amount), MIN(CloseDate), MAX(StageName)'), [
    [4, 3, 1350.5, 450.166666666667, '2025-12-31', 'Closed Won'],
  ])
  assert.deepEqual(deals('SUM(Amount)', 'AND Amount = null'), [[null]])
})

test('GROUP BY ROLLUP adds a row per level of subtotals, CUBE one per combination', () => {
  const grouped = (by: string) =>
    deals(
      `StageName, CALENDAR_YEAR(CloseDate) y, GROUPING(StageName), GROUPING(CALENDAR_YEAR(CloseDate)), COUNT(Id)`,
      `GROUP BY ${by}(StageName, CALENDAR_YEAR(CloseDate)) ORDER BY GROUPING(StageName), GROUPING(CALENDAR_YEAR(CloseDate)), StageName`,
    )
  const rollup = [
    ['Prospecting', 2026, 0, 0, 2],
    ['Qualification', 2026, 0, 0, 1],
    ['Closed Won', 2025, 0, 0, 1],
    ['Prospecting', null, 0, 1, 2],
    ['Qualification', null, 0, 1, 1],
    ['Closed Won', null, 0, 1, 1],
    [null, null, 1, 1, 4],
  ]
  assert.deepEqual(grouped('ROLLUP'), rollup)
  const cube = grouped('CUBE')
  assert.equal(cube.length, 9)
  assert.deepEqual(
    cube
      .filter(([, , stage, year]) => stage === 1 && year === 0)
      .map(([, year, , , count]) => [year, count])
      .sort(),
    [
      [2025, 1],
      [2026, 3],
    ],
  )
})

test('HAVING tests the groups, by aggregates and by grouped fields', () => {
  const having = (condition: string) =>
    deals('StageName', `GROUP BY StageName HAVING ${condition} ORDER BY COUNT(Id) DESC, StageName`).flat()
  assert.deepEqual(having('COUNT(Id) > 1'), ['Prospecting'])
  assert.deepEqual(having('SUM(Amount) = null'), ['Qualification'])
  assert.deepEqual(having("COUNT(Id) = 1 AND StageName LIKE 'clo%'"), ['Closed Won'])
  assert.deepEqual(having('MAX(CloseDate) < 2026-01-01 OR NOT COUNT(Amount) = 1'), [
    'Prospecting',
    'Qualification',
    'Closed Won',
  ])
})

test('more than 2,000 groups must be limited', () => {
  const big = testOrg({ scale: 1 })
  const grouped = (rest: string) => rowsOf(big, `SELECT Id, COUNT(Subject) FROM Case GROUP BY Id ${rest}`).length
  assert.throws(() => grouped(''), { errorCode: 'EXCEEDED_ID_LIMIT', message: /does not support queryMore/ })
  assert.equal(grouped('LIMIT 2000'), 2000)
})
