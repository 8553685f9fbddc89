/**
 * `USING SCOPE mine`: records by whose they are
 * (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-using-scope.html).
 */

import type { FieldValue } from '../org/model.ts'
import type { Scope } from './expressions.ts'
import type { Filter } from './filter.ts'
import { errorAt } from './message.ts'

/** The records of a scope, or undefined for all of them. */
export function scopeFilter(scope: Scope, name: string): Filter | undefined {
  const { schema, query, viewer, db } = scope
  const wanted = name.toLowerCase()
  if (wanted === 'everything') return undefined
  const refuse = () => {
    const reason = `scope '${name}' is not supported for entity '${schema.name}'`
    return errorAt(query.text, query.text.search(new RegExp(`\\b${name}\\b`)), 'MALFORMED_QUERY', reason)
  }
  if (!schema.fields.some((field) => field.name === 'OwnerId')) throw refuse()
  const ownedBy = (owners: readonly string[]): Filter => {
    const owner = db.table(schema.name).column('OwnerId')
    const members = new Set<FieldValue>(owners)
    return { test: (slot) => members.has(owner(slot)), facts: [{ path: 'OwnerId', operator: 'IN', values: owners }] }
  }
  if (wanted === 'mine') return ownedBy([viewer.userId])
  if (wanted === 'mine_and_my_groups') return ownedBy([viewer.userId, ...groupsOf(scope)])
  if (wanted === 'queue_owned') return ownedBy(groupsOf(scope))
  throw refuse()
}

function groupsOf({ db, viewer }: Scope): readonly string[] {
  const table = db.table('GroupMember')
  const [group, member] = [table.column('GroupId'), table.column('UserOrGroupId')]
  const groups: string[] = []
  for (let slot = 0; slot < table.slotCount(); slot++) {
    if (table.exists(slot) && member(slot) === viewer.userId) groups.push(String(group(slot)))
  }
  return groups
}
