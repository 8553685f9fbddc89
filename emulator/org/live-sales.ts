/** Life in sales. */

import { dateOf } from './dates.ts'
import { type Kind, type Life, toOneOf } from './life.ts'
import { STAGES } from './sales-process.ts'
import { companies, people as names, places } from './words-people.ts'
import { dealNames, leadNotes, taskSubjects } from './words-sales.ts'

const DAY = 86_400_000
const OPEN_DEALS = 'FROM Opportunity WHERE IsClosed = false ORDER BY CreatedDate DESC LIMIT 60'

function enterLead({ org, oneOf, chance, seller }: Life): boolean {
  const tongue = oneOf(['en', 'de', 'fr', 'world'] as const) ?? 'en'
  const place = oneOf(places[tongue])
  const last = oneOf(names[tongue].last) ?? 'Walker'
  org.create(seller(), 'Lead', {
    FirstName: oneOf(names[tongue].first) ?? null,
    LastName: last,
    Company: `${oneOf(companies[tongue].names)} ${oneOf(companies[tongue].kinds)}`,
    City: place?.city ?? null,
    Country: place?.country ?? null,
    Email: `lead.${chance().toString(36)}@new.example`,
    LeadSource: oneOf(['Web', 'Partner Referral', 'Trade Show'] as const) ?? 'Web',
    Description: oneOf(leadNotes) ?? null,
    Roof_Area_m2__c: (chance() % 30_000) / 100,
  })
  return true
}

function enterDeal(life: Life): boolean {
  const contact = life.oneOf(life.find('SELECT Id, AccountId, Account.Name FROM Contact ORDER BY Id DESC LIMIT 100'))
  const entry = life.oneOf(
    life.find('SELECT Id, UnitPrice FROM PricebookEntry WHERE Pricebook2.IsStandard = true AND IsActive = true'),
  )
  if (!contact || !entry) return false
  const by = life.seller()
  const id = life.org.create(by, 'Opportunity', {
    AccountId: contact.AccountId ?? null,
    ContactId: contact.Id ?? null,
    Name: `${contact['Account.Name']} – ${life.oneOf(dealNames)}`.slice(0, 120),
    StageName: STAGES[0].name,
    CloseDate: dateOf(life.org.now() + 60 * DAY),
    Type: 'New Business',
  })
  const quantity = 1 + (life.chance() % 10)
  const line = { OpportunityId: id, PricebookEntryId: entry.Id ?? null, Quantity: quantity }
  life.org.create(by, 'OpportunityLineItem', { ...line, UnitPrice: entry.UnitPrice ?? null })
  return true
}

export const salesLife: readonly Kind[] = [
  { name: 'a lead comes in', share: 5, happen: enterLead },
  toOneOf(
    'a lead is contacted',
    4,
    "SELECT Id FROM Lead WHERE Status = 'Open - Not Contacted' ORDER BY CreatedDate DESC LIMIT 40",
    (life, _found, id) => {
      const seller = life.seller()
      life.org.update(seller, 'Lead', id, { Status: 'Working - Contacted', OwnerId: seller, Rating: 'Warm' })
    },
  ),
  toOneOf(
    'a lead is converted',
    2,
    "SELECT Id, Company FROM Lead WHERE Status = 'Working - Contacted' ORDER BY CreatedDate DESC LIMIT 20",
    (life, found, id) => {
      const by = life.seller()
      life.org.convertLead(by, {
        leadId: id,
        convertedStatus: 'Closed - Converted',
        opportunityName: `${found.Company} – ${life.oneOf(dealNames)}`,
        ownerId: by,
      })
    },
  ),
  { name: 'a deal is entered', share: 3, happen: enterDeal },
  toOneOf('a deal moves on', 7, `SELECT Id, StageName ${OPEN_DEALS}`, (life, found, id) => {
    const stage = STAGES.findIndex(({ name }) => name === found.StageName)
    const lost = life.chance() % 6 === 0
    const next = lost ? STAGES[STAGES.length - 1] : STAGES[Math.min(stage + 1, STAGES.length - 2)]
    life.org.update(life.seller(), 'Opportunity', id, {
      StageName: next?.name ?? STAGES[0].name,
      ...(lost ? { Loss_Reason__c: 'Price' } : {}),
    })
  }),
  toOneOf(
    'an amount changes',
    2,
    `SELECT Id FROM Opportunity WHERE HasOpportunityLineItem = false AND IsClosed = false LIMIT 20`,
    (life, _found, id) => {
      life.org.update(life.seller(), 'Opportunity', id, { Amount: 2_000 + (life.chance() % 900) * 25 })
    },
  ),
  toOneOf('a task is planned', 4, `SELECT Id ${OPEN_DEALS}`, (life, _found, id) => {
    const words = life.oneOf(taskSubjects)
    life.org.create(life.seller(), 'Task', {
      WhatId: id,
      Subject: words?.subject ?? 'Call',
      TaskSubtype: words?.subtype ?? 'Task',
      ActivityDate: dateOf(life.org.now() + 3 * DAY),
    })
  }),
  toOneOf(
    'a task is done',
    6,
    'SELECT Id, OwnerId FROM Task WHERE IsClosed = false ORDER BY CreatedDate DESC LIMIT 40',
    (life, found, id) => life.org.update(String(found.OwnerId), 'Task', id, { Status: 'Completed' }),
  ),
  toOneOf(
    'a task is deleted',
    1,
    'SELECT Id, OwnerId FROM Task ORDER BY CreatedDate DESC LIMIT 20',
    (life, found, id) => life.org.delete(String(found.OwnerId), 'Task', id),
  ),
  toOneOf('a contact is edited', 5, 'SELECT Id FROM Contact ORDER BY Id DESC LIMIT 150', (life, _found, id) => {
    const phone = `+49 170 ${1_000_000 + (life.chance() % 8_999_999)}`
    life.org.update(
      life.seller(),
      'Contact',
      id,
      life.chance() % 2 === 0 ? { MobilePhone: phone } : { Title: 'Director' },
    )
  }),
  {
    name: 'a job stamps many accounts in one second',
    share: 1,
    happen({ org, adminId, find }) {
      const accounts = find('SELECT Id FROM Account ORDER BY Id DESC LIMIT 40')
      for (const { Id } of accounts) org.update(adminId, 'Account', String(Id), { Marketing_Consent__c: true })
      return accounts.length > 0
    },
  },
  toOneOf('an account is edited', 2, 'SELECT Id FROM Account ORDER BY Id DESC LIMIT 60', (life, _found, id) => {
    life.org.update(life.seller(), 'Account', id, {
      Service_Level__c: life.oneOf(['Plus', 'Premium'] as const) ?? 'Plus',
    })
  }),
]
