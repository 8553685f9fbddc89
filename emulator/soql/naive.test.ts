/** Random queries, compared with what a plain walk over all rows gives. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { FieldValue } from '../org/model.ts'
import { ANCHOR, rowsOf, signIns, testOrg } from '../org/test-org.ts'

const org = testOrg({ now: () => ANCHOR })
const { admin } = signIns(org)
// Changed records beside the seeded ones, so that both ways of finding them are walked.
for (const [n, [id]] of rowsOf(org, 'SELECT Id FROM Case').entries()) {
  if (n % 7 === 0) org.update(admin.userId, 'Case', String(id), { Priority: n % 2 === 0 ? 'High' : 'Low' })
  if (n % 11 === 0) org.delete(admin.userId, 'Case', String(id))
}

const COLUMNS = [
  'Id',
  'Subject',
  'Priority',
  'Status',
  'IsClosed',
  'CreatedDate',
  'SystemModstamp',
  'AccountId',
] as const
type Column = (typeof COLUMNS)[number]
type Row = { readonly [column in Column]: FieldValue }

const ALL: readonly Row[] = rowsOf(org, `SELECT ${COLUMNS.join(', ')} FROM Case`).map(
  (row) => Object.fromEntries(COLUMNS.map((column, n) => [column, row[n]])) as unknown as Row,
)

interface Condition {
  readonly soql: string
  holds(row: Row): boolean
}

const quoted = (value: FieldValue): string =>
  typeof value === 'string' ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : String(value)
const literal = (column: Column, value: FieldValue): string =>
  column.endsWith('Date') || column.endsWith('stamp') ? new Date(Number(value)).toISOString() : quoted(value)
const folded = (column: Column, value: FieldValue): FieldValue =>
  typeof value === 'string' && !column.endsWith('Id') ? value.toLowerCase() : value

const someValue = (column: Column) => fc.constantFrom(...ALL).map((row) => row[column])

const equality: fc.Arbitrary<Condition> = fc
  .constantFrom(...COLUMNS)
  .chain((column) => fc.tuple(fc.constant(column), fc.constantFrom('=', '!='), someValue(column)))
  .filter(([, , value]) => value !== '')
  .map(([column, operator, value]) => ({
    soql: value === null ? `${column} ${operator} null` : `${column} ${operator} ${literal(column, value)}`,
    holds: (row) => (folded(column, row[column]) === folded(column, value)) === (operator === '='),
  }))

const ordered: fc.Arbitrary<Condition> = fc
  .constantFrom<Column>('Id', 'CreatedDate', 'SystemModstamp')
  .chain((column) => fc.tuple(fc.constant(column), fc.constantFrom('<', '<=', '>', '>='), someValue(column)))
  .map(([column, operator, limit]) => ({
    soql: `${column} ${operator} ${literal(column, limit)}`,
    holds(row) {
      const found = row[column]
      if (found === null || limit === null) return false
      return found === limit ? operator.endsWith('=') : found < limit === operator.startsWith('<')
    },
  }))

const membership: fc.Arbitrary<Condition> = fc
  .constantFrom<Column>('Id', 'Priority', 'Status', 'AccountId')
  .chain((column) =>
    fc.tuple(
      fc.constant(column),
      fc.constantFrom('IN', 'NOT IN'),
      fc.array(someValue(column), { minLength: 1, maxLength: 4 }),
    ),
  )
  .filter(([, , values]) => !values.includes(null))
  .map(([column, operator, values]) => ({
    soql: `${column} ${operator} (${values.map((value) => literal(column, value)).join(', ')})`,
    holds: (row) =>
      values.some((value) => folded(column, value) === folded(column, row[column])) === (operator === 'IN'),
  }))

const likeness: fc.Arbitrary<Condition> = someValue('Subject')
  .filter((subject) => typeof subject === 'string' && /^[\w ]{4,}$/.test(subject))
  .chain((subject) => fc.tuple(fc.constant(String(subject)), fc.nat({ max: 3 }), fc.boolean()))
  .map(([subject, cut, upper]) => {
    const part = subject.slice(cut, cut + 4)
    const text = upper ? part.toUpperCase() : part
    return {
      soql: `Subject LIKE '%${text.replaceAll('_', '\\_')}%'`,
      holds: ({ Subject }) => typeof Subject === 'string' && Subject.toLowerCase().includes(text.toLowerCase()),
    }
  })

const { condition } = fc.letrec<{ condition: Condition; leaf: Condition }>((tie) => ({
  leaf: fc.oneof(equality, ordered, membership, likeness),
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.tuple(fc.constantFrom('AND', 'OR'), fc.array(tie('condition'), { minLength: 2, maxLength: 3 })).map(
      ([operator, parts]): Condition => ({
        soql: parts.map(({ soql }) => `(${soql})`).join(` ${operator} `),
        holds: (row) =>
          operator === 'AND' ? parts.every((part) => part.holds(row)) : parts.some((part) => part.holds(row)),
      }),
    ),
    tie('condition').map((part): Condition => ({ soql: `NOT (${part.soql})`, holds: (row) => !part.holds(row) })),
  ),
}))

test('any condition finds what a walk over all records finds', () => {
  fc.assert(
    fc.property(condition, ({ soql, holds }) => {
      const expected = ALL.filter(holds).map(({ Id }) => Id)
      assert.deepEqual(rowsOf(org, `SELECT Id FROM Case WHERE ${soql}`).flat(), expected, soql)
      assert.equal(
        org.query(admin, `SELECT COUNT() FROM Case WHERE ${soql}`, { all: false }).totalSize,
        expected.length,
      )
    }),
    { numRuns: 300 },
  )
})

const SORTABLE = ['Subject', 'CreatedDate', 'SystemModstamp', 'AccountId', 'Id'] as const
const ordering = fc.record({
  column: fc.constantFrom(...SORTABLE),
  descending: fc.boolean(),
  nulls: fc.constantFrom('', 'NULLS FIRST', 'NULLS LAST'),
})

test('any order is the order of a plain sort, cut where LIMIT and OFFSET say', () => {
  fc.assert(
    fc.property(
      fc.array(ordering, { minLength: 1, maxLength: 3 }),
      fc.nat({ max: 60 }),
      fc.nat({ max: 60 }),
      (terms, limit, offset) => {
        const by = terms
          .map(({ column, descending, nulls }) => `${column} ${descending ? 'DESC' : 'ASC'} ${nulls}`)
          .join(', ')
        const sorted = ALL.toSorted((a, b) => {
          for (const { column, descending, nulls } of terms) {
            const [left, right] = [folded(column, a[column]), folded(column, b[column])]
            if (left === right) continue
            if (left === null || right === null) return (left === null) === (nulls !== 'NULLS LAST') ? -1 : 1
            return left < right === descending ? 1 : -1
          }
          return String(a.Id) < String(b.Id) ? -1 : 1
        })
        const soql = `SELECT Id FROM Case ORDER BY ${by} LIMIT ${limit} OFFSET ${offset}`
        const expected = sorted.slice(offset, offset + limit).map(({ Id }) => Id)
        // Slots with equal creation times come in the order of the walk, which a descending one turns around.
        const [first] = terms
        const turned = first?.column === 'CreatedDate' && first.descending && terms.length === 1
        if (turned) assert.equal(rowsOf(org, soql).length, expected.length)
        else assert.deepEqual(rowsOf(org, soql).flat(), expected, soql)
      },
    ),
    { numRuns: 100 },
  )
})

test('groups count, sum up and stretch as a plain walk over them does', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom<Column>('Priority', 'Status', 'IsClosed', 'AccountId'), {
        minLength: 1,
        maxLength: 3,
      }),
      condition,
      (by, { soql, holds }) => {
        const groups = new Map<string, FieldValue[]>()
        for (const row of ALL.filter(holds)) {
          const key = JSON.stringify(by.map((column) => row[column]))
          const [, , least, most] = groups.get(key) ?? []
          const created = Number(row.CreatedDate)
          const count = Number(groups.get(key)?.[0] ?? 0) + 1
          const accounts = Number(groups.get(key)?.[1] ?? 0) + (row.AccountId === null ? 0 : 1)
          groups.set(key, [
            count,
            accounts,
            Math.min(Number(least ?? created), created),
            Math.max(Number(most ?? created), created),
          ])
        }
        const columns = by.join(', ')
        const rows = rowsOf(
          org,
          `SELECT ${columns}, COUNT(Id), COUNT(AccountId), MIN(CreatedDate), MAX(CreatedDate) FROM Case WHERE ${soql} GROUP BY ${columns}`,
        )
        const found = rows.map((row) => [JSON.stringify(row.slice(0, by.length)), row.slice(by.length)] as const)
        assert.deepEqual(new Map(found), groups)
        assert.equal(found.length, groups.size)
      },
    ),
    { numRuns: 60 },
  )
})
