import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/**
 * Builds the page when it was never built, or from other sources than the present ones (after an upgrade). Returns the
 * folder to serve.
 */
export async function buildPage(root: string): Promise<string> {
  const folder = join(root, 'dist/web')
  const stampFile = join(folder, '.built-from')
  const sources = await hashSources(root)
  if ((await readFile(stampFile, 'utf8').catch(() => '')) === sources) return folder
  console.log('Building the page (once per version) …')
  // In a process of its own: the bundler's memory goes with it.
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: root })
  await writeFile(stampFile, sources)
  return folder
}

async function hashSources(root: string): Promise<string> {
  const hash = createHash('sha256')
  for (const file of globSync(['web/**/*.*', 'vite.config.ts', 'package-lock.json'], { cwd: root }).sort()) {
    hash.update(file).update(await readFile(join(root, file)))
  }
  return hash.digest('hex')
}
