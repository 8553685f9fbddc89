import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { slotOfId } from './ids.ts'
import type { FieldValue, ObjectSchema, Org } from './model.ts'
import { ANCHOR, everything, rowsOf, signIns, testOrg } from './test-org.ts'

const DAY = 86_400_000
const org = testOrg({ scale: 0.3 })
const { admin, agent } = signIns(org)

interface Loaded {
  readonly schema: ObjectSchema
  readonly records: readonly { readonly [field: string]: FieldValue }[]
}

function load(from: Org): ReadonlyMap<string, Loaded> {
  const texts = everything(from)
  return new Map(
    from.listObjects(signIns(from).admin).map((schema) => {
      const records = (texts.get(schema.name) ?? []).map((text) => {
        const values: FieldValue[] = JSON.parse(text)
        return Object.fromEntries(schema.fields.map(({ name }, n) => [name, values[n] ?? null]))
      })
      return [schema.name, { schema, records }]
    }),
  )
}

const all = load(org)
const recordsOf = (name: string) => all.get(name)?.records ?? []

function hashOf(from: Org): string {
  const hash = createHash('sha256')
  for (const [name, rows] of everything(from)) hash.update(name).update(rows.join('\n'))
  return hash.digest('hex')
}

test('the same seed, scale and anchor make the same org, another seed another', () => {
  const small = { scale: 0.02 }
  assert.equal(hashOf(testOrg(small)), hashOf(testOrg(small)))
  assert.notEqual(hashOf(testOrg(small)), hashOf(testOrg({ ...small, seed: 2 })))
})

test('every object has records', () => {
  for (const [name, { schema, records }] of all) {
    // What can't be retrieved by an id has no records of its own: UserRecordAccess answers about others.
    if (schema.retrieveable) assert.ok(records.length > 0, name)
  }
})

test('ids are unique, carry their prefix and checksum, and ascend with creation', () => {
  for (const [name, { schema, records }] of all) {
    const ids = records.map(({ Id }) => String(Id))
    assert.equal(new Set(ids).size, ids.length, name)
    for (const id of ids) assert.ok(slotOfId(schema.keyPrefix ?? '', id) >= 0, `${name} ${id}`)
    if (!schema.fields.some((field) => field.name === 'CreatedDate')) continue
    const byId = [...records].sort((a, b) => (String(a.Id) < String(b.Id) ? -1 : 1))
    for (const [n, record] of byId.entries()) {
      assert.ok(n === 0 || Number(record.CreatedDate) >= Number(byId[n - 1]?.CreatedDate), `${name} ${record.Id}`)
    }
  }
})

test('every lookup leads to a record', () => {
  const ids = new Map([...all].map(([name, { records }]) => [name, new Set(records.map(({ Id }) => Id))]))
  for (const [name, { schema, records }] of all) {
    for (const field of schema.fields.filter(({ type }) => type === 'reference')) {
      for (const record of records) {
        const id = record[field.name] ?? null
        if (id === null) continue
        assert.ok(
          field.referenceTo.some((target) => ids.get(target)?.has(id)),
          `${name}.${field.name} = ${id}`,
        )
      }
    }
  }
})

test('records in use never hang on a record in the recycle bin that would have taken them along', () => {
  const deleted = new Set(
    [...all.values()].flatMap(({ records }) => records.filter((one) => one.IsDeleted === true).map(({ Id }) => Id)),
  )
  for (const { schema } of all.values()) {
    for (const { childSObject, field, cascadeDelete } of schema.childRelationships) {
      if (!cascadeDelete) continue
      for (const child of recordsOf(childSObject)) {
        assert.ok(child.IsDeleted === true || !deleted.has(child[field] ?? ''), `${childSObject} ${child.Id}.${field}`)
      }
    }
  }
})

