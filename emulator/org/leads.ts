/** Leads, and who of them and of the contacts was in which campaign. */

import { DAY } from './calendar.ts'
import { CAMPAIGNS } from './catalog.ts'
import type { Company } from './company.ts'
import type { Customers } from './customers.ts'
import { dateOf } from './dates.ts'
import type { Deals } from './deals.ts'
import { fraction, pick, weighted } from './draw.ts'
import { idOfSlot } from './ids.ts'
import { stepTime } from './layers.ts'
import type { People } from './people.ts'
import type { Seeded } from './table.ts'
import { companies, jobTitles, latinNames, people as names, places, streets, type Tongue } from './words-people.ts'
import { leadNotes } from './words-sales.ts'

const TONGUES: readonly Tongue[] = weighted([
  ['en', 38],
  ['de', 32],
  ['fr', 20],
  ['world', 10],
])
const OUTCOMES = weighted([
  ['Closed - Converted', 22],
  ['Closed - Not Converted', 38],
  ['Working - Contacted', 26],
  ['Open - Not Contacted', 14],
] as const)

export interface Leads {
  readonly count: number
  id(slot: number): string
  readonly tables: { readonly Lead: Seeded; readonly CampaignMember: Seeded }
}

/** The company's leads and campaign members. */
export function createLeads(
  company: Company,
  { people, customers, deals }: { people: People; customers: Customers; deals: Deals },
): Leads {
  const { draw } = company
  const count = company.scaled(900)
  const steps = company.steps('Lead', count)
  const createdAt = (slot: number) => stepTime(steps, slot)
  const traitDraw = draw('Lead.traits')
  const pathDraw = draw('Lead.path')
  const nameDraw = draw('Lead.name')
  const binned = company.bin('Lead', 100).putAt

  const tongueOf = (slot: number) => pick(TONGUES, nameDraw(slot))
  const placeOf = (slot: number) => pick(places[tongueOf(slot)], traitDraw(slot))
  const firstName = (slot: number) => pick(names[tongueOf(slot)].first, nameDraw(slot) >>> 8)
  const lastName = (slot: number) =>
    pick(names[tongueOf(slot)].last, nameDraw(slot) >>> (tongueOf(slot) === 'world' ? 8 : 14))
  const companyName = (slot: number) => {
    const { names: brands, kinds } = companies[tongueOf(slot)]
    return `${pick(brands, traitDraw(slot) >>> 4)} ${pick(kinds, traitDraw(slot) >>> 9)}`
  }
  const mailName = (name: string, slot: number) =>
    name
      .normalize('NFD')
      .replace(/[^A-Za-z]/g, '')
      .toLowerCase() || pick(latinNames, nameDraw(slot))
  const inboundQueue = people.queues.find((queue) => queue.name === 'Inbound Leads')
  const ownerOf = (slot: number) =>
    outcome(slot) === 'Open - Not Contacted' && inboundQueue
      ? inboundQueue.id
      : pick(people.sales, traitDraw(slot) >>> 12).id

  /** Days from entry to the outcome; one that lies past the anchor hasn't come yet. */
  const outcomeAt = (slot: number) =>
    Math.floor((createdAt(slot) + (2 + fraction(pathDraw(slot)) * 40) * DAY) / 1000) * 1000
  function outcome(slot: number): (typeof OUTCOMES)[number] {
    return outcomeAt(slot) > company.anchor ? 'Open - Not Contacted' : pick(OUTCOMES, pathDraw(slot))
  }
  const changedAt = (slot: number) => (outcome(slot) === 'Open - Not Contacted' ? createdAt(slot) : outcomeAt(slot))
  const converted = (slot: number) => outcome(slot) === 'Closed - Converted'
  const binnedAt = (slot: number) => (converted(slot) ? 0 : binned(slot, changedAt(slot)))
  const stamp = (slot: number) => binnedAt(slot) || changedAt(slot)
  /** The deal that a conversion led to: one that was entered about then. */
  const dealOf = (slot: number) =>
    Math.max(0, Math.min(deals.count - 1, Math.floor(company.calendar.positionOf(outcomeAt(slot)) * deals.count) - 1))
  const whenConverted =
    <T>(column: (slot: number) => T) =>
    (slot: number) =>
      converted(slot) ? column(slot) : null

  const Lead: Seeded = {
    slots: count,
    createdAt,
    deleted: (slot) => binnedAt(slot) > 0,
    columns: {
      LastName: lastName,
      FirstName: firstName,
      Salutation: (slot) => pick(['Mr.', 'Ms.', null, null], traitDraw(slot)),
      Name: (slot) => `${firstName(slot)} ${lastName(slot)}`,
      Title: (slot) => pick(jobTitles, traitDraw(slot) >>> 3),
      Company: companyName,
      Street: (slot) => `${pick(streets[tongueOf(slot)], traitDraw(slot) >>> 2)} ${1 + (traitDraw(slot) % 90)}`,
      City: (slot) => placeOf(slot).city,
      State: (slot) => placeOf(slot).state,
      PostalCode: (slot) => placeOf(slot).postalCode,
      Country: (slot) => placeOf(slot).country,
      Phone: (slot) => `${placeOf(slot).dialling} ${300 + (traitDraw(slot) % 600)} ${10 + (nameDraw(slot) % 80)}`,
      Email: (slot) => `${mailName(firstName(slot), slot)}.${mailName(lastName(slot), slot)}@lead${slot}.example`,
      Website: (slot) => (traitDraw(slot) % 3 === 0 ? `https://www.lead${slot}.example` : null),
      Description: (slot) => pick(leadNotes, traitDraw(slot) >>> 5),
      LeadSource: (slot) =>
        pick(['Web', 'Web', 'Phone Inquiry', 'Partner Referral', 'Trade Show'], traitDraw(slot) >>> 6),
      Status: outcome,
      Industry: (slot) => pick(['Construction', 'Electrical Installation', 'Real Estate', null], traitDraw(slot) >>> 7),
      Rating: (slot) => pick(['Hot', 'Warm', 'Cold', null], traitDraw(slot) >>> 8),
      AnnualRevenue: (slot) => (traitDraw(slot) % 3 === 0 ? (1 + (traitDraw(slot) % 80)) * 100_000 : null),
      NumberOfEmployees: (slot) => 1 + (traitDraw(slot) % 120),
      OwnerId: ownerOf,
      HasOptedOutOfEmail: (slot) => traitDraw(slot) % 23 === 0,
      IsConverted: converted,
      ConvertedDate: whenConverted((slot) => dateOf(outcomeAt(slot))),
      ConvertedAccountId: whenConverted((slot) => customers.accountId(deals.accountOf(dealOf(slot)))),
      ConvertedContactId: whenConverted((slot) => customers.contactId(deals.contactOf(dealOf(slot)))),
      ConvertedOpportunityId: whenConverted((slot) => deals.id(dealOf(slot))),
      IsUnreadByOwner: (slot) => outcome(slot) === 'Open - Not Contacted',
      CreatedDate: createdAt,
      CreatedById: (slot) => pick(people.sales, traitDraw(slot) >>> 12).id,
      LastModifiedDate: stamp,
      LastModifiedById: (slot) => pick(people.sales, traitDraw(slot) >>> 12).id,
      SystemModstamp: stamp,
      Roof_Type__c: (slot) => pick(['Pitched', 'Flat', 'Facade', 'Ground', null], pathDraw(slot) >>> 5),
      Roof_Area_m2__c: (slot) => 20 + (pathDraw(slot) % 48_000) / 100,
      Interests__c: (slot) =>
        pick(['Solar', 'Solar;Storage', 'Solar;Storage;Charging', 'Heating', null], pathDraw(slot) >>> 9),
    },
  }

  const memberCount = company.scaled(800)
  const memberSteps = company.steps('CampaignMember', memberCount)
  const memberAt = (slot: number) => stepTime(memberSteps, slot)
  const memberDraw = draw('CampaignMember')
  const isLead = (slot: number) => slot % 2 === 0 && slot > memberCount / 100
  const half = memberCount / 2
  // Each lead and each account's contact is in one campaign at most, and was there before it.
  const leadOf = (slot: number) => Math.max(0, Math.floor(((slot / 2 - 1) / half) * count))
  const contactOf = (slot: number) =>
    customers.contactOf(
      Math.floor(((slot - (slot % 2)) / 2 / half) * customers.accountsAt(slot / memberCount)),
      memberDraw(slot),
    )
  const campaignOf = (slot: number) => Math.floor((slot / memberCount) * CAMPAIGNS * 0.95)
  const responded = (slot: number) => memberDraw(slot) % 4 > 1
  const who = (slot: number) => (isLead(slot) ? idOfSlot('00Q', leadOf(slot)) : customers.contactId(contactOf(slot)))
  const memberBin = (slot: number) => (isLead(slot) ? binnedAt(leadOf(slot)) : 0)
  const memberStamp = (slot: number) => memberBin(slot) || memberAt(slot)

  const CampaignMember: Seeded = {
    slots: memberCount,
    createdAt: memberAt,
    deleted: (slot) => memberBin(slot) > 0,
    columns: {
      CampaignId: (slot) => idOfSlot('701', campaignOf(slot)),
      LeadId: (slot) => (isLead(slot) ? who(slot) : null),
      ContactId: (slot) => (isLead(slot) ? null : who(slot)),
      Status: (slot) => pick(['Sent', 'Opened', 'Responded', 'Attended'], memberDraw(slot)),
      HasResponded: responded,
      CreatedDate: memberAt,
      CreatedById: (slot) => pick(people.sales, memberDraw(slot) >>> 3).id,
      LastModifiedDate: memberStamp,
      LastModifiedById: (slot) => pick(people.sales, memberDraw(slot) >>> 3).id,
      SystemModstamp: memberStamp,
      FirstRespondedDate: (slot) => (responded(slot) ? dateOf(memberAt(slot)) : null),
      LeadOrContactId: who,
      Type: (slot) => (isLead(slot) ? 'Lead' : 'Contact'),
    },
  }

  return { count, id: (slot) => idOfSlot('00Q', slot), tables: { Lead, CampaignMember } }
}
