/**
 * PK chunking: one query becomes several, each for a range of record ids (salesforce-api.md 5.7,
 * https://developer.salesforce.com/docs/platform/api-asynch/guide/async-api-headers-enable-pk-chunking.html).
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ObjectSchema, Org, OrgUser } from '../org/model.ts'
import type { ClassicJob, PkChunking } from './job.ts'
import { JobFailure } from './job-failure.ts'

const DEFAULT_CHUNK = 100_000
const LARGEST_CHUNK = 250_000
const TURN_ROWS = 5000

/** Reads `Sforce-Enable-PKChunking`: `true`, `false`, or settings such as `chunkSize=50000; parent=Case; startRow=500...`. */
export function readPkChunking(header: string | undefined): PkChunking | null {
  if (header === undefined) return null
  const parts = header.split(';').map((part) => part.trim())
  if (parts.some((part) => part.toLowerCase() === 'false')) return null
  const setting = (name: string) =>
    parts
      .map((part) => part.split('='))
      .find(([key = '']) => key.trim().toLowerCase() === name)?.[1]
      ?.trim()
  const chunkSize = Number(setting('chunksize') ?? DEFAULT_CHUNK)
  if (!Number.isInteger(chunkSize) || chunkSize < 1 || chunkSize > LARGEST_CHUNK) {
    throw new JobFailure('InvalidJob', `PK chunking: chunkSize must be between 1 and ${LARGEST_CHUNK}`)
  }
  return { chunkSize, parent: setting('parent') ?? null, startRow: setting('startrow') ?? null }
}

/** The queries that a query is split into; undefined when it can't be, and runs as it is. */
export async function splitQuery(
  org: Org,
  user: OrgUser,
  job: ClassicJob,
  soql: string,
): Promise<string[] | undefined> {
  const { pkChunking, objectName } = job
  const parsed = pkChunking && splitWhere(soql)
  if (!pkChunking || !parsed) return undefined
  const { path, table } = chunkedBy(org, user, objectName, pkChunking.parent)
  const bounds = await findBounds(org, user, table, pkChunking)
  return bounds.map((from, index) => {
    const to = bounds[index + 1]
    const range = [`${path} >= '${from}'`, ...(to === undefined ? [] : [`${path} < '${to}'`])]
    const conditions = parsed.where === undefined ? range : [`(${parsed.where})`, ...range]
    return `${parsed.head} WHERE ${conditions.join(' AND ')}`
  })
}

/** Only a WHERE may follow the object: anything else "effectively disables" chunking. */
function splitWhere(soql: string): { head: string; where: string | undefined } | undefined {
  // Values and everything in brackets are blanked out, so that words in them are no clauses.
  let bare = soql.replaceAll(/'(?:[^'\\]|\\.)*'/g, (text) => ' '.repeat(text.length))
  for (let before = ''; before !== bare; ) {
    before = bare
    bare = bare.replaceAll(/\([^()]*\)/g, (text) => ' '.repeat(text.length))
  }
  if (/\b(?:order\s+by|limit|offset|group\s+by|having|for\s+(?:view|reference|update)|with)\b/i.test(bare)) {
    return undefined
  }
  const isSubquery = /\(\s*select\b/i.test(soql)
  if (isSubquery) return undefined
  const at = bare.search(/\bwhere\b/i)
  if (at < 0) return { head: soql.trim(), where: undefined }
  return { head: soql.slice(0, at).trim(), where: soql.slice(at + 'where'.length).trim() }
}

/** The id to chunk by and whose ids it is: the object's own, or its parent's for shares and histories. */
function chunkedBy(org: Org, user: OrgUser, objectName: string, parent: string | null) {
  if (parent === null) return { path: 'Id', table: objectName }
  const isReference = ({ referenceTo }: ObjectSchema['fields'][number]) =>
    referenceTo.some((name) => name.toLowerCase() === parent.toLowerCase())
  const field = org.getObject(user, objectName).fields.find(isReference)
  if (!field) throw new JobFailure('InvalidJob', `PK chunking: ${parent} is not a parent of ${objectName}`)
  return { path: field.name, table: parent }
}

/** The first id of each chunk. Deleted records count for its size (salesforce-api.md 5.7). */
async function findBounds(
  org: Org,
  user: OrgUser,
  table: string,
  { chunkSize, startRow }: PkChunking,
): Promise<string[]> {
  const where = startRow === null ? '' : ` WHERE Id >= '${startRow}'`
  const bounds: string[] = []
  let row = 0
  for (const [id] of org.query(user, `SELECT Id FROM ${table}${where}`, { all: true, bulk: true }).rows()) {
    if (row % chunkSize === 0) bounds.push(String(id).slice(0, 15))
    row += 1
    // A walk over millions lets other requests have their turn.
    if (row % TURN_ROWS === 0) await nextTurn()
  }
  return bounds
}
