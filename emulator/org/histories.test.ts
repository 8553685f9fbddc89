/** Random histories of a few records, told to the org and to a model that a reader can check at a glance. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import fc from 'fast-check'
import { createEmulator } from '../app.ts'
import { adminOf, jsonOf, ORIGIN } from '../test-browser.ts'
import { OrgError } from './model.ts'
import { ANCHOR, everything, rowsOf } from './test-org.ts'

type Objects = 'Account' | 'Contact'

type Step =
  | { readonly do: 'create'; readonly object: Objects; readonly under: number; readonly late: number }
  | { readonly do: 'edit'; readonly on: number; readonly name: string; readonly late: number }
  | { readonly do: 'delete' | 'undelete' | 'hard-delete'; readonly on: number }
  | { readonly do: 'merge'; readonly on: number; readonly loser: number }
  | { readonly do: 'together'; readonly steps: readonly Step[]; readonly rollBack: boolean }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'restart' }

interface Held {
  readonly object: Objects
  readonly id: string
  name: string
  /** A contact's account: its master. */
  accountId: string | null
  masterRecordId: string | null
  state: 'to come' | 'live' | 'in the bin' | 'gone'
  stamp: number
}

interface Model {
  readonly held: Map<string, Held>
  late: { readonly dueAt: number; readonly at: number; readonly id: string; readonly name?: string }[]
  /** By record, when it was deleted last. */
  readonly deletions: Map<string, number>
}

const SECOND = 1_000
const MINUTE = 60_000
const DAY = 86_400_000
const second = (at: number) => Math.floor(at / SECOND) * SECOND

function settle(model: Model, now: number): void {
  const due = model.late.filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt)
  model.late = model.late.filter(({ dueAt }) => dueAt > now)
  for (const { at, id, name } of due) {
    const held = model.held.get(id)
    if (held?.state === 'to come') held.state = 'live'
    else if (held?.state === 'live' && name !== undefined) {
      held.name = name
      held.stamp = Math.max(held.stamp, second(at))
    }
  }
  for (const held of model.held.values()) {
    if (held.state === 'in the bin' && held.stamp < now - 15 * DAY) held.state = 'gone'
  }
}

const contactsOf = (model: Model, { id }: Held) => [...model.held.values()].filter((held) => held.accountId === id)

function throwAway(model: Model, held: Held, at: number): void {
  for (const contact of contactsOf(model, held)) if (contact.state === 'live') throwAway(model, contact, at)
  Object.assign(held, { state: 'in the bin', stamp: second(at) })
  model.deletions.set(held.id, second(at))
}

function purge(model: Model, held: Held, at: number): void {
  for (const contact of contactsOf(model, held)) {
    if (contact.state === 'live' || contact.state === 'in the bin') purge(model, contact, at)
  }
  model.deletions.set(held.id, held.state === 'in the bin' ? held.stamp : second(at))
  held.state = 'gone'
}

/** What a change is refused with, if it is. */
function refusal(model: Model, step: Step, held: Held, loser?: Held): string | undefined {
  const isThere = ({ state }: Held) => state === 'live' || state === 'in the bin'
  for (const { state } of loser ? [held, loser] : [held]) {
    if (state === 'gone' || state === 'to come') return 'INVALID_CROSS_REFERENCE_KEY'
  }
  if (step.do === 'hard-delete') return undefined
  if (step.do === 'undelete') {
    const master = held.accountId === null ? undefined : model.held.get(held.accountId)
    const isPossible = held.state === 'in the bin' && (!master || !isThere(master) || master.state === 'live')
    return isPossible ? undefined : 'UNDELETE_FAILED'
  }
  if (held.state !== 'live' || (loser && loser.state !== 'live')) return 'ENTITY_IS_DELETED'
  return loser === held ? 'INVALID_OPERATION' : undefined
}

