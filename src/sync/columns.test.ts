import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDescribe } from '../salesforce/describe.ts'
import { columnsFor, tableName } from './columns.ts'

const describeCase = (...fields: [name: string, type: string][]) =>
  readDescribe({ name: 'Case', queryable: true, fields: fields.map(([name, type]) => ({ name, type, label: name })) })

test('each Salesforce type becomes the Postgres type that holds it without loss', () => {
  const types =
    'id reference string textarea picklist multipicklist boolean int long double currency percent date datetime time email phone url anyType encryptedstring somethingNew'
  const { columns } = columnsFor(
    describeCase(...types.split(' ').map((type): [string, string] => [`F_${type}`, type])),
    [],
  )
  assert.deepEqual(
    columns.map((column) => column.type),
    'text text text text text text boolean bigint bigint numeric numeric numeric date timestamptz time text text text text text text'.split(
      ' ',
    ),
  )
})

test('compound fields, bytes, and what only tells when the user last looked are left out', () => {
  const { columns } = columnsFor(
    describeCase(
      ['Id', 'id'],
      ['BillingAddress', 'address'],
      ['Body', 'base64'],
      ['Where__c', 'location'],
      ['LastViewedDate', 'datetime'],
    ),
    [],
  )
  assert.deepEqual(
    columns.map((column) => column.field),
    ['Id'],
  )
})

test('a field that appears is filled; one that vanished keeps its column; one that is back is filled again', () => {
  const first = columnsFor(describeCase(['Id', 'id'], ['A__c', 'string'], ['B__c', 'string']), [])
  assert.deepEqual(first.appeared, [])
  const second = columnsFor(describeCase(['Id', 'id'], ['A__c', 'string'], ['C__c', 'string']), first.columns)
  assert.deepEqual([second.appeared, second.vanished], [['C__c'], ['B__c']])
  assert.deepEqual(
    second.columns.map(({ field, state }) => [field, state]),
    [
      ['Id', 'live'],
      ['A__c', 'live'],
      ['C__c', 'filling'],
      ['B__c', 'gone'],
    ],
  )
  const third = columnsFor(
    describeCase(['Id', 'id'], ['A__c', 'string'], ['B__c', 'string'], ['C__c', 'string']),
    second.columns,
  )
  assert.deepEqual([third.appeared, third.vanished], [['B__c'], []])
  assert.deepEqual(
    third.columns.map((column) => column.state),
    ['live', 'live', 'filling', 'filling'],
  )
})

test('a field that changed its type is read anew', () => {
  const before = columnsFor(describeCase(['Id', 'id'], ['A__c', 'string']), []).columns
  const { columns, appeared } = columnsFor(describeCase(['Id', 'id'], ['A__c', 'double']), before)
  assert.deepEqual(appeared, ['A__c'])
  assert.deepEqual([columns[1]?.type, columns[1]?.state], ['numeric', 'filling'])
})

test('names longer than Postgres’s 63 bytes stay apart', () => {
  const long = 'package__A_rather_long_name_for_a_geolocation_field_of_one'
  const { columns } = columnsFor(
    describeCase(['Id', 'id'], [`${long}__Latitude__s`, 'double'], [`${long}__Longitude__s`, 'double']),
    [],
  )
  const names = columns.map((column) => column.column)
  assert.equal(new Set(names).size, 3)
  assert.ok(names.every((name) => name.length <= 63))
  assert.equal(tableName('Knowledge__kav'), 'sf_knowledge__kav')
})
