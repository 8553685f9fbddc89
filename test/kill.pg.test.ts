import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Integration } from '../src/api/schemas.ts'
import { openDatabase } from '../src/store/database.ts'
import { listStreams } from '../src/store/streams.ts'
import { compareMirror } from './compare.ts'
import { becomeAdminOverHttp, type HttpAdmin } from './http-admin.ts'
import { type RunningLoopline, startLoopline, startStack } from './processes.ts'

test('killed with -9 twice in the middle of a 200,000-row backfill, it goes on, ends, and has every record', async () => {
  const stack = await startStack(['--scale', '7.5'])
  const sql = openDatabase(stack.databaseUrl)
  let loopline: RunningLoopline = stack.loopline
  after(async () => {
    await sql.end()
    await loopline.stop()
    await stack.stop()
  })
  const admin = await becomeAdminOverHttp(loopline)
  const [user] = stack.emulator.users
  assert.ok(user)
  const id = await admin.connect(
    { name: 'Acme', capability: 'helpdesk', environment: 'production', domain: stack.emulator.origin, pullFrom: null },
    user,
  )

  for (const share of [0.25, 0.6]) {
    const seen = await reach(admin, id, share)
    assert.equal(seen.lastRun?.finishedAt ?? null, null, 'it was killed before its end')
    await loopline.kill()
    loopline = await startLoopline(stack.env)
  }
  const finished = await reach(admin, id, 1)
  assert.equal(finished.lastRun?.state, 'finished', JSON.stringify(finished.lastRun?.failure))
  assert.equal(finished.lastRun?.kind, 'backfill')

  const streams = await listStreams(sql, id)
  const { records, differences } = await compareMirror(
    sql,
    { fetch, origin: stack.emulator.origin, token: stack.emulator.accessToken },
    { schemaName: finished.settings?.schemaName ?? '', objects: streams.map((stream) => stream.objectName) },
  )
  assert.deepEqual(differences, [])
  assert.ok(records > 190_000, `${records} records were compared`)
  const jobs = await fetch(`${stack.emulator.origin}/services/data/v67.0/jobs/query`, {
    headers: { authorization: `Bearer ${stack.emulator.accessToken}` },
  })
  assert.deepEqual(((await jobs.json()) as { records: unknown[] }).records, [], 'no Bulk job is left in the org')
})

/** Waits until the active run has read this share of its records, or, for 1, until it has ended. */
async function reach(admin: HttpAdmin, id: string, share: number): Promise<Integration> {
  for (;;) {
    const integration = await admin.get<Integration>(`/integrations/${id}`)
    const { activeRun, lastRun } = integration
    if (!activeRun && lastRun) return integration
    const objects = activeRun?.objects ?? []
    const expected = objects.reduce((sum, one) => sum + (one.expectedRecords ?? one.recordsRead), 0)
    const isUnderWay = activeRun && expected > 0 && activeRun.recordsRead / expected >= share
    if (share < 1 && isUnderWay) return integration
    await delay(20)
  }
}
