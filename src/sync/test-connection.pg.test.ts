import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { testDatabase } from '../../test/database.ts'
import { practiceConnection } from '../../test/practice-connection.ts'
import { findConnection } from '../store/connections.ts'
import { type Capability, changeIntegration } from '../store/integrations.ts'
import { objectsOf } from './objects.ts'
import { type TestReport, testConnection } from './test-connection.ts'

const { sql } = await testDatabase()
const practice = practiceConnection(sql)
const { deps, emulator, admin, agent } = practice
afterEach(() => emulator.faults.clear())

const stateOf = (report: TestReport) => Object.fromEntries(report.steps.map(({ name, state }) => [name, state]))
const refusedIn = (report: TestReport) => report.objects.filter(({ readable }) => !readable)

for (const capability of ['helpdesk', 'crm', 'content'] satisfies Capability[]) {
  test(`an admin's ${capability} connection passes every step, down to each field of each object`, async () => {
    const created = await practice.connected(`Admin ${capability}`)
    const integration = await changeIntegration(sql, created.id, { capability })
    const report = await testConnection(deps, integration)
    assert.deepEqual(
      stateOf(report),
      {
        token: 'passed',
        identity: 'passed',
        api: 'passed',
        limits: 'passed',
        objects: 'passed',
      },
      JSON.stringify(report, null, 1),
    )
    assert.ok(report.ok)
    assert.match(report.summary, new RegExp(`^Connected to ${emulator.org.name}.* as ${admin.username}\\.$`))
    assert.deepEqual(
      report.objects.map(({ objectName }) => objectName),
      objectsOf(capability).map(({ name }) => name),
    )
    assert.equal((await findConnection(sql, integration.id))?.apiMax, 130_000)
  })
}

test('a user with fewer permissions is told which objects can’t be read and what to grant, and the rest passes', async () => {
  const integration = await practice.connected('Agent helpdesk', agent)
  const report = await testConnection(deps, integration)
  assert.ok(report.ok)
  assert.equal(stateOf(report).objects, 'warning')
  const refused = refusedIn(report)
  assert.deepEqual(
    refused.map(({ objectName }) => objectName),
    ['CaseHistory'],
  )
  assert.match(refused[0]?.remedy ?? '', /CaseHistory/)
  assert.match(report.summary, new RegExp(`as ${agent.username}\\. 1 of \\d+ objects can’t be read`))
  assert.match(report.steps.find(({ name }) => name === 'limits')?.message ?? '', /may not see/)
})

test('a field that is hidden from the user is named', async (t) => {
  const integration = await practice.connected('Hidden field', agent)
  emulator.org.hideField(agent.userId, 'Case', 'Priority')
  t.after(() => emulator.org.showField(agent.userId, 'Case', 'Priority'))
  const report = await testConnection(deps, integration)
  const cases = report.objects.find(({ objectName }) => objectName === 'Case')
  assert.ok(cases?.readable)
  assert.deepEqual(cases.missingFields, ['Priority'])
  assert.match(cases.message ?? '', /Priority/)
  assert.ok(report.ok)
})

test('a dead grant says that re-authentication is needed; Re-generate Token makes the test green again', async () => {
  const integration = await practice.connected('Dead and alive')
  emulator.revokeGrants(admin.username)
  const dead = await testConnection(deps, integration)
  assert.equal(dead.ok, false)
  assert.match(dead.summary, /^Re-authentication is needed\./)
  assert.equal(dead.failure?.kind, 'reconnect')
  assert.match(dead.steps[0]?.remedy ?? '', /Re-generate Token/)
  assert.deepEqual(stateOf(dead), {
    token: 'failed',
    identity: 'skipped',
    api: 'skipped',
    limits: 'skipped',
    objects: 'skipped',
  })
  assert.equal((await findConnection(sql, integration.id))?.health, 'reconnect')

  await practice.reconnect(integration)
  assert.ok((await testConnection(deps, integration)).ok)
})

test('an outage of Salesforce fails the step it hits, and is not taken for a dead grant', async () => {
  const integration = await practice.connected('Outage')
  const down: typeof fetch = async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    return pathname.endsWith('/token') ? new Response('<html>503</html>', { status: 503 }) : emulator.fetch(input, init)
  }
  const report = await testConnection({ ...deps, fetch: down }, integration)
  assert.equal(report.ok, false)
  assert.equal(report.failure?.kind, 'transient')
  assert.doesNotMatch(report.summary, /re-authentication/i)
  assert.equal((await findConnection(sql, integration.id))?.health, 'connected')
})

test('an org that has used more than its share is a warning', async () => {
  const created = await practice.connected('Share')
  const integration = { ...created, apiSharePercent: 0 }
  const report = await testConnection(deps, integration)
  assert.equal(stateOf(report).limits, 'warning')
  assert.ok(report.ok)
})

test('an org whose calls are used up fails at the API, with where to look', async () => {
  const integration = await practice.connected('Used up')
  emulator.faults.answerNext('limit', { times: 3 })
  const report = await testConnection(deps, integration)
  assert.equal(report.failure?.code, 'REQUEST_LIMIT_EXCEEDED')
  assert.equal(stateOf(report).api, 'failed')
})

test('no token is in any report or log line', async () => {
  const integration = await practice.connected('Planted')
  const texts = [JSON.stringify(await testConnection(deps, integration))]
  emulator.revokeGrants()
  texts.push(JSON.stringify(await testConnection(deps, integration)), ...practice.lines)
  assert.ok(!texts.some((text) => /5Aep|00D\w{12}!/.test(text) || text.includes(emulator.clientSecret)))
})