const picked = fc.nat({ max: 7 })
const late = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 20_000 }) })
const change = fc.oneof(
  fc.record({
    do: fc.constant('create' as const),
    object: fc.constantFrom<Objects>('Account', 'Contact'),
    under: picked,
    late,
  }),
  fc.record({ do: fc.constant('edit' as const), on: picked, name: fc.constantFrom('P-x', 'P-y'), late }),
  fc.record({ do: fc.constantFrom('delete' as const, 'undelete' as const, 'hard-delete' as const), on: picked }),
  fc.record({ do: fc.constantFrom('delete' as const, 'undelete' as const), on: picked }),
  fc.record({ do: fc.constant('merge' as const), on: picked, loser: picked }),
)
const waiting = fc.record({
  do: fc.constant('wait' as const),
  ms: fc.oneof({ weight: 5, arbitrary: fc.nat({ max: 90_000 }) }, { weight: 1, arbitrary: fc.constant(20 * DAY) }),
})
const history = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: change },
    { weight: 4, arbitrary: waiting },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('together' as const),
        steps: fc.array(change, { maxLength: 4 }),
        rollBack: fc.boolean(),
      }),
    },
  ),
  { minLength: 5, maxLength: 30 },
)

/** Something to change: without it, most steps of a short history would find nothing. */
const BEGINNING: readonly Step[] = [
  { do: 'create', object: 'Account', under: 0, late: 0 },
  { do: 'create', object: 'Account', under: 0, late: 0 },
  { do: 'create', object: 'Contact', under: 0, late: 0 },
  { do: 'create', object: 'Contact', under: 0, late: 0 },
  { do: 'create', object: 'Contact', under: 1, late: 0 },
]

class RolledBack extends Error {}

