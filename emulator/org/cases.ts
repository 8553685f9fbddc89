/** Cases and what happened to them: the history rows are the events that the case's own state follows from. */

import { DAY } from './calendar.ts'
import { createCaseWords, topicNumber } from './case-words.ts'
import type { Company } from './company.ts'
import type { Customers } from './customers.ts'
import { dateOf } from './dates.ts'
import { fraction, pick, weighted } from './draw.ts'
import { idOfSlot, slotOfId } from './ids.ts'
import { layersOver, type Steps, stepTime } from './layers.ts'
import type { FieldValue } from './model.ts'
import type { People, Person } from './people.ts'
import type { Seeded } from './table.ts'
import { internalNotes } from './words-service.ts'

/** What a case went through. Each is a history row; an owner change is two. */
const Event = {
  created: 0,
  priority: 1,
  ownerName: 2,
  ownerId: 3,
  working: 4,
  escalated: 5,
  closedFast: 6,
  reopened: 7,
  closedSlow: 8,
} as const

const EVENTS = [
  { delayDays: 0 },
  { delayDays: 0.1 },
  { delayDays: 0.3, spreadDays: 0.4 },
  { delayDays: 0.3, together: true },
  { delayDays: 0.8, spreadDays: 0.5 },
  { delayDays: 2, spreadDays: 1 },
  { delayDays: 5, spreadDays: 3 },
  { delayDays: 11, spreadDays: 5 },
  { delayDays: 30, spreadDays: 20 },
]

const ENDINGS = weighted([
  ['fast', 60],
  ['slow', 34],
  ['reopened', 4],
  ['never', 2],
] as const)

/** The state of one case, worked out once for all of its columns. */
export interface CaseState {
  slot: number
  createdAt: number
  account: number
  contact: number
  topic: number
  status: string
  firstStatus: string
  priority: string
  firstPriority: string
  owner: string
  firstOwner: string
  agent: Person
  escalated: boolean
  closed: boolean
  closedAt: number
  reopened: boolean
  changedAt: number
  bulkEdited: boolean
  binnedAt: number
}

export interface Cases {
  readonly count: number
  readonly steps: Steps
  id(slot: number): string
  slotOf(id: string): number
  createdAt(slot: number): number
  /** The state of a case. The same object is used for every case: read it before asking for another. */
  state(slot: number): CaseState
  /** When a case was put into the recycle bin, with all that hangs on it; 0 when it wasn't. */
  binnedAt(slot: number): number
  subject(slot: number): string
  model(slot: number): string
  readonly tables: { readonly Case: Seeded; readonly CaseHistory: Seeded }
}

const PRIORITIES = weighted([
  ['Medium', 60],
  ['High', 22],
  ['Low', 18],
])
const ORIGINS = weighted([
  ['Email', 50],
  ['Web', 30],
  ['Phone', 20],
])
const FIRST_CASE_NUMBER = 1001

/** The number of the case in a slot. */
export function caseNumber(slot: number): string {
  return String(FIRST_CASE_NUMBER + slot).padStart(8, '0')
}

