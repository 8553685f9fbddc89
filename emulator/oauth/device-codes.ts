/**
 * The device flow's codes: one that a device polls with, one that a person types in. In memory only: they live for minutes.
 * https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_device_flow.htm&type=5
 */
import { randomInt } from 'node:crypto'
import type { ConnectedApp } from './apps.ts'
import { randomText } from './grants.ts'

const LIFE_MS = 10 * 60_000
/** Seconds between two polls, as the answer tells the device. */
export const POLL_INTERVAL_S = 5
/** Without letters and digits that look alike. */
const USER_CODE_LETTERS = 'BCDFGHJKLMNPQRSTVWXZ23456789'

interface DeviceRequest {
  readonly clientId: ConnectedApp['clientId']
  readonly scopes: readonly string[]
  readonly userCode: string
  readonly at: number
  lastPollAt: number
  decision: 'pending' | 'denied' | { readonly userId: string }
}

export class DeviceCodes {
  readonly #now: () => number
  readonly #requests = new Map<string, DeviceRequest>()

  constructor(now: () => number) {
    this.#now = now
  }

  issue(clientId: string, scopes: readonly string[]): { deviceCode: string; userCode: string } {
    const at = this.#now()
    for (const [code, request] of this.#requests) if (at - request.at >= LIFE_MS) this.#requests.delete(code)
    const deviceCode = randomText(64)
    const userCode = Array.from({ length: 8 }, () => USER_CODE_LETTERS[randomInt(USER_CODE_LETTERS.length)]).join('')
    const lastPollAt = Number.NEGATIVE_INFINITY
    this.#requests.set(deviceCode, { clientId, scopes, userCode, at, lastPollAt, decision: 'pending' })
    return { deviceCode, userCode }
  }

  /** What a person's code stands for, as long as nobody has decided on it. */
  findByUserCode(userCode: string): DeviceRequest | undefined {
    const typed = userCode.replace(/[^a-z0-9]/gi, '').toUpperCase()
    return [...this.#requests.values()].find(
      (request) => request.userCode === typed && request.decision === 'pending' && this.#isAlive(request),
    )
  }

  decide(userCode: string, decision: 'denied' | { userId: string }): void {
    const request = this.findByUserCode(userCode)
    if (request) request.decision = decision
  }

  /** A device asks whether it may go on; a decision is told once. */
  poll(
    deviceCode: string,
    clientId: string,
  ): { userId: string; scopes: readonly string[] } | 'pending' | 'too-soon' | 'denied' | 'expired' {
    const request = this.#requests.get(deviceCode)
    if (!request || request.clientId !== clientId || !this.#isAlive(request)) return 'expired'
    const isTooSoon = this.#now() - request.lastPollAt < POLL_INTERVAL_S * 1000
    request.lastPollAt = this.#now()
    if (isTooSoon) return 'too-soon'
    if (request.decision === 'pending') return 'pending'
    this.#requests.delete(deviceCode)
    return request.decision === 'denied' ? 'denied' : { userId: request.decision.userId, scopes: request.scopes }
  }

  #isAlive(request: DeviceRequest): boolean {
    return this.#now() - request.at < LIFE_MS
  }
}
