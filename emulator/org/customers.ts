/** Accounts and their contacts. Most are older than the two years that everything else happened in. */

import { createCalendar, DAY } from './calendar.ts'
import type { Company } from './company.ts'
import { dateOf } from './dates.ts'
import { fraction, pick, weighted } from './draw.ts'
import { idOfSlot, slotOfId } from './ids.ts'
import { layersOver, type Steps, stepTime } from './layers.ts'
import type { People } from './people.ts'
import type { Seeded } from './table.ts'
import {
  companies,
  departments,
  jobTitles,
  latinNames,
  people as names,
  places,
  streets,
  type Tongue,
} from './words-people.ts'

export interface Customers {
  /** How many of the accounts existed at a moment of the two years (0 = their start, 1 = the anchor). */
  accountsAt(position: number): number
  accountId(account: number): string
  accountName(account: number): string
  /** One of an account's contacts: the slot of any that has been there from its start. */
  contactOf(account: number, drawn: number): number
  contactId(contact: number): string
  contactName(contact: number): string
  contactEmail(contact: number): string
  contactPhone(contact: number): string
  readonly tables: { readonly Account: Seeded; readonly Contact: Seeded }
}

const MOST_CONTACTS = 6
/** Contacts that come with the account; later ones may not have been there when a record needs one. */
const FIRST_CONTACTS = 3
const OLD_SHARE = 0.6
const IMPORTED_SHARE = 0.24
const IMPORT_CHUNK = 200

const TONGUES: readonly Tongue[] = weighted([
  ['en', 40],
  ['de', 32],
  ['fr', 18],
  ['world', 10],
])
const LANGUAGE: { readonly [tongue in Tongue]: string } = {
  en: 'English',
  de: 'German',
  fr: 'French',
  world: 'English',
}

const plain = (text: string) =>
  text
    .replaceAll('ß', 'ss')
    .replaceAll('ł', 'l')
    .replaceAll('Ł', 'L')
    .replaceAll('ø', 'o')
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()