test('children are never older than the record they belong to', () => {
  const createdAt = new Map(
    [...all.values()].flatMap(({ records }) => records.map((one) => [one.Id, Number(one.CreatedDate)] as const)),
  )
  for (const [name, field] of [
    ['CaseComment', 'ParentId'],
    ['EmailMessage', 'ParentId'],
    ['CaseHistory', 'CaseId'],
    ['OpportunityLineItem', 'OpportunityId'],
    ['OpportunityHistory', 'OpportunityId'],
    ['Contact', 'AccountId'],
    ['Case', 'ContactId'],
    ['Case', 'AccountId'],
    ['Opportunity', 'AccountId'],
    ['CampaignMember', 'LeadId'],
    ['CampaignMember', 'ContactId'],
    ['CampaignMember', 'CampaignId'],
    ['Task', 'WhatId'],
    ['ContentVersion', 'ContentDocumentId'],
  ] as const) {
    for (const record of recordsOf(name)) {
      const parent = record[field] ?? null
      if (parent === null) continue
      assert.ok(Number(record.CreatedDate) >= (createdAt.get(parent) ?? 0), `${name} ${record.Id}.${field}`)
    }
  }
})

test('stamps are whole seconds, in order, and never later than the anchor', () => {
  for (const [name, { schema, records }] of all) {
    const has = (field: string) => schema.fields.some((one) => one.name === field)
    for (const record of records) {
      for (const field of ['CreatedDate', 'LastModifiedDate', 'SystemModstamp', 'ClosedDate', 'LastPublishedDate']) {
        const at = record[field] ?? null
        if (!has(field) || at === null) continue
        assert.ok(Number(at) <= ANCHOR && Number(at) % 1000 === 0, `${name} ${record.Id}.${field} = ${at}`)
      }
      if (has('SystemModstamp') && has('CreatedDate')) {
        assert.ok(Number(record.SystemModstamp) >= Number(record.CreatedDate), `${name} ${record.Id}`)
      }
      if (has('SystemModstamp') && has('LastModifiedDate')) {
        assert.ok(Number(record.SystemModstamp) >= Number(record.LastModifiedDate), `${name} ${record.Id}`)
      }
    }
  }
})

test('values keep to their fields: types, lengths, picklists, and what must not be empty', () => {
  for (const [name, { schema, records }] of all) {
    for (const field of schema.fields) {
      const choices = new Set(field.picklistValues.map(({ value }) => value))
      for (const record of records) {
        const value = record[field.name] ?? null
        const where = `${name}.${field.name} = ${JSON.stringify(value)}`
        if (value === null) {
          assert.ok(field.nillable, where)
          continue
        }
        if (field.type === 'boolean') assert.equal(typeof value, 'boolean', where)
        else if (['int', 'double', 'currency', 'percent', 'datetime'].includes(field.type))
          assert.equal(typeof value, 'number', where)
        else assert.equal(typeof value, 'string', where)
        if (field.type === 'int') assert.ok(Number.isInteger(value), where)
        if (field.type === 'date') assert.match(String(value), /^\d{4}-\d\d-\d\d$/, where)
        if (field.type === 'time') assert.match(String(value), /^\d\d:\d\d:\d\d\.\d{3}Z$/, where)
        if (field.length > 0) assert.ok(String(value).length <= field.length, where)
        assert.notEqual(value, '', where)
        if (field.type === 'picklist') assert.ok(choices.has(String(value)), where)
        if (field.type === 'multipicklist')
          for (const one of String(value).split(';')) assert.ok(choices.has(one), where)
      }
    }
  }
})

test("a case's history ends where the case stands, and is told without a gap", () => {
  const histories = Map.groupBy(recordsOf('CaseHistory'), ({ CaseId }) => CaseId)
  for (const record of recordsOf('Case')) {
    const rows = histories.get(record.Id ?? '') ?? []
    assert.equal(rows[0]?.Field, 'created')
    const told = (field: string, type: string, value: FieldValue | undefined) => {
      const steps = rows.filter((row) => row.Field === field && row.DataType === type)
      for (const [n, row] of steps.entries()) if (n > 0) assert.equal(row.OldValue, steps[n - 1]?.NewValue)
      const last = steps.at(-1)
      if (last) assert.equal(last.NewValue, value, `${record.Id} ${field}`)
    }
    told('Status', 'DynamicEnum', record.Status)
    told('Priority', 'DynamicEnum', record.Priority)
    told('Owner', 'EntityId', record.OwnerId)
    assert.equal(record.IsClosed, record.Status === 'Closed')
    assert.equal(record.ClosedDate !== null, record.IsClosed)
  }
})

