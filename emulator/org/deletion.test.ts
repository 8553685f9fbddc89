import assert from 'node:assert/strict'
import test from 'node:test'
import type { Org } from './model.ts'
import { ANCHOR, rowsOf, signIns, testOrg } from './test-org.ts'

const DAY = 86_400_000

function withClock() {
  const clock = { now: ANCHOR + 60_000 }
  const org = testOrg({ now: () => clock.now })
  const { admin } = signIns(org)
  return { clock, org, admin, by: admin.userId }
}

const row = (org: Org, soql: string, all = false) => rowsOf(org, soql, { all })[0]

test('a deleted record takes its activities along and leaves the lookups to it empty; restoring mends both', () => {
  const { org, by, clock } = withClock()
  const boss = org.create(by, 'Contact', { LastName: 'Boss' })
  const report = org.create(by, 'Contact', { LastName: 'Report', ReportsToId: boss })
  const task = org.create(by, 'Task', { WhoId: boss, Subject: 'Call' })
  const lookup = `SELECT ReportsToId, LastModifiedDate, SystemModstamp FROM Contact WHERE Id = '${report}'`
  const made = clock.now
  clock.now += 60_000
  org.delete(by, 'Contact', boss)
  // Salesforce cleared the lookup, not a user: one stamp tells (salesforce-api.md 6.1).
  assert.deepEqual(row(org, lookup), [null, made, made + 60_000])
  assert.equal(row(org, `SELECT Id FROM Task WHERE Id = '${task}'`), undefined)
  clock.now += 60_000
  org.undelete(by, 'Contact', boss)
  assert.equal(row(org, lookup)?.[0], boss)
  assert.ok(row(org, `SELECT Id FROM Task WHERE Id = '${task}'`))
})

test('a lookup that points elsewhere by the time of the restoring stays there', () => {
  const { org, by } = withClock()
  const [boss, other] = ['Boss', 'Other'].map((LastName) => org.create(by, 'Contact', { LastName }))
  const report = org.create(by, 'Contact', { LastName: 'Report', ReportsToId: boss ?? null })
  org.delete(by, 'Contact', boss ?? '')
  org.update(by, 'Contact', report, { ReportsToId: other ?? null })
  org.undelete(by, 'Contact', boss ?? '')
  assert.deepEqual(row(org, `SELECT ReportsToId FROM Contact WHERE Id = '${report}'`), [other])
})

test('a lookup that somebody emptied after the first restoring stays empty after the second', () => {
  const { org, by } = withClock()
  const boss = org.create(by, 'Contact', { LastName: 'Boss' })
  const report = org.create(by, 'Contact', { LastName: 'Report', ReportsToId: boss })
  const lookup = `SELECT ReportsToId FROM Contact WHERE Id = '${report}'`
  org.delete(by, 'Contact', boss)
  org.undelete(by, 'Contact', boss)
  assert.deepEqual(row(org, lookup), [boss])
  org.update(by, 'Contact', report, { ReportsToId: null })
  org.delete(by, 'Contact', boss)
  org.undelete(by, 'Contact', boss)
  assert.deepEqual(row(org, lookup), [null])
})

test('a detail does not come back without its master, only with it', () => {
  const { org, by } = withClock()
  const caseId = org.create(by, 'Case', { Subject: 'Master' })
  const comment = org.create(by, 'CaseComment', { ParentId: caseId, CommentBody: 'Detail' })
  org.delete(by, 'Case', caseId)
  // https://help.salesforce.com/s/articleView?id=000386040&type=1
  const refused = { errorCode: 'UNDELETE_FAILED', message: 'Entity is not in the recycle bin' }
  assert.throws(() => org.undelete(by, 'CaseComment', comment), refused)
  org.undelete(by, 'Case', caseId)
  assert.ok(row(org, `SELECT Id FROM CaseComment WHERE Id = '${comment}'`))
})

