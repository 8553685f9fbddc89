/** What the org has used of its allocations: API calls over a rolling 24 hours (salesforce-api.md 11.1), and the rest of `/limits`. */
import { LIMITS, type LimitName } from './limit-names.ts'

const HOUR_MS = 3_600_000

/** One allocation, counted in hours: what was taken so many hours ago is free again. */
class Meter {
  max: number
  readonly #hoursCounted: number
  readonly #now: () => number
  readonly #hours = new Map<number, number>()

  constructor(max: number, hoursCounted: number, now: () => number) {
    this.max = max
    this.#hoursCounted = hoursCounted
    this.#now = now
  }

  get used(): number {
    const oldest = this.#hour() - this.#hoursCounted
    let sum = 0
    for (const [hour, count] of this.#hours) {
      if (hour <= oldest) this.#hours.delete(hour)
      else sum += count
    }
    return sum
  }

  take(amount: number): boolean {
    if (this.used + amount > this.max) return false
    this.#hours.set(this.#hour(), (this.#hours.get(this.#hour()) ?? 0) + amount)
    return true
  }

  setUsed(count: number): void {
    this.#hours.clear()
    this.#hours.set(this.#hour(), count)
  }

  #hour(): number {
    return Math.floor(this.#now() / HOUR_MS)
  }
}

export class ApiUsage {
  readonly #now: () => number
  readonly #meters = new Map<LimitName, Meter>()

  constructor(dailyApiRequests: number, now: () => number) {
    this.#now = now
    this.#meter('DailyApiRequests').max = dailyApiRequests
  }

  /** API calls a day. */
  get max(): number {
    return this.#meter('DailyApiRequests').max
  }

  /** API calls in the last 24 hours. */
  get used(): number {
    return this.#meter('DailyApiRequests').used
  }

  /** Counts one API call; false when the allowance is used up, and then nothing is counted. */
  spend(): boolean {
    return this.take('DailyApiRequests')
  }

  /** Sets what counts as used API calls now, as if others had called. */
  setUsed(count: number): void {
    this.#meter('DailyApiRequests').setUsed(count)
  }

  /** Takes so much of an allocation; false when not so much is left, and then nothing is taken. */
  take(name: LimitName, amount = 1): boolean {
    return this.#meter(name).take(amount)
  }

  maxOf(name: LimitName): number {
    return this.#meter(name).max
  }

  remaining(name: LimitName): number {
    const meter = this.#meter(name)
    return Math.max(0, meter.max - meter.used)
  }

  /** Makes an allocation another size, or says how much of it others have used. */
  setLimit(name: LimitName, { max, used }: { max?: number | undefined; used?: number | undefined }): void {
    const meter = this.#meter(name)
    if (max !== undefined) meter.max = max
    if (used !== undefined) meter.setUsed(used)
  }

  #meter(name: LimitName): Meter {
    let meter = this.#meters.get(name)
    if (!meter) {
      const { max, hours } = LIMITS[name]
      meter = new Meter(max, hours, this.#now)
      this.#meters.set(name, meter)
    }
    return meter
  }
}
