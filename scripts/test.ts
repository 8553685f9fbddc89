/**
 * `npm test`: everything that must hold. Formatting, lint, types, dead code, the page's build, then the tests: those
 * that need nothing, those on a real Postgres, those of the emulator, and the journeys in a real browser.
 *
 * Set DATABASE_URL to run on a Postgres of your own (its user must be able to create databases). `--no-browser` leaves
 * the journeys out.
 */

import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { provideChromium } from './chromium.ts'
import { withDatabase } from './test-database.ts'

const root = join(import.meta.dirname, '..')
const journeys = !process.argv.includes('--no-browser')
const total = { passed: 0, failed: 0 }

/** Runs a program of ours or of node_modules/.bin, shows what it prints, and gives back both. */
async function run(
  command: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ ok: boolean; output: string }> {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk
    process.stdout.write(chunk)
  })
  child.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { ok: code === 0, output }
}

function count(passed: number, failed: number): void {
  total.passed += passed
  total.failed += failed
}

async function check(title: string, command: string, args: string[]): Promise<void> {
  console.log(`\n── ${title}`)
  const { ok } = await run(command, args)
  count(ok ? 1 : 0, ok ? 0 : 1)
}

async function nodeTests(databaseUrl: string): Promise<void> {
  console.log('\n── tests')
  const files = ['src', 'emulator', 'test', 'scripts', 'bench', 'web'].map((room) => `${room}/**/*.test.ts`)
  const { ok, output } = await run('node', ['--test', '--test-concurrency=2', ...files], {
    TEST_DATABASE_URL: databaseUrl,
  })
  const number = (word: string) => Number(output.match(new RegExp(`^ℹ ${word} (\\d+)$`, 'm'))?.[1] ?? 0)
  const failed = number('fail') + number('cancelled')
  // A runner that died without a word of its own has failed too.
  count(number('pass'), ok ? failed : Math.max(failed, 1))
}

async function browserJourneys(databaseUrl: string): Promise<void> {
  console.log('\n── journeys in a real browser')
  const path = provideChromium()
  const { ok } = await run('playwright', ['test'], {
    TEST_DATABASE_URL: databaseUrl,
    ...(path ? { CHROMIUM_PATH: path } : {}),
  })
  const report = JSON.parse(await readFile(join(root, 'test-results/journeys.json'), 'utf8')) as {
    stats: { expected: number; unexpected: number; flaky: number }
  }
  const { expected, unexpected, flaky } = report.stats
  count(expected, ok ? unexpected + flaky : Math.max(unexpected + flaky, 1))
}

await check('format and lint', 'biome', ['check', '.'])
await check('types', 'tsc', ['-p', '.'])
await check('types of the page', 'tsc', ['-p', 'web'])
await check('dead code', 'knip', [])
await check('build of the page', 'vite', ['build'])
await withDatabase(async (url) => {
  await nodeTests(url)
  if (journeys) await browserJourneys(url)
})

console.log(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
