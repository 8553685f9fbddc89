import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { openSyncTest } from './sync.ts'

const { sql, addIntegration } = await openSyncTest()

test('the README’s query runs as it stands and finds something', async () => {
  const integration = await addIntegration({ name: 'Acme Support' })
  await integration.run()
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const query = readme.match(/```sql\n([\s\S]+?)```/)?.[1]
  assert.ok(query)
  const rows = await sql.unsafe<{ account: string; open_tickets: number; oldest: Date }[]>(query)
  assert.equal(rows.length, 10)
  assert.ok(rows.every((row) => row.account !== '' && row.open_tickets > 0 && row.oldest instanceof Date))
})
