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
    this.add(amount)
    return true
  }

  /** Counts what was used, allowed or not; what is given back is negative. */
  add(amount: number): void {
    this.#hours.set(this.#hour(), (this.#hours.get(this.#hour()) ?? 0) + amount)
  }

  setUsed(count: number): void {
    this.#hours.clear()
    this.#hours.set(this.#hour(), count)
  }

  list(): [hour: number, count: number][] {
    return [...this.#hours]
  }

  restore(hours: readonly (readonly [hour: number, count: number])[]): void {
    for (const [hour, count] of hours) this.#hours.set(hour, count)
  }

  #hour(): number {
    return Math.floor(this.#now() / HOUR_MS)
  }
}

/** By the name of an allocation: how much of it was used in which hour since 1970. */
export interface UsedHours {
  readonly [name: string]: readonly (readonly [hour: number, count: number])[]
}

/** Every allocation of the org, and what is used of it now. */
export class ApiUsage {
  readonly #now: () => number
  readonly #meters = new Map<LimitName, Meter>()
  /** By app name: the API calls of a day that are an app's own. */
  readonly #apps = new Map<string, Meter>()

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

  /** Counts one API call, of an app if one is named; false when either's allowance is used up, and then nothing is counted. */
  spend(appName?: string): boolean {
    const app = this.#apps.get(appName ?? '')
    if (app && app.used >= app.max) return false
    if (!this.take('DailyApiRequests')) return false
    app?.add(1)
    return true
  }

  /** Gives an app a quota of its own, or takes it away. */
  setAppQuota(appName: string, max: number | null): void {
    if (max === null) this.#apps.delete(appName)
    else this.#apps.set(appName, new Meter(max, LIMITS.DailyApiRequests.hours, this.#now))
  }

  listAppQuotas(): { name: string; max: number; used: number }[] {
    return [...this.#apps].map(([name, { max, used }]) => ({ name, max, used }))
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
    return Math.max(0, Math.floor(meter.max - meter.used))
  }

  /** Counts what is used of an allocation whether or not it is there; what is given back is negative. */
  add(name: LimitName, amount: number): void {
    this.#meter(name).add(amount)
  }

  /** Makes an allocation another size, or says how much of it others have used. */
  setLimit(name: LimitName, { max, used }: { max?: number | undefined; used?: number | undefined }): void {
    const meter = this.#meter(name)
    if (max !== undefined) meter.max = max
    if (used !== undefined) meter.setUsed(used)
  }

  /** What was used, hour by hour, to be restored after a restart. */
  list(): UsedHours {
    return Object.fromEntries([...this.#meters].map(([name, meter]) => [name, meter.list()]))
  }

  restore(used: UsedHours): void {
    for (const [name, hours] of Object.entries(used)) if (name in LIMITS) this.#meter(name as LimitName).restore(hours)
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
