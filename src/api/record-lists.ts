/** The lists of unified records: what each can be filtered and sorted by. */

import { z } from '@hono/zod-openapi'
import type { Order } from '../store/record-cursor.ts'
import { article } from '../unified/article.ts'
import { deal, product } from '../unified/deal.ts'
import { file } from '../unified/file.ts'
import type { RecordType } from '../unified/mapping.ts'
import { account, contact, team, user } from '../unified/people.ts'
import { activity, campaign, lead } from '../unified/sales.ts'
import { ticket } from '../unified/ticket.ts'
import {
  Account,
  Activity,
  Article,
  Campaign,
  Contact,
  Deal,
  DealOutcome,
  FileRecord,
  Lead,
  LeadStatus,
  Product,
  PublishState,
  Team,
  Ticket,
  TicketPriority,
  TicketStatus,
  User,
} from './record-schemas.ts'

/** How a query parameter becomes a filter on a column. */
export interface ListFilter {
  readonly column: string
  /** `words`: any of these; `record`: another record's id; `from` and `until`: times. */
  readonly by: 'words' | 'record' | 'from' | 'until'
  readonly value: z.ZodType<string>
  readonly says: string
}

export interface RecordList {
  readonly path: string
  readonly tag: string
  /** For summaries: "List tickets", "One ticket". */
  readonly nouns: readonly [one: string, many: string]
  readonly type: RecordType
  readonly schema: z.ZodType
  readonly sorts: Readonly<Record<string, Omit<Order, 'name' | 'descending'>>>
  readonly sortedBy: string
  readonly filters: Readonly<Record<string, ListFilter>>
}

const created = { column: 'created_at', type: 'timestamptz', nullable: false } as const
const updated = { column: 'updated_at', type: 'timestamptz', nullable: false } as const
const words = (column: string) => ({ column, type: 'text', nullable: true }) as const
const number = (column: string) => ({ column, type: 'numeric', nullable: true }) as const
const stamps = { createdAt: created, updatedAt: updated }

// Postgres has no text with a NUL in it.
export const plainText = z
  .string()
  .max(500)
  .regex(/^[^\0]*$/, 'No NUL characters.')

const anyOf = (column: string, value: z.ZodType<string>, says: string): ListFilter => ({
  column,
  by: 'words',
  value,
  says,
})
const record = (column: string, says: string): ListFilter => ({ column, by: 'record', value: plainText, says })
const isoTime = z.iso.datetime({ offset: true })
const createdBetween: Record<string, ListFilter> = {
  createdFrom: { column: 'created_at', by: 'from', value: isoTime, says: 'Created at this time or later.' },
  createdTo: { column: 'created_at', by: 'until', value: isoTime, says: 'Created at this time or earlier.' },
}
const ownedBy = { ownerId: record('owner_remote_id', 'The id of the user or team that owns it.') }
const ofAccount = { accountId: record('account_remote_id', 'The id of its account.') }

const list = (one: Omit<RecordList, 'sortedBy'> & { sortedBy?: string }): RecordList => ({
  sortedBy: '-updatedAt',
  ...one,
})

export const ticketList = list({
  path: '/tickets',
  tag: 'Tickets',
  nouns: ['ticket', 'tickets'],
  type: ticket,
  schema: Ticket,
  sorts: { ...stamps, number: words('number') },
  filters: {
    status: anyOf('status', TicketStatus, 'The normalized status; several mean any of them.'),
    priority: anyOf('priority', TicketPriority, 'The normalized priority; several mean any of them.'),
    ...ownedBy,
    ...ofAccount,
    contactId: record('contact_remote_id', 'The id of the contact that asked.'),
    ...createdBetween,
  },
})

export const contactList = list({
  path: '/contacts',
  tag: 'Customers',
  nouns: ['contact', 'contacts'],
  type: contact,
  schema: Contact,
  sorts: { name: words('name'), ...stamps },
  sortedBy: 'name',
  filters: ofAccount,
})

export const accountList = list({
  path: '/accounts',
  tag: 'Customers',
  nouns: ['account', 'accounts'],
  type: account,
  schema: Account,
  sorts: { name: words('name'), ...stamps },
  sortedBy: 'name',
  filters: {},
})

export const dealList = list({
  path: '/deals',
  tag: 'Deals',
  nouns: ['deal', 'deals'],
  type: deal,
  schema: Deal,
  sorts: {
    ...stamps,
    name: words('name'),
    amount: number('amount'),
    closeDate: { column: 'close_date', type: 'date', nullable: true },
  },
  filters: {
    stage: anyOf('stage', plainText, "The stage in the org's own words; several mean any of them."),
    outcome: anyOf('outcome', DealOutcome, 'Several mean any of them.'),
    ...ownedBy,
    ...ofAccount,
    ...createdBetween,
  },
})

export const leadList = list({
  path: '/leads',
  tag: 'Leads',
  nouns: ['lead', 'leads'],
  type: lead,
  schema: Lead,
  sorts: { ...stamps, name: words('name') },
  filters: {
    status: anyOf('status', LeadStatus, 'The normalized status; several mean any of them.'),
    ...ownedBy,
    ...createdBetween,
  },
})

export const articleList = list({
  path: '/articles',
  tag: 'Articles',
  nouns: ['article', 'articles'],
  type: article,
  schema: Article,
  sorts: {
    ...stamps,
    title: words('title'),
    publishedAt: { column: 'published_at', type: 'timestamptz', nullable: true },
  },
  filters: {
    language: anyOf('language', plainText, 'As Salesforce writes it: en_US.'),
    publishState: anyOf('publish_state', PublishState, 'Several mean any of them; without it, drafts are listed too.'),
  },
})

export const fileList = list({
  path: '/files',
  tag: 'Files',
  nouns: ['file', 'files'],
  type: file,
  schema: FileRecord,
  sorts: { ...stamps, title: words('title'), sizeBytes: { column: 'size_bytes', type: 'bigint', nullable: true } },
  filters: { fileType: anyOf('file_type', plainText, 'As Salesforce names it: PDF.'), ...ownedBy },
})

export const activityList = list({
  path: '/activities',
  tag: 'Activities',
  nouns: ['activity', 'activities'],
  type: activity,
  schema: Activity,
  sorts: stamps,
  filters: {
    ...ownedBy,
    aboutId: record('about_remote_id', 'The id of the deal or account that it is about.'),
    personId: record('person_remote_id', 'The id of the contact or lead that it is with.'),
  },
})

export const recordLists: readonly RecordList[] = [
  ticketList,
  contactList,
  accountList,
  dealList,
  leadList,
  articleList,
  fileList,
  activityList,
  list({
    path: '/users',
    tag: 'Users and teams',
    nouns: ['user', 'users'],
    type: user,
    schema: User,
    sorts: { name: words('name'), ...stamps },
    sortedBy: 'name',
    filters: {},
  }),
  list({
    path: '/teams',
    tag: 'Users and teams',
    nouns: ['team', 'teams'],
    type: team,
    schema: Team,
    sorts: { name: words('name'), ...stamps },
    sortedBy: 'name',
    filters: {},
  }),
  list({
    path: '/products',
    tag: 'Deals',
    nouns: ['product', 'products'],
    type: product,
    schema: Product,
    sorts: { name: words('name'), ...stamps },
    sortedBy: 'name',
    filters: {},
  }),
  list({
    path: '/campaigns',
    tag: 'Leads',
    nouns: ['campaign', 'campaigns'],
    type: campaign,
    schema: Campaign,
    sorts: { name: words('name'), ...stamps },
    sortedBy: 'name',
    filters: {},
  }),
]
