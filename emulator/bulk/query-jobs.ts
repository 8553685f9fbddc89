/** Bulk API 2.0 query jobs: from the request that makes one to its rows on disk (salesforce-api.md 5.1-5.3). */
import { rmSync } from 'node:fs'
import { findUser } from '../context.ts'
import { OrgError, type OrgUser, type QueryResult, type ResultRow } from '../org/model.ts'
import type { Occasion } from '../trouble/rule.ts'
import { type CsvDialect, csvRowWriter, writeCsvHeader } from './csv.ts'
import type { QueryJob } from './job.ts'
import { JobFailure, plannedFailure, queryFailureText } from './job-failure.ts'
import type { JobStore } from './job-store.ts'
import type { BulkContext } from './jobs.ts'
import { type Segment, spoolLines } from './spool.ts'
import type { WorkQueue } from './work-queue.ts'

const MEGABYTE = 1_000_000
/** Before this version columns came in alphabetical order (salesforce-api.md 5.1). */
const QUERY_ORDER_VERSION = 50

export class QueryJobs {
  readonly #context: BulkContext
  readonly #store: JobStore
  readonly #queue: WorkQueue

  /** Takes up the jobs that were left; those that were cut off start over. */
  constructor(context: BulkContext, { store, queue }: { store: JobStore; queue: WorkQueue }) {
    this.#context = context
    this.#store = store
    this.#queue = queue
    for (const job of store.list()) {
      if (job.jobType === 'V2Query' && job.state === 'UploadComplete') this.#queue.add(() => this.#work(job))
    }
  }

  /** Checks the query as Salesforce does at once, and queues the job. */
  create(
    caller: OrgUser,
    request: CsvDialect & { operation: QueryJob['operation']; query: string; version: number },
  ): QueryJob {
    const { usage, org } = this.#context
    const { objectName } = this.#ask(caller, request)
    if (usage.remaining('DailyBulkV2QueryFileStorageMB') === 0) {
      // 976,562 MB, as /limits has it, is this number of kilobytes (salesforce-api.md 3.3).
      const message = 'Max bulk v2 query result size stored (1000000000) kb per 24 hrs has been exceeded'
      throw new OrgError('LIMIT_EXCEEDED', message)
    }
    if (!usage.take('DailyBulkV2QueryJobs')) {
      const message = `Max bulk v2 query jobs (${usage.maxOf('DailyBulkV2QueryJobs')}) per 24 hrs has been reached`
      throw new OrgError('LIMIT_EXCEEDED', message)
    }
    const now = org.now()
    const job: QueryJob = {
      ...request,
      jobType: 'V2Query',
      id: this.#store.newId('750'),
      objectName,
      createdById: caller.userId,
      createdAt: now,
      modifiedAt: now,
      state: 'UploadComplete',
      recordsProcessed: 0,
      retries: 0,
      processingMs: 0,
      errorMessage: null,
      header: '',
      segments: [],
      stuckLooks: 0,
      countOff: 0,
      areResultsGone: false,
    }
    this.#store.add(job)
    this.#queue.add(() => this.#work(job))
    return job
  }

  abort(job: QueryJob): void {
    if (job.state !== 'UploadComplete' && job.state !== 'InProgress') {
      throw new OrgError('INVALIDJOBSTATE', 'Aborting already Completed Job not allowed')
    }
    this.#finish(job, 'Aborted')
  }

  delete(job: QueryJob): void {
    if (job.state === 'UploadComplete' || job.state === 'InProgress') {
      throw new OrgError('API_ERROR', `Deletion of job in state ${job.state} is not allowed`)
    }
    this.#store.drop(job)
  }

  /** Where the job's rows are. */
  rowsFile(job: QueryJob): string {
    return this.#store.fileOf(job, 'rows.deflate')
  }

  /** Takes the rows away for good, as if they had been lost. */
  loseResults(job: QueryJob): void {
    job.areResultsGone = true
    rmSync(this.rowsFile(job), { force: true })
    this.#store.save(job)
  }

