import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createVault } from './vault.ts'

const oldKey = 'an-old-key-of-at-least-32-characters'
const newKey = 'a-new-key-of-at-least-32-characters!'

test('what is sealed opens in its own place', () => {
  const vault = createVault([newKey])
  const sealed = vault.seal('5Aep861-planted ünïcode', 'connections/a/refresh')
  assert.doesNotMatch(sealed, /planted/)
  assert.equal(vault.open(sealed, 'connections/a/refresh'), '5Aep861-planted ünïcode')
  assert.equal(vault.open(vault.seal('', 'x'), 'x'), '')
})

test('a sealed value copied to another place does not open', () => {
  const vault = createVault([newKey])
  const sealed = vault.seal('planted', 'connections/a/refresh')
  assert.throws(() => vault.open(sealed, 'connections/b/refresh'))
  assert.throws(() => vault.open(sealed, 'connections/a/access'))
})

test('a changed value does not open', () => {
  const vault = createVault([newKey])
  const sealed = vault.seal('planted', 'x')
  const flipped = sealed.at(-5) === 'A' ? 'B' : 'A'
  assert.throws(() => vault.open(`${sealed.slice(0, -5)}${flipped}${sealed.slice(-4)}`, 'x'))
  assert.throws(() => vault.open(sealed.slice(0, 20), 'x'))
  assert.throws(() => vault.open('', 'x'))
})

test('after a new key is put first, the old one still opens what it sealed, and nothing new is sealed with it', () => {
  const before = createVault([oldKey])
  const sealed = before.seal('planted', 'x')
  const after = createVault([newKey, oldKey])
  assert.equal(after.open(sealed, 'x'), 'planted')
  assert.equal(createVault([newKey]).open(after.seal('planted', 'x'), 'x'), 'planted')
  assert.throws(() => createVault([newKey]).open(sealed, 'x'), /SECRET_KEY/)
})

test('the same secret never looks the same twice', () => {
  const vault = createVault([newKey])
  assert.notEqual(vault.seal('planted', 'x'), vault.seal('planted', 'x'))
})