test("a deal's last stage is that of its history, and its amount that of its line items", () => {
  const lines = Map.groupBy(recordsOf('OpportunityLineItem'), (line) => line.OpportunityId)
  const histories = Map.groupBy(recordsOf('OpportunityHistory'), (row) => row.OpportunityId)
  for (const deal of recordsOf('Opportunity')) {
    assert.equal(histories.get(deal.Id ?? '')?.at(-1)?.StageName, deal.StageName)
    const sum = (lines.get(deal.Id ?? '') ?? []).reduce((total, line) => total + Number(line.TotalPrice), 0)
    assert.equal(deal.HasOpportunityLineItem, sum > 0)
    if (sum > 0) assert.equal(deal.Amount, Math.round(sum * 100) / 100)
  }
})

test('most old cases are closed, work happens on weekdays, and a bulk edit left hundreds of equal stamps', () => {
  const big = testOrg({ scale: 1 })
  const old = `CreatedDate < ${new Date(ANCHOR - 90 * DAY).toISOString()}`
  const [[closed], [total]] = ['IsClosed = true AND ', ''].map(
    (extra) => rowsOf(big, `SELECT COUNT(Id) FROM Case WHERE ${extra}${old}`)[0],
  ) as [[number], [number]]
  assert.ok(closed / total > 0.95, `${closed} of ${total}`)
  const weekend = recordsOf('Case').filter(({ CreatedDate }) => new Date(Number(CreatedDate)).getUTCDay() % 6 === 0)
  assert.ok(weekend.length < recordsOf('Case').length * 0.15)
  const ties = new Map<unknown, number>()
  for (const [stamp] of rowsOf(big, 'SELECT SystemModstamp FROM Case')) ties.set(stamp, (ties.get(stamp) ?? 0) + 1)
  assert.ok(Math.max(...ties.values()) > 200)
})

test('there are deleted records of several kinds, and a merged contact that names its master', () => {
  const big = testOrg({ scale: 1 })
  for (const name of ['Account', 'Contact', 'Case', 'CaseComment', 'Lead', 'Opportunity', 'Task', 'ContentDocument']) {
    assert.ok(rowsOf(big, `SELECT Id FROM ${name} WHERE IsDeleted = true`, { all: true }).length > 0, name)
    assert.equal(rowsOf(big, `SELECT Id FROM ${name} WHERE IsDeleted = true`).length, 0, name)
  }
  const merged = rowsOf(org, 'SELECT IsDeleted, MasterRecordId FROM Contact WHERE MasterRecordId != null', {
    all: true,
  })
  assert.equal(merged.length, 1)
  assert.equal(merged[0]?.[0], true)
  assert.ok(org.findRecord(admin, 'Contact', String(merged[0]?.[1])))
})

test('texts are as wild as real ones: quotes, line breaks, other scripts, emoji, and HTML that must not run', () => {
  const texts = recordsOf('Case')
    .map(({ Description }) => Description)
    .join('')
  for (const wild of ['"', '\n', ',', '🙂', '<script>', 'こ']) assert.ok(texts.includes(wild), wild)
})

test('files have the bytes, size and checksum that their records say', () => {
  for (const version of recordsOf('ContentVersion').filter((one) => one.IsDeleted === false)) {
    const bytes = org.readBlob(admin, 'ContentVersion', String(version.Id), 'VersionData')
    assert.ok(bytes)
    assert.equal(bytes.length, version.ContentSize)
    assert.equal(createHash('md5').update(bytes).digest('hex'), version.Checksum)
  }
  for (const attachment of recordsOf('Attachment').filter((one) => one.IsDeleted === false)) {
    assert.equal(org.readBlob(admin, 'Attachment', String(attachment.Id), 'Body')?.length, attachment.BodyLength)
  }
})

