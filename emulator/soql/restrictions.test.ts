import assert from 'node:assert/strict'
import test from 'node:test'
import { idOfSlot } from '../org/ids.ts'
import type { ObjectSchema, Viewer } from '../org/model.ts'
import { objectSchemas } from '../org/schemas.ts'
import { createTable } from '../org/table.ts'
import { ANCHOR, rowsOf, signIns, testOrg } from '../org/test-org.ts'
import { runQuery } from './query.ts'

function schemaOf(name: string): ObjectSchema {
  const schema = objectSchemas.get(name)
  assert.ok(schema)
  return schema
}

/** A query on an empty object of another name, that has the lookups of a comment and these. */
function askEmpty(name: string, lookups: readonly string[], soql: string, permissions: readonly string[] = []) {
  const like = schemaOf('CaseComment')
  const parent = like.fields.find((field) => field.name === 'ParentId')
  assert.ok(parent)
  const fields = [
    ...like.fields.filter((field) => field.name === 'Id'),
    ...lookups.map((lookup) => ({ ...parent, name: lookup, relationshipName: null })),
  ]
  const schema: ObjectSchema = { ...like, name, fields }
  const table = createTable(schema, { slots: 0, createdAt: () => 0, columns: {} })
  const viewer: Viewer = { userId: '005', permissions: new Set(permissions) }
  const db = {
    table: () => table,
    visibleObject: () => schema,
    visibleObjects: () => [schema],
    now: () => ANCHOR,
    anchor: ANCHOR,
  }
  return [...runQuery(db, viewer, soql, { all: false }).rows()]
}

const ID = idOfSlot('500', 1)
const IDS = Array.from({ length: 201 }, (_, n) => `'${idOfSlot('500', n)}'`)

// salesforce-api.md 4.5
const WANTED: readonly [string, readonly string[], { refused: readonly string[]; answered: readonly string[] }][] = [
  [
    'ContentFolderItem',
    ['ParentContentFolderId'],
    { refused: ['', "WHERE Id > '1'"], answered: [`WHERE ParentContentFolderId = '${ID}'`] },
  ],
  ['ContentFolderMember', ['ChildRecordId'], { refused: [''], answered: [`WHERE ChildRecordId IN ('${ID}')`] }],
  [
    'Vote',
    ['ParentId'],
    { refused: ['', `WHERE ParentId != '${ID}'`], answered: [`WHERE ParentId = '${ID}'`, `WHERE Id IN ('${ID}')`] },
  ],
  [
    'UserRecordAccess',
    ['UserId', 'RecordId'],
    {
      refused: ['', `WHERE UserId = '${ID}'`, `WHERE UserId = '${ID}' AND RecordId IN (${IDS.join(', ')})`],
      answered: [`WHERE UserId = '${ID}' AND RecordId IN (${IDS.slice(1).join(', ')})`],
    },
  ],
  [
    'TopicAssignment',
    ['EntityId'],
    { refused: ['', 'LIMIT 1101'], answered: ['LIMIT 1100', `WHERE EntityId = '${ID}'`] },
  ],
]

for (const [name, lookups, { refused, answered }] of WANTED) {
  test(`${name} is only read by what Salesforce asks for`, () => {
    for (const rest of refused) {
      const soql = `SELECT Id FROM ${name} ${rest.replace("Id > '1'", `Id > '${ID}'`)}`
      assert.throws(() => askEmpty(name, lookups, soql), { errorCode: /^(MALFORMED_QUERY|INVALID_FIELD)$/ }, soql)
    }
    for (const rest of answered) assert.deepEqual(askEmpty(name, lookups, `SELECT Id FROM ${name} ${rest}`), [])
  })
}

test('somebody who sees all data may list topic assignments without a limit', () => {
  assert.deepEqual(askEmpty('TopicAssignment', ['EntityId'], 'SELECT Id FROM TopicAssignment', ['ViewAllData']), [])
})

