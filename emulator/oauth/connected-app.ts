/** The app that the practice org knows: what an admin would have set up in External Client App Manager. */
import { createHash } from 'node:crypto'
import type { ConnectedApp } from '../context.ts'

/** Scopes that exist at Salesforce, from its discovery document (salesforce-api.md 2.1), with the words of the consent page. */
export const KNOWN_SCOPES: Readonly<Record<string, string>> = {
  id: 'Access the identity URL service',
  api: 'Manage user data via APIs',
  refresh_token: 'Perform requests at any time',
  openid: 'Access unique user identifiers',
  profile: 'Access your basic information',
  email: 'Access your email address',
  web: 'Manage user data via Web browsers',
  full: 'Full access',
  address: 'Access your address',
  phone: 'Access your phone number',
  chatter_api: 'Access Connect REST API resources',
  content: 'Access content resources',
  custom_permissions: 'Access custom permissions',
  lightning: 'Access Lightning applications',
  visualforce: 'Access Visualforce applications',
}

/** The practice app, with a client id and secret that are the same for each seed. */
export function makeConnectedApp(seed: number, callbackUrls: readonly string[]): ConnectedApp {
  const digest = (purpose: string) => createHash('sha512').update(`practice org ${seed} ${purpose}`).digest()
  return {
    name: 'Loopline',
    clientId: `3MVG9${digest('client id').toString('base64url').replaceAll('-', '.').slice(0, 80)}`,
    clientSecret: digest('client secret').toString('hex').slice(0, 64).toUpperCase(),
    callbackUrls,
    scopes: ['id', 'api', 'refresh_token', 'openid', 'profile', 'email'],
  }
}

/** The scopes a request asks for, or all of the app's; `offline_access` is another name for `refresh_token`. */
export function readScopes(text: string | undefined, app: ConnectedApp): string[] {
  const asked = (text ?? '').split(/\s+/).filter((scope) => scope !== '')
  if (asked.length === 0) return [...app.scopes]
  return [...new Set(asked.map((scope) => (scope === 'offline_access' ? 'refresh_token' : scope)))]
}
