/** Jobs as `/jobs/query` and `/jobs/ingest` show them, alone and in lists. */
import { z } from 'zod'
import { OrgError, type OrgUser } from '../org/model.ts'
import { jsonResponse } from '../rest/errors.ts'
import { parseJsonBody, readBody } from '../rest/request-body.ts'
import { formatRestDatetime } from '../values.ts'
import { DELIMITERS, LINE_ENDINGS } from './csv.ts'
import type { IngestJob, Job, QueryJob } from './job.ts'
import type { JobStore } from './job-store.ts'

const LISTED_JOBS = 1000

/** What a request may say of the CSV it sends or wants. */
export const dialectShape = {
  contentType: z.literal('CSV').default('CSV'),
  columnDelimiter: z.enum(Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[]).default('COMMA'),
  lineEnding: z.enum(Object.keys(LINE_ENDINGS) as (keyof typeof LINE_ENDINGS)[]).default('LF'),
}

/** What every job says of itself; versions are written as `67.0`, which JSON.stringify can't. */
export function writeJob(job: Job, more: Record<string, unknown>): string {
  const text = JSON.stringify({
    id: job.id,
    operation: job.operation,
    object: job.objectName,
    createdById: job.createdById,
    createdDate: formatRestDatetime(job.createdAt),
    systemModstamp: formatRestDatetime(job.modifiedAt),
    state: job.state,
    concurrencyMode: job.jobType === 'Classic' ? job.concurrencyMode : 'Parallel',
    contentType: job.jobType === 'Classic' ? job.contentType : 'CSV',
    ...more,
  })
  return `${text.slice(0, -1)},"apiVersion":${job.version}.0}`
}

/** The CSV's dialect, as a job shows it. */
export function dialectOf({ lineEnding, columnDelimiter }: QueryJob | IngestJob): Record<string, unknown> {
  return { lineEnding, columnDelimiter }
}

/** A list of jobs, 1,000 at a time: all kinds, unless one is asked for (salesforce-api.md 5.1). */
export function listResponse(
  store: JobStore,
  caller: OrgUser,
  { path, query }: { path: string; query: Record<string, string> },
): Response {
  const { jobType, concurrencyMode, isPkChunkingEnabled, queryLocator } = query
  const listed = store.listFor(caller).filter((job) => {
    const mode = job.jobType === 'Classic' ? job.concurrencyMode : 'Parallel'
    const isChunked = job.jobType === 'Classic' && job.pkChunking !== null
    return (
      (jobType === undefined || job.jobType === jobType) &&
      (concurrencyMode === undefined || mode.toLowerCase() === concurrencyMode.toLowerCase()) &&
      (isPkChunkingEnabled !== 'true' || isChunked)
    )
  })
  const start = queryLocator === undefined ? 0 : readLocator(queryLocator)
  const end = start + LISTED_JOBS
  const records = listed.slice(start, end).map((job) => writeJob(job, { jobType: job.jobType, ...listedMore(job) }))
  const next = new URLSearchParams({ ...query, queryLocator: writeLocator(end) })
  const more = end < listed.length
  const nextRecordsUrl = more ? JSON.stringify(`${path}?${next}`) : 'null'
  return jsonResponse(`{"done":${!more},"records":[${records.join(',')}],"nextRecordsUrl":${nextRecordsUrl}}`)
}

function listedMore(job: Job): Record<string, unknown> {
  return job.jobType === 'Classic' ? {} : dialectOf(job)
}

/** Locators are opaque to clients; here they hold the number of the first row or job. */
export function writeLocator(row: number): string {
  return Buffer.from(`row ${row}`).toString('base64url')
}

/** Throws on what `writeLocator` did not write. */
export function readLocator(locator: string): number {
  const row = /^row (\d+)$/.exec(Buffer.from(locator, 'base64url').toString())?.[1]
  if (row === undefined) throw new OrgError('API_ERROR', `Invalid locator: ${locator}`)
  return Number(row)
}

/** The JSON body of a request, checked; throws as the API refuses what it can't read. */
export async function readJson<T>(request: Request, schema: z.ZodType<T>): Promise<T> {
  return checked(parseJsonBody(await readBody(request)), schema)
}

/** What a client sent, if it is of this shape; throws as the API refuses it. */
export function checked<T>(body: unknown, schema: z.ZodType<T>): T {
  const read = schema.safeParse(body)
  if (read.success) return read.data
  const { path, message } = read.error.issues[0] ?? { path: [], message: 'invalid' }
  throw new OrgError('JSON_PARSER_ERROR', `${path.join('.') || 'body'}: ${message}`)
}

/** `v67.0` is 67. */
export function versionNumber(version: string): number {
  return Number(version.slice(1, -2))
}
