/**
 * A browser at the practice org: who is logged in there (kept over a restart, as a hash of its cookie), and what it is in
 * the middle of (kept in memory only: whoever is cut off begins again).
 */
import { randomBytes } from 'node:crypto'
import type { Context as HonoContext } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { ConnectedApp } from './apps.ts'
import { hashOf } from './grants.ts'
import type { Challenge } from './pkce.ts'

/** Cookies belong to a host, not to a port: the name keeps ours apart from the product's on the same machine. */
const COOKIE = 'practice_org_sid'
const ATTEMPT_LIFE_MS = 15 * 60_000
const MOST_ATTEMPTS = 1000

/** How the sign-in pages look: `page`, in a small window, or for a finger (salesforce-api.md 2.2). */
export type Display = 'page' | 'popup' | 'touch'

/** What an authorization request asked for, checked. */
export interface AuthorizationRequest {
  readonly clientId: ConnectedApp['clientId']
  readonly scopes: readonly string[]
  readonly loginHint: string | undefined
  /** Asks for consent even of a user who gave it before. */
  readonly mustConsent: boolean
  readonly display: Display
  /** Where the answer goes: back to the app by way of the browser, or to the device that is polling. */
  readonly answer:
    | {
        readonly by: 'code'
        readonly redirectUri: string
        readonly state: string | undefined
        readonly challenge: Challenge | null
        readonly nonce: string | undefined
      }
    | {
        readonly by: 'fragment'
        readonly redirectUri: string
        readonly state: string | undefined
        readonly withIdToken: boolean
        readonly nonce: string | undefined
      }
    | { readonly by: 'device'; readonly userCode: string }
}

/** A login that is under way, and where it leads: to an app's authorization, or to a page of the org. */
export interface LoginAttempt {
  readonly id: string
  /** The hash of its browser's cookie. */
  readonly browser: string
  readonly startedAt: number
  readonly request: AuthorizationRequest | undefined
  readonly startUrl: string
}

export type BrowserEvent =
  | { readonly type: 'browser-logged-in'; readonly browser: string; readonly userId: string; readonly at: number }
  | { readonly type: 'browser-logged-out'; readonly browser: string }

export class Browsers {
  readonly #now: () => number
  readonly #sessionMs: number
  readonly #isSecure: boolean
  readonly #record: (event: BrowserEvent) => void
  readonly #logins = new Map<string, { readonly userId: string; lastUsedAt: number }>()
  readonly #attempts = new Map<string, LoginAttempt>()

  constructor(options: {
    now: () => number
    sessionMs: number
    origin: string
    record: (event: BrowserEvent) => void
  }) {
    this.#now = options.now
    this.#sessionMs = options.sessionMs
    this.#isSecure = options.origin.startsWith('https:')
    this.#record = options.record
  }

  apply(event: BrowserEvent): void {
    if (event.type === 'browser-logged-out') this.#logins.delete(event.browser)
    else this.#logins.set(event.browser, { userId: event.userId, lastUsedAt: event.at })
  }

  /** The id of the user logged in with this browser; each look extends the login, as it does an app's session. */
  findUserId(c: HonoContext): string | undefined {
    const login = this.#logins.get(browserOf(c))
    if (!login || this.#now() >= login.lastUsedAt + this.#sessionMs) return undefined
    login.lastUsedAt = this.#now()
    return login.userId
  }

  logIn(c: HonoContext, attempt: LoginAttempt, userId: string): LoginAttempt {
    // A new cookie value with each login: a value planted before it is worth nothing after.
    this.#forget(attempt.browser)
    const browser = this.#setCookie(c)
    this.#make({ type: 'browser-logged-in', browser, userId, at: this.#now() })
    const moved = { ...attempt, browser }
    this.#attempts.set(attempt.id, moved)
    return moved
  }

  logOut(c: HonoContext): void {
    this.#forget(browserOf(c))
  }

  /** Begins an attempt that only this browser can go on with: its id is what keeps forged forms out. */
  startAttempt(c: HonoContext, request: AuthorizationRequest | undefined, startUrl = '/'): LoginAttempt {
    const browser = getCookie(c, COOKIE) === undefined ? this.#setCookie(c) : browserOf(c)
    const attempt = { id: randomBytes(16).toString('hex'), browser, startedAt: this.#now(), request, startUrl }
    this.#attempts.set(attempt.id, attempt)
    const [oldest] = this.#attempts.keys()
    if (this.#attempts.size > MOST_ATTEMPTS && oldest !== undefined) this.#attempts.delete(oldest)
    return attempt
  }

  /** The same attempt, turned to what it is to lead to now. */
  redirectAttempt(attempt: LoginAttempt, request: AuthorizationRequest): LoginAttempt {
    const turned = { ...attempt, request }
    this.#attempts.set(attempt.id, turned)
    return turned
  }

  findAttempt(c: HonoContext, id: string | null | undefined): LoginAttempt | undefined {
    const attempt = this.#attempts.get(id ?? '')
    if (!attempt || attempt.browser !== browserOf(c)) return undefined
    return this.#now() - attempt.startedAt < ATTEMPT_LIFE_MS ? attempt : undefined
  }

  endAttempt(attempt: LoginAttempt): void {
    this.#attempts.delete(attempt.id)
  }

  #forget(browser: string): void {
    if (this.#logins.has(browser)) this.#make({ type: 'browser-logged-out', browser })
  }

  #setCookie(c: HonoContext): string {
    const value = randomBytes(24).toString('base64url')
    setCookie(c, COOKIE, value, { httpOnly: true, sameSite: 'Lax', path: '/', secure: this.#isSecure })
    return hashOf(value)
  }

  #make(event: BrowserEvent): void {
    this.apply(event)
    this.#record(event)
  }
}

function browserOf(c: HonoContext): string {
  return hashOf(getCookie(c, COOKIE) ?? '')
}
