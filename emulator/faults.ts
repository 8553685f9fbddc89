/** Ways in which the practice org can be told to fail. Each is asked for, happens as often as asked, and is over. */
import type { DomainFault, FaultEffects, FaultRule, Occasion } from './trouble/rule.ts'
import { matches } from './trouble/rule.ts'

/** `unavailable` is a 503 with an HTML page, `unauthorized` a 401, `limit` a 403 REQUEST_LIMIT_EXCEEDED. */
type FaultAnswer = 'unavailable' | 'unauthorized' | 'limit'

export interface Faults {
  /** Plans trouble; gives the number by which it can be called off. */
  add(rule: FaultRule): number
  /** False when there is no such rule (any more). */
  remove(number: number): boolean
  /** The next `times` requests (one, unless told) whose path matches get this answer. Without a path: all of `/services/data/`. */
  answerNext(answer: FaultAnswer, options?: { times?: number; path?: RegExp | string }): void
  /** Breaks the connection after so many bytes of the body of the next Bulk API result. */
  cutNextResultStream(afterBytes: number): void
  /** The next Bulk API query job ends as Failed with this message. */
  failNextBulkJob(message: string): void
  clear(): void
}

/** An answer that was given, to be given once more. */
interface GivenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: ArrayBuffer
}

/** A rule that strikes now. */
export interface StrikingFault {
  readonly number: number
  readonly effects: FaultEffects
  /** The answer to the call before, for a rule that repeats it. */
  readonly lastAnswer: GivenAnswer | undefined
}

/** What a part of the org is told about trouble of its own. */
export type TakenFault = Pick<FaultEffects, 'message' | 'errorCode' | 'count'>

interface Planned {
  readonly number: number
  readonly rule: FaultRule
  /** Matching occasions so far. */
  seen: number
  struck: number
  lastAnswer?: GivenAnswer
}

const DATA_API = '^/services/data(/|$)'
const BULK_RESULTS = '/jobs/query/[^/]+/results'

/** The faults together with what the rest of the emulator asks them. */
export class PlannedFaults implements Faults {
  #planned: Planned[] = []
  #number = 0
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  add(rule: FaultRule): number {
    this.#number += 1
    this.#planned.push({ number: this.#number, rule, seen: 0, struck: 0 })
    return this.#number
  }

  remove(number: number): boolean {
    const before = this.#planned.length
    this.#planned = this.#planned.filter((planned) => planned.number !== number)
    return this.#planned.length < before
  }

  answerNext(
    answer: FaultAnswer,
    { times = 1, path = DATA_API }: { times?: number; path?: RegExp | string } = {},
  ): void {
    this.add({ when: { path: new RegExp(path).source, times }, do: { answer } })
  }

  cutNextResultStream(afterBytes: number): void {
    this.add({ when: { path: BULK_RESULTS }, do: { cutAfterBytes: afterBytes } })
  }

  failNextBulkJob(message: string): void {
    this.add({ do: { fault: 'bulk-job-fails', message } })
  }

  clear(): void {
    this.#planned = []
  }

  /** Whether any rule needs to know more of a call than its first line: its SOQL and objects. */
  get asksForContent(): boolean {
    return this.#planned.some(({ rule: { when } }) => when?.object !== undefined || when?.soql !== undefined)
  }

  /** The rules that strike at this HTTP call: at most one of them answers in the org's place. */
  strike(occasion: Occasion): readonly StrikingFault[] {
    let isAnswered = false
    return this.#take(undefined, occasion, (effects, { lastAnswer }) => {
      if (effects.repeatAnswer && lastAnswer === undefined) return false
      const answers = effects.answer !== undefined || effects.reset !== undefined || effects.repeatAnswer !== undefined
      if (answers && isAnswered) return false
      isAnswered ||= answers
      return true
    })
  }

  /** Keeps a true answer for the rules that will repeat it. */
  async remember(occasion: Occasion, response: Response): Promise<void> {
    for (const planned of this.#planned) {
      if (!planned.rule.do.repeatAnswer || !matches(planned.rule, occasion)) continue
      const { status, headers } = response
      planned.lastAnswer = { status, headers: new Headers(headers), body: await response.clone().arrayBuffer() }
    }
  }

  /** Trouble that a part of the org is to make now, if any is planned. */
  take(kind: DomainFault, about: Occasion = {}): TakenFault | undefined {
    let isTaken = false
    const [struck] = this.#take(kind, about, () => {
      const isFirst = !isTaken
      isTaken = true
      return isFirst
    })
    return struck?.effects
  }

  list(): readonly object[] {
    return this.#planned.map(({ number, rule, seen, struck }) => ({ number, ...rule, seen, struck }))
  }

  #take(
    kind: DomainFault | undefined,
    occasion: Occasion,
    accept: (effects: FaultEffects, planned: Planned) => boolean,
  ): StrikingFault[] {
    const struck: StrikingFault[] = []
    for (const planned of this.#planned) {
      const { number, rule } = planned
      if (rule.do.fault !== kind || !matches(rule, occasion)) continue
      const { skip = 0, every = 1, probability } = rule.when ?? {}
      planned.seen += 1
      const turn = planned.seen - skip - 1
      if (turn < 0 || turn % every !== 0) continue
      if (probability !== undefined && this.#random() >= probability) continue
      if (!accept(rule.do, planned)) continue
      planned.struck += 1
      struck.push({ number, effects: rule.do, lastAnswer: planned.lastAnswer })
    }
    this.#planned = this.#planned.filter(({ rule, struck: count }) => {
      const times = rule.when?.times ?? 1
      return times === 'always' || count < times
    })
    return struck
  }
}
