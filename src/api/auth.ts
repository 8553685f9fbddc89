/** How people sign in and programs identify themselves: better-auth, set up on tables of ours. */

import { hkdfSync } from 'node:crypto'
import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import pg from 'pg'
import type { Logger } from 'pino'

export const passwordLength = { min: 10, max: 128 } as const

/** The header in which `app.ts` passes the caller's address on: nobody else's counts. */
export const addressHeader = 'x-loopline-address'

export interface AuthOptions {
  readonly databaseUrl: string
  readonly publicUrl: string
  readonly secretKeys: readonly string[]
  readonly log: Logger
}

export type Auth = ReturnType<typeof createAuth>

const bigintOid = 20
const times = { createdAt: 'created_at', updatedAt: 'updated_at' }

/** better-auth on our own tables (migration 0002): sign-in, sessions and keys; people come by invitation only. */
export function createAuth({ databaseUrl, publicUrl, secretKeys, log }: AuthOptions) {
  const newestKey = secretKeys[0]
  if (!newestKey) throw new Error('No secret key was given.')
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: 4,
    options: '-c search_path=loopline',
    application_name: 'loopline sign-in',
    allowExitOnIdle: true,
    // As text, which is pg's default for a bigint, the time of the last attempt would be added to by appending.
    types: { getTypeParser: (oid, format) => (oid === bigintOid ? Number : pg.types.getTypeParser(oid, format)) },
  })
  // Without a listener, a connection that the server ends would end the process: an idle one, or one in somebody's hands.
  const onClosed = (error: Error) => log.debug({ err: error }, 'a connection for sign-in was closed')
  pool.on('error', onClosed)
  pool.on('connect', (client) => client.on('error', onClosed))

  return betterAuth({
    appName: 'Loopline',
    baseURL: publicUrl,
    basePath: '/api/auth',
    // A key of its own, so that a leaked session secret would not open a sealed token. Rotating signs everybody out.
    secret: Buffer.from(hkdfSync('sha256', newestKey, '', 'loopline sessions', 32)).toString('base64url'),
    database: pool,
    telemetry: { enabled: false },
    logger: {
      level: 'warn',
      log: (level, message) => log[level === 'error' ? 'warn' : 'debug'](`sign-in: ${message}`),
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: passwordLength.min,
      maxPasswordLength: passwordLength.max,
    },
    session: {
      modelName: 'sessions',
      fields: {
        ...times,
        userId: 'person_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
      },
    },
    user: {
      modelName: 'people',
      fields: { ...times, emailVerified: 'email_verified' },
      additionalFields: { role: { type: 'string', required: true, input: false } },
    },
    account: {
      modelName: 'credentials',
      fields: {
        ...times,
        userId: 'person_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
      },
    },
    verification: { modelName: 'verifications', fields: { ...times, expiresAt: 'expires_at' } },
    rateLimit: {
      enabled: true,
      storage: 'database',
      modelName: 'rate_limits',
      fields: { lastRequest: 'last_request' },
      customRules: { '/sign-in/email': { window: 60, max: 10 } },
    },
    advanced: {
      cookiePrefix: 'loopline',
      useSecureCookies: publicUrl.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax' },
      ipAddress: { ipAddressHeaders: [addressHeader] },
    },
    plugins: [
      apiKey({
        defaultPrefix: 'loopline_',
        startingCharactersConfig: { charactersLength: 15 },
        maximumNameLength: 80,
        rateLimit: { enabled: false },
        schema: {
          apikey: {
            modelName: 'api_keys',
            fields: {
              ...times,
              configId: 'config_id',
              referenceId: 'person_id',
              key: 'key_hash',
              refillInterval: 'refill_interval',
              refillAmount: 'refill_amount',
              lastRefillAt: 'last_refill_at',
              rateLimitEnabled: 'rate_limit_enabled',
              rateLimitTimeWindow: 'rate_limit_time_window',
              rateLimitMax: 'rate_limit_max',
              requestCount: 'request_count',
              lastRequest: 'last_request_at',
              expiresAt: 'expires_at',
            },
          },
        },
      }),
    ],
  })
}
