import assert from 'node:assert/strict'
import test from 'node:test'
import type { Org, OrgUser } from './model.ts'
import { rowsOf, signIns, testOrg } from './test-org.ts'

function userNamed(org: Org, about: string): OrgUser {
  const user = org.users.find((one) => one.about.startsWith(about))
  assert.ok(user, about)
  return user
}

const countOf = (org: Org, viewer: OrgUser, soql: string) => rowsOf(org, soql, { viewer }).length

test('permissions come from the profile and from assigned permission sets', () => {
  const org = testOrg()
  const integration = userNamed(org, 'Integration User')
  assert.ok(integration.permissions.has('ApiUserOnly'), 'from the profile')
  assert.ok(integration.permissions.has('ViewAllData'), 'from the permission set')
  org.changeAccess({
    kind: 'assignment',
    permissionSet: 'Loopline read',
    userId: integration.userId,
    assigned: false,
  })
  assert.ok(!integration.permissions.has('ViewAllData'))
  assert.throws(() => org.getObject(integration, 'Case'), { errorCode: 'NOT_FOUND' })
  assert.ok(!userNamed(org, 'Showroom').permissions.has('ApiEnabled'))
})

test('a client that asks what a user may do finds their profile’s permissions among the assigned ones', () => {
  const org = testOrg()
  const held = (user: OrgUser) =>
    rowsOf(
      org,
      `SELECT PermissionSet.Label, PermissionSet.PermissionsViewAllData FROM PermissionSetAssignment WHERE AssigneeId = '${user.userId}' ORDER BY Id`,
    )
  assert.deepEqual(held(userNamed(org, 'Integration User')), [
    ['Minimum Access - API Only Integrations', false],
    ['Loopline read', true],
  ])
  const { admin, agent } = signIns(org)
  const [[adminProfile] = []] = rowsOf(org, "SELECT Id FROM Profile WHERE Name = 'System Administrator'")
  assert.deepEqual(held(agent), [['Support Agent', false]])
  org.update(admin.userId, 'User', agent.userId, { ProfileId: String(adminProfile) })
  assert.deepEqual(held(agent), [['System Administrator', true]])
  assert.ok(agent.permissions.has('ViewAllData'))
})

test('the integration user reads all records of all objects and may change none', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  const integration = userNamed(org, 'Integration User')
  for (const name of ['Case', 'Account', 'Opportunity', 'OpportunityLineItem', 'CaseComment', 'Task']) {
    const soql = `SELECT Id FROM ${name}`
    assert.equal(countOf(org, integration, soql), countOf(org, admin, soql), name)
    const { createable, updateable, deletable, fields } = org.getObject(integration, name)
    assert.deepEqual([createable, updateable, deletable], [false, false, false], name)
    assert.ok(
      fields.every((field) => !field.updateable),
      name,
    )
    assert.equal(org.may(integration, name, 'edit'), false)
  }
  assert.throws(() => org.create(integration.userId, 'Case', { Subject: 'No' }), {
    errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
  })
})

test('an object or a field granted to a profile is seen by its users at once, and no longer when it is taken back', () => {
  const org = testOrg()
  const { agent } = signIns(org)
  const read = { read: true, viewAll: true }
  org.changeAccess({ kind: 'object', permissionSet: 'Support Agent', object: 'Opportunity', rights: read })
  assert.ok(countOf(org, agent, 'SELECT Id, StageName FROM Opportunity') > 0)
  assert.ok(countOf(org, agent, 'SELECT Id FROM OpportunityHistory') > 0, 'details come with their master')
  org.changeAccess({
    kind: 'field',
    permissionSet: 'Support Agent',
    object: 'Case',
    field: 'Priority',
    read: false,
  })
  assert.throws(() => countOf(org, agent, 'SELECT Priority FROM Case'), { errorCode: 'INVALID_FIELD' })
  org.changeAccess({
    kind: 'field',
    permissionSet: 'Support Agent',
    object: 'Case',
    field: 'Priority',
    read: true,
  })
  assert.ok(countOf(org, agent, 'SELECT Priority FROM Case') > 0)
  assert.equal(org.mayEditField(agent, 'Case', 'Priority'), false, 'read only')
  org.changeAccess({ kind: 'object', permissionSet: 'Support Agent', object: 'Opportunity', rights: { read: false } })
  assert.throws(() => org.getObject(agent, 'Opportunity'), { errorCode: 'NOT_FOUND' })
})

