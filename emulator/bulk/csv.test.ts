import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResultColumn } from '../org/model.ts'
import { csvRowWriter, DELIMITERS, findLineStart, LINE_ENDINGS, writeCsvHeader } from './csv.ts'

const columns: ResultColumn[] = [
  { path: 'Id', type: 'id' },
  { path: 'Owner.Name', type: 'string' },
  { path: 'IsClosed', type: 'boolean' },
  { path: 'CreatedDate', type: 'datetime' },
  { path: 'Amount', type: 'currency' },
  { path: 'Count__c', type: 'int' },
  { path: 'Due__c', type: 'date' },
]
const plain = { columnDelimiter: 'COMMA', lineEnding: 'LF' } as const

test('every value is quoted, quotes are doubled, null is empty, datetimes end in Z, doubles have a point', () => {
  const row = ['500', 'Jo "Dot" Doe,\nLtd', true, Date.UTC(2026, 0, 2, 3, 4, 5, 6), 12, 7, '2026-01-02']
  const write = csvRowWriter(columns, plain)
  assert.equal(write(row), '"500","Jo ""Dot"" Doe,\nLtd","true","2026-01-02T03:04:05.006Z","12.0","7","2026-01-02"\n')
  assert.equal(write([null, null, false, null, 1e7, null, null]), '"","","false","","1.0E7","",""\n')
})

test('the header has the paths as they were asked for', () => {
  assert.equal(
    writeCsvHeader(columns, plain),
    '"Id","Owner.Name","IsClosed","CreatedDate","Amount","Count__c","Due__c"\n',
  )
})

test('each delimiter and each line ending is the one asked for', () => {
  for (const columnDelimiter of Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[]) {
    for (const lineEnding of Object.keys(LINE_ENDINGS) as (keyof typeof LINE_ENDINGS)[]) {
      const dialect = { columnDelimiter, lineEnding }
      const [sign, end] = [DELIMITERS[columnDelimiter], LINE_ENDINGS[lineEnding]]
      assert.equal(csvRowWriter(columns.slice(0, 2), dialect)(['a', 'b\nc']), `"a"${sign}"b\nc"${end}`)
      assert.equal(writeCsvHeader(columns.slice(0, 2), dialect), `"Id"${sign}"Owner.Name"${end}`)
    }
  }
  assert.deepEqual(Object.values(DELIMITERS).join(''), '`^,|;\t')
})

test('lines are counted by their ends, not by line breaks inside values', () => {
  const csv = '"a\nb","1"\n"c ""\n"" d","2"\n"e","3"\n'
  assert.equal(csv.slice(findLineStart(csv, 1)), '"c ""\n"" d","2"\n"e","3"\n')
  assert.equal(csv.slice(findLineStart(csv, 2)), '"e","3"\n')
  assert.equal(csv.slice(findLineStart(csv, 3)), '')
})
