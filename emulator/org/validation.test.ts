import assert from 'node:assert/strict'
import test from 'node:test'
import { withChecksum } from './ids.ts'
import type { Change, Org, OrgUser } from './model.ts'
import { rowsOf, signIns, testOrg } from './test-org.ts'

type Act = (org: Org, users: { admin: OrgUser; agent: OrgUser }) => void

const one = (org: Org, soql: string) => String(rowsOf(org, soql)[0]?.[0])
const missing = (prefix: string) => withChecksum(`${prefix}5f0000zzzzzz`)

/** What is refused, and Salesforce's words for it (salesforce-api.md 3.3). */
const REFUSED: readonly { what: string; error: object; act: Act }[] = [
  {
    what: 'a text too long, which is shown whole',
    // https://github.com/CoderDojo/community-platform/issues/762
    error: {
      errorCode: 'STRING_TOO_LONG',
      message: `Subject: data value too large: ${'x'.repeat(256)} (max length=255)`,
      fields: ['Subject'],
    },
    act: (org, { admin }) => org.create(admin.userId, 'Case', { Subject: 'x'.repeat(256) }),
  },
  {
    what: 'required fields left out, all named',
    error: {
      errorCode: 'REQUIRED_FIELD_MISSING',
      message: 'Required fields are missing: [Name, StageName, CloseDate]',
      fields: ['Name', 'StageName', 'CloseDate'],
    },
    act: (org, { admin }) => org.create(admin.userId, 'Opportunity', { Amount: 1 }),
  },
  {
    what: 'a required field emptied in an edit',
    error: { errorCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'] },
    act: (org, { admin }) =>
      org.update(admin.userId, 'Account', one(org, 'SELECT Id FROM Account LIMIT 1'), { Name: null }),
  },
  {
    what: 'a value outside a restricted picklist',
    error: {
      errorCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      message: 'Task Subtype: bad value for restricted picklist field: Dance',
      fields: ['TaskSubtype'],
    },
    act: (org, { admin }) => org.create(admin.userId, 'Task', { TaskSubtype: 'Dance' }),
  },
  {
    what: 'a number with too many digits',
    // https://github.com/SFDO-Community/declarative-lookup-rollup-summaries/issues/713
    error: {
      errorCode: 'NUMBER_OUTSIDE_VALID_RANGE',
      message: 'Number Of Employees: value outside of valid range on numeric field: 123456789',
    },
    act: (org, { admin }) => org.create(admin.userId, 'Account', { Name: 'Big', NumberOfEmployees: 123_456_789 }),
  },
  {
    what: 'an amount with too many digits',
    error: {
      errorCode: 'NUMBER_OUTSIDE_VALID_RANGE',
      message: 'Amount: value outside of valid range on numeric field: 1.0E30',
    },
    act: (org, { admin }) =>
      org.create(admin.userId, 'Opportunity', {
        Name: 'Big',
        StageName: 'Prospecting',
        CloseDate: '2026-12-24',
        Amount: 1e30,
      }),
  },
  {
    what: 'what is no e-mail address',
    error: { errorCode: 'INVALID_EMAIL_ADDRESS', message: 'Email: invalid email address: nobody', fields: ['Email'] },
    act: (org, { admin }) => org.create(admin.userId, 'Contact', { LastName: 'X', Email: 'nobody' }),
  },
  {
    what: 'an id that could be nobody’s',
    error: {
      errorCode: 'MALFORMED_ID',
      message: 'Contact ID: id value of incorrect type: 0039ZZ000012345AAA',
      fields: ['ContactId'],
    },
    act: (org, { admin }) => org.create(admin.userId, 'Case', { ContactId: '0039ZZ000012345AAA' }),
  },
  {
    what: 'an id of another object',
    error: { errorCode: 'FIELD_INTEGRITY_EXCEPTION', fields: ['ContactId'] },
    act: (org, { admin }) =>
      org.create(admin.userId, 'Case', { ContactId: one(org, 'SELECT Id FROM Account LIMIT 1') }),
  },
  {
    what: 'an id of no record',
    error: { errorCode: 'INVALID_CROSS_REFERENCE_KEY', message: 'invalid cross reference id', fields: [] },
    act: (org, { admin }) => org.create(admin.userId, 'Case', { ContactId: missing('003') }),
  },
  {
    what: 'an id of a deleted record',
    error: { errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted' },
    act(org, { admin }) {
      const [[id] = []] = rowsOf(org, 'SELECT Id FROM Contact WHERE IsDeleted = true LIMIT 1', { all: true })
      org.create(admin.userId, 'Case', { ContactId: String(id) })
    },
  },
  {
    what: 'a record type of another object',
    error: { errorCode: 'INVALID_CROSS_REFERENCE_KEY', fields: ['RecordTypeId'] },
    act: (org, { admin }) =>
      org.create(admin.userId, 'Account', {
        Name: 'Typed',
        RecordTypeId: one(org, "SELECT Id FROM RecordType WHERE SobjectType = 'Knowledge__kav' LIMIT 1"),
      }),
  },
  {
    what: 'an inactive owner',
    error: { errorCode: 'INACTIVE_OWNER_OR_USER' },
    act: (org, { admin }) =>
      org.create(admin.userId, 'Case', { OwnerId: one(org, 'SELECT Id FROM User WHERE IsActive = false LIMIT 1') }),
  },
  {
    what: 'a queue that is not for such records',
    error: { errorCode: 'FIELD_INTEGRITY_EXCEPTION', message: 'Queue not associated with this SObject type' },
    act: (org, { admin }) =>
      org.create(admin.userId, 'Lead', {
        LastName: 'X',
        Company: 'Y',
        OwnerId: one(org, "SELECT QueueId FROM QueueSobject WHERE SobjectType = 'Case' LIMIT 1"),
      }),
  },
  {
    what: 'a value that another record holds, whatever its case, with the short id of that record',
    error: /^DUPLICATE_VALUE duplicate value found: ERP_Number__c duplicates value on record with id: 001\w{12}$/,
    act(org, { admin }) {
      const taken = one(org, 'SELECT ERP_Number__c FROM Account WHERE ERP_Number__c != null LIMIT 1')
      org.create(admin.userId, 'Account', { Name: 'Twin', ERP_Number__c: taken.toLowerCase() })
    },
  },
  {
    what: 'a record above itself',
    error: { errorCode: 'CIRCULAR_DEPENDENCY' },
    act(org, { admin }) {
      const parent = one(org, 'SELECT ParentId FROM Account WHERE ParentId != null LIMIT 1')
      const child = one(org, `SELECT Id FROM Account WHERE ParentId = '${parent}' LIMIT 1`)
      org.update(admin.userId, 'Account', parent, { ParentId: child })
    },
  },
  {
    what: 'fields that Salesforce keeps itself, all named',
    error: {
      errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
      message:
        'Unable to create/update fields: CaseNumber, IsClosed. Please check the security settings of this field and verify that it is read/write for your profile or permission set.',
      fields: ['CaseNumber', 'IsClosed'],
    },
    act: (org, { admin }) => org.create(admin.userId, 'Case', { CaseNumber: '1', IsClosed: true }),
  },
  {
    what: 'a date of creation, from somebody who may not set it',
    error: { errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE', fields: ['CreatedDate'] },
    act: (org, { agent }) => org.create(agent.userId, 'Case', { CreatedDate: 0 }),
  },
  {
    what: 'a field that is hidden from the user',
    error: { errorCode: 'INVALID_FIELD', message: "No such column 'Internal_Cost__c' on sobject of type Case" },
    act: (org, { agent }) => org.create(agent.userId, 'Case', { Internal_Cost__c: 1 }),
  },
  {
    what: 'an object that is hidden from the user',
    error: { errorCode: 'NOT_FOUND', status: 404 },
    act: (org, { agent }) => org.create(agent.userId, 'Opportunity', {}),
  },
  {
    what: 'an object that nobody creates',
    error: {
      errorCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
      message: 'entity type cannot be inserted: Case History',
    },
    act: (org, { admin }) => org.create(admin.userId, 'CaseHistory', {}),
  },
  {
    what: 'an edit of a record that is not there',
    error: { errorCode: 'INVALID_CROSS_REFERENCE_KEY', status: 404 },
    act: (org, { admin }) => org.update(admin.userId, 'Case', missing('500'), {}),
  },
  {
    what: 'an edit by the id of another object',
    error: { errorCode: 'MALFORMED_ID', message: /^Case ID: id value of incorrect type: 001/, fields: ['Id'] },
    act: (org, { admin }) => org.update(admin.userId, 'Case', missing('001'), {}),
  },
  {
    what: 'an edit of a converted lead',
    error: { errorCode: 'CANNOT_UPDATE_CONVERTED_LEAD', message: 'cannot reference converted lead' },
    act: (org, { admin }) =>
      org.update(admin.userId, 'Lead', one(org, 'SELECT Id FROM Lead WHERE IsConverted = true LIMIT 1'), {
        Rating: 'Hot',
      }),
  },
]

for (const { what, error, act } of REFUSED) {
  test(`refused, and nothing changes: ${what}`, () => {
    const changes: Change[] = []
    const org = testOrg({ onChange: (change) => changes.push(change) })
    const attempt = () => act(org, signIns(org))
    if (error instanceof RegExp) {
      assert.throws(attempt, (thrown: { errorCode: string; message: string }) =>
        error.test(`${thrown.errorCode} ${thrown.message}`),
      )
    } else assert.throws(attempt, error)
    assert.deepEqual(changes, [])
  })
}

test('text is trimmed, numbers are rounded to their places, and empty text is no value', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  const id = org.create(admin.userId, 'Lead', {
    LastName: ' Spacey ',
    Company: 'Y',
    Title: '  ',
    Roof_Area_m2__c: 1.2345,
  })
  const lead = org.findRecord(admin, 'Lead', id)
  assert.deepEqual([lead?.LastName, lead?.Title, lead?.Roof_Area_m2__c], ['Spacey', null, 1.23])
})

test('a validation rule refuses while its fields hold its values, and no longer when it is taken away', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  const id = org.create(admin.userId, 'Case', { Subject: 'Ruled' })
  const rule = { kind: 'validation', name: 'r', object: 'Case', message: 'Say why', field: 'Reason' } as const
  org.setSaveRule({ ...rule, when: { Status: 'Closed', Reason: null } })
  const close = () => org.update(admin.userId, 'Case', id, { Status: 'Closed' })
  assert.throws(close, { errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'Say why', fields: ['Reason'] })
  org.update(admin.userId, 'Case', id, { Status: 'Closed', Reason: 'Other' })
  org.update(admin.userId, 'Case', id, { Status: 'Working', Reason: null })
  org.setSaveRule({ kind: 'removed', name: 'r' })
  close()
})

test('a duplicate rule refuses a second record that is alike, unless it is to be saved all the same', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  const name = 'one contact for each address'
  org.setSaveRule({
    kind: 'duplicate',
    name,
    object: 'Contact',
    match: ['Email'],
    message: 'Use one of these records?',
  })
  const twin = { LastName: 'Twin', Email: 'twin@example.com' }
  org.create(admin.userId, 'Contact', twin)
  const again = { ...twin, Email: 'TWIN@example.com' }
  const refusal = { errorCode: 'DUPLICATES_DETECTED', message: 'Use one of these records?' }
  assert.throws(() => org.create(admin.userId, 'Contact', again), refusal)
  const id = org.create(admin.userId, 'Contact', again, { allowDuplicates: true })
  org.update(admin.userId, 'Contact', id, { Title: 'Not compared' })
})

