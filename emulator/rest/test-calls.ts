/** For tests of the REST resources: a practice org with a fixed clock, and calls to it as its administrator. */
import assert from 'node:assert/strict'
import { after } from 'node:test'
import { createEmulator, type Emulator } from '../app.ts'
import { adminOf, agentOf, jsonOf, ORIGIN } from '../test-browser.ts'

export const DATA = '/services/data/v67.0'

interface CallOptions {
  readonly method?: string
  /** Sent as JSON, unless it is text or bytes. */
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** A token; the administrator's unless told. */
  readonly as?: string
}

interface TestOrg {
  readonly emulator: Emulator
  readonly clock: { ms: number }
  readonly agentToken: string
  call(path: string, options?: CallOptions): Promise<Response>
  /** The JSON of an answer that must have this status. */
  get(path: string, status?: number, options?: CallOptions): ReturnType<typeof jsonOf>
  /** Status and code of an answer that must hold one error. */
  failure(path: string, options?: CallOptions): Promise<[number, string]>
  /** Creates a record, and gives its id. */
  create(object: string, fields: object): Promise<string>
}

/** An org that lives until the file's tests are over. Paths begin below the version, or with a slash at the root. */
export function testOrg(): TestOrg {
  const clock = { ms: Date.UTC(2026, 10, 1, 12) }
  const emulator = createEmulator({ origin: ORIGIN, now: () => clock.ms, sessionMinutes: 100_000, scale: 0.2 })
  after(() => emulator.close())
  const token = emulator.issueToken(adminOf(emulator).username)

  function call(path: string, { method = 'GET', body, headers, as = token }: CallOptions = {}): Promise<Response> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData
    const sent = isRaw ? (body as string | FormData | Uint8Array<ArrayBuffer>) : JSON.stringify(body)
    return emulator.fetch(`${ORIGIN}${path.startsWith('/') ? path : `${DATA}/${path}`}`, {
      method,
      headers: {
        authorization: `Bearer ${as}`,
        ...(body !== undefined && !isRaw && { 'content-type': 'application/json; charset=UTF-8' }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    })
  }

  async function get(path: string, status = 200, options: CallOptions = {}) {
    const response = await call(path, options)
    const text = await response.text()
    assert.equal(response.status, status, `${options.method ?? 'GET'} ${path}: ${text.slice(0, 500)}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  return {
    emulator,
    clock,
    agentToken: emulator.issueToken(agentOf(emulator).username),
    call,
    get,
    async failure(path, options) {
      const response = await call(path, options)
      const errors = await jsonOf(response)
      assert.equal(errors.length, 1)
      return [response.status, errors[0].errorCode]
    },
    async create(object, fields) {
      return (await get(`sobjects/${object}`, 201, { method: 'POST', body: fields })).id
    },
  }
}
