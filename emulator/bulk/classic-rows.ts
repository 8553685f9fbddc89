/** The rows of a Bulk API 1.0 batch, in the three formats that it may have. */
import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { CLASSIC_DIALECT } from './classic-results.ts'
import { parseCsv } from './csv-read.ts'
import type { ClassicJob } from './job.ts'
import { JobFailure } from './job-failure.ts'
import { cellRowMaker, csvRowMaker, jsonRow, type Load, type LoadRow, malformedRow } from './load-rows.ts'

/** Rows of a batch (salesforce-api.md 5.3). */
const MOST_ROWS = 10_000

/** Reads a batch's rows. Throws JobFailure for what can't be read at all. */
export function readRows(load: Load, contentType: ClassicJob['contentType'], content: string): LoadRow[] {
  const rows = { CSV: readCsvRows, JSON: readJsonRows, XML: readXmlRows }[contentType](load, content)
  if (rows.length <= MOST_ROWS) return rows
  // In the words of https://salesforce.stackexchange.com/questions/332337/auto-chunk-batch-with-bulkapi
  const message = `Exceeded number of records: ${rows.length}. Number of records should be less than or equal to ${MOST_ROWS}`
  throw new JobFailure('InvalidBatch', message)
}

function readCsvRows(load: Load, content: string): LoadRow[] {
  // Either line ending is taken: only jobs of version 2.0 say which one they have.
  const [first = ''] = content.split('\n', 1)
  const [header, ...rows] = parseCsv(content, {
    ...CLASSIC_DIALECT,
    lineEnding: first.endsWith('\r') ? 'CRLF' : 'LF',
  })
  if (!header) return []
  const makeRow = csvRowMaker(load, header.cells)
  return rows.map(({ cells, isMalformed }) =>
    isMalformed || cells.length > header.cells.length ? malformedRow : makeRow(cells),
  )
}

function readJsonRows(load: Load, content: string): LoadRow[] {
  let rows: unknown
  try {
    rows = JSON.parse(content)
  } catch {
    rows = undefined
  }
  if (!Array.isArray(rows)) throw new JobFailure('InvalidBatch', 'Failed to parse the batch: it is no JSON array')
  return rows.map((row: unknown) => (isObject(row) ? jsonRow(load, row) : malformedRow))
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const xml = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  isArray: (name, path) => name === 'sObject' && path === 'sObjects.sObject',
})

function readXmlRows(load: Load, content: string): LoadRow[] {
  const root = parseXml(content).sObjects
  if (root === undefined) throw new JobFailure('InvalidXML', 'The batch has no element sObjects')
  const rows = isObject(root) && Array.isArray(root.sObject) ? root.sObject : []
  return rows.map((row: unknown) => {
    const cells = isObject(row) ? Array.from(cellsOf(row, '')) : []
    return cellRowMaker(
      load,
      cells.map(([path]) => path),
    )(cells.map(([, text]) => text))
  })
}

/** Parses XML without trusting it. Throws JobFailure InvalidXML for what is none. */
export function parseXml(content: string): Record<string, unknown> {
  const text = content.trim()
  const isXml = text.startsWith('<') && XMLValidator.validate(text) === true
  const root: unknown = isXml ? xml.parse(text) : undefined
  if (!isObject(root)) throw new JobFailure('InvalidXML', 'Unable to parse the request as XML')
  return root
}

/** Paths and texts as a CSV would have them: `Owner.Email`, and `#N/A` for nil. */
function* cellsOf(row: Record<string, unknown>, prefix: string): Generator<[string, string]> {
  for (const [name, value] of Object.entries(row)) {
    if (name.startsWith('@') || name === '#text' || (prefix === '' && name === 'type')) continue
    if (!isObject(value)) yield [prefix + name, String(value)]
    else if (value['@nil'] === 'true') yield [prefix + name, '#N/A']
    else if (isObject(value.sObject)) yield* cellsOf(value.sObject, `${prefix}${name}.`)
    else yield [prefix + name, String(value['#text'] ?? '')]
  }
}
