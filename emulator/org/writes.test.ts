import assert from 'node:assert/strict'
import test from 'node:test'
import { withChecksum } from './ids.ts'
import type { Change, Org } from './model.ts'
import { ANCHOR, rowsOf, signIns, testOrg } from './test-org.ts'

function fresh(): { org: Org; adminId: string; changes: Change[] } {
  const changes: Change[] = []
  const org = testOrg({ onChange: (change) => changes.push(change) })
  return { org, adminId: signIns(org).admin.userId, changes }
}

const value = (org: Org, soql: string, options = { all: false }) => rowsOf(org, soql, options)[0]?.[0] ?? null

test('a new case gets its number, owner, stamps, defaults and its first history row', () => {
  const { org, adminId, changes } = fresh()
  const id = org.create(adminId, 'Case', { Subject: 'Hello' })
  const record = org.findRecord(signIns(org).admin, 'Case', id)
  assert.ok(record)
  assert.match(String(record.CaseNumber), /^\d{8}$/)
  assert.deepEqual([record.Status, record.Priority, record.IsClosed, record.OwnerId], ['New', 'Medium', false, adminId])
  assert.equal(record.CreatedDate, record.SystemModstamp)
  assert.equal(Number(record.SystemModstamp) % 1000, 0)
  assert.equal(value(org, `SELECT Field FROM CaseHistory WHERE CaseId = '${id}'`), 'created')
  assert.deepEqual(
    changes.map(({ kind, objectName }) => `${kind} ${objectName}`),
    ['create Case', 'create CaseHistory'],
  )
  assert.ok(id > String(value(org, "SELECT Id FROM Case WHERE CaseNumber = '00001300'")))
})

test('an edit moves the stamps, closing sets the closing time, and an owner change is tracked twice', () => {
  const { org, adminId } = fresh()
  const id = org.create(adminId, 'Case', { Subject: 'Hello' })
  const before = Number(value(org, `SELECT SystemModstamp FROM Case WHERE Id = '${id}'`))
  const [other] = rowsOf(org, "SELECT Id, Name FROM Group WHERE Name = 'Firmware'")
  org.update(adminId, 'Case', id, { Status: 'Closed', OwnerId: String(other?.[0]) })
  const [closed] = rowsOf(org, `SELECT IsClosed, ClosedDate, SystemModstamp, Owner.Name FROM Case WHERE Id = '${id}'`)
  assert.equal(closed?.[0], true)
  assert.ok(Number(closed?.[1]) > before && Number(closed?.[2]) > before)
  assert.equal(closed?.[3], 'Firmware')
  const history = rowsOf(org, `SELECT Field, OldValue, NewValue FROM CaseHistory WHERE CaseId = '${id}'`)
  assert.deepEqual(history.slice(1), [
    ['Status', 'New', 'Closed'],
    ['Owner', 'Ada Lindqvist', 'Firmware'],
    ['Owner', adminId, other?.[0]],
  ])
})

test('deleting a case takes its comments and e-mails along, and restoring brings exactly those back', () => {
  const { org, adminId } = fresh()
  const id = org.create(adminId, 'Case', { Subject: 'Hello' })
  const gone = org.create(adminId, 'CaseComment', { ParentId: id, CommentBody: 'deleted before' })
  org.create(adminId, 'CaseComment', { ParentId: id, CommentBody: 'stays' })
  org.delete(adminId, 'CaseComment', gone)
  const stamp = Number(value(org, `SELECT SystemModstamp FROM Case WHERE Id = '${id}'`))
  org.delete(adminId, 'Case', id)
  assert.equal(org.findRecord(signIns(org).admin, 'Case', id), undefined)
  const comments = `SELECT CommentBody FROM CaseComment WHERE ParentId = '${id}'`
  assert.equal(rowsOf(org, comments).length, 0)
  assert.equal(rowsOf(org, comments, { all: true }).length, 2)
  assert.ok(
    Number(value(org, `SELECT SystemModstamp FROM Case WHERE Id = '${id}' AND IsDeleted = true`, { all: true })) >
      stamp,
  )
  org.undelete(adminId, 'Case', id)
  assert.deepEqual(rowsOf(org, comments), [['stays']])
})

test('a purged record is gone for good, its details with it', () => {
  const { org, adminId } = fresh()
  const [[id] = []] = rowsOf(org, 'SELECT Id FROM Case WHERE Id IN (SELECT ParentId FROM CaseComment) LIMIT 1')
  org.hardDelete(adminId, 'Case', String(id))
  for (const soql of [
    `SELECT Id FROM Case WHERE Id = '${id}'`,
    `SELECT Id FROM CaseComment WHERE ParentId = '${id}'`,
  ]) {
    assert.equal(rowsOf(org, soql, { all: true }).length, 0)
  }
})

