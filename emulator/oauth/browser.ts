/** A browser at the practice org: who is logged in there, and what it is in the middle of. Kept in memory only. */
import { randomBytes } from 'node:crypto'
import type { Context as HonoContext } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

/** Cookies belong to a host, not to a port: the name keeps ours apart from the product's on the same machine. */
const COOKIE = 'practice_org_sid'
const ATTEMPT_LIFE_MS = 15 * 60_000
const MOST_ATTEMPTS = 1000

/** What an authorization request asked for, checked. */
export interface AuthorizationRequest {
  readonly redirectUri: string
  readonly state: string | undefined
  readonly scopes: readonly string[]
  readonly codeChallenge: string
  readonly nonce: string | undefined
  readonly loginHint: string | undefined
  /** Asks for consent even of a user who gave it before. */
  readonly mustConsent: boolean
}

/** A login that is under way, and where it leads: to an app's authorization, or to a page of the org. */
export interface LoginAttempt {
  readonly id: string
  readonly browser: string
  readonly startedAt: number
  readonly request: AuthorizationRequest | undefined
  readonly startUrl: string
}

export class Browsers {
  readonly #now: () => number
  readonly #isSecure: boolean
  readonly #userIds = new Map<string, string>()
  readonly #attempts = new Map<string, LoginAttempt>()

  constructor(options: { now: () => number; origin: string }) {
    this.#now = options.now
    this.#isSecure = options.origin.startsWith('https:')
  }

  /** The id of the user logged in with this browser. */
  findUserId(c: HonoContext): string | undefined {
    return this.#userIds.get(getCookie(c, COOKIE) ?? '')
  }

  logIn(c: HonoContext, attempt: LoginAttempt, userId: string): LoginAttempt {
    // A new cookie value with each login: a value planted before it is worth nothing after.
    this.#userIds.delete(attempt.browser)
    const browser = this.#setCookie(c)
    this.#userIds.set(browser, userId)
    const moved = { ...attempt, browser }
    this.#attempts.set(attempt.id, moved)
    return moved
  }

  logOut(c: HonoContext): void {
    this.#userIds.delete(getCookie(c, COOKIE) ?? '')
  }

  /** Begins an attempt that only this browser can go on with: its id is what keeps forged forms out. */
  startAttempt(c: HonoContext, request: AuthorizationRequest | undefined, startUrl = '/'): LoginAttempt {
    const browser = getCookie(c, COOKIE) ?? this.#setCookie(c)
    const attempt = { id: randomBytes(16).toString('hex'), browser, startedAt: this.#now(), request, startUrl }
    this.#attempts.set(attempt.id, attempt)
    const [oldest] = this.#attempts.keys()
    if (this.#attempts.size > MOST_ATTEMPTS && oldest !== undefined) this.#attempts.delete(oldest)
    return attempt
  }

  findAttempt(c: HonoContext, id: string | undefined): LoginAttempt | undefined {
    const attempt = this.#attempts.get(id ?? '')
    if (!attempt || attempt.browser !== getCookie(c, COOKIE)) return undefined
    return this.#now() - attempt.startedAt < ATTEMPT_LIFE_MS ? attempt : undefined
  }

  endAttempt(attempt: LoginAttempt): void {
    this.#attempts.delete(attempt.id)
  }

  #setCookie(c: HonoContext): string {
    const value = randomBytes(24).toString('base64url')
    setCookie(c, COOKIE, value, { httpOnly: true, sameSite: 'Lax', path: '/', secure: this.#isSecure })
    return value
  }
}