test('a locked row fails as many writes as asked for, and then lets them through', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  const id = org.create(admin.userId, 'Case', { Subject: 'Locked' })
  org.lockRows({ object: 'Case', id, times: 2 })
  const edit = () => org.update(admin.userId, 'Case', id, { Subject: 'Free' })
  const refusal = { errorCode: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access to this record' }
  assert.throws(edit, refusal)
  org.create(admin.userId, 'Case', { Subject: 'Another' })
  assert.throws(edit, refusal)
  edit()
})

test('a user edits neither what others share with them for reading only, nor what they don’t see, and can’t point there', () => {
  const org = testOrg()
  const { admin, agent } = signIns(org)
  const id = org.create(admin.userId, 'Case', { Subject: 'The admin’s' })
  const edit = () => org.update(agent.userId, 'Case', id, { Subject: 'Mine' })
  edit()
  org.changeAccess({ kind: 'org-wide-default', object: 'Case', sharing: 'Read' })
  assert.throws(edit, {
    errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY',
    message: 'insufficient access rights on object id',
    status: 403,
  })
  org.changeAccess({ kind: 'org-wide-default', object: 'Case', sharing: 'Private' })
  assert.throws(edit, { errorCode: 'INVALID_CROSS_REFERENCE_KEY', status: 404 })
  // https://github.com/SalesforceFoundation/NPSP/issues/2664
  assert.throws(() => org.create(agent.userId, 'Case', { ParentId: id }), {
    errorCode: 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
    message: `insufficient access rights on cross-reference id: ${id.slice(0, 15)}`,
  })
})
