/**
 * Turning a lead into an account, a contact and a deal
 * (https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_convertlead.htm).
 */

import { dateOf } from './dates.ts'
import { moveChildren } from './merge.ts'
import { type FieldValue, type LeadConversion, OrgError, type RecordFields } from './model.ts'
import { liveSlot, type Records } from './record-changes.ts'

interface Converted {
  readonly leadId: string
  readonly accountId: string
  readonly contactId: string
  readonly opportunityId: string | null
}

/** Where a lead's fields go. */
const TO_ACCOUNT = {
  Company: 'Name',
  Phone: 'Phone',
  Website: 'Website',
  Industry: 'Industry',
  AnnualRevenue: 'AnnualRevenue',
  NumberOfEmployees: 'NumberOfEmployees',
  Rating: 'Rating',
  LeadSource: 'AccountSource',
  Street: 'BillingStreet',
  City: 'BillingCity',
  State: 'BillingState',
  PostalCode: 'BillingPostalCode',
  Country: 'BillingCountry',
} as const
const TO_CONTACT = {
  FirstName: 'FirstName',
  LastName: 'LastName',
  Salutation: 'Salutation',
  Title: 'Title',
  Email: 'Email',
  Phone: 'Phone',
  MobilePhone: 'MobilePhone',
  LeadSource: 'LeadSource',
  Description: 'Description',
  Street: 'MailingStreet',
  City: 'MailingCity',
  State: 'MailingState',
  PostalCode: 'MailingPostalCode',
  Country: 'MailingCountry',
} as const

/** Converts a lead; records that are named are used, the others made. */
export function convertLeadRecord(records: Records, userId: string, request: LeadConversion): Converted {
  const { leadId, convertedStatus } = request
  const leads = records.tableOf('Lead')
  const slot = liveSlot(leads, leadId)
  const of = (field: string): FieldValue => leads.column(field)(slot)
  if (of('IsConverted') === true) throw new OrgError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead')
  checkStatus(records, convertedStatus)
  if (request.contactId !== undefined && request.accountId === undefined) {
    throw new OrgError('INVALID_ID_FIELD', 'AccountId is required when ContactId is given')
  }
  const ownerId = request.ownerId ?? String(of('OwnerId'))
  if (!ownerId.startsWith('005')) {
    throw new OrgError(
      'INVALID_OWNER',
      'Converted objects can only be owned by users. If the lead is not owned by a user, you must specify a user for the Owner field.',
    )
  }
  const mapped = (map: { readonly [from: string]: string }): RecordFields =>
    Object.fromEntries(Object.entries(map).map(([from, to]) => [to, of(from)]))

  const accountId = settleOn(records, userId, 'Account', { id: request.accountId, fields: mapped(TO_ACCOUNT), ownerId })
  const source = request.overwriteLeadSource === true ? { LeadSource: of('LeadSource') } : {}
  const contactId = settleOn(records, userId, 'Contact', {
    id: request.contactId,
    fields: { ...mapped(TO_CONTACT), AccountId: accountId },
    ownerId,
    overwrite: source,
  })
  const opportunityId = request.doNotCreateOpportunity === true ? null : enterDeal()

  function enterDeal(): string {
    return records.insert(userId, 'Opportunity', {
      Name: String(request.opportunityName ?? of('Company')).slice(0, 120),
      AccountId: accountId,
      ContactId: contactId,
      LeadSource: of('LeadSource'),
      OwnerId: ownerId,
      StageName: firstStage(records),
      CloseDate: endOfQuarter(records.stamp()),
    })
  }

  for (const { childSObject, field } of leads.schema.childRelationships) {
    const to = field === 'WhoId' ? contactId : childSObject === 'ContentDocumentLink' ? contactId : undefined
    if (to === undefined) continue
    const takes = records.tables.get(childSObject)?.schema.fields.find(({ name }) => name === field)?.referenceTo
    if (takes?.includes('Contact')) moveChildren(records, userId, { objectName: childSObject, field, from: leadId, to })
  }
  // A campaign's member stays one as a contact; the lead is still seen beside it.
  const members = records.tables.get('CampaignMember')
  for (const member of members?.slotsWith('LeadId', leadId) ?? []) {
    if (!members?.isDeleted(member)) {
      records.write(userId, 'CampaignMember', members?.idOf(member) ?? '', { ContactId: contactId })
    }
  }
  records.write(userId, 'Lead', leadId, {
    Status: convertedStatus,
    IsConverted: true,
    ConvertedDate: dateOf(records.stamp()),
    ConvertedAccountId: accountId,
    ConvertedContactId: contactId,
    ConvertedOpportunityId: opportunityId,
    IsUnreadByOwner: false,
  })
  return { leadId, accountId, contactId, opportunityId }
}

function checkStatus(records: Records, status: string): void {
  const statuses = records.tableOf('LeadStatus')
  const isConverting = statuses
    .slotsWith('ApiName', status)
    .some((slot) => statuses.column('IsConverted')(slot) === true && !statuses.isDeleted(slot))
  if (!isConverting) throw new OrgError('INVALID_STATUS', `invalid convertedStatus: ${status}`)
}

/** Makes the record, or fills in what an existing one has empty. */
function settleOn(
  records: Records,
  userId: string,
  objectName: 'Account' | 'Contact',
  what: { id: string | undefined; fields: RecordFields; ownerId: string; overwrite?: RecordFields },
): string {
  const { id, fields, ownerId, overwrite = {} } = what
  if (id === undefined) return records.insert(userId, objectName, { ...fields, OwnerId: ownerId })
  const table = records.tableOf(objectName)
  const slot = liveSlot(table, id)
  const empty = Object.entries(fields).filter(
    ([name, value]) => value !== null && table.column(name)(slot) === null && name !== 'Name',
  )
  const changed = { ...Object.fromEntries(empty), ...overwrite }
  if (Object.keys(changed).length > 0) records.write(userId, objectName, id, changed)
  return id
}

function firstStage(records: Records): FieldValue {
  const stages = records.tableOf('OpportunityStage')
  const order = stages.column('SortOrder')
  let first = 0
  for (let slot = 0; slot < stages.slotCount(); slot++) {
    if (stages.exists(slot) && Number(order(slot)) < Number(order(first))) first = slot
  }
  return stages.column('ApiName')(first)
}

/** A converted lead's deal closes with the quarter, until somebody knows better. */
function endOfQuarter(at: number): string {
  const date = new Date(at)
  return dateOf(Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / 3) * 3 + 3, 0))
}
