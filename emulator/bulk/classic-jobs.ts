/** Bulk API 1.0 jobs and their batches: queries, chunked or not, and rows to load (salesforce-api.md 5.7). */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { findUser } from '../context.ts'
import { OrgError, type OrgUser, type QueryResult } from '../org/model.ts'
import { toLongId } from '../values.ts'
import { type KeptOutcome, recordWriter } from './classic-results.ts'
import { readRows } from './classic-rows.ts'
import type { Batch, ClassicJob } from './job.ts'
import { JobFailure, loadFailureText, plannedFailure, queryFailureText } from './job-failure.ts'
import { isVisible, type JobStore } from './job-store.ts'
import { checkTarget } from './job-target.ts'
import type { BulkContext } from './jobs.ts'
import { CHUNK_ROWS, loadChunk, type RowOutcome } from './load-rows.ts'
import { isChunkable, splitQuery } from './pk-chunks.ts'
import { askInBulk, mapLines } from './query-jobs.ts'
import { spoolLines } from './spool.ts'
import type { WorkQueue } from './work-queue.ts'

export type ClassicRequest = Pick<
  ClassicJob,
  | 'operation'
  | 'contentType'
  | 'concurrencyMode'
  | 'externalIdFieldName'
  | 'assignmentRuleId'
  | 'pkChunking'
  | 'version'
  | 'objectName'
>

export class ClassicJobs {
  readonly #context: BulkContext
  readonly #store: JobStore
  readonly #queue: WorkQueue

  /** Takes up the batches that were left: queries start over, rows go on after the last chunk. */
  constructor(context: BulkContext, { store, queue }: { store: JobStore; queue: WorkQueue }) {
    this.#context = context
    this.#store = store
    this.#queue = queue
    for (const job of store.list()) {
      if (job.jobType !== 'Classic') continue
      for (const batch of job.batches) if (isWaiting(batch)) queue.add(() => this.#work(job, batch))
    }
  }

  create(caller: OrgUser, request: ClassicRequest): ClassicJob {
    const { org } = this.#context
    const objectName = checkTarget(org, caller, request)
    if (request.pkChunking && !isChunkable(objectName)) {
      throw new JobFailure('InvalidEntity', `Entity '${objectName}' is not supported to use PKChunking.`)
    }
    const now = org.now()
    const job: ClassicJob = {
      ...request,
      jobType: 'Classic',
      id: this.#store.newId('750'),
      objectName,
      createdById: caller.userId,
      createdAt: now,
      modifiedAt: now,
      state: 'Open',
      batches: [],
    }
    this.#store.add(job)
    return job
  }

  /** The job, when it is there. Throws as the API does for one that isn't, or that another user made. */
  get(caller: OrgUser, id: string): ClassicJob {
    const job = this.#store.find('Classic', id)
    if (!job) throw new JobFailure('InvalidJob', `Unable to find job for id: ${id}`)
    if (!isVisible(job, caller)) throw new JobFailure('InvalidUser', 'The job was created by another user')
    return job
  }

  getBatch(job: ClassicJob, id: string): Batch {
    const batch = job.batches.find((candidate) => candidate.id === toLongId(id))
    if (!batch) throw new JobFailure('InvalidBatch', `Unable to find batch for id: ${id}`)
    return batch
  }

  addBatch(job: ClassicJob, content: string): Batch {
    if (job.state !== 'Open') {
      throw new JobFailure('InvalidJobState', `Unable to add batch to a job that is not open: ${job.state}`)
    }
    if (!this.#context.usage.take('DailyBulkApiBatches')) throw noBatchesLeft()
    const batch = this.#newBatch({ soql: isQuery(job) ? content.trim() : null, isChunk: false })
    writeFileSync(this.requestFile(job, batch), content)
    this.#enqueue(job, batch)
    this.#store.save(job)
    return batch
  }

  close(job: ClassicJob): void {
    this.#leave(job, 'Closed')
  }

  /** Ends the job. What its batches did stays done; what they did not do yet is left. */
  abort(job: ClassicJob): void {
    this.#leave(job, 'Aborted')
    for (const batch of job.batches) if (isWaiting(batch)) this.#enter(job, batch, 'NotProcessed')
  }

  requestFile(job: ClassicJob, batch: Batch): string {
    return this.#store.fileOf(job, `${batch.id}.request`)
  }

  /** Where a query batch's records are. */
  recordsFile(job: ClassicJob, batch: Batch): string {
    return this.#store.fileOf(job, `${batch.id}.deflate`)
  }

  /** What became of a batch's rows so far. */
  readOutcomes(job: ClassicJob, batch: Batch): KeptOutcome[] {
    const file = this.#outcomesFile(job, batch)
    if (!existsSync(file)) return []
    return readFileSync(file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as KeptOutcome)
  }

  #outcomesFile(job: ClassicJob, batch: Batch): string {
    return this.#store.fileOf(job, `${batch.id}.outcomes`)
  }

  #newBatch(from: Pick<Batch, 'soql' | 'isChunk'>): Batch {
    const now = this.#context.org.now()
    return {
      id: this.#store.newId('751'),
      createdAt: now,
      modifiedAt: now,
      ...from,
      state: 'Queued',
      stateMessage: null,
      resultId: null,
      recordsProcessed: 0,
      recordsFailed: 0,
      processingMs: 0,
      header: '',
      footer: '',
      segments: [],
    }
  }

