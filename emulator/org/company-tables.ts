/** Every seeded table of the company, each built on those that it refers to. */

import { createActivities } from './activities.ts'
import { createArticles } from './articles.ts'
import { createCases } from './cases.ts'
import { createCatalog } from './catalog.ts'
import { createCompany } from './company.ts'
import { createConversations } from './conversations.ts'
import { createCustomers } from './customers.ts'
import { createDeals } from './deals.ts'
import { createFiles } from './files.ts'
import { createLeads } from './leads.ts'
import type { ObjectSchema, OrgOptions } from './model.ts'
import { createPeople, type People } from './people.ts'
import { createProfiles } from './profiles.ts'
import { createSettings } from './settings.ts'
import { createShares } from './shares.ts'
import type { Seeded } from './table.ts'

export interface CompanyTables {
  readonly anchor: number
  readonly people: People
  readonly tables: { readonly [objectName: string]: Seeded }
  /** The bytes of a file's version or an attachment, or undefined. */
  bytes(objectName: string, slot: number): Uint8Array | undefined
}

const USERS = 30
const USERS_PER_TENFOLD = 12

/** Lays out the company's records for a seed, a scale and an anchor. */
export function seedCompany(options: OrgOptions, schemas: ReadonlyMap<string, ObjectSchema>): CompanyTables {
  const company = createCompany(options)
  const people = createPeople(company, USERS + Math.floor(USERS_PER_TENFOLD * Math.log10(Math.max(1, options.scale))))
  const customers = createCustomers(company, people)
  const cases = createCases(company, people, customers)
  const conversations = createConversations(company, { people, customers, cases })
  const deals = createDeals(company, people, customers)
  const leads = createLeads(company, { people, customers, deals })
  const { emails, tables: said } = conversations
  const emailExists = (slot: number) => said.EmailMessage.exists?.(slot) ?? true
  const files = createFiles(company, { people, customers, cases, deals, emails, emailExists })
  const records = {
    ...people.tables,
    ...createSettings(people),
    ...createProfiles(schemas, {
      setUp: { at: people.setUpAt, byUserId: people.admin.id },
      inTeam: people.inTeam,
    }),
    ...customers.tables,
    ...cases.tables,
    ...said,
    ...createCatalog(company, people),
    ...deals.tables,
    ...leads.tables,
    ...createActivities(company, { people, customers, cases, deals, leads }),
    ...createArticles(company, people),
    ...files.tables,
  }
  return {
    anchor: options.anchor,
    people,
    tables: { ...records, ...createShares(records) },
    bytes: files.bytes,
  }
}