test('a merged record that is restored no longer names the record that it was merged into', () => {
  const { org, by } = withClock()
  const [master = '', loser = ''] = ['A', 'B'].map((Name) => org.create(by, 'Account', { Name }))
  org.merge(by, 'Account', master, [loser])
  org.undelete(by, 'Account', loser)
  const soql = `SELECT IsDeleted, MasterRecordId FROM Account WHERE Id = '${loser}'`
  assert.deepEqual(row(org, soql), [false, null])
})

test('an account or a contact with cases, and an account with won deals, cannot be deleted', () => {
  const { org, by } = withClock()
  const account = org.create(by, 'Account', { Name: 'Busy' })
  const contact = org.create(by, 'Contact', { LastName: 'Busy', AccountId: account })
  const deal = { Name: 'Won deal', StageName: 'Closed Won', CloseDate: '2026-12-24', AccountId: account }
  const opportunity = org.create(by, 'Opportunity', deal)
  const won = {
    errorCode: 'DELETE_FAILED',
    message:
      'Your attempt to delete Busy could not be completed because some opportunities in this account were closed won. The opportunities that were closed won are shown below.: Won deal',
  }
  assert.throws(() => org.delete(by, 'Account', account), won)
  org.delete(by, 'Opportunity', opportunity)
  const caseId = org.create(by, 'Case', { ContactId: contact })
  const number = row(org, `SELECT CaseNumber FROM Case WHERE Id = '${caseId}'`)?.[0]
  const cases = {
    errorCode: 'DELETE_FAILED',
    message: `Your attempt to delete Busy could not be completed because it is associated with the following cases.: ${number}`,
  }
  assert.throws(() => org.delete(by, 'Account', account), cases)
  assert.throws(() => org.delete(by, 'Contact', contact), cases)
  org.delete(by, 'Case', caseId)
  org.delete(by, 'Account', account)
  assert.equal(row(org, `SELECT Id FROM Contact WHERE Id = '${contact}'`), undefined)
})

test('what others cannot be without is not deleted: a price that a deal has', () => {
  const { org, by } = withClock()
  const [price] = row(org, 'SELECT PricebookEntryId FROM OpportunityLineItem LIMIT 1') ?? []
  assert.throws(() => org.delete(by, 'PricebookEntry', String(price)), { errorCode: 'DELETE_FAILED' })
})

test('a deal without its last product keeps its amount and no longer takes it from products', () => {
  const { org, by } = withClock()
  const deal = { Name: 'Roof', StageName: 'Prospecting', CloseDate: '2026-12-24' }
  const id = org.create(by, 'Opportunity', deal)
  const [entry] = rowsOf(org, "SELECT Id FROM PricebookEntry WHERE ProductCode = 'BAT-V10' LIMIT 1")
  const line = { OpportunityId: id, PricebookEntryId: String(entry?.[0]), Quantity: 1 }
  const [first, second] = [100, 50].map((UnitPrice) => org.create(by, 'OpportunityLineItem', { ...line, UnitPrice }))
  const amount = () => row(org, `SELECT Amount, HasOpportunityLineItem FROM Opportunity WHERE Id = '${id}'`)
  org.update(by, 'Opportunity', id, { Amount: 9 })
  assert.deepEqual(amount(), [150, true])
  org.delete(by, 'OpportunityLineItem', first ?? '')
  assert.deepEqual(amount(), [50, true])
  org.delete(by, 'OpportunityLineItem', second ?? '')
  assert.deepEqual(amount(), [50, false])
  org.update(by, 'Opportunity', id, { Amount: 9 })
  assert.deepEqual(amount(), [9, false])
})

