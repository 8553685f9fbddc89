/**
 * Who may speak to the org: sessions (access tokens), grants (refresh tokens) and remembered approvals, each of one app.
 * Every change is one event, applied in one place, so that a journal of events brings all of it back after a restart.
 * Tokens are kept as hashes only.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { Apps, ConnectedApp } from './apps.ts'
import type { SigningKey } from './signing-key.ts'

export interface Session {
  readonly userId: string
  /** The app that it was given to; null for a login without one (SOAP, a browser). */
  readonly clientId: string | null
  readonly scopes: readonly string[]
  /** The grant it came from; null for a session that was simply handed out. */
  readonly grantId: string | null
  readonly issuedAt: number
  lastUsedAt: number
}

interface Grant {
  readonly id: string
  readonly userId: string
  readonly clientId: string
  readonly scopes: readonly string[]
  madeAt: number
  refreshHash: string
  lastUsedAt: number
}

export type GrantEvent =
  | {
      readonly type: 'grant-made'
      grantId: string
      userId: string
      /** Missing in journals of the time when Loopline was the only app; likewise below. */
      clientId?: string
      scopes: readonly string[]
      refreshHash: string
      at?: number
    }
  | { readonly type: 'refresh-rotated'; grantId: string; refreshHash: string }
  | { readonly type: 'grant-revoked'; grantId: string }
  | {
      readonly type: 'session-started'
      tokenHash: string
      userId: string
      clientId?: string | null
      scopes: readonly string[]
      grantId: string | null
      at: number
    }
  | { readonly type: 'session-ended'; tokenHash: string }
  | { readonly type: 'sessions-expired' }
  | { readonly type: 'app-approved'; userId: string; clientId?: string; scopes: readonly string[] }
  | { readonly type: 'approval-withdrawn'; userId: string; clientId?: string }

export interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly userId: string
  readonly scopes: readonly string[]
  readonly issuedAt: number
}

/** Whom tokens are for, by which app, and what they are good for. */
interface TokenHolder {
  readonly userId: string
  readonly app: ConnectedApp
  readonly scopes: readonly string[]
}

interface Approval {
  readonly userId: string
  readonly clientId: string
  readonly scopes: readonly string[]
}

/** "About five" approvals per user and app; the next one pushes out the oldest (salesforce-api.md 2.4). */
const GRANTS_PER_USER = 5
const DAY_MS = 86_400_000
/** From this many sessions on, those that have ended are forgotten. */
const MANY_SESSIONS = 1000

export class Grants {
  readonly #orgId: string
  readonly #issuer: string
  readonly #now: () => number
  readonly #sessionMs: number
  readonly #apps: Apps
  readonly #key: SigningKey
  readonly #firstClientId: string
  readonly #record: (event: GrantEvent) => void
  readonly #sessions = new Map<string, Session>()
  /** Live grants, oldest first. */
  readonly #grants = new Map<string, Grant>()
  readonly #grantOfHash = new Map<string, string>()
  readonly #approvals = new Map<string, Approval>()
  #tidyAt = MANY_SESSIONS

  constructor(options: {
    orgId: string
    issuer: string
    now: () => number
    sessionMs: number
    apps: Apps
    key: SigningKey
    record: (event: GrantEvent) => void
  }) {
    this.#orgId = options.orgId
    this.#issuer = options.issuer
    this.#now = options.now
    this.#sessionMs = options.sessionMs
    this.#apps = options.apps
    this.#key = options.key
    this.#firstClientId = options.apps.list()[0]?.clientId ?? ''
    this.#record = options.record
  }

