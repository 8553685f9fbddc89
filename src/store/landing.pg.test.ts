import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, test } from 'node:test'
import { testDatabase } from '../../test/database.ts'
import { openDatabase, type Pool } from './database.ts'
import {
  copyToLandingTable,
  copyToMirror,
  createLandingTable,
  emptyLandingTable,
  type MergeRule,
  mergeLandingTable,
  PageError,
  type PageTarget,
  removeMissing,
} from './landing.ts'
import type { ColumnType, MirrorColumn } from './mirror.ts'
import { shapeMirrorTable } from './mirror.ts'

const { url } = await testDatabase()
let session: Pool
before(() => {
  session = openDatabase(url, { max: 1, lasting: true })
})
after(() => session.end())

const column = (field: string, type: ColumnType, state: MirrorColumn['state'] = 'live'): MirrorColumn => ({
  field,
  column: field.toLowerCase(),
  type,
  salesforceType: 'string',
  label: field,
  htmlFormatted: false,
  custom: false,
  calculated: false,
  state,
})
const columns = [
  column('Id', 'text'),
  column('Subject', 'text'),
  column('Count__c', 'bigint'),
  column('Amount', 'numeric'),
  column('Due', 'date'),
  column('At', 'time'),
  column('IsDeleted', 'boolean'),
  column('SystemModstamp', 'timestamptz'),
]
const newest: MergeRule = { pullBy: 'updated', versionColumn: 'systemmodstamp', timeColumn: 'systemmodstamp' }
const created: MergeRule = { ...newest, pullBy: 'created' }
const signal = new AbortController().signal

let schemas = 0
/** An empty table of a schema of its own. */
async function newTarget(read = columns): Promise<PageTarget> {
  const target = { schemaName: `org_${++schemas}`, tableName: 'sf_case', objectName: 'Case', columns: read, read }
  await session.unsafe(`create schema ${target.schemaName}`)
  await shapeMirrorTable(session, target)
  await createLandingTable(session, target)
  return target
}

