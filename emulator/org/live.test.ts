import assert from 'node:assert/strict'
import test from 'node:test'
import { startLive } from './live.ts'
import type { Change } from './model.ts'
import { everything, rowsOf, testOrg } from './test-org.ts'

const journal: Change[] = []
const lived = testOrg({ onChange: (change) => journal.push(change) })
const live = startLive(lived, { changesPerMinute: 0, seed: 7, slowAtTimes: true })
for (let n = 0; n < 400; n++) live.step()
live.stop()

test('a few hundred steps of life touch everything that people do in the org', () => {
  const seen = new Set(journal.map(({ kind, objectName }) => `${kind} ${objectName}`))
  for (const expected of [
    'create Case',
    'update Case',
    'delete Case',
    'undelete Case',
    'create CaseComment',
    'delete CaseComment',
    'create CaseHistory',
    'create EmailMessage',
    'create FeedItem',
    'create Lead',
    'update Lead',
    'create Account',
    'update Account',
    'create Contact',
    'update Contact',
    'create Opportunity',
    'update Opportunity',
    'create OpportunityHistory',
    'create OpportunityLineItem',
    'create Task',
    'update Task',
    'delete Task',
    'create Knowledge__kav',
    'update Knowledge__kav',
  ]) {
    assert.ok(seen.has(expected), expected)
  }
  const converted = journal.some(({ objectName, fields }) => objectName === 'Lead' && fields?.IsConverted === true)
  assert.ok(converted, 'no lead was converted')
})

test('some of life shows itself later than it is stamped', () => {
  assert.ok(journal.some(({ late, at }) => late !== undefined && late.dueAt > at))
})

test('replaying the journal on a fresh org makes the identical org', () => {
  const replayed = testOrg({ onChange: () => assert.fail('a replayed change is not journalled again') })
  for (const change of JSON.parse(JSON.stringify(journal)) as Change[]) replayed.replay(change)
  const expected = everything(lived)
  const found = everything(replayed)
  for (const [name, records] of expected) assert.deepEqual(found.get(name), records, name)
})

test('life is repeatable: the same seed does the same things', () => {
  const again: Change[] = []
  const other = startLive(testOrg({ onChange: (change) => again.push(change) }), {
    changesPerMinute: 0,
    seed: 7,
    slowAtTimes: true,
  })
  for (let n = 0; n < 40; n++) other.step()
  assert.deepEqual(again, journal.slice(0, again.length))
})

test('an article keeps one version online however often it is published', () => {
  const online = rowsOf(
    lived,
    "SELECT KnowledgeArticleId, Language FROM Knowledge__kav WHERE PublishStatus = 'Online'",
  ).map(String)
  assert.equal(new Set(online).size, online.length)
})
