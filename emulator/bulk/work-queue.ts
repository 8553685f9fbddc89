/** Work that waits for its turn, so that many jobs at once don't keep each other and everyone else from going on. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Jobs that are worked on at the same time; the others wait. */
const WORKED_ON = 2

export class WorkQueue {
  readonly #waiting: (() => Promise<void>)[] = []
  readonly #working = new Set<Promise<void>>()
  #isClosed = false

  /** Once closed, work is to stop at the next place from which it can go on after a restart. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Begins the work after the request that asks for it was answered, and not before it is its turn. */
  add(work: () => Promise<void>): void {
    this.#waiting.push(work)
    this.#startNext()
  }

  /** Waits for the work under way to stop; what waits is left. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#working)
  }

  #startNext(): void {
    while (this.#working.size < WORKED_ON && !this.#isClosed) {
      const work = this.#waiting.shift()
      if (!work) return
      const done = this.#run(work).finally(() => {
        this.#working.delete(done)
        this.#startNext()
      })
      this.#working.add(done)
    }
  }

  async #run(work: () => Promise<void>): Promise<void> {
    await nextTurn()
    if (!this.#isClosed) await work()
  }
}
