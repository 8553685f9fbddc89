import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import pino from 'pino'
import { LooplineError } from '../errors.ts'
import { createOutboundFetch } from './outbound.ts'

const log = pino({ level: 'silent' })

async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The failure's code, also where the network layer has wrapped it. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => assert.fail('should have been refused'),
    (reason: unknown) => reason,
  )
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof LooplineError) return cause.failure.code
  }
  throw error
}

test('no packet goes to a host that is not on the list', async (t) => {
  let requests = 0
  const origin = await listen(t, (_request, response) => {
    requests++
    response.end()
  })
  const outbound = createOutboundFetch({ extraOrigins: [], log })
  assert.equal(await codeOf(outbound(`${origin}/services/data`)), 'HOST_NOT_ALLOWED')
  assert.equal(await codeOf(outbound('https://attacker.net/')), 'HOST_NOT_ALLOWED')
  assert.equal(requests, 0)
})

test('an extra origin is allowed, and answers arrive whole', async (t) => {
  const origin = await listen(t, async (request, response) => {
    const body = await text(request)
    response.setHeader('sforce-limit-info', 'api-usage=1/10')
    response.end(`${request.method} ${request.url} ${body}`)
  })
  const outbound = createOutboundFetch({ extraOrigins: [origin], log })
  const response = await outbound(`${origin}/token?a=b`, { method: 'POST', body: new URLSearchParams({ c: 'd' }) })
  assert.equal(await response.text(), 'POST /token?a=b c=d')
  assert.equal(response.headers.get('sforce-limit-info'), 'api-usage=1/10')
})

test('a body comes as it was sent: packed, when packed was asked for', async (t) => {
  const origin = await listen(t, (request, response) => {
    response.setHeader('content-encoding', request.headers['accept-encoding'] === 'gzip' ? 'gzip' : 'identity')
    response.end(request.headers['accept-encoding'] === 'gzip' ? gzipSync('rows') : 'rows')
  })
  const outbound = createOutboundFetch({ extraOrigins: [origin], log })
  const packed = await outbound(origin, { headers: { 'accept-encoding': 'gzip' } })
  assert.deepEqual(Buffer.from(await packed.arrayBuffer()).subarray(0, 2), Buffer.from([0x1f, 0x8b]))
  assert.equal(await (await outbound(origin)).text(), 'rows')
})

test('a redirect to a host that is not on the list is refused before a packet leaves', async (t) => {
  let reached = false
  const elsewhere = await listen(t, (_request, response) => {
    reached = true
    response.end()
  })
  const origin = await listen(t, (_request, response) => {
    response.writeHead(302, { location: `${elsewhere}/services/data` }).end()
  })
  const outbound = createOutboundFetch({ extraOrigins: [origin], log })
  assert.equal(await codeOf(outbound(`${origin}/a`)), 'HOST_NOT_ALLOWED')
  assert.equal(reached, false)
})

test('a redirect between allowed hosts is followed without the token', async (t) => {
  const moved = await listen(t, (request, response) => {
    response.end(request.headers.authorization ?? 'no token')
  })
  const origin = await listen(t, (_request, response) => {
    response.writeHead(301, { location: moved }).end()
  })
  const outbound = createOutboundFetch({ extraOrigins: [origin, moved], log })
  const response = await outbound(origin, { headers: { authorization: 'Bearer planted-token' } })
  assert.equal(await response.text(), 'no token')
})

test('secrets in a body are never sent on to another address', async (t) => {
  const origin = await listen(t, (_request, response) => {
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  const outbound = createOutboundFetch({ extraOrigins: [origin], log })
  assert.equal(await codeOf(outbound(origin, { method: 'POST', body: 'secret' })), 'REDIRECT_REFUSED')
})

for (const address of [
  '10.0.0.5',
  '127.0.0.1',
  '169.254.169.254',
  '192.168.1.1',
  '::1',
  'fd00::1',
  '::ffff:10.0.0.5',
  '0.0.0.0',
  '100.64.0.1',
]) {
  test(`a Salesforce name that DNS points at ${address} is refused`, async () => {
    const lookup: LookupFunction = (_hostname, _options, callback) =>
      callback(null, [
        { address: '93.184.216.34', family: 4 },
        { address, family: address.includes(':') ? 6 : 4 },
      ])
    const outbound = createOutboundFetch({ extraOrigins: [], log, lookup })
    assert.equal(await codeOf(outbound('https://acme.my.salesforce.com/services/data')), 'ADDRESS_NOT_ALLOWED')
  })
}

test('a body that is cut off raises instead of ending', async (t) => {
  const origin = await listen(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => response.destroy())
  })
  const outbound = createOutboundFetch({ extraOrigins: [origin], log })
  const response = await outbound(origin)
  await assert.rejects(response.text())
})

test('an abort ends a request that nobody answers', async (t) => {
  const controller = new AbortController()
  const origin = await listen(t, () => controller.abort(new Error('cancelled by the user')))
  const outbound = createOutboundFetch({ extraOrigins: [origin], log })
  await assert.rejects(outbound(origin, { signal: controller.signal }))
})
