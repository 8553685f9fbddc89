import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MirrorColumn } from '../store/mirror.ts'
import type { Stream } from '../store/streams.ts'
import { type ObjectRule, objectsOf } from './objects.ts'
import { type PullSettings, planStream } from './plan.ts'

const windowEnd = new Date('2026-03-01T12:00:00Z')
const checkpoint = new Date('2026-03-01T11:45:00Z')
const pullFrom = new Date('2024-03-01T00:00:00Z')

function ruleOf(name: string): ObjectRule {
  const rules = [...objectsOf('helpdesk'), ...objectsOf('crm'), ...objectsOf('content')]
  const found = rules.find((rule) => rule.name === name)
  assert.ok(found, `no rule for ${name}`)
  return found
}

const column = (field: string, state: MirrorColumn['state'] = 'live'): MirrorColumn => ({
  field,
  column: field.toLowerCase(),
  type: 'text',
  salesforceType: 'string',
  label: field,
  htmlFormatted: false,
  custom: false,
  calculated: false,
  state,
})

const streamOf = (objectName: string, fields: string, changes: Partial<Stream> = {}): Stream => ({
  objectName,
  label: objectName,
  tableName: `sf_${objectName.toLowerCase()}`,
  state: 'live',
  checkpoint: null,
  columns: fields.split(' ').map((field) => column(field)),
  describedAt: null,
  fullReadAt: null,
  rowCount: 0,
  newestRecordAt: null,
  failure: null,
  ...changes,
})

const settings = (changes: Partial<PullSettings> = {}): PullSettings => ({
  schemaName: 'org',
  pullBy: 'updated',
  pullFrom,
  ...changes,
})

function plan(name: string, fields: string, changes: Partial<Stream> = {}, own: Partial<PullSettings> = {}) {
  return planStream(ruleOf(name), { stream: streamOf(name, fields, changes), settings: settings(own), windowEnd })
}

const caseFields = 'Id Subject CreatedDate SystemModstamp'
const select = 'SELECT Id, Subject, CreatedDate, SystemModstamp FROM Case'

for (const [title, found, expected] of [
  [
    'a first load takes what changed since the start date',
    plan('Case', caseFields),
    `${select} WHERE SystemModstamp >= 2024-03-01T00:00:00.000Z AND SystemModstamp <= 2026-03-01T12:00:00.000Z`,
  ],
  [
    'without a start date it takes everything',
    plan('Case', caseFields, {}, { pullFrom: null }),
    `${select} WHERE SystemModstamp <= 2026-03-01T12:00:00.000Z`,
  ],
  [
    'by created time it takes what was created since the start date',
    plan('Case', caseFields, {}, { pullBy: 'created' }),
    `${select} WHERE CreatedDate >= 2024-03-01T00:00:00.000Z AND CreatedDate <= 2026-03-01T12:00:00.000Z`,
  ],
  [
    'later windows reach ten minutes back behind the checkpoint',
    plan('Case', caseFields, { checkpoint }),
    `${select} WHERE SystemModstamp >= 2026-03-01T11:35:00.000Z AND SystemModstamp <= 2026-03-01T12:00:00.000Z`,
  ],
  [
    'the overlap does not reach back behind the start date',
    plan('Case', caseFields, { checkpoint: new Date('2024-03-01T00:01:00Z') }),
    `${select} WHERE SystemModstamp >= 2024-03-01T00:00:00.000Z AND SystemModstamp <= 2026-03-01T12:00:00.000Z`,
  ],
  [
    'people and companies are whole, whatever the start date',
    plan('Account', 'Id SystemModstamp'),
    'SELECT Id, SystemModstamp FROM Account WHERE SystemModstamp <= 2026-03-01T12:00:00.000Z',
  ],
  [
    'history goes by the one time it has',
    plan('CaseHistory', 'Id CreatedDate', { checkpoint }),
    'SELECT Id, CreatedDate FROM CaseHistory WHERE CreatedDate >= 2026-03-01T11:35:00.000Z AND CreatedDate <= 2026-03-01T12:00:00.000Z',
  ],
  [
    'where SystemModstamp is missing, LastModifiedDate tells',
    plan('Case', 'Id LastModifiedDate CreatedDate', { checkpoint }),
    'SELECT Id, LastModifiedDate, CreatedDate FROM Case WHERE LastModifiedDate >= 2026-03-01T11:35:00.000Z AND LastModifiedDate <= 2026-03-01T12:00:00.000Z',
  ],
  [
    'a snapshot takes all of it',
    plan('CaseStatus', 'Id ApiName', { checkpoint }),
    'SELECT Id, ApiName FROM CaseStatus',
  ],
] as const) {
  test(title, () => assert.deepEqual(found.queries, [expected]))
}

