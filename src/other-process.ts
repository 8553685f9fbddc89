import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { platform } from 'node:os'

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, but somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * How the process was started; undefined when it has gone or the machine doesn't tell. After a reboot a number that was
 * written down may belong to anybody, so ask before believing it.
 */
export async function commandLine(pid: number): Promise<string | undefined> {
  if (platform() === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { stdio: 'pipe' }).toString()
  } catch {
    return undefined
  }
}
