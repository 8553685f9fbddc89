import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Connection } from 'jsforce'
import { adminOf } from '../test-browser.ts'
import { serveOrg } from './served-org.ts'

async function idsOf(connection: Connection, soql: string): Promise<string[]> {
  const { records } = await connection.query<{ Id: string }>(soql)
  return records.map(({ Id }) => Id)
}

/** jsforce's types know nothing of what comes back of a list. */
function only<T>(results: T | readonly T[]): T {
  const [result] = Array.isArray(results) ? (results as readonly T[]) : [results as T]
  assert.ok(result !== undefined)
  return result
}

test('jsforce merges accounts over SOAP: the loser goes, its contacts move, and the master says what it was told', async (t) => {
  const { connect } = await serveOrg(t)
  const connection = connect()
  const [master, loser] = await idsOf(connection, 'SELECT Id FROM Account LIMIT 2')
  assert.ok(master && loser)
  const contact = await connection.sobject('Contact').create({ LastName: 'Moved', AccountId: loser })
  const result = only(
    await connection.soap.merge([
      { masterRecord: { type: 'Account', Id: master, Phone: '+49 1' }, recordToMergeIds: [loser] } as never,
    ]),
  )
  assert.equal(result.success, true)
  assert.deepEqual(result.mergedRecordIds, [loser])
  assert.ok(contact.success && result.updatedRelatedIds.includes(contact.id))
  assert.deepEqual(await idsOf(connection, `SELECT Id FROM Account WHERE Id = '${loser}'`), [])
  assert.equal((await connection.sobject('Account').retrieve(master)).Phone, '+49 1')
})

test('jsforce converts a lead over SOAP into an account, a contact and an opportunity', async (t) => {
  const { connect } = await serveOrg(t)
  const connection = connect()
  const lead = await connection.sobject('Lead').create({ LastName: 'Convertible', Company: 'Convertible & Co' })
  assert.ok(lead.success)
  const [status] = (
    await connection.query<{ MasterLabel: string }>('SELECT MasterLabel FROM LeadStatus WHERE IsConverted = true')
  ).records
  const request = {
    leadId: lead.id,
    convertedStatus: status?.MasterLabel ?? '',
    doNotCreateOpportunity: false,
    overwriteLeadSource: false,
    sendNotificationEmail: false,
  }
  const converted = only(await connection.soap.convertLead([request] as never))
  assert.equal(converted.success, true)
  assert.equal(converted.leadId, lead.id)
  assert.equal((await connection.sobject('Account').retrieve(converted.accountId ?? '')).Name, 'Convertible & Co')
  assert.ok(converted.contactId && converted.opportunityId)

  const again = only(await connection.soap.convertLead([request] as never))
  assert.equal(again.success, false)
  assert.equal(again.errors[0]?.statusCode, 'CANNOT_UPDATE_CONVERTED_LEAD')
})

test('jsforce upserts over SOAP by an external id: the first time it creates, the second it updates', async (t) => {
  const { emulator, connect } = await serveOrg(t)
  const connection = connect()
  const schemas = emulator.org.listObjects(adminOf(emulator))
  const keyed = schemas.find(({ name, fields }) => name === 'Account' && fields.some(({ externalId }) => externalId))
  const key = keyed?.fields.find(({ externalId }) => externalId)?.name
  assert.ok(key)
  const upsert = async (fields: object) =>
    only(await connection.soap.upsert(key, [{ type: 'Account', ...fields }] as never))
  const first = await upsert({ Name: 'Keyed', [key]: 'K-1' })
  assert.deepEqual([first.success, first.created], [true, true])
  const second = await upsert({ Name: 'Keyed again', [key]: 'K-1' })
  assert.deepEqual([second.created, second.id], [false, first.id])
  assert.equal((await connection.sobject('Account').retrieve(first.id ?? '')).Name, 'Keyed again')
  const wrong = only(await connection.soap.upsert('Name', [{ type: 'Account', Name: 'x' }] as never))
  assert.equal(wrong.errors[0]?.statusCode, 'INVALID_FIELD')
})

test('jsforce creates, updates, deletes, undeletes and clears records over SOAP, each for itself', async (t) => {
  const { connect } = await serveOrg(t)
  const connection = connect()
  const [good, bad] = await connection.soap.create([
    { type: 'Account', Name: 'Über <SOAP> & "Co"', NumberOfEmployees: 12 },
    { type: 'Account', NumberOfEmployees: 12 },
  ])
  assert.ok(good?.success && good.id)
  assert.equal(bad?.success, false)
  assert.equal(bad?.errors[0]?.statusCode, 'REQUIRED_FIELD_MISSING')
  const stored = await connection.sobject('Account').retrieve(good.id)
  assert.deepEqual([stored.Name, stored.NumberOfEmployees], ['Über <SOAP> & "Co"', 12])

  await connection.soap.update({ type: 'Account', Id: good.id, NumberOfEmployees: null })
  assert.equal((await connection.sobject('Account').retrieve(good.id)).NumberOfEmployees, null)

  const isThere = async () => (await idsOf(connection, `SELECT Id FROM Account WHERE Id = '${good.id}'`)).length === 1
  assert.equal(only(await connection.soap.delete([good.id])).success, true)
  assert.equal(await isThere(), false)
  assert.equal(only(await connection.soap.undelete([good.id])).success, true)
  assert.equal(await isThere(), true)
  await connection.soap.delete(good.id)
  assert.equal(only(await connection.soap.emptyRecycleBin([good.id])).success, true)
  assert.equal(only(await connection.soap.undelete([good.id])).success, false)
})
