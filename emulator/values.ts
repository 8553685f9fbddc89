/** How Salesforce writes values on the wire. Written to be called millions of times: no Date objects, few allocations. */

const DAY_MS = 86_400_000
const TWO_DIGITS = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))
const dayTexts = new Map<number, string>()

/** `2026-01-02T03:04:05.000`, in UTC and without a zone: REST and Bulk API end it differently. */
export function formatInstant(epochMs: number): string {
  const day = Math.floor(epochMs / DAY_MS)
  let dayText = dayTexts.get(day)
  if (dayText === undefined) {
    dayText = new Date(day * DAY_MS).toISOString().slice(0, 11)
    // Seeded data spans a few thousand days; anything beyond that is not worth remembering.
    if (dayTexts.size < 20_000) dayTexts.set(day, dayText)
  }
  const ms = epochMs - day * DAY_MS
  const seconds = Math.floor(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  const fraction = ms - seconds * 1000
  const clock = `${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}`
  return `${dayText}${clock}.${fraction === 0 ? '000' : String(fraction).padStart(3, '0')}`
}

/** The REST API's datetime: `2026-01-02T03:04:05.000+0000` (salesforce-api.md 0). */
export function formatRestDatetime(epochMs: number): string {
  return `${formatInstant(epochMs)}+0000`
}

/** A double as Java prints it, which is what Salesforce sends: `12.0`, `1.0E7` (salesforce-api.md 3.5, 5.4). */
export function formatDouble(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e7 || size < 1e-3)) {
    const [digits = '0', exponent = '0'] = value.toExponential().split('e')
    return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** The 18-character form of a 15-character id; 18-character ids come back as they are. */
export function toLongId(id: string): string {
  if (id.length !== 15) return id
  let suffix = ''
  for (let block = 0; block < 15; block += 5) {
    let bits = 0
    for (let index = 0; index < 5; index += 1) {
      const code = id.charCodeAt(block + index)
      if (code >= 65 && code <= 90) bits |= 1 << index
    }
    suffix += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'.charAt(bits)
  }
  return id + suffix
}
