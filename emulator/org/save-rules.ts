/** Rules that an administrator makes about saving records, and trouble with it that a test asks for. */

import { z } from 'zod'
import { type FieldValue, OrgError, type RecordFields } from './model.ts'
import type { Table } from './table.ts'

const value = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** A rule by its name, made or changed, or taken away. */
export const saveRuleSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('validation'),
    name: z.string().min(1),
    object: z.string(),
    /** The record is refused while these fields hold these values. */
    when: z.record(z.string(), value),
    message: z.string(),
    field: z.string().optional(),
  }),
  z.object({
    kind: z.literal('duplicate'),
    name: z.string().min(1),
    object: z.string(),
    /** Two records that are alike in all of these fields are duplicates. */
    match: z.array(z.string()).min(1),
    message: z.string().default('Use one of these records?'),
  }),
  z.object({ kind: z.literal('removed'), name: z.string().min(1) }),
])

export type SaveRule = z.infer<typeof saveRuleSchema>

/** Which writes meet a row that somebody else holds locked. */
export interface RowLock {
  readonly object?: string | undefined
  readonly id?: string | undefined
  times: number
}

/** The rules in force and the locks to come. */
export class SaveRules {
  readonly #rules = new Map<string, SaveRule>()
  readonly #locks: RowLock[] = []

  set(rule: SaveRule): void {
    if (rule.kind === 'removed') this.#rules.delete(rule.name)
    else this.#rules.set(rule.name, rule)
  }

  lock(lock: RowLock): void {
    this.#locks.push({ ...lock })
  }

  /** Throws UNABLE_TO_LOCK_ROW when a write is to meet a locked row. */
  takeLock(objectName: string, id: string | undefined): void {
    const index = this.#locks.findIndex(
      (lock) => (lock.object === undefined || lock.object === objectName) && (lock.id === undefined || lock.id === id),
    )
    const lock = this.#locks[index]
    if (!lock) return
    lock.times -= 1
    if (lock.times <= 0) this.#locks.splice(index, 1)
    throw new OrgError('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access to this record')
  }

  /** Throws when a rule refuses the record as it would be: validation rules first, then duplicate rules. */
  check(
    table: Table,
    record: { id: string | undefined; fields: RecordFields; allowDuplicates: boolean },
    heldIn: (field: string) => FieldValue,
  ): void {
    for (const rule of this.#rules.values()) {
      if (rule.kind !== 'validation' || rule.object !== table.schema.name) continue
      if (!Object.entries(rule.when).every(([field, expected]) => heldIn(field) === expected)) continue
      const fields = rule.field === undefined ? [] : [rule.field]
      throw new OrgError('FIELD_CUSTOM_VALIDATION_EXCEPTION', rule.message, 400, fields)
    }
    if (record.allowDuplicates) return
    for (const rule of this.#rules.values()) {
      if (rule.kind !== 'duplicate' || rule.object !== table.schema.name) continue
      const [first = '', ...more] = rule.match
      // An edit that doesn't touch what is compared isn't judged again.
      if (!rule.match.some((field) => field in record.fields) || heldIn(first) === null) continue
      const isDuplicate = (slot: number) =>
        !table.isDeleted(slot) &&
        table.idOf(slot) !== record.id &&
        more.every((field) => table.column(field)(slot) === heldIn(field))
      if (table.slotsWith(first, heldIn(first)).some(isDuplicate)) {
        throw new OrgError('DUPLICATES_DETECTED', rule.message)
      }
    }
  }
}
