/** One request to an org: with a token, in time, tried again where that helps. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { LooplineError } from '../errors.ts'
import { readText } from './body.ts'
import { SalesforceError } from './error.ts'
import { readErrorAnswer } from './error-answer.ts'
import { type JsonValue, parseJson } from './json.ts'

export interface AccessToken {
  readonly token: string
  /** Where the org's API answers. */
  readonly instanceUrl: string
  /** Counts renewals, so that a token which somebody else has renewed already isn't renewed again. */
  readonly version: number
}

export interface TokenSource {
  current(): Promise<AccessToken>
  /** A newer token than `stale`. */
  renew(stale: AccessToken): Promise<AccessToken>
}

export interface ApiUse {
  readonly used: number
  readonly max: number
}

export interface TransportOptions {
  readonly tokens: TokenSource
  readonly fetch: typeof fetch
  readonly log: Logger
  /** Told what the org has used of its daily API calls, after each answer that says so. */
  readonly onApiUse?: ((use: ApiUse) => void) | undefined
  /** Stands in for the clock in tests. */
  readonly wait?: ((ms: number, signal?: AbortSignal) => Promise<unknown>) | undefined
}

interface Call {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** From `/services/` on, query included. */
  readonly path: string
  readonly body?: JsonValue
  readonly accept?: string
  readonly anonymous?: boolean
  readonly signal?: AbortSignal | undefined
}

export interface Transport {
  apiCalls(): number
  /** Sends the call and reads the answer; both are repeated after a passing failure. Throws `SalesforceError`. */
  send<T>(call: Call, read: (response: Response, request: string) => Promise<T>): Promise<T>
  sendForJson(call: Call): Promise<JsonValue>
  wait(ms: number, signal?: AbortSignal): Promise<unknown>
}

// A query may run two minutes before it answers, and its page must still come.
const timeoutMs = 180_000
const retryDelaysMs = [500, 1_000, 2_000, 4_000]

export function createTransport({ tokens, fetch, log, onApiUse, ...options }: TransportOptions): Transport {
  const wait = options.wait ?? ((ms: number, signal?: AbortSignal) => sleep(ms, undefined, { signal }))
  let apiCalls = 0

  async function send<T>(call: Call, read: (response: Response, request: string) => Promise<T>): Promise<T> {
    let token = await tokens.current()
    let isRenewed = false
    for (let failures = 0; ; ) {
      try {
        return await attempt(call, token, read)
      } catch (error) {
        if (!(error instanceof SalesforceError)) throw error
        if (isExpiredSession(error) && !isRenewed && !call.anonymous) {
          isRenewed = true
          token = await tokens.renew(token)
          continue
        }
        if (!error.isPassing || failures >= maxRetries(error)) throw error
        const delayMs = (retryDelaysMs[failures++] ?? 0) * (0.5 + Math.random())
        log.info({ request: error.request, status: error.status, code: error.code, delayMs }, 'asking Salesforce again')
        await wait(delayMs, call.signal)
      }
    }
  }

  async function attempt<T>(
    call: Call,
    token: AccessToken,
    read: (response: Response, request: string) => Promise<T>,
  ): Promise<T> {
    const method = call.method ?? 'GET'
    const request = `${method} ${call.path.replace(/\?.*$/s, '')}`
    call.signal?.throwIfAborted()
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), timeoutMs)
    const started = performance.now()
    if (!call.anonymous) apiCalls++
    try {
      const response = await fetch(token.instanceUrl + call.path, {
        method,
        headers: headersOf(call, token),
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        signal: call.signal ? AbortSignal.any([call.signal, deadline.signal]) : deadline.signal,
      })
      const use = readApiUse(response.headers)
      if (use) onApiUse?.(use)
      log.debug(
        { request, status: response.status, ms: Math.round(performance.now() - started) },
        'Salesforce answered',
      )
      if (response.ok) return await read(response, request)
      throw readErrorAnswer(response.status, await readText(response, request, call), request)
    } catch (error) {
      call.signal?.throwIfAborted()
      throw explainBrokenRequest(error, { request, isLate: deadline.signal.aborted })
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    apiCalls: () => apiCalls,
    send,
    sendForJson: (call) =>
      send(call, async (response, request) => parseAnswer(await readText(response, request, call), request)),
    wait,
  }
}

function headersOf(call: Call, token: AccessToken): Record<string, string> {
  const headers: Record<string, string> = {
    accept: call.accept ?? 'application/json',
    'accept-encoding': 'gzip',
    // Shows the org's admins whose requests these are.
    'sforce-call-options': 'client=loopline',
  }
  if (!call.anonymous) headers.authorization = `Bearer ${token.token}`
  if (call.body !== undefined) headers['content-type'] = 'application/json; charset=UTF-8'
  return headers
}

function maxRetries(error: SalesforceError): number {
  // The edge answers 420 for ever where an org is gone; a request that was too slow once is likely so again.
  if (error.status === 420) return 2
  if (error.code === 'TIMEOUT') return 1
  return retryDelaysMs.length
}

/** Whether a new token would help. */
function isExpiredSession(error: SalesforceError): boolean {
  if (error.code === 'Bad_OAuth_Token') return true
  if (error.status !== 401 || error.code !== 'INVALID_SESSION_ID') return false
  // The same code stands for tokens without API access, which renewing would never mend; only the text tells.
  return !/not valid for use with the REST API|not attached to Agent/i.test(error.message)
}

function readApiUse(headers: Headers): ApiUse | undefined {
  const found = /(?:^|[;,\s])api-usage=(\d+)\/(\d+)/.exec(headers.get('sforce-limit-info') ?? '')
  return found ? { used: Number(found[1]), max: Number(found[2]) } : undefined
}

function parseAnswer(text: string, request: string): JsonValue {
  if (text === '') return null
  try {
    return parseJson(text)
  } catch (cause) {
    // The cause quotes the text, which may hold customers' data.
    const reason = cause instanceof Error ? cause.name : 'unknown'
    throw new SalesforceError({
      status: 0,
      code: 'ANSWER_NOT_JSON',
      message: `Salesforce’s answer is not JSON (${reason}).`,
      request,
    })
  }
}

function explainBrokenRequest(error: unknown, { request, isLate }: { request: string; isLate: boolean }): unknown {
  if (isLate) {
    return new SalesforceError({ status: 0, code: 'TIMEOUT', message: 'Salesforce did not answer in time.', request })
  }
  if (error instanceof SalesforceError) return error
  let reason: string | undefined
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof LooplineError) return cause
    if ('code' in cause && typeof cause.code === 'string') reason = cause.code
  }
  return new SalesforceError({
    status: 0,
    code: 'NETWORK_ERROR',
    message: `Salesforce could not be reached${reason ? ` (${reason})` : ''}.`,
    request,
    cause: error,
  })
}
