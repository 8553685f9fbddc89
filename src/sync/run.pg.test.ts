import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncTest } from '../../test/sync.ts'

const { addIntegration } = await openSyncTest({ scale: 0.2 })

for (const capability of ['helpdesk', 'crm', 'content'] as const) {
  test(`the first run of ${capability} brings every record, field by field`, { timeout: 120_000 }, async () => {
    const integration = await addIntegration({ capability })
    assert.deepEqual(await integration.run(), { state: 'finished' })
    const { records, differences } = await integration.compare()
    assert.deepEqual(differences, [])
    assert.ok(records > 500, `only ${records} records were compared`)
  })
}
