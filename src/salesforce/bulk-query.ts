/** Bulk API 2.0 query jobs: start, wait, and follow the locator from page to page. */

import type { Readable } from 'node:stream'
import { type Received, streamText } from './body.ts'
import { SalesforceError } from './error.ts'
import { asNumber, asRecord, asText, type JsonValue } from './json.ts'
import type { Transport } from './transport.ts'

export interface Cancellable {
  readonly signal?: AbortSignal | undefined
}

/** What a job is found by, also after a restart: results may only be fetched with the version that started it. */
interface BulkJobRef {
  readonly id: string
  /** `v67.0` */
  readonly apiVersion: string
}

export interface BulkJob extends BulkJobRef {
  readonly state: 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed'
  readonly objectName: string
  /** Grows while the job runs; exact once it is complete; null before Salesforce knows. */
  readonly recordsProcessed: number | null
  readonly errorMessage: string | null
}

export interface BulkPage {
  /** Plain CSV, header line included, without byte order mark and NUL bytes. Errors when it is cut short. */
  readonly body: Readable
  readonly received: Received
  /** Of this page; null for the first. */
  readonly locator: string | null
  /** Of the page after it; null when this is the last. */
  readonly nextLocator: string | null
  /** How many records Salesforce says are in this page; undefined when it doesn't say. */
  readonly recordCount: number | undefined
}

export interface BulkQueries {
  startBulkQuery(soql: string, options: { all: boolean } & Cancellable): Promise<BulkJob>
  /** Undefined when the job was deleted or never was. */
  findBulkJob(job: BulkJobRef, options?: Cancellable): Promise<BulkJob | undefined>
  /** Waits for `JobComplete`. Throws the job's own error when it failed or was aborted. */
  waitForBulkJob(job: BulkJobRef, options?: { onProgress?: (job: BulkJob) => void } & Cancellable): Promise<BulkJob>
  /** Pages of a complete job, the next one requested when it is asked for. Start `after` a locator to resume. */
  bulkQueryPages(
    job: BulkJobRef,
    options?: { after?: string | null; maxRecords?: number } & Cancellable,
  ): AsyncIterable<BulkPage>
  /** Stops the job; one that is finished or gone stays so. */
  abortBulkQuery(job: BulkJobRef, options?: Cancellable): Promise<void>
  /** Removes the job's results from Salesforce; one that is gone stays so. */
  deleteBulkQuery(job: BulkJobRef, options?: Cancellable): Promise<void>
}

const firstPollMs = 200
const longestPollMs = 30_000

export function createBulkQueries(transport: Transport, apiVersion: string): BulkQueries {
  const pathOf = (job: BulkJobRef) => `/services/data/${job.apiVersion}/jobs/query/${encodeURIComponent(job.id)}`

  async function getJob(job: BulkJobRef, { signal }: Cancellable): Promise<BulkJob> {
    return readJob(await transport.sendForJson({ path: pathOf(job), signal }), job.apiVersion)
  }

  async function* bulkQueryPages(
    job: BulkJobRef,
    { after = null, maxRecords, signal }: { after?: string | null; maxRecords?: number } & Cancellable = {},
  ): AsyncIterable<BulkPage> {
    let locator = after
    do {
      const page = await fetchPage(job, { locator, maxRecords, signal })
      yield page
      locator = page.nextLocator
    } while (locator !== null)
  }

  async function fetchPage(
    job: BulkJobRef,
    { locator, maxRecords, signal }: { locator: string | null; maxRecords: number | undefined } & Cancellable,
  ): Promise<BulkPage> {
    const query = new URLSearchParams()
    if (locator !== null) query.set('locator', locator)
    if (maxRecords !== undefined) query.set('maxRecords', String(maxRecords))
    const path = `${pathOf(job)}/results${query.size > 0 ? `?${query}` : ''}`
    return transport.send({ path, accept: 'text/csv', signal }, async (response, request) => {
      const count = response.headers.get('sforce-numberofrecords')
      const nextLocator = await readLocator(response, request)
      return {
        ...(await streamText(response, request, signal)),
        locator,
        nextLocator,
        recordCount: count !== null && /^\d+$/.test(count) ? Number(count) : undefined,
      }
    })
  }

  return {
    async startBulkQuery(soql, { all, signal }) {
      const body = { operation: all ? 'queryAll' : 'query', query: soql, contentType: 'CSV', lineEnding: 'LF' }
      const path = `/services/data/${apiVersion}/jobs/query`
      return readJob(await transport.sendForJson({ method: 'POST', path, body, signal }), apiVersion)
    },
    async findBulkJob(job, options = {}) {
      return getJob(job, options).catch(orWhen(404, undefined))
    },
    async waitForBulkJob(job, { onProgress, signal } = {}) {
      for (let pauseMs = firstPollMs; ; pauseMs = Math.min(pauseMs * 2, longestPollMs)) {
        const current = await getJob(job, { signal })
        onProgress?.(current)
        if (current.state === 'JobComplete') return current
        if (current.state === 'Failed' || current.state === 'Aborted') throw jobError(current, `GET ${pathOf(job)}`)
        await transport.wait(pauseMs, signal)
      }
    },
    bulkQueryPages,
    async abortBulkQuery(job, { signal } = {}) {
      // 400 INVALIDJOBSTATE: it was finished already.
      await transport
        .sendForJson({ method: 'PATCH', path: pathOf(job), body: { state: 'Aborted' }, signal })
        .catch(orWhen(404, null))
        .catch(orWhen(400, null))
    },
    async deleteBulkQuery(job, { signal } = {}) {
      await transport.sendForJson({ method: 'DELETE', path: pathOf(job), signal }).catch(orWhen(404, null))
    },
  }
}

async function readLocator(response: Response, request: string): Promise<string | null> {
  const locator = response.headers.get('sforce-locator')
  // Salesforce ends paging with the text "null", not with a missing header: without one, pages could be missing.
  if (locator === null || locator === '') {
    await response.body?.cancel()
    throw new SalesforceError({
      status: 0,
      code: 'LOCATOR_MISSING',
      message: 'Salesforce did not say whether more pages of results follow.',
      request,
    })
  }
  return locator === 'null' ? null : locator
}

function readJob(body: JsonValue, apiVersion: string): BulkJob {
  const job = asRecord(body)
  const version = asNumber(job.apiVersion)
  return {
    id: asText(job.id) ?? '',
    apiVersion: version === null ? apiVersion : `v${version.toFixed(1)}`,
    state: (asText(job.state) ?? 'InProgress') as BulkJob['state'],
    objectName: asText(job.object) ?? '',
    recordsProcessed: asNumber(job.numberRecordsProcessed),
    errorMessage: asText(job.errorMessage),
  }
}

function jobError(job: BulkJob, request: string): SalesforceError {
  const message = job.errorMessage ?? `The bulk job ended as ${job.state}.`
  // "InvalidBatch : Failed to process query: QUERY_TIMEOUT ...": the upper-case word is the code to decide on.
  const code = /\b[A-Z]+(?:_[A-Z]+)+\b/.exec(message)?.[0] ?? (job.state === 'Aborted' ? 'JOB_ABORTED' : 'JOB_FAILED')
  return new SalesforceError({ status: 200, code, message: message.slice(0, 1_000), request })
}

/** Answers `value` in place of an error with this status. */
function orWhen<T>(status: number, value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof SalesforceError && error.status === status) return value
    throw error
  }
}
