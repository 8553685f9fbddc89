/** The practice org as a whole: its data, its sign-ins, its APIs, in one Hono app that a test can call without a network. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { createAsyncApi } from './bulk/classic-routes.ts'
import { BulkJobs } from './bulk/jobs.ts'
import { OrgClock } from './clock.ts'
import { type Context, getUserByName, type OrgAddress } from './context.ts'
import { type Controls, createControl, listControls, type OrgFacts } from './control.ts'
import type { ControlCalls } from './control-calls.ts'
import { createCometd } from './events/cometd.ts'
import { EventBus } from './events/event-bus.ts'
import type { PubSubOptions, PubSubServer } from './events/pubsub-server.ts'
import { type Faults, PlannedFaults } from './faults.ts'
import { type FrontDoorEnv, frontDoor } from './front-door.ts'
import { fetchInProcess } from './in-process-fetch.ts'
import { forgetfulJournal, type JournalEntry, openJournal } from './journal.ts'
import type { Apps } from './oauth/apps.ts'
import { createOauth } from './oauth/routes.ts'
import type { SignIns } from './oauth/sign-in.ts'
import { createOauthState, type OauthState } from './oauth/state.ts'
import { type TokenAnswer, tokenAnswer } from './oauth/token-answer.ts'
import { createOrg } from './org/create-org.ts'
import { drawOf, fraction } from './org/draw.ts'
import type { Org, OrgSettings } from './org/model.ts'
import { listJobs } from './overview.ts'
import { createRecordPages } from './pages/routes.ts'
import { START_SCRIPT, startPage } from './pages/start.ts'
import { RequestLog } from './request-log.ts'
import { createApi } from './rest/api.ts'
import { failureResponse, notFound } from './rest/errors.ts'
import { ApiUsage } from './rest/usage.ts'
import { keepUsage } from './rest/usage-file.ts'
import { watchSchemaFolder } from './schema/watched-folder.ts'
import { createSoap } from './soap/routes.ts'
import { BrokenConnection } from './trouble/connection.ts'
import { addRule } from './trouble/controls.ts'
import type { Trouble } from './trouble/meet.ts'
import type { FaultRule } from './trouble/rule.ts'

const HOUR_MS = 3_600_000
const DEFAULT_CALLBACK_URLS = ['http://127.0.0.1:7465/oauth/callback', 'http://localhost:7465/oauth/callback']

export interface EmulatorOptions {
  /** Where it is reached, without a slash at the end. */
  readonly origin: string
  readonly seed?: number | undefined
  readonly scale?: number | undefined
  /** The end of the seeded two years, epoch ms; the current hour unless told. */
  readonly anchor?: number | undefined
  readonly now?: (() => number) | undefined
  /** Person accounts, several currencies, a sandbox: none of these unless told. */
  readonly settings?: Partial<OrgSettings> | undefined
  /** A folder of schema files that add to the org's own, read again whenever one of them changes. */
  readonly schemaDir?: string | undefined
  readonly callbackUrls?: readonly string[] | undefined
  /** Where changes, grants and jobs are kept for the next start; without it all is in memory. */
  readonly dataDir?: string | undefined
  readonly rotateRefreshTokens?: boolean | undefined
  readonly sessionMinutes?: number | undefined
  readonly dailyApiRequests?: number | undefined
  /** Where Bulk API results are kept; a temporary folder, or one in `dataDir`, unless told. */
  readonly spoolDir?: string | undefined
  /** Trouble that is planned from the start. */
  readonly faults?: readonly FaultRule[] | undefined
  /** Opens another address for the same org, for when it moves; in process, one is made up. */
  readonly openDoor?: (() => Promise<string>) | undefined
  /** Where a line goes for each kind of request that is not known here; stderr unless told. */
  readonly complain?: ((line: string) => void) | undefined
}

export interface Emulator {
  readonly app: Hono<FrontDoorEnv>
  /** Stands in for the global `fetch`: decodes, follows redirects within the org, breaks as a network does. */
  readonly fetch: typeof globalThis.fetch
  readonly org: Org
  readonly clientId: string
  readonly clientSecret: string
  /** The apps that the org knows, Loopline's first; and the rules for signing in. */
  readonly apps: Apps
  readonly signIns: SignIns
  readonly faults: Faults
  /** A ready access token, as `sf org display` would show one. */
  issueToken(username: string): string
  /** What token answers name as `instance_url`: `origin` until the org is moved. */
  instanceUrl(): string
  /** What the token endpoint would answer after the user has connected the app: counts as one of their grants. */
  issueRefreshToken(username: string): TokenAnswer
  expireTokens(): void
  revokeGrants(username?: string): void
  setUserActive(username: string, active: boolean): void
  appInstalled(installed: boolean): void
  /** Serves the Pub/Sub API, which isn't HTTP, on a port of its own; gives `host:port`. */
  servePubSub(options: PubSubOptions): Promise<string>
  /** Where the Pub/Sub API is served, if it is. */
  pubSubEndpoint(): string | undefined
  /** API calls in the last 24 hours. */
  apiCallsUsed(): number
  close(): Promise<void>
}

