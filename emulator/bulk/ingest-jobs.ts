/** Bulk API 2.0 ingest jobs: rows come in as CSV, go into the org in chunks, and come back with what became of them (salesforce-api.md 5.5). */
import { appendFileSync, createReadStream, createWriteStream, existsSync, rmSync, writeFileSync } from 'node:fs'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createGunzip, createInflate } from 'node:zlib'
import { findUser } from '../context.ts'
import { OrgError, type OrgUser } from '../org/model.ts'
import { type CsvDialect, csvLineWriter } from './csv.ts'
import { type CsvRow, readCsv } from './csv-read.ts'
import type { IngestJob, RowOperation } from './job.ts'
import { JobFailure, loadFailureText, plannedFailure } from './job-failure.ts'
import type { JobStore } from './job-store.ts'
import { checkTarget } from './job-target.ts'
import type { BulkContext } from './jobs.ts'
import {
  CHUNK_ROWS,
  csvRowMaker,
  type Load,
  type LoadRow,
  loadChunk,
  malformedRow,
  type RowOutcome,
  rowErrorText,
} from './load-rows.ts'
import type { WorkQueue } from './work-queue.ts'

/** An upload may have 150 MB once it is base64 (salesforce-api.md 5.3). */
const LARGEST_UPLOAD_BYTES = (150 * 1024 * 1024 * 3) / 4
/** Salesforce makes a batch of so many rows; the day's allocation counts batches. */
const BATCH_ROWS = 10_000

export interface IngestRequest extends CsvDialect {
  readonly object: string
  readonly operation: RowOperation
  readonly externalIdFieldName: string | null
  readonly assignmentRuleId: string | null
  readonly version: number
}

/** What a finished job can be asked for; the names are those of its resources. */
export type ResultKind = 'successfulResults' | 'failedResults' | 'unprocessedrecords'

export class IngestJobs {
  readonly #context: BulkContext
  readonly #store: JobStore
  readonly #queue: WorkQueue

