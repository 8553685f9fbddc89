import assert from 'node:assert/strict'
import test from 'node:test'
import { rowsOf, signIns, testOrg } from './test-org.ts'

const switchedOff = testOrg()

test('without switches there are no persons, no currencies and no sandbox', () => {
  const { admin } = signIns(switchedOff)
  const names = switchedOff.getObject(admin, 'Account').fields.map(({ name }) => name)
  assert.ok(!names.some((name) => /^IsPerson|^Person|__pc$|^Currency/.test(name)))
  assert.throws(() => switchedOff.getObject(admin, 'CurrencyType'), { errorCode: 'NOT_FOUND' })
  assert.deepEqual(rowsOf(switchedOff, 'SELECT IsSandbox FROM Organization'), [[false]])
})

const persons = testOrg({ settings: { personAccounts: true } })

test('some accounts are persons, each with the fields of the one contact behind it; the others are companies', () => {
  const rows = rowsOf(
    persons,
    'SELECT Name, LastName, PersonEmail, PersonMailingCity, Preferred_Language__pc, PersonContact.Name, PersonContact.LastName, PersonContact.Email, PersonContact.MailingCity, PersonContact.Preferred_Language__c, RecordType.DeveloperName FROM Account WHERE IsPersonAccount = true',
  )
  assert.ok(rows.length > 0)
  for (const row of rows) {
    assert.deepEqual(row.slice(0, 5), row.slice(5, 10))
    assert.equal(row[10], 'PersonAccount')
  }
  const companies = rowsOf(
    persons,
    'SELECT LastName, PersonEmail, PersonContactId FROM Account WHERE IsPersonAccount = false',
  )
  assert.ok(companies.length > 0)
  assert.ok(companies.every((row) => row.every((value) => value === null)))
  assert.equal(
    rowsOf(persons, 'SELECT Id FROM Contact WHERE IsPersonAccount = true', { all: true }).length,
    rowsOf(persons, 'SELECT Id FROM Account WHERE IsPersonAccount = true', { all: true }).length,
  )
})

test('an account made with a last name is a person: its contact is made with it, and each follows the other', () => {
  const org = testOrg({ settings: { personAccounts: true } })
  const { admin } = signIns(org)
  const id = org.create(admin.userId, 'Account', { FirstName: 'Mia', LastName: 'Sol', PersonEmail: 'mia@sol.example' })
  const account = () =>
    rowsOf(org, `SELECT Name, IsPersonAccount, PersonContactId, PersonEmail FROM Account WHERE Id = '${id}'`)[0] ?? []
  const [name, isPerson, contactId] = account()
  assert.deepEqual([name, isPerson], ['Mia Sol', true])
  const contact = () =>
    rowsOf(org, `SELECT Name, Email, IsPersonAccount, AccountId FROM Contact WHERE Id = '${contactId}'`)[0]
  assert.deepEqual(contact(), ['Mia Sol', 'mia@sol.example', true, id])
  org.update(admin.userId, 'Account', id, { PersonEmail: 'a@sol.example' })
  assert.equal(contact()?.[1], 'a@sol.example')
  org.update(admin.userId, 'Contact', String(contactId), { Email: 'b@sol.example', LastName: 'Luna' })
  assert.deepEqual([account()[0], account()[3]], ['Mia Luna', 'b@sol.example'])
})

const currencies = testOrg({ settings: { multiCurrency: true } })

test('with several currencies each record has one, deals that of their account, and rates lead between them', () => {
  const used = new Set(rowsOf(currencies, 'SELECT CurrencyIsoCode FROM Account').flat())
  assert.ok(used.size > 2)
  const deals = rowsOf(currencies, 'SELECT CurrencyIsoCode, Account.CurrencyIsoCode FROM Opportunity')
  assert.ok(deals.length > 0 && deals.every(([own, account]) => own === account))
  const known = rowsOf(currencies, 'SELECT IsoCode FROM CurrencyType WHERE IsActive = true').flat()
  for (const code of used) assert.ok(known.includes(code ?? ''))
  assert.deepEqual(rowsOf(currencies, 'SELECT IsoCode, ConversionRate FROM CurrencyType WHERE IsCorporate = true'), [
    ['EUR', 1],
  ])
  assert.ok(rowsOf(currencies, "SELECT Id FROM DatedConversionRate WHERE IsoCode = 'USD'").length > 1)
})

test('a new record is in the currency that it says, or the company’s', () => {
  const org = testOrg({ settings: { multiCurrency: true } })
  const { admin } = signIns(org)
  const ids = [
    org.create(admin.userId, 'Account', { Name: 'A' }),
    org.create(admin.userId, 'Account', { Name: 'B', CurrencyIsoCode: 'GBP' }),
  ]
  const codes = ids.map((id) => rowsOf(org, `SELECT CurrencyIsoCode FROM Account WHERE Id = '${id}'`)[0]?.[0])
  assert.deepEqual(codes, ['EUR', 'GBP'])
})

test('a sandbox says that it is one', () => {
  const org = testOrg({ settings: { isSandbox: true } })
  assert.equal(org.isSandbox, true)
  assert.deepEqual(rowsOf(org, 'SELECT IsSandbox FROM Organization'), [[true]])
})

test('the switches add fields and change nothing else', () => {
  const cases = 'SELECT Id, Subject, AccountId, SystemModstamp FROM Case'
  assert.deepEqual(rowsOf(persons, cases), rowsOf(switchedOff, cases))
  assert.deepEqual(rowsOf(currencies, cases), rowsOf(switchedOff, cases))
})
