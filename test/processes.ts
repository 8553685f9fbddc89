/** Real processes for the tests that need them: Loopline and the practice org as a user starts them. */

import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'

const root = join(import.meta.dirname, '..')
// As in the start script of package.json.
const startFlags = ['--max-semi-space-size=4']

export interface RunningLoopline {
  readonly url: string
  /** The one-time link for the first admin, until there is one. */
  readonly setupLink: string | null
  readonly process: ChildProcess
  /** Everything printed so far, on both streams. */
  output(): string
  /** Ctrl-C, and the exit code. */
  stop(): Promise<number | null>
  /** kill -9. */
  kill(): Promise<void>
}

/** Starts `src/main.ts` with these settings and resolves when it says it is ready. Rejects with what it printed. */
export async function startLoopline(env: Record<string, string>): Promise<RunningLoopline> {
  const { child, output, exited } = launch('src/main.ts', [], env, startFlags)
  const ready = await message<{ url: string; setupLink: string | null }>(child, output)
  return {
    ...ready,
    process: child,
    output,
    stop: async () => {
      child.kill('SIGINT')
      return exited
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Runs `src/main.ts` with settings it should refuse; resolves with its exit code and what it printed. */
export async function startRefused(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const { output, exited } = launch('src/main.ts', [], env)
  const code = await exited
  return { code, output: output() }
}

export interface RunningEmulator {
  readonly origin: string
  readonly clientId: string
  readonly clientSecret: string
  readonly users: { username: string; password: string; about: string }[]
  /** An access token of the first sign-in, who sees everything. */
  readonly accessToken: string
  readonly process: ChildProcess
  /** Tells the org to fail, or changes its data: `POST /_control/<path>`. */
  control(path: string, body?: unknown): Promise<unknown>
  stop(): Promise<void>
}

/** Starts `emulator/main.ts` on a free port. */
export async function startEmulator(args: string[] = []): Promise<RunningEmulator> {
  const port = await freePort()
  const { child, output, exited } = launch('emulator/main.ts', ['--port', String(port), ...args], {})
  const ready = await message<Pick<RunningEmulator, 'origin' | 'clientId' | 'clientSecret' | 'users'>>(child, output)
  return {
    ...ready,
    accessToken: output().match(/access token (\S+)/)?.[1] ?? '',
    process: child,
    async control(path, body = {}) {
      const response = await fetch(`${ready.origin}/_control/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (!response.ok) throw new Error(`/_control/${path} answered ${response.status}: ${await response.text()}`)
      return response.headers.get('content-type')?.includes('json') ? response.json() : undefined
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** A new empty database on the server at TEST_DATABASE_URL. */
export async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = process.env.TEST_DATABASE_URL
  if (!server) throw new Error('Set TEST_DATABASE_URL to a Postgres where databases may be created.')
  const name = `loopline_journey_${randomBytes(6).toString('hex')}`
  const execute = async (statement: string) => {
    const sql = postgres(server, { max: 1, onnotice: () => {} })
    await sql.unsafe(statement)
    await sql.end()
  }
  await execute(`create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => execute(`drop database ${name} with (force)`) }
}

/** A port with the two after it free as well: Loopline's, its practice org's and its database's. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await probe(0)
    if (port && port < 65_000 && (await probe(port + 1)) && (await probe(port + 2))) return port
  }
}

function probe(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined))
    })
  })
}

function launch(program: string, args: string[], env: Record<string, string>, execArgv: string[] = []) {
  const { PATH = '', HOME = '' } = process.env
  const child = fork(join(root, program), args, {
    cwd: root,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv,
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (printed += chunk))
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  return { child, exited, output: () => printed }
}

function message<T>(child: ChildProcess, output: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (value) => resolve(value as T))
    child.once('exit', (code) => reject(new Error(`It ended with code ${code} before it was ready:\n${output()}`)))
  })
}

export interface Stack {
  readonly emulator: RunningEmulator
  readonly loopline: RunningLoopline
  readonly databaseUrl: string
  /** The settings of `loopline`, to start it again on the same database. */
  readonly env: Record<string, string>
  stop(): Promise<void>
}

/** Loopline on an empty database and data folder, with a practice org that it may speak to. */
export async function startStack(emulatorArgs: string[] = []): Promise<Stack> {
  const port = await freePort()
  const dataDir = await mkdtemp(join(tmpdir(), 'loopline-stack-'))
  const database = await createDatabase()
  const emulator = await startEmulator(['--callback', `http://127.0.0.1:${port}/oauth/callback`, ...emulatorArgs])
  const stopRest = async () => {
    await emulator.stop()
    await database.drop()
    await rm(dataDir, { recursive: true, force: true })
  }
  const env = {
    PORT: String(port),
    DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    EMULATOR: 'off',
    SALESFORCE_CLIENT_ID: emulator.clientId,
    SALESFORCE_CLIENT_SECRET: emulator.clientSecret,
    SALESFORCE_EXTRA_HOSTS: emulator.origin,
  }
  try {
    const loopline = await startLoopline(env)
    return {
      emulator,
      loopline,
      databaseUrl: database.url,
      env,
      async stop() {
        await loopline.stop()
        await stopRest()
      },
    }
  } catch (error) {
    await stopRest()
    throw error
  }
}
