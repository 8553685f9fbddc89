/** What `npm run emulator` can be told on its command line: one table, for reading and for `--help`. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { ServeOptions } from './serve.ts'
import { type FaultRule, ruleSchema } from './trouble/rule.ts'

const DEFAULT_CHANGES_PER_MINUTE = 20

/** As parseArgs takes them, and what `--help` says: what follows the flag (nothing for a switch), and what it does. */
const FLAGS = {
  port: { type: 'string', default: '7466', value: 'N', about: 'where it listens (7466)' },
  'pubsub-port': {
    type: 'string',
    value: 'N',
    about: 'where the Pub/Sub API (gRPC) listens (7443 if it is free; any port when --port is given)',
  },
  'tls-cert': { type: 'string', value: 'FILE', about: 'certificate (PEM): HTTPS, and TLS for the Pub/Sub API' },
  'tls-key': { type: 'string', value: 'FILE', about: 'the key (PEM) of that certificate' },
  'pubsub-cert': { type: 'string', value: 'FILE', about: 'another certificate for the Pub/Sub API, or for it alone' },
  'pubsub-key': { type: 'string', value: 'FILE', about: 'the key of that certificate' },
  host: { type: 'string', default: '127.0.0.1', value: 'NAME', about: '(127.0.0.1)' },
  seed: { type: 'string', value: 'N', about: 'which company is made up (1)' },
  scale: { type: 'string', value: 'N', about: 'how large it is: 1 is about 3,000 cases' },
  live: { type: 'string', value: '[N]', about: 'let N records a minute be created, edited and deleted (20)' },
  data: { type: 'string', value: 'DIR', about: 'keep changes and grants there for the next start' },
  callback: {
    type: 'string',
    multiple: true,
    value: 'URL',
    about: 'where the app may be called back; may be given more than once',
  },
  anchor: {
    type: 'string',
    value: 'ISO',
    about: 'the time up to which the made-up history reaches (the current hour)',
  },
  'api-requests': { type: 'string', value: 'N', about: 'API calls a day (130000)' },
  'session-minutes': { type: 'string', value: 'N', about: 'how long an unused access token lives (120)' },
  'no-rotation': { type: 'boolean', value: '', about: 'refresh tokens can be used again and again' },
  fault: {
    type: 'string',
    multiple: true,
    value: 'JSON',
    about: 'trouble from the start, as POST /_control/faults takes it; may be given more than once',
  },
  schema: { type: 'string', value: 'DIR', about: "schema files that add to the org's own, also while it runs" },
  'person-accounts': { type: 'boolean', value: '', about: 'some accounts are persons' },
  'multi-currency': { type: 'boolean', value: '', about: 'amounts in several currencies' },
  sandbox: { type: 'boolean', value: '', about: 'the org says that it is a sandbox' },
  help: { type: 'boolean', value: '', about: 'this text' },
} as const

const FLAG_COLUMN = 24

export const USAGE = `Usage: npm run emulator -- [options]
${Object.entries(FLAGS)
  .map(([name, { value, about }]) => `  ${`--${name} ${value}`.padEnd(FLAG_COLUMN)}${about}`)
  .join('\n')}`

export interface Settings extends ServeOptions {
  readonly changesPerMinute: number | undefined
}

/** A flag that says something impossible. */
export class SettingError extends Error {}

