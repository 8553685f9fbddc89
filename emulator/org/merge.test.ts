import assert from 'node:assert/strict'
import test from 'node:test'
import type { Org } from './model.ts'
import { ANCHOR, rowsOf, signIns, testOrg } from './test-org.ts'

function withClock() {
  const clock = { now: ANCHOR + 60_000 }
  const org = testOrg({ now: () => clock.now })
  return { clock, org, by: signIns(org).admin.userId }
}

const row = (org: Org, soql: string, all = false) => rowsOf(org, soql, { all })[0]

// https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_merge.htm
test('merging moves what belongs to the losers, sends them to the bin with their master’s id, and moves all stamps', () => {
  const { org, by, clock } = withClock()
  const [master = '', loser = '', third = ''] = ['A', 'B', 'C'].map((Name) => org.create(by, 'Account', { Name }))
  const contact = org.create(by, 'Contact', { LastName: 'Moves', AccountId: loser })
  const child = org.create(by, 'Account', { Name: 'Child', ParentId: third })
  const caseId = org.create(by, 'Case', { AccountId: loser })
  clock.now += 60_000
  const { updatedRelatedIds } = org.merge(by, 'Account', master, [loser, third], { Phone: '+1 555' })
  assert.deepEqual([...updatedRelatedIds].sort(), [contact, child, caseId].sort())
  const moved = 'AccountId, SystemModstamp, LastModifiedDate'
  assert.deepEqual(row(org, `SELECT ${moved} FROM Contact WHERE Id = '${contact}'`), [master, clock.now, clock.now])
  assert.deepEqual(row(org, `SELECT ${moved} FROM Case WHERE Id = '${caseId}'`), [master, clock.now, clock.now])
  assert.deepEqual(row(org, `SELECT Name, Phone, SystemModstamp FROM Account WHERE Id = '${master}'`), [
    'A',
    '+1 555',
    clock.now,
  ])
  for (const id of [loser, third]) {
    const gone = row(org, `SELECT IsDeleted, MasterRecordId, SystemModstamp FROM Account WHERE Id = '${id}'`, true)
    assert.deepEqual(gone, [true, master, clock.now])
  }
})

test('a master below its loser stands alone afterwards', () => {
  const { org, by } = withClock()
  const loser = org.create(by, 'Account', { Name: 'Above' })
  const master = org.create(by, 'Account', { Name: 'Below', ParentId: loser })
  org.merge(by, 'Account', master, [loser])
  assert.deepEqual(row(org, `SELECT ParentId FROM Account WHERE Id = '${master}'`), [null])
})

test('contacts, leads and cases are merged as well; a case’s conversation moves', () => {
  const { org, by } = withClock()
  for (const [objectName, fields] of [
    ['Contact', { LastName: 'X' }],
    ['Lead', { LastName: 'X', Company: 'Y' }],
  ] as const) {
    const [master = '', loser = ''] = [1, 2].map(() => org.create(by, objectName, fields))
    const task = org.create(by, 'Task', { WhoId: loser })
    org.merge(by, objectName, master, [loser])
    assert.deepEqual(row(org, `SELECT WhoId FROM Task WHERE Id = '${task}'`), [master])
    assert.deepEqual(row(org, `SELECT MasterRecordId FROM ${objectName} WHERE Id = '${loser}'`, true), [master])
  }
  const [master = '', loser = ''] = ['a', 'b'].map((Subject) => org.create(by, 'Case', { Subject }))
  const comment = org.create(by, 'CaseComment', { ParentId: loser, CommentBody: 'Moves' })
  org.merge(by, 'Case', master, [loser])
  assert.deepEqual(row(org, `SELECT ParentId FROM CaseComment WHERE Id = '${comment}'`), [master])
})

test('at most two losers, each once, of an object that can be merged', () => {
  const { org, by } = withClock()
  const [a = '', b = '', c = '', d = ''] = ['A', 'B', 'C', 'D'].map((Name) => org.create(by, 'Account', { Name }))
  const refusal = { errorCode: 'INVALID_OPERATION' }
  for (const losers of [[], [b, c, d], [a], [b, b]]) {
    assert.throws(() => org.merge(by, 'Account', a, losers), refusal)
  }
  const [x = '', y = ''] = [1, 2].map(() => org.create(by, 'Task', {}))
  assert.throws(() => org.merge(by, 'Task', x, [y]), refusal)
})