test('a stage move fills in what follows from it, and is kept in the stage history', () => {
  const { org, adminId } = fresh()
  const id = org.create(adminId, 'Opportunity', {
    Name: 'Big roof',
    StageName: 'Qualification',
    CloseDate: '2026-12-24',
    Amount: 1000,
  })
  org.update(adminId, 'Opportunity', id, { StageName: 'Closed Won' })
  const [deal] = rowsOf(
    org,
    `SELECT Probability, IsWon, IsClosed, ForecastCategoryName, ExpectedRevenue, Fiscal FROM Opportunity WHERE Id = '${id}'`,
  )
  assert.deepEqual(deal, [100, true, true, 'Closed', 1000, '2026 4'])
  const stages = rowsOf(
    org,
    `SELECT StageName, Probability FROM OpportunityHistory WHERE OpportunityId = '${id}' ORDER BY CreatedDate`,
  )
  assert.deepEqual(stages, [
    ['Qualification', 25],
    ['Closed Won', 100],
  ])
})

test("a deal's amount follows its line items", () => {
  const { org, adminId } = fresh()
  const id = org.create(adminId, 'Opportunity', {
    Name: 'Roof',
    StageName: 'Prospecting',
    CloseDate: '2026-12-24',
    Amount: 5,
  })
  const [entry] = rowsOf(org, "SELECT Id, UnitPrice FROM PricebookEntry WHERE ProductCode = 'BAT-V10' LIMIT 1")
  org.create(adminId, 'OpportunityLineItem', {
    OpportunityId: id,
    PricebookEntryId: String(entry?.[0]),
    Quantity: 2,
    UnitPrice: Number(entry?.[1]),
  })
  const [deal] = rowsOf(org, `SELECT Amount, HasOpportunityLineItem FROM Opportunity WHERE Id = '${id}'`)
  assert.deepEqual(deal, [9580, true])
  assert.equal(value(org, `SELECT Product2.Name FROM OpportunityLineItem WHERE OpportunityId = '${id}'`), 'Vault 10')
})

test('an attachment keeps its bytes and knows their number', () => {
  const { org, adminId } = fresh()
  const parent = org.create(adminId, 'Case', { Subject: 'Photo' })
  const body = Buffer.from('grüße').toString('base64')
  const id = org.create(adminId, 'Attachment', { ParentId: parent, Name: 'note.txt', Body: body })
  const bytes = org.readBlob(signIns(org).admin, 'Attachment', id, 'Body')
  assert.equal(Buffer.from(bytes ?? []).toString(), 'grüße')
  assert.equal(value(org, `SELECT BodyLength FROM Attachment WHERE Id = '${id}'`), 7)
})

const REFUSED: readonly [string, string, (org: Org, adminId: string) => void][] = [
  ['an unknown field', 'INVALID_FIELD', (org, by) => org.create(by, 'Case', { Foo__c: 1 })],
  [
    'a field that Salesforce keeps itself',
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    (org, by) => org.create(by, 'Case', { CaseNumber: '1' }),
  ],
  ['a missing required field', 'REQUIRED_FIELD_MISSING', (org, by) => org.create(by, 'Contact', { FirstName: 'Jo' })],
  ['a text too long', 'STRING_TOO_LONG', (org, by) => org.create(by, 'Case', { Subject: 'x'.repeat(256) })],
  [
    'a lookup to nothing',
    'INVALID_CROSS_REFERENCE_KEY',
    (org, by) => org.create(by, 'Case', { ContactId: withChecksum('0035f0000zzzzzz') }),
  ],
  [
    'a value outside a restricted picklist',
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    (org, by) => org.create(by, 'Task', { TaskSubtype: 'Dance' }),
  ],
  [
    'a bad e-mail address',
    'INVALID_EMAIL_ADDRESS',
    (org, by) => org.create(by, 'Contact', { LastName: 'X', Email: 'nobody' }),
  ],
  ['an unknown object', 'NOT_FOUND', (org, by) => org.create(by, 'Foo__c', {})],
  [
    'an unknown record',
    'INVALID_CROSS_REFERENCE_KEY',
    (org, by) => org.update(by, 'Case', withChecksum('5005f0000zzzzzz'), { Subject: 'x' }),
  ],
]

for (const [what, errorCode, act] of REFUSED) {
  test(`${what} is refused with ${errorCode}, and nothing changes`, () => {
    const { org, adminId, changes } = fresh()
    assert.throws(() => act(org, adminId), { errorCode })
    assert.deepEqual(changes, [])
  })
}

