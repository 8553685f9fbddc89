/** The shapes of unified records (`/api/v1/tickets`, ...). Every property is there; what is not known is null. */

import { z } from '@hono/zod-openapi'

const isoTime = z.iso.datetime({ offset: true })
const words = z.string().nullable()
const time = isoTime.nullable()
const day = z.iso.date().nullable()
const number = z.number().nullable()
const count = z.number().int().nullable()
const flag = z.boolean().nullable()

/** What every unified record has. */
const record = {
  /** Ours, and stable: `<integration>-<Salesforce id>`. */
  id: z.string().openapi({ example: 'k3m7q2x9ab-5005f00001Kd9LmAAJ' }),
  integrationId: z.string().openapi({ example: 'k3m7q2x9ab' }),
  /** Salesforce's id. */
  remoteId: z.string().openapi({ example: '5005f00001Kd9LmAAJ' }),
  /** Opens the record in Salesforce. */
  remoteUrl: words,
  createdAt: time,
  /** The last change in Salesforce, by a person or by automation. */
  updatedAt: time,
  /** Set when the record was deleted in Salesforce. Lists leave such records out. */
  deletedAt: time,
  isDeleted: z.boolean(),
  /** The org's own fields, by API name; those without a value are left out. */
  custom: z.record(z.string(), z.unknown()).openapi({ example: { Region__c: 'EMEA' } }),
}

const reference = { id: z.string(), remoteId: z.string() }

/** Points at another record; `id` finds it in its own list. */
const RecordReference = z.object(reference).openapi('RecordReference')

export const NamedReference = z.object({ ...reference, name: words }).openapi('NamedReference')
export type NamedReference = z.infer<typeof NamedReference>

const ContactReference = z.object({ ...reference, name: words, email: words }).openapi('ContactReference')

/** A user, or a queue (`team`). */
export const Owner = z.object({ ...reference, name: words, kind: z.enum(['user', 'team']).nullable() }).openapi('Owner')
export type Owner = z.infer<typeof Owner>

const Address = z
  .object({ street: words, city: words, state: words, postalCode: words, country: words })
  .openapi('Address')

const owner = Owner.nullable()
const link = NamedReference.nullable()

export const TicketStatus = z.enum(['new', 'open', 'pending', 'closed']).openapi('TicketStatus')
export type TicketStatus = z.infer<typeof TicketStatus>

export const TicketPriority = z.enum(['low', 'normal', 'high', 'urgent']).openapi('TicketPriority')
export type TicketPriority = z.infer<typeof TicketPriority>

export const Ticket = z
  .object({
    ...record,
    number: words.openapi({ example: '00001026' }),
    subject: words,
    /** Only with a single ticket; lists leave it out. */
    description: words.optional(),
    status: TicketStatus.nullable(),
    /** In the org's own words. */
    orgStatus: words.openapi({ example: 'Waiting on Customer' }),
    priority: TicketPriority.nullable(),
    orgPriority: words,
    /** How it came in: Phone, Email, Web, ... */
    origin: words,
    type: words,
    reason: words,
    isClosed: flag,
    isEscalated: flag,
    closedAt: time,
    contact: ContactReference.nullable(),
    account: link,
    owner,
    /** As typed in a form or an e-mail, before anybody knew which contact it is. */
    suppliedName: words,
    suppliedEmail: words,
    suppliedPhone: words,
    parentRemoteId: words,
    mergedIntoRemoteId: words,
  })
  .openapi('Ticket')
export type Ticket = z.infer<typeof Ticket>

const Author = z
  .object({
    id: z.string().nullable(),
    remoteId: z.string().nullable(),
    kind: z.enum(['user', 'customer']).nullable(),
    name: words,
    email: words,
  })
  .openapi('Author')

export const TicketComment = z
  .object({
    ...record,
    entry: z.literal('comment'),
    ticket: RecordReference.nullable(),
    channel: z.enum(['comment', 'email', 'feed']),
    /** Of a feed post: TextPost, ContentPost, ... */
    type: words,
    visibility: z.enum(['public', 'internal']),
    subject: words,
    bodyText: words,
    /** As Salesforce has it: sanitize it before showing it. */
    bodyHtml: words,
    author: Author.nullable(),
    /** Of an e-mail. */
    direction: z.enum(['inbound', 'outbound']).nullable(),
    toAddress: words,
    ccAddress: words,
    sentAt: time,
    hasAttachment: flag,
  })
  .openapi('TicketComment')
export type TicketComment = z.infer<typeof TicketComment>

export const TicketEvent = z
  .object({
    ...record,
    entry: z.literal('event'),
    ticket: RecordReference.nullable(),
    change: z.enum(['created', 'status', 'priority', 'owner', 'field']),
    /** Salesforce's name of the field that changed. */
    field: words,
    oldValue: words,
    newValue: words,
    author: link,
  })
  .openapi('TicketEvent')
export type TicketEvent = z.infer<typeof TicketEvent>

