/** `/jobs/query` (salesforce-api.md 5.1). */
import type { Hono } from 'hono'
import { z } from 'zod'
import type { Context as EmulatorContext } from '../context.ts'
import { OrgError } from '../org/model.ts'
import type { ApiEnv } from '../rest/api.ts'
import { errorResponse, jsonResponse, methodNotAllowed, notFound } from '../rest/errors.ts'
import type { QueryJob } from './job.ts'
import {
  dialectOf,
  dialectShape,
  listResponse,
  readJson,
  readLocator,
  versionNumber,
  writeJob,
  writeLocator,
} from './job-json.ts'
import type { BulkJobs } from './jobs.ts'
import { isChunkable } from './pk-chunks.ts'
import { spooledResponse } from './spooled-response.ts'

/** The versions since which queries and their parallel results are there (salesforce-api.md 5.1). */
const QUERIES_SINCE = 47
const RESULT_PAGES_SINCE = 58
/** Rows of a page when the client leaves its size to the server. */
const DEFAULT_PAGE_ROWS = 100_000
const LINKED_PAGES = 5

const createSchema = z.object({ operation: z.enum(['query', 'queryAll']), query: z.string(), ...dialectShape })
const patchSchema = z.object({ state: z.literal('Aborted') })

/** Adds the resources of query jobs. */
export function mountBulkQueries(resources: Hono<ApiEnv>, { faults }: EmulatorContext, jobs: BulkJobs): void {
  const { store, queries } = jobs

  for (const path of ['/jobs/query', '/jobs/query/*']) {
    resources.use(path, (c, next) =>
      versionNumber(c.get('version')) < QUERIES_SINCE ? Promise.resolve(notFound()) : next(),
    )
  }

  for (const path of ['/jobs/query', '/jobs/query/']) {
    resources.post(path, async (c) => {
      const { contentType: _, ...asked } = await readJson(c.req.raw, createSchema)
      const job = queries.create(c.get('caller'), { ...asked, version: versionNumber(c.get('version')) })
      return jsonResponse(writeJob(job, dialectOf(job)))
    })
    resources.get(path, (c) =>
      listResponse(store, c.get('caller'), {
        path: `/services/data/${c.get('version')}/jobs/query`,
        query: c.req.query(),
      }),
    )
    resources.all(path, (c) => methodNotAllowed(c.req.method, 'GET,HEAD,POST'))
  }

  resources.get('/jobs/query/:id', (c) => {
    const job = store.get(c.get('caller'), 'V2Query', c.req.param('id'))
    const text = writeWholeJob(job)
    if (job.state === 'JobComplete' && job.stuckLooks > 0) job.stuckLooks -= 1
    return jsonResponse(text)
  })

  resources.patch('/jobs/query/:id', async (c) => {
    const job = store.get(c.get('caller'), 'V2Query', c.req.param('id'))
    await readJson(c.req.raw, patchSchema)
    queries.abort(job)
    return jsonResponse(writeWholeJob(job))
  })

  resources.delete('/jobs/query/:id', (c) => {
    queries.delete(store.get(c.get('caller'), 'V2Query', c.req.param('id')))
    return new Response(null, { status: 204 })
  })
  resources.all('/jobs/query/:id', (c) => methodNotAllowed(c.req.method, 'DELETE,GET,HEAD,PATCH'))

  resources.get('/jobs/query/:id/results', (c) => {
    const job = store.get(c.get('caller'), 'V2Query', c.req.param('id'))
    const refusal = refuseResults(job, c.get('version'))
    if (refusal) return refusal
    const { pathname, search } = new URL(c.req.url)
    const about = { ...queries.occasion(job), path: pathname + search }
    if (faults.take('bulk-results-gone', about)) queries.loseResults(job)
    if (job.areResultsGone) return notFound()

    const { locator, maxRecords } = c.req.query()
    const from = locator === undefined ? 0 : readLocator(locator)
    if (from > 0 && from >= job.recordsProcessed) throw new OrgError('API_ERROR', `Invalid locator: ${locator}`)
    const size = maxRecords === undefined ? DEFAULT_PAGE_ROWS : Number(maxRecords)
    if (!Number.isInteger(size) || size < 1) throw new OrgError('API_ERROR', `Invalid maxRecords: ${maxRecords}`)
    const to = Math.min(from + size, job.recordsProcessed)
    const next = faults.take('locator-repeats', about) ? from : to
    const lost = faults.take('bulk-page-short', about)?.count ?? 0

    return spooledResponse(
      { file: queries.rowsFile(job), rows: job, from, to: Math.max(from, to - lost) },
      { request: c.req.raw, contentType: 'text/csv; charset=UTF-8' },
      {
        // Paging ends with the text "null", not with a missing header.
        'Sforce-Locator': next < job.recordsProcessed ? writeLocator(next) : 'null',
        'Sforce-NumberOfRecords': String(to - from),
      },
    )
  })

  // The guide spells it resultPages in requests and resultpages in its nextRecordsUrl.
  for (const spelling of ['resultPages', 'resultpages']) {
    resources.get(`/jobs/query/:id/${spelling}`, (c) => {
      const version = c.get('version')
      if (versionNumber(version) < RESULT_PAGES_SINCE) return notFound()
      const job = store.get(c.get('caller'), 'V2Query', c.req.param('id'))
      return refuseResults(job, version) ?? linkPages(job, version, c.req.query('locator'))
    })
  }
  for (const name of ['results', 'resultPages', 'resultpages']) {
    resources.all(`/jobs/query/:id/${name}`, (c) => methodNotAllowed(c.req.method, 'GET,HEAD'))
  }
}

function linkPages(job: QueryJob, version: string, locator: string | undefined): Response {
  const start = locator === undefined ? 0 : readLocator(locator)
  const base = `/services/data/${version}/jobs/query/${job.id}`
  const end = start + LINKED_PAGES * DEFAULT_PAGE_ROWS
  const resultPages = []
  for (let from = start; from < Math.min(end, Math.max(job.recordsProcessed, 1)); from += DEFAULT_PAGE_ROWS) {
    resultPages.push({ resultUrl: `${base}/results?locator=${writeLocator(from)}` })
  }
  const done = end >= job.recordsProcessed
  const nextRecordsUrl = done ? null : `${base}/resultpages?locator=${writeLocator(end)}`
  return jsonResponse(JSON.stringify({ resultPages, nextRecordsUrl, done }))
}

function refuseResults(job: QueryJob, version: string): Response | undefined {
  if (versionNumber(version) !== job.version) {
    const message = `The job was created with API version ${job.version}.0, not ${version.slice(1)}`
    return errorResponse(409, 'API_ERROR', message)
  }
  const state = shownState(job)
  if (state !== 'JobComplete') {
    return errorResponse(400, 'INVALIDJOBSTATE', `Results are available for completed jobs; this job is ${state}`)
  }
  return undefined
}

function shownState(job: QueryJob): QueryJob['state'] {
  return job.state === 'JobComplete' && job.stuckLooks > 0 ? 'InProgress' : job.state
}

/** A job as a look at it alone shows it. */
function writeWholeJob(job: QueryJob): string {
  return writeJob(job, {
    state: shownState(job),
    ...dialectOf(job),
    jobType: 'V2Query',
    numberRecordsProcessed: job.state === 'UploadComplete' ? null : job.recordsProcessed + job.countOff,
    retries: job.retries,
    totalProcessingTime: job.processingMs,
    isPkChunkingSupported: isChunkable(job.objectName),
    ...(job.errorMessage !== null && { errorMessage: job.errorMessage }),
  })
}
