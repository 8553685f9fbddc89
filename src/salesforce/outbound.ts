/** The only place that opens connections to the outside. */

import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Logger } from 'pino'
import { Agent, request as undiciRequest } from 'undici'
import { LooplineError } from '../errors.ts'
import { isAllowedOrigin } from './hosts.ts'

export interface OutboundOptions {
  readonly extraOrigins: readonly string[]
  readonly log: Logger
  /** Stands in for the system's resolver in tests. */
  readonly lookup?: LookupFunction
}

const maxRedirects = 3
const timeouts = {
  connect: { timeout: 15_000 },
  // A query may run two minutes before its first byte.
  headersTimeout: 180_000,
  // Between two pieces of a body; time in which we don't read doesn't count.
  bodyTimeout: 120_000,
}

/**
 * A `fetch` that talks to Salesforce's hosts and the operator's extra origins, and to nobody else: checked on each
 * request, again on each redirect, and once more on the addresses that DNS gives. Bodies come as they were sent:
 * whoever asks for gzip unpacks it, and so notices when its end is missing (undici's own fetch would not).
 */
export function createOutboundFetch({ extraOrigins, log, lookup = systemLookup }: OutboundOptions): typeof fetch {
  const guarded = new Agent({ ...timeouts, connect: { ...timeouts.connect, lookup: publicAddressesOnly(lookup) } })
  // The operator named these origins, so they may be inside the network.
  const unguarded = new Agent(timeouts)

  async function send(url: URL, request: Request, body: Buffer | null): Promise<Response> {
    if (!isAllowedOrigin(url, { extraOrigins })) throw hostRefused(url)
    const dispatcher = extraOrigins.includes(url.origin) ? unguarded : guarded
    const headers = Object.fromEntries(request.headers)
    const { statusCode, ...answer } = await undiciRequest(url, {
      method: request.method as 'GET',
      headers: 'accept-encoding' in headers ? headers : { ...headers, 'accept-encoding': 'identity' },
      body,
      signal: request.signal,
      dispatcher,
    })
    const answerHeaders = new Headers()
    for (const [name, value] of Object.entries(answer.headers)) {
      for (const one of Array.isArray(value) ? value : [value ?? '']) answerHeaders.append(name, one)
    }
    if (statusCode === 204 || statusCode === 304) {
      await answer.body.dump()
      return new Response(null, { status: statusCode, headers: answerHeaders })
    }
    // Not Readable.toWeb: undici's bodies emit after they are destroyed, and it then throws where nobody can catch.
    const stream: ReadableStream<Uint8Array> = ReadableStream.from(answer.body)
    return new Response(stream, { status: statusCode, headers: answerHeaders })
  }

  return async function outboundFetch(input, init) {
    const request = new Request(input, init)
    // What we send is small; only what we receive is streamed.
    const body = request.body ? Buffer.from(await request.arrayBuffer()) : null
    let url = new URL(request.url)
    for (let hops = 0; ; hops++) {
      const response = await send(url, request, body)
      const location = response.headers.get('location')
      if (response.status < 300 || response.status >= 400 || location === null) return response
      if (request.redirect === 'manual') return response
      await response.body?.cancel()
      const next = new URL(location, url)
      if (request.redirect === 'error' || request.method !== 'GET' || hops === maxRedirects) throw redirectRefused(url)
      // A moved org stays on Salesforce's hosts; a token goes to no other host than the one it was meant for.
      if (next.origin !== url.origin) request.headers.delete('authorization')
      log.info({ from: url.origin, to: next.origin }, 'following a redirect')
      url = next
    }
  }
}

/** Resolves names as usual and refuses an answer that holds any address inside a network: a name is no proof of a place. */
function publicAddressesOnly(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    const all: LookupOptions = { ...options, all: true }
    lookup(hostname, all, (error, answer) => {
      if (error) return callback(error, '', 0)
      const addresses: LookupAddress[] = Array.isArray(answer) ? answer : [{ address: answer, family: isIP(answer) }]
      const [first] = addresses
      if (!first || !addresses.every(({ address }) => isPublic(address)))
        return callback(addressRefused(hostname), '', 0)
      if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function isPublic(address: string): boolean {
  // process() also looks inside IPv4 addresses that are written as IPv6 ones.
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast'
}

function hostRefused(url: URL): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'HOST_NOT_ALLOWED',
    message: `Loopline does not connect to ${url.host}: it is not one of Salesforce’s hosts.`,
    remedy: 'If this host is yours, ask whoever runs Loopline to add its origin to SALESFORCE_EXTRA_HOSTS.',
  })
}

function redirectRefused(url: URL): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'REDIRECT_REFUSED',
    message: `${url.host} sent Loopline on to another address where none was expected.`,
    remedy: 'If the org’s My Domain was renamed, enter the new domain.',
  })
}

function addressRefused(hostname: string): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'ADDRESS_NOT_ALLOWED',
    message: `Loopline does not connect to ${hostname}: DNS says that it is inside a private network.`,
    remedy: 'Check the DNS of the machine that Loopline runs on.',
  })
}
