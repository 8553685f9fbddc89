import assert from 'node:assert/strict'
import test from 'node:test'
import type { NestedResult } from '../org/model.ts'
import { ANCHOR, rowsOf, signIns, testOrg } from '../org/test-org.ts'

const org = testOrg({ now: () => ANCHOR })
const { admin, agent } = signIns(org)
const account = org.create(admin.userId, 'Account', { Name: 'Relations plc', Phone: '123' })
const contact = org.create(admin.userId, 'Contact', { LastName: 'Relate', AccountId: account, Email: 'r@x.example' })
const parent = org.create(admin.userId, 'Case', { Subject: 'Parent', AccountId: account, ContactId: contact })
const child = org.create(admin.userId, 'Case', { Subject: 'Child', ParentId: parent, AccountId: account })
org.create(admin.userId, 'CaseComment', { ParentId: child, CommentBody: 'Deep down' })
const task = (WhatId: string | null, WhoId: string | null = null) =>
  org.create(admin.userId, 'Task', { Subject: 'Related', WhatId, WhoId })
task(account, contact)
task(parent)
task(null)

const nested = (value: unknown): NestedResult => {
  assert.ok(typeof value === 'object' && value !== null && 'rows' in value)
  return value as NestedResult
}

test('children have children of their own', () => {
  const [row] = rowsOf(
    org,
    `SELECT Name, (SELECT Subject, (SELECT Subject, (SELECT CommentBody FROM CaseComments) FROM Cases) FROM Cases WHERE ParentId = null) FROM Account WHERE Id = '${account}'`,
  )
  const [first] = nested(row?.[1]).rows
  const [second] = nested(first?.[1]).rows
  assert.deepEqual([first?.[0], second?.[0], nested(second?.[1]).rows], ['Parent', 'Child', [['Deep down']]])
})

test('six levels down are too many', () => {
  const down = (levels: number): string =>
    levels === 0 ? 'SELECT Id FROM Cases' : `SELECT Id, (${down(levels - 1)}) FROM Cases`
  assert.equal(rowsOf(org, `SELECT Id, (${down(2)}) FROM Account WHERE Id = '${account}'`).length, 1)
  assert.throws(() => rowsOf(org, `SELECT Id, (${down(4)}) FROM Account`), { errorCode: 'MALFORMED_QUERY' })
})

test('TYPEOF gives each row the fields of what its lookup points to', () => {
  const rows = rowsOf(
    org,
    "SELECT TYPEOF What WHEN Account THEN Phone, Owner.Name WHEN Opportunity THEN Amount ELSE Name END, Who.Name FROM Task WHERE Subject = 'Related'",
  )
  const [onAccount, onCase, onNothing] = rows.map(([what]) => (what === null ? null : nested(what)))
  assert.deepEqual(
    [onAccount?.objectName, onAccount?.columns.map(({ path }) => path), onAccount?.rows],
    ['Account', ['Phone', 'Owner.Name'], [['123', admin.name]]],
  )
  assert.equal(onAccount?.single, true)
  const [row] = onAccount?.rows ?? []
  assert.ok(row)
  assert.equal(onAccount?.idOf(row), account)
  assert.deepEqual(onAccount?.parentOf(row, 'Owner'), { objectName: 'User', id: admin.userId })
  assert.deepEqual([onCase?.objectName, onCase?.columns.map(({ path }) => path)], ['Case', ['Name']])
  assert.equal(onNothing, null)
  const unmatched = rowsOf(
    org,
    `SELECT TYPEOF What WHEN Opportunity THEN Amount END FROM Task WHERE WhatId = '${account}'`,
  )
  assert.deepEqual(unmatched, [[null]])
})

test('an alias may stand for the object and for a relationship of it', () => {
  const rows = rowsOf(
    org,
    `SELECT c.LastName, a.Name, c.Account.Phone FROM Contact c, c.Account a WHERE a.Id = '${account}' ORDER BY a.Name`,
  )
  assert.deepEqual(rows, [['Relate', 'Relations plc', '123']])
})

test('an empty lookup reads as null, and as an empty checkbox', () => {
  const orphans = (where: string) =>
    rowsOf(org, `SELECT Subject FROM Case WHERE AccountId = '${account}' AND ${where}`).flat()
  assert.deepEqual(orphans('Contact.LastName = null'), ['Child'])
  assert.deepEqual(orphans('Contact.DoNotCall = false'), ['Parent', 'Child'])
  assert.deepEqual(orphans('Contact.DoNotCall = null'), ['Parent', 'Child'])
  assert.deepEqual(orphans("Contact.LastName != 'Relate'"), ['Child'])
})

test('owners of several kinds share the fields of Name, and lead on to profiles', () => {
  const soql = `SELECT Owner.Name, Owner.Type, Owner.Profile.Name, Owner.UserRole.Name, Owner.Alias FROM Case WHERE Id = '${parent}'`
  const [row] = rowsOf(org, soql)
  assert.deepEqual(row?.slice(0, 3), [admin.name, 'User', 'System Administrator'])
  assert.equal(row?.[4], admin.alias)
})

