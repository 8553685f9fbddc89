/**
 * One object's records. The seeded ones are computed from their slot whenever they are asked for; only what changed
 * since is kept. Slots number the records in the order of their creation.
 */

import { idOfSlot, slotOfId } from './ids.ts'
import type { FieldSchema, FieldValue, ObjectSchema } from './model.ts'
import { createValueIndex, isSame } from './value-index.ts'

export type Column = (slot: number) => FieldValue
type Fields = { readonly [field: string]: FieldValue }

/** How an object's seeded records are computed. */
export interface Seeded {
  readonly slots: number
  /** Whether a slot is filled; all are, unless told. */
  exists?(slot: number): boolean
  /** Whether the record is in the recycle bin. */
  deleted?(slot: number): boolean
  /** Never falls as the slot rises, so that a time can be searched for. */
  createdAt(slot: number): number
  /** Fields that are missing here are null (false for checkboxes). */
  readonly columns: { readonly [field: string]: Column }
  /** For a lookup, the slots whose lookup may hold this id, ascending; undefined where only a walk could tell. */
  readonly children?: { readonly [field: string]: (parentId: string) => readonly number[] | undefined }
}

/** What a slot holds beyond its seeded record. */
interface Kept {
  fields: Record<string, FieldValue>
  erased: boolean
}

export interface Table {
  readonly schema: ObjectSchema
  readonly seededSlots: number
  /** One more than the highest slot in use. */
  slotCount(): number
  /** Whether there is a record, be it in the recycle bin. */
  exists(slot: number): boolean
  isDeleted(slot: number): boolean
  idOf(slot: number): string
  /** The slot of an existing record, or -1. */
  slotOf(id: string): number
  /** Reads one field of any slot; resolve it once, then call it often. */
  column(field: string): Column
  /** Rises with every change, so that what was worked out from the records can be kept until then. */
  version(): number
  /** Slots that were created or changed after seeding, ascending. */
  changedSlots(): readonly number[]
  /** Slots whose lookup may hold the id, ascending; undefined when only a walk could tell. */
  childSlots(field: string, parentId: string): readonly number[] | undefined
  /** Where records are worked out from what a query asks for: the slots that its facts lead to. */
  slotsFor?(facts: readonly { path: string; operator: string; values: readonly FieldValue[] }[]): readonly number[]
  /** Slots of the records, deleted ones included, whose field holds the value, ascending. The first call on a field may walk the table. */
  slotsWith(field: string, value: FieldValue): readonly number[]
  /** The first seeded slot created at or after a moment. */
  firstSlotCreatedSince(at: number): number
  insert(slot: number, fields: Fields): void
  write(slot: number, fields: Fields): void
  erase(slot: number): void
  /** What a slot holds now, and how to go back to it. A slot once used is not given out again. */
  save(slot: number): Kept | undefined
  restore(slot: number, saved: Kept | undefined): void
  /** Leaves an id to a record that is to come. */
  reserve(id: string): void
  /** The object looks different from now on; what its records hold stays. */
  describeAs(schema: ObjectSchema): void
  /** How a field is worked out for records that hold no value of their own. */
  compute(field: string, column: Column): void
  /** Lets a field's values go on under another name, or as other values. */
  convertField(from: string, to: string, convert: (value: FieldValue) => FieldValue): void
  /** Forgets a field's values, so that another field of the name starts afresh. */
  dropField(field: string): void
}

const FEW = 64

const UNSEEDED: Seeded = { slots: 0, createdAt: () => 0, columns: {} }

