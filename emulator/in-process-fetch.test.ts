import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
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
