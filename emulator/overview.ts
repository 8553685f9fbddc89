/** What the start page and curious programs are told of the org: its objects, how many records they have, a query's rows. */
import { z } from 'zod'
import type { BulkJobs } from './bulk/jobs.ts'
import { type Context as EmulatorContext, getUserByName } from './context.ts'
import type { OnControl } from './control-calls.ts'
import { type FieldValue, type NestedResult, type Org, OrgError, type OrgUser, type ResultColumn } from './org/model.ts'
import { formatInstant } from './values.ts'

const SHOWN_ROWS = 200
const SHOWN_JOBS = 100
/** Larger objects are counted by estimate. */
const MOST_WALKED = 20_000
/** Enough to tell records apart in a list. */
const LISTED_FIELDS = 6

/** The objects of the org as the administrator sees them, each with the fields that a list of its records would show. */
export function listObjects(org: Org): readonly { name: string; label: string; fields: readonly string[] }[] {
  return org
    .listObjects(getAdmin(org))
    .filter(({ queryable }) => queryable)
    .map(({ name, label, fields }) => {
      const listed = fields.filter(
        ({ name: field, nameField, type }) =>
          nameField ||
          (!/^(Id|IsDeleted)$|^(base64|address|textarea|location)$/.test(type) &&
            !/^(System|Last|IsDeleted)/.test(field)),
      )
      const sorted = [...listed.filter(({ nameField }) => nameField), ...listed.filter(({ nameField }) => !nameField)]
      return { name, label, fields: sorted.slice(0, LISTED_FIELDS).map((field) => field.name) }
    })
}

/** How many records an object has, about when it has many; null where Salesforce wants a filter. Throws when there is no such object. */
export function countRecords(org: Org, objectName: string): number | null {
  const admin = getAdmin(org)
  const { name } = org.getObject(admin, objectName)
  try {
    // What is refused is refused before a row is looked at.
    const records = org.query(admin, `SELECT Id FROM ${name}`, { all: false })
    const about = org.countRecords(name)
    return about > MOST_WALKED ? about : records.totalSize
  } catch (error) {
    if (error instanceof OrgError) return null
    throw error
  }
}

/** The Bulk jobs of all users, the newest first. */
export function listJobs({ store }: BulkJobs): readonly object[] {
  const apis = { V2Query: '2.0', V2Ingest: '2.0', Classic: '1.0' }
  return store
    .list()
    .toReversed()
    .slice(0, SHOWN_JOBS)
    .map((job) => ({
      id: job.id,
      api: apis[job.jobType],
      operation: job.operation,
      object: job.objectName,
      state: job.state,
      records: 'recordsProcessed' in job ? job.recordsProcessed : null,
      error: 'errorMessage' in job ? job.errorMessage : null,
      createdAt: job.createdAt,
    }))
}

/** `query`: SOQL as any user, without a token and without using up API calls. */
export function overviewControls(on: OnControl, { org }: EmulatorContext): void {
  on(
    'query',
    z.object({ username: z.string(), soql: z.string() }),
    {
      what: `Run a query as a user, without a token: the first ${SHOWN_ROWS} rows as text`,
      example: { username: getAdmin(org).username, soql: 'SELECT CaseNumber, Subject FROM Case LIMIT 3' },
    },
    ({ username, soql }) => {
      const result = org.query(getUserByName(org, username), soql, { all: false })
      const { columns, objectName, totalSize, countOnly } = result
      const rows = countOnly
        ? []
        : Array.from(Iterator.from(result.rows()).take(SHOWN_ROWS), (row) => ({
            id: result.idOf(row),
            values: row.map((value, index) => asText(value, columns[index])),
          }))
      return { objectName, totalSize, columns: countOnly ? [] : columns.map(({ path }) => path), rows }
    },
  )
}

/** The first sign-in is the administrator, who sees everything. */
export function getAdmin(org: Org): OrgUser {
  const [admin] = org.users
  if (!admin) throw new RangeError('The practice org has no sign-in to act for')
  return admin
}

function asText(value: FieldValue | NestedResult, column: ResultColumn | undefined): string | null {
  if (value === null) return null
  if (typeof value === 'object') return `${value.rows.length} ${value.objectName}`
  if (column?.type === 'datetime' && typeof value === 'number')
    return `${formatInstant(value).slice(0, 19).replace('T', ' ')}`
  return String(value)
}