test('articles are asked for by publish state, since archived ones show in no other way', () => {
  const { queries, counts } = plan('Knowledge__kav', 'Id SystemModstamp', { checkpoint }, { pullFrom: null })
  assert.equal(queries.length, 3)
  assert.match(queries[2] ?? '', /WHERE PublishStatus = 'Archived' AND IsLatestVersion = false AND SystemModstamp >= /)
  assert.match(
    counts[0] ?? '',
    /^SELECT COUNT\(\) FROM Knowledge__kav WHERE PublishStatus = 'Online' AND SystemModstamp >= /,
  )
})

test('a column that is gone is not asked for, one that is being filled is', () => {
  const columns = [column('Id'), column('Old__c', 'gone'), column('New__c', 'filling'), column('SystemModstamp')]
  const { queries, target } = plan('Case', caseFields, { columns, checkpoint })
  assert.match(queries[0] ?? '', /^SELECT Id, New__c, SystemModstamp FROM/)
  assert.equal(target.columns.length, 4)
})

for (const [title, found, kind] of [
  ['without a checkpoint everything is to be loaded', plan('Case', caseFields), 'backfill'],
  ['with one, what changed', plan('Case', caseFields, { checkpoint }), 'changes'],
  ['a stream with no time at all is read whole', plan('Case', 'Id Subject', { checkpoint }), 'snapshot'],
  [
    'a small list is read in every run',
    plan('CaseStatus', 'Id', { checkpoint, rowCount: 8, fullReadAt: windowEnd }),
    'snapshot',
  ],
  [
    'a long list that was read today is left for tomorrow',
    plan('Group', 'Id', { checkpoint, rowCount: 5_000, fullReadAt: checkpoint }),
    'skip',
  ],
  [
    'a long list is read once a day',
    plan('Group', 'Id', { checkpoint, rowCount: 5_000, fullReadAt: new Date('2026-02-28T11:00:00Z') }),
    'snapshot',
  ],
  ['links go by their documents', plan('ContentDocumentLink', 'Id SystemModstamp'), 'by-parents'],
] as const) {
  test(title, () => assert.equal(found.kind, kind))
}

test('by created time nothing is taken out of a list, whatever is missing from it', () => {
  assert.equal(plan('CaseStatus', 'Id CreatedDate', {}, { pullBy: 'created' }).removesMissing, false)
  assert.equal(plan('CaseStatus', 'Id CreatedDate').removesMissing, true)
  assert.equal(plan('Case', caseFields).removesMissing, false)
})

test('the newer copy is told by SystemModstamp, also when windows go by created time', () => {
  const { merge } = plan('Case', caseFields, {}, { pullBy: 'created' })
  assert.deepEqual(merge, { pullBy: 'created', versionColumn: 'systemmodstamp', timeColumn: 'createddate' })
})

test('every capability pulls the people that its records point at, and each object once', () => {
  for (const capability of ['helpdesk', 'crm', 'content'] as const) {
    const names = objectsOf(capability).map((rule) => rule.name)
    assert.ok(names.includes('User') && names.includes('Group'))
    assert.equal(new Set(names).size, names.length)
    // All first pages of a run fit into one API call.
    assert.ok(objectsOf(capability).reduce((sum, rule) => sum + Math.max(1, rule.slices.length), 0) <= 21)
  }
})
