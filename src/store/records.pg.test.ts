import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../../test/database.ts'
import { createMirror, type Fields, standardFields } from '../../test/mirror.ts'
import { LooplineError } from '../errors.ts'
import { deleteIntegration } from './integrations.ts'
import type { Order } from './record-cursor.ts'
import { type Filter, listRecords, type RecordSource, readSources } from './records.ts'

const { sql } = await testDatabase()

const fields: Fields = {
  ...standardFields,
  Name: 'text',
  Amount: 'numeric',
  StageName: 'text',
  IsWon: 'boolean',
  IsClosed: 'boolean',
  CloseDate: 'date',
  OwnerId: 'text',
}

/** Deals with equal times, equal and missing amounts, some of them deleted. */
function deals(count: number) {
  return Array.from({ length: count }, (_, n) => ({
    Id: `006${String(n).padStart(15, '0')}`,
    IsDeleted: n % 10 === 9,
    CreatedDate: `2026-01-0${1 + (n % 3)}T00:00:00.00${n % 2}Z`,
    SystemModstamp: '2026-02-01T00:00:00Z',
    Name: `Deal ${n % 7}`,
    Amount: n % 4 === 0 ? null : (n % 5) * 9.5,
    StageName: ['Prospecting', 'Closed Won', 'Closed Lost'][n % 3] ?? '',
    IsWon: n % 3 === 1,
    IsClosed: n % 3 !== 0,
    CloseDate: n % 6 === 0 ? null : '2026-03-01',
    OwnerId: n % 2 ? '005A' : '005B',
  }))
}

const one = await createMirror(sql, { name: 'North', capability: 'crm', objects: { Opportunity: fields } })
const other = await createMirror(sql, { name: 'South', capability: 'crm', objects: { Opportunity: fields } })
await one.add('Opportunity', deals(60))
// The same org twice: the same Salesforce ids in both.
await other.add('Opportunity', deals(45))
await createMirror(sql, { name: 'Support', capability: 'helpdesk', objects: {} })

const orders: readonly Omit<Order, 'name' | 'descending'>[] = [
  { column: 'created_at', type: 'timestamptz', nullable: false },
  { column: 'name', type: 'text', nullable: true },
  { column: 'amount', type: 'numeric', nullable: true },
  { column: 'close_date', type: 'date', nullable: true },
]

const newestFirst: Order = {
  name: 'createdAt',
  column: 'created_at',
  type: 'timestamptz',
  descending: true,
  nullable: false,
}

interface Listing {
  order: Order
  filters?: readonly Filter[]
  integrationId?: string
  /** Called between two pages. */
  meanwhile?: (page: number) => Promise<unknown>
}

/** All pages of 7, one after the other. */
async function readAll({ order, filters = [], integrationId, meanwhile }: Listing) {
  const rows: { id: string; value: unknown; integrationId: string }[] = []
  let cursor: string | undefined
  for (let page = 1; ; page++) {
    const found = await readSources(sql, { views: ['deals'], integrationId }, (sources: readonly RecordSource[]) =>
      listRecords(sql, {
        sources,
        filters,
        order,
        cursor,
        limit: 7,
        columns: () => ['id', 'remote_id', order.column, 'outcome'],
      }),
    )
    assert.ok(found.records.length <= 7)
    for (const { row, source } of found.records) {
      rows.push({ id: String(row.id), value: row[order.column], integrationId: source.integrationId })
    }
    if (found.nextCursor === null) return rows
    cursor = found.nextCursor
    await meanwhile?.(page)
  }
}

test('two integrations read as one list: every record once and in order, whatever it is sorted by', async () => {
  const expected = [...deals(60), ...deals(45)].filter((deal) => !deal.IsDeleted).length
  for (const basis of orders) {
    for (const descending of [false, true]) {
      const order: Order = { ...basis, name: basis.column, descending }
      const rows = await readAll({ order })
      assert.equal(rows.length, expected, `${order.column} ${descending}`)
      assert.equal(new Set(rows.map((row) => row.id)).size, expected)
      assert.ok(inOrder(rows, order), `${order.column} ${descending ? 'descending' : 'ascending'}`)
    }
  }
})

/** Nulls last in both directions. */
function inOrder(rows: readonly { value: unknown }[], { type, descending }: Order): boolean {
  const read = (value: unknown) => (type === 'numeric' ? Number(value) : String(value))
  return rows.every(({ value }, n) => {
    const before = rows[n - 1]?.value
    if (n === 0 || value === null) return true
    if (before === null) return false
    return descending ? read(before) >= read(value) : read(before) <= read(value)
  })
}

