/** Reading what Salesforce sends: unpacked, whole, and never more than expected. */

import { once } from 'node:events'
import { addAbortSignal, pipeline, Readable, Transform, type TransformCallback } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { createGunzip } from 'node:zlib'
import { SalesforceError } from './error.ts'

/** How much of a body has come, counted as it flows. */
export interface Received {
  bytes: number
  /** NUL bytes taken out: Postgres stores none, and customers' texts do hold some. */
  nulBytes: number
}

// Twenty-five pages of wide records in one batch can be large; what is beyond this is no answer of Salesforce's.
const largestAnswer = 256 * 1024 * 1024

/** The whole body as text. Throws when it is cut short or larger than any answer should be. */
export async function readText(
  response: Response,
  request: string,
  { signal, maxBytes = largestAnswer }: { signal?: AbortSignal | undefined; maxBytes?: number } = {},
): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of await openBody(response, request, signal)) {
    bytes += chunk.length
    // Counted after unpacking: a small answer can unpack to a very large one.
    if (bytes > maxBytes) {
      throw new SalesforceError({ status: 0, code: 'ANSWER_TOO_LARGE', message: 'The answer is too large.', request })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A body of text as a stream with back-pressure: unpacked, without byte order mark and NUL bytes. */
export async function streamText(
  response: Response,
  request: string,
  signal?: AbortSignal,
): Promise<{ body: Readable; received: Received }> {
  const received: Received = { bytes: 0, nulBytes: 0 }
  const cleaner = new Cleaner(request, received)
  const source = await openBody(response, request, signal)
  // The cleaner carries the error to its reader; there is nobody else to tell.
  pipeline(source, cleaner, () => {})
  return { body: cleaner, received }
}

async function openBody(response: Response, request: string, signal?: AbortSignal): Promise<Readable> {
  if (!response.body) return Readable.from([])
  const raw = Readable.fromWeb(response.body as ReadableStream)
  if (signal) addAbortSignal(signal, raw)
  const checked = new Whole(request)
  // Sniffed rather than believed: some fetches unpack and leave the header.
  const isPacked = response.headers.get('content-encoding') === 'gzip' && (await startsLikeGzip(raw, request))
  // gunzip raises when the end is missing, which a decoder that flushes would pass over.
  // Large pieces: with 64 KB ones a first load spent a twentieth of its time between them.
  if (isPacked) pipeline(raw, createGunzip({ chunkSize: 256 * 1024 }), checked, () => {})
  else pipeline(raw, checked, () => {})
  return checked
}

async function startsLikeGzip(raw: Readable, request: string): Promise<boolean> {
  try {
    await once(raw, 'readable')
  } catch (error) {
    throw cutOff(request, error)
  }
  const head: Buffer | null = raw.read()
  if (head === null) return false
  raw.unshift(head)
  return head[0] === 0x1f && head[1] === 0x8b
}

function cutOff(request: string, cause: unknown): Error {
  if (cause instanceof Error && cause.name === 'AbortError') return cause
  return new SalesforceError({
    status: 0,
    code: 'ANSWER_CUT_OFF',
    message: 'The connection to Salesforce broke in the middle of an answer.',
    request,
    cause,
  })
}

/** Passes everything on, and says of any error that the answer was cut off. */
class Whole extends Transform {
  readonly #request: string

  constructor(request: string) {
    super()
    this.#request = request
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    done(null, chunk)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    done(error && cutOff(this.#request, error))
  }
}

class Cleaner extends Whole {
  readonly #received: Received

  constructor(request: string, received: Received) {
    super(request)
    this.#received = received
  }

  #head: Buffer | null = Buffer.alloc(0)

  override _transform(chunk: Buffer, encoding: BufferEncoding, done: TransformCallback): void {
    this.#received.bytes += chunk.length
    let bytes = chunk
    if (this.#head) {
      bytes = Buffer.concat([this.#head, bytes])
      if (bytes.length < 3) {
        this.#head = bytes
        done()
        return
      }
      this.#head = null
      bytes = withoutMark(bytes)
    }
    super._transform(this.#withoutNul(bytes), encoding, done)
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#head && this.#head.length > 0 ? this.#withoutNul(this.#head) : undefined)
  }

  #withoutNul(chunk: Buffer): Buffer {
    // One pass of memchr over the common chunk that has none.
    if (chunk.indexOf(0) === -1) return chunk
    const clean = chunk.filter((byte) => byte !== 0)
    this.#received.nulBytes += chunk.length - clean.length
    return Buffer.from(clean.buffer, clean.byteOffset, clean.length)
  }
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}
