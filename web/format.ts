/** Numbers, times and durations as the page writes them. */

const counts = new Intl.NumberFormat('en-GB')
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' })
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const relative = new Intl.RelativeTimeFormat('en', { style: 'short', numeric: 'auto' })

/** 412,000 */
export function formatCount(value: number): string {
  return counts.format(value)
}

/** 1 record, 2 records, 0 records */
export function formatUnits(value: number, singular: string, plural = `${singular}s`): string {
  return `${counts.format(value)} ${value === 1 ? singular : plural}`
}

/** 3 Nov 2026, 14:02:11 CET */
export function formatExactTime(iso: string): string {
  return exact.format(new Date(iso))
}

/** 3 Nov, 14:02 */
export function formatDayAndTime(iso: string): string {
  return dayAndTime.format(new Date(iso))
}

/** 3 Nov 2026 */
export function formatDay(iso: string): string {
  return day.format(new Date(iso))
}

/** 4 min ago, in 12 min, yesterday; a plain date beyond a month. */
export function formatRelative(iso: string, now: number): string {
  // English writes "4 min. ago"; units go without the point here.
  return relativeWords(iso, now).replace('.', '')
}

function relativeWords(iso: string, now: number): string {
  const seconds = (new Date(iso).getTime() - now) / 1000
  const size = Math.abs(seconds)
  if (size < 10) return 'just now'
  if (size < 60) return relative.format(Math.trunc(seconds), 'second')
  if (size < 3_600) return relative.format(Math.trunc(seconds / 60), 'minute')
  if (size < 86_400) return relative.format(Math.trunc(seconds / 3_600), 'hour')
  if (size < 30 * 86_400) return relative.format(Math.trunc(seconds / 86_400), 'day')
  return formatDay(iso)
}

/** 0.4 s, 12 s, 3 min 20 s, 2 h 5 min */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(seconds < 1 ? 1 : 0)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const whole = Math.round(seconds)
  if (whole < 3_600) return join(Math.floor(whole / 60), 'min', whole % 60, 's')
  return join(Math.floor(whole / 3_600), 'h', Math.floor((whole % 3_600) / 60), 'min')
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}
