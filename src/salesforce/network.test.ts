/** The client and the outbound connections together, over a real socket. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import pino from 'pino'
import { serveEmulator } from '../../emulator/serve.ts'
import { createSalesforce } from './client.ts'
import { createOutboundFetch } from './outbound.ts'

const log = pino({ level: 'silent' })
const { emulator, origin, close } = await serveEmulator({ host: '127.0.0.1', port: 0, scale: 0.2 })
after(close)
const [admin] = emulator.org.users
if (!admin) throw new Error('the practice org lacks its sign-ins')
const token = { token: emulator.issueToken(admin.username), instanceUrl: origin, version: 1 }
const salesforce = createSalesforce({
  tokens: { current: async () => token, renew: async () => token },
  fetch: createOutboundFetch({ extraOrigins: [origin], log }),
  log,
})

async function countRows(job: { id: string; apiVersion: string }): Promise<number> {
  let rows = 0
  for await (const page of salesforce.bulkQueryPages(job, { maxRecords: 100 })) {
    let text = ''
    for await (const chunk of page.body) text += chunk
    const lines = text.trimEnd().split('\n').length - 1
    assert.equal(lines, page.recordCount)
    rows += lines
  }
  return rows
}

test('packed pages cross the network whole, and one that is cut off raises', async () => {
  const job = await salesforce.waitForBulkJob(
    await salesforce.startBulkQuery('SELECT Id, Subject FROM Case', { all: true }),
  )
  const total = job.recordsProcessed
  assert.equal(await countRows(job), total)

  emulator.faults.cutNextResultStream(800)
  await assert.rejects(countRows(job), { code: 'ANSWER_CUT_OFF', status: 0 })
  assert.equal(await countRows(job), total)
})

test('records and descriptions cross the network whole', async () => {
  const page = await salesforce.query('SELECT Id, Name FROM Account', { all: false })
  assert.equal(page.records.length, Math.min(page.totalSize, 2_000))
  assert.equal((await salesforce.describeObjects(['Account', 'Contact'])).size, 2)
})