  /** Takes up the jobs that were left; those that were cut off go on after the last chunk. */
  constructor(context: BulkContext, { store, queue }: { store: JobStore; queue: WorkQueue }) {
    this.#context = context
    this.#store = store
    this.#queue = queue
    for (const job of store.list()) {
      if (job.jobType === 'V2Ingest' && isWaiting(job)) queue.add(() => this.#work(job))
    }
  }

  create(caller: OrgUser, { object, ...request }: IngestRequest): IngestJob {
    const { org } = this.#context
    const objectName = asApiError(() => checkTarget(org, caller, { ...request, objectName: object }))
    const now = org.now()
    const job: IngestJob = {
      ...request,
      jobType: 'V2Ingest',
      id: this.#store.newId('750'),
      objectName,
      createdById: caller.userId,
      createdAt: now,
      modifiedAt: now,
      state: 'Open',
      isUploaded: false,
      recordsProcessed: 0,
      recordsFailed: 0,
      processingMs: 0,
      errorMessage: null,
    }
    this.#store.add(job)
    return job
  }

  /** Takes the job's rows: once, and while it is open. */
  async upload(job: IngestJob, body: ReadableStream<Uint8Array> | null, encoding: string | undefined): Promise<void> {
    if (job.isUploaded || job.state !== 'Open') {
      // Word for word as orgs answer a second PUT.
      const message = `Found multiple contents for job: <${job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do 'PUT' once on a given Job.`
      throw new OrgError('CLIENTINPUTERROR', `ClientInputError : ${message}`)
    }
    job.isUploaded = true
    const file = this.#store.fileOf(job, 'upload.csv')
    let bytes = 0
    const limited = new Transform({
      transform(chunk: Uint8Array, _, done) {
        bytes += chunk.length
        const isTooLarge = bytes > LARGEST_UPLOAD_BYTES
        done(
          isTooLarge ? new OrgError('EXCEEDED_MAX_SIZE_REQUEST', 'The upload exceeds 150 MB of base64') : null,
          chunk,
        )
      },
    })
    const sent = body === null ? Readable.from([]) : Readable.fromWeb(body as never)
    try {
      await pipeline([sent, ...decoders(encoding), limited, createWriteStream(file)])
    } catch (error) {
      job.isUploaded = false
      rmSync(file, { force: true })
      const { code = '' } = error as NodeJS.ErrnoException
      const isClients = /^(?:Z_|ECONNRESET$|ABORT_ERR$|ERR_STREAM_PREMATURE_CLOSE$)/.test(code)
      throw isClients ? new OrgError('CLIENTINPUTERROR', 'ClientInputError : Unable to read the upload') : error
    }
    this.#store.save(job)
  }

  /** No more rows will come: the job is queued. */
  close(job: IngestJob): void {
    if (job.state !== 'Open') throw new OrgError('INVALIDJOBSTATE', 'Closing already Completed Job not allowed')
    this.#enter(job, 'UploadComplete')
    this.#queue.add(() => this.#work(job))
  }

  abort(job: IngestJob): void {
    if (job.state !== 'Open' && !isWaiting(job)) {
      throw new OrgError('INVALIDJOBSTATE', 'Aborting already Completed Job not allowed')
    }
    this.#enter(job, 'Aborted')
  }

  delete(job: IngestJob): void {
    if (job.state === 'Open' || job.state === 'InProgress') {
      throw new OrgError('API_ERROR', `Deletion of job in state ${job.state} is not allowed`)
    }
    // A job that still waits for its turn is not to be begun.
    job.state = 'Aborted'
    this.#store.drop(job)
  }

  /** The rows of a finished job that came out in this way, as CSV with the columns they came with. */
  results(job: IngestJob, kind: ResultKind): Readable {
    if (kind === 'unprocessedrecords') return Readable.from(this.#unprocessed(job))
    const file = this.#resultFile(job, kind)
    return existsSync(file) ? createReadStream(file) : Readable.from(this.#resultHeader(job, kind))
  }

  #resultFile(job: IngestJob, kind: 'successfulResults' | 'failedResults'): string {
    return this.#store.fileOf(job, `${kind}.csv`)
  }

  async *#resultHeader(job: IngestJob, kind: ResultKind): AsyncGenerator<string> {
    for await (const { cells } of this.#rows(job)) {
      yield csvLineWriter(job)(resultTitles(kind, cells))
      return
    }
  }

  async *#unprocessed(job: IngestJob): AsyncGenerator<string> {
    const write = csvLineWriter(job)
    let index = -1
    for await (const { cells } of this.#rows(job)) {
      if (index === -1 || index >= job.recordsProcessed) yield write(cells)
      index += 1
    }
  }

