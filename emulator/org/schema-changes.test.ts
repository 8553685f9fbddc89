import assert from 'node:assert/strict'
import test from 'node:test'
import type { Org, SchemaChange } from './model.ts'
import { rowsOf, signIns, testOrg } from './test-org.ts'

const fieldOf = (org: Org, object: string, name: string) =>
  org.getObject(signIns(org).admin, object).fields.find((field) => field.name === name)

const siteVisit: SchemaChange = {
  kind: 'add-object',
  object: 'Site_Visit__c',
  definition: {
    fields: {
      Name: { type: 'string', autoNumber: 'SV-{0000}' },
      Account__c: { type: 'reference', to: ['Account'] },
      Visited_On__c: { type: 'date' },
      Hours__c: { type: 'double', scale: 1 },
    },
  },
}

test('a custom object comes with a key prefix, standard columns, relationships both ways, and rights for people', () => {
  const org = testOrg()
  const { admin, agent } = signIns(org)
  org.changeSchema(siteVisit)
  const schema = org.getObject(agent, 'site_visit__c')
  assert.deepEqual(
    [schema.keyPrefix, schema.label, schema.labelPlural, schema.custom, schema.createable],
    ['a00', 'Site Visit', 'Site Visits', true, true],
  )
  const names = schema.fields.map((field) => field.name)
  for (const name of ['Id', 'OwnerId', 'IsDeleted', 'Name', 'CreatedDate', 'SystemModstamp', 'Account__c']) {
    assert.ok(names.includes(name), name)
  }
  assert.equal(fieldOf(org, 'Site_Visit__c', 'Account__c')?.relationshipName, 'Account__r')
  const child = org.getObject(admin, 'Account').childRelationships.find((one) => one.childSObject === 'Site_Visit__c')
  assert.equal(child?.relationshipName, 'Site_Visits__r')

  const [accountId = ''] = rowsOf(org, 'SELECT Id FROM Account LIMIT 1').map(([id]) => String(id))
  const id = org.create(agent.userId, 'Site_Visit__c', { Account__c: accountId, Hours__c: 1.5 })
  assert.match(id, /^a00/)
  assert.deepEqual(rowsOf(org, `SELECT Hours__c, Account__r.Id FROM Site_Visit__c WHERE Id = '${id}'`), [
    [1.5, accountId],
  ])
})

test('a field added with a value fills existing records without their stamps moving; later ones start empty', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  const before = rowsOf(org, 'SELECT Id, SystemModstamp FROM Case')
  org.changeSchema({
    kind: 'add-field',
    object: 'Case',
    field: 'Region__c',
    definition: { type: 'picklist', values: ['North', 'South'] },
    value: 'North',
  })
  assert.deepEqual(rowsOf(org, 'SELECT Id, SystemModstamp FROM Case'), before)
  assert.equal(rowsOf(org, "SELECT Id FROM Case WHERE Region__c = 'North'").length, before.length)
  const id = org.create(admin.userId, 'Case', { Subject: 'New' })
  assert.deepEqual(rowsOf(org, `SELECT Region__c FROM Case WHERE Id = '${id}'`), [[null]])
})

test('a removed field is gone from describe and queries, and comes back empty when added again', () => {
  const org = testOrg()
  const before = rowsOf(org, 'SELECT Id, SystemModstamp FROM Case')
  org.changeSchema({ kind: 'remove-field', object: 'Case', field: 'Error_Code__c' })
  assert.equal(fieldOf(org, 'Case', 'Error_Code__c'), undefined)
  assert.throws(() => rowsOf(org, 'SELECT Error_Code__c FROM Case'), { errorCode: 'INVALID_FIELD' })
  assert.deepEqual(rowsOf(org, "SELECT Id FROM FieldPermissions WHERE Field = 'Case.Error_Code__c'"), [])
  org.changeSchema({
    kind: 'add-field',
    object: 'Case',
    field: 'Error_Code__c',
    definition: { type: 'string', length: 12 },
  })
  assert.deepEqual(rowsOf(org, 'SELECT Id FROM Case WHERE Error_Code__c != null'), [])
  assert.deepEqual(rowsOf(org, 'SELECT Id, SystemModstamp FROM Case'), before)
})

test('another type keeps the values that it can hold, another name keeps them all, and no stamp moves', () => {
  const org = testOrg()
  const before = rowsOf(org, 'SELECT Id, Satisfaction__c, SystemModstamp FROM Case WHERE Satisfaction__c != null')
  assert.ok(before.length > 0)
  org.changeSchema({
    kind: 'change-field',
    object: 'Case',
    field: 'Satisfaction__c',
    definition: { type: 'string', length: 20 },
    rename: 'Mood__c',
  })
  const after = rowsOf(org, 'SELECT Id, Mood__c, SystemModstamp FROM Case WHERE Mood__c != null')
  assert.deepEqual(
    after,
    before.map(([id, mood, stamp]) => [id, String(mood), stamp]),
  )
  org.changeSchema({ kind: 'change-field', object: 'Case', field: 'Mood__c', definition: { type: 'date' } })
  assert.deepEqual(rowsOf(org, 'SELECT Id FROM Case WHERE Mood__c = 2026-01-01'), [])
})

test('picklist values and labels change in place', () => {
  const org = testOrg()
  org.changeSchema({
    kind: 'change-field',
    object: 'Case',
    field: 'Origin',
    definition: { label: 'Channel', values: ['Phone', 'Email', { value: 'Web', active: false }, 'Chat'] },
  })
  const field = fieldOf(org, 'Case', 'Origin')
  assert.equal(field?.label, 'Channel')
  assert.deepEqual(
    field?.picklistValues.map(({ value, active }) => [value, active]),
    [
      ['Phone', true],
      ['Email', true],
      ['Web', false],
      ['Chat', true],
    ],
  )
})

