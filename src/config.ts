import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'

/** All settings, read and checked once. Nothing else reads the environment. */
export interface Config {
  readonly port: number
  readonly host: string
  /** Where people open Loopline, without a trailing slash. */
  readonly publicUrl: string
  /** undefined: the embedded Postgres. */
  readonly databaseUrl: string | undefined
  readonly dataDir: string
  /** Newest first; undefined: the generated one in `dataDir`. */
  readonly secretKeys: readonly string[] | undefined
  readonly salesforceClient: { readonly clientId: string; readonly clientSecret?: string } | undefined
  /** Origins outside Salesforce's own domains that may be used as a Salesforce domain. */
  readonly extraOrigins: readonly string[]
  readonly emulator: boolean
  readonly logLevel: string
}

/** Every mistake in the settings, one line each, so that they can be mended in one go. */
export class ConfigError extends Error {
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(`These settings need attention:\n${mistakes.map((mistake) => `  - ${mistake}`).join('\n')}`)
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

const url = (protocols: readonly string[], says: string) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), says)

const isLoopback = (hostname: string) =>
  hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'))

const origin = z.string().refine((value) => {
  if (!URL.canParse(value)) return false
  const { protocol, hostname, origin } = new URL(value)
  return (
    origin === value.replace(/\/$/, '') && (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)))
  )
}, 'has an entry that is not an origin such as https://proxy.example.com (http only for this machine).')

const list = (value: string) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)

const Settings = z.object({
  PORT: z.coerce
    .number('must be a port number.')
    .int()
    .min(1, 'must be 1 to 65535.')
    .max(65_533, 'must be 1 to 65533.')
    .default(7465),
  HOST: z.string().default('127.0.0.1'),
  PUBLIC_URL: url(
    ['http:', 'https:'],
    'must be an http or https address, such as https://loopline.example.com.',
  ).optional(),
  DATABASE_URL: url(
    ['postgres:', 'postgresql:'],
    'must look like postgres://user:password@host:5432/database.',
  ).optional(),
  DATA_DIR: z.string().default('./data'),
  SECRET_KEY: z
    .string()
    .transform(list)
    .refine((keys) => keys.length > 0 && keys.every((key) => key.length >= 32), 'needs at least 32 characters per key.')
    .optional(),
  SALESFORCE_CLIENT_ID: z.string().optional(),
  SALESFORCE_CLIENT_SECRET: z.string().optional(),
  SALESFORCE_EXTRA_HOSTS: z.string().default('').transform(list).pipe(z.array(origin)),
  EMULATOR: z.enum(['on', 'off'], 'must be on or off.').optional(),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent.')
    .default('info'),
})

/** Throws `ConfigError` with every mistake at once. An empty value counts as absent. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = Settings.safeParse(present)
  const mistakes = parsed.success ? [] : parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`)
  if (present.SALESFORCE_CLIENT_SECRET && !present.SALESFORCE_CLIENT_ID) {
    mistakes.push('SALESFORCE_CLIENT_SECRET is set but SALESFORCE_CLIENT_ID is not.')
  }
  if (!parsed.success || mistakes.length > 0) throw new ConfigError(mistakes)

  const settings = parsed.data
  const clientId = settings.SALESFORCE_CLIENT_ID
  const clientSecret = settings.SALESFORCE_CLIENT_SECRET
  return {
    port: settings.PORT,
    host: settings.HOST,
    publicUrl: (settings.PUBLIC_URL ?? `http://${urlHost(settings.HOST)}:${settings.PORT}`).replace(/\/+$/, ''),
    databaseUrl: settings.DATABASE_URL,
    dataDir: resolve(settings.DATA_DIR),
    secretKeys: settings.SECRET_KEY,
    salesforceClient: clientId ? { clientId, ...(clientSecret ? { clientSecret } : {}) } : undefined,
    extraOrigins: settings.SALESFORCE_EXTRA_HOSTS.map((value) => new URL(value).origin),
    emulator: settings.EMULATOR ? settings.EMULATOR === 'on' : !clientId,
    logLevel: settings.LOG_LEVEL,
  }
}

// An address that listens everywhere is no address to open.
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return isIP(host) === 6 ? `[${host}]` : host
}
