/** Dates as Salesforce writes them, made once per day rather than once per value. */

const DAY = 86_400_000
const texts = new Map<number, string>()

/** The UTC day of a moment, as `2026-01-02`. */
export function dateOf(at: number): string {
  const day = Math.floor(at / DAY)
  let text = texts.get(day)
  if (text === undefined) {
    text = new Date(day * DAY).toISOString().slice(0, 10)
    texts.set(day, text)
  }
  return text
}