test('articles stand in three languages, as drafts, online and archived, and one version of each is online', () => {
  const versions = recordsOf('Knowledge__kav')
  for (const language of ['en_US', 'de', 'fr']) assert.ok(versions.some((one) => one.Language === language))
  for (const status of ['Draft', 'Online', 'Archived']) assert.ok(versions.some((one) => one.PublishStatus === status))
  const online = versions
    .filter((one) => one.PublishStatus === 'Online')
    .map((one) => `${one.KnowledgeArticleId} ${one.Language}`)
  assert.equal(new Set(online).size, online.length)
  assert.ok(versions.every(({ Body__c }) => String(Body__c).includes('<ol><li>')))
})

test('the support agent sees no sales objects, no internal costs and no files of others', () => {
  const seen = org.listObjects(agent).map(({ name }) => name)
  for (const hidden of ['Lead', 'Opportunity', 'Campaign', 'Product2', 'CaseHistory']) {
    assert.ok(!seen.includes(hidden), hidden)
    assert.throws(() => org.getObject(agent, hidden), { errorCode: 'NOT_FOUND', status: 404 })
    assert.throws(() => org.query(agent, `SELECT Id FROM ${hidden}`, { all: false }), { errorCode: 'INVALID_TYPE' })
  }
  assert.throws(() => org.query(agent, 'SELECT Internal_Cost__c FROM Case', { all: false }), {
    errorCode: 'INVALID_FIELD',
  })
  assert.throws(() => org.query(agent, 'SELECT Id FROM Case WHERE Internal_Cost__c > 5', { all: false }), {
    errorCode: 'INVALID_FIELD',
  })
  const owners = rowsOf(org, 'SELECT OwnerId FROM ContentDocument', { viewer: agent })
  assert.ok(owners.every(([owner]) => owner === agent.userId))
  assert.ok(owners.length < rowsOf(org, 'SELECT Id FROM ContentDocument').length)
  assert.ok(
    rowsOf(org, 'SELECT PublishStatus FROM Knowledge__kav', { viewer: agent }).every(([status]) => status === 'Online'),
  )
})

test('access can be taken and given back, object by object and field by field', () => {
  const own = testOrg()
  const { agent: viewer } = signIns(own)
  own.hideField(viewer.userId, 'Case', 'Subject')
  assert.throws(() => own.query(viewer, 'SELECT Subject FROM Case', { all: false }), { errorCode: 'INVALID_FIELD' })
  assert.ok(!own.getObject(viewer, 'Case').fields.some(({ name }) => name === 'Subject'))
  own.showField(viewer.userId, 'Case', 'Subject')
  assert.ok(rowsOf(own, 'SELECT Subject FROM Case', { viewer }).length > 0)
  own.hideObject(viewer.userId, 'CaseComment')
  assert.throws(() => own.query(viewer, 'SELECT Id, (SELECT Id FROM CaseComments) FROM Case', { all: false }), {
    errorCode: 'INVALID_TYPE',
  })
  own.showObject(viewer.userId, 'CaseComment')
  assert.ok(own.getObject(viewer, 'CaseComment'))
})

test('a new field appears on all records without moving their stamps, and can be written', () => {
  const own = testOrg()
  const { admin: viewer } = signIns(own)
  const like = own.getObject(viewer, 'Case').fields.find(({ name }) => name === 'Error_Code__c')
  assert.ok(like)
  const before = rowsOf(own, 'SELECT Id, SystemModstamp FROM Case')
  own.addField('Case', { ...like, name: 'Region__c' }, 'North')
  assert.deepEqual(rowsOf(own, 'SELECT Id, SystemModstamp FROM Case'), before)
  const [first] = rowsOf(own, 'SELECT Id, Region__c FROM Case LIMIT 1')
  assert.equal(first?.[1], 'North')
  own.update(viewer.userId, 'Case', String(first?.[0]), { Region__c: 'South' })
  assert.equal(own.findRecord(viewer, 'Case', String(first?.[0]))?.Region__c, 'South')
})
