/** `/limits` and `/limits/recordCount` (salesforce-api.md 3.4, 4.1). */
import type { Hono } from 'hono'
import type { Context as EmulatorContext } from '../context.ts'
import type { ApiEnv } from './api.ts'
import { errorResponse, jsonResponse } from './errors.ts'
import { LIMITS, type LimitName } from './limit-names.ts'

export function mountLimits(resources: Hono<ApiEnv>, { org, usage }: EmulatorContext): void {
  resources.get('/limits', (c) => {
    if (!c.get('caller').permissions.has('ViewSetup')) {
      return errorResponse(403, 'FORBIDDEN', "You don't have permission to view the limits of this organization")
    }
    const limits: Record<string, { Max: number; Remaining: number }> = {}
    for (const name of Object.keys(LIMITS) as LimitName[]) {
      limits[name] = { Max: usage.maxOf(name), Remaining: usage.remaining(name) }
    }
    return jsonResponse(JSON.stringify(limits))
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
