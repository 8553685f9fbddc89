/**
 * Changes to the tables, made together or not at all. A transaction's changes are in the tables while it runs, so that
 * it reads what it wrote; when it fails they are taken back, and when it is to show itself later they are taken back,
 * too, and made again when their time has come (salesforce-api.md 6.2).
 */

import { createHash } from 'node:crypto'
import { DeleteLog } from './delete-log.ts'
import { slotOfId } from './ids.ts'
import { type Change, type Commit, OrgError, type WriteOptions } from './model.ts'
import type { Table } from './table.ts'

export interface TransactionContext {
  readonly tables: ReadonlyMap<string, Table>
  now(): number
  /** For the journal: told of every change as it is accepted. */
  onChange(change: Change): void
}

type Timing = Pick<WriteOptions, 'origin' | 'visibleAfterMs'>

export interface Transactions {
  readonly deleteLog: DeleteLog
  /** The moment that everything in the running transaction is stamped with. */
  stamp(): number
  run<T>(act: () => T, options?: Timing): T
  isOpen(): boolean
  /** Makes one change; inside `run` only. */
  make(change: Omit<Change, 'at'>): void
  /** Lets show what is due by now. */
  settle(): void
  setCommitLag(ms: number): void
  onCommit(listener: (commit: Commit) => void): () => void
  replay(change: Change): void
  /** The lookups that were cleared when a record was deleted. */
  clearedLookups(parentId: string): readonly ClearedLookup[]
}

interface ClearedLookup {
  readonly objectName: string
  readonly id: string
  readonly field: string
}

interface Open {
  readonly at: number
  origin: string
  lagMs: number
  readonly changes: Change[]
  readonly undo: (() => void)[]
}

interface Pending {
  readonly dueAt: number
  readonly key: string
  readonly origin: string
  readonly changes: Change[]
}

/** A timer's longest wait is 24 days, and the org's clock may jump meanwhile. */
const LONGEST_WAIT_MS = 60_000

const DEFAULT_ORIGIN = 'com/salesforce/ui'

/** A key like a UUID that the same history always gives again. */
function commitKey(at: number, number: number): string {
  const hex = createHash('md5').update(`${at} ${number}`).digest('hex')
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
}

/** Salesforce's stamps are whole seconds (salesforce-api.md 6.1). */
export const wholeSecond = (at: number) => Math.floor(at / 1000) * 1000

