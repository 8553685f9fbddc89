/** Tasks and events, on cases, deals and accounts. */

import { DAY } from './calendar.ts'
import type { Cases } from './cases.ts'
import type { Company } from './company.ts'
import type { Customers } from './customers.ts'
import { dateOf } from './dates.ts'
import type { Deals } from './deals.ts'
import { fraction, pick } from './draw.ts'
import { stepTime } from './layers.ts'
import type { Leads } from './leads.ts'
import type { People } from './people.ts'
import type { Seeded } from './table.ts'
import { eventPlaces, eventSubjects, taskSubjects } from './words-sales.ts'
import { callNotes } from './words-service.ts'

const MINUTE = 60_000
/** Salesforce archives activities after a year; only queryAll shows them then. */
const ARCHIVED_AFTER_DAYS = 365

interface Related {
  readonly people: People
  readonly customers: Customers
  readonly cases: Cases
  readonly deals: Deals
  readonly leads: Leads
}

/** The company's activities. */
export function createActivities(
  company: Company,
  { people, customers, cases, deals, leads }: Related,
): { readonly Task: Seeded; readonly Event: Seeded } {
  const { draw } = company
  const archivedBefore = company.anchor - ARCHIVED_AFTER_DAYS * DAY

  /** What an activity is about: something that was there when it was planned. */
  function relations(name: string, count: number) {
    const chance = draw(`${name}.about`)
    const recent = draw(`${name}.recent`)
    /** A case, deal or lead of the weeks before; negative where there was none yet. */
    const near = (slot: number, of: number) =>
      Math.floor((slot / count) * of) - 1 - (recent(slot) % Math.max(1, Math.ceil(of / 60)))
    function topic(slot: number): 'case' | 'deal' | 'lead' | 'account' {
      const drawn = chance(slot) % 10
      if (drawn < 4 && near(slot, cases.count) >= 0) return 'case'
      if (drawn >= 4 && drawn < 7 && near(slot, deals.count) >= 0) return 'deal'
      return drawn === 9 && near(slot, leads.count) >= 0 ? 'lead' : 'account'
    }
    function account(slot: number): number {
      switch (topic(slot)) {
        case 'case':
          return cases.state(near(slot, cases.count)).account
        case 'deal':
          return deals.accountOf(near(slot, deals.count))
        default:
          return Math.floor(fraction(recent(slot)) * customers.accountsAt(slot / count))
      }
    }
    return {
      what(slot: number): string | null {
        switch (topic(slot)) {
          case 'case':
            return cases.id(near(slot, cases.count))
          case 'deal':
            return deals.id(near(slot, deals.count))
          case 'account':
            return customers.accountId(account(slot))
          case 'lead':
            return null
        }
      },
      who(slot: number): string | null {
        if (topic(slot) === 'lead') return leads.id(near(slot, leads.count))
        return chance(slot) % 3 === 0 ? null : customers.contactId(customers.contactOf(account(slot), recent(slot)))
      },
      account: (slot: number) => (topic(slot) === 'lead' ? null : customers.accountId(account(slot))),
      owner: (slot: number) => pick(topic(slot) === 'case' ? people.support : people.sales, recent(slot) >>> 7).id,
    }
  }

  const taskCount = company.scaled(2500)
  const taskSteps = company.steps('Task', taskCount)
  const taskAt = (slot: number) => stepTime(taskSteps, slot)
  const task = relations('Task', taskCount)
  const taskDraw = draw('Task')
  const taskWords = (slot: number) => pick(taskSubjects, taskDraw(slot))
  const dueAt = (slot: number) => taskAt(slot) + (1 + (taskDraw(slot) % 14)) * DAY
  const doneAt = (slot: number) => {
    const at = taskAt(slot) + Math.floor((fraction(taskDraw(slot)) * 12 * DAY) / 1000) * 1000
    return at > company.anchor || taskDraw(slot) % 25 === 0 ? 0 : at
  }
  const taskBinned = company.bin('Task', 180).putAt
  const taskBin = (slot: number) => taskBinned(slot, doneAt(slot) || taskAt(slot))
  const taskStamp = (slot: number) => taskBin(slot) || doneAt(slot) || taskAt(slot)
  const isCall = (slot: number) => taskWords(slot).subtype === 'Call'

  const Task: Seeded = {
    slots: taskCount,
    createdAt: taskAt,
    deleted: (slot) => taskBin(slot) > 0,
    columns: {
      WhoId: task.who,
      WhatId: task.what,
      Subject: (slot) => taskWords(slot).subject,
      ActivityDate: (slot) => (taskDraw(slot) % 12 === 0 ? null : dateOf(dueAt(slot))),
      Status: (slot) =>
        doneAt(slot)
          ? 'Completed'
          : pick(['Not Started', 'In Progress', 'Waiting on someone else'], taskDraw(slot) >>> 3),
      Priority: (slot) => pick(['Normal', 'Normal', 'Normal', 'High', 'Low'], taskDraw(slot) >>> 5),
      IsHighPriority: (slot) => (taskDraw(slot) >>> 5) % 5 === 3,
      OwnerId: task.owner,
      Description: (slot) => (taskDraw(slot) % 3 === 0 ? pick(callNotes, taskDraw(slot) >>> 4) : null),
      AccountId: task.account,
      IsClosed: (slot) => doneAt(slot) > 0,
      CreatedDate: taskAt,
      CreatedById: task.owner,
      LastModifiedDate: taskStamp,
      LastModifiedById: task.owner,
      SystemModstamp: taskStamp,
      CallDurationInSeconds: (slot) => (isCall(slot) && doneAt(slot) ? 30 + (taskDraw(slot) % 1500) : null),
      CallType: (slot) => (isCall(slot) ? pick(['Inbound', 'Outbound'], taskDraw(slot) >>> 6) : null),
      TaskSubtype: (slot) => taskWords(slot).subtype,
      ReminderDateTime: (slot) => (taskDraw(slot) % 9 === 0 ? dueAt(slot) : null),
      IsReminderSet: (slot) => taskDraw(slot) % 9 === 0,
      CompletedDateTime: (slot) => doneAt(slot) || null,
      IsArchived: (slot) => doneAt(slot) > 0 && taskAt(slot) < archivedBefore,
    },
  }

  const eventCount = company.scaled(700)
  const eventSteps = company.steps('Event', eventCount)
  const eventAt = (slot: number) => stepTime(eventSteps, slot)
  const event = relations('Event', eventCount)
  const eventDraw = draw('Event')
  const allDay = (slot: number) => eventDraw(slot) % 20 === 0
  const startsAt = (slot: number) => {
    const day = Math.floor((eventAt(slot) + (1 + (eventDraw(slot) % 20)) * DAY) / DAY) * DAY
    return allDay(slot) ? day : day + (8 * 60 + (eventDraw(slot) % 18) * 30) * MINUTE
  }
  const minutes = (slot: number) => (allDay(slot) ? 1440 : pick([30, 60, 90, 120], eventDraw(slot) >>> 6))
  const eventBinned = company.bin('Event', 120).putAt
  const eventBin = (slot: number) => eventBinned(slot, eventAt(slot))
  const eventStamp = (slot: number) => eventBin(slot) || eventAt(slot)

  const Event: Seeded = {
    slots: eventCount,
    createdAt: eventAt,
    deleted: (slot) => eventBin(slot) > 0,
    columns: {
      WhoId: event.who,
      WhatId: event.what,
      Subject: (slot) => pick(eventSubjects, eventDraw(slot)),
      Location: (slot) => pick(eventPlaces, eventDraw(slot) >>> 3),
      IsAllDayEvent: allDay,
      ActivityDateTime: startsAt,
      ActivityDate: (slot) => dateOf(startsAt(slot)),
      DurationInMinutes: minutes,
      StartDateTime: startsAt,
      EndDateTime: (slot) => startsAt(slot) + minutes(slot) * MINUTE,
      EndDate: (slot) => dateOf(startsAt(slot)),
      Description: (slot) => (eventDraw(slot) % 4 === 0 ? pick(callNotes, eventDraw(slot) >>> 5) : null),
      AccountId: event.account,
      OwnerId: event.owner,
      ShowAs: () => 'Busy',
      CreatedDate: eventAt,
      CreatedById: event.owner,
      LastModifiedDate: eventStamp,
      LastModifiedById: event.owner,
      SystemModstamp: eventStamp,
      EventSubtype: () => 'Event',
      IsArchived: (slot) => startsAt(slot) < archivedBefore,
    },
  }

  return { Task, Event }
}
