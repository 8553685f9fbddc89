import assert from 'node:assert/strict'
import test from 'node:test'
import { objectSchemas } from './schemas.ts'
import { signIns, testOrg } from './test-org.ts'

const schemas = [...objectSchemas.values()]

test('every object of the practice org is there, with records behind it', () => {
  const org = testOrg()
  assert.deepEqual(
    org.listObjects(signIns(org).admin).map(({ name }) => name),
    [...objectSchemas.keys()].sort(),
  )
})

test('names and key prefixes are unique, and each object has an id and says what its records are called', () => {
  assert.equal(new Set(schemas.map(({ name }) => name)).size, schemas.length)
  // What can't be retrieved by an id needs no prefix.
  const kept = schemas.filter(({ retrieveable }) => retrieveable)
  const prefixes = kept.map(({ keyPrefix }) => keyPrefix)
  assert.equal(new Set(prefixes).size, prefixes.length)
  for (const { name, keyPrefix } of kept) assert.match(keyPrefix ?? '', /^[a-zA-Z0-9]{3}$/, name)
  for (const { name, fields } of schemas) {
    assert.equal(fields[0]?.type, 'id', name)
    const names = fields.map((field) => field.name)
    assert.equal(new Set(names).size, names.length, `${name} has a field twice`)
  }
})

test('lookups point to objects that exist, and their parents list them as children', () => {
  for (const { name, fields } of schemas) {
    for (const field of fields.filter(({ type }) => type === 'reference')) {
      assert.ok(field.referenceTo.length > 0, `${name}.${field.name}`)
      for (const target of field.referenceTo) {
        const children = objectSchemas.get(target)?.childRelationships ?? []
        assert.ok(
          children.some((child) => child.childSObject === name && child.field === field.name),
          `${name}.${field.name} -> ${target}`,
        )
      }
    }
  }
})

test('an object never names two child relationships alike', () => {
  for (const { name, childRelationships } of schemas) {
    const names = childRelationships.map(({ relationshipName }) => relationshipName).filter((one) => one !== null)
    assert.equal(new Set(names).size, names.length, `${name}: ${names.join(', ')}`)
  }
})

test('components name the compound field that they belong to', () => {
  for (const { name, fields } of schemas) {
    for (const { compoundFieldName } of fields) {
      if (compoundFieldName === null) continue
      assert.ok(
        fields.some((field) => field.name === compoundFieldName),
        `${name}.${compoundFieldName}`,
      )
    }
  }
})

test('a case has enough columns for the benchmark, of all kinds of custom field', () => {
  const fields = objectSchemas.get('Case')?.fields ?? []
  assert.ok(fields.filter(({ type }) => type !== 'address' && type !== 'base64').length >= 45)
  const custom = new Set(fields.filter((field) => field.custom).map((field) => field.type))
  for (const type of [
    'picklist',
    'multipicklist',
    'boolean',
    'double',
    'currency',
    'percent',
    'date',
    'datetime',
    'time',
    'url',
    'textarea',
    'int',
    'string',
  ] as const) {
    assert.ok(custom.has(type), type)
  }
})

test('history rows have a creation time and nothing else to tell their age by', () => {
  const names = objectSchemas.get('CaseHistory')?.fields.map((field) => field.name) ?? []
  assert.ok(names.includes('CreatedDate'))
  assert.ok(!names.includes('SystemModstamp') && !names.includes('LastModifiedDate'))
})
