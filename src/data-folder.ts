import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LooplineError } from './errors.ts'
import { commandLine, isAlive } from './other-process.ts'

/**
 * Takes the folder for this process: two servers on one folder would fight over its database. The lock of a process
 * that was killed is taken over. Returns the release.
 */
export async function lockDataFolder(dataDir: string): Promise<() => Promise<void>> {
  const file = join(dataDir, 'loopline.pid')
  try {
    await mkdir(dataDir, { recursive: true })
    const holder = Number(await readFile(file, 'utf8').catch(() => ''))
    if (holder && holder !== process.pid && isAlive(holder) && (await isLoopline(holder))) {
      throw new LooplineError({
        kind: 'invalid',
        code: 'DATA_DIR_IN_USE',
        message: `Loopline is already running on ${dataDir} (process ${holder}).`,
        remedy: 'Stop it first, or start this one with another DATA_DIR and PORT.',
      })
    }
    await writeFile(file, String(process.pid))
  } catch (cause) {
    if (cause instanceof LooplineError) throw cause
    throw new LooplineError(
      {
        kind: 'invalid',
        code: 'DATA_DIR_UNUSABLE',
        message: `Loopline cannot write to its data folder ${dataDir}.`,
        remedy: 'Give the user that runs Loopline write access to it, or set DATA_DIR to another folder.',
        detail: String(cause),
      },
      { cause },
    )
  }
  return () => rm(file, { force: true })
}

/** The key that seals tokens: made once, readable by its owner only, and worth a backup of its own. */
export async function readSecretKey(dataDir: string): Promise<string> {
  const file = join(dataDir, 'secret.key')
  try {
    const created = await open(file, 'wx', 0o600)
    await created.writeFile(`${randomBytes(32).toString('base64url')}\n`)
    await created.close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return (await readFile(file, 'utf8')).trim()
}

// Where the machine doesn't tell, better refuse once too often.
async function isLoopline(pid: number): Promise<boolean> {
  return (await commandLine(pid))?.includes('src/main.ts') ?? true
}
