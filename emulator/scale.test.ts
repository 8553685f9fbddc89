import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEmulator } from './app.ts'
import { adminOf, jsonOf, ORIGIN } from './test-browser.ts'

const DATA = '/services/data/v67.0'

test('an org of a million cases is there within seconds, answers at once, and takes little memory', async () => {
  const before = process.memoryUsage().rss
  const started = performance.now()
  const emulator = createEmulator({ origin: ORIGIN, anchor: Date.UTC(2026, 10, 1), scale: 333 })
  const headers = { authorization: `Bearer ${emulator.issueToken(adminOf(emulator).username)}` }
  const get = async (path: string) => jsonOf(await emulator.fetch(ORIGIN + DATA + path, { headers }))
  const query = (soql: string) => get(`/query?q=${encodeURIComponent(soql)}`)
  try {
    const { totalSize } = await query('SELECT COUNT() FROM Case')
    assert.ok(totalSize > 950_000, `${totalSize} cases`)
    const countedAt = performance.now()
    const { sObjects } = await get('/limits/recordCount')
    assert.ok(performance.now() - countedAt < 5_000, 'records are counted at a glance')
    const { count } = sObjects.find(({ name }: { name: string }) => name === 'Case')
    assert.ok(Math.abs(count - totalSize) < totalSize / 100, `${count} cases, or about`)
    const newest = await query('SELECT Id, CaseNumber, Account.Name FROM Case ORDER BY CreatedDate DESC LIMIT 5')
    assert.equal(newest.records.length, 5)
    const [{ Id: id }] = newest.records
    assert.equal((await get(`/sobjects/Case/${id}`)).Id, id)
    const created = await emulator.fetch(`${ORIGIN}${DATA}/sobjects/Case`, {
      method: 'POST',
      body: '{"Subject":"One more"}',
      headers: { ...headers, 'content-type': 'application/json' },
    })
    assert.equal(created.status, 201)
    const page = await query('SELECT Id, Subject, Status FROM Case')
    assert.equal(page.records.length, 2_000)
    assert.equal(page.totalSize, totalSize + 1)
    const parents = await query('SELECT Id, (SELECT Id FROM Cases) FROM Account LIMIT 50')
    assert.ok(parents.records.some(({ Cases }: { Cases: object | null }) => Cases !== null))
  } finally {
    await emulator.close()
  }
  assert.ok(performance.now() - started < 20_000, 'within seconds')
  assert.ok(process.memoryUsage().rss - before < 500e6, 'under half a gigabyte')
})
