/** The control calls about the org's allocations. */
import { z } from 'zod'
import type { OnControl } from '../control-calls.ts'
import { LIMITS, type LimitName } from './limit-names.ts'
import type { ApiUsage } from './usage.ts'

const names = Object.keys(LIMITS) as LimitName[]

/** Lets any allocation of `/limits` be made smaller, or used up, and apps have quotas of their own. */
export function limitControls(on: OnControl, usage: ApiUsage): void {
  on(
    'app-quota',
    z.strictObject({ app: z.string().min(1), max: z.int().nonnegative().nullable() }),
    {
      what: 'Give an app a quota of API calls of its own, or (null) take it away; it then shows in Sforce-Limit-Info',
      example: { app: 'Loopline', max: 250 },
    },
    ({ app, max }) => usage.setAppQuota(app, max),
  )
  on(
    'limits',
    z.strictObject({
      limit: z.enum(names),
      max: z.int().nonnegative().optional(),
      used: z.int().nonnegative().optional(),
    }),
    {
      what: 'Make an allocation of /limits another size, or say how much of it is used',
      example: { limit: 'DailyBulkV2QueryJobs', max: 10_000, used: 9_998 },
    },
    ({ limit, ...size }) => {
      usage.setLimit(limit, size)
      return { Max: usage.maxOf(limit), Remaining: usage.remaining(limit) }
    },
  )
}
