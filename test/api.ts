/** The whole API in-process, with an org to connect and browsers to click in. */

import assert from 'node:assert/strict'
import pino from 'pino'
import { createEmulator, type Emulator } from '../emulator/app.ts'
import { adminOf, TestBrowser } from '../emulator/test-browser.ts'
import { createApp } from '../src/api/app.ts'
import type { ConnectStart } from '../src/api/schemas.ts'
import { ensureSetupLink } from '../src/api/setup.ts'
import { createClientDirectory } from '../src/oauth/clients.ts'
import { createVault } from '../src/oauth/vault.ts'
import type { Pool } from '../src/store/database.ts'
import { startBoss } from '../src/sync/boss.ts'

const publicUrl = 'http://127.0.0.1:7465'
const callbackUrl = `${publicUrl}/oauth/callback`
const orgOrigin = 'http://127.0.0.1:7466'
const secretKey = 'a-secret-key-for-tests-0123456789-abcdef'

export interface TestApi {
  readonly app: ReturnType<typeof createApp>
  readonly sql: Pool
  readonly emulator: Emulator
  /** What the clock says; tests may set it. */
  readonly clock: { now: Date }
  /** Every line that was logged. */
  readonly logged: string[]
  /** Every body that a browser was answered. */
  readonly answered: string[]
  readonly secretKey: string
  close(): Promise<void>
}

/** An API on this database, connected to a practice org of its own. */
export async function openApi(
  { sql, url }: { sql: Pool; url: string },
  { webFolder = null }: { webFolder?: string | null } = {},
): Promise<TestApi> {
  const emulator = createEmulator({ origin: orgOrigin, callbackUrls: [callbackUrl], anchor: Date.UTC(2026, 10, 1) })
  const logged: string[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) })
  const clock = { now: new Date() }
  const vault = createVault([secretKey])
  const boss = await startBoss(url, log)
  const { clientId, clientSecret } = emulator
  const practice = { origin: orgOrigin, clientId, clientSecret, users: [adminOf(emulator)] }
  const users = practice.users.map((user) => ({ ...user, about: 'Sees everything.' }))
  const app = createApp({
    sql,
    databaseUrl: url,
    boss,
    vault,
    fetch: emulator.fetch,
    clients: createClientDirectory({ practice, vault }),
    config: {
      publicUrl,
      callbackUrl,
      extraOrigins: [orgOrigin],
      hasClient: false,
      embeddedDatabase: false,
      secretKeys: [secretKey],
      practiceOrg: { origin: orgOrigin, users },
    },
    webFolder,
    log,
    now: () => clock.now,
  })
  const close = async () => {
    await boss.stop()
    await emulator.close()
  }
  return { app, sql, emulator, clock, logged, answered: [], secretKey, close }
}

/** One person's browser: keeps cookies and says, as browsers do, that a request comes from our own page. */
export class ApiBrowser {
  readonly #api: Pick<TestApi, 'app' | 'answered'>
  readonly #cookies = new Map<string, string>()

  constructor(api: Pick<TestApi, 'app' | 'answered'>) {
    this.#api = api
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const response = await this.#api.app.request(`${publicUrl}${path}`, {
      method,
      headers: {
        'sec-fetch-site': 'same-origin',
        ...(this.#cookies.size > 0 ? { cookie: this.cookie } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    this.#api.answered.push(await response.clone().text())
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value === '' || /max-age=0/i.test(cookie)) this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return response
  }

  /** Calls `/api/v1` and expects it to work. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.send(method, `/api/v1${path}`, body)
    const text = await response.text()
    assert.ok(response.ok, `${method} ${path} answered ${response.status}: ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
}

export const password = 'correct horse battery staple'

/** The first admin, signed in by their one-time link. */
export async function becomeAdmin(api: TestApi): Promise<ApiBrowser> {
  const link = await ensureSetupLink({ sql: api.sql, publicUrl, now: () => api.clock.now })
  const browser = new ApiBrowser(api)
  const person = { name: 'Maria Admin', email: 'maria@acme.example', password }
  await browser.call('POST', '/invitations/accept', { token: tokenOf(link), ...person })
  return browser
}

/** Somebody the admin has invited, signed in. */
export async function becomeInvited(
  api: TestApi,
  { admin, email, role }: { admin: ApiBrowser; email: string; role: 'admin' | 'member' },
): Promise<ApiBrowser> {
  const { link } = await admin.call<{ link: string }>('POST', '/people/invitations', { email, role })
  const browser = new ApiBrowser(api)
  await browser.call('POST', '/invitations/accept', { token: tokenOf(link), name: email, password })
  return browser
}

/** The token in a one-time link's fragment. */
export function tokenOf(link: string | null): string {
  return new URLSearchParams(new URL(link ?? 'about:blank').hash.slice(1)).get('token') ?? ''
}

/** Logs in at the practice org and allows (or denies) access; answers what our callback page says. */
export async function logInAtSalesforce(
  api: TestApi,
  { browser, start, decision = 'allow' }: { browser: ApiBrowser; start: ConnectStart; decision?: 'allow' | 'deny' },
): Promise<Response> {
  const window = new TestBrowser(api.emulator)
  await window.open(start.authorizationUrl)
  await window.logIn(adminOf(api.emulator))
  const { url } = await window.submit({ decision })
  return browser.send('GET', `${url.pathname}${url.search}`, undefined, { 'sec-fetch-site': 'cross-site' })
}
