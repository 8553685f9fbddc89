/**
 * The only place that wires the rooms together. `node src/main.ts` runs everything; `node src/main.ts worker` is one
 * more worker on the same database.
 */

import type { Server } from 'node:http'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import pino, { type Logger } from 'pino'
import { createApp } from './api/app.ts'
import { ensureSetupLink } from './api/setup.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { lockDataFolder, readSecretKey } from './data-folder.ts'
import { findEmbeddedUrl, startEmbeddedPostgres } from './embedded-postgres.ts'
import { LooplineError } from './errors.ts'
import { listen } from './listen.ts'
import { createClientDirectory } from './oauth/clients.ts'
import { createVault } from './oauth/vault.ts'
import { buildPage } from './page-build.ts'
import { findPracticeOrg, type PracticeOrg, startPracticeOrg } from './practice-org.ts'
import { createOutboundFetch } from './salesforce/outbound.ts'
import { openDatabase, type Pool } from './store/database.ts'
import { migrate } from './store/migrate.ts'
import { startBoss } from './sync/boss.ts'
import { startScheduler } from './sync/schedule.ts'
import { startWorker } from './sync/worker.ts'

const root = join(import.meta.dirname, '..')

/** What has been started, to be stopped in the opposite order. */
const started: { name: string; stop: () => Promise<unknown> }[] = []
const keep = <T>(name: string, value: T, stop: (value: T) => Promise<unknown>): T => {
  started.push({ name, stop: () => stop(value) })
  return value
}

let log: Logger = pino({ level: 'info' })
let stopping: Promise<void> | undefined

function stopAll(): Promise<void> {
  stopping ??= (async () => {
    for (const { name, stop } of started.reverse()) {
      await stop().catch((error: unknown) => log.error({ err: error }, `stopping ${name} failed`))
    }
  })()
  return stopping
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second one means: now.
    if (stopping) process.exit(1)
    console.log('\nStopping. Whatever was under way goes on at the next start.')
    void stopAll().then(() => process.exit(0))
  })
}

try {
  const config = readConfig(process.env)
  log = pino({ level: config.logLevel })
  if (process.argv[2] === 'worker') await runWorker(config)
  else await runServer(config)
} catch (error) {
  explain(error)
  await stopAll()
  process.exit(1)
}

async function runServer(config: Config): Promise<void> {
  keep('data folder', await lockDataFolder(config.dataDir), (release) => release())
  // First of all the port: another Loopline that holds it is the commonest reason not to start.
  const server = keep('server', await listen(config), close)
  const callbackUrl = `${config.publicUrl}/oauth/callback`
  const [databaseUrl, practiceOrg, webFolder] = await Promise.all([
    provideDatabase(config),
    config.emulator ? providePracticeOrg(config, callbackUrl) : undefined,
    buildPage(root),
  ])
  const core = await startCore(config, databaseUrl, practiceOrg)

  const app = createApp({
    ...core,
    databaseUrl,
    webFolder,
    config: {
      publicUrl: config.publicUrl,
      callbackUrl,
      extraOrigins: core.extraOrigins,
      hasClient: config.salesforceClient !== undefined,
      practiceOrg,
      embeddedDatabase: config.databaseUrl === undefined,
      secretKeys: core.secretKeys,
    },
  })
  server.removeAllListeners('request')
  server.on('request', getRequestListener(app.fetch))

  const setupLink = await ensureSetupLink({ sql: core.sql, publicUrl: config.publicUrl })
  printReady(config, setupLink, practiceOrg)
  process.send?.({ type: 'ready', url: config.publicUrl, setupLink })
}

