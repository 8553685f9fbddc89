/** Numbers and times inside sentences. */

const grouped = new Intl.NumberFormat('en-US')

/** `12,400 records`, `1 record`. */
export function countOf(n: number, noun: string): string {
  return `${grouped.format(n)} ${noun}${n === 1 ? '' : 's'}`
}

/** `3 Nov, 14:02 UTC`: a sentence can't know the reader's zone, so it names its own. */
export function timeOf(at: Date): string {
  return `${at.toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone: 'UTC' })} UTC`
}
