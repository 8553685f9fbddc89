/** Objects and interfaces with rules of their own (salesforce-api.md 4.5, 5.2, 10). */

import { rowFilter } from '../org/access.ts'
import { type FieldType, type FieldValue, type ObjectSchema, OrgError, type Viewer } from '../org/model.ts'
import type { Table } from '../org/table.ts'
import { type AccessPath, slotsOf } from './access-path.ts'
import { isAggregate } from './aggregate.ts'
import type { Fact, Test } from './filter.ts'
import type { ParsedQuery, PathExpression } from './syntax.ts'

const EQUALS = (operator: string) => operator === '=' || operator === 'IN'

const isOneOf = (facts: readonly Fact[], paths: readonly string[]) =>
  facts.some(({ path, operator }) => paths.includes(path) && EQUALS(operator))

/** Objects that are only queried by one of these fields, and what Salesforce says otherwise. */
const WANTED_FILTERS: { readonly [objectName: string]: { readonly by: readonly string[]; readonly message: string } } =
  {
    // https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdocumentlink.htm
    ContentDocumentLink: {
      by: ['Id', 'ContentDocumentId', 'LinkedEntityId'],
      message:
        "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.",
    },
    // https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentfolderitem.htm
    ContentFolderItem: {
      by: ['Id', 'ParentContentFolderId'],
      message:
        "Implementation restriction: ContentFolderItem requires a filter by Id or ParentContentFolderId using the equals or 'IN' operator",
    },
    ContentFolderMember: {
      by: ['Id', 'ParentContentFolderId', 'ChildRecordId'],
      message:
        'Implementation restriction: ContentFolderMember requires a filter by a single Id, ChildRecordId or ParentContentFolderId using the equals operator',
    },
    // https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_vote.htm
    Vote: {
      by: ['Id', 'ParentId', 'Parent.Type'],
      message:
        "Implementation restriction: When querying the Vote object, you must filter using the following syntax: ParentId = [single ID], Parent.Type = [single Type], Id = [single ID], or Id IN [list of ID's].",
    },
  }

const MOST_USER_RECORD_ACCESS = 200
const MOST_TOPIC_ASSIGNMENTS = 1_100

/** Throws when an object wants a filter or a limit that the query lacks. */
export function requireFilters(
  viewer: Viewer,
  schema: ObjectSchema,
  { facts, query }: { facts: readonly Fact[]; query: ParsedQuery },
): void {
  const wanted = WANTED_FILTERS[schema.name]
  if (wanted && !isOneOf(facts, wanted.by)) throw new OrgError('MALFORMED_QUERY', wanted.message)
  // https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_userrecordaccess.htm
  if (schema.name === 'UserRecordAccess') {
    const records = facts.find(({ path, operator }) => path === 'RecordId' && EQUALS(operator))
    const user = facts.some(({ path, operator }) => path === 'UserId' && operator === '=')
    if (!user || !records)
      throw new OrgError('INVALID_FIELD', 'Can select only RecordId, a Has*Access field, and MaxAccessLevel')
    if (records.values.length > MOST_USER_RECORD_ACCESS) {
      throw new OrgError(
        'MALFORMED_QUERY',
        `only a maximum of ${MOST_USER_RECORD_ACCESS} records can be queried at a time`,
      )
    }
  }
  if (schema.name === 'TopicAssignment' && !viewer.permissions.has('ViewAllData')) {
    const limited = query.limit !== undefined && query.limit <= MOST_TOPIC_ASSIGNMENTS
    if (!limited && !isOneOf(facts, ['Id', 'EntityId'])) {
      throw new OrgError(
        'MALFORMED_QUERY',
        `Implementation restriction: TopicAssignment requires a LIMIT of at most ${MOST_TOPIC_ASSIGNMENTS} or a filter by Id or EntityId.`,
      )
    }
  }
}

const MOST_RELATED = 100_000