async function runWorker(config: Config): Promise<void> {
  const databaseUrl = config.databaseUrl ?? (await findEmbeddedUrl(config.dataDir))
  if (!databaseUrl) {
    throw new LooplineError({
      kind: 'invalid',
      code: 'NO_DATABASE',
      message: `There is no database to work for: DATABASE_URL is not set and ${config.dataDir} holds none.`,
      remedy: 'Set DATABASE_URL (and SECRET_KEY) as for the server, or run `npm start` first.',
    })
  }
  const practiceOrg = config.emulator ? await findPracticeOrg(config.dataDir) : undefined
  await startCore(config, databaseUrl, practiceOrg)
  console.log('One more worker is at work. Ctrl-C stops it.')
}

/** What server and worker share: the database, the right to speak to Salesforce, and the runs. */
async function startCore(config: Config, databaseUrl: string, practiceOrg: PracticeOrg | undefined) {
  const sql = keep('database pool', await openMigrated(databaseUrl), (pool) => pool.end({ timeout: 5 }))
  const secretKeys = config.secretKeys ?? [await readSecretKey(config.dataDir)]
  const vault = createVault(secretKeys)
  const extraOrigins = practiceOrg ? [...config.extraOrigins, practiceOrg.origin] : config.extraOrigins
  const fetch = createOutboundFetch({ extraOrigins, log })
  const clients = createClientDirectory({ installation: config.salesforceClient, practice: practiceOrg, vault })
  const boss = keep('job queue', await startBoss(databaseUrl, log), (queue) => queue.stop())
  const shared = { sql, databaseUrl, boss, vault, fetch, clients, extraOrigins, log, now: () => new Date() }
  keep('worker', await startWorker(shared), (worker) => worker.stop())
  keep('scheduler', await startScheduler(shared), (scheduler) => scheduler.stop())
  return { ...shared, secretKeys }
}

async function openMigrated(databaseUrl: string): Promise<Pool> {
  const sql = openDatabase(databaseUrl)
  try {
    await sql`select 1`
  } catch (cause) {
    const { host, pathname } = new URL(databaseUrl)
    throw new LooplineError(
      {
        kind: 'invalid',
        code: 'DATABASE_UNREACHABLE',
        message: `Postgres at ${host}${pathname} does not answer as DATABASE_URL says it should.`,
        remedy: 'Check host, port, user, password and database name, and that the server takes connections from here.',
        detail: String((cause as Error).message || cause),
      },
      { cause },
    )
  }
  await migrate(sql)
  return sql
}

async function provideDatabase(config: Config): Promise<string> {
  if (config.databaseUrl) return config.databaseUrl
  const embedded = await startEmbeddedPostgres({ dataDir: config.dataDir, port: config.port + 2, log })
  return keep('Postgres', embedded, (server) => server.stop()).url
}

async function providePracticeOrg(config: Config, callbackUrl: string): Promise<PracticeOrg> {
  const practice = await startPracticeOrg({ dataDir: config.dataDir, port: config.port + 1, callbackUrl })
  return keep('practice org', practice, (child) => child.stop()).org
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
}

function printReady(config: Config, setupLink: string | null, practiceOrg: PracticeOrg | undefined): void {
  const lines = ['', `Loopline is ready: ${setupLink ? 'create the first admin at' : config.publicUrl}`]
  if (setupLink)
    lines.push('', `    ${setupLink}`, '', '(the link works once; the next start prints a new one until it is used)')
  if (practiceOrg) {
    lines.push('', `Practice org: ${practiceOrg.origin}, sign in there as`)
    for (const user of practiceOrg.users) lines.push(`    ${user.username} / ${user.password}   ${user.about}`)
  }
  console.log([...lines, '', 'Ctrl-C stops everything.', ''].join('\n'))
}

/** One clear message: what is wrong and what to do. Only what we can't explain comes with its stack. */
function explain(error: unknown): void {
  if (error instanceof ConfigError) console.error(error.message)
  else if (error instanceof LooplineError) {
    const { message, remedy, detail } = error.failure
    console.error([message, remedy, detail && `(${detail})`].filter(Boolean).join('\n'))
  } else log.fatal({ err: error }, 'Loopline could not start')
}
