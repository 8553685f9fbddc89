import assert from 'node:assert/strict'
import test from 'node:test'
import type { FieldValue } from './model.ts'
import type { FieldDefinition } from './schema-file.ts'
import { rowsOf, signIns, testOrg } from './test-org.ts'

const DAY = 86_400_000

test('a formula follows the record that it reads, and no stamp moves with it', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  const [[id, accountId] = []] = rowsOf(org, "SELECT Id, AccountId FROM Case WHERE Account_Tier__c = 'Basic' LIMIT 1")
  const stamps = () => rowsOf(org, `SELECT LastModifiedDate, SystemModstamp FROM Case WHERE Id = '${id}'`)
  const before = stamps()
  org.update(admin.userId, 'Account', String(accountId), { Service_Level__c: 'Premium' })
  assert.deepEqual(rowsOf(org, `SELECT Account_Tier__c FROM Case WHERE Id = '${id}'`), [['Premium']])
  assert.deepEqual(stamps(), before)
  const tiers = rowsOf(org, 'SELECT Account_Tier__c, Account.Service_Level__c FROM Case WHERE AccountId != null')
  assert.ok(tiers.length > 0 && tiers.every(([tier, level]) => tier === level))
})

test('a roll-up counts and sums what its parent has, deleted children left out, and no stamp moves with it', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  const [[accountId] = []] = rowsOf(org, 'SELECT AccountId FROM Opportunity WHERE IsWon = true LIMIT 1')
  const account = (fields: string) => rowsOf(org, `SELECT ${fields} FROM Account WHERE Id = '${accountId}'`)[0] ?? []
  const deals = (where: string) =>
    rowsOf(org, `SELECT Amount FROM Opportunity WHERE AccountId = '${accountId}' AND ${where}`)
  const expected = () => [
    deals('IsClosed = false').length,
    deals('IsWon = true').reduce((sum, [amount]) => sum + Number(amount), 0),
  ]
  const rounded = (values: readonly unknown[]) => values.map((value) => Math.round(Number(value) * 100))
  assert.deepEqual(rounded(account('Open_Deals__c, Won_Amount__c')), rounded(expected()))

  const stamps = account('LastModifiedDate, SystemModstamp')
  const [open, won] = account('Open_Deals__c, Won_Amount__c')
  const deal = { AccountId: String(accountId), Name: 'More', CloseDate: '2027-01-01' }
  const id = org.create(admin.userId, 'Opportunity', { ...deal, StageName: 'Prospecting', Amount: 10 })
  assert.deepEqual(account('Open_Deals__c'), [Number(open) + 1])
  org.update(admin.userId, 'Opportunity', id, { StageName: 'Closed Won' })
  assert.deepEqual(rounded(account('Open_Deals__c, Won_Amount__c')), rounded([open, Number(won) + 10]))
  org.delete(admin.userId, 'Opportunity', id)
  assert.deepEqual(rounded(account('Open_Deals__c, Won_Amount__c')), rounded([open, won]))
  assert.deepEqual(account('LastModifiedDate, SystemModstamp'), stamps)
})

test('a formula may read a formula or a roll-up, wherever that stands, and so may a roll-up', () => {
  const org = testOrg()
  const add = (object: string, field: string, definition: FieldDefinition) =>
    org.changeSchema({ kind: 'add-field', object, field, definition })
  // Cases and accounts come before opportunities, and a field's own object before its parents.
  add('Opportunity', 'Half__c', { type: 'double', scale: 2, formula: 'Amount / 2' })
  add('Account', 'Halves__c', {
    type: 'double',
    scale: 2,
    rollUp: { function: 'SUM', of: 'Opportunity', by: 'AccountId', field: 'Half__c' },
  })
  add('Account', 'All__c', { type: 'double', scale: 2, formula: 'Halves__c + Halves__c' })
  org.changeSchema({
    kind: 'change-field',
    object: 'Opportunity',
    field: 'Half__c',
    definition: { formula: 'Amount / 4' },
  })
  const [[accountId] = []] = rowsOf(org, 'SELECT AccountId FROM Opportunity WHERE Amount > 0 LIMIT 1')
  const amounts = rowsOf(org, `SELECT Amount FROM Opportunity WHERE AccountId = '${accountId}'`).map(([one]) =>
    Number(one),
  )
  const sum = amounts.reduce((total, one) => total + one, 0)
  const [[all] = []] = rowsOf(org, `SELECT All__c FROM Account WHERE Id = '${accountId}'`)
  assert.ok(sum > 0 && Math.abs(Number(all) - sum / 2) < 0.02 * amounts.length, `${all} of ${sum}`)
})

test('a formula that depends on today changes with the clock alone', () => {
  let time = Date.parse('2026-11-02T09:00:00Z')
  const org = testOrg({ now: () => time })
  const age = () => rowsOf(org, 'SELECT Id, Age_Days__c, SystemModstamp FROM Opportunity WHERE IsClosed = false')
  const before = age()
  assert.ok(before.length > 0)
  time += 3 * DAY
  assert.deepEqual(
    age(),
    before.map(([id, days, stamp]) => [id, Number(days) + 3, stamp]),
  )
})

test('nobody sets a formula field', () => {
  const org = testOrg()
  const { admin } = signIns(org)
  assert.throws(() => org.create(admin.userId, 'Case', { Account_Tier__c: 'Gold' }), {
    errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE',
  })
})

const number = (formula: string): FieldDefinition => ({ type: 'double', scale: 2, formula })
const text = (formula: string): FieldDefinition => ({ type: 'string', length: 1300, formula })
const cases: readonly (readonly [FieldDefinition, FieldValue])[] = [
  [number('1 + 2 * 3'), 7],
  [number('(1 + 2) * 3 - -1'), 10],
  [number('10 / 4'), 2.5],
  [number('1 / 0'), null],
  [number('2 ^ 3'), 8],
  [number('ROUND(2.345, 1)'), 2.3],
  [number('MAX(1, 5, 3)'), 5],
  [number('Satisfaction__c + 1'), 1],
  [number('LEN(Subject)'), 5],
  [text("IF(ISBLANK(Origin), 'none', TEXT(Origin))"), 'none'],
  [text('CASE(Priority, "High", "!", "Medium", "~", "?")'), '~'],
  [text("Subject & ' ' & TEXT(Status)"), 'Hello New'],
  [text('LEFT(UPPER(Subject), 2)'), 'HE'],
  [text("BLANKVALUE(Origin, 'Web')"), 'Web'],
  [{ type: 'boolean', formula: "ISPICKVAL(Priority, 'Medium') && NOT(IsEscalated)" }, true],
  [{ type: 'boolean', formula: "OR(Subject = 'x', CONTAINS(Subject, 'ell'))" }, true],
  [{ type: 'boolean', formula: 'Satisfaction__c > 3' }, false],
  [{ type: 'date', formula: 'Installed_On__c + 30' }, '2026-01-31'],
  [number('Installed_On__c - DATEVALUE(Installed_On__c)'), 0],
  [number('YEAR(Installed_On__c)'), 2026],
]
for (const [definition, expected] of cases) {
  test(`${definition.formula} is ${expected}`, () => {
    const org = testOrg()
    const { admin } = signIns(org)
    const id = org.create(admin.userId, 'Case', { Subject: 'Hello', Installed_On__c: '2026-01-01' })
    org.changeSchema({ kind: 'add-field', object: 'Case', field: 'F__c', definition })
    assert.deepEqual(rowsOf(org, `SELECT F__c FROM Case WHERE Id = '${id}'`), [[expected]])
  })
}
