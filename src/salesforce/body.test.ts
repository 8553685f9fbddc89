import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { readText, streamText } from './body.ts'
import { SalesforceError } from './error.ts'

const request = 'GET /services/data/v67.0/jobs/query/750/results'
const packed = { headers: { 'content-encoding': 'gzip' } }

/** A response whose body comes in these pieces, and then ends or breaks. */
function inPieces(pieces: Uint8Array[], init: ResponseInit = {}, failure?: Error): Response {
  const left = [...pieces]
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = left.shift()
      if (piece) controller.enqueue(piece)
      else if (failure) controller.error(failure)
      else controller.close()
    },
  })
  return new Response(stream, init)
}

const isCutOff = (error: unknown) =>
  error instanceof SalesforceError && error.code === 'ANSWER_CUT_OFF' && error.isPassing

async function collect(response: Response) {
  const { body, received } = await streamText(response, request)
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return { text: Buffer.concat(chunks).toString('utf8'), received }
}

test('rows arrive unpacked, without byte order mark and NUL bytes, and both are counted', async () => {
  const csv = Buffer.from('\ufeff"Id"\n"a\0b"\n"\0\0"\n')
  const { text, received } = await collect(new Response(gzipSync(csv), packed))
  assert.equal(text, '"Id"\n"ab"\n""\n')
  assert.deepEqual(received, { bytes: csv.length, nulBytes: 3 })
})

test('a byte order mark is found even when its bytes come one by one', async () => {
  const csv = Buffer.from('\ufeff"Id"\n')
  const { text } = await collect(inPieces([...csv].map((byte) => Buffer.from([byte]))))
  assert.equal(text, '"Id"\n')
})

test('a page of one byte, or of none, is no error', async () => {
  assert.equal((await collect(new Response('x'))).text, 'x')
  assert.equal((await collect(new Response(''))).text, '')
  assert.equal((await collect(new Response(null))).text, '')
  assert.equal((await collect(inPieces([], packed))).text, '')
})

test('a body that a fetch has unpacked already is read as it is', async () => {
  assert.equal((await collect(new Response('"Id"\n', packed))).text, '"Id"\n')
})

test('a packed body in several parts is one body', async () => {
  const parts = Buffer.concat([gzipSync('"Id"\n'), gzipSync('"a"\n'), gzipSync('"b"\n')])
  assert.equal((await collect(new Response(parts, packed))).text, '"Id"\n"a"\n"b"\n')
})

test('a connection that breaks in the middle of a page raises instead of ending', async () => {
  await assert.rejects(collect(inPieces([Buffer.from('"Id"\n"a"\n')], {}, new Error('socket hang up'))), isCutOff)
})

test('a packed page whose end is missing raises instead of ending', async () => {
  const csv = Array.from({ length: 5_000 }, () => `"${Math.random()}"`).join('\n')
  const whole = gzipSync(csv)
  await assert.rejects(collect(inPieces([whole.subarray(0, whole.length - 9)], packed)), isCutOff)
  await assert.rejects(collect(inPieces([whole.subarray(0, 1_000)], packed)), isCutOff)
})

test('a page that breaks before anybody reads it waits with its error for the reader', async () => {
  const { body } = await streamText(inPieces([], {}, new Error('socket hang up')), request)
  await new Promise((resolve) => setImmediate(resolve))
  await assert.rejects(body.toArray(), isCutOff)
})

test('nothing is fetched ahead of the reader', async () => {
  let pulled = 0
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++
      controller.enqueue(Buffer.alloc(64 * 1024, 120))
    },
  })
  const { body } = await streamText(new Response(endless), request)
  for await (const _chunk of body) break
  assert.ok(pulled < 20, `pulled ${pulled} pieces for one that was read`)
})

test('an abort ends a page in its middle', async () => {
  const controller = new AbortController()
  const endless = new ReadableStream<Uint8Array>({ pull: (stream) => stream.enqueue(Buffer.from('row\n')) })
  const { body } = await streamText(new Response(endless), request, controller.signal)
  const reading = (async () => {
    for await (const _chunk of body) controller.abort(new Error('cancelled'))
  })()
  await assert.rejects(reading, { name: 'AbortError' })
})

test('a small answer that unpacks to a huge one is given up', async () => {
  const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024))
  await assert.rejects(readText(new Response(bomb, packed), request, { maxBytes: 1024 * 1024 }), {
    code: 'ANSWER_TOO_LARGE',
  })
})