/** The table of one object: its seeded records, and room for what changes. */
export function createTable(objectSchema: ObjectSchema, seeded: Seeded = UNSEEDED): Table {
  let schema = objectSchema
  const prefix = schema.keyPrefix ?? '000'
  const added = new Map<string, Column>()
  const kept = new Map<number, Kept>()
  let slotCount = seeded.slots
  let sorted: readonly number[] | undefined
  let version = 0

  function keep(slot: number): Kept {
    version++
    let record = kept.get(slot)
    if (!record) {
      record = { fields: {}, erased: false }
      kept.set(slot, record)
      sorted = undefined
    }
    return record
  }

  const seededExists = seeded.exists?.bind(seeded)
  const seededDeleted = seeded.deleted?.bind(seeded)

  function exists(slot: number): boolean {
    if (kept.size > 0) {
      const record = kept.get(slot)
      if (record?.erased) return false
      if (slot >= seeded.slots) return record !== undefined
    }
    return slot >= 0 && slot < seeded.slots && (seededExists === undefined || seededExists(slot))
  }

  function isDeleted(slot: number): boolean {
    if (kept.size > 0) {
      const deleted = kept.get(slot)?.fields.IsDeleted
      if (deleted !== undefined) return deleted === true
    }
    return slot < seeded.slots && seededDeleted !== undefined && seededDeleted(slot)
  }

  const idOf = (slot: number) => idOfSlot(prefix, slot)

  function slotOf(id: string): number {
    const slot = slotOfId(prefix, id)
    return slot >= 0 && exists(slot) ? slot : -1
  }

  function seededColumn(field: FieldSchema): Column {
    const column = added.get(field.name) ?? seeded.columns[field.name]
    if (column) return column
    const empty = field.type === 'boolean' ? false : null
    return () => empty
  }

  function column(name: string): Column {
    if (name === 'Id') return idOf
    if (name === 'IsDeleted') return isDeleted
    const field = schema.fields.find((candidate) => candidate.name === name)
    if (!field) throw new Error(`${schema.name} has no field ${name}`)
    const computed = seededColumn(field)
    const empty = field.type === 'boolean' ? false : null
    const whole = added.has(name)
    // A formula's value is nobody's to hold.
    if (field.calculated) return computed
    return (slot) => {
      if (kept.size > 0) {
        const record = kept.get(slot)
        if (record !== undefined) {
          const value = record.fields[name]
          if (value !== undefined) return value
          if (slot >= seeded.slots && !whole) return empty
        }
      }
      return computed(slot)
    }
  }

  const index = createValueIndex({
    kept,
    *seededValues(name) {
      const field = schema.fields.find((candidate) => candidate.name === name)
      if (!field) return
      const read = seededColumn(field)
      for (let slot = 0; slot < seeded.slots; slot++) {
        if (seededExists === undefined || seededExists(slot)) yield [slot, read(slot)]
      }
    },
  })

  return {
    get schema() {
      return schema
    },
    seededSlots: seeded.slots,
    slotCount: () => slotCount,
    exists,
    isDeleted,
    idOf,
    slotOf,
    column,
    version: () => version,
    changedSlots() {
      sorted ??= [...kept.keys()].sort((a, b) => a - b)
      return sorted
    },
    childSlots: (field, parentId) => seeded.children?.[field]?.(parentId),
    firstSlotCreatedSince(at) {
      let low = 0
      let high = seeded.slots
      while (low < high) {
        const middle = (low + high) >>> 1
        if (seeded.createdAt(middle) < at) low = middle + 1
        else high = middle
      }
      return low
    },
    slotsWith(field, value) {
      if (field === 'Id') {
        const slot = slotOf(String(value))
        return slot < 0 ? [] : [slot]
      }
      const holds = column(field)
      const known = typeof value === 'string' ? seeded.children?.[field]?.(value) : undefined
      // Where a lookup is only known roughly, looking at every candidate costs more than an index.
      const candidates = known && known.length <= FEW ? known : index.seededSlots(field, value)
      return [...new Set([...candidates, ...index.keptSlots(field, value)])]
        .filter((slot) => exists(slot) && isSame(holds(slot), value))
        .sort((a, b) => a - b)
    },
    insert(slot, fields) {
      if (slot < seeded.slots || kept.has(slot)) throw new Error(`${schema.name} slot ${slot} is taken`)
      keep(slot).fields = { ...fields }
      index.note(slot, fields)
      slotCount = Math.max(slotCount, slot + 1)
    },
    write(slot, fields) {
      Object.assign(keep(slot).fields, fields)
      index.note(slot, fields)
    },
    erase(slot) {
      keep(slot).erased = true
    },
    save(slot) {
      const record = kept.get(slot)
      return record && { fields: { ...record.fields }, erased: record.erased }
    },
    restore(slot, saved) {
      version++
      if (saved) {
        kept.set(slot, saved)
        // An index that was made in between doesn't know what was there before.
        index.note(slot, saved.fields)
      } else kept.delete(slot)
      sorted = undefined
    },
    reserve(id) {
      slotCount = Math.max(slotCount, slotOfId(prefix, id) + 1)
    },
    describeAs(described) {
      schema = described
      version++
    },
    compute(field, computed) {
      index.forget(field)
      added.set(field, computed)
      version++
    },
    convertField(from, to, convert) {
      const computed = added.get(from) ?? seeded.columns[from]
      index.forget(from)
      index.forget(to)
      if (from !== to) added.delete(from)
      if (computed) added.set(to, (slot) => convert(computed(slot)))
      for (const { fields } of kept.values()) {
        const held = fields[from]
        if (held === undefined) continue
        if (from !== to) delete fields[from]
        fields[to] = convert(held)
      }
      version++
    },
    dropField(field) {
      index.forget(field)
      added.set(field, () => null)
      for (const { fields } of kept.values()) delete fields[field]
      version++
    },
  }
}