test('what a lookup to several objects is called can be grouped by', () => {
  const groups = org.query(
    admin,
    `SELECT What.Name, what.type, COUNT(Id) FROM Task WHERE WhatId IN ('${account}', '${parent}') GROUP BY What.Name, What.Type ORDER BY What.Type`,
    { all: false },
  )
  assert.deepEqual(
    groups.columns.map(({ path }) => path),
    ['Name', 'Type', 'expr0'],
  )
  assert.deepEqual(
    Array.from(groups.rows(), ([name, type, count]) => [type === 'Account' ? name : 'a number', type, count]),
    [
      ['Relations plc', 'Account', 1],
      ['a number', 'Case', 1],
    ],
  )
})

test('a viewer finds their own records by USING SCOPE mine', () => {
  const mine = org.create(agent.userId, 'Case', { Subject: 'Mine', OwnerId: agent.userId })
  const found = rowsOf(org, "SELECT Id FROM Case USING SCOPE mine WHERE Subject = 'Mine'", { viewer: agent }).flat()
  assert.deepEqual(found, [mine])
  assert.deepEqual(rowsOf(org, "SELECT Id FROM Case USING SCOPE mine WHERE Subject = 'Mine'").flat(), [])
})

test('mine_and_my_groups adds what the queues of the viewer hold, queue_owned gives that alone', () => {
  const [[queue] = []] = rowsOf(org, "SELECT QueueId FROM QueueSobject WHERE SobjectType = 'Case'")
  const GroupId = String(queue)
  const members = rowsOf(org, `SELECT UserOrGroupId FROM GroupMember WHERE GroupId = '${GroupId}'`).flat()
  if (!members.includes(agent.userId)) {
    org.create(admin.userId, 'GroupMember', { GroupId, UserOrGroupId: agent.userId })
  }
  const held = org.create(admin.userId, 'Case', { Subject: 'Scoped', OwnerId: GroupId })
  const mine = org.create(agent.userId, 'Case', { Subject: 'Scoped', OwnerId: agent.userId })
  org.create(admin.userId, 'Case', { Subject: 'Scoped', OwnerId: admin.userId })
  const found = (scope: string) =>
    rowsOf(org, `SELECT Id FROM Case USING SCOPE ${scope} WHERE Subject = 'Scoped'`, { viewer: agent }).flat()
  assert.deepEqual(found('mine_and_my_groups'), [held, mine])
  assert.deepEqual(found('queue_owned'), [held])
  assert.equal(found('everything').length, 3)
})

const AMOUNT = 'SELECT AccountId FROM Opportunity WHERE Amount > 5'
// https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-comparisonoperators.html
const REFUSED_JOINS: readonly [string, RegExp][] = [
  [
    `Id IN (${AMOUNT}) AND Id NOT IN (${AMOUNT}) AND ParentId IN (${AMOUNT})`,
    /Maximum 2 semi join sub-selects are allowed/,
  ],
  [`Id IN (${AMOUNT}) OR Name = 'x'`, /Semi join sub-selects are not allowed with the 'OR' operator/],
  [`NOT (Id IN (${AMOUNT}))`, /Semi join sub-selects are not allowed with the 'NOT' operator/],
  [
    'Id IN (SELECT AccountId FROM Contact WHERE AccountId IN (SELECT Id FROM Account))',
    /Nesting of semi join sub-selects is not supported/,
  ],
  ['Id IN (SELECT ParentId FROM Account)', /The inner and outer selects should not be on the same object type/],
  ['Name IN (SELECT Name FROM Opportunity)', /should be an id field, cannot use: 'Name'/],
  ['Id IN (SELECT Name FROM Opportunity)', /The inner select field 'Name' should be an id field/],
  ['Id IN (SELECT Account.ParentId FROM Opportunity)', /cannot have more than one level of relationships/],
  ['Id IN (SELECT OwnerId FROM Opportunity)', /should point to the same object type/],
  ['Id IN (SELECT AccountId FROM Task)', /Entity 'Task' is not supported for semi join inner selects/],
  ['Id IN (SELECT AccountId FROM Contact ORDER BY Name LIMIT 5)', /not allowed in semi join sub-selects/],
]

for (const [where, message] of REFUSED_JOINS) {
  test(`a join that Salesforce refuses is refused: WHERE ${where}`, () => {
    assert.throws(() => rowsOf(org, `SELECT Id FROM Account WHERE ${where}`), { errorCode: 'MALFORMED_QUERY', message })
  })
}

test('more than 55 parents or 20 kinds of children are refused', () => {
  const subqueries = Array.from({ length: 21 }, () => '(SELECT Id FROM Contacts)').join(', ')
  assert.throws(() => rowsOf(org, `SELECT Id, ${subqueries} FROM Account`), /at most 20 parent-to-child relationships/)
  const chain = ['Owner', 'CreatedBy', 'LastModifiedBy'].flatMap((one) =>
    ['Manager', 'CreatedBy', 'LastModifiedBy'].flatMap((two) =>
      ['Manager', 'CreatedBy', 'LastModifiedBy'].flatMap((three) =>
        ['Manager', 'CreatedBy'].map((four) => `${one}.${two}.${three}.${four}.Alias`),
      ),
    ),
  )
  assert.throws(() => rowsOf(org, `SELECT ${chain.map((path) => `Account.${path}`).join(', ')} FROM Contact`), {
    errorCode: 'MALFORMED_QUERY',
    message: /more than 55 child-to-parent relationships/,
  })
})
