import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { modelPage, modelPagePath } from '../../scripts/model.ts'

test('docs/model.md tells of the model as it is (node scripts/model.ts writes it)', () => {
  assert.equal(readFileSync(modelPagePath, 'utf8'), modelPage())
})
