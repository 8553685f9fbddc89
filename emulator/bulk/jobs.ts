/** Bulk API 2.0 query jobs: a queue, the work itself, and what is kept on disk (salesforce-api.md 5.1-5.3). */
import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { findUser } from '../context.ts'
import type { PlannedFaults } from '../faults.ts'
import { type Org, OrgError, type OrgUser, type QueryResult, type ResultRow } from '../org/model.ts'
import { toLongId } from '../values.ts'
import { type CsvDialect, csvRowWriter, writeCsvHeader } from './csv.ts'
import { type Segment, spoolLines } from './spool.ts'

const DAY_MS = 86_400_000
/** Query jobs in 24 hours (salesforce-api.md 5.3). */
export const DAILY_QUERY_JOBS = 10_000
/** Results are kept seven days (salesforce-api.md 5.1). */
const KEPT_MS = 7 * DAY_MS
/** Jobs that are worked on at the same time; the others wait as UploadComplete. */
const WORKED_ON = 2

type JobState = 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed'

/** Everything there is to know of a job; kept as `job.json` beside its rows. */
export interface Job extends CsvDialect {
  readonly id: string
  readonly operation: 'query' | 'queryAll'
  readonly query: string
  readonly objectName: string
  readonly createdById: string
  readonly createdAt: number
  /** `67`; results must be fetched with the version that made the job. */
  readonly version: number
  modifiedAt: number
  state: JobState
  recordsProcessed: number
  processingMs: number
  errorMessage: string | null
  header: string
  segments: Segment[]
}

export class BulkJobs {
  readonly #org: Org
  readonly #faults: PlannedFaults
  readonly #folder: string
  readonly #jobs = new Map<string, Job>()
  readonly #queue: Job[] = []
  readonly #working = new Set<Promise<void>>()
  #createdTimes: number[] = []
  #closed = false

