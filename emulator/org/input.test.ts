import assert from 'node:assert/strict'
import test from 'node:test'
import { fieldsFromCsv, fieldsFromJson } from './input.ts'
import { rowsOf, signIns, testOrg } from './test-org.ts'

const org = testOrg()
const { admin } = signIns(org)
const read = (objectName: string, json: unknown) => fieldsFromJson(org, admin, org.getObject(admin, objectName), json)
const readRow = (objectName: string, row: { [column: string]: string }) =>
  fieldsFromCsv(org, admin, org.getObject(admin, objectName), Object.keys(row), Object.values(row))
const [account = []] = rowsOf(org, 'SELECT Id, ERP_Number__c FROM Account WHERE ERP_Number__c != null LIMIT 1')
const [accountId, erp] = account.map(String)

const VALUES: readonly [string, object, object][] = [
  ['names in any case, and no attributes', { attributes: { type: 'Case' }, subject: 'x' }, { Subject: 'x' }],
  ['a date', { CloseDate: '2026-02-28' }, { CloseDate: '2026-02-28' }],
  ['numbers as numbers and as text', { Amount: '1.5e3', Probability: 10 }, { Amount: 1500, Probability: 10 }],
  ['nothing, and empty text', { Amount: null, NextStep: '' }, { Amount: null, NextStep: null }],
]
for (const [what, json, expected] of VALUES) {
  test(`JSON: ${what}`, () => {
    assert.deepEqual(read('subject' in json ? 'Case' : 'Opportunity', json), expected)
  })
}

test('JSON: datetimes in every ISO 8601 form are one moment, short ids are long ones', () => {
  const moment = Date.parse('2026-01-02T03:04:05Z')
  for (const text of ['2026-01-02T03:04:05.000+0000', '2026-01-02T05:04:05+02:00', '2026-01-02T03:04:05Z']) {
    assert.deepEqual(read('Task', { ReminderDateTime: text }), { ReminderDateTime: moment })
  }
  assert.deepEqual(read('Contact', { AccountId: accountId?.slice(0, 15) }), { AccountId: accountId })
})

test('JSON: a nested record names a lookup by external id', () => {
  assert.deepEqual(read('Contact', { Account: { ERP_Number__c: erp } }), { AccountId: accountId })
})

const REFUSED: readonly [string, string, object, RegExp | string][] = [
  ['an unknown field', 'INVALID_FIELD', { Nope__c: 1 }, "No such column 'Nope__c' on sobject of type Opportunity"],
  ['an Id in the body', 'INVALID_FIELD', { Id: 'x' }, 'The Id field should not be specified in the sobject data.'],
  [
    'a text for a number, with its place',
    'JSON_PARSER_ERROR',
    { Name: 'x', Amount: 'lots' },
    'Cannot deserialize instance of currency from VALUE_STRING value lots or request may be missing a required field at [line:1, column:22]',
  ],
  // https://github.com/restforce/restforce/issues/897
  [
    'a datetime in another form',
    'JSON_PARSER_ERROR',
    { CloseDate: '2024-07-30 20:54:16 UTC' },
    /instance of date from/,
  ],
  ['a date that no calendar has', 'JSON_PARSER_ERROR', { CloseDate: '2026-02-30' }, /VALUE_STRING value 2026-02-30/],
  ['a number for a text', 'JSON_PARSER_ERROR', { Name: 7 }, /instance of string from VALUE_NUMBER_INT value 7 /],
  // https://salesforce.stackexchange.com/questions/54882
  ['a list', 'JSON_PARSER_ERROR', { StageName: ['a'] }, /instance of picklist from START_ARRAY value \[ /],
  [
    'an external id of no record',
    'INVALID_FIELD',
    { Account: { ERP_Number__c: 'NONE' } },
    // https://docs.polytomic.com/docs/saleforceinvalid_reference_error
    'Foreign key external ID: none not found for field ERP_Number__c in entity Account',
  ],
  [
    'a field that is no external id',
    'INVALID_FIELD',
    { Account: { Industry: 'Retail' } },
    'Field name provided, Industry is not an External ID or indexed field for Account',
  ],
]
for (const [what, errorCode, json, message] of REFUSED) {
  test(`JSON refused: ${what}`, () => {
    assert.throws(() => read('Opportunity', json), { errorCode, message })
  })
}

test('CSV: empty cells are left out, #N/A empties, words stand for yes and no, headers lead along relationships', () => {
  const row = {
    Id: 'ignored',
    LastName: 'X',
    Title: '',
    Email: '#N/A',
    DoNotCall: 'YES',
    'Account.ERP_Number__c': String(erp),
  }
  assert.deepEqual(readRow('Contact', row), { LastName: 'X', Email: null, DoNotCall: true, AccountId: accountId })
  const [user = []] = rowsOf(org, 'SELECT Id, Username FROM User LIMIT 1')
  assert.deepEqual(readRow('Case', { 'User:Owner.Id': String(user[0]) }), { OwnerId: user[0] })
})

test('CSV: a value that does not fit its field is refused by the field’s label', () => {
  assert.throws(() => readRow('Opportunity', { Amount: 'abc' }), {
    errorCode: 'INVALID_TYPE_ON_FIELD_IN_RECORD',
    message: 'Amount: value not of required type: abc',
    fields: ['Amount'],
  })
  assert.throws(() => readRow('Opportunity', { 'Nope.X': '1' }), { errorCode: 'INVALID_FIELD' })
})
