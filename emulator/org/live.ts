/** Life in the practice org: people work in it, one change after the other. */

import { drawOf } from './draw.ts'
import type { Found, Life } from './life.ts'
import { contentLife } from './live-content.ts'
import { salesLife } from './live-sales.ts'
import { serviceLife } from './live-service.ts'
import type { Org } from './model.ts'

const kinds = [...serviceLife, ...salesLife, ...contentLife]
/** Each kind as often as its share says, to draw from. */
const lots = kinds.flatMap((kind) => Array.from({ length: kind.share }, () => kind))

const SLOW_ONE_IN = 40
const SLOW_MS = 20_000

/**
 * Brings the org to life; `step` makes the next change at once, timers make so many a minute. With `slowAtTimes`, some
 * show themselves later than they are stamped.
 */
export function startLive(
  org: Org,
  { changesPerMinute, seed, slowAtTimes = false }: { changesPerMinute: number; seed: number; slowAtTimes?: boolean },
): { stop(): void; step(): void } {
  const life = lifeOf(org, seed)

  function step(): void {
    const first = life.chance() % lots.length
    // Where a kind finds nothing to do (no draft to publish), the next one has its turn.
    for (let n = 0; n < lots.length; n++) {
      const kind = lots[(first + n) % lots.length]
      // What belongs together is saved together; now and then by something slow, which others see later than it is
      // stamped (salesforce-api.md 6.2).
      const slow = life.chance() % SLOW_ONE_IN === 0 && slowAtTimes ? { visibleAfterMs: SLOW_MS } : {}
      if (kind && org.transaction(() => kind.happen(life), slow)) return
    }
  }

  const timer = changesPerMinute > 0 ? setInterval(step, 60_000 / changesPerMinute) : undefined
  timer?.unref()
  return { stop: () => clearInterval(timer), step }
}

function lifeOf(org: Org, seed: number): Life {
  const [admin] = org.users
  if (!admin) throw new Error('An org without an administrator cannot live')
  const draw = drawOf(seed, 'live')
  let drawn = 0
  const chance = () => draw(drawn++)

  function find(soql: string, options = { all: false }): readonly Found[] {
    const result = org.query(admin ?? { userId: '', permissions: new Set() }, soql, options)
    return Array.from(result.rows(), (row) =>
      Object.fromEntries(
        result.columns.map(({ path }, n) => {
          const value = row[n]
          return [path, typeof value === 'object' ? null : (value ?? null)]
        }),
      ),
    )
  }

  // Those who sign in may lack rights; the others work on whatever there is.
  const signIns = new Set(org.users.map(({ userId }) => userId))
  const staff = (department: string) =>
    find(`SELECT Id FROM User WHERE IsActive = true AND Department = '${department}'`)
      .map(({ Id }) => String(Id))
      .filter((id) => !signIns.has(id))
  const support = staff('Customer Care')
  const sales = staff('Sales')
  const oneOf = <T>(list: readonly T[]): T | undefined => list[chance() % Math.max(1, list.length)]
  return {
    org,
    chance,
    find,
    oneOf,
    adminId: admin.userId,
    agent: () => oneOf(support) ?? admin.userId,
    seller: () => oneOf(sales) ?? admin.userId,
  }
}
