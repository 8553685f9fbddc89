/** What all of the company's records have in common: its size, its time, its chance. */

import { type Calendar, createCalendar, DAY, SEEDED_DAYS } from './calendar.ts'
import { type Draw, drawOf } from './draw.ts'
import type { Steps } from './layers.ts'
import type { OrgOptions } from './model.ts'

export interface Company {
  readonly seed: number
  readonly anchor: number
  /** When the seeded two years begin. */
  readonly start: number
  readonly calendar: Calendar
  draw(name: string): Draw
  /** So many records at scale 1, fewer or more at another. */
  scaled(atScaleOne: number): number
  /** So many records spread over the two years. */
  steps(name: string, count: number): Steps
  /** The recycle bin of one object; about one record in so many is in it. */
  bin(name: string, oneIn: number): Bin
}

interface Bin {
  /** Cheap to ask, to leave out the many records that are surely not in the bin. */
  mayHold(slot: number): boolean
  /** When the record was put there, or 0 if it was not; never before its last change. */
  putAt(slot: number, notBefore: number): number
}

/** Salesforce keeps deleted records for 15 days. */
const BIN_DAYS = 14

/** The company of a seed, a scale and an anchor: the same three always give the same one. */
export function createCompany({ seed, scale, anchor }: OrgOptions): Company {
  const calendar = createCalendar(anchor)
  const draw = (name: string) => drawOf(seed, name)
  return {
    seed,
    anchor,
    start: calendar.start,
    calendar,
    draw,
    scaled: (atScaleOne) => Math.max(8, Math.round(atScaleOne * scale)),
    steps: (name, count) => ({ count, calendar, phase: draw(`${name}.phase`), days: SEEDED_DAYS }),
    bin(name, oneIn) {
      const chosen = draw(`${name}.binned`)
      const mayHold = (slot: number) => chosen(slot) % oneIn === 3 % oneIn
      return {
        mayHold,
        putAt(slot, notBefore) {
          if (!mayHold(slot)) return 0
          const hoursAgo = chosen(slot) % (BIN_DAYS * 24)
          const at = Math.floor((anchor - hoursAgo * (DAY / 24) - 600_000) / 1000) * 1000
          return at > notBefore ? at : 0
        },
      }
    },
  }
}
