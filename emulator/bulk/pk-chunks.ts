/**
 * PK chunking: one query becomes several, each for a range of record ids (salesforce-api.md 5.7,
 * https://developer.salesforce.com/docs/platform/api-asynch/guide/async-api-headers-enable-pk-chunking.html).
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { looksLikeId } from '../org/ids.ts'
import type { ObjectSchema, Org, OrgUser } from '../org/model.ts'
import type { ClassicJob, PkChunking } from './job.ts'
import { JobFailure } from './job-failure.ts'

const DEFAULT_CHUNK = 100_000
const LARGEST_CHUNK = 250_000
const TURN_ROWS = 5000

/** Of the objects that the guide names, those of sales and service (https://developer.salesforce.com/docs/atlas.en-us.252.0.api_asynch.meta/api_asynch/async_api_headers_enable_pk_chunking.htm). */
const CHUNKABLE = new Set(
  `Account AccountContactRelation AccountTeamMember Asset AssignedResource Campaign CampaignMember Case CaseArticle
  CaseComment CaseRelatedIssue ChangeRequest Contact ContentDistribution ContentDocument ContentNote ContentVersion
  Contract ContractLineItem ConversationEntry EmailMessage Entitlement Event EventRelation FeedItem Incident Individual
  Lead LinkedArticle LiveChatTranscript LoginHistory MessagingSession Note ObjectTerritory2Association Opportunity
  OpportunityContactRole OpportunityHistory OpportunityLineItem OpportunitySplit OpportunityTeamMember Order OrderItem
  Pricebook2 PricebookEntry Problem Product2 QuickText Quote QuoteLineItem ServiceAppointment ServiceContract Task
  TaskRelation User UserRole VoiceCall WorkOrder WorkOrderLineItem`.split(/\s+/),
)

/** Whether an object can be queried in chunks: some standard objects, custom ones, shares and histories. */
export function isChunkable(objectName: string): boolean {
  return CHUNKABLE.has(objectName) || /__|(?:Share|History)$/.test(objectName)
}

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
  const startRow = setting('startrow') ?? null
  if (startRow !== null && !looksLikeId(startRow)) {
    throw new JobFailure('InvalidJob', `PK chunking: startRow is no id: ${startRow}`)
  }
  return { chunkSize, parent: setting('parent') ?? null, startRow }
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
