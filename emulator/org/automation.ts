/** What Salesforce does by itself around a change: fields it fills in, records it adds, details it takes along. */

import { caseNumber } from './cases.ts'
import type { FieldValue, RecordFields } from './model.ts'
import { FORECAST_NAMES, STAGES } from './sales-process.ts'
import type { Table } from './table.ts'

type Tables = ReadonlyMap<string, Table>

interface Occasion {
  readonly userId: string
  readonly at: number
  readonly slot: number
  readonly created: boolean
}

/** A further change that follows from one. */
export type FollowUp =
  | { readonly kind: 'create'; readonly objectName: string; readonly fields: RecordFields }
  | { readonly kind: 'update'; readonly objectName: string; readonly id: string; readonly fields: RecordFields }

/** One field of a record by its id, or null. */
function read(tables: Tables, objectName: string, id: FieldValue | undefined, field: string): FieldValue {
  const table = tables.get(objectName)
  if (!table || typeof id !== 'string') return null
  const slot = table.slotOf(id)
  return slot < 0 ? null : table.column(field)(slot)
}

/** The fields of a change, with defaults and everything that Salesforce works out from them. */
export function filledIn(tables: Tables, table: Table, occasion: Occasion, fields: RecordFields): RecordFields {
  const filled: Record<string, FieldValue> = occasion.created
    ? { ...defaultsOf(table, occasion), ...fields }
    : { ...fields }
  const current = (name: string): FieldValue =>
    name in filled ? (filled[name] ?? null) : occasion.created ? null : table.column(name)(occasion.slot)
  const changed = (...names: string[]) => names.some((name) => name in fields)
  const at = Math.floor(occasion.at / 1000) * 1000

  if (table.schema.fields.some((field) => field.compoundFieldName === 'Name') && changed('FirstName', 'LastName')) {
    filled.Name = [current('FirstName'), current('LastName')].filter(Boolean).join(' ')
  }
  switch (table.schema.name) {
    case 'Case':
      if (occasion.created) filled.CaseNumber = caseNumber(occasion.slot)
      if (changed('ContactId')) {
        filled.ContactEmail = read(tables, 'Contact', current('ContactId'), 'Email')
        filled.ContactPhone = read(tables, 'Contact', current('ContactId'), 'Phone')
        if (current('AccountId') === null) filled.AccountId = read(tables, 'Contact', current('ContactId'), 'AccountId')
      }
      if (changed('Status') || occasion.created) {
        const wasClosed = !occasion.created && table.column('IsClosed')(occasion.slot) === true
        filled.IsClosed = current('Status') === 'Closed'
        filled.IsClosedOnCreate = occasion.created ? filled.IsClosed : table.column('IsClosedOnCreate')(occasion.slot)
        if (filled.IsClosed !== wasClosed) filled.ClosedDate = filled.IsClosed ? at : null
      }
      break
    case 'Opportunity':
      fillOpportunity(filled, current, changed('StageName'))
      break
    case 'OpportunityLineItem':
      filled.TotalPrice = Number(current('Quantity') ?? 0) * Number(current('UnitPrice') ?? 0)
      if (changed('PricebookEntryId')) {
        filled.Product2Id = read(tables, 'PricebookEntry', current('PricebookEntryId'), 'Product2Id')
        filled.Name = read(tables, 'Product2', filled.Product2Id, 'Name')
        filled.ProductCode = read(tables, 'Product2', filled.Product2Id, 'ProductCode')
        filled.ListPrice = read(tables, 'PricebookEntry', current('PricebookEntryId'), 'UnitPrice')
      }
      break
    case 'Task': {
      const done = current('Status') === 'Completed'
      const wasDone = !occasion.created && table.column('IsClosed')(occasion.slot) === true
      filled.IsClosed = done
      if (done !== wasDone) filled.CompletedDateTime = done ? at : null
      filled.IsHighPriority = current('Priority') === 'High'
      if (changed('WhatId')) filled.AccountId = accountBehind(tables, current('WhatId'))
      break
    }
    case 'Attachment':
      if (changed('Body')) filled.BodyLength = Buffer.from(String(current('Body') ?? ''), 'base64').length
      break
    case 'EmailMessage':
      if (occasion.created && current('MessageDate') === null) filled.MessageDate = at
      break
  }
  return filled
}

function defaultsOf(table: Table, { userId }: Occasion): Record<string, FieldValue> {
  const defaults: Record<string, FieldValue> = {}
  for (const field of table.schema.fields) {
    const preset = field.picklistValues.find((choice) => choice.defaultValue)
    if (preset) defaults[field.name] = preset.value
    if (field.name === 'OwnerId') defaults.OwnerId = userId
  }
  return defaults
}

