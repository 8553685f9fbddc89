import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { ApiBrowser, becomeAdmin, openApi } from '../../test/api.ts'
import { testDatabase } from '../../test/database.ts'
import type { Problem } from './schemas.ts'

const webFolder = await mkdtemp(join(tmpdir(), 'loopline-web-'))
await mkdir(join(webFolder, 'assets'))
await writeFile(join(webFolder, 'index.html'), '<!doctype html><title>Loopline</title>')
await writeFile(join(webFolder, 'assets/main-abc123.js'), 'export {}')
await writeFile(join(webFolder, 'icon.svg'), '<svg/>')

const { sql, url } = await testDatabase()
const api = await openApi({ sql, url }, { webFolder })
after(async () => {
  await api.close()
  await rm(webFolder, { recursive: true })
})

const publicUrl = 'http://127.0.0.1:7465'
const admin = await becomeAdmin(api)
const invite = (headers: Record<string, string>) =>
  api.app.request(`${publicUrl}/api/v1/people/invitations`, {
    method: 'POST',
    headers: { cookie: admin.cookie, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ email: 'sam@acme.example', role: 'member' }),
  })

test('another site cannot act through a signed-in browser', async () => {
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:9999' },
    { 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
    {},
  ]) {
    const response = await invite(headers)
    assert.equal(response.status, 403, JSON.stringify(headers))
    assert.equal(((await response.json()) as Problem).code, 'CROSS_SITE')
  }
  assert.equal((await invite({ origin: publicUrl })).status, 200)
  assert.equal((await invite({ 'sec-fetch-site': 'same-origin' })).status, 200)
})

test('another site cannot sign somebody in as somebody else', async () => {
  const response = await api.app.request(`${publicUrl}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
    body: JSON.stringify({ email: 'eve@x.example', password: 'whatever it is' }),
  })
  assert.equal(response.status, 403)
})

test('a body that is no JSON, malformed, or too large is refused as such', async () => {
  const post = (headers: Record<string, string>, body: string) =>
    api.app.request(`${publicUrl}/api/v1/people/invitations`, {
      method: 'POST',
      headers: { cookie: admin.cookie, 'sec-fetch-site': 'same-origin', ...headers },
      body,
    })
  assert.equal((await post({ 'content-type': 'text/plain' }, '{}')).status, 415)
  assert.equal((await post({ 'content-type': 'application/json' }, '{"email":')).status, 400)
  const large = await post({ 'content-type': 'application/json' }, JSON.stringify({ email: 'x'.repeat(300_000) }))
  assert.equal(large.status, 413)
  assert.equal(((await large.json()) as Problem).code, 'BODY_TOO_LARGE')
})

test('every answer has an id that is in the log, and no answer of the API is kept by a cache', async () => {
  const response = await admin.send('GET', '/api/v1/integrations?secret=planted-in-query')
  const id = response.headers.get('x-request-id') ?? ''
  assert.ok(api.logged.some((line) => line.includes(id)))
  assert.ok(!api.logged.some((line) => line.includes('planted-in-query')))
  assert.equal(response.headers.get('cache-control'), 'no-store')
  const problem = (await (await admin.send('GET', '/api/v1/integrations/nowhere')).json()) as Problem
  assert.ok(api.logged.some((line) => line.includes(problem.requestId)))
})

test('the page allows no script but its own, and can be framed by nobody', async () => {
  const page = await api.app.request(`${publicUrl}/`)
  const policy = page.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'/)
  assert.match(policy, /script-src 'self';/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.equal(page.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(page.headers.get('cross-origin-opener-policy'), 'same-origin-allow-popups')
})

test('every address inside the page gets its document; a file that is not there does not', async () => {
  for (const path of ['/', '/tickets', '/settings/integrations/abc', '/tickets/x1-500000000000001AAA']) {
    const page = await api.app.request(`${publicUrl}${path}`)
    assert.equal(page.status, 200, path)
    assert.match(await page.text(), /<title>Loopline/)
    assert.equal(page.headers.get('cache-control'), 'no-cache', path)
  }
  for (const path of [
    '/assets/gone-1.js',
    '/api/nothing',
    '/favicon.ico',
    '/../package.json',
    '/%2e%2e/package.json',
  ]) {
    const answer = await api.app.request(`${publicUrl}${path}`)
    assert.equal(answer.status, 404, path)
    assert.equal(answer.headers.get('content-type'), 'application/problem+json', path)
  }
})

test('files named for their content are kept for good, others are asked for each time', async () => {
  const asset = await api.app.request(`${publicUrl}/assets/main-abc123.js`)
  assert.match(asset.headers.get('cache-control') ?? '', /immutable/)
  assert.match(asset.headers.get('content-type') ?? '', /javascript/)
  assert.equal((await api.app.request(`${publicUrl}/icon.svg`)).headers.get('cache-control'), 'no-cache')
})

test('who opens this machine by its other name is led to the address that cookies belong to', async () => {
  const response = await api.app.request('http://localhost:7465/tickets?q=x')
  assert.equal(response.status, 302)
  assert.equal(response.headers.get('location'), `${publicUrl}/tickets?q=x`)
})

test('health is for anyone, and tells nothing', async () => {
  const response = await new ApiBrowser(api).send('GET', '/healthz')
  assert.deepEqual([response.status, await response.json()], [200, { status: 'ok' }])
})
