/** A practice org in this process, and what it takes to connect an integration to it. */

import assert from 'node:assert/strict'
import { after } from 'node:test'
import pino from 'pino'
import { createEmulator, type EmulatorOptions } from '../emulator/app.ts'
import { type ConnectionDraft, type OAuthDeps, type Person, startAuthorization } from '../src/oauth/authorize.ts'
import { finishAuthorization } from '../src/oauth/callback.ts'
import { createClientDirectory } from '../src/oauth/clients.ts'
import { createVault } from '../src/oauth/vault.ts'
import type { Pool } from '../src/store/database.ts'
import { getIntegration, type Integration } from '../src/store/integrations.ts'
import { logInAtSalesforce, type SalesforceLogin } from './salesforce-login.ts'

const origin = 'http://127.0.0.1:17466'
const callbackUrl = 'http://127.0.0.1:17465/oauth/callback'

export const maria: Person = { id: 'maria', sessionId: 'session-of-maria' }

/** The org is closed after the file's tests. `lines` are the log's. */
export function practiceConnection(sql: Pool, options: Partial<EmulatorOptions> = {}) {
  const emulator = createEmulator({ origin, callbackUrls: [callbackUrl], scale: 0.1, ...options })
  after(() => emulator.close())
  const lines: string[] = []
  const vault = createVault(['a-key-for-tests-of-32-characters!'])
  const { clientId, clientSecret } = emulator
  const deps: OAuthDeps = {
    sql,
    vault,
    fetch: emulator.fetch,
    clients: createClientDirectory({ practice: { origin, clientId, clientSecret }, vault }),
    callbackUrl,
    extraOrigins: [origin],
    log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    now: () => new Date(emulator.org.now()),
  }
  const [admin, agent] = emulator.org.users
  if (!admin || !agent) throw new Error('the practice org lacks its sign-ins')

  const draft: ConnectionDraft = {
    name: 'Acme Support',
    capability: 'helpdesk',
    environment: 'production',
    domain: origin,
    pullBy: 'updated',
    pullFrom: '2024-11-01T00:00:00.000Z',
    syncEveryMinutes: 15,
  }

  /** All of Connect: wizard's draft, login, Allow, callback. */
  async function connect(changes: Partial<ConnectionDraft> = {}, login: SalesforceLogin = admin as SalesforceLogin) {
    const start = await startAuthorization(deps, { draft: { ...draft, ...changes }, person: maria })
    return finish(start.authorizationUrl, login)
  }

  /** Re-generate Token. */
  async function reconnect(integration: Integration, login: SalesforceLogin = admin as SalesforceLogin) {
    const start = await startAuthorization(deps, { integration, person: maria })
    return finish(start.authorizationUrl, login)
  }

  async function finish(authorizationUrl: string, login: SalesforceLogin) {
    const url = await logInAtSalesforce(authorizationUrl, login, emulator.fetch)
    return finishAuthorization(deps, { url, person: maria })
  }

  async function connected(name: string, login: SalesforceLogin = admin as SalesforceLogin): Promise<Integration> {
    const { outcome } = await connect({ name }, login)
    assert.ok(outcome.ok, JSON.stringify(outcome))
    return getIntegration(sql, outcome.integrationId)
  }

  return { emulator, deps, lines, draft, admin, agent, reconnect, connected, origin }
}