  /** The rows of the upload, header first; none when nothing was uploaded or when it is no CSV at all. */
  async *#rows(job: IngestJob): AsyncGenerator<CsvRow> {
    const file = this.#store.fileOf(job, 'upload.csv')
    if (!existsSync(file)) return
    try {
      yield* readCsv(createReadStream(file, 'utf8'), job)
    } catch (error) {
      if (isWaiting(job) || !(error instanceof JobFailure)) throw error
    }
  }

  async #work(job: IngestJob): Promise<void> {
    if (!isWaiting(job)) return
    const { org, faults } = this.#context
    const started = org.now() - job.processingMs
    this.#enter(job, 'InProgress')
    const user = findUser(org, job.createdById)
    try {
      if (!user?.active) throw new JobFailure('InvalidUser', 'The user who created the job is not active')
      const failure = faults.take('bulk-job-fails', { objects: [job.objectName], username: user.username })
      const load: Load = { ...job, org, user, schema: org.getObject(user, job.objectName) }
      for await (const chunk of this.#chunks(job, load)) {
        if (failure && job.recordsProcessed >= (failure.count ?? 0)) {
          throw plannedFailure(failure, 'TooManyLockFailure')
        }
        this.#takeBatch(job)
        this.#keep(job, chunk, loadChunk(load, chunk.rows))
        job.processingMs = org.now() - started
        this.#store.save(job)
        await nextTurn()
        if (this.#queue.isClosed || job.state !== 'InProgress') return
      }
      if (job.state === 'InProgress') this.#enter(job, 'JobComplete')
    } catch (error) {
      if (job.state !== 'InProgress') return
      job.errorMessage = loadFailureText(error)
      this.#enter(job, 'Failed')
    }
  }

  /** Up to 200 rows at a time, after those that are done. */
  async *#chunks(job: IngestJob, load: Load): AsyncGenerator<Chunk> {
    let header: readonly string[] | undefined
    let makeRow: ReturnType<typeof csvRowMaker> | undefined
    let toSkip = job.recordsProcessed
    let chunk: Chunk = { header: [], cells: [], rows: [] }
    for await (const { cells, isMalformed } of this.#rows(job)) {
      if (!header || !makeRow) {
        header = cells
        makeRow = csvRowMaker(load, cells)
        chunk = { header, cells: [], rows: [] }
        continue
      }
      if (toSkip > 0) {
        toSkip -= 1
        continue
      }
      chunk.cells.push(cells)
      chunk.rows.push(isMalformed || cells.length > header.length ? malformedRow : makeRow(cells))
      if (chunk.rows.length < CHUNK_ROWS) continue
      yield chunk
      chunk = { header, cells: [], rows: [] }
    }
    if (chunk.rows.length > 0) yield chunk
  }

  /** Each 10,000 rows are a batch of the day's allocation; beyond it "the remaining data isn't processed". */
  #takeBatch(job: IngestJob): void {
    const isFirst = job.recordsProcessed % BATCH_ROWS === 0
    if (isFirst && !this.#context.usage.take('DailyBulkApiBatches')) {
      throw new JobFailure('ExceededQuota', 'ApiBatchItems Limit exceeded.')
    }
  }

  #keep(job: IngestJob, { header, cells }: Chunk, outcomes: readonly RowOutcome[]): void {
    const write = csvLineWriter(job)
    const lines = { successfulResults: '', failedResults: '' }
    for (const [index, { id, created, error }] of outcomes.entries()) {
      const row = cells[index] ?? []
      // Short rows are filled up, so that every line has all columns.
      const whole = header.map((_, column) => row[column] ?? '')
      if (error) lines.failedResults += write([id, rowErrorText(error), ...whole])
      else lines.successfulResults += write([id, String(created), ...whole])
      if (error) job.recordsFailed += 1
    }
    job.recordsProcessed += outcomes.length
    for (const kind of ['successfulResults', 'failedResults'] as const) {
      if (lines[kind] === '') continue
      const file = this.#resultFile(job, kind)
      if (!existsSync(file)) writeFileSync(file, write(resultTitles(kind, header)))
      appendFileSync(file, lines[kind])
    }
  }

  #enter(job: IngestJob, state: IngestJob['state']): void {
    job.state = state
    job.modifiedAt = this.#context.org.now()
    this.#store.save(job)
  }
}

interface Chunk {
  readonly header: readonly string[]
  readonly cells: (readonly string[])[]
  readonly rows: LoadRow[]
}

const isWaiting = ({ state }: IngestJob) => state === 'UploadComplete' || state === 'InProgress'

function resultTitles(kind: ResultKind, header: readonly string[]): readonly string[] {
  if (kind === 'unprocessedrecords') return header
  return ['sf__Id', kind === 'successfulResults' ? 'sf__Created' : 'sf__Error', ...header]
}

function decoders(encoding: string | undefined): Transform[] {
  if (encoding === undefined || encoding === 'identity') return []
  if (encoding === 'gzip') return [createGunzip()]
  if (encoding === 'deflate') return [createInflate()]
  throw new OrgError('UNSUPPORTED_MEDIA_TYPE', `Content-Encoding is not supported: ${encoding}`, 415)
}

/** Bulk API 2.0 writes codes in capitals (salesforce-api.md 5.6). */
function asApiError<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof JobFailure)) throw error
    throw new OrgError(error.code.toUpperCase(), `${error.code} : ${error.message}`)
  }
}
