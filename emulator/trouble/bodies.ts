/** Bodies that go wrong on their way. */
import { setTimeout as delay } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'

const DRIP_MS = 50

/** HTTP statuses that never have a body, so that there is nothing to spoil. */
export const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

/** The same bytes, at no more than this rate. */
export function dripStream(stream: ReadableStream<Uint8Array>, bytesPerSecond: number): ReadableStream<Uint8Array> {
  const size = Math.max(1, Math.floor((bytesPerSecond * DRIP_MS) / 1000))
  const waitMs = (size / bytesPerSecond) * 1000
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      async transform(chunk, controller) {
        for (let start = 0; start < chunk.length; start += size) {
          await delay(waitMs)
          controller.enqueue(chunk.subarray(start, start + size))
        }
      },
    }),
  )
}

/** A body that says it is gzip and, in its middle, isn't: the first half of the stream is sound. */
export async function corruptGzip(response: Response): Promise<Response> {
  const body = Buffer.from(await response.arrayBuffer())
  const isGzip = response.headers.get('content-encoding') === 'gzip'
  const packed = isGzip ? body : gzipSync(body)
  // Neither a stored block, a fixed nor a dynamic one: an inflater stops here with "invalid block type" or a bad code.
  packed.fill(0xff, Math.max(10, packed.length >> 1))
  const headers = new Headers(response.headers)
  headers.set('Content-Encoding', 'gzip')
  headers.set('Content-Length', String(packed.length))
  return new Response(packed, { status: response.status, headers })
}

/** Says a length that is so many bytes off the true one. */
export async function misstateLength(response: Response, off: number): Promise<Response> {
  const body = await response.arrayBuffer()
  const headers = new Headers(response.headers)
  headers.set('Content-Length', String(Math.max(0, body.byteLength + off)))
  return new Response(body, { status: response.status, headers })
}
