/** What changed or was deleted in a window of time: `/sobjects/X/updated` and `/deleted` (salesforce-api.md 3.9). */
import { type ObjectSchema, OrgError } from '../org/model.ts'
import { formatRestDatetime } from '../values.ts'
import { type Call, json, param, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const UPDATED_DAYS = 30
const DELETED_DAYS = 15
const MOST_IDS = 600_000

interface Window {
  /** Epoch ms of whole minutes; a record stamped at either belongs to it. */
  readonly from: number
  readonly to: number
  /** Where the next call goes on: a minute earlier, for what was stamped in time and committed later. */
  readonly latestDateCovered: string
}

/** `/sobjects/{object}/updated` and `/deleted`. */
export function replicationResources({ org }: RestContext): Resource[] {
  function replicateable(call: Call): ObjectSchema {
    const schema = org.getObject(call.caller, param(call, 'object'))
    if (schema.replicateable) return schema
    throw new OrgError('INVALID_TYPE_FOR_OPERATION', `object type ${schema.name} is not replicable`)
  }

  function readWindow(call: Call, days: number): Window {
    const from = readMinute(call, 'start')
    const to = readMinute(call, 'end')
    const now = org.now()
    if (to - from < MINUTE) throw badWindow('endDate must be at least one minute greater than the startDate')
    if (from < now - days * DAY) throw badWindow(`startDate cannot be more than ${days} days ago`)
    const covered = Math.min(to, Math.floor(now / MINUTE) * MINUTE) - MINUTE
    return { from, to, latestDateCovered: formatRestDatetime(Math.max(from, covered)) }
  }

  return [
    {
      path: 'sobjects/:object/updated',
      methods: {
        GET(call) {
          const schema = replicateable(call)
          const { from, to, latestDateCovered } = readWindow(call, UPDATED_DAYS)
          const stamps = ['SystemModstamp', 'LastModifiedDate', 'CreatedDate']
          const stamp = stamps.find((name) => schema.fields.some((field) => field.name === name)) ?? 'CreatedDate'
          const range = `${stamp} >= ${literal(from)} AND ${stamp} <= ${literal(to)}`
          const soql = `SELECT Id FROM ${schema.name} WHERE ${range}`
          const ids: string[] = []
          for (const [id] of org.query(call.caller, soql, { all: false }).rows()) {
            ids.push(String(id))
            checkCount(ids)
          }
          return json({ ids, latestDateCovered })
        },
      },
    },
    {
      path: 'sobjects/:object/deleted',
      methods: {
        GET(call) {
          const schema = replicateable(call)
          const { from, to, latestDateCovered } = readWindow(call, DELETED_DAYS)
          // The window ends with the second that it names, the log's answer before the moment that it is asked for.
          const { earliest, entries } = org.listDeletions(call.caller, schema.name, from, to + 1000)
          if (from < Math.floor(earliest / MINUTE) * MINUTE) {
            throw badWindow('startDate before org replication enabled date')
          }
          checkCount(entries)
          const deletedRecords = entries.map(({ id, deletedAt }) => ({
            id,
            deletedDate: formatRestDatetime(deletedAt),
          }))
          return json({ deletedRecords, earliestDateAvailable: formatRestDatetime(earliest), latestDateCovered })
        },
      },
    },
  ]
}

const literal = (at: number) => new Date(at).toISOString()

function checkCount({ length }: { length: number }): void {
  if (length > MOST_IDS) throw new OrgError('EXCEEDED_ID_LIMIT', `The number of ids exceeds the limit of ${MOST_IDS}`)
}

function badWindow(message: string): OrgError {
  return new OrgError('INVALID_REPLICATION_DATE', message)
}

/** A date and time with its zone, without its seconds: they are ignored. */
function readMinute(call: Call, name: string): number {
  const text = call.query.get(name)
  if (text === null) throw new OrgError('MISSING_ARGUMENT', `The ${name} parameter is required`)
  // A `+` that wasn't encoded arrives as a space, and the zone is lost: Salesforce refuses it as well.
  const zoned = text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/.test(zoned)
    ? Date.parse(zoned)
    : Number.NaN
  if (Number.isNaN(at)) throw new OrgError('ILLEGAL_QUERY_PARAMETER_VALUE', `Invalid value of ${name}: ${text}`)
  return Math.floor(at / MINUTE) * MINUTE
}