/** One line of a ticket's time-line: something that was said, or something that changed. */
export const TicketEntry = z.discriminatedUnion('entry', [TicketComment, TicketEvent]).openapi('TicketEntry')
export type TicketEntry = z.infer<typeof TicketEntry>

export const Attachment = z
  .object({
    ...record,
    kind: z.enum(['file', 'attachment']),
    ticket: RecordReference.nullable(),
    /** What it hangs on: the ticket itself, or one of its e-mails or posts. */
    parent: RecordReference.nullable(),
    name: words,
    extension: words,
    contentType: words,
    sizeBytes: count,
    owner,
  })
  .openapi('Attachment')
export type Attachment = z.infer<typeof Attachment>

export const Contact = z
  .object({
    ...record,
    name: words,
    salutation: words,
    firstName: words,
    lastName: words,
    email: words,
    phone: words,
    mobilePhone: words,
    title: words,
    department: words,
    birthdate: day,
    source: words,
    description: words.optional(),
    hasOptedOutOfEmail: flag,
    doNotCall: flag,
    emailBouncedAt: time,
    address: Address.nullable(),
    account: link,
    owner,
    reportsToRemoteId: words,
    mergedIntoRemoteId: words,
  })
  .openapi('Contact')
export type Contact = z.infer<typeof Contact>

export const Account = z
  .object({
    ...record,
    name: words,
    number: words,
    type: words,
    industry: words,
    phone: words,
    website: words,
    employees: count,
    annualRevenue: number,
    currency: words,
    rating: words,
    source: words,
    description: words.optional(),
    isPerson: flag,
    billingAddress: Address.nullable(),
    shippingAddress: Address.nullable(),
    parent: link,
    owner,
    mergedIntoRemoteId: words,
  })
  .openapi('Account')
export type Account = z.infer<typeof Account>

export const User = z
  .object({
    ...record,
    name: words,
    firstName: words,
    lastName: words,
    username: words,
    email: words,
    alias: words,
    phone: words,
    title: words,
    department: words,
    /** Salesforce's kind of user: Standard, CspLitePortal, AutomatedProcess, ... */
    kind: words,
    isActive: flag,
    timeZone: words,
    locale: words,
    manager: link,
  })
  .openapi('User')
export type User = z.infer<typeof User>

/** A queue. */
export const Team = z.object({ ...record, name: words, developerName: words, email: words }).openapi('Team')
export type Team = z.infer<typeof Team>

export const LeadStatus = z.enum(['new', 'working', 'qualified', 'unqualified', 'converted']).openapi('LeadStatus')
export type LeadStatus = z.infer<typeof LeadStatus>

export const Lead = z
  .object({
    ...record,
    name: words,
    salutation: words,
    firstName: words,
    lastName: words,
    company: words,
    title: words,
    email: words,
    phone: words,
    mobilePhone: words,
    website: words,
    status: LeadStatus.nullable(),
    orgStatus: words,
    source: words,
    rating: words,
    industry: words,
    employees: count,
    annualRevenue: number,
    currency: words,
    description: words.optional(),
    address: Address.nullable(),
    owner,
    isConverted: flag,
    convertedOn: day,
    convertedContact: link,
    convertedAccount: link,
    convertedDeal: link,
    mergedIntoRemoteId: words,
  })
  .openapi('Lead')
export type Lead = z.infer<typeof Lead>

export const DealOutcome = z.enum(['open', 'won', 'lost']).openapi('DealOutcome')
export type DealOutcome = z.infer<typeof DealOutcome>

export const Deal = z
  .object({
    ...record,
    name: words,
    /** In the org's own words. */
    stage: words,
    outcome: DealOutcome.nullable(),
    amount: number,
    expectedRevenue: number,
    /** ISO code; null in an org with one currency. */
    currency: words,
    /** Percent. */
    probability: number,
    forecastCategory: words,
    closeDate: day,
    type: words,
    source: words,
    nextStep: words,
    description: words.optional(),
    account: link,
    owner,
    campaign: link,
  })
  .openapi('Deal')
export type Deal = z.infer<typeof Deal>

export const DealLine = z
  .object({
    ...record,
    deal: RecordReference.nullable(),
    product: z.object({ ...reference, name: words, code: words }).nullable(),
    name: words,
    description: words,
    quantity: number,
    unitPrice: number,
    listPrice: number,
    discount: number,
    totalPrice: number,
    currency: words,
    serviceDate: day,
    sortOrder: count,
  })
  .openapi('DealLine')
export type DealLine = z.infer<typeof DealLine>

export const DealStageChange = z
  .object({
    ...record,
    deal: RecordReference.nullable(),
    /** The stage from then on. */
    stage: words,
    amount: number,
    expectedRevenue: number,
    probability: number,
    forecastCategory: words,
    closeDate: day,
    author: link,
  })
  .openapi('DealStageChange')
export type DealStageChange = z.infer<typeof DealStageChange>

