/** What Bulk API 1.0 gives back: the records of a query, and what became of rows, in the format of the job. */
import type { FieldType, FieldValue, QueryResult, ResultRow } from '../org/model.ts'
import { type Level, planLevels } from '../rest/json.ts'
import { formatDouble, formatInstant } from '../values.ts'
import { escapeXml, xmlDocument } from './classic-info.ts'
import { csvLineWriter, csvRowWriter, writeCsvHeader } from './csv.ts'
import type { ClassicJob } from './job.ts'

/** Bulk API 1.0 knows no other dialect. */
export const CLASSIC_DIALECT = { columnDelimiter: 'COMMA', lineEnding: 'LF' } as const

/** How a query's records are written: what comes before, each of them, what comes after. */
export interface RecordWriter {
  readonly header: string
  readonly footer: string
  write(row: ResultRow): string
}

export function recordWriter(result: QueryResult, { contentType, version }: ClassicJob): RecordWriter {
  if (contentType === 'JSON') return jsonWriter(result, `/services/data/v${version}.0/sobjects`)
  if (contentType === 'XML') return xmlWriter(result)
  return {
    header: writeCsvHeader(result.columns, CLASSIC_DIALECT),
    footer: '',
    write: csvRowWriter(result.columns, CLASSIC_DIALECT),
  }
}

function jsonWriter(result: QueryResult, base: string): RecordWriter {
  const root = planLevels(result.columns)
  let isFirst = true

  function writeRecord(row: ResultRow, level: Level, record: { objectName: string; id: string | undefined }): string {
    const { objectName, id } = record
    const attributes = { type: objectName, ...(id !== undefined && { url: `${base}/${objectName}/${id}` }) }
    let text = `{"attributes":${JSON.stringify(attributes)}`
    for (const part of level.parts) {
      text += `,${JSON.stringify(part.key)}:`
      if (part.kind === 'value') text += jsonValue(plainValue(row[part.index]), part.column.type)
      else {
        const parent = result.parentOf(row, part.level.path)
        text += parent ? writeRecord(row, part.level, parent) : 'null'
      }
    }
    return `${text}}`
  }

  return {
    header: '[',
    footer: ']',
    write(row) {
      const separator = isFirst ? '' : ','
      isFirst = false
      return separator + writeRecord(row, root, { objectName: result.objectName, id: result.idOf(row) })
    },
  }
}

/** Dates and times come as epoch milliseconds (https://github.com/simple-salesforce/simple-salesforce/issues/290). */
function jsonValue(value: FieldValue, type: FieldType): string {
  if (typeof value === 'string' && type === 'date') return String(Date.parse(`${value}T00:00:00Z`))
  if (typeof value === 'number' && isDouble(type)) return formatDouble(value)
  return JSON.stringify(value)
}

/** "A query that includes ID returns the ID field twice in the XML response data" (the guide's Use Bulk Query); one without has it as nil. */
function xmlWriter(result: QueryResult): RecordWriter {
  const root = planLevels(result.columns)

  function writeRecord(row: ResultRow, level: Level, objectName: string): string {
    const id = level.parts.find((part) => part.kind === 'value' && part.key === 'Id')
    const idValue = id?.kind === 'value' ? plainValue(row[id.index]) : null
    let text = `<type>${escapeXml(objectName)}</type>${xmlValue('Id', idValue, 'id')}`
    for (const part of level.parts) {
      if (part.kind === 'value') text += xmlValue(part.key, plainValue(row[part.index]), part.column.type)
      else {
        const parent = result.parentOf(row, part.level.path)
        text += parent
          ? `<${part.key} xsi:type="sObject">${writeRecord(row, part.level, parent.objectName)}</${part.key}>`
          : `<${part.key} xsi:nil="true"/>`
      }
    }
    return text
  }

  const [header = '', footer = ''] = xmlDocument('queryResult', '\0').split('\0')
  return {
    header: header.replace(/>$/, ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'),
    footer,
    write: (row) => `<records xsi:type="sObject">${writeRecord(row, root, result.objectName)}</records>`,
  }
}

function xmlValue(name: string, value: FieldValue, type: FieldType): string {
  if (value === null) return `<${name} xsi:nil="true"/>`
  const isMoment = typeof value === 'number' && type === 'datetime'
  const isReal = typeof value === 'number' && isDouble(type)
  const text = isMoment ? `${formatInstant(value)}Z` : isReal ? formatDouble(value) : String(value)
  return `<${name}>${escapeXml(text)}</${name}>`
}

const isDouble = (type: FieldType) => type === 'double' || type === 'currency' || type === 'percent'

/** Bulk queries have no subqueries, whose results are no plain values. */
function plainValue(value: ResultRow[number] | undefined): FieldValue {
  return typeof value === 'object' ? null : (value ?? null)
}

/** What became of one row, as it is kept until it is asked for. */
export interface KeptOutcome {
  readonly id: string
  readonly success: boolean
  readonly created: boolean
  readonly error: { readonly statusCode: string; readonly message: string; readonly fields: readonly string[] } | null
}

/** The outcomes of a batch's rows, in their order. */
export function writeOutcomes(outcomes: readonly KeptOutcome[], contentType: ClassicJob['contentType']): string {
  if (contentType === 'JSON') return JSON.stringify(outcomes.map(jsonOutcome))
  if (contentType === 'XML') return xmlDocument('results', outcomes.map(xmlOutcome).join(''))
  const write = csvLineWriter(CLASSIC_DIALECT)
  const lines = outcomes.map(({ id, success, created, error }) => {
    const fields = error && error.fields.length > 0 ? `${error.fields.join(', ')} ` : ''
    const text = error ? `${error.statusCode}:${error.message}:${fields}--` : ''
    return write([success ? id : '', String(success), String(created), text])
  })
  return write(['Id', 'Success', 'Created', 'Error']) + lines.join('')
}

function jsonOutcome({ id, success, created, error }: KeptOutcome): object {
  const errors = error ? [{ message: error.message, fields: error.fields, statusCode: error.statusCode }] : []
  return {
    success,
    created,
    id: success ? id : null,
    errors: errors.map((one) => ({ ...one, extendedErrorDetails: null })),
  }
}

function xmlOutcome({ id, success, created, error }: KeptOutcome): string {
  const fields = error?.fields.map((field) => `<fields>${escapeXml(field)}</fields>`).join('') ?? ''
  const errors = error
    ? `<errors>${fields}<message>${escapeXml(error.message)}</message><statusCode>${error.statusCode}</statusCode></errors>`
    : ''
  const idElement = success ? `<id>${id}</id>` : ''
  return `<result>${errors}${idElement}<success>${success}</success><created>${created}</created></result>`
}
