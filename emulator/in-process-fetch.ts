/** `fetch` without a network: the same promises as Node's own, kept by calling the app directly. */
import { setImmediate as nextTurn } from 'node:timers/promises'

const MOST_REDIRECTS = 20
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** What is called in place of a server; `door` tells at which of the origins it is reached. */
interface Callable {
  fetch(request: Request, env: { door: string }): Response | Promise<Response>
}

/**
 * A `fetch` for the org's origins. Like Node's it asks for gzip and decodes it, obeys the signal and follows redirects; one that
 * leads elsewhere (an app's callback) comes back as it is, and a request to elsewhere fails like an unreachable host.
 */
export function fetchInProcess(app: Callable, listOrigins: () => readonly string[]): typeof globalThis.fetch {
  async function fetchOnce(request: Request): Promise<Response> {
    const door = new URL(request.url).origin
    if (!listOrigins().includes(door)) {
      const origins = listOrigins().join(', ')
      throw new TypeError('fetch failed', { cause: new Error(`only ${origins} can be reached, not ${request.url}`) })
    }
    request.signal.throwIfAborted()
    if (!request.headers.has('accept-encoding')) request.headers.set('accept-encoding', 'gzip, deflate')
    const aborted = Promise.withResolvers<never>()
    const abort = () => aborted.reject(request.signal.reason)
    request.signal.addEventListener('abort', abort)
    try {
      // As over a network: whoever polls in a tight loop must not keep the org from its work.
      const answer = nextTurn().then(() => app.fetch(request, { door }))
      return decode(await Promise.race([answer, aborted.promise]), request)
    } finally {
      request.signal.removeEventListener('abort', abort)
    }
  }

  return async (input, init) => {
    let request = new Request(input, init)
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      // A body can be read once, and some redirects want it sent again. A stream isn't: as in Node, and it may have no end.
      const isRepeatable = request.body !== null && !(init?.body instanceof ReadableStream)
      const spare = isRepeatable && request.redirect === 'follow' ? request.clone() : request
      const response = await fetchOnce(request)
      const location = response.headers.get('location')
      if (request.redirect === 'manual' || location === null || !REDIRECTS.has(response.status)) return response
      if (request.redirect === 'error') throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') })
      const target = new URL(location, request.url)
      if (!listOrigins().includes(target.origin)) return response
      request = redirected(spare, target, response.status)
    }
    throw new TypeError('fetch failed', { cause: new Error('redirect count exceeded') })
  }
}

/** What goes on to the target, as browsers and Node do it: 307 and 308 repeat the request, tokens stay at their origin. */
function redirected(request: Request, target: URL, status: number): Request {
  const { method, signal } = request
  const headers = new Headers(request.headers)
  if (target.origin !== new URL(request.url).origin) {
    for (const name of ['authorization', 'cookie']) headers.delete(name)
  }
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST'
  if (!becomesGet) return new Request(new Request(target, request), { headers })
  for (const name of ['content-type', 'content-length', 'content-encoding']) headers.delete(name)
  return new Request(target, { headers, signal })
}

function decode(response: Response, request: Request): Response {
  const { status, statusText, headers } = response
  let body = response.body
  if (body && headers.get('content-encoding') === 'gzip') {
    body = body.pipeThrough(new DecompressionStream('gzip') as TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>)
  }
  body = body?.pipeThrough(new TransformStream(), { signal: request.signal }) ?? null
  const decoded = new Response(body, { status, statusText, headers })
  Object.defineProperty(decoded, 'url', { value: request.url })
  return decoded
}
