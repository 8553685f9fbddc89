/**
 * Who may speak to the org: sessions (access tokens), grants (refresh tokens) and remembered approvals.
 * Every change is one event, applied in one place, so that a journal of events brings all of it back after a restart.
 * Tokens are kept as hashes only.
 */
import { createHash, randomBytes } from 'node:crypto'

interface Session {
  readonly userId: string
  readonly scopes: readonly string[]
  /** The grant it came from; null for a session that was simply handed out. */
  readonly grantId: string | null
  readonly issuedAt: number
  lastUsedAt: number
}

interface Grant {
  readonly id: string
  readonly userId: string
  readonly scopes: readonly string[]
  refreshHash: string
}

export type GrantEvent =
  | { readonly type: 'grant-made'; grantId: string; userId: string; scopes: readonly string[]; refreshHash: string }
  | { readonly type: 'refresh-rotated'; grantId: string; refreshHash: string }
  | { readonly type: 'grant-revoked'; grantId: string }
  | {
      readonly type: 'session-started'
      tokenHash: string
      userId: string
      scopes: readonly string[]
      grantId: string | null
      at: number
    }
  | { readonly type: 'session-ended'; tokenHash: string }
  | { readonly type: 'sessions-expired' }
  | { readonly type: 'app-approved'; userId: string; scopes: readonly string[] }
  | { readonly type: 'approval-withdrawn'; userId: string }

export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly userId: string
  readonly scopes: readonly string[]
  readonly issuedAt: number
}

/** "About five" approvals per user and app; the next one pushes out the oldest (salesforce-api.md 2.4). */
const GRANTS_PER_USER = 5

export class Grants {
  readonly #orgId: string
  readonly #now: () => number
  readonly #sessionMs: number
  readonly #rotate: boolean
  readonly #record: (event: GrantEvent) => void
  readonly #sessions = new Map<string, Session>()
  /** Live grants, oldest first. */
  readonly #grants = new Map<string, Grant>()
  readonly #grantOfHash = new Map<string, string>()
  readonly #approvals = new Map<string, readonly string[]>()

  constructor(options: {
    orgId: string
    now: () => number
    sessionMs: number
    rotate: boolean
    record: (event: GrantEvent) => void
  }) {
    this.#orgId = options.orgId
    this.#now = options.now
    this.#sessionMs = options.sessionMs
    this.#rotate = options.rotate
    this.#record = options.record
  }

