/** `/jobs/ingest` (salesforce-api.md 5.5). */
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { OrgError } from '../org/model.ts'
import type { ApiEnv } from '../rest/api.ts'
import { errorResponse, jsonResponse, methodNotAllowed, notFound } from '../rest/errors.ts'
import { parseJson, readBody } from '../rest/request-body.ts'
import type { ResultKind } from './ingest-jobs.ts'
import type { IngestJob } from './job.ts'
import { checked, dialectOf, dialectShape, listResponse, readJson, versionNumber, writeJob } from './job-json.ts'
import type { BulkJobs } from './jobs.ts'

/** The version since which ingest jobs are there. */
const INGEST_SINCE = 41
/** "For data sets under 100,000 characters" (https://developer.salesforce.com/docs/atlas.en-us.224.0.api_bulk_v2.meta/api_bulk_v2/creating_bulk_requests.htm). */
const LARGEST_PART = 100_000

/** The guide spells the last one in small letters; simple-salesforce, which works with real orgs, with a capital. */
const RESULTS: readonly (readonly [string, ResultKind])[] = [
  ['successfulResults', 'successfulResults'],
  ['failedResults', 'failedResults'],
  ['unprocessedrecords', 'unprocessedrecords'],
  ['unprocessedRecords', 'unprocessedrecords'],
]

const createSchema = z.object({
  object: z.string(),
  operation: z.enum(['insert', 'update', 'upsert', 'delete', 'hardDelete']),
  externalIdFieldName: z.string().nullish(),
  assignmentRuleId: z.string().nullish(),
  ...dialectShape,
})
const patchSchema = z.object({ state: z.enum(['UploadComplete', 'Aborted']) })

/** Adds the resources of ingest jobs. */
export function mountBulkIngest(resources: Hono<ApiEnv>, jobs: BulkJobs): void {
  const { store, ingests } = jobs
  const jobOf = (c: Context<ApiEnv>) => store.get(c.get('caller'), 'V2Ingest', c.req.param('id') ?? '')

  for (const path of ['/jobs/ingest', '/jobs/ingest/*']) {
    resources.use(path, (c, next) =>
      versionNumber(c.get('version')) < INGEST_SINCE ? Promise.resolve(notFound()) : next(),
    )
  }

  for (const path of ['/jobs/ingest', '/jobs/ingest/']) {
    resources.post(path, async (c) => {
      const parts = await readParts(c.req.raw)
      const body = parts ? checked(parseJson(parts.job), createSchema) : await readJson(c.req.raw, createSchema)
      const { contentType: _, externalIdFieldName = null, assignmentRuleId = null, ...asked } = body
      const version = versionNumber(c.get('version'))
      const job = ingests.create(c.get('caller'), { ...asked, externalIdFieldName, assignmentRuleId, version })
      if (parts) {
        await ingests.upload(job, new Response(parts.content).body, undefined)
        ingests.close(job)
      }
      return jsonResponse(writeJob(job, { ...contentUrlOf(job), ...dialectOf(job), ...targetOf(job) }))
    })
    resources.get(path, (c) =>
      listResponse(store, c.get('caller'), {
        path: `/services/data/${c.get('version')}/jobs/ingest`,
        query: c.req.query(),
      }),
    )
    resources.all(path, (c) => methodNotAllowed(c.req.method, 'GET,HEAD,POST'))
  }

  for (const path of ['/jobs/ingest/:id', '/jobs/ingest/:id/']) {
    resources.get(path, (c) => {
      const job = jobOf(c)
      return jsonResponse(writeJob(job, wholeJob(job)))
    })
    resources.patch(path, async (c) => {
      const job = jobOf(c)
      const { state } = await readJson(c.req.raw, patchSchema)
      if (state === 'Aborted') ingests.abort(job)
      else ingests.close(job)
      return jsonResponse(writeJob(job, targetOf(job)))
    })
    resources.delete(path, (c) => {
      ingests.delete(jobOf(c))
      return new Response(null, { status: 204 })
    })
    resources.all(path, (c) => methodNotAllowed(c.req.method, 'DELETE,GET,HEAD,PATCH'))
  }

  for (const path of ['/jobs/ingest/:id/batches', '/jobs/ingest/:id/batches/']) {
    resources.put(path, async (c) => {
      const job = jobOf(c)
      const contentType = c.req.header('content-type') ?? ''
      if (!/^text\/csv\b/i.test(contentType)) {
        const message = `Content-Type header specified in HTTP request is not supported: ${contentType}`
        return errorResponse(415, 'UNSUPPORTED_MEDIA_TYPE', message)
      }
      await ingests.upload(job, c.req.raw.body, c.req.header('content-encoding')?.toLowerCase())
      return new Response(null, { status: 201 })
    })
    resources.all(path, (c) => methodNotAllowed(c.req.method, 'PUT'))
  }

  for (const [name, kind] of RESULTS) {
    for (const path of [`/jobs/ingest/:id/${name}`, `/jobs/ingest/:id/${name}/`]) {
      resources.get(path, (c) => {
        const job = jobOf(c)
        const accepts = /\bgzip\b/i.test(c.req.header('accept-encoding') ?? '')
        return resultResponse(job, kind, { rows: ingests.results(job, kind), accepts })
      })
      resources.all(path, (c) => methodNotAllowed(c.req.method, 'GET,HEAD'))
    }
  }
}

