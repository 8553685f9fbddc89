/** `/services/async`: Bulk API 1.0 (salesforce-api.md 5.7). */
import { readFileSync } from 'node:fs'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { z } from 'zod'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import { OrgError, type OrgUser } from '../org/model.ts'
import { readBody } from '../rest/request-body.ts'
import { judgeVersion } from '../rest/versions.ts'
import { toLongId } from '../values.ts'
import {
  batchInfo,
  batchInfoList,
  errorInfo,
  type InfoFormat,
  infoResponse,
  jobInfo,
  resultList,
} from './classic-info.ts'
import { isQuery } from './classic-jobs.ts'
import { writeOutcomes } from './classic-results.ts'
import { parseXml } from './classic-rows.ts'
import type { Batch, ClassicJob } from './job.ts'
import { JobFailure } from './job-failure.ts'
import type { BulkJobs } from './jobs.ts'
import { readPkChunking } from './pk-chunks.ts'
import { spooledResponse } from './spooled-response.ts'

/** A batch's size (salesforce-api.md 5.3). */
const LARGEST_BATCH_BYTES = 10_000_000
const CONTENT_TYPES = { CSV: 'text/csv', JSON: 'application/json', XML: 'application/xml' }

const text = z.string().trim().min(1)
const MODES = ['Parallel', 'Serial'] as const
const createSchema = z.object({
  operation: z.enum(['insert', 'update', 'upsert', 'delete', 'hardDelete', 'query', 'queryAll']),
  object: text,
  contentType: z.enum(['CSV', 'JSON', 'XML']).default('XML'),
  // simple-salesforce gives the number of the mode instead of its name.
  concurrencyMode: z.union([z.enum(MODES), z.literal([0, 1]).transform((n) => MODES[n])]).default('Parallel'),
  externalIdFieldName: text.nullish(),
  assignmentRuleId: text.nullish(),
})
const stateSchema = z.object({ state: z.enum(['Closed', 'Aborted']) })

interface AsyncEnv {
  Variables: { caller: OrgUser; version: number }
}

/** The whole of Bulk API 1.0. */
export function createAsyncApi(context: EmulatorContext, jobs: BulkJobs): Hono<AsyncEnv> {
  const { classics } = jobs
  const api = new Hono<AsyncEnv>()
  const jobPath = '/services/async/:version/job'
  const jobOf = (c: Context<AsyncEnv>): ClassicJob => {
    const job = classics.get(c.get('caller'), c.req.param('id') ?? '')
    // "The API version in the URI for all batch operations must match the API version for the associated job": the guide's Add a Batch.
    if (job.version !== c.get('version')) {
      const message = `The job was made with API version ${job.version}.0, not ${c.req.param('version')}`
      throw new JobFailure('InvalidJob', message)
    }
    return job
  }
  const batchOf = (c: Context<AsyncEnv>, job: ClassicJob): Batch => classics.getBatch(job, c.req.param('batch') ?? '')

  api.use('/services/async/:version/*', signIn(context))

  api.post(jobPath, async (c) => {
    const { body, format } = await readInfo(c, createSchema)
    const { object, externalIdFieldName = null, assignmentRuleId = null, ...request } = body
    const pkChunking = isQuery(request) ? readPkChunking(c.req.header('sforce-enable-pkchunking')) : null
    const target = { objectName: object, externalIdFieldName, assignmentRuleId, pkChunking }
    const job = classics.create(c.get('caller'), { ...request, ...target, version: c.get('version') })
    return infoResponse(format, jobInfo(job, format), 201)
  })

  api.get(`${jobPath}/:id`, (c) => {
    const job = jobOf(c)
    const format = asksForJson(c.req.raw) ? 'json' : formatOf(job)
    return infoResponse(format, jobInfo(job, format))
  })

  api.post(`${jobPath}/:id`, async (c) => {
    const job = jobOf(c)
    const { body, format } = await readInfo(c, stateSchema)
    if (body.state === 'Closed') classics.close(job)
    else classics.abort(job)
    return infoResponse(format, jobInfo(job, format))
  })

  api.post(`${jobPath}/:id/batch`, async (c) => {
    const job = jobOf(c)
    const batch = classics.addBatch(job, await readContent(c.req.raw))
    return infoResponse(formatOf(job), batchInfo(job, batch, formatOf(job)), 201)
  })

  api.get(`${jobPath}/:id/batch`, (c) => {
    const job = jobOf(c)
    return infoResponse(formatOf(job), batchInfoList(job, formatOf(job)))
  })

  api.get(`${jobPath}/:id/batch/:batch`, (c) => {
    const job = jobOf(c)
    return infoResponse(formatOf(job), batchInfo(job, batchOf(c, job), formatOf(job)))
  })

  api.get(`${jobPath}/:id/batch/:batch/request`, (c) => {
    const job = jobOf(c)
    const batch = batchOf(c, job)
    const content = batch.isChunk ? (batch.soql ?? '') : readFileSync(classics.requestFile(job, batch), 'utf8')
    return new Response(content, { headers: { 'Content-Type': textTypeOf(job) } })
  })

  api.get(`${jobPath}/:id/batch/:batch/result`, (c) => {
    const job = jobOf(c)
    const batch = batchOf(c, job)
    requireEnd(batch)
    if (isQuery(job)) return infoResponse(formatOf(job), resultList(batch, formatOf(job)))
    // Without a charset, unlike records: salesforce-bulk compares the type as a whole.
    const outcomes = writeOutcomes(classics.readOutcomes(job, batch), job.contentType)
    return new Response(outcomes, { headers: { 'Content-Type': CONTENT_TYPES[job.contentType] } })
  })

  api.get(`${jobPath}/:id/batch/:batch/result/:result`, (c) => {
    const job = jobOf(c)
    const batch = batchOf(c, job)
    requireEnd(batch)
    if (batch.resultId === null || batch.resultId !== toLongId(c.req.param('result'))) {
      throw new JobFailure('InvalidBatch', `Unable to find result for id: ${c.req.param('result')}`)
    }
    return spooledResponse(
      {
        file: classics.recordsFile(job, batch),
        rows: batch,
        from: 0,
        to: batch.recordsProcessed,
        footer: batch.footer,
      },
      { request: c.req.raw, contentType: textTypeOf(job) },
    )
  })

  for (const [path, allowed] of [
    [jobPath, 'POST'],
    [`${jobPath}/:id`, 'GET,POST'],
    [`${jobPath}/:id/batch`, 'GET,POST'],
    [`${jobPath}/:id/batch/:batch`, 'GET'],
    [`${jobPath}/:id/batch/:batch/request`, 'GET'],
    [`${jobPath}/:id/batch/:batch/result`, 'GET'],
    [`${jobPath}/:id/batch/:batch/result/:result`, 'GET'],
  ] as const) {
    api.all(path, (c) => {
      const message = `HTTP Method '${c.req.method}' not allowed. Allowed are ${allowed}`
      return refuse(c.req.raw, { status: 405, code: 'MethodNotAllowed', message })
    })
  }
  api.all('/services/async/*', (c) => {
    context.requests.noteUnknown(c.req.method, c.req.path)
    return refuse(c.req.raw, { status: 404, code: 'InvalidUrl', message: `Unable to find the resource: ${c.req.path}` })
  })
  api.onError((error, c) => {
    if (error instanceof JobFailure) return refuse(c.req.raw, { status: 400, code: error.code, message: error.message })
    if (!(error instanceof OrgError)) throw error
    return refuse(c.req.raw, { status: 400, code: 'ClientInputError', message: `${error.errorCode}: ${error.message}` })
  })
  return api
}

