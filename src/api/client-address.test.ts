import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hono } from 'hono'
import { clientAddress } from './client-address.ts'

async function addressOf(peer: string | undefined, forwarded?: string): Promise<string> {
  const app = new Hono().get('/', (c) => c.text(clientAddress(c)))
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  const env = peer === undefined ? {} : { incoming: { socket: { remoteAddress: peer } } }
  return (await app.request('/', { headers }, env)).text()
}

test('attempts are counted by who really sent them: only a proxy nearby may say on whose behalf', async () => {
  const cases: [string | undefined, string | undefined, string][] = [
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['2001:db8::1', undefined, '2001:db8::1'],
    ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['10.0.0.5', '1.2.3.4, 198.51.100.1', '198.51.100.1'],
    ['10.0.0.5', 'nonsense', '10.0.0.5'],
    ['10.0.0.5', undefined, '10.0.0.5'],
    [undefined, undefined, '127.0.0.1'],
  ]
  for (const [peer, forwarded, expected] of cases) assert.equal(await addressOf(peer, forwarded), expected)
})
