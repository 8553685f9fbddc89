/** The apps that the practice org knows: what an admin would have set up in External Client App Manager. */
import { createHash, createPublicKey } from 'node:crypto'
import { z } from 'zod'
import { KNOWN_SCOPES } from './scopes.ts'

const FLOWS = ['web-server', 'user-agent', 'client-credentials', 'jwt-bearer', 'device', 'username-password'] as const

type OauthFlow = (typeof FLOWS)[number]

/** How long a refresh token lives (salesforce-api.md 2.4). */
const refreshTokenLife = z.union([
  z.enum(['until-revoked', 'expire-at-once']),
  z.strictObject({ unusedDays: z.number().positive() }),
  z.strictObject({ days: z.number().positive() }),
])

const appSettings = z.strictObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  callbackUrls: z.array(z.url()),
  scopes: z.array(z.string().refine((scope) => KNOWN_SCOPES.has(scope), { error: 'not a scope of Salesforce' })),
  flows: z.array(z.enum(FLOWS)),
  /** Authorization codes only with PKCE, and only with S256; otherwise `plain` and none at all will do. */
  requiresPkce: z.boolean(),
  /** Off for a public client: codes and refresh tokens are traded without the secret. */
  requiresSecret: z.boolean(),
  rotatesRefreshTokens: z.boolean(),
  refreshTokenLife,
  /** `all`: users may let the app in themselves. `admin-approved`: only those in `approvedUsers`, who aren't asked. */
  permittedUsers: z.enum(['all', 'admin-approved']),
  approvedUsers: z.array(z.string()),
  /** The username that client credentials speak for. */
  runAs: z.string().nullable(),
  /** A certificate or public key (PEM), for JWT bearer and private_key_jwt. */
  certificate: z
    .string()
    .refine(isPublicKey, { error: 'neither a certificate nor a public key in PEM form' })
    .nullable(),
  /** A session time-out of the app's own; null leaves it to the org. */
  sessionMinutes: z.number().positive().nullable(),
  /** Access tokens are JWTs, for REST and newer SOAP calls, with a life that use doesn't extend. */
  jwtAccessTokens: z.boolean(),
  /** Apps that are not installed let in nobody new (salesforce-api.md 2.9). */
  installed: z.boolean(),
  /** An admin pressed Block. */
  blocked: z.boolean(),
  /** May look at tokens of other apps, too. */
  introspectsAll: z.boolean(),
})

export const appChangeSchema = z.strictObject({ name: z.string().min(1), ...appSettings.partial().shape })

/** An External Client App, or one of the older Connected Apps. */
export type ConnectedApp = { readonly name: string } & Readonly<z.infer<typeof appSettings>>

type AppChange = z.infer<typeof appChangeSchema>

/** Keeps what was changed only: the next start may give the same app other callbacks. */
export type AppEvent = { readonly type: 'app-saved'; readonly app: Pick<ConnectedApp, 'name'> & Partial<ConnectedApp> }

/** The org's apps by name and by client id; the first is Loopline's. */
export class Apps {
  readonly #seed: number
  readonly #record: (event: AppEvent) => void
  readonly #apps = new Map<string, ConnectedApp>()

  constructor(options: { seed: number; apps: readonly ConnectedApp[]; record: (event: AppEvent) => void }) {
    this.#seed = options.seed
    this.#record = options.record
    for (const app of options.apps) this.#apps.set(app.name, app)
  }

  apply({ app }: AppEvent): void {
    this.#apps.set(app.name, this.#withChanges(app))
  }

