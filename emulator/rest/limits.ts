/** `/limits` and `/limits/recordCount` (salesforce-api.md 3.4, 4.1). */
import { OrgError, type OrgUser } from '../org/model.ts'
import { LIMITS, type LimitName } from './limit-names.ts'
import { json, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

// What recordCount leaves out: https://developer.salesforce.com/docs/platform/api-rest/guide/resources-record-count.html
const ASSOCIATED = /(Feed|History|Share)$/

interface Limit {
  readonly Max: number
  readonly Remaining: number
}

/** `/limits` and `/limits/recordCount`. */
export function limitResources({ org, usage }: RestContext): Resource[] {
  function requireSetup({ permissions }: OrgUser, what: string): void {
    if (permissions.has('ViewSetup')) return
    throw new OrgError('FORBIDDEN', `You don't have permission to view ${what} of this organization`, 403)
  }

  return [
    {
      path: 'limits',
      methods: {
        GET({ caller }) {
          requireSetup(caller, 'the limits')
          const limits: Record<string, Limit & Record<string, Limit | number>> = {}
          for (const name of Object.keys(LIMITS) as LimitName[]) {
            limits[name] = { Max: usage.maxOf(name), Remaining: usage.remaining(name) }
          }
          // Apps with a quota stand inside (salesforce-api.md 3.4).
          for (const { name, max, used } of usage.listAppQuotas()) {
            limits.DailyApiRequests = {
              Max: 0,
              Remaining: 0,
              ...limits.DailyApiRequests,
              [name]: { Max: max, Remaining: max - used },
            }
          }
          return json(limits)
        },
      },
    },
    {
      path: 'limits/recordCount',
      methods: {
        GET({ caller, query }) {
          requireSetup(caller, 'the record counts')
          // Salesforce's CLI sends the name without a value to ask for all.
          const names = query.get('sObjects')?.toLowerCase() ?? ''
          const wanted = names === '' ? undefined : names.split(',')
          const sObjects = org
            .listObjects(caller)
            .filter(({ name, queryable }) => queryable && !ASSOCIATED.test(name))
            .filter(({ name }) => wanted?.includes(name.toLowerCase()) ?? true)
            .map(({ name }) => ({ count: org.countRecords(name), name }))
          return json({ sObjects })
        },
      },
    },
  ]
}
