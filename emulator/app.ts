/** The practice org as a whole: its data, its sign-ins, its APIs, in one Hono app that a test can call without a network. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { BulkJobs } from './bulk/jobs.ts'
import { type Context, findUser, getUserByName } from './context.ts'
import { type Controls, createControl } from './control.ts'
import { type FaultAnswer, type Faults, PlannedFaults } from './faults.ts'
import { fetchInProcess } from './in-process-fetch.ts'
import { forgetfulJournal, type JournalEntry, openJournal } from './journal.ts'
import { createAuthorization } from './oauth/authorize.ts'
import { Browsers } from './oauth/browser.ts'
import { AuthorizationCodes } from './oauth/codes.ts'
import { makeConnectedApp } from './oauth/connected-app.ts'
import { Grants } from './oauth/grants.ts'
import { createIdentityEndpoints, IdTokens } from './oauth/identity.ts'
import { createTokenEndpoints, type TokenAnswer, tokenAnswer } from './oauth/token.ts'
import { createOrg } from './org/create-org.ts'
import type { Org } from './org/model.ts'
import { createRecordPages } from './pages/routes.ts'
import { startPage } from './pages/start.ts'
import { createApi } from './rest/api.ts'
import { errorResponse, failureResponse, invalidSession, notFound, requestLimitExceeded } from './rest/errors.ts'
import { ApiUsage } from './rest/usage.ts'

const HOUR_MS = 3_600_000
/** URI, and URI with headers (salesforce-api.md 11.2). */
const LONGEST_REQUEST_BYTES = 16_384
const DEFAULT_CALLBACK_URLS = ['http://127.0.0.1:7465/oauth/callback', 'http://localhost:7465/oauth/callback']

export interface EmulatorOptions {
  /** Where it is reached, without a slash at the end. */
  readonly origin: string
  readonly seed?: number | undefined
  readonly scale?: number | undefined
  /** The end of the seeded two years, epoch ms; the current hour unless told. */
  readonly anchor?: number | undefined
  readonly now?: (() => number) | undefined
  readonly callbackUrls?: readonly string[] | undefined
  /** Where changes, grants and jobs are kept for the next start; without it all is in memory. */
  readonly dataDir?: string | undefined
  readonly rotateRefreshTokens?: boolean | undefined
  readonly sessionMinutes?: number | undefined
  readonly dailyApiRequests?: number | undefined
  /** Where Bulk API results are kept; a temporary folder, or one in `dataDir`, unless told. */
  readonly spoolDir?: string | undefined
}

export interface Emulator {
  readonly app: Hono
  /** Stands in for the global `fetch`: decodes, follows redirects within the org, breaks as a network does. */
  readonly fetch: typeof globalThis.fetch
  readonly org: Org
  readonly clientId: string
  readonly clientSecret: string
  readonly faults: Faults
  /** A ready access token, as `sf org display` would show one. */
  issueToken(username: string): string
  /** What the token endpoint would answer after the user has connected the app: counts as one of their grants. */
  issueRefreshToken(username: string): TokenAnswer
  expireTokens(): void
  revokeGrants(username?: string): void
  setUserActive(username: string, active: boolean): void
  appInstalled(installed: boolean): void
  /** API calls in the last 24 hours. */
  apiCallsUsed(): number
  close(): Promise<void>
}

/** Makes a practice org. The same options make the same org; with a `dataDir`, the one that was there before goes on. */
export function createEmulator(options: EmulatorOptions): Emulator {
  const { origin } = options
  const now = options.now ?? Date.now
  const journal = options.dataDir === undefined ? forgetfulJournal() : openJournal(options.dataDir)
  const start = chooseStart(options, journal.entries, now)
  if (journal.entries.length === 0) journal.append(start)

  // While the journal is read back, nothing is written to it.
  let isReplaying = true
  const record = (entry: JournalEntry) => {
    if (!isReplaying) journal.append(entry)
  }
  const { seed, scale, anchor } = start
  const org = createOrg({ seed, scale, anchor, now, onChange: (change) => record({ type: 'change', change }) })
  const grants = new Grants({
    orgId: org.id,
    now,
    sessionMs: (options.sessionMinutes ?? 120) * 60_000,
    rotate: options.rotateRefreshTokens ?? true,
    record,
  })
  let isAppInstalled = true

  function setVisible(userId: string, what: { object: string; field: string | null; visible: boolean }): void {
    const { object, field, visible } = what
    if (field === null) {
      if (visible) org.showObject(userId, object)
      else org.hideObject(userId, object)
    } else if (visible) org.showField(userId, object, field)
    else org.hideField(userId, object, field)
  }

  function apply(entry: JournalEntry): void {
    switch (entry.type) {
      case 'start':
        break
      case 'change':
        org.replay(entry.change)
        break
      case 'app-installed':
        isAppInstalled = entry.installed
        break
      case 'visibility':
        setVisible(entry.userId, entry)
        break
      default:
        grants.apply(entry)
    }
  }
  for (const entry of journal.entries) apply(entry)
  isReplaying = false

  function make(entry: JournalEntry): void {
    apply(entry)
    record(entry)
  }

  const userIdOf = (username: string) => getUserByName(org, username).userId
  const controls: Controls = {
    expireTokens: () => grants.expireSessions(),
    revokeGrants: (username) => grants.revokeGrants(username === undefined ? undefined : userIdOf(username)),
    setUserActive: (username, active) => org.setUserActive(userIdOf(username), active),
    setAppInstalled: (installed) => make({ type: 'app-installed', installed }),
    setVisibility: (username, { object, field, visible }) =>
      make({ type: 'visibility', userId: userIdOf(username), object, field: field ?? null, visible }),
  }

  const faults = new PlannedFaults()
  const usage = new ApiUsage(options.dailyApiRequests ?? 130_000, now)
  const context: Context = {
    origin,
    org,
    app: makeConnectedApp(seed, options.callbackUrls ?? DEFAULT_CALLBACK_URLS),
    grants,
    faults,
    usage,
    isAppInstalled: () => isAppInstalled,
  }
  const spool = openSpool(options)
  const jobs = new BulkJobs(org, { folder: spool.folder, faults })
  const app = createApp(context, { jobs, controls })

  return {
    app,
    fetch: fetchInProcess(app, origin),
    org,
    clientId: context.app.clientId,
    clientSecret: context.app.clientSecret,
    faults,
    issueToken: (username) => grants.startSession(userIdOf(username), context.app.scopes).accessToken,
    issueRefreshToken(username) {
      const userId = userIdOf(username)
      grants.approve(userId, context.app.scopes)
      return tokenAnswer(context, grants.makeGrant(userId, context.app.scopes))
    },
    expireTokens: controls.expireTokens,
    revokeGrants: controls.revokeGrants,
    setUserActive: controls.setUserActive,
    appInstalled: controls.setAppInstalled,
    apiCallsUsed: () => usage.used,
    async close() {
      await jobs.close()
      spool.close()
    },
  }
}

