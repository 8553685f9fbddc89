/** What is known of a Bulk job, whichever API made it; kept as it is in a `job.json` beside the job's files. */
import type { CsvDialect } from './csv.ts'
import type { Segment } from './spool.ts'

interface JobFacts {
  readonly id: string
  readonly objectName: string
  readonly createdById: string
  readonly createdAt: number
  /** `67`; the results of a job must be fetched with the version that made it. */
  readonly version: number
  modifiedAt: number
}

/** Rows that were found and written down. */
export interface SpooledRows {
  header: string
  segments: Segment[]
}

/** What an ingest job does with its rows. */
export type RowOperation = 'insert' | 'update' | 'upsert' | 'delete' | 'hardDelete'

/** What rows are to become. */
export interface RowTarget {
  readonly operation: RowOperation
  readonly externalIdFieldName: string | null
}

/** Bulk API 2.0 query (salesforce-api.md 5.1). */
export interface QueryJob extends JobFacts, CsvDialect, SpooledRows {
  readonly jobType: 'V2Query'
  readonly operation: 'query' | 'queryAll'
  readonly query: string
  state: 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Aborted' | 'Failed'
  recordsProcessed: number
  retries: number
  processingMs: number
  errorMessage: string | null
  /** Trouble asked for: looks that find the job in progress still, and rows that its count is too high by. */
  stuckLooks: number
  countOff: number
  areResultsGone: boolean
}

/** Bulk API 2.0 ingest (salesforce-api.md 5.5). */
export interface IngestJob extends JobFacts, CsvDialect, RowTarget {
  readonly jobType: 'V2Ingest'
  readonly operation: RowOperation
  readonly assignmentRuleId: string | null
  state: 'Open' | QueryJob['state']
  isUploaded: boolean
  recordsProcessed: number
  recordsFailed: number
  processingMs: number
  errorMessage: string | null
}

/** A batch of a Bulk API 1.0 job: rows to load, or one query. */
export interface Batch extends SpooledRows {
  readonly id: string
  readonly createdAt: number
  /** What a query batch asks; null for rows. */
  readonly soql: string | null
  /** Whether it came out of PK chunking, and not from a client. */
  readonly isChunk: boolean
  /** What follows its records. */
  footer: string
  modifiedAt: number
  state: 'Queued' | 'InProgress' | 'Completed' | 'Failed' | 'NotProcessed'
  stateMessage: string | null
  resultId: string | null
  recordsProcessed: number
  recordsFailed: number
  processingMs: number
}

/** `Sforce-Enable-PKChunking` (salesforce-api.md 5.7). */
export interface PkChunking {
  readonly chunkSize: number
  readonly parent: string | null
  readonly startRow: string | null
}

/** Bulk API 1.0 (salesforce-api.md 5.7). */
export interface ClassicJob extends JobFacts {
  readonly jobType: 'Classic'
  readonly operation: 'query' | 'queryAll' | RowOperation
  readonly contentType: 'CSV' | 'JSON' | 'XML'
  readonly concurrencyMode: 'Parallel' | 'Serial'
  readonly externalIdFieldName: string | null
  readonly assignmentRuleId: string | null
  readonly pkChunking: PkChunking | null
  state: 'Open' | 'Closed' | 'Aborted' | 'Failed'
  readonly batches: Batch[]
}

export type Job = QueryJob | IngestJob | ClassicJob