  /** Makes an event so; also used to replay a journal. */
  apply(event: GrantEvent): void {
    switch (event.type) {
      case 'grant-made': {
        const { grantId, userId, scopes, refreshHash } = event
        this.#grants.set(grantId, { id: grantId, userId, scopes, refreshHash })
        this.#grantOfHash.set(refreshHash, grantId)
        break
      }
      case 'refresh-rotated': {
        const grant = this.#grants.get(event.grantId)
        // The old hash keeps pointing at its grant: that is how a second use of it is noticed.
        if (grant) grant.refreshHash = event.refreshHash
        this.#grantOfHash.set(event.refreshHash, event.grantId)
        break
      }
      case 'grant-revoked':
        this.#grants.delete(event.grantId)
        for (const [hash, session] of this.#sessions) if (session.grantId === event.grantId) this.#sessions.delete(hash)
        for (const [hash, grantId] of this.#grantOfHash) if (grantId === event.grantId) this.#grantOfHash.delete(hash)
        break
      case 'session-started': {
        const { tokenHash, userId, scopes, grantId, at } = event
        this.#sessions.set(tokenHash, { userId, scopes, grantId, issuedAt: at, lastUsedAt: at })
        break
      }
      case 'session-ended':
        this.#sessions.delete(event.tokenHash)
        break
      case 'sessions-expired':
        this.#sessions.clear()
        break
      case 'app-approved':
        this.#approvals.set(event.userId, event.scopes)
        break
      case 'approval-withdrawn':
        this.#approvals.delete(event.userId)
        break
    }
  }

  /** Hands out an access token. */
  startSession(userId: string, scopes: readonly string[], grantId: string | null = null): Tokens {
    // `<15-character org id>!<opaque>` (salesforce-api.md 2.2).
    const accessToken = `${this.#orgId.slice(0, 15)}!AQ4AQ${randomText(91)}`
    const at = this.#now()
    this.#make({ type: 'session-started', tokenHash: hashOf(accessToken), userId, scopes, grantId, at })
    return { accessToken, refreshToken: undefined, userId, scopes, issuedAt: at }
  }

  /** Hands out an access and a refresh token; a user's sixth grant ends the oldest. */
  makeGrant(userId: string, scopes: readonly string[]): Tokens {
    const held = [...this.#grants.values()].filter((grant) => grant.userId === userId)
    for (const grant of held.slice(0, Math.max(0, held.length - GRANTS_PER_USER + 1))) {
      this.#make({ type: 'grant-revoked', grantId: grant.id })
    }
    const grantId = randomBytes(12).toString('hex')
    const refreshToken = newRefreshToken()
    this.#make({ type: 'grant-made', grantId, userId, scopes, refreshHash: hashOf(refreshToken) })
    return { ...this.startSession(userId, scopes, grantId), refreshToken }
  }

  /** The user that a live refresh token belongs to. */
  findRefreshUserId(refreshToken: string): string | undefined {
    return this.#findGrant(hashOf(refreshToken))?.userId
  }

  /**
   * Trades a refresh token for new tokens. With rotation, a token that was used before is taken for stolen: its whole
   * grant ends (salesforce-api.md 2.3). Undefined when the token is no good.
   */
  refresh(refreshToken: string): Tokens | undefined {
    const hash = hashOf(refreshToken)
    const grant = this.#findGrant(hash)
    if (!grant) return undefined
    if (grant.refreshHash !== hash) {
      this.#make({ type: 'grant-revoked', grantId: grant.id })
      return undefined
    }
    const tokens = this.startSession(grant.userId, grant.scopes, grant.id)
    if (!this.#rotate) return tokens
    const rotated = newRefreshToken()
    this.#make({ type: 'refresh-rotated', grantId: grant.id, refreshHash: hashOf(rotated) })
    return { ...tokens, refreshToken: rotated }
  }

  /** The session of an access token that still holds. */
  findSession(accessToken: string): Session | undefined {
    const session = this.#sessions.get(hashOf(accessToken))
    return session && this.#now() < this.expiryOf(session) ? session : undefined
  }

  /** Each use extends a session (salesforce-api.md 2.4). */
  touch(session: Session): void {
    session.lastUsedAt = this.#now()
  }

  expiryOf(session: Session): number {
    return session.lastUsedAt + this.#sessionMs
  }

  /** Ends an access token, or a refresh token with all that came from it. False when it is neither. */
  revoke(token: string): boolean {
    const hash = hashOf(token)
    const grant = this.#findGrant(hash)
    if (grant) this.#make({ type: 'grant-revoked', grantId: grant.id })
    else if (this.#sessions.has(hash)) this.#make({ type: 'session-ended', tokenHash: hash })
    else return false
    return true
  }

  /** What Setup's "Revoke" does: ends the app's grants and its approval, of one user or of all. */
  revokeGrants(userId?: string): void {
    for (const grant of [...this.#grants.values()]) {
      if (userId === undefined || grant.userId === userId) this.#make({ type: 'grant-revoked', grantId: grant.id })
    }
    for (const approved of [...this.#approvals.keys()]) {
      if (userId === undefined || approved === userId) this.#make({ type: 'approval-withdrawn', userId: approved })
    }
  }

  expireSessions(): void {
    this.#make({ type: 'sessions-expired' })
  }

  approve(userId: string, scopes: readonly string[]): void {
    const before = this.#approvals.get(userId) ?? []
    this.#make({ type: 'app-approved', userId, scopes: [...new Set([...before, ...scopes])] })
  }

  /** Whether the user has allowed all of these scopes before. */
  hasApproved(userId: string, scopes: readonly string[]): boolean {
    const approved = this.#approvals.get(userId)
    return approved !== undefined && scopes.every((scope) => approved.includes(scope))
  }

  /** Whether the user has let the app in at all: such users keep going when the app is uninstalled. */
  hasGrant(userId: string): boolean {
    return this.#approvals.has(userId) || [...this.#grants.values()].some((grant) => grant.userId === userId)
  }

  countGrants(userId: string): number {
    return [...this.#grants.values()].filter((grant) => grant.userId === userId).length
  }

  #findGrant(hash: string): Grant | undefined {
    return this.#grants.get(this.#grantOfHash.get(hash) ?? '')
  }

  #make(event: GrantEvent): void {
    this.apply(event)
    this.#record(event)
  }
}

function newRefreshToken(): string {
  return `5Aep861${randomText(80)}`
}

/** Random text in the alphabet of Salesforce's tokens. */
export function randomText(length: number): string {
  return randomBytes(length).toString('base64url').replaceAll('-', '.').slice(0, length)
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
