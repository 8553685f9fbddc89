import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sentenceOf } from './audit-sentences.ts'

const event = { actor: 'maria@acme.example', integrationName: 'Acme Support' }

test('an event says who did what to which integration', () => {
  const cases: [string, Record<string, unknown>, string][] = [
    [
      'integration.added',
      { org: 'Acme', username: 'api@acme.example' },
      'maria@acme.example added “Acme Support”, connected to Acme as api@acme.example.',
    ],
    [
      'integration.changed',
      { changes: { name: { from: 'a', to: 'b' }, pullBy: { from: 'created', to: 'updated' } } },
      'maria@acme.example changed “Acme Support”: name, Pull Record By.',
    ],
    [
      'integration.deleted',
      { rows: 412_000, revoked: true },
      'maria@acme.example deleted “Acme Support” with 412,000 rows; its token is revoked.',
    ],
    ['run.cancelled', { runId: '12' }, 'maria@acme.example cancelled run 12 of “Acme Support”.'],
  ]
  for (const [action, detail, sentence] of cases) assert.equal(sentenceOf({ ...event, action, detail }), sentence)
})

test('an action that only a newer version knows is still listed', () => {
  assert.equal(sentenceOf({ ...event, action: 'moon.landed', detail: {} }), 'maria@acme.example: moon.landed')
})
