/** An admin without a browser: signs in, connects integrations by walking through the practice org's forms, asks. */

import assert from 'node:assert/strict'
import type { ConnectAttempt, ConnectStart, IntegrationDraft } from '../src/api/schemas.ts'
import { logInAtSalesforce } from './salesforce-login.ts'

export interface HttpAdmin {
  get<T>(path: string): Promise<T>
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<T>
  /** Connects a new integration as this Salesforce user and returns its id. */
  connect(draft: IntegrationDraft, user: { username: string; password: string }): Promise<string>
}

/** Follows the one-time link and becomes the first admin. */
export async function becomeAdminOverHttp(loopline: { url: string; setupLink: string | null }): Promise<HttpAdmin> {
  const { origin } = new URL(loopline.url)
  let cookie = ''

  async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${origin}/api/v1${path}`, {
      method,
      headers: { origin, cookie, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path} answered ${response.status}: ${text}`)
    const cookies = response.headers.getSetCookie().map((line) => line.split(';')[0])
    if (cookies.length > 0) cookie = cookies.join('; ')
    return (text ? JSON.parse(text) : undefined) as T
  }

  const token = new URL(loopline.setupLink ?? '').hash.replace('#token=', '')
  const person = { token, name: 'Maria Admin', email: 'maria@acme.example', password: 'correct horse battery staple' }
  await request('POST', '/invitations/accept', person)

  return {
    get: (path) => request('GET', path),
    send: request,
    async connect(draft, user) {
      const start = await request<ConnectStart>('POST', '/integrations/connect', { draft })
      const callback = await logInAtSalesforce(start.authorizationUrl, user, fetch)
      await fetch(callback, { headers: { cookie } })
      const attempt = await request<ConnectAttempt>('GET', `/connect-attempts/${start.attemptId}`)
      assert.equal(attempt.state, 'succeeded', JSON.stringify(attempt.failure))
      return attempt.integrationId ?? ''
    },
  }
}
