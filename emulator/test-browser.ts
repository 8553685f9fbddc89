/** For tests: a person with a browser at the practice org, without a network. */
import { createHash, randomBytes } from 'node:crypto'
import { createEmulator, type Emulator, type EmulatorOptions } from './app.ts'

export const ORIGIN = 'http://127.0.0.1:7466'
export const CALLBACK_URL = 'http://127.0.0.1:7465/oauth/callback'

interface Practice {
  readonly emulator: Emulator
  /** The org's clock, to be moved. */
  readonly clock: { ms: number }
}

/** A practice org with a clock for as long as `run` takes. */
export async function practice(
  run: (practice: Practice) => Promise<void>,
  options: Partial<EmulatorOptions> = {},
): Promise<void> {
  const clock = { ms: Date.UTC(2026, 10, 1, 12) }
  const emulator = createEmulator({ origin: ORIGIN, scale: 0.1, now: () => clock.ms, ...options })
  try {
    await run({ emulator, clock })
  } finally {
    await emulator.close()
  }
}

/** A PKCE pair. */
export function newVerifier(): { verifier: string; challenge: string } {
  const verifier = randomBytes(40).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** The address that an app sends a person to. Undefined takes a parameter away. */
export function authorizeUrl(
  emulator: Emulator,
  challenge: string,
  changes: Record<string, string | undefined> = {},
): string {
  const params = {
    response_type: 'code',
    client_id: emulator.clientId,
    redirect_uri: CALLBACK_URL,
    scope: 'api refresh_token id',
    state: 'state-1',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...changes,
  }
  return `${ORIGIN}/services/oauth2/authorize?${paramsOf(params)}`
}

interface TestPage {
  readonly status: number
  readonly url: URL
  readonly text: string
}

/** Keeps cookies, follows redirects until they leave the org, and sends the form of the page it is on. */
export class TestBrowser {
  readonly #fetch: typeof globalThis.fetch
  readonly #origin: string
  readonly #cookies = new Map<string, string>()
  page: TestPage = { status: 0, url: new URL(ORIGIN), text: '' }

  constructor(emulator: Pick<Emulator, 'fetch'>, origin = ORIGIN) {
    this.#fetch = emulator.fetch
    this.#origin = origin
  }

  async open(url: string, init: RequestInit = {}): Promise<TestPage> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await this.#fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      this.#cookies.set(name, value)
    }
    const location = response.headers.get('location')
    const target = location === null ? undefined : new URL(location, url)
    if (target?.origin === this.#origin) return this.open(target.href)
    this.page = { status: response.status, url: target ?? new URL(url), text: await response.text() }
    return this.page
  }

  cookieValues(): readonly string[] {
    return [...this.#cookies.values()]
  }

  /** Sends the page's form with its hidden fields and these. */
  async submit(fields: Record<string, string>): Promise<TestPage> {
    const action = /<form[^>]* action="([^"]+)"/.exec(this.page.text)?.[1]
    if (action === undefined) throw new Error(`No form on ${this.page.url}: ${this.page.text.slice(0, 300)}`)
    const hidden = [...this.page.text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
    const body = new URLSearchParams({
      ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])),
      ...fields,
    })
    return this.open(new URL(action, this.page.url).href, { method: 'POST', body })
  }

  logIn(user: { username: string; password: string }): Promise<TestPage> {
    return this.submit({ username: user.username, pw: user.password })
  }
}

/** Posts a form to the token endpoint or one of its neighbours, with the app's id and secret. */
export async function postToken(
  emulator: Emulator,
  fields: Record<string, string | undefined>,
  { path = 'token', headers = {} }: { path?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: Record<string, string> }> {
  const all = { client_id: emulator.clientId, client_secret: emulator.clientSecret, ...fields }
  const response = await emulator.fetch(`${ORIGIN}/services/oauth2/${path}`, {
    method: 'POST',
    body: paramsOf(all),
    headers,
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) }
}

/** A JSON answer, to be looked at by assertions. */
export async function jsonOf(response: Response) {
  return JSON.parse(await response.text())
}

/** The first sign-in: the administrator. */
export function adminOf(emulator: Emulator) {
  const [admin] = emulator.org.users
  if (!admin) throw new Error('The practice org has no sign-ins')
  return admin
}

/** The second sign-in: a support agent, who may see less. */
export function agentOf(emulator: Emulator) {
  const agent = emulator.org.users[1]
  if (!agent) throw new Error('The practice org has no second sign-in')
  return agent
}

/** Connects the app as a person would, and gives back the token endpoint's answer. */
export async function connect(
  emulator: Emulator,
  options: { user?: { username: string; password: string }; scope?: string } = {},
): Promise<Record<string, string>> {
  const { user = adminOf(emulator), scope = 'api refresh_token id' } = options
  const { verifier, challenge } = newVerifier()
  const browser = new TestBrowser(emulator)
  await browser.open(authorizeUrl(emulator, challenge, { scope }))
  await browser.logIn(user)
  const { url } = browser.page.url.href.startsWith(CALLBACK_URL)
    ? browser.page
    : await browser.submit({ decision: 'allow' })
  const { status, body } = await postToken(emulator, {
    grant_type: 'authorization_code',
    code: url.searchParams.get('code') ?? '',
    redirect_uri: CALLBACK_URL,
    code_verifier: verifier,
  })
  if (status !== 200) throw new Error(`The code was refused: ${JSON.stringify(body)}`)
  return body
}

function paramsOf(fields: Record<string, string | undefined>): URLSearchParams {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) params.set(name, value)
  return params
}
