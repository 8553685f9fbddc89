/** Which records were deleted when: what getDeleted answers from (salesforce-api.md 3.9). */

import type { Table } from './table.ts'

interface Deletion {
  readonly id: string
  readonly deletedAt: number
}

const DAY = 86_400_000
/** getDeleted reaches back so far, and deleted records stay in the recycle bin so long (salesforce-api.md 3.9, 6.4). */
export const BIN_DAYS = 15

export class DeleteLog {
  readonly #entries = new Map<string, Deletion[]>()
  #purgedTo = 0

  add(objectName: string, deletion: Deletion): void {
    const entries = this.#entries.get(objectName)
    if (entries) entries.push(deletion)
    else this.#entries.set(objectName, [deletion])
  }

  takeBack(objectName: string): void {
    this.#entries.get(objectName)?.pop()
  }

  purge(upTo: number): void {
    this.#purgedTo = Math.max(this.#purgedTo, upTo)
    for (const [objectName, entries] of this.#entries) {
      this.#entries.set(
        objectName,
        entries.filter(({ deletedAt }) => deletedAt >= upTo),
      )
    }
  }

  /** How far back the log reaches. */
  earliest(now: number): number {
    return Math.max(this.#purgedTo, now - BIN_DAYS * DAY)
  }

  /** The last deletion of each record that is still deleted, from a moment up to another, oldest first. */
  list(table: Table, from: number, to: number): readonly Deletion[] {
    const isLive = (id: string) => {
      const slot = table.slotOf(id)
      return slot >= 0 && !table.isDeleted(slot)
    }
    const found = new Map<string, Deletion>()
    for (const deletion of seededDeletions(table)) found.set(deletion.id, deletion)
    for (const deletion of this.#entries.get(table.schema.name) ?? []) found.set(deletion.id, deletion)
    return [...found.values()]
      .filter(({ id, deletedAt }) => deletedAt >= Math.max(from, this.#purgedTo) && deletedAt < to && !isLive(id))
      .sort((a, b) => a.deletedAt - b.deletedAt)
  }
}

function* seededDeletions(table: Table): Iterable<Deletion> {
  if (!table.schema.fields.some(({ name }) => name === 'SystemModstamp')) return
  const stamp = table.column('SystemModstamp')
  for (let slot = 0; slot < table.seededSlots; slot++) {
    if (table.isDeleted(slot) && table.exists(slot)) yield { id: table.idOf(slot), deletedAt: Number(stamp(slot)) }
  }
}