test('the rows of permissions say what users may do, and writing them changes it', () => {
  const org = testOrg()
  const { admin, agent } = signIns(org)
  const rights = (object: string) =>
    rowsOf(
      org,
      `SELECT PermissionsRead, PermissionsEdit, PermissionsViewAllRecords FROM ObjectPermissions WHERE SobjectType = '${object}' AND Parent.Profile.Name = 'Support Agent'`,
    )
  assert.deepEqual(rights('Case'), [[true, true, false]])
  assert.deepEqual(rights('Opportunity'), [])
  const [[parentId] = []] = rowsOf(org, "SELECT Id FROM PermissionSet WHERE Label = 'Support Agent'")
  org.create(admin.userId, 'ObjectPermissions', {
    ParentId: String(parentId),
    SobjectType: 'Lead',
    PermissionsRead: true,
  })
  assert.ok(countOf(org, agent, 'SELECT Id FROM Lead') > 0)
  const hidden =
    "SELECT Id FROM FieldPermissions WHERE Field = 'Case.Internal_Cost__c' AND Parent.Label = 'Support Agent'"
  assert.deepEqual(rowsOf(org, hidden), [])
})

test('private records are seen by their owner, by who is above in the role hierarchy, and by whom they are shared with', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  const seller = userNamed(org, 'Sales User')
  const all = countOf(org, admin, 'SELECT Id FROM Opportunity')
  const own = countOf(org, admin, `SELECT Id FROM Opportunity WHERE OwnerId = '${seller.userId}'`)
  assert.ok(own > 0 && own < all)
  assert.equal(countOf(org, seller, 'SELECT Id FROM Opportunity'), own)
  assert.equal(
    countOf(org, seller, 'SELECT Id FROM OpportunityLineItem'),
    countOf(org, admin, `SELECT Id FROM OpportunityLineItem WHERE Opportunity.OwnerId = '${seller.userId}'`),
  )

  assert.equal(countOf(org, seller, 'SELECT Id FROM OpportunityShare'), own, 'whom a record is shared with, too')

  const [[leaderId] = []] = rowsOf(org, "SELECT Id FROM User WHERE UserRole.Name = 'Sales'")
  const leader = { userId: String(leaderId), permissions: new Set(['ApiEnabled']) } as unknown as OrgUser
  assert.equal(countOf(org, leader, 'SELECT Id FROM Opportunity'), all, 'all sellers are below the leader')

  const [[other] = []] = rowsOf(org, `SELECT Id FROM Opportunity WHERE OwnerId != '${seller.userId}' LIMIT 1`)
  const share = { kind: 'share', object: 'Opportunity', id: String(other), userOrGroupId: seller.userId } as const
  assert.equal(org.findRecord(seller, 'Opportunity', String(other)), undefined)
  org.changeAccess({ ...share, access: 'Read' })
  assert.ok(org.findRecord(seller, 'Opportunity', String(other)))
  assert.equal(countOf(org, seller, 'SELECT Id FROM Opportunity'), own + 1)
  org.changeAccess({ ...share, access: 'None' })
  assert.equal(countOf(org, seller, 'SELECT Id FROM Opportunity'), own)
})