/** Makes a practice org. The same options make the same org; with a `dataDir`, the one that was there before goes on. */
export function createEmulator(options: EmulatorOptions): Emulator {
  const { origin } = options
  const clock = new OrgClock(options.now ?? Date.now)
  const { now } = clock
  const journal = options.dataDir === undefined ? forgetfulJournal() : openJournal(options.dataDir)
  const start = chooseStart(options, journal.entries, now)
  if (journal.entries.length === 0) journal.append(start)

  // While the journal is read back, nothing is written to it.
  let isReplaying = true
  const record = (entry: JournalEntry) => {
    if (!isReplaying) journal.append(entry)
  }
  const { seed, scale, anchor, settings = {} } = start
  const org = createOrg({
    settings,
    onSchemaChange: (change, at) => record({ type: 'schema', change, at }),
    seed,
    scale,
    anchor,
    now,
    onChange: (change) => record({ type: 'change', change }),
    onDeleteLogPurge: (upTo) => record({ type: 'delete-log-purged', upTo }),
    onSaveRule: (rule) => record({ type: 'save-rule', rule }),
    ...(options.dataDir !== undefined && { blobFolder: join(options.dataDir, 'blobs') }),
  })
  const oauth = createOauthState({
    org,
    origin,
    seed,
    callbackUrls: options.callbackUrls ?? DEFAULT_CALLBACK_URLS,
    rotatesRefreshTokens: options.rotateRefreshTokens ?? true,
    sessionMinutes: options.sessionMinutes ?? 120,
    record,
  })
  const { apps, grants, signIns } = oauth
  let address: OrgAddress = { instanceUrl: origin, oldHost: 'here' }

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
      case 'delete-log-purged':
        org.purgeDeleteLog(entry.upTo)
        break
      case 'save-rule':
        org.setSaveRule(entry.rule)
        break
      case 'app-installed':
        // What journals of the time when there was one app say.
        oauth.replay({ type: 'app-saved', app: { name: 'Loopline', installed: entry.installed } })
        break
      case 'visibility':
        setVisible(entry.userId, entry)
        break
      case 'schema':
        org.replaySchemaChange(entry.change, entry.at)
        break
      case 'clock-set':
        clock.restore(entry.state)
        break
      case 'org-moved':
        address = entry.address
        break
      default:
        oauth.replay(entry)
    }
  }
  for (const entry of journal.entries) apply(entry)
  isReplaying = false
  const schemaFolder =
    options.schemaDir === undefined
      ? undefined
      : watchSchemaFolder(org, options.schemaDir, options.complain ?? console.error)

  function make(entry: JournalEntry): void {
    apply(entry)
    record(entry)
  }

  const userIdOf = (username: string) => getUserByName(org, username).userId
  const controls: Controls = {
    expireTokens: () => grants.expireSessions(),
    revokeGrants: (username) => grants.revokeGrants(username === undefined ? undefined : userIdOf(username)),
    setUserActive: (username, active) => org.setUserActive(userIdOf(username), active),
    setAppInstalled: (installed) => void apps.save({ name: 'Loopline', installed }),
    setVisibility: (username, { object, field, visible }) =>
      make({ type: 'visibility', userId: userIdOf(username), object, field: field ?? null, visible }),
    setClock: (state) => make({ type: 'clock-set', state }),
    async moveOrg(to) {
      const instanceUrl = to === 'home' ? origin : await (options.openDoor ?? madeUpDoor(origin))()
      make({ type: 'org-moved', address: { instanceUrl, oldHost: to === 'home' ? 'here' : to } })
      return instanceUrl
    },
  }

  const draw = drawOf(seed, 'trouble')
  let drawn = 0
  const random = () => {
    drawn += 1
    return fraction(draw(drawn))
  }
  const faults = new PlannedFaults(random)
  const usage = new ApiUsage(options.dailyApiRequests ?? 130_000, now)
  const usageFile = options.dataDir === undefined ? undefined : keepUsage(usage, options.dataDir)
  const context: Context = {
    origin,
    org,
    get app() {
      return apps.getByName('Loopline')
    },
    apps,
    grants,
    signIns,
    faults,
    usage,
    events: new EventBus({ org, usage, faults, folder: options.dataDir && join(options.dataDir, 'events') }),
    requests: new RequestLog(options.complain),
    clock,
    address: () => address,
    instanceUrl: () => address.instanceUrl,
  }
  let pubSub: PubSubServer | undefined
  const spool = openSpool(options)
  const jobs = new BulkJobs(context, spool.folder)
  const calls = listControls(context, controls)
  for (const rule of options.faults ?? []) addRule(faults, calls, rule)
  const control = async (path: string, body: unknown) => void (await calls.get(path).prepare(body)())
  const cometd = createCometd(context)
  const facts: OrgFacts = {
    listJobs: () => listJobs(jobs),
    listTopics: () => context.events.catalog.listTopics(),
    pubSubEndpoint: () => pubSub?.endpoint,
  }
  const app = createApp(context, {
    oauth,
    jobs,
    calls,
    facts,
    cometd: cometd.routes,
    trouble: { faults, random, control },
  })

  return {
    app,
    fetch: fetchInProcess(app, () => [origin, address.instanceUrl]),
    org,
    clientId: context.app.clientId,
    clientSecret: context.app.clientSecret,
    apps,
    signIns,
    faults,
    instanceUrl: context.instanceUrl,
    issueToken(username) {
      const { app: loopline } = context
      return grants.startSession({ userId: userIdOf(username), app: loopline, scopes: loopline.scopes }).accessToken
    },
    issueRefreshToken(username) {
      const { app: loopline } = context
      const holder = { userId: userIdOf(username), app: loopline, scopes: loopline.scopes }
      grants.approve(holder)
      return tokenAnswer(context, loopline, grants.makeGrant(holder))
    },
    expireTokens: controls.expireTokens,
    revokeGrants: controls.revokeGrants,
    setUserActive: controls.setUserActive,
    appInstalled: controls.setAppInstalled,
    apiCallsUsed: () => usage.used,
    pubSubEndpoint: facts.pubSubEndpoint,
    async servePubSub(pubSubOptions) {
      const { servePubSub } = await import('./events/pubsub-server.ts')
      pubSub = await servePubSub(context, pubSubOptions)
      return pubSub.endpoint
    },
    async close() {
      await pubSub?.close()
      cometd.close()
      context.events.close()
      schemaFolder?.close()
      await jobs.close()
      spool.close()
      usageFile?.close()
    },
  }
}

