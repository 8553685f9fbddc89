/** What the tests of the practice org share: an org with a clock, and all of its records at once. */

import { createOrg } from './create-org.ts'
import type { FieldValue, NestedResult, Org, OrgOptions, OrgUser } from './model.ts'

export const ANCHOR = Date.parse('2026-11-02T09:00:00Z')

/** A small org whose clock starts at the anchor and ticks two seconds with each look at it. */
export function testOrg(options: Partial<OrgOptions> = {}): Org {
  let time = ANCHOR
  const now = () => {
    time += 2_000
    return time
  }
  return createOrg({ seed: 1, scale: 0.1, anchor: ANCHOR, now, ...options })
}

/** The administrator and the support agent. */
export function signIns(org: Org): { admin: OrgUser; agent: OrgUser } {
  const [admin, agent] = org.users
  if (!admin || !agent) throw new Error('The practice org has two sign-ins')
  return { admin, agent }
}

/** A query's rows as plain values. */
export function rowsOf(
  org: Org,
  soql: string,
  { viewer = signIns(org).admin, all = false }: { viewer?: OrgUser; all?: boolean } = {},
): readonly (readonly (FieldValue | NestedResult)[])[] {
  return Array.from(org.query(viewer, soql, { all }).rows(), (row) => [...row])
}

const BY_DOCUMENT = 'IN (SELECT Id FROM ContentDocument)'
/** What gives all of an object's records where Salesforce wants a filter; nothing of what only answers about others. */
const ALL_OF: { readonly [objectName: string]: readonly string[] } = {
  ContentDocumentLink: [`WHERE ContentDocumentId ${BY_DOCUMENT}`],
  ContentFolderMember: [`WHERE ChildRecordId ${BY_DOCUMENT}`],
  Knowledge__kav: ['', "WHERE PublishStatus = 'Archived' AND IsLatestVersion = false"],
  UserRecordAccess: [],
}

/** Every record of every object, deleted and archived ones included, as texts: two orgs are equal when these are. */
export function everything(org: Org): ReadonlyMap<string, readonly string[]> {
  const { admin } = signIns(org)
  return new Map(
    org.listObjects(admin).map(({ name, fields }) => {
      const columns = fields.map((field) => field.name).join(', ')
      const queries = (ALL_OF[name] ?? ['']).map((where) => `SELECT ${columns} FROM ${name} ${where}`)
      return [name, queries.flatMap((soql) => rowsOf(org, soql, { all: true }).map((row) => JSON.stringify(row)))]
    }),
  )
}