test('a private object shows the cases of a queue to its members only', () => {
  const org = testOrg()
  const { admin, agent } = signIns(org)
  const all = countOf(org, agent, 'SELECT Id FROM Case')
  const told = () => rowsOf(org, 'SELECT DefaultCaseAccess, DefaultOpportunityAccess FROM Organization')
  assert.deepEqual(told(), [['Edit', 'None']])
  org.changeAccess({ kind: 'org-wide-default', object: 'Case', sharing: 'Private' })
  assert.deepEqual(told(), [['None', 'None']])
  const groups = rowsOf(org, `SELECT GroupId FROM GroupMember WHERE UserOrGroupId = '${agent.userId}'`).map(String)
  assert.ok(groups.length > 0)
  const owners = [agent.userId, ...groups].map((id) => `'${id}'`).join(', ')
  const seen = countOf(org, agent, 'SELECT Id FROM Case')
  assert.ok(seen < all)
  assert.equal(seen, countOf(org, admin, `SELECT Id FROM Case WHERE OwnerId IN (${owners})`))
  assert.ok(
    countOf(org, agent, 'SELECT Id FROM CaseComment') < countOf(org, admin, 'SELECT Id FROM CaseComment'),
    'comments go with their cases',
  )
})

test('what an administrator names wrongly is refused with the names that there are', () => {
  const org = testOrg()
  const grant = { kind: 'permission', permission: 'ApiEnabled', granted: true } as const
  assert.throws(() => org.changeAccess({ ...grant, permissionSet: 'Nobody' }), /Support Agent/)
  assert.throws(
    () => org.changeAccess({ ...grant, permissionSet: 'Support Agent', permission: 'Fly' }),
    /no permission Fly/,
  )
})

test('a client that asks for its own permissions gets its own only, and they follow its permission sets', () => {
  const org = testOrg()
  const integration = userNamed(org, 'Integration User')
  const soql =
    'SELECT PermissionsViewAllData, PermissionsApiEnabled, PermissionsModifyAllData FROM UserPermissionAccess'
  assert.deepEqual(rowsOf(org, soql, { viewer: integration }), [[true, true, false]])
  assert.deepEqual(rowsOf(org, soql, { viewer: signIns(org).agent }), [[false, true, false]])
  org.changeAccess({
    kind: 'permission',
    permissionSet: 'Loopline read',
    permission: 'ModifyAllData',
    granted: true,
  })
  assert.deepEqual(rowsOf(org, soql, { viewer: integration }), [[true, true, true]])
  assert.ok(org.getObject(integration, 'UserPermissionAccess').fields.some(({ name }) => name === 'LastCacheUpdate'))
})

test('what a user may do with records is told for given ones that the asking user sees', () => {
  const org = testOrg()
  const { admin, agent } = signIns(org)
  const integration = userNamed(org, 'Integration User')
  const [[caseId] = []] = rowsOf(org, 'SELECT Id FROM Case LIMIT 1')
  const [[dealId] = []] = rowsOf(org, `SELECT Id FROM Opportunity WHERE OwnerId != '${agent.userId}' LIMIT 1`)
  const ask = (user: OrgUser, viewer = admin, more = '') =>
    rowsOf(
      org,
      `SELECT RecordId, HasReadAccess, HasEditAccess, MaxAccessLevel FROM UserRecordAccess
       WHERE UserId = '${user.userId}' AND RecordId IN ('${dealId}', '${caseId}', '500000000000000AAA')${more} ORDER BY RecordId`,
      { viewer },
    )
  assert.deepEqual(ask(admin), [
    [dealId, true, true, 'All'],
    [caseId, true, true, 'All'],
  ])
  assert.deepEqual(ask(integration), [
    [dealId, true, false, 'Read'],
    [caseId, true, false, 'Read'],
  ])
  assert.deepEqual(ask(agent), [
    [dealId, false, false, 'None'],
    [caseId, true, true, 'All'],
  ])
  assert.deepEqual(ask(agent, admin, ' AND HasReadAccess = true'), [[caseId, true, true, 'All']])
  assert.deepEqual(ask(admin, agent), [[caseId, true, true, 'All']], 'the agent sees no deals')
  assert.throws(() => rowsOf(org, 'SELECT RecordId FROM UserRecordAccess'), /Can select only RecordId/)
})
