/** `/limits` and `/limits/recordCount` (salesforce-api.md 3.4, 4.1). */
import type { Hono } from 'hono'
import { type BulkJobs, DAILY_QUERY_JOBS } from '../bulk/jobs.ts'
import type { Context as EmulatorContext } from '../context.ts'
import type { ApiEnv } from './api.ts'
import { errorResponse, jsonResponse } from './errors.ts'

export function mountLimits(resources: Hono<ApiEnv>, { org, usage }: EmulatorContext, jobs: BulkJobs): void {
  resources.get('/limits', (c) => {
    if (!c.get('caller').permissions.has('ViewSetup')) {
      return errorResponse(403, 'FORBIDDEN', "You don't have permission to view the limits of this organization")
    }
    const full = (max: number) => ({ Max: max, Remaining: max })
    return jsonResponse(
      JSON.stringify({
        ActiveScratchOrgs: full(6),
        DailyApiRequests: { Max: usage.max, Remaining: Math.max(0, usage.max - usage.used) },
        DailyBulkApiBatches: full(15_000),
        DailyBulkV2QueryFileStorageMB: full(976_562),
        DailyBulkV2QueryJobs: { Max: DAILY_QUERY_JOBS, Remaining: DAILY_QUERY_JOBS - jobs.countRecent() },
        DailyDeliveredPlatformEvents: full(25_000),
        DataStorageMB: { Max: 10_240, Remaining: 8000 },
        FileStorageMB: { Max: 10_240, Remaining: 9000 },
        HourlyPublishedPlatformEvents: full(50_000),
        SingleEmail: full(5000),
      }),
    )
  })

  resources.get('/limits/recordCount', (c) => {
    const caller = c.get('caller')
    const wanted = c.req.query('sObjects')?.toLowerCase().split(',')
    const counted = org
      .listObjects(caller)
      .filter(({ name, queryable }) => queryable && (wanted === undefined || wanted.includes(name.toLowerCase())))
      .map(({ name }) => ({ count: org.query(caller, `SELECT COUNT() FROM ${name}`, { all: false }).totalSize, name }))
    return jsonResponse(JSON.stringify({ sObjects: counted }))
  })
}
