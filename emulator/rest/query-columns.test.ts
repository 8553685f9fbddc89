import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testOrg } from './test-calls.ts'

const { get, failure } = testOrg()

const columnsOf = (q: string) => get(`query?${new URLSearchParams({ q, columns: 'true' })}`)

const LAST_NAME = {
  aggregate: false,
  apexType: 'String',
  booleanType: false,
  columnName: 'LastName',
  custom: false,
  displayName: 'LastName',
  foreignKeyName: null,
  insertable: true,
  joinColumns: [],
  numberType: false,
  textType: true,
  updatable: true,
}
const RELATIONSHIP = { ...LAST_NAME, apexType: null, insertable: false, textType: false, updatable: false }

// https://github.com/salesforcecli/plugin-data/blob/main/test/test-files/queryFields.exemplars.ts
test("a query's columns are told as Salesforce's CLI reads them, those of parents and children inside their relationship", async () => {
  const { columnMetadata, ...about } = await columnsOf(
    "SELECT Id, Owner.LastName, (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'nobody'",
  )
  assert.deepEqual(about, { entityName: 'Account', groupBy: false, idSelected: true, keyPrefix: '001' })
  const [id, owner, contacts] = columnMetadata
  const name = { columnName: 'Id', displayName: 'Id' }
  const flags = { apexType: 'Id', textType: false, insertable: false, updatable: false }
  assert.deepEqual(id, { ...LAST_NAME, ...name, ...flags })
  const ownerName = { columnName: 'Owner', displayName: 'Owner', foreignKeyName: 'OwnerId' }
  assert.deepEqual(owner, { ...RELATIONSHIP, ...ownerName, joinColumns: [LAST_NAME] })
  const contactsName = { columnName: 'Contacts', displayName: 'Contacts', aggregate: true }
  assert.deepEqual(contacts, { ...RELATIONSHIP, ...contactsName, joinColumns: [LAST_NAME] })
})

test('a column behind several relationships stands inside each of them', async () => {
  const { columnMetadata } = await columnsOf('SELECT Contact.Account.Name, Contact.Account.Site, Owner.Name FROM Case')
  const names = (columns: { columnName: string; joinColumns: [] }[]): unknown[] =>
    columns.map(({ columnName, joinColumns }) =>
      joinColumns.length === 0 ? columnName : [columnName, ...names(joinColumns)],
    )
  assert.deepEqual(names(columnMetadata), [
    ['Contact', ['Account', 'Name', 'Site']],
    ['Owner', 'Name'],
  ])
})

test('a column that a function makes bears its name in the answer, and shows its text or alias', async () => {
  const soql =
    'SELECT Status, COUNT(Id), MAX(CreatedDate) newest, CALENDAR_YEAR(CreatedDate) FROM Case GROUP BY Status, CALENDAR_YEAR(CreatedDate)'
  const { columnMetadata, groupBy } = await columnsOf(soql)
  assert.equal(groupBy, true)
  assert.deepEqual(
    columnMetadata.map(({ aggregate, columnName, displayName, numberType, apexType }: typeof LAST_NAME) => [
      aggregate,
      columnName,
      displayName,
      numberType,
      apexType,
    ]),
    [
      [false, 'Status', 'Status', false, 'String'],
      [true, 'expr0', 'count(Id)', true, null],
      [true, 'newest', 'newest', false, null],
      [true, 'expr1', 'calendar_year(CreatedDate)', true, null],
    ],
  )
})

test('FIELDS() is told field by field, COUNT() as no column at all', async () => {
  const { columnMetadata } = await columnsOf('SELECT FIELDS(CUSTOM) FROM Account LIMIT 1')
  assert.ok(columnMetadata.length > 0)
  assert.ok(columnMetadata.every(({ custom }: { custom: boolean }) => custom))
  assert.deepEqual((await columnsOf('SELECT COUNT() FROM Case')).columnMetadata, [])
})

test('a query that Salesforce refuses has no columns either', async () => {
  const refused = `query?${new URLSearchParams({ q: 'SELECT Nope FROM Case', columns: 'true' })}`
  assert.deepEqual(await failure(refused), [400, 'INVALID_FIELD'])
})