/**
 * Throws when somebody who doesn't see all data asks for activities about more records than Salesforce is ready to check
 * their access to (salesforce-api.md 3.3, 4.2).
 */
export function requireFewRelations(viewer: Viewer, table: Table, path: AccessPath): void {
  const { name } = table.schema
  if ((name !== 'Task' && name !== 'Event') || viewer.permissions.has('ViewAllData')) return
  const slots = path.kind === 'list' ? path.slots.length : path.to - path.from + table.slotCount() - table.seededSlots
  if (slots * 2 <= MOST_RELATED) return
  const [who, what] = [table.column('WhoId'), table.column('WhatId')]
  const related = new Set<FieldValue>()
  for (const slot of slotsOf(table, path)) {
    related.add(who(slot)).add(what(slot))
    if (related.size > MOST_RELATED) {
      throw new OrgError('OPERATION_TOO_LARGE', `exceeded ${MOST_RELATED} distinct who/what's`)
    }
  }
}

/** Throws when the query can't be run by Bulk API 2.0. */
export function requireBulk(
  schema: ObjectSchema,
  query: ParsedQuery,
  typeOf: (path: PathExpression) => FieldType,
): void {
  const refuse = (message: string, errorCode = 'API_ERROR') => {
    throw new OrgError(errorCode, message)
  }
  const { items } = query
  if (!schema.bulk) refuse(`Entity '${schema.name}' is not supported by the Bulk API.`, 'INVALIDENTITY')
  for (const item of items) {
    if (item.kind === 'subquery') refuse('Aggregate Relationships not supported in Bulk Query')
    if (item.kind === 'typeof') refuse('TYPEOF is not supported in Bulk Query')
    if (item.kind === 'fields' && item.set !== 'STANDARD') {
      refuse('The SOQL FIELDS function is not supported in this API', 'MALFORMED_QUERY')
    }
    if (item.kind === 'field' && item.on.kind === 'path' && ['address', 'base64'].includes(typeOf(item.on))) {
      refuse('Selecting compound data not supported in Bulk Query', 'INVALIDENTITY')
    }
  }
  // The same words as for subqueries: https://github.com/forcedotcom/dataloader/blob/master/src/test/java/com/salesforce/dataloader/process/ProcessExtractTestBase.java
  if (isAggregate(query)) refuse('Aggregate Relationships not supported in Bulk Query')
  if (query.offset !== undefined) refuse('OFFSET is not supported in Bulk Query')
}

/** The records of an object that a viewer may see at all, given what the query asks for; undefined for all of them. */
export function visibleRecords(viewer: Viewer, table: Table, facts: readonly Fact[]): Test | undefined {
  const shared = rowFilter(viewer, table)
  const special = specialRecords(viewer, table, facts)
  if (!shared || !special) return shared ?? special
  return (slot) => shared(slot) && special(slot)
}

function specialRecords(viewer: Viewer, table: Table, facts: readonly Fact[]): Test | undefined {
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
    case 'EmailMessage': {
      // "Private drafts are visible only to their creator and to users with Modify All Data" (salesforce-api.md 4.5).
      const known = table.schema.fields.some(({ name }) => name === 'IsPrivateDraft')
      if (!known || viewer.permissions.has('ModifyAllData')) return undefined
      const [isPrivate, creator] = [table.column('IsPrivateDraft'), table.column('CreatedById')]
      return (slot) => isPrivate(slot) !== true || creator(slot) === viewer.userId
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
  const asksForArchived = facts.some(
    ({ path, values }) => path === 'PublishStatus' && values.some((value) => /^archived$/i.test(String(value))),
  )
  const named = isOneOf(facts, ['Id'])
  const archived =
    viewer.permissions.has('ViewArchivedArticles') &&
    (named || (asksForOlder && (asksForArchived || isOneOf(facts, ['KnowledgeArticleId']))))
  return (slot) => {
    const found = status(slot)
    return found === 'Online' || (found === 'Draft' ? drafts : archived)
  }
}