  /** Takes up the jobs that the folder holds; those that were cut off start over. */
  constructor(org: Org, options: { folder: string; faults: PlannedFaults }) {
    this.#org = org
    this.#faults = options.faults
    this.#folder = options.folder
    mkdirSync(this.#folder, { recursive: true })
    for (const id of readdirSync(this.#folder)) {
      const file = join(this.#folder, id, 'job.json')
      if (!existsSync(file)) continue
      const job: Job = JSON.parse(readFileSync(file, 'utf8'))
      this.#jobs.set(job.id, job)
      if (job.state === 'UploadComplete') this.#queue.push(job)
    }
    this.#startNext()
  }

  /** Checks the query as Salesforce does at once, and queues the job. */
  create(caller: OrgUser, request: CsvDialect & { operation: Job['operation']; query: string; version: number }): Job {
    this.#dropOld()
    if (this.countRecent() >= DAILY_QUERY_JOBS) {
      const message = `Max bulk v2 query jobs (${DAILY_QUERY_JOBS}) per 24 hrs has been reached`
      throw new OrgError('LIMIT_EXCEEDED', message)
    }
    const { objectName } = this.#ask(caller, request)
    const now = this.#org.now()
    const job: Job = {
      ...request,
      id: newJobId(),
      objectName,
      createdById: caller.userId,
      createdAt: now,
      modifiedAt: now,
      state: 'UploadComplete',
      recordsProcessed: 0,
      processingMs: 0,
      errorMessage: null,
      header: '',
      segments: [],
    }
    this.#createdTimes.push(now)
    mkdirSync(join(this.#folder, job.id), { recursive: true })
    this.#save(job)
    this.#jobs.set(job.id, job)
    this.#queue.push(job)
    this.#startNext()
    return job
  }

  /** The job, when it is there and the caller's to see. Deleted and foreign ones look the same: 404. */
  getJob(caller: OrgUser, id: string): Job {
    this.#dropOld()
    const job = this.#jobs.get(toLongId(id))
    if (!job || !isVisible(job, caller)) throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
    return job
  }

  listJobs(caller: OrgUser): Job[] {
    this.#dropOld()
    return [...this.#jobs.values()].filter((job) => isVisible(job, caller))
  }

  abort(job: Job): void {
    if (job.state !== 'UploadComplete' && job.state !== 'InProgress') {
      throw new OrgError('INVALIDJOBSTATE', 'Aborting already Completed Job not allowed')
    }
    this.#finish(job, 'Aborted')
  }

  delete(job: Job): void {
    if (job.state === 'UploadComplete' || job.state === 'InProgress') {
      throw new OrgError('API_ERROR', `Deletion of job in state ${job.state} is not allowed`)
    }
    this.#drop(job)
  }

  /** Where the job's rows are. */
  rowsFile(job: Job): string {
    return join(this.#folder, job.id, 'rows.deflate')
  }

  /** Jobs created in the last 24 hours. */
  countRecent(): number {
    const since = this.#org.now() - DAY_MS
    this.#createdTimes = this.#createdTimes.filter((at) => at > since)
    return this.#createdTimes.length
  }

  /** Stops the work; jobs that were not finished start over when the folder is opened again. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#working)
  }

  #ask(viewer: OrgUser, job: Pick<Job, 'operation' | 'query'>): QueryResult {
    return this.#org.query(viewer, job.query, { all: job.operation === 'queryAll', bulk: true })
  }

  #startNext(): void {
    while (this.#working.size < WORKED_ON) {
      const job = this.#queue.shift()
      if (!job) return
      const work = this.#work(job).finally(() => {
        this.#working.delete(work)
        if (!this.#closed) this.#startNext()
      })
      this.#working.add(work)
    }
  }

  async #work(job: Job): Promise<void> {
    // The request that created the job is answered first: clients see UploadComplete.
    await nextTurn()
    if (this.#closed || job.state !== 'UploadComplete') return
    job.state = 'InProgress'
    const started = performance.now()
    try {
      const failure = this.#faults.takeJobFailure()
      if (failure !== undefined) throw new Error(failure)
      const viewer = findUser(this.#org, job.createdById)
      if (!viewer) throw new Error('InvalidUser : the user is gone')
      const result = this.#ask(viewer, job)
      const write = csvRowWriter(result.columns, job)
      job.header = writeCsvHeader(result.columns, job)
      const segments = await spoolLines(mapLines(result, write), this.rowsFile(job), (rows) => {
        job.recordsProcessed = rows
        job.processingMs = Math.round(performance.now() - started)
        return !this.#closed && job.state === 'InProgress'
      })
      if (this.#closed || job.state !== 'InProgress') return
      job.segments = segments
      this.#finish(job, 'JobComplete')
    } catch (error) {
      if (job.state !== 'InProgress') return
      const reason =
        error instanceof OrgError ? `${error.errorCode}: ${error.message}` : String((error as Error).message)
      job.errorMessage = `InvalidBatch : Failed to process query: ${reason}`
      this.#finish(job, 'Failed')
    }
  }

  #finish(job: Job, state: JobState): void {
    job.state = state
    job.modifiedAt = this.#org.now()
    this.#save(job)
  }

  #save(job: Job): void {
    const file = join(this.#folder, job.id, 'job.json')
    writeFileSync(`${file}.new`, JSON.stringify(job))
    renameSync(`${file}.new`, file)
  }

  #dropOld(): void {
    const before = this.#org.now() - KEPT_MS
    for (const job of this.#jobs.values()) {
      if (job.modifiedAt < before && job.state !== 'InProgress') this.#drop(job)
    }
  }

  #drop(job: Job): void {
    this.#jobs.delete(job.id)
    rmSync(join(this.#folder, job.id), { recursive: true, force: true })
  }
}

function* mapLines(result: QueryResult, write: (row: ResultRow) => string): Generator<string> {
  for (const row of result.rows()) yield write(row)
}

function isVisible(job: Job, caller: OrgUser): boolean {
  return job.createdById === caller.userId || caller.permissions.has('ViewAllData')
}

const ID_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function newJobId(): string {
  const body = Array.from({ length: 7 }, () => ID_ALPHABET.charAt(randomInt(ID_ALPHABET.length))).join('')
  return toLongId(`7505f000${body}`)
}
