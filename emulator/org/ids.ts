/**
 * Record ids. An id spells out its record's slot in base 62, so finding a record needs no index, and ids ascend
 * with slots. The three trailing characters are Salesforce's checksum of the letters' case
 * (https://help.salesforce.com/s/articleView?id=000385585&type=1).
 */

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CHECKSUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const POD = '5f0000'
const SLOT_DIGITS = 6

const VALUE_OF = new Map([...DIGITS].map((digit, value) => [digit, value]))
const PAIRS = Array.from({ length: 62 * 62 }, (_, n) => `${DIGITS[Math.floor(n / 62)] ?? ''}${DIGITS[n % 62] ?? ''}`)

function caseBits(text: string, from: number): number {
  let bits = 0
  for (let i = 0; i < 5; i++) {
    const code = text.charCodeAt(from + i)
    if (code >= 65 && code <= 90) bits |= 1 << i
  }
  return bits
}

/** The 18-character form of a 15-character id. */
export function withChecksum(id15: string): string {
  return (
    id15 + CHECKSUM.charAt(caseBits(id15, 0)) + CHECKSUM.charAt(caseBits(id15, 5)) + CHECKSUM.charAt(caseBits(id15, 10))
  )
}

/** The id of the record in a slot. */
export function idOfSlot(keyPrefix: string, slot: number): string {
  const low = slot % 3844
  const rest = (slot - low) / 3844
  const middle = rest % 3844
  const high = (rest - middle) / 3844
  return withChecksum(`${keyPrefix}${POD}${PAIRS[high] ?? ''}${PAIRS[middle] ?? ''}${PAIRS[low] ?? ''}`)
}

/** The slot an id stands for, or -1 when it is not an id of this object (wrong prefix, length or checksum). */
export function slotOfId(keyPrefix: string, id: string): number {
  if (id.length !== 15 && id.length !== 18) return -1
  if (!id.startsWith(keyPrefix) || !id.startsWith(POD, 3)) return -1
  let slot = 0
  for (let i = 15 - SLOT_DIGITS; i < 15; i++) {
    const value = VALUE_OF.get(id.charAt(i))
    if (value === undefined) return -1
    slot = slot * 62 + value
  }
  return id.length === 15 || withChecksum(id.slice(0, 15)) === id ? slot : -1
}

/** Whether a text could be any org's record id, which is not to say that the record exists. */
export function looksLikeId(text: string): boolean {
  return /^[a-zA-Z0-9]{15}([A-Z0-5]{3})?$/.test(text)
}