/** What the command line says, or 'help' when that is all it asks for. Throws SettingError, or parseArgs' own errors. */
export function readSettings(args: readonly string[]): Settings | 'help' {
  const { values } = parseArgs({
    args: args.map((arg, index) => (arg === '--live' ? liveFlag(args[index + 1]) : arg)).filter((arg) => arg !== ''),
    options: FLAGS,
  })
  if (values.help) return 'help'
  const optional = (text: string | undefined, read: (text: string) => number) =>
    text === undefined ? undefined : read(text)
  const tls = readTls('tls', values['tls-cert'], values['tls-key'])
  return {
    port: readNumber('--port', values.port, { least: 0, most: 65_535, whole: true }),
    pubSubPort: readPubSubPort(values['pubsub-port'], values.port),
    tls,
    pubSubTls: readTls('pubsub', values['pubsub-cert'], values['pubsub-key']) ?? tls,
    host: values.host,
    seed: optional(values.seed, (text) => readNumber('--seed', text, { least: 0, most: 2 ** 31 - 1, whole: true })),
    scale: optional(values.scale, (text) => readNumber('--scale', text, { least: 0.01, most: 10_000 })),
    anchor: optional(values.anchor, readTime),
    changesPerMinute: optional(values.live, (text) => readNumber('--live', text, { least: 0.1, most: 60_000 })),
    dataDir: values.data,
    schemaDir: values.schema,
    settings: readSwitches(values),
    callbackUrls: values.callback?.map(readCallback),
    dailyApiRequests: optional(values['api-requests'], (text) =>
      readNumber('--api-requests', text, { least: 0, most: 1e9, whole: true }),
    ),
    sessionMinutes: optional(values['session-minutes'], (text) =>
      readNumber('--session-minutes', text, { least: 0.01, most: 1440 }),
    ),
    rotateRefreshTokens: values['no-rotation'] === true ? false : undefined,
    faults: values.fault?.map(readFault),
  }
}

/** `--live` may stand without a number, which parseArgs does not know. */
function liveFlag(next: string | undefined): string {
  return next === undefined || next.startsWith('-') ? `--live=${DEFAULT_CHANGES_PER_MINUTE}` : '--live'
}

function readNumber(
  flag: string,
  text: string,
  { least, most, whole = false }: { least: number; most: number; whole?: boolean },
): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
    throw new SettingError(`${flag} must be a ${whole ? 'whole ' : ''}number from ${least} to ${most}, not "${text}".`)
  }
  return value
}

/** Which kind of org; undefined when nothing is said, so that an org in a folder stays what it is. */
function readSwitches(values: {
  'person-accounts'?: boolean
  'multi-currency'?: boolean
  sandbox?: boolean
}): ServeOptions['settings'] {
  const settings = {
    ...(values['person-accounts'] && { personAccounts: true }),
    ...(values['multi-currency'] && { multiCurrency: true }),
    ...(values.sandbox && { isSandbox: true }),
  }
  return Object.keys(settings).length > 0 ? settings : undefined
}

function readTime(text: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new SettingError(`--anchor must be a time such as 2026-11-01T00:00:00Z, not "${text}".`)
  // Salesforce's own stamps have whole seconds.
  return Math.floor(time / 1000) * 1000
}

function readCallback(text: string): string {
  if (!URL.canParse(text)) throw new SettingError(`--callback must be a URL, not "${text}".`)
  return text
}

/** Where it usually is, unless this org isn't where it is by default: then another one may be there. */
function readPubSubPort(text: string | undefined, httpPort: string): ServeOptions['pubSubPort'] {
  if (text === undefined) return httpPort === FLAGS.port.default ? 'usual' : 0
  return readNumber('--pubsub-port', text, { least: 0, most: 65_535, whole: true })
}

/** The pair of files that `--tls-cert` and `--tls-key`, or the same of another prefix, name. */
function readTls(prefix: 'tls' | 'pubsub', cert: string | undefined, key: string | undefined): ServeOptions['tls'] {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined || key === undefined) {
    throw new SettingError(`--${prefix}-cert and --${prefix}-key go together.`)
  }
  const read = (name: 'cert' | 'key', file: string) => {
    try {
      return readFileSync(file, 'utf8')
    } catch {
      throw new SettingError(`--${prefix}-${name}: the file ${file} can't be read.`)
    }
  }
  return { cert: read('cert', cert), key: read('key', key) }
}

function readFault(text: string): FaultRule {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new SettingError(`--fault must be JSON such as '{"do": {"answer": "unavailable"}}', not '${text}'.`)
  }
  const rule = ruleSchema.safeParse(json)
  if (rule.success) return rule.data
  throw new SettingError(
    `--fault ${text}: ${rule.error.issues.map(({ message, path }) => `${path.join('.')} ${message}`)}`,
  )
}
