/** `/limits` and `/limits/recordCount` (salesforce-api.md 3.4, 4.1). */
import { OrgError, type OrgUser } from '../org/model.ts'
import { LIMITS, type LimitName } from './limit-names.ts'
import { json, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

interface Limit {
  readonly Max: number
  readonly Remaining: number
}

/** `/limits` and `/limits/recordCount`. */
export function limitResources({ org, usage }: RestContext): Resource[] {
  /** Undefined for objects that can only be queried with a filter (salesforce-api.md 4.5). */
  function countOf(caller: OrgUser, name: string): number | undefined {
    try {
      return org.query(caller, `SELECT COUNT() FROM ${name}`, { all: false }).totalSize
    } catch (error) {
      if (error instanceof OrgError) return undefined
      throw error
    }
  }

  return [
    {
      path: 'limits',
      methods: {
        GET({ caller }) {
          if (!caller.permissions.has('ViewSetup')) {
            const message = "You don't have permission to view the limits of this organization"
            throw new OrgError('FORBIDDEN', message, 403)
          }
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
          // Salesforce's CLI sends the name without a value to ask for all.
          const names = query.get('sObjects')?.toLowerCase() ?? ''
          const wanted = names === '' ? undefined : names.split(',')
          const sObjects = org
            .listObjects(caller)
            .filter(({ name, queryable }) => queryable && (wanted?.includes(name.toLowerCase()) ?? true))
            .flatMap(({ name }) => {
              const count = countOf(caller, name)
              return count === undefined ? [] : [{ count, name }]
            })
          return json({ sObjects })
        },
      },
    },
  ]
}
