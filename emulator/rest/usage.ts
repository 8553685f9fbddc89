/** API calls over a rolling 24 hours, counted in hours (salesforce-api.md 11.1). */
const HOUR_MS = 3_600_000

export class ApiUsage {
  readonly max: number
  readonly #now: () => number
  readonly #hours = new Map<number, number>()

  constructor(max: number, now: () => number) {
    this.max = max
    this.#now = now
  }

  get used(): number {
    const oldest = Math.floor(this.#now() / HOUR_MS) - 24
    let sum = 0
    for (const [hour, count] of this.#hours) {
      if (hour <= oldest) this.#hours.delete(hour)
      else sum += count
    }
    return sum
  }

  /** Counts one call; false when the allowance is used up, and then nothing is counted. */
  spend(): boolean {
    if (this.used >= this.max) return false
    const hour = Math.floor(this.#now() / HOUR_MS)
    this.#hours.set(hour, (this.#hours.get(hour) ?? 0) + 1)
    return true
  }

  /** Sets what counts as used now, as if others had called. */
  setUsed(count: number): void {
    this.#hours.clear()
    this.#hours.set(Math.floor(this.#now() / HOUR_MS), count)
  }
}
