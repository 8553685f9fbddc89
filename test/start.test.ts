import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { About, Session } from '../src/api/schemas.ts'
import { freePort, startLoopline, startRefused } from './processes.ts'

const folder = await mkdtemp(join(tmpdir(), 'loopline-start-'))
await chmod(folder, 0o755)
after(() => rm(folder, { recursive: true, force: true }))

const dataDir = join(folder, 'data')
const pidOfPostgres = () => Number(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8').split('\n')[0])
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('one command brings up all of it, a second start finds everything as it was, and Ctrl-C leaves nothing behind', async () => {
  const port = await freePort()
  const env = { PORT: String(port), DATA_DIR: dataDir }
  const first = await startLoopline(env)
  assert.equal(first.url, `http://127.0.0.1:${port}`)
  assert.ok(first.setupLink?.startsWith(`${first.url}/welcome#`), 'a one-time link is shown')
  assert.match(first.output(), /Practice org: http:\/\/127\.0\.0\.1:/)
  assert.equal((await fetch(`${first.url}/healthz`)).status, 200)

  const token = new URL(first.setupLink ?? '').hash.replace(/^#token=/, '')
  const made = await fetch(`${first.url}/api/v1/invitations/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: first.url },
    body: JSON.stringify({
      token,
      name: 'Maria Admin',
      email: 'maria@acme.example',
      password: 'correct horse battery',
    }),
  })
  assert.equal(made.status, 200, await made.clone().text())
  const cookie = made.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const about = (await (await fetch(`${first.url}/api/v1/about`, { headers: { cookie } })).json()) as About
  const practice = about.practiceOrg?.origin
  assert.ok(practice)

  const postgres = pidOfPostgres()
  assert.equal(await first.stop(), 0)
  assert.equal(isAlive(postgres), false, 'Postgres has ended')
  await assert.rejects(fetch(practice), 'the practice org has ended')

  const second = await startLoopline(env)
  assert.equal(second.setupLink, null, 'the first admin is still there')
  const session = (await (await fetch(`${second.url}/api/v1/session`, { headers: { cookie } })).json()) as Session
  assert.equal(session.person?.email, 'maria@acme.example', 'still signed in')
  assert.equal(await second.stop(), 0)
})

test('killed with -9, it takes the practice org along, and the next start goes on', async () => {
  const env = { PORT: String(await freePort()), DATA_DIR: dataDir }
  const first = await startLoopline(env)
  await first.kill()
  const second = await startLoopline(env)
  assert.equal((await fetch(`${second.url}/healthz`)).status, 200)
  assert.equal(await second.stop(), 0)
})

test('what keeps it from starting is said in one message that says what to do', async () => {
  const holder = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => holder.once('listening', done))
  const address = holder.address()
  assert.ok(address && typeof address === 'object')
  const cases = [
    { env: { PORT: String(address.port), DATA_DIR: join(folder, 'a') }, says: /Port \d+ .* in use[\s\S]*PORT/ },
    { env: { PORT: 'x', EMULATOR: 'maybe' }, says: /PORT must be[\s\S]*EMULATOR must be/ },
    { env: { PORT: String(await freePort()), DATA_DIR: join(folder, 'file') }, says: /data folder[\s\S]*DATA_DIR/ },
    {
      env: {
        PORT: String(await freePort()),
        DATA_DIR: join(folder, 'b'),
        EMULATOR: 'off',
        DATABASE_URL: 'postgres://someone:planted-password@127.0.0.1:1/none',
      },
      says: /Postgres at 127\.0\.0\.1:1\/none does not answer/,
    },
  ]
  await writeFile(join(folder, 'file'), '')
  for (const { env, says } of cases) {
    const { code, output } = await startRefused(env)
    assert.notEqual(code, 0)
    assert.match(output, says)
    assert.doesNotMatch(output, /planted-password|\n {4}at /, 'no password, no stack')
  }
  holder.close()
})