  #enqueue(job: ClassicJob, batch: Batch): void {
    job.batches.push(batch)
    this.#queue.add(() => this.#work(job, batch))
  }

  async #work(job: ClassicJob, batch: Batch): Promise<void> {
    if (!isWaiting(batch)) return
    const { org, faults } = this.#context
    const started = org.now() - batch.processingMs
    this.#enter(job, batch, 'InProgress')
    const tick = () => {
      batch.processingMs = org.now() - started
      return !this.#queue.isClosed && batch.state === 'InProgress'
    }
    const user = findUser(org, job.createdById)
    try {
      if (!user?.active) throw new JobFailure('InvalidUser', 'The user who created the job is not active')
      const about = { objects: [job.objectName], soql: batch.soql ?? undefined, username: user.username }
      const failure = faults.take('bulk-job-fails', about)
      if (failure) throw plannedFailure(failure, 'QUERY_TIMEOUT')
      const end = await (batch.soql === null
        ? this.#loadRows(job, batch, user, tick)
        : this.#query(job, batch, user, tick))
      if (tick()) this.#enter(job, batch, end)
    } catch (error) {
      if (batch.state !== 'InProgress') return
      batch.stateMessage = batch.soql === null ? loadFailureText(error) : queryFailureText(error)
      this.#enter(job, batch, 'Failed')
    }
  }

  async #query(job: ClassicJob, batch: Batch, user: OrgUser, tick: () => boolean): Promise<Batch['state']> {
    const { org, usage } = this.#context
    const soql = batch.soql ?? ''
    const result = this.#ask(job, user, soql)
    const chunks = batch.isChunk ? undefined : await splitQuery(org, user, job, soql)
    if (chunks) {
      if (!usage.take('DailyBulkApiBatches', chunks.length)) throw noBatchesLeft()
      // Written down with the state that follows, all at once: a query that is split is not split again after a restart.
      for (const chunk of tick() ? chunks : []) this.#enqueue(job, this.#newBatch({ soql: chunk, isChunk: true }))
      return 'NotProcessed'
    }
    // The other formats name the records that rows come from, which only an ordinary query knows.
    const isCsv = job.contentType === 'CSV'
    const named = isCsv ? result : org.query(user, soql, { all: job.operation === 'queryAll' })
    const { header, footer, write } = recordWriter(named, job)
    batch.header = header
    batch.footer = footer
    batch.segments = await spoolLines(mapLines(named, write), this.recordsFile(job, batch), (rows) => {
      batch.recordsProcessed = rows
      return tick()
    })
    batch.resultId ??= this.#store.newId('752')
    return 'Completed'
  }

  #ask(job: ClassicJob, user: OrgUser, soql: string): QueryResult {
    try {
      const result = askInBulk(this.#context, user, { query: soql, operation: job.operation })
      if (result.objectName === job.objectName) return result
      // Word for word from https://github.com/simple-salesforce/simple-salesforce/issues/502
      const message = `The root entity of the requested query (${result.objectName}) does not match the entity of the requested Bulk API Job (${job.objectName}).`
      throw new OrgError('INVALID_TYPE_FOR_OPERATION', message)
    } catch (error) {
      // The older API has its own code for this one (https://github.com/ForceCLI/force/issues/531).
      const isCompound = error instanceof OrgError && error.message.startsWith('Selecting compound data')
      throw isCompound ? new OrgError('FUNCTIONALITY_NOT_ENABLED', error.message) : error
    }
  }

  async #loadRows(job: ClassicJob, batch: Batch, user: OrgUser, tick: () => boolean): Promise<Batch['state']> {
    const { org } = this.#context
    const { operation } = job
    if (operation === 'query' || operation === 'queryAll') throw new Error('A query has no rows to load')
    const load = { ...job, operation, org, user, schema: org.getObject(user, job.objectName) }
    const rows = readRows(load, job.contentType, readFileSync(this.requestFile(job, batch), 'utf8'))
    while (batch.recordsProcessed < rows.length) {
      const chunk = rows.slice(batch.recordsProcessed, batch.recordsProcessed + CHUNK_ROWS)
      const outcomes = loadChunk(load, chunk)
      appendFileSync(this.#outcomesFile(job, batch), outcomes.map((one) => `${JSON.stringify(kept(one))}\n`).join(''))
      batch.recordsProcessed += outcomes.length
      batch.recordsFailed += outcomes.filter(({ error }) => error !== null).length
      this.#store.save(job)
      await nextTurn()
      if (!tick()) break
    }
    return 'Completed'
  }

  #leave(job: ClassicJob, state: 'Closed' | 'Aborted'): void {
    if (job.state !== 'Open' && !(job.state === 'Closed' && state === 'Aborted' && job.batches.some(isWaiting))) {
      throw new JobFailure(
        'InvalidJobState',
        `${state === 'Closed' ? 'Closing' : 'Aborting'} already ${job.state} Job not allowed`,
      )
    }
    job.state = state
    job.modifiedAt = this.#context.org.now()
    this.#store.save(job)
  }

  #enter(job: ClassicJob, batch: Batch, state: Batch['state']): void {
    batch.state = state
    batch.modifiedAt = this.#context.org.now()
    job.modifiedAt = batch.modifiedAt
    this.#store.save(job)
  }
}

const isWaiting = ({ state }: Batch) => state === 'Queued' || state === 'InProgress'

export const isQuery = ({ operation }: Pick<ClassicJob, 'operation'>) =>
  operation === 'query' || operation === 'queryAll'

function kept({ id, created, error }: RowOutcome): KeptOutcome {
  const { errorCode: statusCode = '', message = '', fields = [] } = error ?? {}
  return { id, created, success: error === null, error: error && { statusCode, message, fields } }
}

const noBatchesLeft = () => new JobFailure('ExceededQuota', 'ApiBatchItems Limit exceeded.')
