import assert from 'node:assert/strict'
import test from 'node:test'
import { fieldOf } from '../org/fields.ts'
import type { FieldSchema, FieldValue, ObjectSchema, Viewer } from '../org/model.ts'
import { objectSchemas } from '../org/schemas.ts'
import { createTable } from '../org/table.ts'
import { ANCHOR, rowsOf, signIns, testOrg } from '../org/test-org.ts'
import { runQuery } from './query.ts'

function objectLike(like: string, name: string, fields: readonly FieldSchema[]): ObjectSchema {
  const schema = objectSchemas.get(like)
  assert.ok(schema)
  return { ...schema, name, fields: [...schema.fields, ...fields] }
}

function tableOf(schema: ObjectSchema, rows: readonly { readonly [field: string]: FieldValue }[]) {
  const columns = Object.fromEntries(
    Object.keys(rows[0] ?? {}).map((field) => [field, (slot: number) => rows[slot]?.[field] ?? null]),
  )
  return createTable(schema, { slots: rows.length, createdAt: () => 0, columns })
}

const code = fieldOf('CurrencyIsoCode', { type: 'picklist' })
const deals = objectLike('Opportunity', 'Opportunity', [code])
const currencies = objectLike('CaseStatus', 'CurrencyType', [
  fieldOf('IsoCode', { type: 'picklist' }),
  fieldOf('ConversionRate', { type: 'double' }),
])
const users = objectLike('User', 'User', [fieldOf('DefaultCurrencyIsoCode', { type: 'picklist' })])

/** Two deals of equal worth, one of half of it and one without amount, in an org whose corporate currency is the euro. */
const tables = new Map([
  [
    'Opportunity',
    tableOf(deals, [
      { Name: 'Dollars', Amount: 200, CurrencyIsoCode: 'USD' },
      { Name: 'Euros', Amount: 100, CurrencyIsoCode: 'EUR' },
      { Name: 'Yen', Amount: 8000, CurrencyIsoCode: 'JPY' },
      { Name: 'Nothing', Amount: null, CurrencyIsoCode: 'EUR' },
    ]),
  ],
  [
    'CurrencyType',
    tableOf(currencies, [
      { IsoCode: 'EUR', ConversionRate: 1 },
      { IsoCode: 'USD', ConversionRate: 2 },
      { IsoCode: 'JPY', ConversionRate: 160 },
    ]),
  ],
  ['User', tableOf(users, [{ DefaultCurrencyIsoCode: 'USD', LocaleSidKey: 'en_US', TimeZoneSidKey: 'GMT' }])],
])

function ask(soql: string): unknown[] {
  const table = (name: string) => {
    const found = tables.get(name)
    assert.ok(found)
    return found
  }
  const viewer: Viewer = { userId: table('User').idOf(0), permissions: new Set() }
  const visibleObject = (_: Viewer, name: string) => tables.get(name)?.schema
  const db = { table, visibleObject, visibleObjects: () => [], now: () => ANCHOR, anchor: ANCHOR }
  return Array.from(runQuery(db, viewer, soql, { all: false }).rows(), (row) => (row.length === 1 ? row[0] : [...row]))
}

// https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-querying-currency-fields.html
test('amounts come in their own currency, or in that of the user where that is asked for', () => {
  assert.deepEqual(ask('SELECT Amount, convertCurrency(Amount) mine FROM Opportunity'), [
    [200, 200],
    [100, 200],
    [8000, 100],
    [null, null],
  ])
  assert.deepEqual(ask("SELECT FORMAT(convertCurrency(Amount)) text FROM Opportunity WHERE Name = 'Yen'"), ['$100.00'])
})

test('aggregates add up in the corporate currency', () => {
  assert.deepEqual(ask('SELECT SUM(Amount), MAX(Amount), AVG(Amount) FROM Opportunity'), [[250, 100, 83.3333333333333]])
})

test('an amount with a currency is compared by worth, one without by number', () => {
  assert.deepEqual(ask('SELECT Name FROM Opportunity WHERE Amount > USD150'), ['Dollars', 'Euros'])
  assert.deepEqual(ask('SELECT Name FROM Opportunity WHERE Amount = EUR100.00'), ['Dollars', 'Euros'])
  assert.deepEqual(ask('SELECT Name FROM Opportunity WHERE Amount IN (EUR50, JPY16000)'), ['Dollars', 'Euros', 'Yen'])
  assert.deepEqual(ask('SELECT Name FROM Opportunity WHERE Amount > 150'), ['Dollars', 'Yen'])
  assert.throws(() => ask('SELECT Name FROM Opportunity WHERE Amount > GBP5'), {
    errorCode: 'MALFORMED_QUERY',
    message: /unexpected token: 'GBP5'$/,
  })
})

test('the practice org converts its own deals when it has several currencies', () => {
  const org = testOrg({ settings: { multiCurrency: true, personAccounts: false, isSandbox: false } })
  const rates = new Map(
    rowsOf(org, 'SELECT IsoCode, ConversionRate FROM CurrencyType').map(([code, rate]) => [code, Number(rate)]),
  )
  const [[own] = []] = rowsOf(org, `SELECT DefaultCurrencyIsoCode FROM User WHERE Id = '${signIns(org).admin.userId}'`)
  const rows = rowsOf(
    org,
    'SELECT Amount, CurrencyIsoCode, convertCurrency(Amount) mine FROM Opportunity WHERE Amount != null',
  )
  assert.ok(new Set(rows.map(([, code]) => code)).size > 1)
  for (const [amount, code, mine] of rows) {
    const expected = (Number(amount) / (rates.get(code ?? null) ?? 0)) * (rates.get(own ?? null) ?? 0)
    assert.ok(Math.abs(Number(mine) - expected) < 1e-6)
  }
})