const header = `${columns.map((one) => `"${one.field}"`).join(',')}\n`
const line = (...cells: string[]) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`
const row = (id: string, subject: string, stamp: string, isDeleted = 'false') =>
  line(id, subject, '1', '2.5', '2026-01-02', '03:04:05.000Z', isDeleted, stamp)
const csv = (...chunks: string[]) => ({ body: Readable.from(chunks.map((chunk) => Buffer.from(chunk))), signal })

async function land(target: PageTarget, rule: MergeRule, ...lines: string[]) {
  await emptyLandingTable(session, target)
  await copyToLandingTable(session, target, csv(header, ...lines))
  return session.begin((tx) => mergeLandingTable(tx, target, rule))
}

const rowsOf = async (target: PageTarget) => [
  ...(await session.unsafe(`select * from ${target.schemaName}.sf_case order by id`)),
]
const subjectsOf = async (target: PageTarget) => (await rowsOf(target)).map((found) => found.subject)

test('values arrive as they are in Salesforce, whichever API wrote them', async () => {
  const target = await newTarget()
  const bulk = line(
    '1',
    'a "quoted", \r\nbroken line',
    '12.0',
    '1.0E7',
    '2026-01-02',
    '03:04:05.000Z',
    'true',
    '2026-01-02T03:04:05.000Z',
  )
  const rest = line('2', '', '1.0E7', '-0.10', '', '', 'false', '2026-01-02T03:04:05.000+0000')
  assert.deepEqual(await land(target, newest, bulk, rest), {
    inserted: 2,
    changed: 2,
    deleted: 1,
    newest: new Date('2026-01-02T03:04:05Z'),
  })
  const [one, two] = await session.unsafe(
    `select subject, count__c, amount::text, due::text, at::text, isdeleted, systemmodstamp from ${target.schemaName}.sf_case order by id`,
  )
  const stamp = new Date('2026-01-02T03:04:05Z')
  assert.deepEqual(
    { ...one },
    {
      subject: 'a "quoted", \r\nbroken line',
      count__c: 12,
      amount: '10000000',
      due: '2026-01-02',
      at: '03:04:05',
      isdeleted: true,
      systemmodstamp: stamp,
    },
  )
  assert.deepEqual(
    { ...two },
    {
      subject: null,
      count__c: 10000000,
      amount: '-0.10',
      due: null,
      at: null,
      isdeleted: false,
      systemmodstamp: stamp,
    },
  )
})

test('a text with a line that Postgres once took for the end of the data arrives', async () => {
  const target = await newTarget()
  await land(target, newest, row('1', 'Dear all,\n\\.\nthe end', '2026-01-01T00:00:00Z'))
  const [subject] = await subjectsOf(target)
  assert.match(String(subject), /^Dear all,\n\\\. ?\nthe end$/)
})

test('landing the same page twice changes nothing', async () => {
  const target = await newTarget()
  const page = [row('1', 'one', '2026-01-01T00:00:00Z'), row('2', 'two', '2026-01-01T00:00:00Z')]
  assert.equal((await land(target, newest, ...page)).changed, 2)
  const before = await rowsOf(target)
  assert.deepEqual(await land(target, newest, ...page), {
    inserted: 0,
    changed: 0,
    deleted: 0,
    newest: new Date('2026-01-01T00:00:00Z'),
  })
  assert.deepEqual(await rowsOf(target), before)
})

test('an older copy that arrives late does not replace a newer one', async () => {
  const target = await newTarget()
  await land(target, newest, row('1', 'newer', '2026-01-02T00:00:00Z'))
  assert.equal((await land(target, newest, row('1', 'older', '2026-01-01T00:00:00Z'))).changed, 0)
  assert.deepEqual(await subjectsOf(target), ['newer'])
})

test('a value that changed without a new time stamp arrives, and counts as a change', async () => {
  const target = await newTarget()
  await land(target, newest, row('1', 'formula before', '2026-01-02T00:00:00Z'))
  assert.equal((await land(target, newest, row('1', 'formula after', '2026-01-02T00:00:00Z'))).changed, 1)
  assert.deepEqual(await subjectsOf(target), ['formula after'])
})

test('of two copies in one page the newer one stays', async () => {
  const target = await newTarget()
  await land(target, newest, row('1', 'newer', '2026-01-02T00:00:00Z'), row('1', 'older', '2026-01-01T00:00:00Z'))
  assert.deepEqual(await subjectsOf(target), ['newer'])
})

test('pulled by created time, a row that is here is never changed, not even by its deletion', async () => {
  const target = await newTarget()
  await land(target, created, row('1', 'as pulled', '2026-01-01T00:00:00Z'))
  const merged = await land(
    target,
    created,
    row('1', 'edited', '2026-01-02T00:00:00Z', 'true'),
    row('2', 'new', '2026-01-02T00:00:00Z'),
  )
  assert.deepEqual({ inserted: merged.inserted, changed: merged.changed }, { inserted: 1, changed: 1 })
  assert.deepEqual(
    (await rowsOf(target)).map((found) => [found.subject, found.isdeleted]),
    [
      ['as pulled', false],
      ['new', false],
    ],
  )
})

test('pulled by created time, a column that is new is filled in old rows, and nothing else', async () => {
  const target = await newTarget()
  await land(target, created, row('1', 'as pulled', '2026-01-01T00:00:00Z'))
  const filling = columns.map((one) => (one.field === 'Amount' ? { ...one, state: 'filling' as const } : one))
  await session.unsafe(`update ${target.schemaName}.sf_case set amount = null`)
  await land({ ...target, read: filling }, created, row('1', 'edited', '2026-01-02T00:00:00Z'))
  assert.deepEqual(
    (await rowsOf(target)).map((found) => [found.subject, found.amount]),
    [['as pulled', '2.5']],
  )
})

for (const [name, lines] of [
  ['in its only row', [line('1', 'x', 'not a number', '', '', '', 'false', '')]],
  [
    'far into it',
    [
      ...Array.from({ length: 5_000 }, (_, n) => row(`a${n}`, 'fine '.repeat(50), '2026-01-01T00:00:00Z')),
      line('z', 'x', '1', '2', 'no date', '', 'false', ''),
    ],
  ],
] as const) {
  test(`a page with a bad value ${name} is refused with Postgres's own code, and leaves no row`, {
    timeout: 20_000,
  }, async () => {
    const target = await newTarget()
    await assert.rejects(copyToLandingTable(session, target, csv(header, ...lines)), (error: { code?: string }) =>
      /^22/.test(error.code ?? ''),
    )
    await assert.rejects(
      session.begin((tx) => copyToMirror(tx, target, csv(header, ...lines))),
      (error: { code?: string }) => /^22/.test(error.code ?? ''),
    )
    assert.deepEqual(await rowsOf(target), [])
    // The connection is as good as new.
    assert.equal((await land(target, newest, row('1', 'next', '2026-01-01T00:00:00Z'))).inserted, 1)
  })
}

test('copied straight in, a row that is there already refuses the page as a whole', { timeout: 20_000 }, async () => {
  const target = await newTarget()
  await land(target, newest, row('2', 'there', '2026-01-01T00:00:00Z'))
  const page = csv(header, row('1', 'a', '2026-01-01T00:00:00Z'), row('2', 'b', '2026-01-01T00:00:00Z'))
  await assert.rejects(
    session.begin((tx) => copyToMirror(tx, target, page)),
    { code: '23505' },
  )
  assert.deepEqual(await subjectsOf(target), ['there'])
})

