import { LooplineError } from '../errors.ts'
import type { ApiUse } from '../salesforce/transport.ts'

const lookAgainMs = 15 * 60_000

export interface ApiBudget {
  /** Takes note of what an answer said. */
  see(use: ApiUse): void
  lastSeen(): ApiUse | undefined
  /** Throws API_BUDGET when the org's calls are used up to the share that this integration keeps to. */
  check(): void
}

/** Leaves the rest of the org's daily API calls to others. Before an answer has said what is used, all is well. */
export function createApiBudget({ sharePercent, now }: { sharePercent: number; now: () => Date }): ApiBudget {
  let last: ApiUse | undefined
  return {
    see(use) {
      last = use
    },
    lastSeen: () => last,
    check() {
      if (!last || last.max <= 0 || last.used * 100 < last.max * sharePercent) return
      throw new LooplineError({
        kind: 'transient',
        code: 'API_BUDGET',
        message: `The org has used ${last.used} of its ${last.max} daily API calls. This integration stops at ${sharePercent} %, so that others can go on working.`,
        action: 'The sync goes on from where it is as soon as calls are free again.',
        remedy: 'See who uses them under Setup → Company Information → API Requests, Last 24 Hours.',
        retryAt: new Date(now().getTime() + lookAgainMs).toISOString(),
      })
    },
  }
}