function createApp(context: Context, { jobs, controls }: { jobs: BulkJobs; controls: Controls }): Hono {
  const { origin, org, faults } = context
  const app = new Hono()
  const now = () => org.now()
  const browsers = new Browsers({ now, origin })
  const codes = new AuthorizationCodes(now)
  const idTokens = new IdTokens(context)

  app.use(async (c, next) => {
    const uri = c.req.url.slice(new URL(c.req.url).origin.length)
    let headerBytes = 0
    for (const [name, value] of c.req.raw.headers) headerBytes += name.length + value.length + 4
    if (uri.length > LONGEST_REQUEST_BYTES) c.res = errorResponse(414, 'URI_TOO_LONG', 'The URI is too long')
    else if (uri.length + headerBytes > LONGEST_REQUEST_BYTES) {
      c.res = errorResponse(431, 'REQUEST_HEADER_FIELDS_TOO_LARGE', 'The URI and headers are too long')
    } else {
      const fault = faults.takeAnswer(readable(uri))
      if (fault === undefined) await next()
      else c.res = faultResponse(fault)
    }
    // The time that clients may trust is the org's own.
    c.res.headers.set('Date', new Date(org.now()).toUTCString())
    if (c.res.headers.get('Content-Type')?.startsWith('text/html')) {
      c.res.headers.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
      c.res.headers.set('X-Frame-Options', 'DENY')
      c.res.headers.set('Cache-Control', 'no-store')
    }
  })

  app.get('/', (c) => c.html(startPage(context)))
  app.route('/', createControl(context, controls))
  app.route('/', createAuthorization(context, { browsers, codes }))
  app.route('/', createTokenEndpoints(context, { codes, idTokens }))
  app.route('/', createIdentityEndpoints(context, idTokens))
  app.route('/', createApi(context, jobs))
  app.route(
    '/',
    createRecordPages(org, (c) => findUser(org, browsers.findUserId(c) ?? '')),
  )
  app.notFound(() => notFound())
  app.onError((error) => (error instanceof HTTPException ? error.getResponse() : failureResponse(error)))
  return app
}

/** A URI as a person would write it, for a fault that waits for a path or a query. */
function readable(uri: string): string {
  try {
    return decodeURIComponent(uri.replaceAll('+', ' '))
  } catch {
    return uri
  }
}

function faultResponse(fault: FaultAnswer): Response {
  if (fault === 'unauthorized') return invalidSession()
  if (fault === 'limit') return requestLimitExceeded()
  // Maintenance and overload come as HTML, not as JSON (salesforce-api.md 3.3).
  const body =
    '<html><head><title>Service Unavailable</title></head><body><h1>503 Service Unavailable</h1></body></html>'
  return new Response(body, { status: 503, headers: { 'Content-Type': 'text/html; charset=UTF-8' } })
}

type Start = Extract<JournalEntry, { type: 'start' }>

/** Which org this is: that of the journal, which must not be asked to be another one. */
function chooseStart(options: EmulatorOptions, entries: readonly JournalEntry[], now: () => number): Start {
  const kept = entries.find((entry) => entry.type === 'start')
  for (const name of ['seed', 'scale', 'anchor'] as const) {
    const asked = options[name]
    if (kept && asked !== undefined && asked !== kept[name]) {
      const shown = (value: number) => (name === 'anchor' ? new Date(value).toISOString() : value)
      throw new RangeError(
        `${options.dataDir} holds a practice org with ${name} ${shown(kept[name])}, not ${shown(asked)}. ` +
          `Leave --${name} out, or give another folder.`,
      )
    }
  }
  return (
    kept ?? {
      type: 'start',
      seed: options.seed ?? 1,
      scale: options.scale ?? 1,
      anchor: options.anchor ?? Math.floor(now() / HOUR_MS) * HOUR_MS,
    }
  )
}

function openSpool({ spoolDir, dataDir }: EmulatorOptions): { folder: string; close(): void } {
  if (spoolDir !== undefined) return { folder: spoolDir, close: () => undefined }
  if (dataDir !== undefined) return { folder: join(dataDir, 'bulk'), close: () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'practice-org-'))
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) }
}
