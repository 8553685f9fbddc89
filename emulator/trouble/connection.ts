/** Connections that break, over a network and in process alike. */
import { setTimeout as delay } from 'node:timers/promises'

/** The network's side of a call; missing when it came in without one. */
export interface Outgoing {
  destroy(): void
  readonly socket?: { resetAndDestroy?(): void } | null
}

/** Thrown in process where a client over a network would see its connection reset: what Node's `fetch` rejects with. */
export class BrokenConnection extends TypeError {
  constructor() {
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' })
    super('fetch failed', { cause })
  }
}

/** Resets the connection in place of an answer. */
export function breakConnection(outgoing: Outgoing | undefined): Response {
  if (outgoing === undefined) throw new BrokenConnection()
  if (outgoing.socket?.resetAndDestroy) outgoing.socket.resetAndDestroy()
  else outgoing.destroy()
  // What is returned goes nowhere: the adapter is told that the answer is out already.
  return new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
}

/** The stream's first bytes, then a broken connection: a destroyed socket over a network, a stream error without one. */
export function cutStream(
  stream: ReadableStream<Uint8Array>,
  afterBytes: number,
  outgoing: Outgoing | undefined,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  let left = afterBytes
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = left > 0 ? await reader.read() : { done: true, value: undefined }
      if (!done && value) {
        const kept = value.subarray(0, left)
        left -= kept.length
        controller.enqueue(kept)
        return
      }
      await reader.cancel()
      if (outgoing) {
        // Headers and the bytes before the cut get out of the process first: it is the body that breaks.
        await delay(50)
        outgoing.destroy()
        controller.close()
        return
      }
      controller.error(new TypeError('terminated', { cause: new Error('other side closed') }))
    },
    cancel: (reason) => reader.cancel(reason),
  })
}
