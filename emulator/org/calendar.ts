/** When things happen in the seeded years: mostly on weekdays, mostly in office hours, a little more each month. */

const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const SEEDED_DAYS = 730

/** Maps a position in the company's seeded history (0 = its start, 1 = the anchor) to a moment. */
export interface Calendar {
  readonly start: number
  readonly anchor: number
  /** Whole seconds, never past the anchor, never falling as the position rises. */
  at(position: number): number
  /** The position of a moment; the inverse of `at`, to within an hour's granularity of its curve. */
  positionOf(at: number): number
}

function hourWeight(at: number, progress: number): number {
  const date = new Date(at)
  const hour = date.getUTCHours()
  const weekday = date.getUTCDay()
  const office = hour >= 7 && hour < 18 ? 1 : hour >= 18 && hour < 22 ? 0.35 : 0.06
  const day = weekday === 0 || weekday === 6 ? 0.14 : weekday === 1 ? 1.2 : 1
  return office * day * (1 + 0.5 * progress)
}

/** The calendar of the two years that end at the anchor. */
export function createCalendar(anchor: number): Calendar {
  const hours = SEEDED_DAYS * 24
  const start = anchor - hours * HOUR
  const reached = new Float64Array(hours + 1)
  for (let hour = 0; hour < hours; hour++) {
    reached[hour + 1] = (reached[hour] ?? 0) + hourWeight(start + hour * HOUR, hour / hours)
  }
  const total = reached[hours] ?? 1
  for (let hour = 0; hour <= hours; hour++) reached[hour] = (reached[hour] ?? 0) / total

  // Where to begin looking for a position, so that `at` needs a step or two instead of a binary search.
  const guide = new Uint16Array(hours + 1)
  for (let step = 0, hour = 0; step <= hours; step++) {
    while (hour < hours - 1 && (reached[hour + 1] ?? 1) <= step / hours) hour++
    guide[step] = hour
  }

  function at(position: number): number {
    if (position <= 0) return Math.ceil(start / 1000) * 1000
    if (position >= 1) return Math.floor(anchor / 1000) * 1000
    let hour = guide[Math.floor(position * hours)] ?? 0
    while (hour < hours - 1 && (reached[hour + 1] ?? 1) <= position) hour++
    const from = reached[hour] ?? 0
    const within = (position - from) / ((reached[hour + 1] ?? 1) - from)
    return Math.floor((start + (hour + within) * HOUR) / 1000) * 1000
  }

  function positionOf(moment: number): number {
    const hour = Math.floor((moment - start) / HOUR)
    if (hour < 0) return 0
    if (hour >= hours) return 1
    const within = (moment - start) / HOUR - hour
    const from = reached[hour] ?? 0
    return from + within * ((reached[hour + 1] ?? 1) - from)
  }

  return { start, anchor, at, positionOf }
}
