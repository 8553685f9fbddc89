import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Connection, OAuth2 } from 'jsforce'
import { adminOf, jsonOf } from '../test-browser.ts'
import { serveOrg } from './served-org.ts'

/** jsforce as an app would have it: with a refresh token, and quick to try again. */
async function signedIn(t: Parameters<typeof serveOrg>[0]) {
  const { emulator, origin } = await serveOrg(t)
  const { access_token: accessToken, refresh_token: refreshToken = '' } = emulator.issueRefreshToken(
    adminOf(emulator).username,
  )
  const { clientId, clientSecret } = emulator
  const oauth2 = new OAuth2({ loginUrl: origin, clientId, clientSecret })
  const connection = new Connection({ oauth2, instanceUrl: origin, accessToken, refreshToken, version: '67.0' })
  const control = async (path: string, body: object): Promise<{ instanceUrl?: string }> => {
    const headers = { 'content-type': 'application/json' }
    return jsonOf(await fetch(`${origin}/_control/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }))
  }
  return { emulator, origin, connection, control }
}

test('jsforce renews a token that ends in the middle of a list, and reads all of it', async (t) => {
  const { emulator, connection } = await signedIn(t)
  const { totalSize } = await connection.query('SELECT COUNT() FROM Case')
  emulator.faults.add({ when: { path: '/query/' }, do: { call: 'expire-tokens' } })
  let renewals = 0
  connection.on('refresh', () => {
    renewals += 1
  })
  let records = 0
  const query = connection.query('SELECT Id FROM Case')
  query.on('record', () => {
    records += 1
  })
  await query.run({ autoFetch: true, maxFetch: 10_000, headers: { 'Sforce-Query-Options': 'batchSize=200' } })
  assert.equal(records, totalSize)
  assert.equal(renewals, 1)
})

test('jsforce tries again after a reset and after an edge without a route, and gets its answer', async (t) => {
  const { emulator, connection } = await signedIn(t)
  emulator.faults.add({ do: { reset: 'before-work' } })
  assert.ok((await connection.identity()).user_id)
  emulator.faults.add({ when: { path: '/limits' }, do: { answer: 'no-route' } })
  assert.ok((await connection.limits()).DailyApiRequests)
})

test('jsforce reads the code of each error that was asked for', async (t) => {
  const { emulator, connection } = await signedIn(t)
  const fails = (status: number, errorCode: string, act: () => Promise<unknown>) => {
    emulator.faults.add({ do: { answer: { status, errorCode, message: `It is ${errorCode}` } } })
    return assert.rejects(act(), { errorCode, message: `It is ${errorCode}` })
  }
  await fails(400, 'UNABLE_TO_LOCK_ROW', () => connection.sobject('Case').create({ Subject: 'x' }))
  await fails(403, 'TXN_SECURITY_METERING_ERROR', async () => connection.query('SELECT Id FROM Case'))
  emulator.faults.add({ do: { answer: 'limit' } })
  await assert.rejects(async () => connection.query('SELECT Id FROM Case'), { errorCode: 'REQUEST_LIMIT_EXCEEDED' })
})

test('after a move jsforce finds the org again where its login says', async (t) => {
  const { connection, origin, control } = await signedIn(t)
  const { instanceUrl } = await control('move-org', {})
  assert.notEqual(instanceUrl, origin)
  const tokens = await connection.oauth2.refreshToken(connection.refreshToken ?? '')
  assert.equal(tokens.instance_url, instanceUrl)
  const moved = new Connection({ instanceUrl: tokens.instance_url, accessToken: tokens.access_token, version: '67.0' })
  assert.ok((await moved.query('SELECT Id FROM Case LIMIT 1')).totalSize)
})
