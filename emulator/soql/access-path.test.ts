import assert from 'node:assert/strict'
import test from 'node:test'
import { createOrg } from '../org/create-org.ts'
import { idOfSlot } from '../org/ids.ts'
import type { Viewer } from '../org/model.ts'
import { objectSchemas } from '../org/schemas.ts'
import { createTable } from '../org/table.ts'
import { ANCHOR, rowsOf, signIns } from '../org/test-org.ts'
import type { Database } from './database.ts'
import { runQuery } from './query.ts'

const MILLIONS = 3_000_000
const viewer: Viewer = { userId: '005', permissions: new Set() }

/** Three million cases, one per second up to the anchor, and a count of how many values were read. */
function millions() {
  const schema = objectSchemas.get('Case')
  assert.ok(schema)
  const reads = { count: 0 }
  const counted =
    <T>(column: (slot: number) => T) =>
    (slot: number) => {
      reads.count++
      return column(slot)
    }
  const createdAt = (slot: number) => ANCHOR - (MILLIONS - slot) * 1000
  const table = createTable(schema, {
    slots: MILLIONS,
    createdAt,
    children: { ContactId: () => [10, 20] },
    columns: {
      CreatedDate: counted(createdAt),
      SystemModstamp: counted(createdAt),
      LastModifiedDate: counted(createdAt),
      Subject: counted((slot) => `Case ${slot}`),
      ContactId: counted((slot) => idOfSlot('003', slot)),
    },
  })
  const db: Database = {
    table: () => table,
    visibleObject: () => schema,
    visibleObjects: () => [schema],
    now: () => ANCHOR,
    anchor: ANCHOR,
  }
  return { table, reads, ask: (soql: string) => runQuery(db, viewer, soql, { all: false, bulk: true }) }
}

const iso = (at: number) => new Date(at).toISOString()

test('a page of millions costs its own rows only', () => {
  const { reads, ask } = millions()
  const rows = ask('SELECT Id, Subject FROM Case').rows()[Symbol.iterator]()
  for (let n = 0; n < 2000; n++) rows.next()
  assert.equal(reads.count, 2000)
})

test('the newest of millions are found without sorting them', () => {
  const { reads, ask } = millions()
  assert.deepEqual(
    [...ask('SELECT Subject FROM Case ORDER BY CreatedDate DESC LIMIT 2').rows()],
    [[`Case ${MILLIONS - 1}`], [`Case ${MILLIONS - 2}`]],
  )
  assert.equal(reads.count, 2)
})

test('a question for changes after the seeded time looks only at what changed', () => {
  const { table, reads, ask } = millions()
  table.write(77, { Subject: 'changed', SystemModstamp: ANCHOR + 60_000 })
  table.insert(MILLIONS, { Subject: 'new', CreatedDate: ANCHOR + 90_000, SystemModstamp: ANCHOR + 90_000 })
  const since = iso(ANCHOR + 1000)
  assert.deepEqual(
    [
      ...ask(
        `SELECT Subject FROM Case WHERE SystemModstamp >= ${since} AND SystemModstamp < ${iso(ANCHOR + 80_000)}`,
      ).rows(),
    ],
    [['changed']],
  )
  assert.deepEqual([...ask(`SELECT Subject FROM Case WHERE CreatedDate > ${since}`).rows()], [['new']])
  assert.ok(reads.count < 10, `${reads.count} values were read`)
})

test('a window that reaches back into the seeded time is walked once, then looked up', () => {
  const { table, reads, ask } = millions()
  const soql = `SELECT Subject FROM Case WHERE SystemModstamp >= ${iso(ANCHOR - 10_000)} AND SystemModstamp < ${iso(ANCHOR + 10_000)}`
  assert.equal([...ask(soql).rows()].length, 10)
  assert.equal(reads.count < MILLIONS * 1.1, true)
  table.write(77, { Subject: 'changed', SystemModstamp: ANCHOR + 5_000 })
  table.write(MILLIONS - 1, { Subject: 'later', SystemModstamp: ANCHOR + 50_000 })
  const before = reads.count
  assert.deepEqual([...ask(soql).rows()].map(String).slice(0, 2), ['changed', `Case ${MILLIONS - 10}`])
  assert.equal([...ask(soql).rows()].length, 10)
  assert.ok(reads.count - before < 200, `${reads.count - before} values were read`)
})

test('a window of creation times walks only that window', () => {
  const { reads, ask } = millions()
  const soql = `SELECT Subject FROM Case WHERE CreatedDate >= ${iso(ANCHOR - 5_000_000)} AND CreatedDate < ${iso(ANCHOR - 4_900_000)}`
  assert.equal([...ask(soql).rows()].length, 100)
  assert.ok(reads.count < 1000, `${reads.count} values were read`)
})

test('ids and parents lead straight to their records, also where a record moved to another parent since', () => {
  const { table, reads, ask } = millions()
  const ids = [5, 2_000_000].map((slot) => `'${idOfSlot('500', slot)}'`).join(', ')
  assert.deepEqual([...ask(`SELECT Subject FROM Case WHERE Id IN (${ids})`).rows()], [['Case 5'], ['Case 2000000']])
  const parent = idOfSlot('003', 20)
  table.write(99, { ContactId: parent })
  assert.deepEqual(
    [...ask(`SELECT Subject FROM Case WHERE ContactId = '${parent}'`).rows()],
    [['Case 20'], ['Case 99']],
  )
  assert.ok(reads.count < 20, `${reads.count} values were read`)
})

test('an org of three million cases opens at once and keeps none of them', () => {
  const before = process.memoryUsage().heapUsed
  const org = createOrg({ seed: 1, scale: 1000, anchor: ANCHOR })
  assert.equal(rowsOf(org, 'SELECT Id, Subject, Account.Name FROM Case LIMIT 2000').length, 2000)
  const [newest] = rowsOf(org, 'SELECT Id, CaseNumber FROM Case ORDER BY CreatedDate DESC LIMIT 1')
  assert.ok(Number(newest?.[1]) > 2_900_000)
  assert.equal(org.findRecord(signIns(org).admin, 'Case', String(newest?.[0]))?.CaseNumber, newest?.[1])
  assert.ok(rowsOf(org, `SELECT Id FROM CaseHistory WHERE CaseId = '${newest?.[0]}'`).length > 0)
  assert.ok(process.memoryUsage().heapUsed - before < 60_000_000)
})

test('a range of ids among millions costs its own rows only', () => {
  const { reads, ask } = millions()
  const [from, to] = [idOfSlot('500', 1_000_000), idOfSlot('500', 1_000_250)]
  assert.equal([...ask(`SELECT Subject FROM Case WHERE Id >= '${from}' AND Id < '${to}'`).rows()].length, 250)
  assert.equal([...ask(`SELECT Subject FROM Case WHERE Id > '${from}' AND Id <= '${to}'`).rows()].length, 250)
  assert.ok(reads.count < 1000, String(reads.count))
})
