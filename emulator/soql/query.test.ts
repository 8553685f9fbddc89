import assert from 'node:assert/strict'
import test from 'node:test'
import { ANCHOR, rowsOf, signIns, testOrg } from '../org/test-org.ts'

const org = testOrg({ now: () => ANCHOR })
const { admin, agent } = signIns(org)

/** Three contacts made for these tests, beside the seeded ones. */
const account = org.create(admin.userId, 'Account', { Name: 'Query & Sons', AnnualRevenue: 5 })
const people = [
  { LastName: 'Adler', Title: "Head of 'Ops'", Email: 'a@x.example', Birthdate: '1980-05-01', DoNotCall: true },
  { LastName: 'berg', Title: '100% sure', Birthdate: '1990-05-01' },
  { LastName: 'Cole', Title: 'a_b', Email: 'c@x.example' },
].map((person) => org.create(admin.userId, 'Contact', { ...person, AccountId: account }))
const lead = (interests: string | null, area: number) =>
  org.create(admin.userId, 'Lead', { LastName: 'Q', Company: 'Query', Interests__c: interests, Roof_Area_m2__c: area })
lead('Solar;Storage', 10.5)
lead('Heating', 20)
lead(null, 30.25)
const names = (where: string) =>
  rowsOf(org, `SELECT LastName FROM Contact WHERE AccountId = '${account}' AND ${where} ORDER BY LastName`).map(String)
const areas = (where: string) =>
  rowsOf(org, `SELECT Roof_Area_m2__c FROM Lead WHERE Company = 'Query' AND ${where} ORDER BY Roof_Area_m2__c`).flat()

const FILTERS: readonly [string, readonly string[]][] = [
  ["LastName = 'adler'", ['Adler']],
  ["LastName != 'adler'", ['berg', 'Cole']],
  ["LastName > 'adler' AND LastName <= 'BERG'", ['berg']],
  ["LastName IN ('Adler', 'COLE')", ['Adler', 'Cole']],
  ["LastName NOT IN ('Adler')", ['berg', 'Cole']],
  ["LastName LIKE '%E%'", ['Adler', 'berg', 'Cole']],
  ["LastName LIKE '_ole'", ['Cole']],
  ["Title LIKE '100\\%%'", ['berg']],
  ["Title LIKE 'a\\_b'", ['Cole']],
  ["Title = 'Head of \\'Ops\\''", ['Adler']],
  ['Email = null', ['berg']],
  ["Email = ''", ['berg']],
  ['Email != null', ['Adler', 'Cole']],
  ['DoNotCall = TRUE', ['Adler']],
  ['Birthdate > 1985-01-01', ['berg']],
  ['Birthdate = 1980-05-01', ['Adler']],
  ['NOT Birthdate = 1980-05-01', ['berg', 'Cole']],
  ["(LastName = 'Adler' OR LastName = 'Cole') AND NOT (Email LIKE 'a%')", ['Cole']],
  ["Account.Name = 'query & sons' AND LastName = 'Cole'", ['Cole']],
  ["Account.Owner.Name = 'Ada Lindqvist'", ['Adler', 'berg', 'Cole']],
  ['CreatedDate = TODAY', ['Adler', 'berg', 'Cole']],
  ['CreatedDate < TODAY', []],
  ['CreatedDate = LAST_N_DAYS:3', ['Adler', 'berg', 'Cole']],
  ['CreatedDate = LAST_MONTH', []],
  ['CreatedDate = THIS_MONTH', ['Adler', 'berg', 'Cole']],
  ['CreatedDate >= 2026-11-02T10:00:00+01:00', ['Adler', 'berg', 'Cole']],
  ['CreatedDate > 2026-11-02T10:00:00+01:00', []],
  ['CreatedDate <= 2026-11-02T09:00:00.000Z', ['Adler', 'berg', 'Cole']],
  [`Id = '${people[1]}'`, ['berg']],
  [`Id IN ('${people[1]?.slice(0, 15)}', '${people[2]}')`, ['berg', 'Cole']],
  [`Id > '${people[0]}'`, ['berg', 'Cole']],
  [`AccountId IN (SELECT Id FROM Account WHERE Name = 'Query & Sons')`, ['Adler', 'berg', 'Cole']],
  [`Id NOT IN (SELECT ContactId FROM Case)`, ['Adler', 'berg', 'Cole']],
]

