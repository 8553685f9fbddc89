import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createEmulator, type Emulator, type EmulatorOptions } from './app.ts'
import { openJournal } from './journal.ts'
import { adminOf, agentOf, jsonOf, ORIGIN, postToken } from './test-browser.ts'

/** Lives through several processes on one folder: each step is one, opened anew. */
async function restarts(
  ...steps: { options?: Partial<EmulatorOptions>; run: (emulator: Emulator) => Promise<void> }[]
): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-journal-'))
  try {
    for (const { options, run } of steps) {
      const emulator = createEmulator({ origin: ORIGIN, dataDir, ...options })
      try {
        await run(emulator)
      } finally {
        await emulator.close()
      }
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const callApi = async (emulator: Emulator, path: string, token: string) =>
  emulator.fetch(`${ORIGIN}/services/data/v67.0${path}`, { headers: { authorization: `Bearer ${token}` } })

test('data changes, tokens, grants and their ends are there after a restart', async () => {
  let id = ''
  let token = ''
  let live = ''
  let revoked = ''
  await restarts(
    {
      async run(emulator) {
        const admin = adminOf(emulator)
        id = emulator.org.create(admin.userId, 'Case', { Subject: 'Kept' })
        token = emulator.issueToken(admin.username)
        live = emulator.issueRefreshToken(admin.username).refresh_token ?? ''
        revoked = emulator.issueRefreshToken(agentOf(emulator).username).refresh_token ?? ''
        emulator.revokeGrants(agentOf(emulator).username)
        emulator.setUserActive(agentOf(emulator).username, false)
        emulator.appInstalled(false)
      },
    },
    {
      async run(emulator) {
        const response = await callApi(emulator, `/sobjects/Case/${id}`, token)
        assert.equal((await jsonOf(response)).Subject, 'Kept')
        const refresh = (refresh_token: string) => postToken(emulator, { grant_type: 'refresh_token', refresh_token })
        assert.equal((await refresh(live)).status, 200)
        assert.equal((await refresh(revoked)).body.error, 'invalid_grant')
        assert.equal(agentOf(emulator).active, false)
        const state = await jsonOf(await emulator.fetch(`${ORIGIN}/_control/state`))
        assert.equal(state.app.installed, false)
        emulator.setUserActive(agentOf(emulator).username, true)
      },
    },
    {
      async run(emulator) {
        assert.equal(agentOf(emulator).active, true)
        // The refresh of the process before rotated it; its second use is still noticed.
        const stale = await postToken(emulator, { grant_type: 'refresh_token', refresh_token: live })
        assert.equal(stale.body.error, 'invalid_grant')
      },
    },
  )
})

test('the made-up history stays where it was at the first start', async () => {
  const soql = 'SELECT Id, Subject, CreatedDate FROM Case ORDER BY CreatedDate DESC LIMIT 5'
  const newest = (emulator: Emulator) => [...emulator.org.query(adminOf(emulator), soql, { all: false }).rows()]
  let before: unknown
  await restarts(
    {
      options: { now: () => Date.UTC(2026, 10, 1, 12, 34), seed: 7 },
      run: async (emulator) => {
        before = newest(emulator)
      },
    },
    {
      options: { now: () => Date.UTC(2026, 10, 20) },
      run: async (emulator) => assert.deepEqual(newest(emulator), before),
    },
  )
})

test('a folder of one org is not opened as another', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-journal-'))
  try {
    await createEmulator({ origin: ORIGIN, dataDir, seed: 3 }).close()
    assert.throws(() => createEmulator({ origin: ORIGIN, dataDir, seed: 4 }), /holds a practice org with seed 3, not 4/)
    await createEmulator({ origin: ORIGIN, dataDir, seed: 3 }).close()
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})

test('a finished Bulk job can be downloaded further after a restart, from the same locator', async () => {
  let token = ''
  let path = ''
  let rest = ''
  await restarts(
    {
      async run(emulator) {
        token = emulator.issueToken(adminOf(emulator).username)
        const created = await emulator.fetch(`${ORIGIN}/services/data/v67.0/jobs/query`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ operation: 'query', query: 'SELECT Id, Subject FROM Case' }),
        })
        let job = await jsonOf(created)
        while (job.state !== 'JobComplete') {
          await new Promise((resolve) => setImmediate(resolve))
          job = await jsonOf(await callApi(emulator, `/jobs/query/${job.id}`, token))
        }
        const first = await callApi(emulator, `/jobs/query/${job.id}/results?maxRecords=700`, token)
        path = `/jobs/query/${job.id}/results?locator=${first.headers.get('sforce-locator')}`
        rest = await (await callApi(emulator, path, token)).text()
      },
    },
    {
      run: async (emulator) => assert.equal(await (await callApi(emulator, path, token)).text(), rest),
    },
  )
})

test('a Bulk job that a restart cut off is done over', async () => {
  let token = ''
  let id = ''
  await restarts(
    {
      async run(emulator) {
        token = emulator.issueToken(adminOf(emulator).username)
        const created = await emulator.fetch(`${ORIGIN}/services/data/v67.0/jobs/query`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ operation: 'query', query: 'SELECT Id FROM Case' }),
        })
        id = (await jsonOf(created)).id
      },
    },
    {
      async run(emulator) {
        const read = async () => jsonOf(await callApi(emulator, `/jobs/query/${id}`, token))
        let job = await read()
        while (job.state !== 'JobComplete') {
          assert.notEqual(job.state, 'Failed')
          await new Promise((resolve) => setImmediate(resolve))
          job = await read()
        }
        const { totalSize } = emulator.org.query(adminOf(emulator), 'SELECT COUNT() FROM Case', { all: false })
        assert.equal(job.numberRecordsProcessed, totalSize)
      },
    },
  )
})

test('half a line at the end, from a process killed while writing, is dropped', () => {
  const folder = mkdtempSync(join(tmpdir(), 'practice-journal-'))
  try {
    openJournal(folder).append({ type: 'app-installed', installed: false })
    appendFileSync(join(folder, 'journal.jsonl'), '{"type":"app-inst')
    const reopened = openJournal(folder)
    assert.deepEqual(reopened.entries, [{ type: 'app-installed', installed: false }])
    reopened.append({ type: 'app-installed', installed: true })
    assert.equal(openJournal(folder).entries.length, 2)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('tokens are journalled as hashes, and only for the owner to read', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'practice-journal-'))
  const emulator = createEmulator({ origin: ORIGIN, dataDir })
  try {
    const { access_token, refresh_token = '' } = emulator.issueRefreshToken(adminOf(emulator).username)
    const file = join(dataDir, 'journal.jsonl')
    const written = readFileSync(file, 'utf8')
    assert.match(written, /"type":"grant-made"/)
    for (const secret of [access_token, refresh_token]) assert.ok(!written.includes(secret))
    assert.equal(statSync(file).mode & 0o777, 0o600)
  } finally {
    await emulator.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
})