  /** Makes an event so; also used to replay a journal. */
  apply(event: GrantEvent): void {
    switch (event.type) {
      case 'grant-made': {
        const { grantId, userId, clientId = this.#firstClientId, scopes, refreshHash, at = 0 } = event
        this.#grants.set(grantId, { id: grantId, userId, clientId, scopes, refreshHash, madeAt: at, lastUsedAt: at })
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
        const { tokenHash, userId, clientId = this.#firstClientId, scopes, grantId, at } = event
        this.#sessions.set(tokenHash, { userId, clientId, scopes, grantId, issuedAt: at, lastUsedAt: at })
        const grant = this.#grants.get(grantId ?? '')
        if (grant) {
          grant.madeAt ||= at
          grant.lastUsedAt = at
        }
        break
      }
      case 'session-ended':
        this.#sessions.delete(event.tokenHash)
        break
      case 'sessions-expired':
        this.#sessions.clear()
        break
      case 'app-approved': {
        const { userId, clientId = this.#firstClientId, scopes } = event
        this.#approvals.set(`${clientId} ${userId}`, { userId, clientId, scopes })
        break
      }
      case 'approval-withdrawn':
        this.#approvals.delete(`${event.clientId ?? this.#firstClientId} ${event.userId}`)
        break
    }
  }

  /** Hands out an access token: to an app, or (a SOAP login) to none. */
  startSession(
    { userId, app, scopes }: { userId: string; app: ConnectedApp | null; scopes: readonly string[] },
    grantId: string | null = null,
  ): Tokens {
    this.#forgetEndedSessions()
    const at = this.#now()
    const clientId = app?.clientId ?? null
    const opaque = randomText(91)
    // `<15-character org id>!<opaque>` (salesforce-api.md 2.2).
    const accessToken = app?.jwtAccessTokens
      ? this.#signAccessToken({ userId, app, scopes }, { at, id: opaque })
      : `${this.#orgId.slice(0, 15)}!AQ4AQ${opaque}`
    this.#make({ type: 'session-started', tokenHash: hashOf(accessToken), userId, clientId, scopes, grantId, at })
    return { accessToken, refreshToken: undefined, userId, scopes, issuedAt: at }
  }

  /** Hands out an access and a refresh token; a user's sixth grant of an app ends the oldest. */
  makeGrant(holder: TokenHolder): Tokens {
    const { userId, app, scopes } = holder
    const held = this.#grantsOf(userId, app.clientId)
    for (const grant of held.slice(0, Math.max(0, held.length - GRANTS_PER_USER + 1))) {
      this.#make({ type: 'grant-revoked', grantId: grant.id })
    }
    const grantId = randomBytes(12).toString('hex')
    const refreshToken = newRefreshToken()
    const at = this.#now()
    const refreshHash = hashOf(refreshToken)
    this.#make({ type: 'grant-made', grantId, userId, clientId: app.clientId, scopes, refreshHash, at })
    return { ...this.startSession(holder, grantId), refreshToken }
  }

  /** What the scopes and the app's policy call for: with a refresh token or without (salesforce-api.md 2.2). */
  issue(holder: TokenHolder): Tokens {
    const lives = holder.scopes.includes('refresh_token') && holder.app.refreshTokenLife !== 'expire-at-once'
    return lives ? this.makeGrant(holder) : this.startSession(holder)
  }

  /** The grant that a live refresh token, or one that was rotated away, belongs to. */
  findGrant(refreshToken: string): Grant | undefined {
    const grant = this.#grants.get(this.#grantOfHash.get(hashOf(refreshToken)) ?? '')
    return grant && this.#now() < this.grantExpiry(grant) ? grant : undefined
  }

  /** Whether this is the token that the grant is renewed with now. */
  isCurrent(grant: Grant, refreshToken: string): boolean {
    return grant.refreshHash === hashOf(refreshToken)
  }

  /**
   * Trades a refresh token for new tokens. With rotation, a token that was used before is taken for stolen: its whole
   * grant ends (salesforce-api.md 2.3). Undefined when the token is no good.
   */
  refresh(refreshToken: string, app: ConnectedApp): Tokens | undefined {
    const grant = this.findGrant(refreshToken)
    if (!grant || grant.clientId !== app.clientId) return undefined
    if (!this.isCurrent(grant, refreshToken)) {
      this.#make({ type: 'grant-revoked', grantId: grant.id })
      return undefined
    }
    const tokens = this.startSession({ userId: grant.userId, app, scopes: grant.scopes }, grant.id)
    if (!app.rotatesRefreshTokens) return tokens
    const rotated = newRefreshToken()
    this.#make({ type: 'refresh-rotated', grantId: grant.id, refreshHash: hashOf(rotated) })
    return { ...tokens, refreshToken: rotated }
  }

  /** The session of an access token that still holds. */
  findSession(accessToken: string): Session | undefined {
    const session = this.#sessions.get(hashOf(accessToken))
    if (!session || this.#apps.find(session.clientId)?.blocked) return undefined
    return this.#now() < this.expiryOf(session) ? session : undefined
  }

  /** Each use extends a session (salesforce-api.md 2.4). */
  touch(session: Session): void {
    session.lastUsedAt = this.#now()
  }

  expiryOf(session: Session): number {
    const app = this.#apps.find(session.clientId)
    return (app?.jwtAccessTokens ? session.issuedAt : session.lastUsedAt) + this.#sessionLength(app)
  }

  /** When a grant that nobody revokes ends; never is Infinity. */
  grantExpiry(grant: Grant): number {
    const life = this.#apps.find(grant.clientId)?.refreshTokenLife
    if (life === undefined || life === 'until-revoked') return Number.POSITIVE_INFINITY
    if (life === 'expire-at-once') return grant.madeAt
    return 'days' in life ? grant.madeAt + life.days * DAY_MS : grant.lastUsedAt + life.unusedDays * DAY_MS
  }

  /** Ends an access token, or a refresh token with all that came from it. False when it is neither. */
  revoke(token: string): boolean {
    const hash = hashOf(token)
    const grantId = this.#grantOfHash.get(hash)
    if (grantId !== undefined) this.#make({ type: 'grant-revoked', grantId })
    else if (this.#sessions.has(hash)) this.#make({ type: 'session-ended', tokenHash: hash })
    else return false
    return true
  }

  /** What Setup's "Revoke" does: ends the apps' grants and approvals, of one user or of all. */
  revokeGrants(userId?: string): void {
    for (const grant of [...this.#grants.values()]) {
      if (userId === undefined || grant.userId === userId) this.#make({ type: 'grant-revoked', grantId: grant.id })
    }
    for (const approval of [...this.#approvals.values()]) {
      if (userId !== undefined && approval.userId !== userId) continue
      this.#make({ type: 'approval-withdrawn', userId: approval.userId, clientId: approval.clientId })
    }
  }

  expireSessions(): void {
    this.#make({ type: 'sessions-expired' })
  }

  approve({ userId, app, scopes }: TokenHolder): void {
    const before = this.approvedScopes(userId, app.clientId)
    this.#make({
      type: 'app-approved',
      userId,
      clientId: app.clientId,
      scopes: [...new Set([...before, ...scopes])],
    })
  }

  /** What the user has allowed the app before, in all. */
  approvedScopes(userId: string, clientId: string): readonly string[] {
    return this.#approvals.get(`${clientId} ${userId}`)?.scopes ?? []
  }

  /** Whether the user has let the app in at all: such users keep going when the app is uninstalled. */
  hasGrant(userId: string, clientId: string): boolean {
    return this.#approvals.has(`${clientId} ${userId}`) || this.#grantsOf(userId, clientId).length > 0
  }

  /** The grants of a user, for all apps or for one. */
  countGrants(userId: string, clientId?: string): number {
    return this.#grantsOf(userId, clientId).length
  }

  #sessionLength(app: ConnectedApp | undefined): number {
    const minutes = app?.sessionMinutes ?? null
    return minutes === null ? this.#sessionMs : minutes * 60_000
  }

  /** https://help.salesforce.com/s/articleView?id=xcloud.jwt_access_tokens.htm&type=5 */
  #signAccessToken({ userId, app, scopes }: TokenHolder, { at, id }: { at: number; id: string }): string {
    const seconds = (ms: number) => Math.floor(ms / 1000)
    return this.#key.sign({
      iss: this.#issuer,
      aud: [this.#issuer],
      sub: `uid:${userId}`,
      client_id: app.clientId,
      scp: scopes.join(' '),
      iat: seconds(at),
      nbf: seconds(at),
      exp: seconds(at + this.#sessionLength(app)),
      jti: id,
    })
  }

  #grantsOf(userId: string, clientId: string | undefined): readonly Grant[] {
    return [...this.#grants.values()].filter(
      (grant) => grant.userId === userId && (clientId === undefined || grant.clientId === clientId),
    )
  }

  #forgetEndedSessions(): void {
    if (this.#sessions.size < this.#tidyAt) return
    for (const [hash, session] of this.#sessions) {
      if (this.#now() >= this.expiryOf(session)) this.#sessions.delete(hash)
    }
    // Not again until as many have started: a walk for each start would take ever longer.
    this.#tidyAt = Math.max(MANY_SESSIONS, 2 * this.#sessions.size)
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

/** What is kept of a token instead of the token. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
