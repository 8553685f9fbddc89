import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../../test/database.ts'
import {
  changeIntegration,
  createIntegration,
  deleteIntegration,
  findIntegration,
  listIntegrations,
  type NewIntegration,
} from './integrations.ts'

const { sql } = await testDatabase()

const draft: NewIntegration = {
  name: 'Acme Support (EU)',
  capability: 'helpdesk',
  environment: 'production',
  pullBy: 'updated',
  domain: 'https://acme.my.salesforce.com',
  pullFrom: new Date('2024-11-01T00:00:00Z'),
  syncEveryMinutes: 15,
  clientId: null,
  clientSecretSealed: null,
  createdBy: 'p1',
}

const schemaExists = async (name: string) =>
  (await sql`select 1 from pg_namespace where nspname = ${name}`).length === 1

test('an integration gets a schema named for it, and both go together', async () => {
  const first = await sql.begin((tx) => createIntegration(tx, draft))
  assert.equal(first.schemaName, 'org_acme_support_eu')
  assert.ok(await schemaExists(first.schemaName))

  const second = await sql.begin((tx) => createIntegration(tx, { ...draft, name: 'Acme: support, EU' }))
  assert.equal(second.schemaName, 'org_acme_support_eu_2')
  assert.deepEqual((await listIntegrations(sql)).map((one) => one.id).sort(), [first.id, second.id].sort())

  await deleteIntegration(sql, first)
  assert.equal(await schemaExists(first.schemaName), false)
  assert.equal(await findIntegration(sql, first.id), undefined)
  assert.ok(await schemaExists(second.schemaName))
})

test('a name is unique whatever its case, on creation and on renaming', async () => {
  const one = await sql.begin((tx) => createIntegration(tx, { ...draft, name: 'North' }))
  const other = await sql.begin((tx) => createIntegration(tx, { ...draft, name: 'South' }))
  const taken = { failure: { code: 'NAME_TAKEN', field: 'name' } }
  await assert.rejects(
    sql.begin((tx) => createIntegration(tx, { ...draft, name: 'NORTH' })),
    (error: typeof taken) => error.failure.code === 'NAME_TAKEN' && error.failure.field === 'name',
  )
  await assert.rejects(changeIntegration(sql, other.id, { name: 'north' }))
  assert.equal((await changeIntegration(sql, one.id, { name: 'north', syncEveryMinutes: 60 })).syncEveryMinutes, 60)
})
