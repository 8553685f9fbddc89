import assert from 'node:assert/strict'
import { get } from 'node:http'
import { get as getSecurely } from 'node:https'
import { type TestContext, test } from 'node:test'
import { generate } from 'selfsigned'
import { type ServeOptions, serveEmulator } from './serve.ts'

async function serve(t: TestContext, options: Partial<ServeOptions> = {}) {
  const served = await serveEmulator({ port: 0, host: '127.0.0.1', scale: 0.01, ...options })
  t.after(served.close)
  return served
}

/** What goes over the wire: `fetch` would spell header names its own way. */
function ask(url: string, path = ''): Promise<{ status: number | undefined; names: string[]; body: string }> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? getSecurely : get
    // A path of its own: as a URL, `//services` would be read as a host.
    const request = send(url, { rejectUnauthorized: false, ...(path && { path }) }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        body += chunk
      })
      response.once('end', () =>
        resolve({
          status: response.statusCode,
          names: response.rawHeaders.filter((_, index) => index % 2 === 0),
          body,
        }),
      )
    })
    request.once('error', reject)
  })
}

test('header names are capitalized, as Salesforce writes them', async (t) => {
  const { emulator, origin } = await serve(t)
  const { names } = await ask(`${origin}/services/data`)
  assert.ok(names.includes('Content-Type'))
  assert.deepEqual(
    names.filter((name) => !/^(ETag|WWW-Authenticate|[A-Z][a-z\d]*(-[A-Z][a-z\d]*)*)$/.test(name)),
    [],
  )
  const token = emulator.issueToken(emulator.org.users[0]?.username ?? '')
  const answer = await fetch(`${origin}/services/data/v67.0/limits`, { headers: { authorization: `Bearer ${token}` } })
  assert.match(answer.headers.get('sforce-limit-info') ?? '', /^api-usage=1\//)
})

test('more slashes than one before a path do no harm', async (t) => {
  const { origin } = await serve(t)
  const { status, body } = await ask(origin, '//services/data')
  assert.equal(status, 200)
  assert.equal(body, (await ask(`${origin}/services/data`)).body)
})

test('a request far too long is answered, not cut off', async (t) => {
  const { origin } = await serve(t)
  assert.equal((await ask(`${origin}/services/data/v67.0/query?q=${'x'.repeat(100_000)}`)).status, 414)
})

test('with a certificate of yours it speaks HTTPS, and says so in every address', async (t) => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }], { algorithm: 'sha256' })
  const { origin } = await serve(t, { tls: { cert, key } })
  assert.match(origin, /^https:/)
  const { status, body } = await ask(`${origin}/.well-known/openid-configuration`)
  assert.equal(status, 200)
  assert.equal(JSON.parse(body).token_endpoint, `${origin}/services/oauth2/token`)
})