async function live(steps: readonly Step[]): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-histories-'))
  let now = ANCHOR + 60_500
  const open = () => createEmulator({ origin: ORIGIN, dataDir, anchor: ANCHOR, scale: 0.01, now: () => now })
  let emulator = open()
  const by = adminOf(emulator).userId
  let model: Model = { held: new Map(), late: [], deletions: new Map() }
  const seen = new Map<string, number>()

  const pick = (n: number, object?: Objects): Held | undefined => {
    const all = [...model.held.values()].filter((held) => object === undefined || held.object === object)
    return all[n % Math.max(1, all.length)]
  }

  function tell(step: Step, mayBeLate: boolean): void {
    const { org } = emulator
    if (step.do === 'wait' || step.do === 'restart' || step.do === 'together') return
    const lateMs = 'late' in step && mayBeLate ? step.late : 0
    const options = lateMs > 0 ? { visibleAfterMs: lateMs } : {}
    if (step.do === 'create') {
      const account = step.object === 'Contact' && lateMs === 0 ? pick(step.under, 'Account') : undefined
      const accountId = account?.state === 'live' ? account.id : null
      const fields = step.object === 'Account' ? { Name: 'P-new' } : { LastName: 'P-new', AccountId: accountId }
      const id = org.create(by, step.object, fields, options)
      const state = lateMs > 0 ? 'to come' : 'live'
      const made = { object: step.object, id, name: 'P-new', accountId, masterRecordId: null, stamp: second(now) }
      model.held.set(id, { ...made, state })
      if (lateMs > 0) model.late.push({ dueAt: now + lateMs, at: now, id })
      return
    }
    const held = pick(step.on, step.do === 'merge' ? 'Account' : undefined)
    const loser = step.do === 'merge' ? pick(step.loser, 'Account') : undefined
    if (!held) return
    const { object, id } = held
    const tried = () => {
      if (step.do === 'edit') {
        org.update(by, object, id, { [object === 'Account' ? 'Name' : 'LastName']: step.name }, options)
      } else if (step.do === 'delete') org.delete(by, object, id)
      else if (step.do === 'undelete') org.undelete(by, object, id)
      else if (step.do === 'hard-delete') org.hardDelete(by, object, id)
      else org.merge(by, object, id, [loser?.id ?? ''])
    }
    const code = refusal(model, step, held, loser)
    if (code !== undefined) {
      assert.throws(tried, (error) => error instanceof OrgError && error.errorCode === code, `${step.do}: ${code}`)
      return
    }
    tried()
    const stamp = second(now)
    if (step.do === 'edit' && lateMs > 0) model.late.push({ dueAt: now + lateMs, at: now, id, name: step.name })
    else if (step.do === 'edit') Object.assign(held, { name: step.name, stamp })
    else if (step.do === 'delete') throwAway(model, held, now)
    else if (step.do === 'hard-delete') purge(model, held, now)
    else if (step.do === 'undelete') {
      const together = contactsOf(model, held).filter((one) => one.state === 'in the bin' && one.stamp === held.stamp)
      for (const one of [held, ...together]) Object.assign(one, { state: 'live', stamp, masterRecordId: null })
    } else if (loser) {
      for (const contact of contactsOf(model, loser)) {
        if (contact.state === 'live') Object.assign(contact, { accountId: id, stamp })
      }
      held.stamp = stamp
      throwAway(model, loser, now)
      loser.masterRecordId = id
    }
  }

  async function agree(): Promise<void> {
    const { org } = emulator
    for (const object of ['Account', 'Contact'] as const) {
      const ofObject = [...model.held.values()].filter((held) => held.object === object)
      const isThere = ({ state }: Held) => state === 'live' || state === 'in the bin'
      const expected = ofObject.filter(isThere).map((held) => {
        const parent = object === 'Account' ? held.masterRecordId : held.accountId
        return [held.id, held.name, held.state === 'in the bin', held.stamp, parent]
      })
      const parent = object === 'Account' ? 'MasterRecordId' : 'AccountId'
      const soql = `SELECT Id, Name, IsDeleted, SystemModstamp, ${parent} FROM ${object} WHERE Name LIKE 'P-%' ORDER BY Id`
      const rows = rowsOf(org, soql, { all: true })
      assert.deepEqual(rows, expected.sort(), 'queryAll')
      assert.deepEqual(
        rowsOf(org, soql),
        expected.filter(([, , isDeleted]) => isDeleted === false),
        'query',
      )
      for (const [id, , , stamp] of rows) {
        assert.ok(Number(stamp) >= (seen.get(String(id)) ?? 0), `the stamp of ${id} went back`)
        seen.set(String(id), Number(stamp))
      }

      const from = Math.floor(now / MINUTE) * MINUTE - 10 * MINUTE
      const to = Math.floor(now / MINUTE) * MINUTE + MINUTE
      const authorization = `Bearer ${emulator.issueToken(adminOf(emulator).username)}`
      const ask = async (what: string) => {
        const window = `start=${new Date(from).toISOString()}&end=${new Date(to).toISOString()}`
        const url = `${ORIGIN}/services/data/v67.0/sobjects/${object}/${what}/?${window}`
        return jsonOf(await emulator.fetch(url, { headers: { authorization } }))
      }
      const isIn = (at: number) => at >= from && at <= to
      const isOurs = (id: string) => model.held.has(id)
      const updated = ofObject.filter(({ state, stamp }) => state === 'live' && isIn(stamp)).map(({ id }) => id)
      assert.deepEqual((await ask('updated')).ids.filter(isOurs).sort(), updated.sort(), 'getUpdated')
      const deleted = ofObject
        .filter(({ state, id }) => state !== 'live' && isIn(model.deletions.get(id) ?? 0))
        .map(({ id }) => id)
      const listed: string[] = (await ask('deleted')).deletedRecords.map(({ id }: { id: string }) => id)
      assert.deepEqual(listed.filter(isOurs).sort(), deleted.sort(), 'getDeleted')
    }
  }

  async function restart(): Promise<void> {
    const before = everything(emulator.org)
    await emulator.close()
    emulator = open()
    assert.deepEqual(everything(emulator.org), before, 'the org after a restart')
  }

  try {
    for (const step of [...BEGINNING, ...steps]) {
      // What is deleted in one second comes back together: here each step has a second of its own.
      now += SECOND + (step.do === 'wait' ? step.ms : 0)
      emulator.org.now()
      settle(model, now)
      if (step.do === 'restart') await restart()
      else if (step.do === 'together') {
        const before = structuredClone(model)
        try {
          emulator.org.transaction(() => {
            for (const inner of step.steps) tell(inner, false)
            if (step.rollBack) throw new RolledBack()
          })
        } catch (error) {
          if (!(error instanceof RolledBack)) throw error
          model = before
        }
      } else tell(step, true)
      await agree()
    }
    await restart()
    await agree()
  } finally {
    await emulator.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

test('whatever happens to records, queries, getUpdated and getDeleted tell it truly, stamps never go back, and a restart changes nothing', async () => {
  await fc.assert(fc.asyncProperty(history, live), { numRuns: 25 })
})