/** Whoever has an access token sends it as `X-SFDC-Session` here, and nowhere else. */
function signIn({ org, grants, usage }: EmulatorContext): MiddlewareHandler<AsyncEnv> {
  return async (c, next) => {
    const version = c.req.param('version') ?? ''
    if (judgeVersion(`v${version}`) !== 'current') {
      return refuse(c.req.raw, { status: 400, code: 'InvalidUrl', message: `Unknown API version: ${version}` })
    }
    const token = c.req.header('x-sfdc-session')
    const session = token === undefined ? undefined : grants.findSession(token)
    const caller = session && findUser(org, session.userId)
    if (!session || !caller?.active || !session.scopes.some((scope) => scope === 'api' || scope === 'full')) {
      return refuse(c.req.raw, { status: 400, code: 'InvalidSessionId', message: 'Invalid session id' })
    }
    if (!caller.permissions.has('ApiEnabled')) {
      const message = 'Bulk API is not enabled for this user'
      return refuse(c.req.raw, { status: 400, code: 'FeatureNotEnabled', message })
    }
    grants.touch(session)
    if (!usage.spend()) {
      const message = 'TotalRequests Limit exceeded.'
      return refuse(c.req.raw, { status: 403, code: 'ExceededQuota', message })
    }
    c.set('caller', caller)
    c.set('version', Number.parseInt(version, 10))
    return next()
  }
}

function refuse(request: Request, error: { status: number; code: string; message: string }): Response {
  const format = asksForJson(request) ? 'json' : 'xml'
  return infoResponse(format, errorInfo(error.code, error.message, format), error.status)
}

/** Results are there once a batch has ended: those of a batch that failed on its way are of the rows before. */
function requireEnd({ state }: Batch): void {
  if (state === 'Completed' || state === 'Failed') return
  throw new JobFailure('InvalidBatch', `Batch not completed: ${state}`)
}

/** With the charset, without which Python's requests takes text/csv for Latin-1, as Singer's tap would then. */
const textTypeOf = ({ contentType }: ClassicJob): string => `${CONTENT_TYPES[contentType]}; charset=UTF-8`

/** What is said of a CSV job is said in XML. */
const formatOf = ({ contentType }: ClassicJob): InfoFormat => (contentType === 'JSON' ? 'json' : 'xml')

function asksForJson(request: Request): boolean {
  const { headers } = request
  return /\bjson\b/i.test(headers.get('content-type') ?? headers.get('accept') ?? '')
}

/** A job, or its new state, in XML or JSON; the answer comes in the same. */
async function readInfo<T>(c: Context<AsyncEnv>, schema: z.ZodType<T>): Promise<{ body: T; format: InfoFormat }> {
  const format = asksForJson(c.req.raw) ? 'json' : 'xml'
  const content = await readContent(c.req.raw)
  const read = schema.safeParse(format === 'json' ? parseJson(content) : parseXml(content).jobInfo)
  if (read.success) return { body: read.data, format }
  const { path, message } = read.error.issues[0] ?? { path: [], message: 'invalid' }
  throw new JobFailure('InvalidJob', `${path.join('.') || 'jobInfo'}: ${message}`)
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    throw new JobFailure('ClientInputError', 'Unable to parse the request as JSON')
  }
}

async function readContent(request: Request): Promise<string> {
  const body = await readBody(request)
  const content = body.kind === 'text' ? body.text : ''
  if (Buffer.byteLength(content) <= LARGEST_BATCH_BYTES) return content
  throw new JobFailure('InvalidBatch', `The request is larger than ${LARGEST_BATCH_BYTES} bytes`)
}
