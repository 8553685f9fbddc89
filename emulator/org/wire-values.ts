/** Reads single values as clients write them; undefined for what isn't one. */

/** `2026-01-02`, also as the beginning of a datetime. */
export function readDate(text: string): string | undefined {
  const [date] = /^\d{4}-\d\d-\d\d(?=$|T)/.exec(text) ?? []
  if (date === undefined) return undefined
  const time = Date.parse(`${date}T00:00:00Z`)
  // JavaScript takes the 30th of February for the 2nd of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date) ? date : undefined
}

const DATETIME = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?(Z|[+-]\d\d:?\d\d)?$/

/** ISO 8601 (`2026-01-02T03:04:05.000+0000`, `Z`, without a zone UTC), as epoch ms of the whole second. */
export function readDatetime(text: string): number | undefined {
  const [, date = '', minutes = '00:00', seconds = '00', , zone = 'Z'] = DATETIME.exec(text) ?? []
  if (readDate(date) === undefined) return undefined
  const time = Date.parse(`${date}T${minutes}:${seconds}${zone.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')}`)
  return Number.isNaN(time) ? undefined : time
}

/** `03:04:05.000Z`. */
export function readTime(text: string): string | undefined {
  const [, hours = '', minutes = '', seconds = '00', fraction = ''] =
    /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?Z?$/.exec(text) ?? []
  return hours === '' ? undefined : `${hours}:${minutes}:${seconds}.${fraction.padEnd(3, '0')}Z`
}

export function readNumber(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text.trim()) ? Number(text) : undefined
}

export function readBoolean(text: string, yes: readonly string[], no: readonly string[]): boolean | undefined {
  const word = text.toLowerCase()
  if (yes.includes(word)) return true
  return no.includes(word) ? false : undefined
}