/** The company's customers. */
export function createCustomers(company: Company, people: People): Customers {
  const { draw } = company
  const count = company.scaled(400)
  const older = createCalendar(company.start)
  const importedAt = Math.floor((older.start - 30 * DAY) / 1000) * 1000

  // Three ages: the import from the old system, two years of growth, and the two years that all records cover.
  function at(position: number): number {
    if (position < IMPORTED_SHARE) return importedAt + Math.floor((position * count) / IMPORT_CHUNK) * 1000
    if (position < OLD_SHARE) return older.at((position - IMPORTED_SHARE) / (OLD_SHARE - IMPORTED_SHARE))
    return company.calendar.at((position - OLD_SHARE) / (1 - OLD_SHARE))
  }
  const steps: Steps = { count, calendar: { at }, phase: draw('Account.phase'), days: 1490 }
  const createdAt = (account: number) => stepTime(steps, account)
  const contacts = layersOver(
    'Contact',
    [
      { delayDays: 0 },
      { delayDays: 0 },
      { delayDays: 0 },
      { delayDays: 30, spreadDays: 20 },
      { delayDays: 120, spreadDays: 80 },
      { delayDays: 400, spreadDays: 200 },
    ],
    { steps, seed: company.seed },
  )

  const tongueDraw = draw('Account.tongue')
  const nameDraw = draw('Account.name')
  const sizeDraw = draw('Account.size')
  const placeDraw = draw('Account.place')
  const changeDraw = draw('Account.change')
  const typeDraw = draw('Account.type')
  const binnedAt = company.bin('Account', 2).putAt

  const tongueOf = (account: number) => pick(TONGUES, tongueDraw(account))
  const placeOf = (account: number) => pick(places[tongueOf(account)], placeDraw(account))
  function accountName(account: number): string {
    const drawn = nameDraw(account)
    const { names: brands, kinds } = companies[tongueOf(account)]
    const base = `${pick(brands, drawn)} ${pick(kinds, drawn >>> 8)}`
    // Enough accounts of one name need telling apart.
    return drawn % 5 < 2 ? base : `${base}, ${placeOf(account).city}`
  }
  const ownerOf = (account: number) => pick(people.sales, sizeDraw(account) >>> 4)
  const accountId = (account: number) => idOfSlot('001', account)
  const contactCount = (account: number) => 1 + (sizeDraw(account) % (MOST_CONTACTS - 1))
  function accountChangedAt(account: number): number {
    const created = createdAt(account)
    const drawn = changeDraw(account)
    if (drawn % 3 === 0) return created
    const changed = created + fraction(drawn) * (company.anchor - created)
    return Math.max(created, Math.floor(changed / 1000) * 1000)
  }
  // Accounts that other records hang on are not in the recycle bin: `accountsAt` never reaches the last ones.
  const accountBinnedAt = (account: number) => (account < count - 3 ? 0 : binnedAt(account, accountChangedAt(account)))

  const firstDraw = draw('Contact.first')
  const lastDraw = draw('Contact.last')
  const contactDraw = draw('Contact.traits')
  const contactTongue = (contact: number): Tongue =>
    contactDraw(contact) % 9 === 0 ? 'world' : tongueOf(contacts.parentOf(contact))
  const firstName = (contact: number) => pick(names[contactTongue(contact)].first, firstDraw(contact))
  function lastName(contact: number): string {
    const tongue = contactTongue(contact)
    return pick(names[tongue].last, tongue === 'world' ? firstDraw(contact) : lastDraw(contact))
  }
  const contactName = (contact: number) => `${firstName(contact)} ${lastName(contact)}`
  const contactId = (contact: number) => idOfSlot('003', contact)
  const plainNames = new Map<string, string>()
  function mailName(name: string, drawn: number): string {
    let known = plainNames.get(name)
    if (known === undefined) {
      known = plain(name)
      plainNames.set(name, known)
    }
    return known || pick(latinNames, drawn)
  }
  function domainOf(account: number): string {
    const { names: brands } = companies[tongueOf(account)]
    const brand = pick(brands, nameDraw(account))
    return `${mailName(brand, nameDraw(account))}${account}.example`
  }
  function contactEmail(contact: number): string {
    const drawn = contactDraw(contact)
    return `${mailName(firstName(contact), drawn)}.${mailName(lastName(contact), drawn >>> 3)}@${domainOf(contacts.parentOf(contact))}`
  }
  const contactPhone = (contact: number) => {
    const drawn = contactDraw(contact)
    return `${placeOf(contacts.parentOf(contact)).dialling} ${200 + (drawn % 700)} ${1000 + ((drawn >>> 10) % 9000)}`
  }
  const contactExists = (contact: number) => {
    const account = contacts.parentOf(contact)
    if (account < 0 || contacts.layerOf(contact) >= contactCount(account)) return false
    const gone = accountBinnedAt(account)
    return gone === 0 || contacts.at(contact) <= gone
  }
  const contactBin = company.bin('Contact', 60).putAt
  // One duplicate was merged away: the fourth contact of the first account that has so many.
  const mergedOf = Array.from({ length: Math.min(count, 60) }, (_, n) => n).find(
    (account) => contactCount(account) > FIRST_CONTACTS && contacts.slotOf(account, FIRST_CONTACTS) >= 0,
  )
  const merged = mergedOf === undefined ? -1 : contacts.slotOf(mergedOf, FIRST_CONTACTS)
  const mergedAt = Math.floor((company.anchor - 3 * DAY) / 1000) * 1000
  function contactChangedAt(contact: number): number {
    const created = contacts.at(contact)
    const drawn = contactDraw(contact)
    if (drawn % 4 !== 0) return created
    return Math.max(created, Math.floor((created + fraction(drawn) * (company.anchor - created)) / 1000) * 1000)
  }
  function contactBinnedAt(contact: number): number {
    if (contact === merged) return mergedAt
    const withAccount = accountBinnedAt(contacts.parentOf(contact))
    if (withAccount) return withAccount
    return contacts.layerOf(contact) < FIRST_CONTACTS ? 0 : contactBin(contact, contactChangedAt(contact))
  }
  const contactStamp = (contact: number) => contactBinnedAt(contact) || contactChangedAt(contact)
  const accountStamp = (account: number) => accountBinnedAt(account) || accountChangedAt(account)

  const street = (account: number) => {
    const drawn = placeDraw(account)
    return `${pick(streets[tongueOf(account)], drawn >>> 6)} ${1 + ((drawn >>> 9) % 180)}`
  }
  const postal = {
    Street: street,
    City: (account: number) => placeOf(account).city,
    State: (account: number) => placeOf(account).state,
    PostalCode: (account: number) => placeOf(account).postalCode,
    Country: (account: number) => placeOf(account).country,
    Latitude: (account: number) => placeOf(account).latitude,
    Longitude: (account: number) => placeOf(account).longitude,
    GeocodeAccuracy: () => 'City',
  }
  const located = (prefix: string, toAccount: (slot: number) => number) =>
    Object.fromEntries(
      Object.entries(postal).map(([part, column]) => [`${prefix}${part}`, (slot: number) => column(toAccount(slot))]),
    )
  const installer = (account: number) => typeDraw(account) % 5 === 0

  const Account: Seeded = {
    slots: count,
    createdAt,
    deleted: (slot) => accountBinnedAt(slot) > 0,
    columns: {
      Name: accountName,
      Type: (slot) =>
        installer(slot)
          ? 'Installation Partner'
          : pick(['Customer - Direct', 'Customer - Channel', 'Channel Partner / Reseller'], typeDraw(slot)),
      RecordTypeId: (slot) => people.recordTypeId(installer(slot) ? 'Installation_Partner' : 'Business_Customer'),
      ParentId: (slot) => (slot > 10 && typeDraw(slot) % 23 === 0 ? accountId(typeDraw(slot) % 10) : null),
      ...located('Billing', (slot) => slot),
      Phone: (slot) => `${placeOf(slot).dialling} ${100 + (typeDraw(slot) % 900)} 0`,
      AccountNumber: (slot) => `K-${10_000 + slot}`,
      Website: (slot) => `https://www.${domainOf(slot)}`,
      Industry: (slot) =>
        pick(['Construction', 'Electrical Installation', 'Real Estate', 'Retail', 'Utilities'], typeDraw(slot) >>> 7),
      AnnualRevenue: (slot) => (typeDraw(slot) % 7 === 0 ? null : (1 + (sizeDraw(slot) % 400)) * 50_000),
      NumberOfEmployees: (slot) => 2 + (sizeDraw(slot) % 240),
      Description: (slot) =>
        typeDraw(slot) % 4 === 0
          ? `${accountName(slot)} has been with us since ${dateOf(createdAt(slot)).slice(0, 4)}.\nBilling by "net 30", see ERP.`
          : null,
      Rating: (slot) => pick(['Hot', 'Warm', 'Cold', null], typeDraw(slot) >>> 5),
      OwnerId: (slot) => ownerOf(slot).id,
      CreatedDate: createdAt,
      CreatedById: (slot) => (slot < count * IMPORTED_SHARE ? people.admin.id : ownerOf(slot).id),
      LastModifiedDate: accountStamp,
      LastModifiedById: (slot) => (accountBinnedAt(slot) ? people.admin.id : ownerOf(slot).id),
      SystemModstamp: accountStamp,
      AccountSource: (slot) =>
        pick(['Web', 'Phone Inquiry', 'Partner Referral', 'Trade Show', null], typeDraw(slot) >>> 3),
      Service_Level__c: (slot) => pick(['Basic', 'Basic', 'Plus', 'Premium'], sizeDraw(slot) >>> 3),
      ERP_Number__c: (slot) => `ERP${String(700_000 + slot * 3)}`,
      Partner_Since__c: (slot) => (installer(slot) ? dateOf(createdAt(slot)) : null),
      Marketing_Consent__c: (slot) => typeDraw(slot) % 3 === 0,
    },
  }

  const accountOf = (contact: number) => contacts.parentOf(contact)
  const Contact: Seeded = {
    slots: contacts.slots,
    exists: contactExists,
    createdAt: contacts.at,
    deleted: (slot) => contactBinnedAt(slot) > 0,
    children: {
      AccountId(parentId) {
        const account = slotOfId('001', parentId)
        if (account < 0 || account >= count) return []
        return Array.from({ length: contacts.count }, (_, layer) => contacts.slotOf(account, layer))
          .filter((slot) => slot >= 0)
          .sort((a, b) => a - b)
      },
    },
    columns: {
      MasterRecordId: (slot) =>
        slot === merged && mergedOf !== undefined ? contactId(contacts.slotOf(mergedOf, 0)) : null,
      AccountId: (slot) => accountId(accountOf(slot)),
      LastName: lastName,
      FirstName: firstName,
      Salutation: (slot) => pick(['Mr.', 'Ms.', 'Mrs.', 'Dr.', null, null], contactDraw(slot) >>> 2),
      Name: contactName,
      ...located('Mailing', accountOf),
      Phone: contactPhone,
      MobilePhone: (slot) =>
        contactDraw(slot) % 3 === 0 ? `+49 151 ${10_000_000 + (contactDraw(slot) % 9_999_999)}` : null,
      Email: (slot) => (contactDraw(slot) % 19 === 0 ? null : contactEmail(slot)),
      Title: (slot) => pick(jobTitles, contactDraw(slot) >>> 4),
      Department: (slot) => pick(departments, contactDraw(slot) >>> 6),
      LeadSource: (slot) =>
        pick(['Web', 'Phone Inquiry', 'Partner Referral', 'Trade Show', null], contactDraw(slot) >>> 7),
      Birthdate: (slot) => (contactDraw(slot) % 11 === 0 ? dateOf((contactDraw(slot) % 12_000) * DAY) : null),
      OwnerId: (slot) => ownerOf(accountOf(slot)).id,
      HasOptedOutOfEmail: (slot) => contactDraw(slot) % 17 === 0,
      DoNotCall: (slot) => contactDraw(slot) % 29 === 0,
      CreatedDate: contacts.at,
      CreatedById: (slot) => ownerOf(accountOf(slot)).id,
      LastModifiedDate: contactStamp,
      LastModifiedById: (slot) => ownerOf(accountOf(slot)).id,
      SystemModstamp: contactStamp,
      Preferred_Language__c: (slot) => LANGUAGE[contactTongue(slot)],
      Preferred_Call_Time__c: (slot) =>
        contactDraw(slot) % 4 === 0 ? `${String(8 + (contactDraw(slot) % 10)).padStart(2, '0')}:30:00.000Z` : null,
    },
  }

  return {
    accountsAt: (position) => Math.max(1, Math.floor(count * (OLD_SHARE + (1 - OLD_SHARE) * position)) - 4),
    accountId,
    accountName,
    contactOf: (account, drawn) => contacts.slotOf(account, drawn % Math.min(contactCount(account), FIRST_CONTACTS)),
    contactId,
    contactName,
    contactEmail,
    contactPhone,
    tables: { Account, Contact },
  }
}