/** The company's cases with their histories. */
export function createCases(company: Company, people: People, customers: Customers): Cases {
  const { draw } = company
  const count = company.scaled(3000)
  const steps = company.steps('Case', count)
  const events = layersOver('CaseHistory', EVENTS, { steps, seed: company.seed })
  const createdAt = (slot: number) => stepTime(steps, slot)

  const accountDraw = draw('Case.account')
  const traitDraw = draw('Case.traits')
  const pathDraw = draw('Case.path')
  const serialDraw = draw('Case.serial')
  const moneyDraw = draw('Case.money')
  const wordDraw = draw('Case.words')
  const bin = company.bin('Case', 150)

  // One afternoon an administrator edited a tenth of all cases at once: they share a second.
  const bulkEditedAt = Math.floor((company.anchor - 120 * DAY) / 1000) * 1000
  const bulkFrom = Math.floor(count * 0.42)
  const bulkTo = Math.floor(count * 0.52)

  const happenedAt = (slot: number, event: number) => {
    const row = events.slotOf(slot, event)
    return row < 0 ? 0 : events.at(row)
  }
  const ending = (slot: number) => pick(ENDINGS, pathDraw(slot))
  const assigned = (slot: number) => pathDraw(slot) >>> 8 < 0xffffff * 0.36
  const reprioritised = (slot: number) => traitDraw(slot) % 9 === 4
  const worked = (slot: number) => traitDraw(slot) % 16 < 9
  const escalates = (slot: number) => ending(slot) !== 'fast' && serialDraw(slot) % 7 === 0
  const statusWorked = (slot: number) => (serialDraw(slot) % 4 === 0 ? 'Waiting on Customer' : 'Working')

  /** Whether an event is part of a case's story at all; it may still lie past the anchor. */
  function planned(slot: number, event: number): boolean {
    switch (event) {
      case Event.created:
        return true
      case Event.priority:
        return reprioritised(slot)
      case Event.ownerName:
      case Event.ownerId:
        return assigned(slot)
      case Event.working:
        return worked(slot)
      case Event.escalated:
        return escalates(slot)
      case Event.closedFast:
        return ending(slot) === 'fast' || ending(slot) === 'reopened'
      case Event.reopened:
        return ending(slot) === 'reopened'
      default:
        return ending(slot) === 'slow' || ending(slot) === 'reopened'
    }
  }

  const state: CaseState = {
    slot: -1,
    createdAt: 0,
    account: 0,
    contact: 0,
    topic: 0,
    status: '',
    firstStatus: 'New',
    priority: '',
    firstPriority: '',
    owner: '',
    firstOwner: '',
    agent: people.admin,
    escalated: false,
    closed: false,
    closedAt: 0,
    reopened: false,
    changedAt: 0,
    bulkEdited: false,
    binnedAt: 0,
  }

  function stateOf(slot: number): CaseState {
    if (state.slot === slot) return state
    const traits = traitDraw(slot)
    const position = slot / count
    const created = createdAt(slot)
    // A few customers write often.
    const skewed = fraction(accountDraw(slot)) ** 1.7
    state.slot = slot
    state.createdAt = created
    state.account = Math.floor(skewed * customers.accountsAt(position))
    state.contact = customers.contactOf(state.account, traits)
    state.topic = topicNumber(traits)
    state.agent = pick(people.support, (traits >>> 11) + (slot & 3))
    state.firstPriority = pick(PRIORITIES, traits >>> 3)
    state.firstOwner = assigned(slot) ? pick(people.queues, (traits >>> 9) % 5).id : state.agent.id

    state.status = 'New'
    state.priority = state.firstPriority
    state.owner = state.firstOwner
    state.escalated = false
    state.closed = false
    state.closedAt = 0
    state.reopened = false
    let changed = created
    for (let event = 1; event < EVENTS.length; event++) {
      if (event === Event.ownerId || !planned(slot, event)) continue
      const at = happenedAt(slot, event)
      if (at === 0) continue
      changed = Math.max(changed, at)
      if (event === Event.priority) state.priority = state.firstPriority === 'High' ? 'Medium' : 'High'
      else if (event === Event.ownerName) state.owner = state.agent.id
      else if (event === Event.working) state.status = statusWorked(slot)
      else if (event === Event.escalated) {
        state.status = 'Escalated'
        state.escalated = true
      } else if (event === Event.reopened) {
        state.status = 'Working'
        state.closed = false
        state.closedAt = 0
        state.reopened = true
      } else {
        state.status = 'Closed'
        state.closed = true
        state.closedAt = at
      }
    }
    state.bulkEdited = slot >= bulkFrom && slot < bulkTo && changed < bulkEditedAt
    if (state.bulkEdited) changed = bulkEditedAt
    state.changedAt = changed
    state.binnedAt = state.closed ? bin.putAt(slot, changed) : 0
    return state
  }

  const binnedAt = (slot: number) => (bin.mayHold(slot) ? stateOf(slot).binnedAt : 0)

  /** The status that a case had before an event. */
  function statusBefore(slot: number, event: number): string {
    if (event > Event.reopened && planned(slot, Event.reopened)) return 'Working'
    if (event > Event.closedFast && planned(slot, Event.closedFast)) return 'Closed'
    if (event > Event.escalated && planned(slot, Event.escalated)) return 'Escalated'
    if (event > Event.working && planned(slot, Event.working)) return statusWorked(slot)
    return 'New'
  }

  function statusAfter(slot: number, event: number): string {
    if (event === Event.working) return statusWorked(slot)
    if (event === Event.escalated) return 'Escalated'
    return event === Event.reopened ? 'Working' : 'Closed'
  }

  function historyValue(row: number, after: boolean): FieldValue {
    const slot = events.parentOf(row)
    const event = events.layerOf(row)
    const of = stateOf(slot)
    if (event === Event.created) return null
    if (event === Event.priority)
      return after === (of.firstPriority !== 'High') ? 'High' : after ? 'Medium' : of.firstPriority
    if (event === Event.ownerId) return after ? of.agent.id : of.firstOwner
    if (event === Event.ownerName) return after ? of.agent.name : (people.nameOf(of.firstOwner) ?? null)
    return after ? statusAfter(slot, event) : statusBefore(slot, event)
  }

  const { topicOf, model, subject, serial, reported } = createCaseWords(company)
  const description = (slot: number) => `${reported(slot)}\n\n${customers.contactName(stateOf(slot).contact)}`

  const origin = (slot: number) => pick(ORIGINS, wordDraw(slot) >>> 2)
  const changedBy = (slot: number) => {
    const of = stateOf(slot)
    return of.bulkEdited || of.binnedAt ? people.admin.id : of.agent.id
  }
  const stamp = (slot: number) => stateOf(slot).binnedAt || stateOf(slot).changedAt
  const whenClosed = (column: (slot: number) => FieldValue) => (slot: number) =>
    stateOf(slot).closed ? column(slot) : null
  const web = (column: (slot: number) => FieldValue) => (slot: number) =>
    origin(slot) === 'Phone' ? null : column(slot)

  const Case: Seeded = {
    slots: count,
    createdAt,
    deleted: (slot) => binnedAt(slot) > 0,
    columns: {
      CaseNumber: caseNumber,
      ContactId: (slot) => customers.contactId(stateOf(slot).contact),
      AccountId: (slot) => customers.accountId(stateOf(slot).account),
      ParentId: (slot) => (slot > 60 && moneyDraw(slot) % 41 === 0 ? idOfSlot('500', slot - 1 - (slot % 37)) : null),
      SuppliedName: web((slot) => customers.contactName(stateOf(slot).contact)),
      SuppliedEmail: web((slot) => customers.contactEmail(stateOf(slot).contact)),
      SuppliedCompany: web((slot) => (moneyDraw(slot) % 3 ? customers.accountName(stateOf(slot).account) : null)),
      SuppliedPhone: (slot) => (origin(slot) === 'Web' ? customers.contactPhone(stateOf(slot).contact) : null),
      Type: (slot) => topicOf(slot).type,
      RecordTypeId: (slot) => people.recordTypeId(topicOf(slot).type === 'Return' ? 'Return' : 'Support_Request'),
      Status: (slot) => stateOf(slot).status,
      Reason: (slot) => topicOf(slot).reason,
      Origin: origin,
      Subject: subject,
      Priority: (slot) => stateOf(slot).priority,
      Description: description,
      IsClosed: (slot) => stateOf(slot).closed,
      ClosedDate: (slot) => stateOf(slot).closedAt || null,
      IsEscalated: (slot) => stateOf(slot).escalated,
      OwnerId: (slot) => stateOf(slot).owner,
      CreatedDate: createdAt,
      CreatedById: (slot) => (origin(slot) === 'Phone' ? stateOf(slot).agent.id : people.admin.id),
      LastModifiedDate: stamp,
      LastModifiedById: changedBy,
      SystemModstamp: stamp,
      ContactPhone: (slot) => customers.contactPhone(stateOf(slot).contact),
      ContactEmail: (slot) => customers.contactEmail(stateOf(slot).contact),
      Comments: (slot) => (wordDraw(slot) % 5 === 0 ? pick(internalNotes, moneyDraw(slot)) : null),
      Product_Line__c: (slot) => topicOf(slot).product,
      Accessories__c: (slot) =>
        pick(
          ['Smart Meter', 'Backup Box;Smart Meter', null, 'Extension Kit', 'Optimizer;Rapid Shutdown', null],
          wordDraw(slot) >>> 4,
        ),
      Serial_Number__c: serial,
      Firmware_Version__c: (slot) =>
        topicOf(slot).product === 'Solar Panel' ? null : `4.${moneyDraw(slot) % 4}.${moneyDraw(slot) % 7}`,
      Error_Code__c: (slot) => topicOf(slot).errorCode,
      Under_Warranty__c: (slot) => moneyDraw(slot) % 5 !== 0,
      Installed_On__c: (slot) => dateOf(stateOf(slot).createdAt - (30 + (serialDraw(slot) % 2000)) * DAY),
      First_Response_At__c: (slot) => happenedAt(slot, Event.priority) || null,
      Call_Back_Time__c: (slot) =>
        wordDraw(slot) % 6 === 0 ? `${String(8 + (moneyDraw(slot) % 10)).padStart(2, '0')}:15:00.000Z` : null,
      Yield_Loss_kWh__c: (slot) => (topicOf(slot).reason === 'Performance' ? (moneyDraw(slot) % 90_000) / 100 : null),
      Internal_Cost__c: (slot) => 12 + (moneyDraw(slot) % 48_000) / 100,
      Refund_Amount__c: (slot) => (topicOf(slot).type === 'Return' ? (moneyDraw(slot) % 120_000) / 100 : null),
      State_of_Charge__c: (slot) => (topicOf(slot).product === 'Battery' ? (moneyDraw(slot) % 1001) / 10 : null),
      Satisfaction__c: whenClosed((slot) =>
        moneyDraw(slot) % 3 ? 1 + Math.min(4, (moneyDraw(slot) >>> 4) % 7) : null,
      ),
      Reopened_Count__c: (slot) => (stateOf(slot).reopened ? 1 : 0),
      Monitoring_Link__c: (slot) =>
        `https://portal.${'sunstead.practice.example'}/site/${serialDraw(slot).toString(16)}?tab=log`,
      Root_Cause__c: whenClosed((slot) => topicOf(slot).cause),
      Resolution__c: whenClosed((slot) => topicOf(slot).fix),
      Technician_Notes__c: (slot) =>
        wordDraw(slot) % 8 === 0
          ? `<p>${topicOf(slot).questions}</p><ul><li>Serial <b>${serial(slot)}</b></li><li>Firmware &ge; 4.2</li></ul>`
          : null,
      Ticket_Key__c: (slot) => (stateOf(slot).bulkEdited ? `OLD-${100_000 + slot}` : null),
    },
  }

  const CaseHistory: Seeded = {
    slots: events.slots,
    exists: (row) => {
      const slot = events.parentOf(row)
      return slot >= 0 && planned(slot, events.layerOf(row))
    },
    createdAt: events.at,
    deleted: (row) => binnedAt(events.parentOf(row)) > 0,
    children: {
      CaseId(parentId) {
        const slot = slotOfId('500', parentId)
        if (slot < 0 || slot >= count) return []
        return EVENTS.map((_, event) => events.slotOf(slot, event)).filter((row) => row >= 0)
      },
    },
    columns: {
      CaseId: (row) => idOfSlot('500', events.parentOf(row)),
      CreatedById: (row) => {
        const of = stateOf(events.parentOf(row))
        return events.layerOf(row) === Event.created && origin(of.slot) !== 'Phone' ? people.admin.id : of.agent.id
      },
      CreatedDate: events.at,
      Field: (row) => {
        const event = events.layerOf(row)
        if (event === Event.created) return 'created'
        if (event === Event.priority) return 'Priority'
        return event === Event.ownerName || event === Event.ownerId ? 'Owner' : 'Status'
      },
      DataType: (row) => {
        const event = events.layerOf(row)
        if (event === Event.created) return 'Text'
        if (event === Event.ownerId) return 'EntityId'
        return event === Event.ownerName ? 'Text' : 'DynamicEnum'
      },
      OldValue: (row) => historyValue(row, false),
      NewValue: (row) => historyValue(row, true),
    },
  }

  return {
    count,
    steps,
    id: (slot) => idOfSlot('500', slot),
    slotOf: (id) => {
      const slot = slotOfId('500', id)
      return slot < count ? slot : -1
    },
    createdAt,
    state: stateOf,
    binnedAt,
    subject,
    model,
    tables: { Case, CaseHistory },
  }
}
