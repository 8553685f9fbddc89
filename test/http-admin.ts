/** An admin without a browser: signs in, connects integrations by walking through the practice org's forms, asks. */

import assert from 'node:assert/strict'
import type { ConnectAttempt, ConnectStart, IntegrationDraft } from '../src/api/schemas.ts'

/** Cookies per origin: unlike a browser's jar, ports don't share. */
type Jar = Map<string, string>

export interface HttpAdmin {
  readonly jar: Jar
  get<T>(path: string): Promise<T>
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>
  /** Connects a new integration as this Salesforce user and returns its id. */
  connect(draft: IntegrationDraft, user: { username: string; password: string }): Promise<string>
}

/** Follows the one-time link and becomes the first admin. */
export async function becomeAdminOverHttp(loopline: { url: string; setupLink: string | null }): Promise<HttpAdmin> {
  const jar: Jar = new Map()
  const { origin } = new URL(loopline.url)

  async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: {
        origin,
        cookie: jar.get(origin) ?? '',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    keepCookies(jar, origin, response)
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path} answered ${response.status}: ${text}`)
    return (text ? JSON.parse(text) : undefined) as T
  }

  const token = new URL(loopline.setupLink ?? '').hash.replace('#token=', '')
  const person = { token, name: 'Maria Admin', email: 'maria@acme.example', password: 'correct horse battery staple' }
  await request('POST', '/invitations/accept', person)

  return {
    jar,
    get: (path) => request('GET', path),
    send: request,
    async connect(draft, user) {
      const start = await request<ConnectStart>('POST', '/integrations/connect', { draft })
      await walkThroughLogin(start.authorizationUrl, user, jar)
      const attempt = await request<ConnectAttempt>('GET', `/connect-attempts/${start.attemptId}`)
      assert.equal(attempt.state, 'succeeded', JSON.stringify(attempt.failure))
      return attempt.integrationId ?? ''
    },
  }
}

/** Log In, Allow, and back: redirects are followed and forms are sent until a page without one comes. */
async function walkThroughLogin(start: string, user: { username: string; password: string }, jar: Jar): Promise<void> {
  let url = new URL(start)
  let form: URLSearchParams | undefined
  for (let step = 0; step < 12; step++) {
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { origin: url.origin, cookie: jar.get(url.origin) ?? '' },
      ...(form ? { body: form } : {}),
    })
    keepCookies(jar, url.origin, response)
    form = undefined
    const location = response.headers.get('location')
    const page = await response.text()
    if (location) url = new URL(location, url)
    else {
      const action = page.match(/<form[^>]*\baction="([^"]+)"/)?.[1]
      if (!action) return
      form = new URLSearchParams()
      for (const [input] of page.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
        form.set(input.match(/name="([^"]*)"/)?.[1] ?? '', input.match(/value="([^"]*)"/)?.[1] ?? '')
      }
      if (page.includes('name="username"')) {
        form.set('username', user.username)
        form.set('pw', user.password)
      } else form.set('decision', 'allow')
      url = new URL(action, url)
    }
  }
  throw new Error(`The login went in circles; last seen at ${url.origin}${url.pathname}`)
}

function keepCookies(jar: Jar, origin: string, response: Response): void {
  const cookies = new Map(
    (jar.get(origin) ?? '')
      .split('; ')
      .filter(Boolean)
      .map((one) => [one.split('=')[0], one]),
  )
  for (const line of response.headers.getSetCookie()) {
    const pair = line.split(';')[0] ?? ''
    cookies.set(pair.split('=')[0], pair)
  }
  jar.set(origin, [...cookies.values()].join('; '))
}
