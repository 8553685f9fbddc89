/** Every seeded table of the company, each built on those that it refers to. */

import { createActivities } from './activities.ts'
import { createArticles } from './articles.ts'
import { createCases } from './cases.ts'
import { createCatalog } from './catalog.ts'
import { createCompany } from './company.ts'
import { createConversations } from './conversations.ts'
import { withCurrencies } from './currencies.ts'
import { createCustomers } from './customers.ts'
import { createDeals } from './deals.ts'
import { createFiles } from './files.ts'
import { createLeads } from './leads.ts'
import type { ObjectSchema, OrgOptions, OrgSettings } from './model.ts'
import { createPeople, type People } from './people.ts'
import { PERSON_RECORD_TYPE, withPersons } from './person-accounts.ts'
import { createProfiles } from './profiles.ts'
import type { Definitions } from './schemas.ts'
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
export function seedCompany(
  options: OrgOptions,
  {
    settings,
    definitions,
    schemas,
  }: { settings: OrgSettings; definitions: Definitions; schemas: ReadonlyMap<string, ObjectSchema> },
): CompanyTables {
  const company = createCompany(options)
  const userCount = USERS + Math.floor(USERS_PER_TENFOLD * Math.log10(Math.max(1, options.scale)))
  const people = createPeople(company, { userCount, settings })
  const setUp = { at: people.setUpAt, byUserId: people.admin.id }
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
    ...createProfiles(schemas, { setUp, users: people.users }),
    ...(settings.personAccounts
      ? withPersons(customers.tables, people.recordTypeId(PERSON_RECORD_TYPE.developerName))
      : customers.tables),
    ...cases.tables,
    ...said,
    ...createCatalog(company, people),
    ...deals.tables,
    ...leads.tables,
    ...createActivities(company, { people, customers, cases, deals, leads }),
    ...createArticles(company, people),
    ...files.tables,
  }
  const tables = settings.multiCurrency
    ? withCurrencies(records, { definitions, seed: options.seed, setUp, anchor: options.anchor })
    : records
  return {
    anchor: options.anchor,
    people,
    tables: { ...tables, ...createShares(tables) },
    bytes: files.bytes,
  }
}
