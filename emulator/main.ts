/** `npm run emulator`: the practice org alone, or as the product's child process. */
import { parseArgs } from 'node:util'
import { startLive } from './org/live.ts'
import { type ServeOptions, serveEmulator } from './serve.ts'

const USAGE = `Usage: npm run emulator -- [options]
  --port N         where it listens (7466)
  --host NAME      (127.0.0.1)
  --seed N         which company is made up (1)
  --scale N        how large it is: 1 is about 3,000 cases
  --live [N]       let N records a minute be created, edited and deleted (20)
  --data DIR       keep changes and grants there for the next start
  --callback URL   where the app may be called back; may be given more than once
  --anchor ISO     the time up to which the made-up history reaches (the current hour)`

const DEFAULT_CHANGES_PER_MINUTE = 20

interface Settings extends ServeOptions {
  readonly changesPerMinute: number | undefined
}

/** A flag that says something impossible. */
class SettingError extends Error {}

try {
  await run(readSettings(process.argv.slice(2)))
} catch (error) {
  console.error(explain(error))
  process.exit(1)
}

async function run({ changesPerMinute, ...options }: Settings): Promise<void> {
  const { emulator, origin, close } = await serveEmulator(options)
  const { org, clientId, clientSecret } = emulator
  const live =
    changesPerMinute === undefined ? undefined : startLive(org, { changesPerMinute, seed: options.seed ?? 1 })

  let isStopping = false
  const stop = () => {
    if (isStopping) return
    isStopping = true
    live?.stop()
    void close().then(() => process.exit(0))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  // Started by another program: ends with it, however that ends.
  process.once('disconnect', stop)

  const users = org.users.map(({ username, password, about }) => ({ username, password, about }))
  const tokens = users.map(({ username }) => emulator.issueToken(username))
  const lines = users.map(
    ({ username, password, about }, index) =>
      `  ${username}  password ${password}\n    ${about}\n    access token ${tokens[index]}`,
  )
  console.log(`${org.name}, a practice org, listens at ${origin}

Sign-ins
${lines.join('\n')}

App
  client id      ${clientId}
  client secret  ${clientSecret}

Try it
  TOKEN='${tokens[0]}'
  curl -H "Authorization: Bearer $TOKEN" '${origin}/services/data/v67.0/query?q=SELECT+Id,CaseNumber,Subject+FROM+Case+LIMIT+3'
`)
  process.send?.({ type: 'ready', origin, clientId, clientSecret, users })
}

function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: args.map((arg, index) => (arg === '--live' ? liveFlag(args[index + 1]) : arg)).filter((arg) => arg !== ''),
    options: {
      port: { type: 'string', default: '7466' },
      host: { type: 'string', default: '127.0.0.1' },
      seed: { type: 'string' },
      scale: { type: 'string' },
      live: { type: 'string' },
      data: { type: 'string' },
      callback: { type: 'string', multiple: true },
      anchor: { type: 'string' },
    },
  })
  const optional = (text: string | undefined, read: (text: string) => number) =>
    text === undefined ? undefined : read(text)
  return {
    port: readNumber('--port', values.port, { least: 0, most: 65_535, whole: true }),
    host: values.host,
    seed: optional(values.seed, (text) => readNumber('--seed', text, { least: 0, most: 2 ** 31 - 1, whole: true })),
    scale: optional(values.scale, (text) => readNumber('--scale', text, { least: 0.01, most: 10_000 })),
    anchor: optional(values.anchor, readTime),
    changesPerMinute: optional(values.live, (text) => readNumber('--live', text, { least: 0.1, most: 60_000 })),
    dataDir: values.data,
    callbackUrls: values.callback?.map(readCallback),
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

/** One message that says what to do. */
function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof SettingError) return `${message}\n\n${USAGE}`
  if (code?.startsWith('ERR_PARSE_ARGS')) return `${message}\n\n${USAGE}`
  if (code === 'EADDRINUSE')
    return `The port is in use by another program. Stop it, or choose another with --port.\n(${message})`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `This machine has no such address. Choose another with --host.\n(${message})`
  if (code === 'EACCES')
    return `The practice org may not use that port or folder. Choose another with --port or --data.\n(${message})`
  if (error instanceof RangeError) return message
  return error instanceof Error ? (error.stack ?? message) : String(error)
}
