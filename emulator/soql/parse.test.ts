import assert from 'node:assert/strict'
import test from 'node:test'
import { parseSoql } from './parse.ts'
import type { Condition } from './syntax.ts'

/** A condition written with all of its parentheses. */
function shape(condition: Condition): string {
  switch (condition.kind) {
    case 'not':
      return `!${shape(condition.condition)}`
    case 'compare': {
      const { on, operator, literals } = condition
      const values = literals.map(({ kind, text }) => `${kind}:${text}`).join(',')
      return `${on.kind === 'path' ? on.path : on.fn} ${operator} ${values}`
    }
    default:
      return `(${condition.conditions.map(shape).join(` ${condition.kind} `)})`
  }
}

const CONDITIONS: readonly [string, string][] = [
  ['a = 1 AND b = 2 AND c = 3', '(a = number:1 and b = number:2 and c = number:3)'],
  ['a = 1 AND (b = 2 OR c = 3)', '(a = number:1 and (b = number:2 or c = number:3))'],
  ['NOT a = 1 AND NOT (b = 2)', '(!a = number:1 and !b = number:2)'],
  ['((a <> 1))', 'a != number:1'],
  ["a not in ('x', 'it\\'s')", "a NOT IN string:x,string:it's"],
  ['a >= -1.5e3', 'a >= number:-1.5e3'],
  ['a = 2026-01-02', 'a = date:2026-01-02'],
  ['a<2026-01-02T03:04:05.678+01:00', 'a < datetime:2026-01-02T03:04:05.678+01:00'],
  ['a = 03:04:05.000Z', 'a = time:03:04:05.000Z'],
  ['a > last_n_days:3', 'a > dateRange:LAST_N_DAYS:3'],
  ['a = TRUE OR a = null', '(a = boolean:true or a = null:)'],
  ['Amount > eur12.5', 'Amount > number:12.5'],
  ['CALENDAR_YEAR(a) = 2026', 'CALENDAR_YEAR = number:2026'],
  ["a LIKE '50\\%\\\\'", 'a LIKE string:50\\%\\'],
]

for (const [soql, expected] of CONDITIONS) {
  test(`WHERE ${soql} is read as ${expected}`, () => {
    const { where } = parseSoql(`SELECT Id FROM X WHERE ${soql}`)
    assert.ok(where)
    assert.equal(shape(where), expected)
  })
}

test('every clause is read, in its order', () => {
  const query = parseSoql(
    "SELECT a, COUNT(b) n, (SELECT c FROM d.Es e WHERE e.f = 1), TYPEOF g WHEN Group THEN h, i.j ELSE k END FROM Group x, x.y z USING SCOPE mine WHERE a = 'b' WITH DATA CATEGORY P__c ABOVE_OR_BELOW (q__c, r__c) AND S__c AT t__c GROUP BY ROLLUP(a) HAVING COUNT(b) > 1 ORDER BY a DESC NULLS LAST, b LIMIT 5 OFFSET 6 FOR VIEW UPDATE TRACKING, VIEWSTAT",
  )
  assert.deepEqual(
    [query.from, [...query.aliases], query.scope, query.grouping, query.limit, query.offset, query.purposes],
    [
      'Group',
      [
        ['group', ''],
        ['x', ''],
        ['z', 'y'],
      ],
      'mine',
      'rollup',
      5,
      6,
      ['FOR VIEW', 'UPDATE TRACKING', 'UPDATE VIEWSTAT'],
    ],
  )
  assert.deepEqual(query.categories, [
    { group: 'P__c', operator: 'ABOVE_OR_BELOW', categories: ['q__c', 'r__c'] },
    { group: 'S__c', operator: 'AT', categories: ['t__c'] },
  ])
  assert.deepEqual(
    query.orderBy.map(({ descending, nullsLast }) => [descending, nullsLast]),
    [
      [true, true],
      [false, false],
    ],
  )
  assert.deepEqual(
    query.items.map(({ kind }) => kind),
    ['field', 'field', 'subquery', 'typeof'],
  )
})

test('what is meant for Apex, for locking and for statistics is read over', () => {
  for (const rest of [
    'WITH SECURITY_ENFORCED',
    'WITH USER_MODE LIMIT 1',
    'WITH SYSTEM_MODE',
    'FOR VIEW',
    'FOR REFERENCE, VIEW',
    'FOR UPDATE',
    'UPDATE VIEWSTAT',
  ]) {
    assert.equal(parseSoql(`SELECT Id FROM Case ${rest}`).from, 'Case')
  }
})

test('keywords may name fields and objects where nothing else can stand', () => {
  assert.equal(parseSoql('SELECT Id FROM Order').from, 'Order')
  assert.equal(parseSoql('SELECT Name, Type, Scope, Data, End__c, Update FROM Case').items.length, 6)
  assert.equal(parseSoql('SELECT MAX(EndDate) end, MIN(StartDate) when FROM Contract').items.length, 2)
})
