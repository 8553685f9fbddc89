/** `/jobs/query` (salesforce-api.md 5.1). */
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Hono } from 'hono'
import { z } from 'zod'
import type { Context as EmulatorContext } from '../context.ts'
import type { ApiEnv } from '../rest/api.ts'
import { readJson } from '../rest/composite.ts'
import { errorResponse, jsonResponse, methodNotAllowed } from '../rest/errors.ts'
import { formatRestDatetime } from '../values.ts'
import { DELIMITERS, LINE_ENDINGS } from './csv.ts'
import type { BulkJobs, Job } from './jobs.ts'
import { streamGzipPage } from './spool.ts'

/** Rows of a page when the client leaves its size to the server. */
const DEFAULT_PAGE_ROWS = 100_000
const LISTED_JOBS = 1000
const LINKED_PAGES = 5

const createSchema = z.object({
  operation: z.enum(['query', 'queryAll']),
  query: z.string(),
  contentType: z.literal('CSV').default('CSV'),
  columnDelimiter: z.enum(Object.keys(DELIMITERS) as (keyof typeof DELIMITERS)[]).default('COMMA'),
  lineEnding: z.enum(Object.keys(LINE_ENDINGS) as (keyof typeof LINE_ENDINGS)[]).default('LF'),
})

const patchSchema = z.object({ state: z.literal('Aborted') })

export function mountBulkQueries(resources: Hono<ApiEnv>, _: EmulatorContext, jobs: BulkJobs): void {
  resources.post('/jobs/query', async (c) => {
    const request = createSchema.safeParse(await readJson(c.req.raw))
    if (!request.success) return malformed(request.error)
    const { contentType: _, ...asked } = request.data
    const job = jobs.create(c.get('caller'), { ...asked, version: versionNumber(c.get('version')) })
    return jsonResponse(writeJob(job, 'created'))
  })

  resources.get('/jobs/query', (c) => {
    const { jobType, concurrencyMode, queryLocator } = c.req.query()
    const isListed =
      (jobType ?? 'V2Query') === 'V2Query' && (concurrencyMode ?? 'parallel').toLowerCase() === 'parallel'
    const all = isListed ? jobs.listJobs(c.get('caller')) : []
    const start = queryLocator === undefined ? 0 : (readLocator(queryLocator) ?? 0)
    const end = start + LISTED_JOBS
    const records = all.slice(start, end).map((job) => writeJob(job, 'listed'))
    const next = `/services/data/${c.get('version')}/jobs/query?queryLocator=${writeLocator(end)}`
    const more = end < all.length
    return jsonResponse(
      `{"done":${!more},"records":[${records.join(',')}],"nextRecordsUrl":${more ? JSON.stringify(next) : 'null'}}`,
    )
  })

  resources.get('/jobs/query/:id', (c) =>
    jsonResponse(writeJob(jobs.getJob(c.get('caller'), c.req.param('id')), 'read')),
  )

  resources.patch('/jobs/query/:id', async (c) => {
    const job = jobs.getJob(c.get('caller'), c.req.param('id'))
    const request = patchSchema.safeParse(await readJson(c.req.raw))
    if (!request.success) return malformed(request.error)
    jobs.abort(job)
    return jsonResponse(writeJob(job, 'read'))
  })

  resources.delete('/jobs/query/:id', (c) => {
    jobs.delete(jobs.getJob(c.get('caller'), c.req.param('id')))
    return new Response(null, { status: 204 })
  })

  resources.get('/jobs/query/:id/results', (c) => {
    const job = jobs.getJob(c.get('caller'), c.req.param('id'))
    const refusal = refuseResults(job, c.get('version'))
    if (refusal) return refusal
    const { locator, maxRecords } = c.req.query()
    const from = locator === undefined ? 0 : readLocator(locator)
    const size = maxRecords === undefined ? DEFAULT_PAGE_ROWS : Number(maxRecords)
    if (from === undefined || (from > 0 && from >= job.recordsProcessed)) {
      return errorResponse(400, 'API_ERROR', `Invalid locator: ${locator}`)
    }
    if (!Number.isInteger(size) || size < 1) return errorResponse(400, 'API_ERROR', `Invalid maxRecords: ${maxRecords}`)
    const to = Math.min(from + size, job.recordsProcessed)

    const gzipped = Readable.from(streamGzipPage(jobs.rowsFile(job), job.segments, { header: job.header, from, to }))
    const accepts = /\bgzip\b/i.test(c.req.header('accept-encoding') ?? '')
    const plain = accepts ? gzipped : gunzip(gzipped)
    const body = Readable.toWeb(plain) as ReadableStream<Uint8Array>
    return new Response(body, {
      headers: {
        'Content-Type': 'text/csv; charset=UTF-8',
        // Paging ends with the text "null", not with a missing header.
        'Sforce-Locator': to < job.recordsProcessed ? writeLocator(to) : 'null',
        'Sforce-NumberOfRecords': String(to - from),
        ...(accepts && { 'Content-Encoding': 'gzip' }),
      },
    })
  })

  // The guide spells it resultPages in requests and resultpages in its nextRecordsUrl.
  for (const spelling of ['resultPages', 'resultpages']) {
    resources.get(`/jobs/query/:id/${spelling}`, (c) => {
      const job = jobs.getJob(c.get('caller'), c.req.param('id'))
      const refusal = refuseResults(job, c.get('version'))
      if (refusal) return refusal
      const locator = c.req.query('locator')
      const start = locator === undefined ? 0 : readLocator(locator)
      if (start === undefined) return errorResponse(400, 'API_ERROR', `Invalid locator: ${locator}`)
      const base = `/services/data/${c.get('version')}/jobs/query/${job.id}`
      const end = start + LINKED_PAGES * DEFAULT_PAGE_ROWS
      const resultPages = []
      for (let from = start; from < Math.min(end, Math.max(job.recordsProcessed, 1)); from += DEFAULT_PAGE_ROWS) {
        resultPages.push({ resultUrl: `${base}/results?locator=${writeLocator(from)}` })
      }
      const done = end >= job.recordsProcessed
      const nextRecordsUrl = done ? null : `${base}/resultpages?locator=${writeLocator(end)}`
      return jsonResponse(JSON.stringify({ resultPages, nextRecordsUrl, done }))
    })
  }

  resources.all('/jobs/query', (c) => methodNotAllowed(c.req.method, 'GET,HEAD,POST'))
  resources.all('/jobs/query/:id', (c) => methodNotAllowed(c.req.method, 'DELETE,GET,HEAD,PATCH'))
}

