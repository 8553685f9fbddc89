import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CsvDialect } from './csv.ts'
import { parseCsv, readCsv } from './csv-read.ts'
import { JobFailure } from './job-failure.ts'

const plain: CsvDialect = { columnDelimiter: 'COMMA', lineEnding: 'LF' }
const cellsOf = (text: string, dialect = plain) => parseCsv(text, dialect).map(({ cells }) => cells)

test('quotes hold delimiters, line breaks and doubled quotes; spaces belong to the value', () => {
  assert.deepEqual(cellsOf('Id,Name\n1,"a, ""b""\nc"\n2, d \n,""\n'), [
    ['Id', 'Name'],
    ['1', 'a, "b"\nc'],
    ['2', ' d '],
    ['', ''],
  ])
})

test('a byte order mark, empty lines and a missing last line break are no rows and no part of a name', () => {
  assert.deepEqual(cellsOf('\uFEFFName\n\na\n\n"b"'), [['Name'], ['a'], ['b']])
})

test('each delimiter and line ending is read as the job says', () => {
  for (const [columnDelimiter, sign] of [
    ['BACKQUOTE', '`'],
    ['CARET', '^'],
    ['PIPE', '|'],
    ['SEMICOLON', ';'],
    ['TAB', '\t'],
  ] as const) {
    const text = `A${sign}B\r\n"1${sign}2"${sign}x,y\r\n`
    assert.deepEqual(cellsOf(text, { columnDelimiter, lineEnding: 'CRLF' }), [
      ['A', 'B'],
      [`1${sign}2`, 'x,y'],
    ])
  }
})

test('lines that end otherwise than the job says are refused in the words of an org', () => {
  const isRefusal = (setting: string) => (error: unknown) =>
    error instanceof JobFailure &&
    error.code === 'ClientInputError' &&
    error.message === `LineEnding is invalid on user data. Current LineEnding setting is ${setting}`
  assert.throws(() => cellsOf('A\r\n1\r\n'), isRefusal('LF'))
  assert.throws(() => cellsOf('A\n1\n', { ...plain, lineEnding: 'CRLF' }), isRefusal('CRLF'))
})

test('a quote in the wrong place is an error of its row alone', () => {
  const rows = parseCsv('A,B\n"1", "2"\n3,4"\n"5","6"\n', plain)
  assert.deepEqual(
    rows.map(({ isMalformed }) => isMalformed),
    [false, true, true, false],
  )
})

test('a record of more than 400,000 characters is refused in the words of Salesforce, and so is a quote that never closes', async () => {
  const isRefusal = (length: number) => (error: unknown) =>
    error instanceof JobFailure &&
    error.message ===
      `Exceeded max length for one record: ${length}. Max length for one record should be less than or equal to 400000`
  assert.equal(cellsOf(`A\n"${'""'.repeat(400_000)}"\n`).length, 2)
  assert.throws(() => cellsOf(`A,B\n1,${'x'.repeat(400_000)}\n`), isRefusal(400_001))
  let sent = 0
  async function* endless() {
    yield 'A\n"'
    for (; sent < 1000; sent += 1) yield 'x\n'.repeat(5000)
  }
  await assert.rejects(async () => {
    for await (const _ of readCsv(endless(), plain));
  }, isRefusal(800_001))
  assert.ok(sent < 100)
})

test('rows are the same wherever the text is cut into pieces', async () => {
  const text = 'Id,Text\n1,"a ""quoted"" thing"\n2,"two\nlines"\n3,\n4,"x"'
  for (let size = 1; size < text.length; size += 1) {
    const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, n) => text.slice(n * size, (n + 1) * size))
    const rows = []
    for await (const { cells } of readCsv(ReadableStream.from(pieces), plain)) rows.push(cells)
    assert.deepEqual(rows, cellsOf(text))
  }
})