for (const [where, expected] of FILTERS) {
  test(`WHERE ${where.replaceAll(/[a-zA-Z0-9]{18}/g, '…')} finds ${expected.join(', ') || 'nobody'}`, () => {
    assert.deepEqual(names(where), expected)
  })
}

test('multi-select picklists are searched by INCLUDES and EXCLUDES', () => {
  assert.deepEqual(areas("Interests__c INCLUDES ('Solar')"), [10.5])
  assert.deepEqual(areas("Interests__c INCLUDES ('Solar;Heating', 'Heating')"), [20])
  assert.deepEqual(areas("Interests__c EXCLUDES ('Solar')"), [20, 30.25])
  assert.deepEqual(areas('Roof_Area_m2__c >= 20.0'), [20, 30.25])
})

test('rows come in the order asked for, nulls where asked for, and by Id when nothing is asked', () => {
  const order = (by: string) =>
    rowsOf(org, `SELECT LastName FROM Contact WHERE AccountId = '${account}' ORDER BY ${by}`).flat()
  assert.deepEqual(order('LastName DESC'), ['Cole', 'berg', 'Adler'])
  assert.deepEqual(order('Email'), ['berg', 'Adler', 'Cole'])
  assert.deepEqual(order('Email DESC NULLS LAST'), ['Cole', 'Adler', 'berg'])
  assert.deepEqual(order('DoNotCall DESC, LastName DESC'), ['Adler', 'Cole', 'berg'])
  assert.deepEqual(order('Id DESC'), ['Cole', 'berg', 'Adler'])
  const ids = rowsOf(org, 'SELECT Id FROM Case').flat().map(String)
  assert.deepEqual(ids, ids.toSorted())
  const stamps = rowsOf(org, 'SELECT SystemModstamp, Id FROM Case ORDER BY SystemModstamp, Id')
  for (const [n, [stamp, id]] of stamps.entries()) {
    const [before, idBefore] = stamps[n - 1] ?? [0, '']
    assert.ok(Number(stamp) > Number(before) || (stamp === before && String(id) > String(idBefore)))
  }
})

test('picklists sort as their values are listed, not by the alphabet', () => {
  const found = rowsOf(org, 'SELECT Priority FROM Case ORDER BY Priority').flat()
  assert.deepEqual([...new Set(found)], ['High', 'Medium', 'Low'])
})

test('LIMIT and OFFSET cut, and an offset over 2,000 is refused', () => {
  const all = rowsOf(org, 'SELECT Id FROM Case').flat()
  assert.deepEqual(rowsOf(org, 'SELECT Id FROM Case LIMIT 3 OFFSET 2').flat(), all.slice(2, 5))
  assert.equal(org.query(admin, 'SELECT Id FROM Case LIMIT 0', { all: false }).totalSize, 0)
  assert.throws(() => org.query(admin, 'SELECT Id FROM Case OFFSET 2001', { all: false }), {
    errorCode: 'NUMBER_OUTSIDE_VALID_RANGE',
  })
})

test('parents are reached by dots, also where a lookup may lead to several objects', () => {
  const soql = `SELECT owner.name, account.Owner.Profile.Name FROM Contact WHERE Id = '${people[0]}'`
  const result = org.query(admin, soql, { all: false })
  assert.deepEqual(
    result.columns.map(({ path }) => path),
    ['Owner.Name', 'Account.Owner.Profile.Name'],
  )
  assert.deepEqual([...result.rows()], [['Ada Lindqvist', 'System Administrator']])
  const owners = org.query(admin, 'SELECT Id, Owner.Name, Owner.Type, OwnerId FROM Case', { all: false })
  const types = new Set<string>()
  for (const row of owners.rows()) {
    assert.ok(row[1])
    types.add(String(row[2]))
    assert.deepEqual(owners.parentOf(row, 'Owner'), { objectName: row[2], id: row[3] })
    assert.equal(owners.idOf(row), row[0])
  }
  assert.deepEqual([...types].sort(), ['Group', 'User'])
})

