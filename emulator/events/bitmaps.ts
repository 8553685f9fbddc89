/**
 * The lists of fields in a change event's header, as the Pub/Sub API sends them (salesforce-api.md 7.8): a bitmap over
 * the record's fields, then one `<position>-<bitmap>` for each compound field with components in the list.
 * https://developer.salesforce.com/docs/platform/pub-sub-api/guide/event-deserialization-considerations.html
 */
import type { EventField } from './avro-schema.ts'

/** Whole bytes in capital hexadecimals, the first field being the lowest bit. */
function toHex(bits: readonly number[]): string {
  let number = 0n
  for (const bit of bits) number |= 1n << BigInt(bit)
  const digits = number.toString(16).toUpperCase()
  return `0x${digits.padStart(digits.length + (digits.length % 2), '0')}`
}

/** The bitmaps for names such as `Status` and `BillingAddress.City`; names that the schema lacks are left out. */
export function encodeBitmaps(fields: readonly EventField[], names: readonly string[]): string[] {
  const bits: number[] = []
  const nested = new Map<number, number[]>()
  for (const name of names) {
    const [top, part] = name.split('.')
    const position = fields.findIndex((field) => field.name === top)
    if (position < 0) continue
    if (part === undefined) {
      bits.push(position)
      continue
    }
    const place = fields[position]?.parts.findIndex((candidate) => candidate.name === part) ?? -1
    if (place >= 0) nested.set(position, [...(nested.get(position) ?? []), place])
  }
  const compounds = [...nested].sort(([a], [b]) => a - b).map(([position, places]) => `${position}-${toHex(places)}`)
  return bits.length > 0 ? [toHex(bits), ...compounds] : compounds
}

function bitsOf(hex: string): number[] {
  const bits: number[] = []
  for (let number = BigInt(hex), bit = 0; number > 0n; number >>= 1n, bit += 1) if (number & 1n) bits.push(bit)
  return bits
}

/** The names that bitmaps stand for, in the schema's order. */
export function decodeBitmaps(fields: readonly EventField[], bitmaps: readonly string[]): string[] {
  const names: string[] = []
  for (const bitmap of bitmaps) {
    const [position, hex] = bitmap.includes('-') ? bitmap.split('-') : [undefined, bitmap]
    const parent = position === undefined ? undefined : fields[Number(position)]
    for (const bit of bitsOf(hex ?? '0x0')) {
      const name = parent ? parent.parts[bit]?.name : fields[bit]?.name
      if (name !== undefined) names.push(parent ? `${parent.name}.${name}` : name)
    }
  }
  return names
}