/** The transactions over an org's tables. */
export function createTransactions({ tables, now, onChange }: TransactionContext): Transactions {
  const deleteLog = new DeleteLog()
  const listeners = new Set<(commit: Commit) => void>()
  const pending: Pending[] = []
  const cleared = new Map<string, ClearedLookup[]>()
  let open: Open | undefined
  let commitLagMs = 0
  let commits = 0
  let timer: NodeJS.Timeout | undefined

  /** Puts one change into its table and says how to take it back. */
  function apply(change: Change): () => void {
    const { kind, objectName, id, at: changedAt, byUserId, fields = {}, before = {}, clearedFor } = change
    const table = tables.get(objectName)
    if (!table) throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
    const at = wholeSecond(changedAt)
    const slot = kind === 'create' ? slotOfId(table.schema.keyPrefix ?? '', id) : table.slotOf(id)
    if (slot < 0) throw new OrgError('NOT_FOUND', `There is no ${objectName} ${id}`, 404)
    const saved = table.save(slot)
    const deletedAt = deletionTime(table, slot, { kind, at })
    const stamps = {
      ...(change.stamps === undefined && { LastModifiedDate: at, LastModifiedById: byUserId }),
      ...(change.stamps !== 'none' && { SystemModstamp: at }),
    }
    switch (kind) {
      case 'create':
        // Audit fields come with the change when they are back-dated; SystemModstamp can't be (salesforce-api.md 6.1).
        table.insert(slot, {
          CreatedDate: at,
          CreatedById: byUserId,
          LastModifiedDate: at,
          LastModifiedById: byUserId,
          ...fields,
          SystemModstamp: at,
        })
        break
      case 'update':
        table.write(slot, { ...fields, ...stamps })
        break
      case 'delete':
        if (keepsDeleted(table)) table.write(slot, { ...fields, IsDeleted: true, ...stamps })
        else table.erase(slot)
        break
      case 'undelete':
        table.write(slot, { ...fields, IsDeleted: false, ...stamps })
        break
      case 'hard-delete':
        table.erase(slot)
        break
    }
    if (deletedAt !== undefined) deleteLog.add(objectName, { id, deletedAt })
    const lookups = clearedFor === undefined ? [] : (cleared.get(clearedFor) ?? [])
    const clearing = Object.keys(fields).filter((field) => clearedFor !== undefined && before[field] === clearedFor)
    if (clearedFor !== undefined) cleared.set(clearedFor, lookups)
    for (const field of clearing) lookups.push({ objectName, id, field })
    // What a deletion cleared is filled again once at most: a lookup that is emptied later was emptied by somebody.
    const settled = kind === 'undelete' || kind === 'hard-delete' ? cleared.get(id) : undefined
    if (settled) cleared.delete(id)
    return () => {
      table.restore(slot, saved)
      lookups.length -= clearing.length
      if (settled) cleared.set(id, settled)
      if (deletedAt !== undefined) deleteLog.takeBack(objectName)
    }
  }

  function undoTo({ changes, undo }: Open, mark: number): void {
    while (undo.length > mark) undo.pop()?.()
    changes.length = mark
  }

  function tell(commit: Omit<Commit, 'byUserId'>): void {
    const byUserId = commit.changes[0]?.byUserId ?? ''
    for (const listener of [...listeners]) listener({ ...commit, byUserId })
  }

  /**
   * Makes the changes that had been put off. What they changed may be gone by now, or restored: then they find nothing
   * to do. Where somebody was quicker, Salesforce's row lock would have let them wait: a record's stamp never goes back.
   */
  function show(changes: readonly Change[]): Change[] {
    const shown: Change[] = []
    for (const change of changes) {
      const table = tables.get(change.objectName)
      const slot = table?.slotOf(change.id) ?? -1
      if (!table || !isPossible(change.kind, table, slot)) continue
      const held = change.late && slot >= 0 && isStamped(table) ? Number(table.column('SystemModstamp')(slot)) : 0
      const due = held > change.at ? { ...change, at: held } : change
      apply(due)
      shown.push(due)
    }
    return shown
  }

  function takeDue(by: number): Pending | undefined {
    const [first] = pending
    if (!first || first.dueAt > by) return undefined
    pending.shift()
    return first
  }

  function putOff(change: Change, late: NonNullable<Change['late']>): void {
    const together = pending.find(({ key }) => key === late.key)
    if (together) {
      together.changes.push(change)
      return
    }
    const before = pending.findIndex(({ dueAt }) => dueAt > late.dueAt)
    pending.splice(before < 0 ? pending.length : before, 0, { ...late, changes: [change] })
  }

  function settle(by = now()): void {
    if (open || pending.length === 0) return
    for (let due = takeDue(by); due; due = takeDue(by)) {
      const changes = show(due.changes)
      if (changes.length > 0) tell({ at: due.dueAt, key: due.key, origin: due.origin, changes })
    }
    wakeUp()
  }

  /** Those who listen hear of what is due even when nobody looks at the org meanwhile. */
  function wakeUp(): void {
    clearTimeout(timer)
    const [first] = pending
    if (first) timer = setTimeout(() => settle(), Math.min(Math.max(10, first.dueAt - now()), LONGEST_WAIT_MS)).unref()
  }

  function finish(finished: Open): void {
    const { at, changes, origin, lagMs } = finished
    if (changes.length === 0) return
    const key = commitKey(at, commits++)
    if (lagMs > 0) {
      const late = { dueAt: at + lagMs, key, origin }
      const put = changes.map((change) => ({ ...change, late }))
      undoTo(finished, 0)
      for (const change of put) {
        putOff(change, late)
        onChange(change)
      }
      wakeUp()
      return
    }
    for (const change of changes) onChange(change)
    tell({ at, key, origin, changes })
  }

  return {
    deleteLog,
    stamp: () => (open ? open.at : now()),
    isOpen: () => open !== undefined,
    run(act, { origin, visibleAfterMs } = {}) {
      if (open) {
        const outer = open
        if (visibleAfterMs !== undefined) outer.lagMs = Math.max(outer.lagMs, visibleAfterMs)
        // What fails inside is taken back even if the outer one goes on.
        const mark = outer.undo.length
        try {
          return act()
        } catch (error) {
          undoTo(outer, mark)
          throw error
        }
      }
      // One look at the clock: a replay shows first what was due at the moment of the change, and nothing else.
      const at = now()
      settle(at)
      const started: Open = {
        at,
        origin: origin ?? DEFAULT_ORIGIN,
        lagMs: visibleAfterMs ?? commitLagMs,
        changes: [],
        undo: [],
      }
      open = started
      let result: ReturnType<typeof act>
      try {
        result = act()
      } catch (error) {
        undoTo(started, 0)
        throw error
      } finally {
        open = undefined
      }
      finish(started)
      return result
    },
    make(change) {
      if (!open) throw new Error('A change is made inside a transaction')
      const stamped = { ...change, at: open.at }
      open.undo.push(apply(stamped))
      open.changes.push(stamped)
    },
    settle: () => settle(),
    setCommitLag(ms) {
      commitLagMs = ms
    },
    clearedLookups: (parentId) => cleared.get(parentId) ?? [],
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    replay(change) {
      for (let due = takeDue(change.at); due; due = takeDue(change.at)) show(due.changes)
      if (change.late) {
        putOff(change, change.late)
        // Its id is taken already.
        tables.get(change.objectName)?.reserve(change.id)
      } else show([change])
    },
  }
}

function isPossible(kind: Change['kind'], table: Table, slot: number): boolean {
  if (kind === 'create') return slot < 0
  if (slot < 0 || kind === 'hard-delete') return slot >= 0
  return table.isDeleted(slot) === (kind === 'undelete')
}

/** When the record was deleted, if this change deletes it: what goes from the recycle bin was deleted before. */
function deletionTime(table: Table, slot: number, { kind, at }: Pick<Change, 'kind' | 'at'>): number | undefined {
  if (kind === 'delete') return at
  if (kind !== 'hard-delete') return undefined
  return isStamped(table) && table.isDeleted(slot) ? Number(table.column('SystemModstamp')(slot)) : at
}

function isStamped(table: Table): boolean {
  return table.schema.fields.some((field) => field.name === 'SystemModstamp')
}

/** Whether the object's records go to the recycle bin when deleted. */
export function keepsDeleted(table: Table): boolean {
  return table.schema.fields.some((field) => field.name === 'IsDeleted')
}