test('children come nested, filtered and limited', () => {
  const [row] = rowsOf(
    org,
    `SELECT Name, (SELECT LastName, Account.Name FROM Contacts WHERE Email != null ORDER BY LastName DESC LIMIT 1) FROM Account WHERE Id = '${account}'`,
  )
  const nested = row?.[1]
  assert.ok(nested !== null && typeof nested === 'object')
  assert.equal(nested.objectName, 'Contact')
  assert.deepEqual(
    nested.rows.map((one) => [...one]),
    [['Cole', 'Query & Sons']],
  )
})

test('compound addresses come as their parts, and base64 fields as the path of their bytes', () => {
  const [[text] = []] = rowsOf(org, 'SELECT BillingAddress FROM Account LIMIT 1')
  assert.deepEqual(Object.keys(JSON.parse(String(text))), [
    'street',
    'city',
    'state',
    'postalCode',
    'country',
    'latitude',
    'longitude',
    'geocodeAccuracy',
  ])
  const [[path, id] = []] = rowsOf(org, 'SELECT VersionData, Id FROM ContentVersion LIMIT 1')
  assert.equal(path, `/sobjects/ContentVersion/${id}/VersionData`)
})

test('counts and other aggregates, alone and by group', () => {
  const count = org.query(admin, `SELECT COUNT() FROM Contact WHERE AccountId = '${account}'`, { all: false })
  assert.deepEqual([count.countOnly, count.totalSize, [...count.rows()]], [true, 3, []])
  const sums = org.query(
    admin,
    "SELECT COUNT(Id), COUNT(Email) filled, MIN(Roof_Area_m2__c), MAX(Roof_Area_m2__c), SUM(Roof_Area_m2__c), AVG(Roof_Area_m2__c), COUNT_DISTINCT(Company) FROM Lead WHERE Company = 'Query'",
    { all: false },
  )
  assert.equal(sums.objectName, 'AggregateResult')
  assert.deepEqual(
    sums.columns.map(({ path }) => path),
    ['expr0', 'filled', 'expr1', 'expr2', 'expr3', 'expr4', 'expr5'],
  )
  assert.deepEqual([...sums.rows()], [[3, 0, 10.5, 30.25, 60.75, 20.25, 1]])
  const groups = rowsOf(
    org,
    'SELECT Status, COUNT(Id) n FROM Case GROUP BY Status HAVING COUNT(Id) > 5 ORDER BY COUNT(Id) DESC',
  )
  assert.equal(groups[0]?.[0], 'Closed')
  assert.ok(groups.every(([, n]) => Number(n) > 5))
  const owners = rowsOf(org, 'SELECT Owner.Name, COUNT(Id) FROM Case GROUP BY Owner.Name')
  assert.equal(
    owners.reduce((sum, [, n]) => sum + Number(n), 0),
    rowsOf(org, 'SELECT Id FROM Case').length,
  )
  assert.deepEqual(rowsOf(org, "SELECT MAX(CreatedDate), COUNT(Id) FROM Case WHERE Subject = 'nothing'"), [[null, 0]])
})

test('FIELDS() gives all, standard or custom fields, within its limit', () => {
  const fields = (set: string) =>
    org.query(admin, `SELECT FIELDS(${set}) FROM Case LIMIT 200`, { all: false }).columns.length
  assert.equal(fields('ALL'), org.getObject(admin, 'Case').fields.length)
  assert.equal(fields('STANDARD') + fields('CUSTOM'), fields('ALL'))
  assert.throws(() => org.query(admin, 'SELECT FIELDS(ALL) FROM Case', { all: false }), {
    errorCode: 'MALFORMED_QUERY',
  })
  assert.throws(() => org.query(admin, 'SELECT FIELDS(CUSTOM) FROM Case LIMIT 201', { all: false }), {
    errorCode: 'MALFORMED_QUERY',
  })
})