test('after 15 days in the recycle bin a record is gone, and getDeleted forgets it as well', () => {
  const { org, by, admin, clock } = withClock()
  const id = org.create(by, 'Case', { Subject: 'Short life' })
  clock.now += 60_000
  org.delete(by, 'Case', id)
  const found = () => row(org, `SELECT IsDeleted FROM Case WHERE Id = '${id}'`, true)
  clock.now += 14 * DAY
  assert.deepEqual(found(), [true])
  clock.now += 2 * DAY
  assert.equal(found(), undefined)
  assert.throws(() => org.undelete(by, 'Case', id), { errorCode: 'INVALID_CROSS_REFERENCE_KEY' })
  assert.ok(org.listDeletions(admin, 'Case', 0, clock.now).earliest > ANCHOR + DAY)
})

test('what is taken out of the bin for good is still listed as deleted, at the time when it was', () => {
  const { org, by, admin, clock } = withClock()
  const id = org.create(by, 'Lead', { LastName: 'Gone', Company: 'Gone' })
  clock.now += 60_000
  const deletedAt = clock.now
  org.delete(by, 'Lead', id)
  clock.now += 60_000
  org.emptyRecycleBin(by, [id])
  assert.equal(row(org, `SELECT Id FROM Lead WHERE Id = '${id}'`, true), undefined)
  const { entries } = org.listDeletions(admin, 'Lead', deletedAt, clock.now)
  assert.deepEqual(entries, [{ id, deletedAt }])
  assert.throws(() => org.emptyRecycleBin(by, [id]), { errorCode: 'INVALID_ID_FIELD' })
  org.emptyRecycleBin(by)
  assert.equal(rowsOf(org, 'SELECT Id FROM Lead WHERE IsDeleted = true', { all: true }).length, 0)
})

test('deletions are listed by their time, the seeded ones too, the restored ones not, and none from before a purge', () => {
  const { org, by, admin, clock } = withClock()
  const seeded = rowsOf(org, 'SELECT Id FROM Case WHERE IsDeleted = true', { all: true }).length
  const listed = (from = 0) => org.listDeletions(admin, 'Case', from, clock.now + 1).entries.length
  assert.ok(seeded > 0)
  assert.equal(listed(), seeded)
  const [kept, gone] = ['a', 'b'].map((Subject) => org.create(by, 'Case', { Subject }))
  org.delete(by, 'Case', kept ?? '')
  org.delete(by, 'Case', gone ?? '')
  org.undelete(by, 'Case', kept ?? '')
  assert.equal(listed(), seeded + 1)
  assert.equal(listed(clock.now), 1)
  org.purgeDeleteLog(clock.now)
  assert.equal(org.listDeletions(admin, 'Case', 0, clock.now + 1).earliest, clock.now)
  assert.equal(listed(), 1)
})

test('objects without a recycle bin lose their records at once', () => {
  const { org, by, admin, clock } = withClock()
  const [member] = rowsOf(org, 'SELECT Id FROM GroupMember LIMIT 1')
  const id = String(member?.[0])
  org.delete(by, 'GroupMember', id)
  assert.equal(row(org, `SELECT Id FROM GroupMember WHERE Id = '${id}'`, true), undefined)
  assert.deepEqual(
    org.listDeletions(admin, 'GroupMember', 0, clock.now + 1).entries.map((entry) => entry.id),
    [id],
  )
})

test('who may not delete a record may not purge or restore it either, nor learn that it was deleted', () => {
  const { org, by, clock } = withClock()
  const { agent } = signIns(org)
  const id = org.create(by, 'Case', { Subject: 'Not yours' })
  org.changeAccess({ kind: 'org-wide-default', object: 'Case', sharing: 'Private' })
  const refusal = { errorCode: 'INVALID_CROSS_REFERENCE_KEY' }
  assert.throws(() => org.hardDelete(agent.userId, 'Case', id), refusal)
  org.delete(by, 'Case', id)
  assert.throws(() => org.undelete(agent.userId, 'Case', id), refusal)
  const listed = org.listDeletions(agent, 'Case', clock.now, clock.now + 1).entries
  assert.ok(!listed.some((entry) => entry.id === id))
})
