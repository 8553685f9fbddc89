/** The one way the page speaks to Loopline's own API. */

import type { Failure, Problem } from '../src/api/schemas.ts'

/** An answer that is not a success, or no answer at all (`status` 0). */
export class ApiProblem extends Error {
  readonly status: number
  readonly problem: Problem

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail ?? problem.title, options)
    this.name = 'ApiProblem'
    this.status = problem.status
    this.problem = problem
  }
}

type QueryValue = string | number | boolean | readonly string[] | null | undefined
type Query = Readonly<Record<string, QueryValue>>

interface CallOptions {
  query?: Query
  signal?: AbortSignal
}

/** Paths are below `/api/v1`; the type of the answer is the API's promise (`src/api/schemas.ts`). */
export const api = {
  get: <T>(path: string, options?: CallOptions) => call<T>('GET', path, undefined, options),
  post: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('POST', path, body ?? {}, options),
  patch: <T>(path: string, body: unknown, options?: CallOptions) => call<T>('PATCH', path, body, options),
  del: <T>(path: string, body?: unknown, options?: CallOptions) => call<T>('DELETE', path, body, options),
}

/** Signs in with e-mail and password; the cookie is the browser's to keep. */
export function signIn(credentials: { email: string; password: string }): Promise<unknown> {
  return send('POST', '/api/auth/sign-in/email', credentials)
}

/** Ends this browser's session. */
export function signOut(): Promise<unknown> {
  return send('POST', '/api/auth/sign-out', {})
}

function call<T>(method: string, path: string, body: unknown, options: CallOptions = {}): Promise<T> {
  return send(method, `/api/v1${path}${queryText(options.query)}`, body, options.signal) as Promise<T>
}

function queryText(query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue
    for (const item of Array.isArray(value) ? value : [value]) params.append(name, String(item))
  }
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

async function send(method: string, address: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(address, {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiProblem(
      {
        type: 'about:blank',
        title: 'Loopline does not answer.',
        detail: 'Loopline does not answer. It may be restarting, or the network is down; what is shown may be old.',
        status: 0,
        code: 'NO_ANSWER',
        requestId: '',
      },
      { cause },
    )
  })
  const text = await response.text()
  const answer: unknown = text === '' ? undefined : parseJson(text)
  if (response.ok) return answer
  throw new ApiProblem(problemOf(response, answer))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function problemOf(response: Response, answer: unknown): Problem {
  const given = (typeof answer === 'object' && answer !== null ? answer : {}) as Partial<Problem> & { message?: string }
  const title = given.title ?? given.message ?? `Loopline answered ${response.status} ${response.statusText}`.trim()
  return {
    ...given,
    type: given.type ?? 'about:blank',
    title,
    status: response.status,
    code: given.code ?? `HTTP_${response.status}`,
    requestId: given.requestId ?? response.headers.get('x-request-id') ?? '',
  }
}

/** Any error as the three parts that a notice shows. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiProblem) {
    const { failure, detail, title, code, requestId, status } = error.problem
    const reference = requestId === '' ? {} : { detail: `Request ${requestId} (${code})` }
    if (failure) return { ...reference, ...failure }
    const kind = status === 0 || status === 503 ? 'transient' : status >= 500 ? 'bug' : 'invalid'
    return { kind, code, message: detail ?? title, ...reference }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { kind: 'bug', code: 'PAGE', message: `The page met something unexpected: ${message}` }
}

/** The messages that belong beside the fields of a form. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiProblem)) return {}
  const { errors = [], failure } = error.problem
  const entries = errors.map(({ field, message }): [string, string] => [field, message])
  if (failure?.field !== undefined && !entries.some(([field]) => field === failure.field)) {
    entries.push([failure.field, failure.message])
  }
  return Object.fromEntries(entries)
}