test('copied straight in, rows are counted', async () => {
  const target = await newTarget()
  const page = csv(header, row('1', 'line\nbreak', '2026-01-01T00:00:00Z'), row('2', 'b', '2026-01-01T00:00:00Z'))
  assert.equal(await session.begin((tx) => copyToMirror(tx, target, page)), 2)
})

test('a page cut off on its way leaves no row, and the connection goes on', { timeout: 20_000 }, async () => {
  const target = await newTarget()
  async function* cut() {
    yield Buffer.from(header + row('1', 'whole', '2026-01-01T00:00:00Z'))
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
  }
  const page = { body: Readable.from(cut()), signal }
  await assert.rejects(
    session.begin((tx) => copyToMirror(tx, target, page)),
    { code: 'ECONNRESET' },
  )
  assert.deepEqual(await rowsOf(target), [])
  assert.equal((await land(target, newest, row('1', 'next', '2026-01-01T00:00:00Z'))).inserted, 1)
})

test('a cancelled page leaves no row', { timeout: 20_000 }, async () => {
  const target = await newTarget()
  const control = new AbortController()
  async function* endless() {
    yield Buffer.from(header)
    for (let n = 0; ; n++) {
      if (n === 100) control.abort(new Error('cancelled'))
      yield Buffer.from(row(`${n}`, 'x', '2026-01-01T00:00:00Z'))
    }
  }
  const page = { body: Readable.from(endless()), signal: control.signal }
  await assert.rejects(
    session.begin((tx) => copyToMirror(tx, target, page)),
    { name: 'AbortError' },
  )
  assert.deepEqual(await rowsOf(target), [])
})

test('a page with other columns than were asked for is refused, also when its header comes in pieces', async () => {
  const target = await newTarget()
  const isSpoiled = (error: unknown) => error instanceof PageError && error.spoilsJob
  await assert.rejects(copyToLandingTable(session, target, csv('"Id","Sub', 'ject"\n', '"1","x"\n')), isSpoiled)
  await assert.rejects(
    copyToLandingTable(session, target, csv(header.replace('"Id","Subject"', '"Subject","Id"'))),
    isSpoiled,
  )
  await assert.rejects(copyToLandingTable(session, target, csv('"Id","Sub')), PageError)
  const pieces = [...header.toUpperCase()].map(String)
  assert.equal(await copyToLandingTable(session, target, csv(...pieces, row('1', 'x', '2026-01-01T00:00:00Z'))), 1)
})

test('a page without records may be empty or a header alone', async () => {
  const target = await newTarget()
  assert.equal(await copyToLandingTable(session, target, csv()), 0)
  assert.equal(await copyToLandingTable(session, target, csv(header)), 0)
})

test('after a whole reading, rows that it did not show are marked as deleted', async () => {
  const target = await newTarget()
  const stamp = '2026-01-01T00:00:00Z'
  await land(target, newest, row('1', 'stays', stamp), row('2', 'goes', stamp))
  await land(target, newest, row('1', 'stays', stamp))
  assert.deepEqual(await removeMissing(session, target, null), { removed: 1, isMarked: true, refused: false })
  assert.deepEqual(
    (await rowsOf(target)).map((found) => found.isdeleted),
    [false, true],
  )
  assert.equal((await removeMissing(session, target, null)).removed, 0)
})

test('where an object has no mark for deleted records, rows that are gone are removed, of the parents read', async () => {
  const read = [column('Id', 'text'), column('ParentId', 'text')]
  const target = await newTarget(read)
  const links = `"Id","ParentId"\n${line('1', 'a')}${line('2', 'a')}${line('3', 'b')}`
  const rule = { pullBy: 'updated', versionColumn: null, timeColumn: null } as const
  await copyToLandingTable(session, target, csv(links))
  await mergeLandingTable(session, target, rule)
  await emptyLandingTable(session, target)
  await copyToLandingTable(session, target, csv(`"Id","ParentId"\n${line('1', 'a')}`))
  const removal = await removeMissing(session, target, { column: 'parentid', ids: ['a'] })
  assert.deepEqual(removal, { removed: 1, isMarked: false, refused: false })
  assert.deepEqual(
    (await rowsOf(target)).map((found) => found.id),
    ['1', '3'],
  )
})

test('when everything is missing at once, nothing is removed: lost access looks just like that', async () => {
  const target = await newTarget()
  await land(target, newest, ...Array.from({ length: 10 }, (_, n) => row(`${n}`, 'x', '2026-01-01T00:00:00Z')))
  await emptyLandingTable(session, target)
  assert.deepEqual(await removeMissing(session, target, null), { removed: 0, isMarked: true, refused: true })
})
