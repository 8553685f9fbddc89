import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { testDatabase } from '../../test/database.ts'
import { openDatabase, type Pool } from '../store/database.ts'
import {
  copyToLandingTable,
  createLandingTable,
  emptyLandingTable,
  mergeLandingTable,
  type PageTarget,
} from '../store/landing.ts'
import { type ColumnType, type MirrorColumn, shapeMirrorTable } from '../store/mirror.ts'
import { csvOf } from './csv.ts'

const { url } = await testDatabase()
const { signal } = new AbortController()
let session: Pool
before(async () => {
  session = openDatabase(url, { max: 1, lasting: true })
  await session`create schema org_properties`
  await shapeMirrorTable(session, target)
  await createLandingTable(session, target)
})
after(() => session.end())

const column = (field: string, type: ColumnType): MirrorColumn => ({
  field,
  column: field.toLowerCase(),
  type,
  salesforceType: 'string',
  label: field,
  htmlFormatted: false,
  custom: false,
  calculated: false,
  state: 'live',
})
const columns = [column('Id', 'text'), column('Subject', 'text'), column('SystemModstamp', 'timestamptz')]
const target: PageTarget = {
  schemaName: 'org_properties',
  tableName: 'sf_case',
  objectName: 'Case',
  columns,
  read: columns,
}
const fields = columns.map(({ field }) => field)

interface Copy {
  readonly Id: string
  readonly Subject: string | null
  readonly SystemModstamp: string
}

async function emptyMirror(): Promise<void> {
  await session`truncate org_properties.sf_case`
}

async function land(page: readonly Copy[]): Promise<void> {
  await emptyLandingTable(session, target)
  await copyToLandingTable(session, target, {
    body: csvOf(
      page.map((copy) => ({ ...copy })),
      fields,
    ),
    signal,
  })
  await mergeLandingTable(session, target, {
    pullBy: 'updated',
    versionColumn: 'systemmodstamp',
    timeColumn: 'systemmodstamp',
  })
}

const stampOf = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()

test('whatever text a record holds arrives as it is, but for NULs, which Postgres has no place for', async () => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 60 }), { minLength: 1, maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(texts, async (subjects) => {
      await emptyMirror()
      await land(subjects.map((Subject, index) => ({ Id: String(index), Subject, SystemModstamp: stampOf(0) })))
      const rows = await session<
        { id: string; subject: string | null }[]
      >`select id, subject from org_properties.sf_case`
      const landed = new Map(rows.map((row) => [row.id, row.subject]))
      assert.deepEqual(
        subjects.map((_, index) => landed.get(String(index))),
        // Salesforce has no empty texts: they are null.
        subjects.map((subject) => subject.replaceAll('\0', '').toWellFormed() || null),
      )
    }),
    { numRuns: 60 },
  )
})

test('in whatever order and however often pages land, each record ends with its newest copy', async () => {
  const copy = fc.record({ id: fc.integer({ min: 0, max: 8 }), second: fc.integer({ min: 0, max: 20 }) })
  const pages = fc.array(fc.array(copy, { maxLength: 12 }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(pages, async (history) => {
      await emptyMirror()
      const newest = new Map<string, number>()
      for (const page of history) {
        // One copy of a record at one time is always the same copy.
        await land(
          page.map(({ id, second }) => ({
            Id: `500${id}`,
            Subject: `as of ${second}`,
            SystemModstamp: stampOf(second),
          })),
        )
        for (const { id, second } of page) newest.set(`500${id}`, Math.max(newest.get(`500${id}`) ?? -1, second))
      }
      const rows = await session<{ id: string; subject: string }[]>`select id, subject from org_properties.sf_case`
      assert.deepEqual(
        rows.map(({ id, subject }) => `${id} ${subject}`).sort(),
        [...newest].map(([id, second]) => `${id} as of ${second}`).sort(),
      )
    }),
    { numRuns: 25 },
  )
})
