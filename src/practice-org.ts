import { fork } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LooplineError } from './errors.ts'

/** The practice org as the product knows it: one more allowed origin, with an app of its own. */
export interface PracticeOrg {
  readonly origin: string
  readonly clientId: string
  readonly clientSecret: string
  readonly users: readonly { username: string; password: string; about: string }[]
}

/**
 * Runs the practice org as a child process that ends with us, however we end. Its data and grants live in `dataDir`, so
 * that a restart finds the same org. Rejects when it can't start, with what it printed.
 */
export async function startPracticeOrg(options: {
  dataDir: string
  port: number
  callbackUrl: string
}): Promise<{ org: PracticeOrg; stop(): Promise<void> }> {
  const folder = join(options.dataDir, 'practice-org')
  await mkdir(folder, { recursive: true })
  const program = fileURLToPath(new URL('../emulator/main.ts', import.meta.url))
  const child = fork(
    program,
    ['--port', String(options.port), '--data', folder, '--live', '--callback', options.callbackUrl],
    // Detached: a Ctrl-C in the terminal reaches us alone, and we stop it in order.
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true },
  )
  let printed = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-2_000)
  })
  const org = await new Promise<PracticeOrg>((resolve, reject) => {
    child.once('message', (message) => resolve(message as PracticeOrg))
    child.once('exit', () =>
      reject(
        new LooplineError({
          kind: 'invalid',
          code: 'PRACTICE_ORG',
          message: `The practice org did not start on port ${options.port}.`,
          remedy: 'Free that port, choose another PORT (the practice org takes the one after it), or set EMULATOR=off.',
          detail: printed.trim(),
        }),
      ),
    )
  })
  await writeFile(describeFile(options.dataDir), JSON.stringify(org), { mode: 0o600 })
  return {
    org,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      await gone
    },
  }
}

/** The practice org that the server on the same `dataDir` runs, for a further worker. */
export async function findPracticeOrg(dataDir: string): Promise<PracticeOrg | undefined> {
  try {
    return JSON.parse(await readFile(describeFile(dataDir), 'utf8')) as PracticeOrg
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const describeFile = (dataDir: string) => join(dataDir, 'practice-org.json')
