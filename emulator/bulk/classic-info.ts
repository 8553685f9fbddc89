/** Jobs, batches and errors as Bulk API 1.0 writes them, in XML or JSON (salesforce-api.md 5.7). */
import { formatInstant, formatRestDatetime } from '../values.ts'
import type { Batch, ClassicJob } from './job.ts'

const NAMESPACE = 'http://www.force.com/2009/06/asyncapi/dataload'
const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'

/** Epoch milliseconds, to be written as the format writes times. */
interface Moment {
  readonly at: number
}

type Facts = Record<string, string | number | null | Moment>

export type InfoFormat = 'xml' | 'json'

/** Text that may stand in XML; what XML can't say at all is left out. */
export function escapeXml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

/** An element with the namespace of the API, as a whole document. */
export function xmlDocument(name: string, content: string): string {
  return `${XML_HEAD}<${name} xmlns="${NAMESPACE}">${content}</${name}>`
}

export function infoResponse(format: InfoFormat, text: string, status = 200): Response {
  // Without a charset: a tap compares the type as a whole (https://github.com/singer-io/tap-salesforce/blob/master/tap_salesforce/salesforce/bulk.py).
  const contentType = format === 'json' ? 'application/json' : 'application/xml'
  return new Response(text, { status, headers: { 'Content-Type': contentType } })
}

export function jobInfo(job: ClassicJob, format: InfoFormat): string {
  const inState = (state: Batch['state']) => job.batches.filter((batch) => batch.state === state).length
  const sum = (name: 'recordsProcessed' | 'recordsFailed' | 'processingMs') =>
    job.batches.reduce((total, batch) => total + batch[name], 0)
  return writeInfo('jobInfo', format, {
    id: job.id,
    operation: job.operation,
    object: job.objectName,
    createdById: job.createdById,
    createdDate: { at: job.createdAt },
    systemModstamp: { at: job.modifiedAt },
    state: job.state,
    externalIdFieldName: job.externalIdFieldName,
    assignmentRuleId: job.assignmentRuleId,
    concurrencyMode: job.concurrencyMode,
    contentType: job.contentType,
    numberBatchesQueued: inState('Queued'),
    numberBatchesInProgress: inState('InProgress'),
    numberBatchesCompleted: inState('Completed'),
    numberBatchesFailed: inState('Failed'),
    numberBatchesTotal: job.batches.length,
    numberRecordsProcessed: sum('recordsProcessed'),
    numberRetries: 0,
    apiVersion: `${job.version}.0`,
    numberRecordsFailed: sum('recordsFailed'),
    totalProcessingTime: sum('processingMs'),
    apiActiveProcessingTime: sum('processingMs'),
    apexProcessingTime: 0,
  })
}

export function batchInfo(job: ClassicJob, batch: Batch, format: InfoFormat): string {
  return writeInfo('batchInfo', format, batchFacts(job, batch))
}

export function batchInfoList(job: ClassicJob, format: InfoFormat): string {
  const batches = job.batches.map((batch) => batchFacts(job, batch))
  if (format === 'json') return `{"batchInfo":[${batches.map(writeJson).join(',')}]}`
  const content = batches.map((facts) => `<batchInfo>${writeXml(facts)}</batchInfo>`).join('')
  return xmlDocument('batchInfoList', content)
}

/** The ids of a query batch's results. */
export function resultList({ resultId }: Batch, format: InfoFormat): string {
  const ids = resultId === null ? [] : [resultId]
  if (format === 'json') return JSON.stringify(ids)
  return xmlDocument('result-list', ids.map((id) => `<result>${id}</result>`).join(''))
}

export function errorInfo(code: string, message: string, format: InfoFormat): string {
  return writeInfo('error', format, { exceptionCode: code, exceptionMessage: message })
}

function batchFacts(job: ClassicJob, batch: Batch): Facts {
  return {
    id: batch.id,
    jobId: job.id,
    state: batch.state,
    stateMessage: batch.stateMessage,
    createdDate: { at: batch.createdAt },
    systemModstamp: { at: batch.modifiedAt },
    numberRecordsProcessed: batch.recordsProcessed,
    numberRecordsFailed: batch.recordsFailed,
    totalProcessingTime: batch.processingMs,
    apiActiveProcessingTime: batch.processingMs,
    apexProcessingTime: 0,
  }
}

function writeInfo(name: string, format: InfoFormat, facts: Facts): string {
  return format === 'json' ? writeJson(facts) : xmlDocument(name, writeXml(facts))
}

const given = (facts: Facts) => Object.entries(facts).filter(([, value]) => value !== null)

/** Times end in Z in XML and in +0000 in JSON; the version is a number that JSON.stringify would write as `67`. */
function writeJson(facts: Facts): string {
  const written = given(facts).map(([name, value]) => {
    if (name === 'apiVersion') return `"${name}":${value}`
    const text = typeof value === 'object' && value !== null ? formatRestDatetime(value.at) : value
    return `"${name}":${JSON.stringify(text)}`
  })
  return `{${written.join(',')}}`
}

function writeXml(facts: Facts): string {
  return given(facts)
    .map(([name, value]) => {
      const text = typeof value === 'object' && value !== null ? `${formatInstant(value.at)}Z` : String(value)
      return `<${name}>${escapeXml(text)}</${name}>`
    })
    .join('')
}
