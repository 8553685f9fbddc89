/** What Salesforce says to queries that it refuses; the texts are those of public field reports unless the reference has them. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { ANCHOR, signIns, testOrg } from '../org/test-org.ts'
import { errorAt, unexpectedToken } from './message.ts'

const org = testOrg({ now: () => ANCHOR })
const { admin } = signIns(org)

const ERRORS: readonly [string, string, RegExp][] = [
  ['', 'MALFORMED_QUERY', /unexpected token: '<EOF>'$/],
  [
    'SELECT Id, FROM Case',
    'MALFORMED_QUERY',
    /^\nSELECT Id, FROM Case\n {10}\^\nERROR at Row:1:Column:11\nunexpected token: 'FROM'$/,
  ],
  // https://github.com/forcedotcom/soql-tooling/issues/86
  [
    'Select Id, Status, Location, Body from Case',
    'INVALID_FIELD',
    /^\nSelect Id, Status, Location, Body from Case\n {19}\^\nERROR at Row:1:Column:20\nNo such column 'Location' on entity 'Case'/,
  ],
  [
    'SELECT Id\nFROM Case\nWHERE  Nope = 1\nLIMIT 1',
    'INVALID_FIELD',
    /^\nWHERE {2}Nope = 1\n {7}\^\nERROR at Row:3:Column:8\n/,
  ],
  ['SELECT Id FROM Case WHERE Status IN ()', 'MALFORMED_QUERY', /Column:37\nunexpected token: '\)'$/],
  ['SELECT Id FROM Case LIMIT x', 'MALFORMED_QUERY', /Column:26\nunexpected token: 'x'$/],
  ['SELECT Id FROM Case ORDER Subject', 'MALFORMED_QUERY', /Column:26\nunexpected token: 'Subject'$/],
  ['SELECT Id FROM Case WHERE Subject = "x"', 'MALFORMED_QUERY', /^line 1:36 no viable alternative at character '"'$/],
  [
    "SELECT Id FROM Case WHERE Subject = 'x",
    'MALFORMED_QUERY',
    /^line 1:38 mismatched character '<EOF>' expecting '''$/,
  ],
  [
    "SELECT Id FROM Case WHERE Subject = '\\d'",
    'MALFORMED_QUERY',
    /Illegal character sequence '\\d' in string literal/,
  ],
  ['SELECT Id FROM Case WHERE Subject = :subject', 'MALFORMED_QUERY', /^Bind variables only allowed in Apex code$/],
  // https://github.com/ForceCLI/force/issues/237
  ['SELECT Id FROM Case LIMIT 1 ALL ROWS', 'MALFORMED_QUERY', /^ALL ROWS not allowed in this context$/],
  ['SELECT Subject s FROM Case', 'MALFORMED_QUERY', /Column:8\nonly aggregate expressions use field aliasing$/],
  ['SELECT Id FROM Case, Contact', 'MALFORMED_QUERY', /Column:22\nA driving SObject type has already been set/],
  [
    'SELECT MAX(CreatedDate) FROM Case LIMIT 1',
    'MALFORMED_QUERY',
    /Non-grouped query that uses overall aggregate functions cannot also use LIMIT$/,
  ],
  ['SELECT SUM(Subject) FROM Case', 'MALFORMED_QUERY', /field Subject does not support aggregate operator SUM$/],
  [
    'SELECT CreatedDate, COUNT(Id) FROM Case GROUP BY CreatedDate',
    'INVALID_FIELD',
    /field 'CreatedDate' can not be grouped in a query call$/,
  ],
  [
    'SELECT CALENDAR_YEAR(CreatedDate) FROM Case',
    'MALFORMED_QUERY',
    /Field must be grouped or aggregated: CreatedDate$/,
  ],
  [
    'SELECT Status, COUNT(Id) FROM Case GROUP BY Status ORDER BY Subject',
    'MALFORMED_QUERY',
    /Ordered field must be grouped or aggregated: Subject$/,
  ],
  [
    'SELECT COUNT() FROM Case ORDER BY Subject',
    'MALFORMED_QUERY',
    /Ordered field must be grouped or aggregated: Subject$/,
  ],
  ['SELECT COUNT(), Id FROM Case', 'MALFORMED_QUERY', /unexpected token: ','$/],
  [
    'SELECT Account.Name, Owner.Name FROM Case GROUP BY Account.Name, Owner.Name',
    'MALFORMED_QUERY',
    /duplicate alias: Name$/,
  ],
  ['SELECT Status, COUNT(Id) x, MAX(Id) x FROM Case GROUP BY Status', 'MALFORMED_QUERY', /duplicate alias: x$/],
  ['SELECT DAY_ONLY(Birthdate), COUNT(Id) FROM Contact GROUP BY DAY_ONLY(Birthdate)', 'MALFORMED_QUERY', /DAY_ONLY$/],
  [
    'SELECT FIELDS(ALL) FROM Case',
    'MALFORMED_QUERY',
    /Column:8\nThe SOQL FIELDS function must have a LIMIT of at most 200$/,
  ],
  // https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-fields.html
  ['SELECT Id, FIELDS(STANDARD) FROM Case', 'INVALID_FIELD', /^duplicate field selected: Id$/],
  ['SELECT Id, Subject, Id FROM Case', 'INVALID_FIELD', /Column:21\nduplicate field selected: Id$/],
  [
    'SELECT Id FROM Case WHERE IsClosed > TRUE',
    'INVALID_QUERY_FILTER_OPERATOR',
    /Column:27\ninvalid operator on boolean field$/,
  ],
  [
    "SELECT Id FROM Lead WHERE Company INCLUDES ('a')",
    'INVALID_QUERY_FILTER_OPERATOR',
    /only valid for multi-select picklists: Company$/,
  ],
  [
    'SELECT TYPEOF Account WHEN Account THEN Name END FROM Case',
    'MALFORMED_QUERY',
    /TYPEOF needs a polymorphic relationship field: Account$/,
  ],
  ['SELECT TYPEOF Owner WHEN Lead THEN Name END FROM Case', 'MALFORMED_QUERY', /Lead is not an object that Owner/],
  ['SELECT Id FROM Case GROUP BY', 'MALFORMED_QUERY', /unexpected token: '<EOF>'$/],
  [
    'SELECT Id FROM Case WHERE (Status = null',
    'MALFORMED_QUERY',
    /^line 1:40 mismatched input '<EOF>' expecting '\)'$/,
  ],
  // https://github.com/forcedotcom/SFDX-Data-Move-Utility/issues/185
  [
    "SELECT Id FROM Case WHERE Subject IN ('PALM \\'' OIL')",
    'MALFORMED_QUERY',
    /^line 1:48 mismatched input 'OIL' expecting '\)'$/,
  ],
  [
    'SELECT * FROM Case',
    'MALFORMED_QUERY',
    /^\nSELECT \* FROM Case\n {6}\^\nERROR at Row:1:Column:7\nunexpected token: '\*'$/,
  ],
  [
    'SELECT Id FROM Account WHERE BillingAddress != null',
    'INVALID_FIELD',
    /Column:30\nAddress fields can only be filtered using Distance expressions$/,
  ],
  [
    'SELECT Id FROM Case WHERE CreatedDate > 2026-02-30T00:00:00Z',
    'INVALID_FIELD',
    /Column:27\nvalue of filter criterion for field 'CreatedDate' must be of type dateTime/,
  ],
  [
    'SELECT Id FROM Contact WHERE Birthdate > 2026-02-31',
    'INVALID_FIELD',
    /Column:30\nvalue of filter criterion for field 'Birthdate' must be of type date/,
  ],
  ['SELECT Id, Account.Name, Account.Name FROM Case', 'INVALID_FIELD', /Column:26\nduplicate field selected: Name$/],
  ['SELECT Id FROM Case HAVING COUNT(Id) > 1', 'MALFORMED_QUERY', /unexpected token: 'HAVING'$/],
  [
    'SELECT Id FROM Case WHERE CreatedDate = LAST_FEW_DAYS',
    'MALFORMED_QUERY',
    /Column:40\nunexpected token: 'LAST_FEW_DAYS'$/,
  ],
  ['SELECT Id FROM Opportunity WHERE Amount > USD5000', 'MALFORMED_QUERY', /unexpected token: 'USD5000'$/],
  ['SELECT Id FROM Case WHERE CreatedDate > 2026-01-01T00:00:00 01:00', 'MALFORMED_QUERY', /Column|no viable/],
  ['SELECT convertCurrency(Amount) FROM Opportunity', 'INVALID_FIELD', /convertCurrency is not supported/],
  ['SELECT Id FROM Case USING SCOPE team', 'MALFORMED_QUERY', /scope 'team' is not supported for entity 'Case'$/],
  ['SELECT Id FROM Case ORDER BY Id FOR UPDATE', 'MALFORMED_QUERY', /ORDER BY is not allowed with FOR UPDATE$/],
  ['SELECT Id FROM Case WITH DATA CATEGORY A__c AT b__c', 'MALFORMED_QUERY', /not supported for entity 'Case'$/],
  [
    'SELECT Id, (SELECT Id FROM Contacts OFFSET 1) FROM Account',
    'MALFORMED_QUERY',
    /OFFSET in a subquery needs LIMIT 1 in the parent query$/,
  ],
  [
    `SELECT Id FROM Case WHERE Subject = '${'x'.repeat(4001)}'`,
    'MALFORMED_QUERY',
    /maximum string literal length is 4000/,
  ],
  [
    `SELECT Id FROM Case ${' '.repeat(100_000)}`,
    'MALFORMED_QUERY',
    /^SOQL statements cannot be longer than 100000 characters\.$/,
  ],
  [
    `SELECT Id FROM Case ORDER BY ${Array.from({ length: 33 }, () => 'Id').join(', ')}`,
    'MALFORMED_QUERY',
    /ORDER BY is limited to 32 fields$/,
  ],
]

for (const [soql, errorCode, message] of ERRORS) {
  test(`refused with ${errorCode}: ${soql.replaceAll('\n', ' ').slice(0, 90)}`, () => {
    assert.throws(() => org.query(admin, soql, { all: false }), { errorCode, status: 400, message })
  })
}

test('a long query is quoted around the place only, in whole words', () => {
  const columns = Array.from({ length: 40 }, (_, n) => `Owner.Alias${n === 0 ? '' : n}`)
  const soql = `SELECT Id, Subject, Status, Priority, ${columns.join(', ')} FROM Case`
  assert.throws(() => org.query(admin, soql, { all: false }), {
    message:
      /^\nStatus, Priority, Owner\.Alias, Owner\.Alias1, Owner\.Alias2, Owner\.Alias3\n {31}\^\nERROR at Row:1:Column:52\nNo such column 'Alias1' on entity 'Name'/,
  })
})

// What orgs answered, in public field reports: the words around the place, the caret, the column.
const REPORTED: readonly [string, string, string][] = [
  [
    // roblesterjr04/EloquentSalesForce 68
    'select Id, ProductCode from Product2 where ProductCode = 3999',
    'ProductCode',
    `
ProductCode from Product2 where ProductCode = 3999
                                ^
ERROR at Row:1:Column:44
`,
  ],
  [
    // forcedotcom/SFDX-Data-Move-Utility 340
    'SELECT Id, aduro__Role__c, aduro__Account__c, aduro__Contact__c, aduro__Account__r.name, aduro__Contact__r.name, aduro__Account__r.Name, aduro__Contact__r.Name FROM x',
    'aduro__Account__r.Name',
    `
aduro__Account__r.name, aduro__Contact__r.name, aduro__Account__r.Name, aduro__Contact__r.Name
                                                ^
ERROR at Row:1:Column:114
`,
  ],
  [
    // developerforce/open-cti-demo-adapter 31
    "SELECT Id, Name, Phone, Email, Title, Owner FROM Contact WHERE (id = :name OR Name LIKE :('%' + name + '%') OR\nPhone LIKE :name",
    'Name LIKE',
    `
FROM Contact WHERE (id = :name OR Name LIKE :('%' + name + '%') OR
                                  ^
ERROR at Row:1:Column:79
`,
  ],
]

test('an error quotes as much of the query as Salesforce does', () => {
  for (const [soql, place, lines] of REPORTED) {
    assert.equal(errorAt(soql, soql.lastIndexOf(place), 'INVALID_FIELD', '').message, lines)
  }
  const soql = 'SELECT Id FROM Account SET OPTIONS (honorEmptyStrings = true) LIMIT 1'
  assert.equal(
    unexpectedToken(soql, { text: 'LIMIT', at: soql.indexOf('LIMIT') }).message,
    "\nOPTIONS (honorEmptyStrings = true) LIMIT 1\n                                  ^\nERROR at Row:1:Column:62\nunexpected token: 'LIMIT'",
  )
})