function resultResponse(
  job: IngestJob,
  kind: ResultKind,
  { rows, accepts }: { rows: Readable; accepts: boolean },
): Response {
  if (job.state !== 'JobComplete' && job.state !== 'Failed' && job.state !== 'Aborted') {
    rows.destroy()
    throw new OrgError('INVALIDJOBSTATE', `${kind} are available for finished jobs; this job is ${job.state}`)
  }
  const body = accepts ? rows.pipe(createGzip({ level: 1 })) : rows
  return new Response(Readable.toWeb(Readable.from(body)) as ReadableStream<Uint8Array>, {
    headers: { 'Content-Type': 'text/csv', ...(accepts && { 'Content-Encoding': 'gzip' }) },
  })
}

/** Where rows are to be put; there while the job is open. */
function contentUrlOf(job: IngestJob): Record<string, unknown> {
  return job.state === 'Open' ? { contentUrl: `services/data/v${job.version}.0/jobs/ingest/${job.id}/batches` } : {}
}

function targetOf({ externalIdFieldName, assignmentRuleId }: IngestJob): Record<string, unknown> {
  return {
    ...(externalIdFieldName !== null && { externalIdFieldName }),
    ...(assignmentRuleId !== null && { assignmentRuleId }),
  }
}

/** A job as a look at it alone shows it. */
function wholeJob(job: IngestJob): Record<string, unknown> {
  return {
    ...targetOf(job),
    ...contentUrlOf(job),
    ...dialectOf(job),
    jobType: 'V2Ingest',
    retries: 0,
    totalProcessingTime: job.processingMs,
    apiActiveProcessingTime: job.processingMs,
    apexProcessingTime: 0,
    isPkChunkingSupported: false,
    numberRecordsProcessed: job.recordsProcessed,
    numberRecordsFailed: job.recordsFailed,
    ...(job.errorMessage !== null && { errorMessage: job.errorMessage }),
  }
}

/**
 * The job and its rows in one request. Salesforce's own example ends lines with LF, which a strict reader of
 * multipart bodies refuses (https://developer.salesforce.com/docs/atlas.en-us.250.0.api_asynch.meta/api_asynch/walkthrough_upload_multipart_data.htm).
 */
async function readParts(request: Request): Promise<{ job: string; content: string } | undefined> {
  const contentType = request.headers.get('content-type') ?? ''
  const [, quoted, plain] = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) return undefined
  const parts = new Map<string, string>()
  // As plain text the body is read to its limit, and not taken apart yet.
  const plainText = new Request(request, {
    headers: { ...Object.fromEntries(request.headers), 'content-type': 'text/plain' },
  })
  const body = await readBody(plainText)
  const text = body.kind === 'text' ? body.text : ''
  for (const part of `\n${text}`.split(`\n--${boundary}`)) {
    const [, headers = '', content = ''] = /^\r?\n([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(part) ?? []
    const name = /\bname="([^"]*)"/i.exec(headers)?.[1]
    if (name !== undefined) parts.set(name, content.replace(/\r$/, ''))
  }
  const job = parts.get('job')
  const content = parts.get('content')
  if (job === undefined || content === undefined) {
    throw new OrgError('POST_BODY_PARSE_ERROR', 'A multipart request needs the parts "job" and "content"')
  }
  if (content.length > LARGEST_PART) {
    throw new OrgError('EXCEEDED_MAX_SIZE_REQUEST', `The part "content" has more than ${LARGEST_PART} characters`)
  }
  return { job, content }
}
