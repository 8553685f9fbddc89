import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { lockDataFolder, readSecretKey } from './data-folder.ts'
import { LooplineError } from './errors.ts'

const folder = await mkdtemp(join(tmpdir(), 'loopline-data-'))
after(() => rm(folder, { recursive: true, force: true }))

test('the secret key is made once and readable by its owner only', async () => {
  const key = await readSecretKey(folder)
  assert.ok(key.length >= 43)
  assert.equal(await readSecretKey(folder), key)
  assert.equal((await stat(join(folder, 'secret.key'))).mode & 0o077, 0)
})

test('the lock of a process that has gone, or that is not Loopline, is taken over', async () => {
  for (const stale of ['999999999', '1', 'not a number']) {
    await writeFile(join(folder, 'loopline.pid'), stale)
    const release = await lockDataFolder(folder)
    await release()
  }
})

test('a folder that cannot be used is refused in words that say what to do', async () => {
  const file = join(folder, 'a-file')
  await writeFile(file, '')
  await assert.rejects(lockDataFolder(join(file, 'data')), (error) => {
    assert.ok(error instanceof LooplineError)
    assert.equal(error.failure.code, 'DATA_DIR_UNUSABLE')
    assert.match(error.failure.remedy ?? '', /DATA_DIR/)
    return true
  })
})
