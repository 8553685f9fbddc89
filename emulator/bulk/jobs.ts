/** The org's Bulk jobs of every kind, and the queue that works on them. */
import type { Context } from '../context.ts'
import { ClassicJobs } from './classic-jobs.ts'
import { IngestJobs } from './ingest-jobs.ts'
import { JobStore } from './job-store.ts'
import { QueryJobs } from './query-jobs.ts'
import { WorkQueue } from './work-queue.ts'

/** What the Bulk APIs need of the org. */
export type BulkContext = Pick<Context, 'org' | 'faults' | 'usage'>

export class BulkJobs {
  readonly store: JobStore
  readonly queries: QueryJobs
  readonly ingests: IngestJobs
  readonly classics: ClassicJobs
  readonly #queue = new WorkQueue()

  /** Takes up the jobs that the folder holds; those that were cut off go on or start over. */
  constructor(context: BulkContext, folder: string) {
    this.store = new JobStore(context.org, folder)
    const places = { store: this.store, queue: this.#queue }
    this.queries = new QueryJobs(context, places)
    this.ingests = new IngestJobs(context, places)
    this.classics = new ClassicJobs(context, places)
  }

  /** Stops the work; jobs that were not finished are taken up when the folder is opened again. */
  close(): Promise<void> {
    return this.#queue.close()
  }
}