test('a deleted record cannot be changed', () => {
  const { org, adminId } = fresh()
  const id = org.create(adminId, 'Lead', { LastName: 'X', Company: 'Y' })
  org.delete(adminId, 'Lead', id)
  assert.throws(() => org.update(adminId, 'Lead', id, { LastName: 'Z' }), { errorCode: 'ENTITY_IS_DELETED' })
})

test('a deactivated sign-in shows as inactive, in the org and in its users, until it is reactivated', () => {
  const { org } = fresh()
  const { agent } = signIns(org)
  org.setUserActive(agent.userId, false)
  assert.equal(agent.active, false)
  assert.equal(value(org, `SELECT IsActive FROM User WHERE Id = '${agent.userId}'`), false)
  org.setUserActive(agent.userId, true)
  assert.equal(agent.active, true)
})

// salesforce-api.md 6.1: all but SystemModstamp, at creation only, by who has "Set Audit Fields upon Record Creation".
test('a user with the permission back-dates a record at its creation, but never its SystemModstamp', () => {
  const { org, adminId } = fresh()
  const permissionSet = 'Migration'
  org.changeAccess({ kind: 'add-permission-set', permissionSet })
  org.changeAccess({ kind: 'permission', permissionSet, permission: 'CreateAuditFields', granted: true })
  org.changeAccess({ kind: 'assignment', permissionSet, userId: adminId, assigned: true })
  const { agent, admin } = signIns(org)
  const day = Date.UTC(2020, 0, 2)
  const audit = { CreatedDate: day, CreatedById: agent.userId, LastModifiedDate: day + 1_000 }
  const id = org.create(adminId, 'Case', { Subject: 'Old', ...audit })
  const record = org.findRecord(admin, 'Case', id)
  assert.deepEqual(
    [record?.CreatedDate, record?.CreatedById, record?.LastModifiedDate, record?.LastModifiedById],
    [day, agent.userId, day + 1_000, adminId],
  )
  assert.ok(Number(record?.SystemModstamp) > ANCHOR)
  assert.throws(() => org.update(adminId, 'Case', id, { CreatedDate: day }), {
    errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
  })
})

test('a comment counts as an edit of its case', () => {
  const { org, adminId } = fresh()
  const id = org.create(adminId, 'Case', { Subject: 'Hello' })
  const stamps = () => rowsOf(org, `SELECT LastModifiedDate, SystemModstamp FROM Case WHERE Id = '${id}'`)[0]
  const before = Number(stamps()?.[0])
  org.create(adminId, 'CaseComment', { ParentId: id, CommentBody: 'Hi' })
  const [modified, system] = stamps() ?? []
  assert.ok(Number(modified) > before)
  assert.equal(modified, system)
})

test('an event knows its end by its length, its length by its end, and its day by its start', () => {
  const { org, adminId } = fresh()
  const StartDateTime = Date.UTC(2026, 10, 3, 9)
  const times = 'StartDateTime, EndDateTime, DurationInMinutes, ActivityDate'
  const ids = [{ DurationInMinutes: 30 }, { EndDateTime: StartDateTime + 1_800_000 }].map((end) =>
    org.create(adminId, 'Event', { Subject: 'Visit', StartDateTime, ...end }),
  )
  for (const id of ids) {
    const [event] = rowsOf(org, `SELECT ${times} FROM Event WHERE Id = '${id}'`)
    assert.deepEqual(event, [StartDateTime, StartDateTime + 1_800_000, 30, '2026-11-03'])
  }
})

test('the records that a user looked at are listed, the latest first, each once', () => {
  const { org, adminId } = fresh()
  for (const id of ['a', 'b', 'a']) org.markViewed(adminId, 'Case', id)
  assert.deepEqual(
    org.listViewed(adminId).map(({ id }) => id),
    ['a', 'b'],
  )
  assert.deepEqual(org.listViewed(signIns(org).agent.userId), [])
})

// https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/system_fields.htm
test('a user sees when they looked at a record themselves, nobody else does, and no stamp moves', () => {
  const { org, adminId } = fresh()
  const [before, never] = rowsOf(org, 'SELECT Id, SystemModstamp FROM Account ORDER BY Id LIMIT 2')
  const id = String(before?.[0])
  org.markViewed(adminId, 'Account', id)
  const viewed = 'SELECT Id, SystemModstamp FROM Account WHERE LastViewedDate != null ORDER BY LastViewedDate DESC'
  assert.deepEqual(rowsOf(org, viewed), [before])
  const { admin, agent } = signIns(org)
  assert.ok(Number(org.findRecord(admin, 'Account', id)?.LastReferencedDate) > 0)
  assert.equal(org.findRecord(admin, 'Account', String(never?.[0]))?.LastViewedDate, null)
  assert.deepEqual(rowsOf(org, viewed, { viewer: agent }), [])
})
