/** Queries as people mistype them: whatever is wrong, the answer is one of Salesforce's, never a failure of the practice org. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { OrgError } from '../org/model.ts'
import { ANCHOR, signIns, testOrg } from '../org/test-org.ts'

const org = testOrg({ now: () => ANCHOR })
const { admin } = signIns(org)

const WHOLE = [
  "SELECT Id, Owner.Name, (SELECT LastName FROM Contacts WHERE Email != null ORDER BY LastName LIMIT 2) FROM Account WHERE Name LIKE 'A%' AND (CreatedDate = LAST_N_DAYS:30 OR AnnualRevenue > 1.5) ORDER BY Name DESC NULLS LAST LIMIT 10 OFFSET 5",
  'SELECT Status, CALENDAR_YEAR(CreatedDate) y, COUNT(Id), MAX(Priority) FROM Case WHERE IsClosed = false AND AccountId IN (SELECT AccountId FROM Contact WHERE Birthdate < 1990-01-01) GROUP BY ROLLUP(Status, CALENDAR_YEAR(CreatedDate)) HAVING COUNT(Id) > 1 ORDER BY COUNT(Id) DESC',
  "SELECT Id, TYPEOF What WHEN Account THEN Phone, Owner.Name WHEN Case THEN CaseNumber ELSE Name END, toLabel(Status), FORMAT(CreatedDate) d FROM Task USING SCOPE mine WHERE What.Type IN ('Account', 'Case') AND CreatedDate >= 2026-01-02T03:04:05.000Z FOR VIEW",
  "SELECT FIELDS(STANDARD) FROM Lead WHERE Interests__c INCLUDES ('Solar;Storage', 'Heating') AND NOT Company = 'it\\'s' AND Id NOT IN ('00Q5f0000000000AAA') LIMIT 5",
  "SELECT Title FROM Knowledge__kav WHERE PublishStatus = 'Online' WITH DATA CATEGORY Topics__c AT Safety__c LIMIT 3",
  "SELECT Id, DISTANCE(BillingAddress, GEOLOCATION(1.5, -2), 'km') FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(1.5, -2), 'km') < 100",
]
const SEARCH =
  'FIND {(solar OR "heat pump") AND NOT test*} IN NAME FIELDS RETURNING Case(Id, Subject WHERE IsClosed = true ORDER BY Subject LIMIT 2), Account LIMIT 20'

const piecesOf = (text: string): readonly string[] => text.match(/'(?:\\.|[^'])*'|[\w.:]+|\s+|[^\w\s]/g) ?? []
const PIECES = [...WHOLE, SEARCH].flatMap(piecesOf)

/** A text with a few of its pieces left out, doubled, or replaced by pieces of others. */
const broken = (text: string) =>
  fc
    .array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom('drop', 'double', 'replace'),
        fc.constantFrom(...PIECES, "'", '\\', '😀', ';'),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((edits) => {
      const pieces = [...piecesOf(text)]
      for (const [at, edit, other] of edits) {
        const n = at % pieces.length
        const piece = pieces[n] ?? ''
        pieces[n] = edit === 'drop' ? '' : edit === 'double' ? `${piece} ${piece}` : other
      }
      return pieces.join('')
    })

function answered(act: () => unknown, text: string): void {
  try {
    act()
  } catch (error) {
    assert.ok(error instanceof OrgError, `${text}\n${error instanceof Error ? error.stack : error}`)
    assert.ok(error.message.length > 10, text)
  }
}

test('a whole query is answered as it is', () => {
  for (const soql of WHOLE) assert.ok(org.query(admin, soql, { all: false }).totalSize >= 0)
  assert.ok(org.search(admin, SEARCH).found.length >= 0)
})

test('parentheses without end are refused', () => {
  const open = '('.repeat(90_000)
  for (const soql of [
    `SELECT Id FROM Case WHERE ${open}`,
    `SELECT Id FROM Case WHERE ${'NOT '.repeat(20_000)}IsClosed = true`,
    `SELECT ${'(SELECT '.repeat(10_000)}`,
    `SELECT ${'FORMAT('.repeat(10_000)}`,
  ]) {
    assert.throws(() => org.query(admin, soql, { all: false }), { errorCode: 'MALFORMED_QUERY' })
  }
  assert.throws(() => org.search(admin, `FIND {${'('.repeat(3_900)}}`), { errorCode: 'MALFORMED_SEARCH' })
})

test('a broken query gets an answer or a refusal', () => {
  const query = fc.constantFrom(...WHOLE).chain(broken)
  fc.assert(
    fc.property(query, (soql) => answered(() => [...org.query(admin, soql, { all: false }).rows()], soql)),
    { numRuns: 2_000 },
  )
})

test('a broken search gets an answer or a refusal', () => {
  fc.assert(
    fc.property(broken(SEARCH), (sosl) => answered(() => org.search(admin, sosl), sosl)),
    { numRuns: 300 },
  )
})
