/** Salesforce's OAuth endpoints, through openid-client. Nothing it throws gets past this file: its causes hold tokens. */

import * as openid from 'openid-client'
import { LooplineError } from '../errors.ts'
import { SalesforceError } from '../salesforce/error.ts'
import { readErrorAnswer } from '../salesforce/error-answer.ts'
import { isAllowedOrigin } from '../salesforce/hosts.ts'
import type { OAuthClient } from './clients.ts'

export interface OAuthServer {
  /** The login host that issued, or will issue, the tokens. */
  readonly origin: string
  readonly client: OAuthClient
  readonly fetch: typeof fetch
  readonly extraOrigins: readonly string[]
}

export interface Tokens {
  readonly accessToken: string
  /** Null when none came: with a renewal, the one we have stays valid. */
  readonly refreshToken: string | null
  /** Where the org's API answers, as Salesforce says: not checked yet. */
  readonly instanceUrl: string | null
  readonly orgId: string | null
  readonly scopes: string[]
  readonly issuedAt: Date | null
}

const timeoutSeconds = 30

/** The address of the login page. */
export function authorizationUrl(server: OAuthServer, parameters: Record<string, string>): string {
  return openid.buildAuthorizationUrl(configure(server, server.fetch), parameters).href
}

/** Trades the code of a callback for tokens. */
export async function exchangeCode(
  server: OAuthServer,
  { url, verifier, state }: { url: URL; verifier: string; state: string },
): Promise<Tokens> {
  const checks = { pkceCodeVerifier: verifier, expectedState: state, idTokenExpected: false }
  return requestTokens(server, (config) => openid.authorizationCodeGrant(config, url, checks))
}

export async function refreshTokens(server: OAuthServer, refreshToken: string): Promise<Tokens> {
  return requestTokens(server, (config) => openid.refreshTokenGrant(config, refreshToken))
}

/** Ends a refresh token and the access tokens made from it. */
export async function revokeToken(server: OAuthServer, token: string): Promise<void> {
  await call(server, '/services/oauth2/revoke', (config) => openid.tokenRevocation(config, token))
}

async function requestTokens(
  server: OAuthServer,
  grant: (config: openid.Configuration) => Promise<openid.TokenEndpointResponse>,
): Promise<Tokens> {
  const answer = await call(server, '/services/oauth2/token', grant)
  const [, orgId] = /\/id\/(00D\w{12,15})\/005\w{12,15}$/.exec(textOf(answer.id) ?? '') ?? []
  const issuedAt = new Date(Number(textOf(answer.issued_at)))
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? null,
    instanceUrl: textOf(answer.instance_url) ?? null,
    orgId: orgId ?? null,
    scopes: (answer.scope ?? '').split(' ').filter(Boolean),
    issuedAt: Number.isNaN(issuedAt.getTime()) ? null : issuedAt,
  }
}

/** Makes one request, and turns whatever goes wrong into an error that holds no secret. */
async function call<T>(
  server: OAuthServer,
  path: string,
  send: (config: openid.Configuration) => Promise<T>,
): Promise<T> {
  const request = `POST ${path}`
  let refusal: Error | undefined
  const listening: openid.CustomFetch = async (url, options) => {
    try {
      const response = await server.fetch(url, options as RequestInit)
      if (response.ok) return response
      refusal = asOAuthError(readErrorAnswer(response.status, await response.text(), request))
    } catch (error) {
      refusal = networkError(error, request)
    }
    throw refusal
  }
  try {
    return await send(configure(server, listening))
  } catch (error) {
    if (refusal) throw refusal
    // The name says enough (a state that differs, an answer that is not JSON); the rest may quote the answer.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'OAUTH_ANSWER_INVALID'
    throw new SalesforceError({
      status: 0,
      code,
      message: 'Salesforce’s answer could not be used.',
      request,
      oauth: true,
    })
  }
}

function configure(
  { origin, client }: OAuthServer,
  fetch: typeof globalThis.fetch | openid.CustomFetch,
): openid.Configuration {
  const endpoint = (name: string) => `${origin}/services/oauth2/${name}`
  const server: openid.ServerMetadata = {
    issuer: origin,
    authorization_endpoint: endpoint('authorize'),
    token_endpoint: endpoint('token'),
    revocation_endpoint: endpoint('revoke'),
  }
  const authentication = client.clientSecret ? openid.ClientSecretPost(client.clientSecret) : openid.None()
  const config = new openid.Configuration(server, client.clientId, undefined, authentication)
  // Only origins that the operator named can have http; hosts.ts sees to that.
  if (origin.startsWith('http:')) openid.allowInsecureRequests(config)
  config[openid.customFetch] = fetch as openid.CustomFetch
  config.timeout = timeoutSeconds
  return config
}

function asOAuthError({ status, code, message, request }: SalesforceError): SalesforceError {
  return new SalesforceError({ status, code, message, request, oauth: true })
}

function networkError(error: unknown, request: string): Error {
  for (let cause = error; cause instanceof Error; cause = cause.cause) if (cause instanceof LooplineError) return cause
  return new SalesforceError({
    status: 0,
    code: error instanceof Error && error.name === 'TimeoutError' ? 'TIMEOUT' : 'NETWORK_ERROR',
    message: 'Salesforce’s login service could not be reached.',
    request,
    oauth: true,
  })
}

/** The origin of the org's API, once it is known to be one that Loopline may talk to. */
export function checkInstance(instanceUrl: string, options: { extraOrigins: readonly string[] }): string {
  if (isAllowedOrigin(instanceUrl, options)) return new URL(instanceUrl).origin
  throw new LooplineError({
    kind: 'invalid',
    code: 'INSTANCE_NOT_ALLOWED',
    message: `Salesforce says that the org’s API is at ${instanceUrl.slice(0, 200)}, where Loopline may not connect to.`,
    remedy: 'If this host is yours, ask whoever runs Loopline to add its origin to SALESFORCE_EXTRA_HOSTS.',
  })
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