/** A stage with its deals in numbers, in the org's own order; one row per currency in an org with several. */
export const DealStage = z
  .object({
    stage: words,
    outcome: DealOutcome.nullable(),
    sortOrder: count,
    currency: words,
    count: z.number().int(),
    amount: z.number(),
  })
  .openapi('DealStage')
export type DealStage = z.infer<typeof DealStage>

export const Product = z
  .object({
    ...record,
    name: words,
    code: words,
    sku: words,
    family: words,
    description: words,
    unit: words,
    isActive: flag,
  })
  .openapi('Product')
export type Product = z.infer<typeof Product>

export const Campaign = z
  .object({
    ...record,
    name: words,
    type: words,
    status: words,
    isActive: flag,
    startDate: day,
    endDate: day,
    budgetedCost: number,
    actualCost: number,
    expectedRevenue: number,
    currency: words,
    leads: count,
    contacts: count,
    responses: count,
    description: words.optional(),
    parent: link,
    owner,
  })
  .openapi('Campaign')
export type Campaign = z.infer<typeof Campaign>

export const Activity = z
  .object({
    ...record,
    kind: z.enum(['task', 'event']),
    /** Email, Call, Task, Event, ... */
    type: words,
    subject: words,
    description: words,
    orgStatus: words,
    orgPriority: words,
    isDone: flag,
    dueOn: day,
    completedAt: time,
    startsAt: time,
    endsAt: time,
    isAllDay: flag,
    location: words,
    callSeconds: count,
    person: z.object({ ...reference, name: words, kind: z.enum(['contact', 'lead']).nullable() }).nullable(),
    about: z
      .object({ ...reference, name: words, kind: z.enum(['deal', 'account', 'ticket', 'campaign']).nullable() })
      .nullable(),
    account: link,
    owner,
  })
  .openapi('Activity')
export type Activity = z.infer<typeof Activity>

export const PublishState = z.enum(['draft', 'published', 'archived']).openapi('PublishState')
export type PublishState = z.infer<typeof PublishState>

const articleVersion = {
  ...record,
  number: words,
  title: words,
  summary: words,
  /** The org's rich text fields, as Salesforce has them: sanitize before showing. Only with a single record. */
  bodyHtml: words.optional(),
  urlName: words,
  language: words.openapi({ example: 'en_US' }),
  masterLanguage: words,
  isMasterLanguage: flag,
  publishState: PublishState.nullable(),
  versionNumber: count,
  isLatestVersion: flag,
  validationStatus: words,
  firstPublishedAt: time,
  publishedAt: time,
  archivedAt: time,
  isVisibleInApp: flag,
  isVisibleToPublic: flag,
  isVisibleToCustomers: flag,
  isVisibleToPartners: flag,
  categories: z.array(z.string()),
  /** The same for all versions and languages of an article. */
  articleRemoteId: words,
  owner,
}

/** The current version of an article in one language; `remoteId` is that version's, `id` stays from version to version. */
export const Article = z.object(articleVersion).openapi('Article')
export type Article = z.infer<typeof Article>

export const ArticleVersion = z.object(articleVersion).openapi('ArticleVersion')
export type ArticleVersion = z.infer<typeof ArticleVersion>

export const FileRecord = z
  .object({
    ...record,
    title: words,
    description: words,
    /** Salesforce's name for the type: PDF, PNG, WORD_X, ... */
    fileType: words,
    extension: words,
    sizeBytes: count,
    checksumMd5: words,
    fileName: words,
    versionNumber: words,
    versionRemoteId: words,
    isArchived: flag,
    contentModifiedAt: time,
    folder: link,
    owner,
  })
  .openapi('File')
export type FileRecord = z.infer<typeof FileRecord>

const ownWord = <T extends z.ZodType>(value: T) => z.object({ value: value.nullable(), orgValue: z.string() })

/** What a list can be filtered by: the words that occur in its records, and the people who have some. */
export const TicketFilters = z
  .object({
    /** The normalized value, and the org's own word for it. */
    statuses: z.array(ownWord(TicketStatus)),
    priorities: z.array(ownWord(TicketPriority)),
    owners: z.array(Owner),
  })
  .openapi('TicketFilters')
export type TicketFilters = z.infer<typeof TicketFilters>

export const DealFilters = z
  .object({ stages: z.array(z.object({ stage: z.string(), outcome: DealOutcome.nullable() })), owners: z.array(Owner) })
  .openapi('DealFilters')
export type DealFilters = z.infer<typeof DealFilters>

export const LeadFilters = z
  .object({ statuses: z.array(ownWord(LeadStatus)), owners: z.array(Owner) })
  .openapi('LeadFilters')
export type LeadFilters = z.infer<typeof LeadFilters>

export const ArticleFilters = z
  .object({ languages: z.array(z.string()), publishStates: z.array(PublishState) })
  .openapi('ArticleFilters')
export type ArticleFilters = z.infer<typeof ArticleFilters>

export const FileFilters = z.object({ fileTypes: z.array(z.string()), owners: z.array(Owner) }).openapi('FileFilters')
export type FileFilters = z.infer<typeof FileFilters>
