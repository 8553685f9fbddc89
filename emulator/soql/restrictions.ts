/** Objects and interfaces with rules of their own (salesforce-api.md 4.5, 5.2, 10). */

import { type ObjectSchema, OrgError, type Viewer } from '../org/model.ts'
import type { Table } from '../org/table.ts'
import type { Fact, Test } from './filter.ts'
import type { ParsedQuery } from './parse.ts'

const isOneOf = (facts: readonly Fact[], paths: readonly string[]) =>
  facts.some(({ path, operator }) => paths.includes(path) && (operator === '=' || operator === 'IN'))

/** Throws when an object wants a filter that the query lacks. */
export function requireFilters(schema: ObjectSchema, facts: readonly Fact[]): void {
  // https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdocumentlink.htm
  if (schema.name !== 'ContentDocumentLink') return
  const single = facts.some(
    ({ path, operator, values }) =>
      ['Id', 'ContentDocumentId', 'LinkedEntityId'].includes(path) &&
      (operator === 'IN' || (operator === '=' && values.length === 1)),
  )
  if (single) return
  throw new OrgError(
    'MALFORMED_QUERY',
    "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.",
  )
}

/** Throws when the query can't be run by Bulk API 2.0. */
export function requireBulk(schema: ObjectSchema, query: ParsedQuery, compound: boolean): void {
  const refuse = (message: string, errorCode = 'API_ERROR') => {
    throw new OrgError(errorCode, message)
  }
  if (!schema.bulk) refuse(`Entity '${schema.name}' is not supported by the Bulk API.`, 'INVALIDENTITY')
  if (compound) refuse('Selecting compound data not supported in Bulk Query', 'INVALIDENTITY')
  if (query.items.some((item) => item.kind === 'subquery'))
    refuse('Aggregate Relationships not supported in Bulk Query')
  if (query.items.some((item) => item.kind === 'typeof')) refuse('TYPEOF is not supported in Bulk Query')
  if (query.groupBy.length > 0 || query.items.some((item) => item.kind === 'field' && item.on.fn !== undefined)) {
    refuse('Aggregate functions and GROUP BY are not supported in Bulk Query')
  }
  if (query.offset !== undefined) refuse('OFFSET is not supported in Bulk Query')
}

/** The records of an object that a viewer may see at all, given what the query asks for; undefined for all of them. */
export function visibleRecords(viewer: Viewer, table: Table, facts: readonly Fact[]): Test | undefined {
  switch (table.schema.name) {
    case 'Knowledge__kav':
      return visibleArticles(viewer, table, facts)
    case 'ContentDocument':
    case 'ContentVersion': {
      // Without an id, only what the viewer owns; with one, what a record leads to.
      if (viewer.permissions.has('QueryAllFiles') || isOneOf(facts, ['Id', 'ContentDocumentId'])) return undefined
      const owner = table.column('OwnerId')
      return (slot) => owner(slot) === viewer.userId
    }
    default:
      return undefined
  }
}

/** Records that a plain query leaves out and queryAll shows: the recycle bin, and archived activities. */
export function hiddenUnlessAll({ schema, isDeleted, column }: Table): Test | undefined {
  if (!schema.fields.some((field) => field.name === 'IsDeleted')) return undefined
  if (schema.name !== 'Task' && schema.name !== 'Event') return isDeleted
  const isArchived = column('IsArchived')
  return (slot) => isDeleted(slot) || isArchived(slot) === true
}

function visibleArticles(viewer: Viewer, table: Table, facts: readonly Fact[]): Test {
  const status = table.column('PublishStatus')
  const drafts = viewer.permissions.has('ViewDraftArticles')
  // https://developer.salesforce.com/docs/atlas.en-us.knowledge_dev.meta/knowledge_dev/sforce_api_objects_knowledge__kav.htm
  const asksForOlder = facts.some(({ path, values }) => path === 'IsLatestVersion' && values[0] === false)
  const asksForArchived = facts.some(({ path, values }) => path === 'PublishStatus' && values.includes('Archived'))
  const named = isOneOf(facts, ['Id'])
  const archived =
    viewer.permissions.has('ViewArchivedArticles') &&
    (named || (asksForOlder && (asksForArchived || isOneOf(facts, ['KnowledgeArticleId']))))
  return (slot) => {
    const found = status(slot)
    return found === 'Online' || (found === 'Draft' ? drafts : archived)
  }
}
