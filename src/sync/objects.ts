/** What each capability pulls, in the order in which a person wants to see it arrive. One rule per Salesforce object. */

import type { Capability } from '../store/integrations.ts'

export interface ObjectRule {
  readonly name: string
  readonly label: string
  /**
   * - `window`: by a time of the record, from the checkpoint on
   * - `snapshot`: read whole each time, since nothing tells what changed or went
   * - `by-parents`: Salesforce answers only for named parents (ContentDocumentLink)
   */
  readonly read: 'window' | 'snapshot' | 'by-parents'
  /** `windowed`: *pull records from* applies. `whole`: always complete, since windowed records point at it. */
  readonly history: 'windowed' | 'whole'
  /** The times that tell of a change, best first; the first that the org's object has is used. */
  readonly changeFields: readonly string[]
  /** Whether Bulk API 2.0 is tried for a large number of records. */
  readonly bulk: boolean
  /** Filters that together cover the object, where one query does not show all of it. */
  readonly slices: readonly string[]
  /** Whose deletion (or return) takes the record along, when no time of its own tells of it. */
  readonly deletedWith?: { readonly objectName: string; readonly field: string }
  readonly parents?: { readonly objectName: string; readonly field: string }
  /** What the unified records can't do without: Test Connection asks for exactly these. */
  readonly neededFields: readonly string[]
}

type RuleOptions = Partial<Omit<ObjectRule, 'name' | 'label' | 'neededFields'>>

function rule(name: string, label: string, neededFields: string, options: RuleOptions = {}): ObjectRule {
  return {
    name,
    label,
    read: 'window',
    history: 'whole',
    changeFields: ['SystemModstamp', 'LastModifiedDate', 'CreatedDate'],
    bulk: true,
    slices: [],
    ...options,
    neededFields: ['Id', ...neededFields.split(' ')],
  }
}

const windowed = { history: 'windowed' } as const
const snapshot = { read: 'snapshot', bulk: false } as const

const people = [
  rule('User', 'Users', 'Name Email IsActive SystemModstamp'),
  // A queue that is deleted leaves no trace: groups are few, so they are read whole.
  rule('Group', 'Queues and groups', 'Name Type SystemModstamp', snapshot),
]
const customers = [
  rule('Account', 'Accounts', 'Name OwnerId CreatedDate SystemModstamp IsDeleted'),
  rule('Contact', 'Contacts', 'Name Email AccountId CreatedDate SystemModstamp IsDeleted'),
]
const files = [
  rule('ContentDocument', 'Files', 'Title FileType ContentSize OwnerId SystemModstamp IsDeleted'),
  rule('ContentVersion', 'File versions', 'ContentDocumentId Title VersionNumber IsLatest SystemModstamp IsDeleted'),
  // https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_contentdocumentlink.htm
  rule('ContentDocumentLink', 'File links', 'ContentDocumentId LinkedEntityId', {
    read: 'by-parents',
    bulk: false,
    parents: { objectName: 'ContentDocument', field: 'ContentDocumentId' },
  }),
]

const rules: Record<Capability, readonly ObjectRule[]> = {
  helpdesk: [
    ...people,
    rule('CaseStatus', 'Case statuses', 'ApiName MasterLabel IsClosed SortOrder', snapshot),
    rule('Case', 'Cases', 'CaseNumber Subject Status Priority OwnerId CreatedDate SystemModstamp IsDeleted', windowed),
    ...customers,
    rule('CaseComment', 'Case comments', 'ParentId CommentBody IsPublished CreatedDate SystemModstamp', windowed),
    rule(
      'EmailMessage',
      'E-mails',
      'ParentId Subject TextBody FromAddress Incoming CreatedDate SystemModstamp',
      windowed,
    ),
    // History rows are never edited: the time they were made is the only one they have.
    rule('CaseHistory', 'Case history', 'CaseId Field OldValue NewValue CreatedDate', {
      ...windowed,
      changeFields: ['CreatedDate'],
      deletedWith: { objectName: 'Case', field: 'CaseId' },
    }),
    rule('FeedItem', 'Feed posts', 'ParentId Type Body CreatedDate SystemModstamp', windowed),
    ...files,
    rule('Attachment', 'Attachments', 'ParentId Name ContentType BodyLength CreatedDate SystemModstamp', windowed),
  ],
  crm: [
    ...people,
    rule('OpportunityStage', 'Opportunity stages', 'ApiName MasterLabel IsClosed IsWon SortOrder', snapshot),
    rule('LeadStatus', 'Lead statuses', 'ApiName MasterLabel IsConverted SortOrder', snapshot),
    rule('Opportunity', 'Opportunities', 'Name StageName Amount CloseDate OwnerId SystemModstamp IsDeleted', windowed),
    rule('Lead', 'Leads', 'Name Company Status OwnerId CreatedDate SystemModstamp IsDeleted', windowed),
    ...customers,
    rule('Product2', 'Products', 'Name ProductCode IsActive SystemModstamp'),
    rule('OpportunityLineItem', 'Opportunity products', 'OpportunityId Quantity UnitPrice TotalPrice SystemModstamp'),
    rule('OpportunityHistory', 'Opportunity history', 'OpportunityId StageName Amount CreatedDate', windowed),
    rule('Campaign', 'Campaigns', 'Name Status IsActive SystemModstamp IsDeleted'),
    rule('CampaignMember', 'Campaign members', 'CampaignId LeadId ContactId Status SystemModstamp', windowed),
    rule('Task', 'Tasks', 'Subject Status OwnerId WhoId WhatId ActivityDate SystemModstamp IsDeleted', windowed),
    rule('Event', 'Events', 'Subject OwnerId WhoId WhatId StartDateTime SystemModstamp IsDeleted', windowed),
  ],
  content: [
    ...people,
    rule('Knowledge__kav', 'Articles', 'KnowledgeArticleId Title Language PublishStatus VersionNumber SystemModstamp', {
      bulk: false,
      // Archived versions only show with this very filter.
      // https://developer.salesforce.com/docs/atlas.en-us.knowledge_dev.meta/knowledge_dev/sforce_api_objects_knowledge__kav.htm
      slices: [
        "PublishStatus = 'Online'",
        "PublishStatus = 'Draft'",
        "PublishStatus = 'Archived' AND IsLatestVersion = false",
      ],
    }),
    rule('Knowledge__DataCategorySelection', 'Article categories', 'ParentId DataCategoryName', snapshot),
    ...files,
    rule('ContentWorkspace', 'Libraries', 'Name', { bulk: false }),
    rule('ContentFolder', 'Folders', 'Name', { bulk: false }),
  ],
}

/** The objects that a capability pulls, in order. */
export function objectsOf(capability: Capability): readonly ObjectRule[] {
  return rules[capability]
}
