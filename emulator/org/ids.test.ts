import assert from 'node:assert/strict'
import test from 'node:test'
import { idOfSlot, looksLikeId, slotOfId, withChecksum } from './ids.ts'

test('ids carry the checksum that Salesforce puts after fifteen characters', () => {
  assert.equal(withChecksum('5005f00001Kd9Lm'), '5005f00001Kd9LmAAJ')
})

test('an id leads back to its slot, in its long and its short form', () => {
  for (const slot of [0, 1, 61, 62, 3843, 3844, 238_327, 238_328, 3_000_000, 900_000_000]) {
    const id = idOfSlot('500', slot)
    assert.equal(id.length, 18)
    assert.equal(slotOfId('500', id), slot)
    assert.equal(slotOfId('500', id.slice(0, 15)), slot)
  }
})

test('ids ascend with slots', () => {
  const ids = Array.from({ length: 5000 }, (_, n) => idOfSlot('500', n * 7))
  assert.deepEqual(ids, ids.toSorted())
})

test("other objects' ids, broken ones and those with a wrong checksum lead nowhere", () => {
  const id = idOfSlot('500', 12_345)
  for (const bad of [idOfSlot('003', 12_345), id.slice(0, 17), `${id.slice(0, 15)}BBB`, `500${'!'.repeat(12)}`, '']) {
    assert.equal(slotOfId('500', bad), -1, bad)
  }
  assert.ok(looksLikeId(id) && !looksLikeId('nonsense'))
})
