import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiName, datetimeLiteral, stringLiteral } from './soql.ts'

test('no text can break out of a SOQL literal', () => {
  assert.equal(stringLiteral("O'Neil"), "'O\\'Neil'")
  assert.equal(stringLiteral('back\\slash "quoted"'), '\'back\\\\slash \\"quoted\\"\'')
  assert.equal(stringLiteral("x' OR Name != '"), "'x\\' OR Name != \\''")
  assert.equal(stringLiteral('two\nlines\tand\r'), "'two\\nlines\\tand\\r'")
})

test('a moment is written in UTC with milliseconds', () => {
  assert.equal(datetimeLiteral(new Date('2026-01-02T03:04:05+02:00')), '2026-01-02T01:04:05.000Z')
})

test('only API names pass as names', () => {
  assert.equal(apiName('Ext_Id__c'), 'Ext_Id__c')
  for (const name of ['', '1A', 'Case; DROP', 'Case/describe', '../limits', 'Owner.Name'])
    assert.throws(() => apiName(name))
})