function gunzip(gzipped: Readable): Readable {
  const plain = createGunzip({ chunkSize: 256 * 1024 })
  gzipped.on('error', (error) => plain.destroy(error))
  plain.on('close', () => gzipped.destroy())
  return gzipped.pipe(plain)
}

function refuseResults(job: Job, version: string): Response | undefined {
  if (versionNumber(version) !== job.version) {
    return errorResponse(
      409,
      'API_ERROR',
      `The job was created with API version ${job.version}.0, not ${version.slice(1)}`,
    )
  }
  if (job.state !== 'JobComplete') {
    return errorResponse(400, 'INVALIDJOBSTATE', `Results are available for completed jobs; this job is ${job.state}`)
  }
  return undefined
}

/** A job as its creation, a list and a read show it: the later ones know more. */
function writeJob(job: Job, shown: 'created' | 'listed' | 'read'): string {
  const text = JSON.stringify({
    id: job.id,
    operation: job.operation,
    object: job.objectName,
    createdById: job.createdById,
    createdDate: formatRestDatetime(job.createdAt),
    systemModstamp: formatRestDatetime(job.modifiedAt),
    state: job.state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    lineEnding: job.lineEnding,
    columnDelimiter: job.columnDelimiter,
    ...(shown !== 'created' && { jobType: 'V2Query' }),
    ...(shown === 'read' && {
      numberRecordsProcessed: job.state === 'UploadComplete' ? null : job.recordsProcessed,
      retries: 0,
      totalProcessingTime: job.processingMs,
      // LIMIT and ORDER BY switch chunking off (salesforce-api.md 5.2).
      isPkChunkingSupported: !/\b(limit|order\s+by)\b/i.test(job.query),
      ...(job.errorMessage !== null && { errorMessage: job.errorMessage }),
    }),
  })
  return `${text.slice(0, -1)},"apiVersion":${job.version}.0}`
}

function versionNumber(version: string): number {
  return Number(version.slice(1, -2))
}

/** Locators are opaque to clients; here they hold the number of the first row. */
function writeLocator(row: number): string {
  return Buffer.from(`row ${row}`).toString('base64url')
}

function readLocator(locator: string): number | undefined {
  const row = /^row (\d+)$/.exec(Buffer.from(locator, 'base64url').toString())?.[1]
  return row === undefined ? undefined : Number(row)
}

function malformed(error: z.ZodError): Response {
  const { path, message } = error.issues[0] ?? { path: [], message: 'invalid' }
  return errorResponse(400, 'JSON_PARSER_ERROR', `${path.join('.') || 'body'}: ${message}`)
}