interface AppParts {
  readonly oauth: OauthState
  readonly jobs: BulkJobs
  readonly calls: ControlCalls
  readonly facts: OrgFacts
  readonly cometd: Hono
  readonly trouble: Trouble
}

function createApp(context: Context, { oauth, jobs, calls, facts, cometd, trouble }: AppParts): Hono<FrontDoorEnv> {
  const app = new Hono<FrontDoorEnv>()
  const { routes: oauthRoutes, findBrowserUser } = createOauth(context, oauth)

  app.use(frontDoor(context, trouble))
  app.get('/', (c) => c.html(startPage(context, { apps: context.apps.list(), calls })))
  app.get('/_page/start.js', (c) => c.text(START_SCRIPT, 200, { 'Content-Type': 'text/javascript; charset=UTF-8' }))
  app.route('/', createControl(context, { calls, facts }))
  app.route('/', oauthRoutes)
  app.route('/', createSoap(context))
  app.route('/', createAsyncApi(context, jobs))
  app.route('/', cometd)
  app.route('/', createApi(context, jobs))
  app.route('/', createRecordPages(context.org, findBrowserUser))
  app.notFound((c) => {
    context.requests.noteUnknown(c.req.method, c.req.path)
    return notFound()
  })
  app.onError((error) => {
    if (error instanceof BrokenConnection) throw error
    return error instanceof HTTPException ? error.getResponse() : failureResponse(error)
  })
  return app
}

/** Another address for an org that is reached in process only. */
function madeUpDoor(origin: string): () => Promise<string> {
  const moved = new URL(origin)
  moved.hostname = 'moved.example'
  return () => Promise.resolve(moved.origin)
}

type Start = Extract<JournalEntry, { type: 'start' }>

/** Which org this is: that of the journal, which must not be asked to be another one. */
function chooseStart(options: EmulatorOptions, entries: readonly JournalEntry[], now: () => number): Start {
  const kept = entries.find((entry) => entry.type === 'start')
  for (const [name, asked] of Object.entries(options.settings ?? {})) {
    if (kept && asked !== Reflect.get(kept.settings ?? {}, name)) {
      throw new RangeError(`${options.dataDir} holds a practice org of another kind (${name}). Give another folder.`)
    }
  }
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
      ...(options.settings && { settings: options.settings }),
    }
  )
}

function openSpool({ spoolDir, dataDir }: EmulatorOptions): { folder: string; close(): void } {
  if (spoolDir !== undefined) return { folder: spoolDir, close: () => undefined }
  if (dataDir !== undefined) return { folder: join(dataDir, 'bulk'), close: () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'practice-org-'))
  return { folder, close: () => rmSync(folder, { recursive: true, force: true }) }
}