test('a custom object goes with the lookups to it, unless a roll-up or a formula needs it', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  org.changeSchema(siteVisit)
  org.changeSchema({
    kind: 'add-field',
    object: 'Case',
    field: 'Visit__c',
    definition: { type: 'reference', to: ['Site_Visit__c'] },
  })
  const needs: SchemaChange[] = [
    {
      kind: 'add-field',
      object: 'Account',
      field: 'Visits__c',
      definition: { type: 'double', rollUp: { function: 'COUNT', of: 'Site_Visit__c', by: 'Account__c' } },
    },
    {
      kind: 'add-field',
      object: 'Case',
      field: 'Visit_Hours__c',
      definition: { type: 'double', formula: 'Visit__r.Hours__c' },
    },
  ]
  for (const change of needs) {
    if (change.kind !== 'add-field') continue
    org.changeSchema(change)
    assert.throws(() => org.changeSchema({ kind: 'remove-object', object: 'Site_Visit__c' }), /remove that first/)
    org.changeSchema({ kind: 'remove-field', object: change.object, field: change.field })
  }
  org.changeSchema({ kind: 'remove-object', object: 'Site_Visit__c' })
  assert.equal(fieldOf(org, 'Case', 'Visit__c'), undefined)
  assert.throws(() => org.getObject(admin, 'Site_Visit__c'), { errorCode: 'NOT_FOUND' })
})

test('records of a custom object are numbered, get defaults, and are summed up by their parent', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  const [[accountId] = []] = rowsOf(org, 'SELECT Id FROM Account LIMIT 1')
  org.changeSchema(siteVisit)
  org.changeSchema({
    kind: 'add-field',
    object: 'Account',
    field: 'Visit_Hours__c',
    definition: {
      type: 'double',
      scale: 1,
      rollUp: { function: 'SUM', of: 'Site_Visit__c', by: 'Account__c', field: 'Hours__c' },
    },
  })
  for (const hours of [1.5, 2]) {
    org.create(admin.userId, 'Site_Visit__c', { Account__c: String(accountId), Hours__c: hours })
  }
  assert.deepEqual(rowsOf(org, 'SELECT Name FROM Site_Visit__c'), [['SV-0001'], ['SV-0002']])
  assert.deepEqual(rowsOf(org, `SELECT Visit_Hours__c FROM Account WHERE Id = '${accountId}'`), [[3.5]])
})

const refused: readonly (readonly [string, SchemaChange])[] = [
  ['a standard field cannot be removed', { kind: 'remove-field', object: 'Case', field: 'Subject' }],
  [
    'a field that a formula reads cannot be removed',
    { kind: 'remove-field', object: 'Account', field: 'Service_Level__c' },
  ],
  ['an object that is not there has no fields', { kind: 'remove-field', object: 'Nope__c', field: 'A__c' }],
  [
    'a lookup must lead somewhere',
    { kind: 'add-field', object: 'Case', field: 'X__c', definition: { type: 'reference', to: ['Nope'] } },
  ],
  [
    'a formula must read fields that are there',
    { kind: 'add-field', object: 'Case', field: 'X__c', definition: { type: 'double', formula: 'Nope__c + 1' } },
  ],
  [
    'a formula must make sense',
    { kind: 'add-field', object: 'Case', field: 'X__c', definition: { type: 'double', formula: '1 +' } },
  ],
  [
    'a changed formula must read fields that are there, too',
    { kind: 'change-field', object: 'Case', field: 'Account_Tier__c', definition: { formula: 'TEXT(Nope__c)' } },
  ],
  [
    'a formula must not read itself',
    { kind: 'change-field', object: 'Case', field: 'Account_Tier__c', definition: { formula: 'Account_Tier__c' } },
  ],
  [
    'a new object’s formulas must read fields that are there',
    {
      kind: 'add-object',
      object: 'Wrong__c',
      definition: { fields: { X__c: { type: 'double', formula: 'Nope__c' } } },
    },
  ],
  [
    'a name cannot be used twice',
    { kind: 'add-field', object: 'Case', field: 'error_code__c', definition: { type: 'string' } },
  ],
]
for (const [title, change] of refused) {
  test(`${title}: the change is refused and the org goes on as before`, () => {
    const org = testOrg()
    const { admin } = signIns(org)
    const before = JSON.stringify(org.listObjects(admin))
    assert.throws(() => org.changeSchema(change), RangeError)
    assert.equal(JSON.stringify(org.listObjects(admin)), before)
    org.changeSchema({ kind: 'add-field', object: 'Case', field: 'Later__c', definition: { type: 'string' } })
    const [[level] = []] = rowsOf(org, 'SELECT Account_Tier__c FROM Case WHERE Account_Tier__c != null LIMIT 1')
    assert.ok(level, 'formulas are worked out as before')
  })
}

test('changes to the schema can be made again on the same seed, with the same ids', () => {
  const changes: { change: SchemaChange; at: number }[] = []
  const org = testOrg({ onSchemaChange: (change, at) => changes.push({ change, at }) })
  org.changeSchema(siteVisit)
  org.changeSchema({ kind: 'remove-field', object: 'Case', field: 'Error_Code__c' })
  const other = testOrg()
  for (const { change, at } of changes) other.replaySchemaChange(change, at)
  const soql = 'SELECT Id, Field, ParentId, SystemModstamp FROM FieldPermissions'
  assert.deepEqual(rowsOf(other, soql), rowsOf(org, soql))
  assert.deepEqual(other.listObjects(signIns(other).admin), org.listObjects(signIns(org).admin))
})
