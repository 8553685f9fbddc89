import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getMigrations } from 'better-auth/db/migration'
import pino from 'pino'
import { testDatabase } from '../../test/database.ts'
import { createAuth } from './auth.ts'

const { url } = await testDatabase()

test('the sign-in library finds its tables and columns as it needs them, also after an upgrade of it', async () => {
  const log = pino({ level: 'silent' })
  const auth = createAuth({ databaseUrl: url, publicUrl: 'http://127.0.0.1:7465', secretKeys: ['x'.repeat(32)], log })
  const { toBeCreated, toBeAdded, schemaProblems } = await getMigrations(auth.options)
  assert.deepEqual({ toBeCreated, toBeAdded, schemaProblems }, { toBeCreated: [], toBeAdded: [], schemaProblems: [] })
})
