/** `/jobs/query` and `/jobs/ingest` (salesforce-api.md 5.1-5.5). */
import type { Hono } from 'hono'
import type { Context as EmulatorContext } from '../context.ts'
import type { ApiEnv } from '../rest/api.ts'
import { mountBulkIngest } from './ingest-routes.ts'
import type { BulkJobs } from './jobs.ts'
import { mountBulkQueries } from './query-routes.ts'

export function mountBulk(resources: Hono<ApiEnv>, context: EmulatorContext, jobs: BulkJobs): void {
  mountBulkQueries(resources, context, jobs)
  mountBulkIngest(resources, jobs)
}