  list(): readonly ConnectedApp[] {
    return [...this.#apps.values()]
  }

  find(clientId: string | null | undefined): ConnectedApp | undefined {
    return this.list().find((app) => app.clientId === clientId)
  }

  /** Throws when there is no app of this name: only operators name apps so. */
  getByName(name: string): ConnectedApp {
    const app = this.#apps.get(name)
    if (!app) throw new RangeError(`The practice org has no app "${name}"; it has ${[...this.#apps.keys()].join(', ')}`)
    return app
  }

  /** Changes the app of this name, or adds one: with a client id and secret that are the same for each seed, unless told. */
  save({ name, ...changes }: AppChange): ConnectedApp {
    const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
    const event: AppEvent = { type: 'app-saved', app: { ...given, name } }
    const app = this.#withChanges(event.app)
    if (this.list().some((other) => other.name !== name && other.clientId === app.clientId)) {
      throw new RangeError('Another app has this client id')
    }
    this.apply(event)
    this.#record(event)
    return app
  }

  #withChanges(changes: AppEvent['app']): ConnectedApp {
    return { ...(this.#apps.get(changes.name) ?? newApp(this.#seed, changes.name)), ...changes }
  }
}

/** The apps that each practice org begins with. */
export function practiceApps(options: {
  readonly seed: number
  readonly origin: string
  readonly callbackUrls: readonly string[]
  readonly rotatesRefreshTokens: boolean
  /** Whom the app without people acts for. */
  readonly integrationUser: string
  readonly admin: string
}): readonly ConnectedApp[] {
  const { seed, origin, callbackUrls, rotatesRefreshTokens, integrationUser, admin } = options
  const identityScopes = ['id', 'api', 'refresh_token', 'openid', 'profile', 'email']
  return [
    { ...newApp(seed, 'Loopline'), callbackUrls: [...callbackUrls], scopes: identityScopes, rotatesRefreshTokens },
    {
      ...newApp(seed, 'Data Warehouse'),
      scopes: ['api', 'id', 'openid'],
      flows: ['client-credentials'],
      runAs: integrationUser,
    },
    {
      // Its certificate is uploaded over /_control/apps: a private key for it has no place in public source.
      ...newApp(seed, 'Nightly Reports'),
      scopes: ['api', 'id'],
      flows: ['jwt-bearer'],
      permittedUsers: 'admin-approved',
      approvedUsers: [integrationUser, admin],
    },
    {
      ...newApp(seed, 'Partner Portal'),
      callbackUrls: [...callbackUrls],
      scopes: identityScopes,
      permittedUsers: 'admin-approved',
      approvedUsers: [admin],
    },
    {
      // A Connected App of the years before PKCE and rotation.
      ...newApp(seed, 'Classic Connector'),
      callbackUrls: [...callbackUrls, `${origin}/services/oauth2/success`, 'classic-connector://callback'],
      scopes: [...identityScopes, 'web', 'full'],
      flows: ['web-server', 'user-agent', 'username-password', 'device'],
      requiresPkce: false,
      rotatesRefreshTokens: false,
    },
    {
      // What `sf org login web` calls itself: https://github.com/forcedotcom/sfdx-core/blob/main/src/org/authInfo.ts
      ...newApp(seed, 'Salesforce CLI'),
      clientId: 'PlatformCLI',
      callbackUrls: ['http://localhost:1717/OauthRedirect'],
      scopes: ['refresh_token', 'api', 'web', 'id', 'full'],
      requiresPkce: false,
      requiresSecret: false,
      rotatesRefreshTokens: false,
    },
  ]
}

/** As a new External Client App is, with PKCE and rotation as Salesforce asks of partners since May 2026 (salesforce-api.md 2.9). */
function newApp(seed: number, name: string): ConnectedApp {
  // Loopline was the only app once: its id and secret are those it had then.
  const owner = name === 'Loopline' ? '' : `${name} `
  const digest = (purpose: string) => createHash('sha512').update(`practice org ${seed} ${owner}${purpose}`).digest()
  return {
    name,
    clientId: `3MVG9${digest('client id').toString('base64url').replaceAll('-', '.').slice(0, 80)}`,
    clientSecret: digest('client secret').toString('hex').slice(0, 64).toUpperCase(),
    callbackUrls: [],
    scopes: ['id', 'api', 'refresh_token'],
    flows: ['web-server'],
    requiresPkce: true,
    requiresSecret: true,
    rotatesRefreshTokens: true,
    refreshTokenLife: 'until-revoked',
    permittedUsers: 'all',
    approvedUsers: [],
    runAs: null,
    certificate: null,
    sessionMinutes: null,
    jwtAccessTokens: false,
    installed: true,
    blocked: false,
    introspectsAll: false,
  }
}

export function allows(app: ConnectedApp, flow: OauthFlow): boolean {
  return app.flows.includes(flow)
}

function isPublicKey(pem: string): boolean {
  try {
    return createPublicKey(pem).asymmetricKeyType === 'rsa' && !pem.includes('PRIVATE KEY')
  } catch {
    return false
  }
}
