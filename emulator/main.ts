/** `npm run emulator`: the practice org alone, or as the product's child process. */
import { readSettings, SettingError, type Settings, USAGE } from './flags.ts'
import { startLive } from './org/live.ts'
import { serveEmulator } from './serve.ts'

try {
  const settings = readSettings(process.argv.slice(2))
  if (settings === 'help') console.log(USAGE)
  else await run(settings)
} catch (error) {
  console.error(explain(error))
  process.exit(1)
}

async function run({ changesPerMinute, ...options }: Settings): Promise<void> {
  const { emulator, origin, close } = await serveEmulator(options)
  const { org, clientId, clientSecret } = emulator
  const live =
    changesPerMinute === undefined
      ? undefined
      : startLive(org, { changesPerMinute, seed: options.seed ?? 1, slowAtTimes: true })

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
  const pubSub = emulator.pubSubEndpoint()
  console.log(`${org.name}, a practice org, listens at ${origin}
Pub/Sub API (gRPC) at ${pubSub}${options.pubSubTls ? ' with TLS' : ' in plain text'}

Sign-ins
${lines.join('\n')}

App
  client id      ${clientId}
  client secret  ${clientSecret}

Try it
  TOKEN='${tokens[0]}'
  curl${options.tls ? ' --insecure' : ''} -H "Authorization: Bearer $TOKEN" '${origin}/services/data/v67.0/query?q=SELECT+Id,CaseNumber,Subject+FROM+Case+LIMIT+3'
`)
  // Whoever starts it offers these to people, for the login page.
  const people = org.users
    .filter(({ permissions }) => permissions.has('ApiEnabled') && !permissions.has('ApiUserOnly'))
    .map(({ username, password, about }) => ({ username, password, about }))
  process.send?.({ type: 'ready', origin, pubSub, clientId, clientSecret, users: people })
}

/** One message that says what to do. */
function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (error instanceof SettingError) return `${message}\n\n${USAGE}`
  if (code?.startsWith('ERR_PARSE_ARGS')) return `${message}\n\n${USAGE}`
  if (code === 'EADDRINUSE')
    return `The port is in use by another program. Stop it, or choose another with --port or --pubsub-port.\n(${message})`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `This machine has no such address. Choose another with --host.\n(${message})`
  if (code === 'EACCES')
    return `The practice org may not use that port or folder. Choose another with --port or --data.\n(${message})`
  if (code?.startsWith('ERR_OSSL')) return `The certificate and its key can't be used: ${message}`
  if (error instanceof RangeError) return message
  return error instanceof Error ? (error.stack ?? message) : String(error)
}