function accountBehind(tables: Tables, whatId: FieldValue): FieldValue {
  if (typeof whatId !== 'string') return null
  if (whatId.startsWith('001')) return whatId
  return read(tables, whatId.startsWith('006') ? 'Opportunity' : 'Case', whatId, 'AccountId')
}

function fillOpportunity(
  filled: Record<string, FieldValue>,
  current: (name: string) => FieldValue,
  staged: boolean,
): void {
  const stage = STAGES.find(({ name }) => name === current('StageName'))
  if (stage && staged) {
    filled.Probability = stage.probability
    filled.IsClosed = stage.category === 'Closed' || stage.category === 'Omitted'
    filled.IsWon = stage.category === 'Closed'
    filled.ForecastCategory = stage.category
    filled.ForecastCategoryName = FORECAST_NAMES[stage.category] ?? null
  }
  const closeDate = current('CloseDate')
  if (typeof closeDate === 'string') {
    const quarter = Math.ceil(Number(closeDate.slice(5, 7)) / 3)
    filled.FiscalYear = Number(closeDate.slice(0, 4))
    filled.FiscalQuarter = quarter
    filled.Fiscal = `${closeDate.slice(0, 4)} ${quarter}`
  }
  filled.ExpectedRevenue = expectedRevenue(current('Amount'), current('Probability'))
}

/** What an amount is worth at a probability, to the cent. */
export function expectedRevenue(amount: FieldValue, probability: FieldValue): FieldValue {
  return typeof amount === 'number' ? Math.round(amount * Number(probability ?? 0)) / 100 : null
}

/** What is added or changed because of a change. */
export function followUps(
  tables: Tables,
  table: Table,
  { id, before, fields }: { id: string; before: RecordFields | undefined; fields: RecordFields },
): readonly FollowUp[] {
  const differs = (name: string) => name in fields && fields[name] !== (before?.[name] ?? null)
  switch (table.schema.name) {
    case 'Case':
      return caseHistory(tables, id, before, fields, differs)
    case 'Opportunity': {
      const tracked = ['StageName', 'Amount', 'CloseDate', 'Probability', 'ForecastCategory', 'ExpectedRevenue']
      if (before && !tracked.some(differs)) return []
      const slot = table.slotOf(id)
      const now = Object.fromEntries(tracked.map((name) => [name, table.column(name)(slot)]))
      return [{ kind: 'create', objectName: 'OpportunityHistory', fields: { OpportunityId: id, ...now } }]
    }
    case 'OpportunityLineItem': {
      const opportunityId = table.column('OpportunityId')(table.slotOf(id))
      if (typeof opportunityId !== 'string' || !differs('TotalPrice')) return []
      const change = Number(fields.TotalPrice ?? 0) - Number(before?.TotalPrice ?? 0)
      const had = read(tables, 'Opportunity', opportunityId, 'HasOpportunityLineItem') === true
      const amount = had ? Number(read(tables, 'Opportunity', opportunityId, 'Amount') ?? 0) : 0
      const sum = Math.round((amount + change) * 100) / 100
      const updated = { Amount: sum, HasOpportunityLineItem: true }
      return [{ kind: 'update', objectName: 'Opportunity', id: opportunityId, fields: updated }]
    }
    default:
      return []
  }
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
      read(tables, 'User', owner, 'Name') ?? read(tables, 'Group', owner, 'Name')
    rows.push(row('Owner', 'Text', name(before.OwnerId), name(fields.OwnerId)))
    rows.push(row('Owner', 'EntityId', before.OwnerId ?? null, fields.OwnerId ?? null))
  }
  return rows
}

/** The records that live and die with a record. */
export function* detailsOf(tables: Tables, table: Table, id: string): Iterable<{ table: Table; slot: number }> {
  for (const { childSObject, field, cascadeDelete } of table.schema.childRelationships) {
    const child = cascadeDelete ? tables.get(childSObject) : undefined
    if (!child) continue
    const parentOf = child.column(field)
    const candidates = new Set([...(child.childSlots(field, id) ?? allSlots(child)), ...child.changedSlots()])
    for (const slot of [...candidates].sort((a, b) => a - b)) {
      if (child.exists(slot) && parentOf(slot) === id) yield { table: child, slot }
    }
  }
}

function* allSlots(table: Table): Iterable<number> {
  for (let slot = 0; slot < table.slotCount(); slot++) yield slot
}
