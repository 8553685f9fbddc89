import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testOrg } from '../org/test-org.ts'
import { changeEventName, changeEventSchema, restoreSchema } from './avro-schema.ts'
import { decodeBitmaps, encodeBitmaps } from './bitmaps.ts'
import { bodyAsJson, type ChangeEventHeader, decodeBody, encodeBody } from './event-body.ts'

const org = testOrg()
const [admin] = org.users
if (!admin) throw new Error('The practice org has sign-ins')
const schemaOf = (objectName: string) => changeEventSchema(org.getObject(admin, objectName))

const header: ChangeEventHeader = {
  entityName: 'Contact',
  recordIds: ['0035f00000AAAAAAAA'],
  changeType: 'UPDATE',
  changeOrigin: 'com/salesforce/api/rest/67.0;client=desk',
  transactionKey: '000a11bb-22cc-33dd-44ee-5566778899aa',
  sequenceNumber: 1,
  commitTimestamp: 1_767_323_045_000,
  commitNumber: 20_911_734_556_001,
  commitUser: admin.userId,
  nulledFields: ['Phone', 'MailingAddress.City'],
  diffFields: [],
  changedFields: ['Phone', 'Birthdate', 'LastModifiedDate', 'Name.FirstName', 'MailingAddress.City'],
}

test("bitmaps of Salesforce's own example name the fields at those places", () => {
  // https://developer.salesforce.com/docs/atlas.en-us.252.0.change_data_capture.meta/change_data_capture/cdc_enrich_event_example.htm
  const names =
    'ChangeEventHeader Name Type ParentId BillingAddress ShippingAddress Phone Fax AccountNumber Website Sic Industry AnnualRevenue NumberOfEmployees Ownership TickerSymbol Description Rating Site OwnerId CreatedDate CreatedById LastModifiedDate'
  const fields = names
    .split(' ')
    .map((name) => ({ name, source: undefined, parts: [], recordName: undefined, required: false }))
  assert.deepEqual(decodeBitmaps(fields, ['0x400080']), ['Fax', 'LastModifiedDate'])
  assert.deepEqual(encodeBitmaps(fields, ['LastModifiedDate', 'Fax']), ['0x400080'])
  assert.deepEqual(encodeBitmaps(fields, []), [])
})

test('a component of a compound field is named by its parent and its own place', () => {
  const { fields } = schemaOf('Contact')
  const parent = fields.findIndex(({ name }) => name === 'MailingAddress')
  assert.deepEqual(encodeBitmaps(fields, ['MailingAddress.Street', 'MailingAddress.City']), [`${parent}-0x03`])
  assert.deepEqual(decodeBitmaps(fields, [`${parent}-0x02`]), ['MailingAddress.City'])
})

test('an event comes out of its bytes as it went in, also by a schema that was kept', () => {
  const schema = schemaOf('Contact')
  const values = {
    FirstName: 'Ada',
    Birthdate: '1990-02-28',
    LastModifiedDate: 1_767_323_045_000,
    Preferred_Call_Time__c: '08:30:00.000Z',
    HasOptedOutOfEmail: true,
  }
  const bytes = encodeBody(schema, { header, values })
  const kept = JSON.parse(JSON.stringify({ ...schema, type: undefined }))
  for (const reader of [schema, restoreSchema(schema.id, kept)]) {
    const body = decodeBody(reader, bytes)
    assert.deepEqual(body.values, values)
    assert.deepEqual(new Set(body.header?.changedFields), new Set(header.changedFields))
    assert.deepEqual(body.header?.nulledFields, header.nulledFields)
    assert.equal(body.header?.commitNumber, header.commitNumber)
  }
})

test('dates and times are milliseconds in Avro and text in JSON', () => {
  const schema = schemaOf('Contact')
  const bytes = encodeBody(schema, { header, values: { Birthdate: '1990-02-28', LastModifiedDate: 1_767_323_045_000 } })
  const record = schema.type.fromBuffer(bytes)
  assert.equal(record.Birthdate.long, Date.UTC(1990, 1, 28))
  const json = bodyAsJson(schema, decodeBody(schema, bytes))
  assert.equal(json.Birthdate, '1990-02-28T00:00:00Z')
  assert.equal(json.LastModifiedDate, '2026-01-02T03:04:05Z')
})

test('JSON leaves out what did not change, shows what was emptied, and names the changed fields', () => {
  const schema = schemaOf('Contact')
  const json = bodyAsJson(schema, { header, values: { FirstName: 'Ada' } })
  const { ChangeEventHeader: shown, ...fields } = json
  assert.deepEqual(fields, { Name: { FirstName: 'Ada' }, Phone: null })
  const { nulledFields: _, diffFields: __, ...expected } = header
  assert.deepEqual(shown, expected)
})

test('events carry no formulas, no SystemModstamp and nothing that other records tell', () => {
  const names = schemaOf('Case').fields.map(({ name }) => name)
  for (const name of ['Id', 'IsDeleted', 'SystemModstamp', 'ContactEmail']) assert.ok(!names.includes(name), name)
  for (const name of ['CaseNumber', 'Status', 'LastModifiedDate']) assert.ok(names.includes(name), name)
  assert.equal(names[0], 'ChangeEventHeader')
})

test("an account's name is text, a contact's a record", () => {
  const account = schemaOf('Account')
  const company = encodeBody(account, { header: { ...header, entityName: 'Account' }, values: { Name: 'Acme' } })
  assert.equal(bodyAsJson(account, decodeBody(account, company)).Name, 'Acme')
  const contact = JSON.parse(schemaOf('Contact').json)
  const [, record] = contact.fields.find(({ name }: { name: string }) => name === 'Name').type
  assert.equal(record.name, 'PersonName')
})

test('the schema id follows the schema', () => {
  const [one, other] = [schemaOf('Case'), changeEventSchema({ ...org.getObject(admin, 'Case'), fields: [] })]
  assert.match(one.id, /^[\w-]{22}$/)
  assert.notEqual(one.id, other.id)
  assert.equal(schemaOf('Case').id, one.id)
  assert.equal(changeEventName('Site__c'), 'Site__ChangeEvent')
})
