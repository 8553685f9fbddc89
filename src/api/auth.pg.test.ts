import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getMigrations } from 'better-auth/db/migration'
import pino from 'pino'
import { testDatabase } from '../../test/database.ts'
import { createAuth } from './auth.ts'

const { sql, url } = await testDatabase()
const log = pino({ level: 'silent' })
const secretKeys = ['x'.repeat(32)]

test('the sign-in library finds its tables and columns as it needs them, also after an upgrade of it', async () => {
  const auth = createAuth({ databaseUrl: url, publicUrl: 'http://127.0.0.1:7465', secretKeys, log })
  const { toBeCreated, toBeAdded, schemaProblems } = await getMigrations(auth.options)
  assert.deepEqual({ toBeCreated, toBeAdded, schemaProblems }, { toBeCreated: [], toBeAdded: [], schemaProblems: [] })
})

test('behind https the session’s cookie is sent over nothing else, and no script can read it', async () => {
  const auth = createAuth({ databaseUrl: url, publicUrl: 'https://loopline.acme.example', secretKeys, log })
  const { name, attributes } = (await auth.$context).authCookies.sessionToken
  assert.equal(name, '__Secure-loopline.session_token')
  assert.deepEqual([attributes.secure, attributes.httpOnly, attributes.sameSite], [true, true, 'lax'])
})

test('the key of the vault does not sign sessions itself', async () => {
  const auth = createAuth({ databaseUrl: url, publicUrl: 'http://127.0.0.1:7465', secretKeys, log })
  assert.ok((await auth.$context).secret.length >= 32)
  assert.ok(!(await auth.$context).secret.includes('xxxx'))
})

test('a connection that the database ends while it is in use ends nothing else', async () => {
  const auth = createAuth({ databaseUrl: url, publicUrl: 'http://127.0.0.1:7465', secretKeys, log })
  const pool = auth.options.database
  const client = await pool.connect()
  const { rows } = await client.query('select pg_backend_pid() as pid')
  const ended = new Promise((resolve) => client.once('end', resolve))
  await sql`select pg_terminate_backend(${rows[0].pid})`
  await ended
  client.release(true)
  assert.deepEqual((await pool.query('select 1 as one')).rows, [{ one: 1 }])
})
