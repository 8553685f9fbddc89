import type { Logger } from 'pino'
import type { Salesforce } from '../salesforce/client.ts'
import type { Pool } from '../store/database.ts'
import type { Integration } from '../store/integrations.ts'
import type { ClaimedRun } from '../store/runs.ts'

/** A point in a run at which the process may die: tests let it die at each of them. */
type RunStep =
  | 'claimed'
  | 'window-fixed'
  | 'prepared'
  | 'job-started'
  | 'job-complete'
  | 'page-copied'
  | 'page-merged'
  | 'page-landed'
  | 'stream-finished'
  | 'stream-tended'

export interface RunSizes {
  /** From so many records on, a first load is a Bulk job: one takes Salesforce some seconds however small it is. */
  readonly bulkFrom: number
  /** Larger Bulk pages spread the cost of a commit, smaller ones lose less in a crash. */
  readonly recordsPerPage: number
}

/** All that one attempt at a run works with. */
export interface RunContext {
  readonly run: ClaimedRun
  readonly integration: Integration
  readonly salesforce: Salesforce
  readonly sql: Pool
  /** One connection of the run's own: its lock, its landing tables and its transactions live there. */
  readonly session: Pool
  readonly signal: AbortSignal
  readonly log: Logger
  readonly now: () => Date
  readonly sizes: RunSizes
  /** Throws when the integration has used its share of the org's API calls. */
  readonly checkApiBudget: () => void
  /** Throws what a crash at this step would look like; does nothing outside of tests. */
  readonly onStep: (step: RunStep, objectName?: string) => void
}

/** An attempt whose window is fixed. */
export interface WindowedRun extends RunContext {
  readonly windowEnd: Date
  /** Whether this attempt has just asked what the org has: then a field that isn't there is no news. */
  readonly isFreshlyDescribed: boolean
}