test('names are found whatever their case, and columns are spelled as the schema spells them', () => {
  const result = org.query(admin, `select id, c.lastname, c.account.name from contact c where c.id = '${people[0]}'`, {
    all: false,
  })
  assert.equal(result.objectName, 'Contact')
  assert.deepEqual(
    result.columns.map(({ path }) => path),
    ['Id', 'LastName', 'Account.Name'],
  )
  assert.deepEqual([...result.rows()], [[people[0], 'Adler', 'Query & Sons']])
})

const ERRORS: readonly [string, string, RegExp][] = [
  [
    'SELECT Foo__c FROM Case',
    'INVALID_FIELD',
    /^\nSELECT Foo__c FROM Case\n {7}\^\nERROR at Row:1:Column:8\nNo such column 'Foo__c' on entity 'Case'\. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name\. Please reference your WSDL or the describe call for the appropriate names\.$/,
  ],
  ['SELECT Id FROM Foo', 'INVALID_TYPE', /ERROR at Row:1:Column:16\nsObject type 'Foo' is not supported\./],
  ['SELECT Id\nFROM Case\nWHERE Foo = 1', 'INVALID_FIELD', /ERROR at Row:3:Column:7\nNo such column 'Foo'/],
  ['SELECT Id FROM WHERE', 'MALFORMED_QUERY', /ERROR at Row:1:Column:15\nunexpected token: 'WHERE'/],
  ['SELECT Id FROM Case WHERE', 'MALFORMED_QUERY', /unexpected token: '<EOF>'/],
  ['SELECT Id, Id FROM Case', 'INVALID_FIELD', /duplicate field selected: Id/],
  ['SELECT Foo.Name FROM Case', 'INVALID_FIELD', /Didn't understand relationship 'Foo' in field path/],
  ['SELECT Owner.Department FROM Case', 'INVALID_FIELD', /No such column 'Department' on entity 'Name'/],
  [
    'SELECT Id, (SELECT Id FROM Foos) FROM Case',
    'INVALID_TYPE',
    /Didn't understand relationship 'Foos' in FROM part of query call/,
  ],
  [
    "SELECT Id FROM Case WHERE Description = 'x'",
    'INVALID_FIELD',
    /field 'Description' can not be filtered in a query call/,
  ],
  [
    'SELECT Id FROM Case ORDER BY Accessories__c',
    'INVALID_FIELD',
    /field 'Accessories__c' can not be sorted in a query call/,
  ],
  [
    'SELECT Description, COUNT(Id) FROM Case GROUP BY Description',
    'INVALID_FIELD',
    /field 'Description' can not be grouped/,
  ],
  [
    'SELECT Subject, COUNT(Id) FROM Case GROUP BY Status',
    'MALFORMED_QUERY',
    /Field must be grouped or aggregated: Subject/,
  ],
  [
    "SELECT Id FROM Case WHERE CreatedDate > '2026-01-01T00:00:00Z'",
    'INVALID_FIELD',
    /value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes/,
  ],
  ['SELECT Id FROM Case WHERE CreatedDate > 2026-01-01', 'INVALID_FIELD', /must be of type dateTime/],
  ['SELECT Id FROM Case WHERE Subject = 5', 'INVALID_FIELD', /must be of type string and should be enclosed in quotes/],
  ["SELECT Id FROM Case WHERE Id = 'nonsense'", 'INVALID_QUERY_FILTER_OPERATOR', /invalid ID field: nonsense/],
  ["SELECT Id FROM Case WHERE Id LIKE '500%'", 'INVALID_QUERY_FILTER_OPERATOR', /invalid operator on id field/],
  [
    "SELECT Id FROM Case WHERE Status = 'New' AND Priority = 'Low' OR Origin = 'Web'",
    'MALFORMED_QUERY',
    /unexpected token: 'OR'/,
  ],
  [
    'SELECT Id FROM ContentDocumentLink',
    'MALFORMED_QUERY',
    /^Implementation restriction: ContentDocumentLink requires a filter by a single Id/,
  ],
]

for (const [soql, errorCode, message] of ERRORS) {
  test(`${soql.replaceAll('\n', ' ')} fails with ${errorCode}, in Salesforce's words`, () => {
    assert.throws(() => org.query(admin, soql, { all: false }), { errorCode, status: 400, message })
  })
}

const BULK_REFUSED: readonly [string, string][] = [
  ['SELECT Id FROM CaseStatus', 'INVALIDENTITY'],
  ['SELECT Id, BillingAddress FROM Account', 'INVALIDENTITY'],
  ['SELECT Id, VersionData FROM ContentVersion', 'INVALIDENTITY'],
  ['SELECT COUNT() FROM Case', 'API_ERROR'],
  ['SELECT Status, COUNT(Id) FROM Case GROUP BY Status', 'API_ERROR'],
  ['SELECT Id, (SELECT Id FROM CaseComments) FROM Case', 'API_ERROR'],
  ['SELECT Id FROM Case OFFSET 5', 'API_ERROR'],
  ['SELECT Foo FROM Case', 'INVALID_FIELD'],
]

for (const [soql, errorCode] of BULK_REFUSED) {
  test(`the Bulk API refuses ${soql} with ${errorCode}`, () => {
    assert.throws(() => org.query(admin, soql, { all: true, bulk: true }), { errorCode })
  })
}

test('the Bulk API takes parents, LIMIT and ORDER BY, and the columns keep their order', () => {
  const result = org.query(admin, 'SELECT Subject, Id, Owner.Name FROM Case ORDER BY Id LIMIT 5', {
    all: true,
    bulk: true,
  })
  assert.deepEqual(
    result.columns.map(({ path }) => path),
    ['Subject', 'Id', 'Owner.Name'],
  )
  assert.equal([...result.rows()].length, 5)
})

test('links of files are found by document and by the record they hang on', () => {
  const links = rowsOf(
    org,
    'SELECT Id, ContentDocumentId, LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId IN (SELECT Id FROM ContentDocument)',
  )
  assert.ok(links.length > 20)
  for (const [id, , entity] of links) {
    const found = rowsOf(org, `SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = '${entity}'`).flat()
    assert.ok(found.includes(id ?? null), `${id} is not found by ${entity}`)
  }
})

test('archived article versions show only to those who ask for them and may see them', () => {
  const archived = "FROM Knowledge__kav WHERE PublishStatus = 'Archived'"
  const count = (soql: string, viewer = admin) => rowsOf(org, soql, { viewer }).length
  assert.equal(count(`SELECT Id ${archived}`), 0)
  assert.ok(count(`SELECT Id ${archived} AND IsLatestVersion = false`) > 0)
  assert.ok(count(`SELECT Id ${archived.toLowerCase()} AND islatestversion = false`) > 0)
  assert.equal(count(`SELECT Id ${archived} AND IsLatestVersion = false`, agent), 0)
})

test('archived activities are left out by query and shown by queryAll', () => {
  const soql = 'SELECT Id, IsArchived FROM Task'
  assert.ok(rowsOf(org, soql).every(([, isArchived]) => isArchived === false))
  assert.ok(rowsOf(org, soql, { all: true }).some(([, isArchived]) => isArchived === true))
})

test('a result can be read again and again, and its size is that of its rows', () => {
  const result = org.query(admin, "SELECT Id FROM Case WHERE Priority = 'High'", { all: false })
  assert.deepEqual([...result.rows()], [...result.rows()])
  assert.equal([...result.rows()].length, result.totalSize)
})

test('the first rows of a long list are those of the whole list in order', () => {
  const big = testOrg({ scale: 10 })
  const page = (rest: string) => rowsOf(big, `SELECT Id FROM Case ORDER BY Subject DESC, SystemModstamp ${rest}`).flat()
  const all = page('')
  assert.ok(all.length > 25_000)
  assert.deepEqual(page('LIMIT 40 OFFSET 2000'), all.slice(2000, 2040))
})

test('records that are equal in an order stand in the order of ids, either way', () => {
  const ids = (order: string) => rowsOf(org, `SELECT Id FROM Case ORDER BY IsClosed, ${order}`).flat()
  const closed = rowsOf(org, 'SELECT Id FROM Case WHERE IsClosed = true ORDER BY Id').flat()
  assert.ok(closed.length > 1)
  assert.deepEqual(ids('Id').slice(-closed.length), closed)
  assert.deepEqual(ids('Id DESC, Subject').slice(-closed.length), closed.toReversed())
})
