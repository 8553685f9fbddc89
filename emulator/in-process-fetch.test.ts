import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { fetchInProcess } from './in-process-fetch.ts'

const ORIGIN = 'http://127.0.0.1:7466'
const app = new Hono()
app.get('/here', (c) => c.text(`${c.req.method} here`))
app.get('/moved', (c) => c.redirect('/here'))
app.get('/loop', (c) => c.redirect('/loop'))
app.get('/away', (c) => c.redirect('http://elsewhere.example/'))
app.get('/zipped', (c) => {
  const body = gzipSync(c.req.header('accept-encoding') ?? '')
  return c.body(body, 200, { 'Content-Encoding': 'gzip' })
})
app.get('/endless', () => new Response(new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(10)) })))
app.get('/never', () => new Promise<Response>(() => undefined))
const fetch = fetchInProcess(app, () => [ORIGIN])

test('gzip is asked for and decoded, as by the real fetch', async () => {
  assert.equal(await (await fetch(`${ORIGIN}/zipped`)).text(), 'gzip, deflate')
})

test('redirects within the org are followed unless told otherwise; others are handed back', async () => {
  const followed = await fetch(`${ORIGIN}/moved`)
  assert.deepEqual([await followed.text(), followed.url], ['GET here', `${ORIGIN}/here`])
  assert.equal((await fetch(`${ORIGIN}/moved`, { redirect: 'manual' })).status, 302)
  await assert.rejects(fetch(`${ORIGIN}/moved`, { redirect: 'error' }), /fetch failed/)
  await assert.rejects(fetch(`${ORIGIN}/loop`), /fetch failed/)
  assert.equal((await fetch(`${ORIGIN}/away`)).headers.get('location'), 'http://elsewhere.example/')
})

test('a redirect repeats the request or becomes a GET, and takes a token along or not, as with the real fetch', async (t) => {
  const target = new Hono()
  target.all('/send/:status/:door', (c) => {
    const door = doors[Number(c.req.param('door'))]
    return new Response(null, { status: Number(c.req.param('status')), headers: { location: `${door}/there` } })
  })
  target.all('/there', async (c) => c.json([c.req.method, await c.req.text(), c.req.header('authorization') ?? null]))
  const doors: string[] = []
  for (let door = 0; door < 2; door++) {
    const server = createServer(getRequestListener((request) => target.fetch(request))).listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    doors.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  }
  const fetchHere = fetchInProcess(target, () => doors)
  for (const status of [301, 302, 303, 307, 308]) {
    for (const method of ['GET', 'POST', 'PATCH']) {
      for (const door of [0, 1]) {
        const init = { method, headers: { authorization: 'Bearer x' }, body: method === 'GET' ? null : 'body' }
        const ask = async (by: typeof globalThis.fetch) =>
          (await by(`${doors[0]}/send/${status}/${door}`, init)).json() as Promise<unknown>
        assert.deepEqual(await ask(fetchHere), await ask(globalThis.fetch), `${status} ${method} to door ${door}`)
      }
    }
  }
})

test('who asks again and again without a pause leaves the org its turn', async () => {
  let worked = false
  setImmediate(() => {
    worked = true
  })
  for (let n = 0; n < 100 && !worked; n++) await fetch(`${ORIGIN}/here`)
  assert.ok(worked)
})

test('no other host can be reached', async () => {
  await assert.rejects(fetch('http://elsewhere.example/'), /fetch failed/)
})

test('an abort ends the waiting, and the reading', async () => {
  const waiting = new AbortController()
  const answer = fetch(`${ORIGIN}/never`, { signal: waiting.signal })
  waiting.abort()
  await assert.rejects(answer, { name: 'AbortError' })
  await assert.rejects(fetch(`${ORIGIN}/here`, { signal: waiting.signal }), { name: 'AbortError' })

  const reading = new AbortController()
  const response = await fetch(`${ORIGIN}/endless`, { signal: reading.signal })
  const read = response.arrayBuffer()
  reading.abort()
  await assert.rejects(read, { name: 'AbortError' })
})
