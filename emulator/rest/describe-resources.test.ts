import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createEmulator } from '../app.ts'
import { adminOf, agentOf, jsonOf, ORIGIN } from '../test-browser.ts'

const clock = { ms: Date.UTC(2026, 10, 1, 12) }
const emulator = createEmulator({ origin: ORIGIN, now: () => clock.ms })
after(() => emulator.close())
const admin = adminOf(emulator)
const agent = agentOf(emulator)
const token = emulator.issueToken(admin.username)
const agentToken = emulator.issueToken(agent.username)
const DATA = '/services/data/v67.0'

function call(path: string, { as = token, ...init }: RequestInit & { as?: string } = {}): Promise<Response> {
  return emulator.fetch(`${ORIGIN}${path}`, { ...init, headers: { authorization: `Bearer ${as}`, ...init.headers } })
}

test('the global describe lists what the user may see, with links', async () => {
  const { encoding, maxBatchSize, sobjects } = await jsonOf(await call(`${DATA}/sobjects`))
  assert.deepEqual([encoding, maxBatchSize], ['UTF-8', 200])
  const names = (list: { name: string }[]) => list.map(({ name }) => name)
  assert.ok(names(sobjects).includes('Case'))
  assert.ok(names(sobjects).includes('Lead'))
  const forCase = sobjects.find(({ name }: { name: string }) => name === 'Case')
  assert.equal(forCase.keyPrefix, '500')
  const { rowTemplate, describe, sobject } = forCase.urls
  const base = `${DATA}/sobjects/Case`
  assert.deepEqual([rowTemplate, describe, sobject], [`${base}/{ID}`, `${base}/describe`, base])
  const forAgent = await jsonOf(await call(`${DATA}/sobjects`, { as: agentToken }))
  assert.ok(!names(forAgent.sobjects).includes('Lead'))
})

test('a describe has all attributes of object and fields that clients look at', async () => {
  const described = await jsonOf(await call(`${DATA}/sobjects/case/describe`))
  assert.equal(described.name, 'Case')
  for (const key of [
    'childRelationships',
    'recordTypeInfos',
    'supportedScopes',
    'queryable',
    'replicateable',
    'urls',
  ]) {
    assert.ok(key in described, key)
  }
  const field = (name: string) => described.fields.find((candidate: { name: string }) => candidate.name === name)
  assert.equal(field('Id').type, 'id')
  assert.equal(field('Id').soapType, 'tns:ID')
  assert.equal(field('Id').nillable, false)
  assert.equal(field('SystemModstamp').soapType, 'xsd:dateTime')
  assert.equal(field('OwnerId').polymorphicForeignKey, true)
  assert.deepEqual(field('OwnerId').referenceTo.toSorted(), ['Group', 'User'])
  assert.ok(field('Status').picklistValues.some(({ value }: { value: string }) => value === 'Closed'))
})

test('If-Modified-Since is answered with 304 until something changes for that user', async () => {
  const path = `${DATA}/sobjects/Case/describe`
  const first = await call(path, { as: agentToken })
  const since = first.headers.get('last-modified') ?? ''
  assert.notEqual(since, '')
  const ask = (as: string, modifiedSince = since) => call(path, { as, headers: { 'if-modified-since': modifiedSince } })
  const unchanged = await ask(agentToken)
  assert.deepEqual([unchanged.status, await unchanged.text()], [304, ''])

  emulator.org.hideField(agent.userId, 'Case', 'Priority')
  const changed = await ask(agentToken)
  assert.equal(changed.status, 200)
  const names = (await jsonOf(changed)).fields.map(({ name }: { name: string }) => name)
  assert.ok(!names.includes('Priority'))
  assert.equal((await ask(agentToken, changed.headers.get('last-modified') ?? '')).status, 304)
  emulator.org.showField(agent.userId, 'Case', 'Priority')
  assert.equal((await ask(agentToken, changed.headers.get('last-modified') ?? '')).status, 200)
})

test('an object that the user may not see is NOT_FOUND', async () => {
  for (const path of ['Lead/describe', 'Lead', 'Nope/describe']) {
    const response = await call(`${DATA}/sobjects/${path}`, { as: agentToken })
    assert.deepEqual([response.status, (await jsonOf(response))[0].errorCode], [404, 'NOT_FOUND'])
  }
})
