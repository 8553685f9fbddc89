/// <reference types="node" />
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDate, formatFileType, formatLanguage, formatMoney, formatSize } from './amounts.ts'
import { fieldName } from './field-name.ts'
import { orgWords } from './org-words.ts'

test('money is written in its own currency, and plainly where the org has but one or made one up', () => {
  assert.equal(formatMoney(12_400.5, 'EUR'), '€12,400.50')
  assert.equal(formatMoney(12_400, 'EUR'), '€12,400')
  assert.equal(formatMoney(0, null), '0')
  assert.equal(formatMoney(-3.5, null), '-3.50')
  assert.equal(formatMoney(100, 'POINTS'), '100 POINTS')
  assert.equal(formatMoney(null, 'EUR'), null)
})

test('a size has at most one digit behind the point', () => {
  assert.equal(formatSize(0), '0 B')
  assert.equal(formatSize(999), '999 B')
  assert.equal(formatSize(1_240), '1.2 KB')
  assert.equal(formatSize(211_400_000), '211 MB')
  assert.equal(formatSize(null), null)
})

test('a date without a time of day is the same day in every time zone', () => {
  assert.equal(formatDate('2026-11-03'), '3 Nov 2026')
  assert.equal(formatDate(null), null)
})

test('languages and kinds of files go by names that people use; unknown ones stay as they are', () => {
  assert.equal(formatLanguage('en_US'), 'English (United States)')
  assert.equal(formatLanguage('de'), 'German')
  assert.equal(formatLanguage('not a language'), 'not a language')
  assert.equal(formatFileType('POWER_POINT_X'), 'PowerPoint')
  assert.equal(formatFileType('KEYNOTE'), 'KEYNOTE')
})

test("a field's API name becomes plain words, with its abbreviations kept", () => {
  assert.equal(fieldName('Escalation_Reason__c'), 'Escalation reason')
  assert.equal(fieldName('EscalationReason__c'), 'Escalation reason')
  assert.equal(fieldName('SLA_Due__c'), 'SLA due')
  assert.equal(fieldName('System_Size_kWp__c'), 'System size kWp')
  assert.equal(fieldName('acme__Region__c'), 'Region')
  assert.equal(fieldName('ContactId'), 'Contact id')
})

test("a filter names the org's own words only where they differ", () => {
  const known = [
    { value: 'open', orgValue: 'Working' },
    { value: 'open', orgValue: 'Escalated' },
    { value: 'new', orgValue: 'New' },
  ]
  assert.equal(orgWords(known, 'open', 'Open'), 'Working, Escalated')
  assert.equal(orgWords(known, 'new', 'New'), undefined)
  assert.equal(orgWords(undefined, 'new', 'New'), undefined)
})
