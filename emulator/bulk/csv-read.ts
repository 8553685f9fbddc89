/** CSV as the Bulk APIs take it (salesforce-api.md 5.4), read as it comes in, so that its size doesn't matter. */
import { type CsvDialect, DELIMITERS } from './csv.ts'
import { JobFailure } from './job-failure.ts'

const LONGEST_HEADER = 32_000
/** Characters of a record (salesforce-api.md 5.3). */
const LONGEST_RECORD = 400_000

export interface CsvRow {
  readonly cells: readonly string[]
  /** Quotes that don't begin and end a value: an error of this row alone. */
  readonly isMalformed: boolean
}

/** The rows, the header first. Throws JobFailure when the lines don't end as the job says, or one is too long. */
export async function* readCsv(text: AsyncIterable<string>, dialect: CsvDialect): AsyncGenerator<CsvRow> {
  const read = rowReader(dialect)
  let waiting = ''
  for await (const chunk of text) {
    waiting += chunk
    const { rows, end } = read(waiting, false)
    yield* rows
    waiting = waiting.slice(end)
    // A quote that is never closed would gather the whole rest; a record with nothing but quotes is twice as long as it says.
    if (waiting.length > 2 * LONGEST_RECORD) throw tooLong(waiting.length)
  }
  yield* read(waiting, true).rows
}

/** The rows of a text that is there as a whole. */
export function parseCsv(text: string, dialect: CsvDialect): CsvRow[] {
  return rowReader(dialect)(text, true).rows
}

/** Takes the rows off the beginning of a text, again and again; `isLast` when no more of it will come. */
function rowReader(dialect: CsvDialect): (text: string, isLast: boolean) => { rows: CsvRow[]; end: number } {
  let isHeader = true
  return (text, isLast) => {
    const rows: CsvRow[] = []
    // A byte order mark is no part of the first column's name.
    let end = isHeader && text.startsWith('\uFEFF') ? 1 : 0
    for (;;) {
      const row = takeRow(text, end, { dialect, isLast })
      if (!row) return { rows, end }
      if (isHeader) checkHeader(text.slice(end, row.end), dialect)
      if (row.end - end > LONGEST_RECORD) checkLength(row)
      isHeader = false
      end = row.end
      const isEmpty = row.cells.length === 1 && row.cells[0] === ''
      if (!isEmpty) rows.push(row)
    }
  }
}

/** `ClientInputError : LineEnding is invalid on user data. ...`, as real orgs say (https://github.com/forcedotcom/cli/issues/3113). */
function checkHeader(line: string, { lineEnding }: CsvDialect): void {
  const ends = line.endsWith('\r\n') ? 'CRLF' : line.endsWith('\n') ? 'LF' : lineEnding
  if (ends !== lineEnding) {
    const message = `LineEnding is invalid on user data. Current LineEnding setting is ${lineEnding}`
    throw new JobFailure('ClientInputError', message)
  }
  if (line.length > LONGEST_HEADER) throw new JobFailure('InvalidBatch', `The header is longer than ${LONGEST_HEADER}`)
}

function checkLength({ cells }: CsvRow): void {
  const length = cells.reduce((sum, cell) => sum + cell.length, 0)
  if (length > LONGEST_RECORD) throw tooLong(length)
}

/** In the words of Salesforce's own reader (https://github.com/forcedotcom/wsc, CSVReader.java). */
function tooLong(length: number): JobFailure {
  const message = `Exceeded max length for one record: ${length}. Max length for one record should be less than or equal to ${LONGEST_RECORD}`
  return new JobFailure('InvalidBatch', message)
}

/** The row that begins at `from` and where the next one does; undefined when its end is still to come. */
function takeRow(
  text: string,
  from: number,
  { dialect, isLast }: { dialect: CsvDialect; isLast: boolean },
): (CsvRow & { end: number }) | undefined {
  if (from >= text.length) return undefined
  const delimiter = DELIMITERS[dialect.columnDelimiter]
  const cells: string[] = []
  let isMalformed = false
  let at = from
  for (;;) {
    let cell = ''
    if (text.charAt(at) === '"') {
      const close = findClosingQuote(text, at + 1)
      // A quote at the end of what is there may be the first half of an escaped one.
      if (close < 0 ? !isLast : close + 1 >= text.length && !isLast) return undefined
      if (close < 0) isMalformed = true
      cell = text.slice(at + 1, close < 0 ? text.length : close).replaceAll('""', '"')
      at = close < 0 ? text.length : close + 1
    }
    const lineEnd = text.indexOf('\n', at)
    if (lineEnd < 0 && !isLast) return undefined
    const line = text.slice(at, lineEnd < 0 ? text.length : lineEnd)
    const nextDelimiter = line.indexOf(delimiter)
    const isLastCell = nextDelimiter < 0
    const rest = isLastCell ? line : line.slice(0, nextDelimiter)
    const plain = isLastCell && dialect.lineEnding === 'CRLF' && rest.endsWith('\r') ? rest.slice(0, -1) : rest
    // "A space before or after a double quote generates an error for the row": the guide's Prepare CSV Files.
    isMalformed ||= plain.includes('"') || (cell !== '' && plain !== '')
    cells.push(cell + plain)
    if (isLastCell) return { cells, isMalformed, end: lineEnd < 0 ? text.length : lineEnd + 1 }
    at += nextDelimiter + 1
  }
}

function findClosingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text.charAt(at + 1) !== '"') return at
  }
  return -1
}
