import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testOrg } from './test-calls.ts'

const { get, failure, call, create, clock, emulator, agentToken } = testOrg()
const NOON = clock.ms
const MINUTE = 60_000
const DAY = 86_400_000

const windowed = (resource: string, start: number, end: number) => {
  const query = new URLSearchParams({ start: new Date(start).toISOString(), end: new Date(end).toISOString() })
  return `sobjects/Lead/${resource}/?${query}`
}

test('what was created or updated in the window is listed by id, without what was deleted', async () => {
  const kept = await create('Lead', { LastName: 'Kept', Company: 'Acme' })
  const gone = await create('Lead', { LastName: 'Gone', Company: 'Acme' })
  await get(`sobjects/Lead/${gone}`, 204, { method: 'DELETE' })
  clock.ms += 30 * MINUTE
  const { ids, latestDateCovered } = await get(windowed('updated', NOON, NOON + 5 * MINUTE))
  assert.deepEqual(ids, [kept])
  assert.equal(latestDateCovered, '2026-11-01T12:04:00.000+0000')
  const { deletedRecords, earliestDateAvailable } = await get(windowed('deleted', NOON, NOON + 5 * MINUTE))
  assert.deepEqual(deletedRecords, [{ id: gone, deletedDate: '2026-11-01T12:00:00.000+0000' }])
  assert.match(earliestDateAvailable, /^2026-10-17T12:30:00.000\+0000$/)
})

test('seconds count for nothing, the borders of the window belong to it', async () => {
  const at = NOON + 40 * MINUTE
  clock.ms = at
  const id = await create('Lead', { LastName: 'On the minute', Company: 'Acme' })
  const idsOf = async (start: number, end: number) => (await get(windowed('updated', start, end))).ids
  assert.deepEqual(await idsOf(at - MINUTE, at), [id])
  assert.deepEqual(await idsOf(at + 59_000, at + MINUTE), [id])
  assert.deepEqual(await idsOf(at + MINUTE, at + 2 * MINUTE), [])
})

test('what was stamped in time but shows itself late is found by who goes on from latestDateCovered', async () => {
  const start = NOON + 60 * MINUTE
  clock.ms = start + 30_000
  emulator.org.setCommitLag(MINUTE)
  const [admin] = emulator.org.users
  assert.ok(admin)
  emulator.org.create(admin.userId, 'Lead', { LastName: 'Late', Company: 'Acme', Status: 'Open - Not Contacted' })
  emulator.org.setCommitLag(0)
  clock.ms = start + MINUTE
  const first = await get(windowed('updated', start, start + MINUTE))
  assert.deepEqual(first.ids, [])
  clock.ms = start + 3 * MINUTE
  const second = await get(windowed('updated', Date.parse(first.latestDateCovered), clock.ms))
  assert.equal(second.ids.length, 1)
})

test('a window that is empty, too old, or not a window is refused', async () => {
  const now = clock.ms
  for (const [resource, start, end, code] of [
    ['updated', now, now, 'INVALID_REPLICATION_DATE'],
    ['updated', now, now - MINUTE, 'INVALID_REPLICATION_DATE'],
    ['updated', now - 31 * DAY, now, 'INVALID_REPLICATION_DATE'],
    ['deleted', now - 16 * DAY, now, 'INVALID_REPLICATION_DATE'],
  ] as const) {
    assert.deepEqual(await failure(windowed(resource, start, end)), [400, code])
  }
  assert.equal((await call(windowed('updated', now - 29 * DAY, now))).status, 200)
  assert.equal((await call(windowed('deleted', now - 14 * DAY, now))).status, 200)
  assert.deepEqual(await failure('sobjects/Lead/updated?start=2026-11-01T12:00:00Z'), [400, 'MISSING_ARGUMENT'])
  // A plus sign that wasn't encoded is a space.
  const broken = 'sobjects/Lead/updated?start=2026-11-01T12:00:00+00:00&end=2026-11-01T12:30:00+00:00'
  assert.deepEqual(await failure(broken), [400, 'ILLEGAL_QUERY_PARAMETER_VALUE'])
})

test('once the delete log is purged, a window before that is refused', async () => {
  emulator.org.purgeDeleteLog(clock.ms)
  assert.deepEqual(await failure(windowed('deleted', NOON, NOON + 5 * MINUTE)), [400, 'INVALID_REPLICATION_DATE'])
})

test('objects that are not replicateable, or not the caller’s to see, have no such lists', async () => {
  const [start, end] = [new Date(NOON).toISOString(), new Date(NOON + MINUTE).toISOString()]
  const articles = `sobjects/Knowledge__kav/updated?start=${start}&end=${end}`
  assert.deepEqual(await failure(articles), [400, 'INVALID_TYPE_FOR_OPERATION'])
  assert.deepEqual(await failure(windowed('updated', NOON, NOON + MINUTE), { as: agentToken }), [404, 'NOT_FOUND'])
})