test("somebody's private draft of an email is theirs alone", () => {
  const org = testOrg()
  const { admin, agent } = signIns(org)
  const parent = org.create(agent.userId, 'Case', { Subject: 'With drafts' })
  const draft = (userId: string, IsPrivateDraft: boolean) =>
    org.create(userId, 'EmailMessage', { ParentId: parent, Status: '5', IsPrivateDraft }, { asSystem: true })
  const [theirs, own, shared] = [draft(admin.userId, true), draft(agent.userId, true), draft(admin.userId, false)]
  const ids = (viewer: typeof admin) =>
    rowsOf(org, `SELECT Id FROM EmailMessage WHERE ParentId = '${parent}'`, { viewer }).flat()
  assert.deepEqual(ids(agent), [own, shared])
  assert.deepEqual(ids(admin), [theirs, own, shared])
  assert.equal(org.findRecord(agent, 'EmailMessage', theirs), undefined)
})

test('an object that can not be queried says so', () => {
  const schema = { ...schemaOf('CaseComment'), queryable: false }
  const table = createTable(schema, { slots: 0, createdAt: () => 0, columns: {} })
  const db = {
    table: () => table,
    visibleObject: () => schema,
    visibleObjects: () => [],
    now: () => ANCHOR,
    anchor: ANCHOR,
  }
  const viewer: Viewer = { userId: '005', permissions: new Set() }
  assert.throws(() => runQuery(db, viewer, 'SELECT Id FROM CaseComment', { all: false }), {
    errorCode: 'INVALID_TYPE_FOR_OPERATION',
    message: 'entity type CaseComment does not support query',
  })
})

test("activities about too many records are refused to somebody who doesn't see all data", () => {
  const schema = schemaOf('Task')
  const slots = 120_000
  const table = createTable(schema, {
    slots,
    createdAt: (slot) => ANCHOR - slots + slot,
    columns: { WhatId: (slot) => idOfSlot('500', slot), CreatedDate: (slot) => ANCHOR - slots + slot },
  })
  const db = {
    table: () => table,
    visibleObject: () => schema,
    visibleObjects: () => [schema],
    now: () => ANCHOR,
    anchor: ANCHOR,
  }
  const ask = (where: string, permissions: readonly string[]) => () =>
    runQuery(db, { userId: '005', permissions: new Set(permissions) }, `SELECT COUNT() FROM Task ${where}`, {
      all: false,
    }).totalSize
  assert.throws(ask('', []), { errorCode: 'OPERATION_TOO_LARGE', message: "exceeded 100000 distinct who/what's" })
  assert.equal(ask('', ['ViewAllData'])(), slots)
  assert.equal(ask(`WHERE CreatedDate < ${new Date(ANCHOR - 60_000).toISOString()}`, [])(), slots / 2)
})

test('records that are not shared with the viewer are in no answer: lists, counts, children, joins, searches', () => {
  const org = testOrg()
  const { admin, agent } = signIns(org)
  const account = org.create(admin.userId, 'Account', { Name: 'Sharing & Co' })
  const about = { AccountId: account, Description: 'unsharable' }
  org.create(admin.userId, 'Case', { ...about, Subject: 'Theirs', OwnerId: admin.userId })
  const own = org.create(admin.userId, 'Case', { ...about, Subject: 'Own', OwnerId: agent.userId })
  const count = (soql: string, viewer = agent) => rowsOf(org, soql, { viewer }).length
  const list = `SELECT Id FROM Case WHERE AccountId = '${account}'`
  assert.equal(count(list), 2)
  org.changeAccess({ kind: 'org-wide-default', object: 'Case', sharing: 'Private' })
  assert.deepEqual(rowsOf(org, list, { viewer: agent }).flat(), [own])
  assert.equal(count(list, admin), 2)
  assert.equal(org.query(agent, list.replace('Id', 'COUNT()'), { all: false }).totalSize, 1)
  const [[children] = []] = rowsOf(org, `SELECT (SELECT Id FROM Cases) FROM Account WHERE Id = '${account}'`, {
    viewer: agent,
  })
  assert.ok(typeof children === 'object' && children !== null)
  assert.equal(children.rows.length, 1)
  const join = `SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Case WHERE Subject = 'Theirs' AND AccountId = '${account}')`
  assert.deepEqual([count(join, admin), count(join)], [1, 0])
  const found = (viewer: Viewer) => org.search(viewer, 'FIND {unsharable} RETURNING Case(Id)').found[0]?.rows.length
  assert.deepEqual([found(admin), found(agent)], [2, 1])
})
