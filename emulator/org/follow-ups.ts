/** Further changes that Salesforce makes because of one. */

import { readField } from './automation.ts'
import type { FieldValue, RecordFields } from './model.ts'
import { personFollowUps } from './person-accounts.ts'
import type { Table } from './table.ts'

type Tables = ReadonlyMap<string, Table>

/** A further change that follows from one. */
type FollowUp =
  | { readonly kind: 'create'; readonly objectName: string; readonly fields: RecordFields }
  | { readonly kind: 'update'; readonly objectName: string; readonly id: string; readonly fields: RecordFields }

/** What is added or changed because of a change. */
export function followUps(
  tables: Tables,
  table: Table,
  { id, before, fields }: { id: string; before: RecordFields | undefined; fields: RecordFields },
): readonly FollowUp[] {
  const differs = (name: string) => name in fields && fields[name] !== (before?.[name] ?? null)
  switch (table.schema.name) {
    case 'Account':
    case 'Contact':
      return personFollowUps(tables, table, { id, before, fields })
    case 'Case':
      return caseHistory(tables, id, before, fields, differs)
    case 'Opportunity': {
      const tracked = ['StageName', 'Amount', 'CloseDate', 'Probability', 'ForecastCategory', 'ExpectedRevenue']
      if (before && !tracked.some(differs)) return []
      // A deal's contact is its primary contact role, which is made with it:
      // https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_opportunity.htm
      const { ContactId = null } = fields
      const role: FollowUp = {
        kind: 'create',
        objectName: 'OpportunityContactRole',
        fields: { OpportunityId: id, ContactId, IsPrimary: true },
      }
      const slot = table.slotOf(id)
      const now = Object.fromEntries(tracked.map((name) => [name, table.column(name)(slot)]))
      const history: FollowUp = {
        kind: 'create',
        objectName: 'OpportunityHistory',
        fields: { OpportunityId: id, ...now },
      }
      return before || ContactId === null ? [history] : [history, role]
    }
    case 'OpportunityLineItem': {
      const opportunityId = table.column('OpportunityId')(table.slotOf(id))
      if (typeof opportunityId !== 'string' || !differs('TotalPrice')) return []
      const change = Number(fields.TotalPrice ?? 0) - Number(before?.TotalPrice ?? 0)
      const had = readField(tables, 'Opportunity', opportunityId, 'HasOpportunityLineItem') === true
      const amount = had ? Number(readField(tables, 'Opportunity', opportunityId, 'Amount') ?? 0) : 0
      const sum = Math.round((amount + change) * 100) / 100
      const updated = { Amount: sum, HasOpportunityLineItem: true }
      return [{ kind: 'update', objectName: 'Opportunity', id: opportunityId, fields: updated }]
    }
    case 'CaseComment': {
      // A comment counts as an edit of its case, whose stamps move.
      const caseId = table.column('ParentId')(table.slotOf(id))
      return typeof caseId === 'string' && isLive(tables, 'Case', caseId)
        ? [{ kind: 'update', objectName: 'Case', id: caseId, fields: {} }]
        : []
    }
    case 'ContentDocument': {
      // A document and its latest version are called alike, whichever is renamed.
      const versionId = table.column('LatestPublishedVersionId')(table.slotOf(id))
      if (!before || !differs('Title') || typeof versionId !== 'string') return []
      if (readField(tables, 'ContentVersion', versionId, 'Title') === fields.Title) return []
      return [{ kind: 'update', objectName: 'ContentVersion', id: versionId, fields: { Title: fields.Title ?? null } }]
    }
    case 'ContentVersion': {
      const documentId = table.column('ContentDocumentId')(table.slotOf(id))
      const isLatest = table.column('IsLatest')(table.slotOf(id)) === true
      if (!before || !isLatest || !differs('Title') || typeof documentId !== 'string') return []
      if (readField(tables, 'ContentDocument', documentId, 'Title') === fields.Title) return []
      return [
        { kind: 'update', objectName: 'ContentDocument', id: documentId, fields: { Title: fields.Title ?? null } },
      ]
    }
    default:
      return []
  }
}

function isLive(tables: Tables, objectName: string, id: string): boolean {
  const table = tables.get(objectName)
  const slot = table?.slotOf(id) ?? -1
  return slot >= 0 && table?.isDeleted(slot) === false
}

function caseHistory(
  tables: Tables,
  id: string,
  before: RecordFields | undefined,
  fields: RecordFields,
  differs: (name: string) => boolean,
): readonly FollowUp[] {
  const row = (field: string, type: string, oldValue: FieldValue, newValue: FieldValue): FollowUp => ({
    kind: 'create',
    objectName: 'CaseHistory',
    fields: { CaseId: id, Field: field, DataType: type, OldValue: oldValue, NewValue: newValue },
  })
  if (!before) return [row('created', 'Text', null, null)]
  const rows: FollowUp[] = []
  for (const name of ['Status', 'Priority']) {
    if (differs(name)) rows.push(row(name, 'DynamicEnum', before[name] ?? null, fields[name] ?? null))
  }
  if (differs('OwnerId')) {
    // An owner change is tracked twice: once by name, once by id.
    const name = (owner: FieldValue | undefined) =>
      readField(tables, 'User', owner, 'Name') ?? readField(tables, 'Group', owner, 'Name')
    rows.push(row('Owner', 'Text', name(before.OwnerId), name(fields.OwnerId)))
    rows.push(row('Owner', 'EntityId', before.OwnerId ?? null, fields.OwnerId ?? null))
  }
  return rows
}