const LEAD = { FirstName: 'Lea', LastName: 'Lead', Company: 'Leadership', Email: 'lea@example.com', LeadSource: 'Web' }
const convertedStatus = 'Closed - Converted'

// https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_convertlead.htm
test('a converted lead becomes an account, a contact and a deal, and takes its activities there', () => {
  const { org, by } = withClock()
  const leadId = org.create(by, 'Lead', LEAD)
  const task = org.create(by, 'Task', { WhoId: leadId })
  const { accountId, contactId, opportunityId } = org.convertLead(by, { leadId, convertedStatus })
  const lead = row(
    org,
    `SELECT Status, IsConverted, ConvertedDate, ConvertedAccountId, ConvertedContactId, ConvertedOpportunityId FROM Lead WHERE Id = '${leadId}'`,
  )
  assert.deepEqual(lead, [convertedStatus, true, '2026-11-02', accountId, contactId, opportunityId])
  assert.deepEqual(row(org, `SELECT Name, Account.Name, Email FROM Contact WHERE Id = '${contactId}'`), [
    'Lea Lead',
    'Leadership',
    'lea@example.com',
  ])
  const deal = row(org, `SELECT Name, AccountId, StageName, CloseDate FROM Opportunity WHERE Id = '${opportunityId}'`)
  assert.deepEqual(deal, ['Leadership', accountId, 'Prospecting', '2026-12-31'])
  assert.deepEqual(row(org, `SELECT WhoId FROM Task WHERE Id = '${task}'`), [contactId])
  const roles = `SELECT ContactId, IsPrimary FROM OpportunityContactRole WHERE OpportunityId = '${opportunityId}'`
  assert.deepEqual(rowsOf(org, roles), [[contactId, true]])
  const again = () => org.convertLead(by, { leadId, convertedStatus })
  assert.throws(again, { errorCode: 'CANNOT_UPDATE_CONVERTED_LEAD' })
})

test('converting into existing records fills in only what is empty there', () => {
  const { org, by } = withClock()
  const leadId = org.create(by, 'Lead', { ...LEAD, Phone: '+1 555', LeadSource: 'Trade Show' })
  const accountId = org.create(by, 'Account', { Name: 'Kept' })
  const contactId = org.create(by, 'Contact', { LastName: 'Kept', LeadSource: 'Other', AccountId: accountId })
  const request = { leadId, accountId, contactId, convertedStatus, doNotCreateOpportunity: true }
  const result = org.convertLead(by, { ...request, overwriteLeadSource: true })
  assert.deepEqual(result, { leadId, accountId, contactId, opportunityId: null })
  assert.deepEqual(row(org, `SELECT Name, Phone FROM Account WHERE Id = '${accountId}'`), ['Kept', '+1 555'])
  assert.deepEqual(row(org, `SELECT LastName, Email, LeadSource FROM Contact WHERE Id = '${contactId}'`), [
    'Kept',
    'lea@example.com',
    'Trade Show',
  ])
})

test('a conversion needs a converting status and a user as owner, and changes nothing without', () => {
  const { org, by } = withClock()
  const [queue] = row(org, "SELECT QueueId FROM QueueSobject WHERE SobjectType = 'Lead'") ?? []
  const owner = typeof queue === 'string' ? { OwnerId: queue } : {}
  const leadId = org.create(by, 'Lead', { ...LEAD, ...owner })
  assert.throws(() => org.convertLead(by, { leadId, convertedStatus: 'Working - Contacted' }), {
    errorCode: 'INVALID_STATUS',
  })
  if (owner.OwnerId)
    assert.throws(() => org.convertLead(by, { leadId, convertedStatus }), { errorCode: 'INVALID_OWNER' })
  assert.deepEqual(row(org, "SELECT COUNT(Id) FROM Account WHERE Name = 'Leadership'"), [0])
})
