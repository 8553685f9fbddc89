import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const places = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The path of a Chromium on this machine, or undefined. */
export function findChromium(): string | undefined {
  return places.find((path) => path && existsSync(path))
}

/**
 * A Chromium for the browser journeys: the machine's own, else Debian's package when we may install it. `null` means
 * that Playwright has downloaded its own. Throws with what to do when there is none to be had.
 */
export function provideChromium(): string | null {
  const found = findChromium()
  if (found) return found
  const run = (command: string, args: string[]) => execFileSync(command, args, { stdio: 'inherit' })
  try {
    if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
      console.log('No Chromium found: installing Debian’s package.')
      run('apt-get', ['update', '-qq'])
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
      return findChromium() ?? null
    }
    console.log('No Chromium found: Playwright downloads its own.')
    run('playwright', ['install', 'chromium'])
    return null
  } catch (cause) {
    throw new Error('There is no Chromium for the browser tests. Install one and set CHROMIUM_PATH to it.', { cause })
  }
}