test('records that come, change and go between two pages shift nothing: the others come exactly once', async () => {
  const moving = await createMirror(sql, { name: 'Moving', capability: 'crm', objects: { Opportunity: fields } })
  await moving.add('Opportunity', deals(40))
  const table = sql`${sql(moving.schemaName)}.sf_opportunity`
  const before = await readAll({ order: newestFirst, integrationId: moving.id })
  const newcomer = { ...deals(1)[0], Id: '006new', CreatedDate: '2026-06-01T00:00:00Z', IsDeleted: false }
  const rows = await readAll({
    order: newestFirst,
    integrationId: moving.id,
    meanwhile: async (page) => {
      if (page === 1) await moving.add('Opportunity', [newcomer])
      // Behind the cursor and at it: neither may move the next page.
      if (page === 2) await sql`update ${table} set isdeleted = true where id = ${before[13]?.id.split('-')[1] ?? ''}`
      if (page === 3) await sql`update ${table} set name = 'changed', systemmodstamp = now()`
    },
  })
  assert.deepEqual(
    rows.map((row) => row.id),
    before.map((row) => row.id),
  )
})

test('filters hold together, and several values of one mean any of them', async () => {
  const outcomes = async (filters: Filter[], integrationId?: string) =>
    (await readAll({ order: newestFirst, filters, ...(integrationId && { integrationId }) })).length
  const count = (wanted: (deal: ReturnType<typeof deals>[number]) => boolean, many: number) =>
    deals(many).filter((deal) => !deal.IsDeleted && wanted(deal)).length
  assert.equal(
    await outcomes([{ column: 'outcome', isOneOf: ['won'] }], one.id),
    count((deal) => deal.IsWon, 60),
  )
  assert.equal(
    await outcomes([{ column: 'outcome', isOneOf: ['won', 'open', 'won'] }], one.id),
    count((deal) => deal.IsWon || !deal.IsClosed, 60),
  )
  assert.equal(
    await outcomes(
      [
        { column: 'outcome', isOneOf: ['lost'] },
        { column: 'owner_remote_id', is: '005A' },
        { column: 'created_at', from: '2026-01-02T00:00:00.001Z' },
        { column: 'created_at', until: '2026-01-03T00:00:00.000Z' },
      ],
      other.id,
    ),
    count(
      (deal) =>
        deal.IsClosed &&
        !deal.IsWon &&
        deal.OwnerId === '005A' &&
        deal.CreatedDate >= '2026-01-02T00:00:00.001Z' &&
        deal.CreatedDate <= '2026-01-03T00:00:00.000Z',
      45,
    ),
  )
  assert.equal(await outcomes([{ column: 'outcome', isOneOf: ["won' or true --"] }]), 0)
})

test('a cursor of another order, or one that somebody made up, is refused with a reason', async () => {
  const sources = await readSources(sql, { views: ['deals'] }, async (found) => found)
  const page = (order: Order, cursor?: string) =>
    listRecords(sql, { sources, filters: [], order, cursor, limit: 5, columns: () => ['id', 'remote_id'] })
  const { nextCursor } = await page(newestFirst)
  assert.ok(nextCursor)
  const isRefused = (error: unknown) => error instanceof LooplineError && error.failure.code === 'CURSOR_INVALID'
  await assert.rejects(page({ ...newestFirst, name: 'other' }, nextCursor), isRefused)
  const forged = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url')
  for (const cursor of [
    '',
    'x',
    '{}',
    forged(['createdAt', 'not a time', '006', 'i']),
    forged(['createdAt', null, '006', 'i']),
    forged(['createdAt', '2026-01-01 00:00:00+00', "006'", 'i']),
    forged(['createdAt', '2026-01-01 00:00:00+00', '006']),
  ]) {
    await assert.rejects(page(newestFirst, cursor), isRefused, cursor)
  }
})

test('an integration that is deleted while its records are listed is simply no longer there', async () => {
  const leaving = await createMirror(sql, { name: 'Leaving', capability: 'crm', objects: { Opportunity: fields } })
  await leaving.add('Opportunity', deals(3))
  let asked = 0
  const found = await readSources(sql, { views: ['deals'], integrationId: leaving.id }, async (sources) => {
    if (asked++ === 0) {
      assert.equal(sources.length, 1)
      await deleteIntegration(sql, leaving)
    }
    return listRecords(sql, { sources, filters: [], order: newestFirst, limit: 5, columns: () => ['id', 'remote_id'] })
  })
  assert.deepEqual([asked, found.records, found.nextCursor], [2, [], null])
})
