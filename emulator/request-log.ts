/** The last calls that came in, for whoever wonders what their client did; and what was asked for that isn't here. */

/** One call, as the start page shows it. */
export interface LoggedRequest {
  /** Counts up from 1 for as long as the process lives. */
  readonly number: number
  /** The org's time, epoch ms. */
  readonly at: number
  readonly method: string
  /** Path and query, without anything secret. */
  readonly path: string
  /** 0 when the connection was broken instead of answered. */
  readonly status: number
  /** Until the answer's headers. */
  readonly ms: number
  readonly userId?: string | undefined
  /** The app that the token was given to. */
  readonly clientId?: string | undefined
  /** What the practice org did on purpose: `fault 3: reset`. */
  readonly note?: string | undefined
}

/** A call that no part of the practice org knows. */
export interface UnknownRequest {
  readonly method: string
  /** With ids and versions replaced by what they are. */
  readonly path: string
  count: number
}

const KEPT_REQUESTS = 500
const KEPT_UNKNOWN = 200
const SECRET_PARAMETER = /token|secret|password|^pw$|^code$|code_verifier|assertion|^sid$|^otp$/i

/** A ring of the last calls, and one line for each kind of unknown one. */
export class RequestLog {
  readonly #recent: LoggedRequest[] = []
  readonly #unknown = new Map<string, UnknownRequest>()
  readonly #complain: (line: string) => void
  #number = 0

  constructor(complain: (line: string) => void = console.error) {
    this.#complain = complain
  }

  add(request: Omit<LoggedRequest, 'number'>): void {
    this.#number += 1
    this.#recent.push({ ...request, number: this.#number, path: withoutSecrets(request.path) })
    if (this.#recent.length > KEPT_REQUESTS) this.#recent.shift()
  }

  /** The number of the last call; less than one that was seen before when the process is another one. */
  get latest(): number {
    return this.#number
  }

  /** Calls after the one with this number, oldest first. */
  list(after = 0): readonly LoggedRequest[] {
    return this.#recent.filter(({ number }) => number > after)
  }

  listUnknown(): readonly UnknownRequest[] {
    return [...this.#unknown.values()]
  }

  /** Tells the operator, once for each kind of path, what a client asked for that isn't here and where it would be added. */
  noteUnknown(method: string, path: string): void {
    const shape = shapeOf(path)
    const key = `${method} ${shape}`
    const known = this.#unknown.get(key)
    if (known) known.count += 1
    else if (this.#unknown.size < KEPT_UNKNOWN) {
      this.#unknown.set(key, { method, path: shape, count: 1 })
      this.#complain(`Not known here: ${key}. Answered 404 NOT_FOUND. To add it: ${roomOf(shape)}`)
    }
  }
}

function withoutSecrets(path: string): string {
  const start = path.indexOf('?')
  if (start < 0) return path
  const shown = path
    .slice(start + 1)
    .split('&')
    .map((part) => {
      const [name = ''] = part.split('=', 1)
      return SECRET_PARAMETER.test(name) ? `${name}=...` : part
    })
  return `${path.slice(0, start)}?${shown.join('&')}`
}

function shapeOf(path: string): string {
  return (path.split('?', 1)[0] ?? '')
    .replace(/\/v\d{1,3}\.0(?=\/|$)/, '/vXX.0')
    .replace(/\/(?=[a-zA-Z0-9]*\d)[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?(?=\/|$)/g, '/{id}')
}

function roomOf(path: string): string {
  const rooms: readonly (readonly [RegExp, string])[] = [
    [/^\/services\/oauth2|^\/id\/|^\/\.well-known/, 'a route in emulator/oauth/'],
    [/^\/services\/Soap/i, 'an operation in emulator/soap/'],
    [/^\/services\/async|^\/services\/data\/[^/]+\/jobs/, 'a route in emulator/bulk/'],
    [/^\/cometd/, 'emulator/events/'],
    [/^\/services\/data\/[^/]+\/sobjects\/[^/]+$/, 'the object in emulator/schema/, or a route in emulator/rest/'],
    [/^\/services\/data/, 'a resource in emulator/rest/'],
    [/^\/_control/, 'a call in emulator/control.ts'],
  ]
  return rooms.find(([pattern]) => pattern.test(path))?.[1] ?? 'a route in emulator/app.ts'
}
