import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOrg } from './served-org.ts'

test('jsforce reads a list page by page, each record once', async (t) => {
  const { connect } = await serveOrg(t)
  const connection = connect()
  const { totalSize } = await connection.query('SELECT COUNT() FROM Case')
  const query = connection.query('SELECT Id, CaseNumber FROM Case')
  const ids: (string | undefined)[] = []
  query.on('record', (record: { Id?: string }) => ids.push(record.Id))
  await query.run({ autoFetch: true, maxFetch: 100_000, headers: { 'Sforce-Query-Options': 'batchSize=200' } })
  assert.ok(totalSize > 200)
  assert.equal(ids.length, totalSize)
  assert.equal(new Set(ids).size, totalSize)
})