  /** What a fault's rule can be about. */
  occasion(job: QueryJob): Occasion {
    const username = findUser(this.#context.org, job.createdById)?.username
    return { soql: job.query, objects: [job.objectName], username }
  }

  #ask(viewer: OrgUser, { query, operation }: Pick<QueryJob, 'operation' | 'query'>): QueryResult {
    return askInBulk(this.#context, viewer, { query, operation })
  }

  async #work(job: QueryJob): Promise<void> {
    if (job.state !== 'UploadComplete') return
    const { org, faults, usage } = this.#context
    const started = org.now()
    job.state = 'InProgress'
    job.modifiedAt = started
    const about = this.occasion(job)
    job.stuckLooks = faults.take('bulk-job-stuck', about)?.count ?? 0
    try {
      const failure = faults.take('bulk-job-fails', about)
      if (failure) throw plannedFailure(failure, 'QUERY_TIMEOUT')
      const viewer = findUser(org, job.createdById)
      if (!viewer?.active) throw new JobFailure('InvalidUser', 'The user who created the job is not active')
      const result = inColumnOrder(this.#ask(viewer, job), job.version)
      const write = csvRowWriter(result.columns, job)
      job.header = writeCsvHeader(result.columns, job)
      const segments = await spoolLines(mapLines(result, write), this.rowsFile(job), (rows) => {
        job.recordsProcessed = rows
        job.processingMs = org.now() - started
        return !this.#queue.isClosed && job.state === 'InProgress'
      })
      if (this.#queue.isClosed || job.state !== 'InProgress') return
      job.segments = segments
      job.countOff = faults.take('bulk-count-off', about)?.count ?? 0
      takeStorage(usage, segments)
      this.#finish(job, 'JobComplete')
    } catch (error) {
      if (job.state !== 'InProgress') return
      job.errorMessage = queryFailureText(error)
      // Salesforce tries again by itself before it gives up (salesforce-api.md 5.3).
      job.retries = /retried more than/i.test(job.errorMessage) ? 15 : 0
      this.#finish(job, 'Failed')
    }
  }

  #finish(job: QueryJob, state: QueryJob['state']): void {
    job.state = state
    job.modifiedAt = this.#context.org.now()
    this.#store.save(job)
  }
}

/** Runs a query under the Bulk API's restrictions (salesforce-api.md 5.2). */
export function askInBulk(
  { org }: BulkContext,
  viewer: OrgUser,
  { query, operation }: { query: string; operation: string },
): QueryResult {
  try {
    return org.query(viewer, query, { all: operation === 'queryAll', bulk: true })
  } catch (error) {
    // What REST answers with a code of its own comes as API_ERROR here (salesforce-api.md 3.3).
    if (error instanceof OrgError && error.message.startsWith('Implementation restriction')) {
      throw new OrgError('API_ERROR', error.message)
    }
    throw error
  }
}

function inColumnOrder(result: QueryResult, version: number): Pick<QueryResult, 'columns' | 'rows'> {
  if (version >= QUERY_ORDER_VERSION) return result
  const order = result.columns
    .map(({ path }, index) => ({ path, index }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ index }) => index)
  const pick = <T>(values: readonly T[]) => order.flatMap((index) => values.slice(index, index + 1))
  return {
    columns: pick(result.columns),
    *rows() {
      for (const row of result.rows()) yield pick(row)
    },
  }
}

export function* mapLines(result: Pick<QueryResult, 'rows'>, write: (row: ResultRow) => string): Generator<string> {
  for (const row of result.rows()) yield write(row)
}

function takeStorage(usage: BulkContext['usage'], segments: readonly Segment[]): void {
  const rawBytes = segments.reduce((sum, segment) => sum + segment.rawBytes, 0)
  usage.take('DailyBulkV2QueryFileStorageMB', Math.floor(rawBytes / MEGABYTE))
}
