import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from './json.ts'

test('numbers keep every digit, however long', () => {
  assert.deepEqual(parseJson('{"a":12345678901234567890,"b":[0.1234567890123456789],"c":1.5,"d":12.0,"e":1.0E7}'), {
    a: '12345678901234567890',
    b: ['0.1234567890123456789'],
    c: 1.5,
    d: 12,
    e: 1e7,
  })
  assert.deepEqual(parseJson('{"a":-9999999999999999.99,"b":123456789012345}'), {
    a: '-9999999999999999.99',
    b: 123456789012345,
  })
})

test('digits inside a text stay the text', () => {
  assert.deepEqual(parseJson('{"a":"x,1234567890123456789","n":7,"t":true,"z":null}'), {
    a: 'x,1234567890123456789',
    n: 7,
    t: true,
    z: null,
  })
})
