/**
 * Conditional requests on single records
 * (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest_conditional_requests.htm):
 * dates for every object, entity tags for accounts only, nothing for DELETE.
 */
import { createHash } from 'node:crypto'
import { type ObjectSchema, OrgError, type OrgRecord } from '../org/model.ts'
import type { Answer, Call } from './resource.ts'

/** What a record's answer says of its version. */
interface RecordVersion {
  /** Epoch ms, whole seconds; undefined for records without a date. */
  readonly modifiedAt: number | undefined
  readonly etag: string | undefined
}

/** What tells this state of the record from any other. */
export function versionOfRecord(schema: ObjectSchema, record: OrgRecord): RecordVersion {
  const modified = record.LastModifiedDate ?? record.SystemModstamp ?? record.CreatedDate
  return {
    modifiedAt: typeof modified === 'number' ? Math.floor(modified / 1000) * 1000 : undefined,
    etag: schema.name === 'Account' ? createHash('sha1').update(JSON.stringify(record)).digest('base64') : undefined,
  }
}

/** The headers that let a client ask conditionally next time. */
export function versionHeaders(call: Call, { modifiedAt, etag }: RecordVersion): Record<string, string> {
  const isZipped = /\bgzip\b/i.test(call.header('accept-encoding') ?? '')
  return {
    ...(modifiedAt !== undefined && { 'Last-Modified': new Date(modifiedAt).toUTCString() }),
    ...(etag !== undefined && { ETag: `"${etag}${isZipped ? '-gzip' : ''}"` }),
  }
}

/** Throws 412 when the record isn't what the caller thinks, 400 for a condition on a write that can't be read. */
export function checkConditions(call: Call, version: RecordVersion): void {
  const { modifiedAt, etag } = version
  const isWrite = call.method !== 'GET' && call.method !== 'HEAD'
  const unmodifiedSince = readDate(call, 'if-unmodified-since')
  if (unmodifiedSince !== undefined && modifiedAt !== undefined && modifiedAt > unmodifiedSince) throw changed()
  if (etag === undefined) return
  const wanted = readTags(call, 'if-match')
  if (wanted && !wanted.includes('*') && !wanted.includes(etag)) throw changed()
  const unwanted = readTags(call, 'if-none-match')
  if (isWrite && unwanted && (unwanted.includes('*') || unwanted.includes(etag))) throw changed()
}

/** 304 when the caller has this version already. */
export function notModified(call: Call, version: RecordVersion): Answer | undefined {
  const unwanted = version.etag === undefined ? undefined : readTags(call, 'if-none-match')
  const since = readDate(call, 'if-modified-since')
  const isSame = unwanted
    ? unwanted.includes('*') || unwanted.includes(version.etag ?? '')
    : since !== undefined && version.modifiedAt !== undefined && version.modifiedAt <= since
  return isSame ? { status: 304, headers: versionHeaders(call, version) } : undefined
}

function changed(): OrgError {
  return new OrgError('ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE', 'Precondition failed: the record has changed', 412)
}

function readDate(call: Call, name: string): number | undefined {
  const text = call.header(name)
  if (text === undefined) return undefined
  const date = Date.parse(text)
  return Number.isNaN(date) ? refuse(call, name) : date
}

/** The tags without their quotes and the mark of a compressed answer. */
function readTags(call: Call, name: string): readonly string[] | undefined {
  const text = call.header(name)?.trim()
  if (text === undefined) return undefined
  if (text === '*') return ['*']
  if (!/^(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*$/.test(text)) return refuse(call, name)
  return [...text.matchAll(/"([^"]*)"/g)].map(([, tag = '']) => tag.replace(/-gzip$/, ''))
}

/** A header that can't be read is an error on writes, and as good as none on reads. */
function refuse(call: Call, name: string): undefined {
  if (call.method === 'GET' || call.method === 'HEAD') return undefined
  throw new OrgError('INVALID_HEADER', `Invalid value of the ${name} header: ${call.header(name)}`)
}
