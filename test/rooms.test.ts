import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')

/** Which rooms each room may import from. `src` is what lies beside the rooms: main, config and the like. */
const allowed: Record<string, readonly string[]> = {
  'src/api': ['src/sync', 'src/oauth', 'src/unified', 'src/store'],
  'src/sync': ['src/salesforce', 'src/oauth', 'src/unified', 'src/store'],
  'src/oauth': ['src/salesforce', 'src/store'],
  'src/store': [],
  'src/salesforce': [],
  'src/unified': [],
  src: ['src/api', 'src/sync', 'src/oauth', 'src/unified', 'src/store', 'src/salesforce'],
  web: ['src/api'],
  emulator: [],
}

const imports = globSync('{src,web,emulator}/**/*.{ts,tsx}', { cwd: root })
  .filter((file) => !/\.(test|e2e)\.tsx?$/.test(file))
  .flatMap((file) =>
    [
      ...readFileSync(join(root, file), 'utf8').matchAll(
        /^(?:import|export)\b(?<words>[^'"]*?)from '(?<path>\.[^']+)'/gms,
      ),
    ].map((found) => ({
      file,
      target: relative(root, join(root, dirname(file), found.groups?.path ?? '')),
      typeOnly: /^\s*type\b/.test(found.groups?.words ?? ''),
    })),
  )

const roomOf = (file: string) =>
  /^src\/[^/]+\//.test(file) ? file.split('/').slice(0, 2).join('/') : (file.split('/')[0] ?? '')

test('rooms import only from the rooms they may', () => {
  assert.ok(imports.length > 100, 'the import lines were found')
  const wrong = imports.filter(({ file, target }) => {
    const from = roomOf(file)
    const to = roomOf(target)
    if (from === to || target === 'src/errors.ts' || target === 'package.json') return false
    return !allowed[from]?.includes(to)
  })
  assert.deepEqual(
    wrong.map(({ file, target }) => `${file} imports ${target}`),
    [],
  )
})

test('the page takes nothing but types from the API', () => {
  const wrong = imports.filter(
    ({ file, target, typeOnly }) => file.startsWith('web/') && target.startsWith('src/') && !typeOnly,
  )
  assert.deepEqual(
    wrong.map(({ file, target }) => `${file} imports ${target}`),
    [],
  )
})

test('only config.ts reads the environment', () => {
  const readers = globSync('src/**/*.ts', { cwd: root }).filter(
    (file) => !file.includes('.test.') && readFileSync(join(root, file), 'utf8').includes('process.env'),
  )
  assert.deepEqual(readers, ['src/main.ts'], 'main.ts hands it to config.ts')
})
