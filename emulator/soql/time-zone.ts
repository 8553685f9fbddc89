/** Clock readings in a user's time zone. */

import type { Viewer } from '../org/model.ts'
import type { Database } from './database.ts'

const QUARTER_HOUR = 900_000
const MOST_REMEMBERED = 50_000

export interface TimeZone {
  readonly name: string
  /** The clock's reading at an instant, written as if the zone were GMT. */
  readingAt(instant: number): number
  /** The instant at which the clock reads this. */
  instantOf(reading: number): number
}

const zones = new Map<string, TimeZone>()

/** The zone that the viewer's user record names; date literals and convertTimezone() go by it. */
export function timeZoneOf(db: Database, viewer: Viewer): TimeZone {
  const users = db.table('User')
  const slot = users.slotOf(viewer.userId)
  const name = slot < 0 ? null : users.column('TimeZoneSidKey')(slot)
  return zoneNamed(typeof name === 'string' ? name : 'GMT')
}

function zoneNamed(name: string): TimeZone {
  let zone = zones.get(name)
  if (!zone) {
    zone = name === 'GMT' ? { name, readingAt: (at) => at, instantOf: (at) => at } : createZone(name)
    zones.set(name, zone)
  }
  return zone
}

function createZone(name: string): TimeZone {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  const offsets = new Map<number, number>()
  // Offsets change at quarters of an hour only, and asking Intl takes microseconds: too long for each of a million rows.
  const offsetAt = (instant: number): number => {
    const quarter = Math.floor(instant / QUARTER_HOUR)
    let offset = offsets.get(quarter)
    if (offset === undefined) {
      const [, sign, hours, minutes] =
        /GMT(?:([+-])(\d\d):(\d\d))?/.exec(
          format
            .format(quarter * QUARTER_HOUR)
            .split(', ')
            .at(-1) ?? '',
        ) ?? []
      offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000 * (sign === '-' ? -1 : 1)
      if (offsets.size < MOST_REMEMBERED) offsets.set(quarter, offset)
    }
    return offset
  }
  return {
    name,
    readingAt: (instant) => instant + offsetAt(instant),
    instantOf(reading) {
      const guess = reading - offsetAt(reading)
      return reading - offsetAt(guess)
    },
  }
}
