/** Finds the slots that hold a value, without keeping the values: eight bytes for each seeded record that has one. */

import type { FieldValue } from './model.ts'

interface Source {
  readonly kept: ReadonlyMap<number, { readonly fields: { readonly [field: string]: FieldValue } }>
  seededValues(field: string): Iterable<readonly [slot: number, value: FieldValue]>
}

/** Candidates only: a record may have changed since, or share a value's hash with another. */
interface ValueIndex {
  seededSlots(field: string, value: FieldValue): readonly number[]
  keptSlots(field: string, value: FieldValue): Iterable<number>
  /** A slot was written to. */
  note(slot: number, fields: { readonly [field: string]: FieldValue }): void
  forget(field: string): void
}

// Hash and slot share the 53 bits of a whole number: no org here has more than 33 million slots of one object.
const SLOTS = 2 ** 25
const HASH_BITS = 28

const keyOf = (value: FieldValue) => (typeof value === 'string' ? value.toLowerCase() : String(value))

function hashOf(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return hash >>> (32 - HASH_BITS)
}

/** Whether two values are the same to Salesforce, which compares text without regard to case. */
export function isSame(a: FieldValue, b: FieldValue): boolean {
  return a === b || (typeof a === 'string' && typeof b === 'string' && a.toLowerCase() === b.toLowerCase())
}

/** An index over a table's values, built field by field when one is first asked for. */
export function createValueIndex({ kept, seededValues }: Source): ValueIndex {
  const seeded = new Map<string, Float64Array>()
  const changed = new Map<string, Map<string, Set<number>>>()

  function seededEntries(field: string): Float64Array {
    let entries = seeded.get(field)
    if (!entries) {
      const found: number[] = []
      for (const [slot, value] of seededValues(field)) {
        if (value !== null) found.push(hashOf(keyOf(value)) * SLOTS + slot)
      }
      entries = Float64Array.from(found).sort()
      seeded.set(field, entries)
    }
    return entries
  }

  function add(slots: Map<string, Set<number>>, value: FieldValue | undefined, slot: number): void {
    if (value === undefined || value === null) return
    const key = keyOf(value)
    const same = slots.get(key)
    if (same) same.add(slot)
    else slots.set(key, new Set([slot]))
  }

  return {
    seededSlots(field, value) {
      const entries = seededEntries(field)
      const from = hashOf(keyOf(value)) * SLOTS
      let low = 0
      let high = entries.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((entries[middle] ?? 0) < from) low = middle + 1
        else high = middle
      }
      const slots: number[] = []
      for (let i = low; i < entries.length && (entries[i] ?? 0) < from + SLOTS; i++)
        slots.push((entries[i] ?? 0) - from)
      return slots
    },
    keptSlots(field, value) {
      let slots = changed.get(field)
      if (!slots) {
        slots = new Map()
        for (const [slot, { fields }] of kept) add(slots, fields[field], slot)
        changed.set(field, slots)
      }
      return slots.get(keyOf(value)) ?? []
    },
    note(slot, fields) {
      for (const [field, slots] of changed) add(slots, fields[field], slot)
    },
    forget(field) {
      seeded.delete(field)
      changed.delete(field)
    },
  }
}
