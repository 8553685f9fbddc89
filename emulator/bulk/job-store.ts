/** The Bulk jobs of the org: each in a folder of its own, so that they survive a restart when the folder does. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { idOfSlot } from '../org/ids.ts'
import { type Org, OrgError, type OrgUser } from '../org/model.ts'
import { toLongId } from '../values.ts'
import type { Job } from './job.ts'

const DAY_MS = 86_400_000
/** Jobs and their results are kept seven days (salesforce-api.md 5.1, 5.3). */
const KEPT_MS = 7 * DAY_MS
/** How long a job may be open (salesforce-api.md 5.3). */
const OPEN_MS = DAY_MS

export class JobStore {
  readonly #org: Org
  readonly #folder: string
  readonly #jobs = new Map<string, Job>()
  #lastNumber = 0

  /** Reads the jobs that the folder holds. */
  constructor(org: Org, folder: string) {
    this.#org = org
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
    if (existsSync(this.#numberFile)) this.#lastNumber = Number(readFileSync(this.#numberFile, 'utf8'))
    for (const name of readdirSync(folder)) {
      const file = join(folder, name, 'job.json')
      if (!existsSync(file)) continue
      const job: Job = JSON.parse(readFileSync(file, 'utf8'))
      this.#jobs.set(job.id, job)
    }
  }

  /** An id that no job, batch or result of this org ever had, deleted ones included. */
  newId(keyPrefix: '750' | '751' | '752'): string {
    this.#lastNumber += 1
    writeFileSync(this.#numberFile, String(this.#lastNumber))
    return idOfSlot(keyPrefix, this.#lastNumber)
  }

  add(job: Job): void {
    mkdirSync(join(this.#folder, job.id), { recursive: true })
    this.#jobs.set(job.id, job)
    this.save(job)
  }

  /** Writes a job down; what is not written down is forgotten when the process ends. */
  save(job: Job): void {
    const file = this.fileOf(job, 'job.json')
    writeFileSync(`${file}.new`, JSON.stringify(job))
    renameSync(`${file}.new`, file)
  }

  drop(job: Job): void {
    this.#jobs.delete(job.id)
    rmSync(join(this.#folder, job.id), { recursive: true, force: true })
  }

  /** Where a job keeps a file of this name. */
  fileOf(job: Job, name: string): string {
    return join(this.#folder, job.id, name)
  }

  /** All jobs, those of other users too, in the order of their creation. */
  list(): readonly Job[] {
    this.#tidy()
    return [...this.#jobs.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** The jobs that the caller may see: their own, or all with the right to administer them. */
  listFor(caller: OrgUser): readonly Job[] {
    return this.list().filter((job) => isVisible(job, caller))
  }

  /** The job of one API, when it is there and the caller's to see. Deleted and foreign ones look the same: 404. */
  get<T extends Job['jobType']>(caller: OrgUser, jobType: T, id: string): Extract<Job, { jobType: T }> {
    const job = this.find(jobType, id)
    if (!job || !isVisible(job, caller)) throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
    return job
  }

  find<T extends Job['jobType']>(jobType: T, id: string): Extract<Job, { jobType: T }> | undefined {
    this.#tidy()
    const job = this.#jobs.get(toLongId(id))
    return job?.jobType === jobType ? (job as Extract<Job, { jobType: T }>) : undefined
  }

  get #numberFile(): string {
    return join(this.#folder, 'last-number')
  }

  /** Jobs change with time alone: they are dropped after a week, and fail when nobody closes them for a day. */
  #tidy(): void {
    const now = this.#org.now()
    for (const job of this.#jobs.values()) {
      if (now - job.modifiedAt > KEPT_MS && !isUnderWay(job)) this.drop(job)
      else if (job.state === 'Open' && now - job.createdAt > OPEN_MS) {
        job.state = 'Failed'
        job.modifiedAt = now
        if (job.jobType === 'V2Ingest') job.errorMessage = 'Timeout : The job was open for more than 24 hours'
        this.save(job)
      }
    }
  }
}

/** Whether work on the job is due or under way: a clock that jumps must not take its files from under it. */
function isUnderWay(job: Job): boolean {
  if (job.jobType !== 'Classic') return job.state === 'UploadComplete' || job.state === 'InProgress'
  return job.batches.some(({ state }) => state === 'Queued' || state === 'InProgress')
}

/** "The user who created the job, or one with Manage Data Integrations" (salesforce-api.md 5.1). */
export function isVisible(job: Job, caller: OrgUser): boolean {
  const { permissions } = caller
  return (
    job.createdById === caller.userId || permissions.has('ManageDataIntegrations') || permissions.has('ViewAllData')
  )
}
