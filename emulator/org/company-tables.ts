/** Every seeded table of the company, each built on those that it refers to. */

import { createCases } from './cases.ts'
import { createCompany } from './company.ts'
import { createCustomers } from './customers.ts'
import type { OrgOptions } from './model.ts'
import { createPeople, type People } from './people.ts'
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
export function seedCompany(options: OrgOptions): CompanyTables {
  const company = createCompany(options)
  const people = createPeople(company, USERS + Math.floor(USERS_PER_TENFOLD * Math.log10(Math.max(1, options.scale))))
  const customers = createCustomers(company, people)
  const cases = createCases(company, people, customers)
  return {
    anchor: options.anchor,
    people,
    tables: { ...people.tables, ...customers.tables, ...cases.tables },
    bytes: () => undefined,
  }
}
