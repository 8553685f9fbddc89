/** `/services/oauth2/token`, `/revoke` and `/introspect` (salesforce-api.md 2.2, 2.3, 2.5, 2.8). */
import { createHash, createHmac } from 'node:crypto'
import { Hono, type Context as HonoContext } from 'hono'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import type { AuthorizationCodes } from './codes.ts'
import type { Tokens } from './grants.ts'
import type { IdTokens } from './identity.ts'

/** What the token endpoint answers: no `expires_in`, and `issued_at` is text (salesforce-api.md 2.2). */
export interface TokenAnswer {
  readonly access_token: string
  readonly refresh_token?: string
  readonly signature: string
  readonly scope: string
  readonly id_token?: string
  readonly instance_url: string
  readonly id: string
  readonly token_type: 'Bearer'
  readonly issued_at: string
}

/** Puts tokens into the words of the token endpoint. */
export function tokenAnswer({ app, org, origin }: EmulatorContext, tokens: Tokens, idToken?: string): TokenAnswer {
  const id = `${origin}/id/${org.id}/${tokens.userId}`
  const issuedAt = String(tokens.issuedAt)
  return {
    access_token: tokens.accessToken,
    ...(tokens.refreshToken !== undefined && { refresh_token: tokens.refreshToken }),
    signature: createHmac('sha256', app.clientSecret).update(`${id}${issuedAt}`).digest('base64'),
    // Not in the order in which they were asked for: clients must compare sets.
    scope: [...tokens.scopes].sort().reverse().join(' '),
    ...(idToken !== undefined && { id_token: idToken }),
    instance_url: origin,
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  }
}

export function createTokenEndpoints(
  context: EmulatorContext,
  { codes, idTokens }: { codes: AuthorizationCodes; idTokens: IdTokens },
): Hono {
  const { app, grants, org } = context
  const endpoints = new Hono()

  endpoints.post('/services/oauth2/token', async (c) => {
    const form = await readForm(c)
    const refusal = refuseClient(c, form)
    if (refusal) return refusal
    switch (form.get('grant_type')) {
      case 'authorization_code':
        return tradeCode(c, form)
      case 'refresh_token':
        return refresh(c, form.get('refresh_token') ?? '')
      default:
        return failure(c, 'unsupported_grant_type', 'grant type not supported')
    }
  })

  endpoints.all('/services/oauth2/token', (c) => failure(c, 'invalid_request', 'must use HTTP POST'))

  function tradeCode(c: HonoContext, form: URLSearchParams): Response {
    const redirectUri = form.get('redirect_uri')
    if (redirectUri === null) return failure(c, 'redirect_uri_missing', 'redirect_uri must be provided')
    const holder = codes.take(form.get('code') ?? '')
    if (!holder) return failure(c, 'invalid_grant', 'expired authorization code')
    if (holder.redirectUri !== redirectUri) {
      return failure(c, 'redirect_uri_mismatch', 'redirect_uri must match configuration')
    }
    const verifier = form.get('code_verifier')
    if (verifier === null) return failure(c, 'invalid_grant', 'missing code verifier')
    const challenge = createHash('sha256').update(verifier).digest('base64url')
    if (!/^[\w.~-]{43,128}$/.test(verifier) || challenge !== holder.codeChallenge) {
      return failure(c, 'invalid_request', 'invalid code verifier')
    }
    const { userId, scopes, nonce } = holder
    const user = findUser(org, userId)
    if (!user?.active) return failure(c, 'inactive_user', 'user is inactive')
    if (!context.isAppInstalled() && !grants.hasGrant(userId)) {
      return failure(c, 'invalid_client', 'app must be installed into org')
    }
    const tokens = scopes.includes('refresh_token')
      ? grants.makeGrant(userId, scopes)
      : grants.startSession(userId, scopes)
    const idToken = scopes.includes('openid') ? idTokens.sign(user, tokens, nonce) : undefined
    return c.json(tokenAnswer(context, tokens, idToken))
  }

  function refresh(c: HonoContext, refreshToken: string): Response {
    const userId = grants.findRefreshUserId(refreshToken)
    // Said before the token is traded: it works again once the user is active again.
    if (userId !== undefined && !findUser(org, userId)?.active) {
      return failure(c, 'inactive_user', 'user is inactive')
    }
    const tokens = grants.refresh(refreshToken)
    if (!tokens) return failure(c, 'invalid_grant', 'expired access/refresh token')
    return c.json(tokenAnswer(context, tokens))
  }

  endpoints.on(['GET', 'POST'], '/services/oauth2/revoke', async (c) => {
    const token = c.req.method === 'GET' ? c.req.query('token') : (await readForm(c)).get('token')
    if (!token || !grants.revoke(token)) return failure(c, 'unsupported_token_type', 'this token is not supported')
    return c.body(null, 200)
  })

  endpoints.post('/services/oauth2/introspect', async (c) => {
    const form = await readForm(c)
    const refusal = refuseClient(c, form)
    if (refusal) return refusal
    const token = form.get('token') ?? ''
    const session = grants.findSession(token)
    const user = session && findUser(org, session.userId)
    if (!session || !user?.active) return c.json({ active: false })
    const seconds = (ms: number) => Math.floor(ms / 1000)
    return c.json({
      active: true,
      scope: session.scopes.join(' '),
      client_id: app.clientId,
      username: user.username,
      sub: `${context.origin}/id/${org.id}/${user.userId}`,
      token_type: 'access_token',
      exp: seconds(grants.expiryOf(session)),
      iat: seconds(session.issuedAt),
      nbf: seconds(session.issuedAt),
    })
  })

  /** Client id and secret, from the form or from Basic authentication. */
  function refuseClient(c: HonoContext, form: URLSearchParams): Response | undefined {
    const basic = readBasic(c.req.header('authorization'))
    if (basic === 'malformed') return failure(c, 'invalid_basic_auth_header', 'invalid basic authorization header')
    const { id, secret } = basic ?? { id: form.get('client_id'), secret: form.get('client_secret') }
    if (id !== app.clientId) return failure(c, 'invalid_client_id', 'client identifier invalid')
    if (secret !== app.clientSecret) return failure(c, 'invalid_client', 'invalid client credentials')
    return undefined
  }

  return endpoints
}

async function readForm(c: HonoContext): Promise<URLSearchParams> {
  return new URLSearchParams(await c.req.text())
}

function readBasic(header: string | undefined): { id: string; secret: string } | 'malformed' | undefined {
  const encoded = /^Basic (.+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const [id, secret, ...rest] = Buffer.from(encoded, 'base64').toString().split(':')
  if (id === undefined || secret === undefined || rest.length > 0) return 'malformed'
  try {
    // Both parts are form-encoded before they are joined (RFC 6749, 2.3.1).
    return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) }
  } catch {
    return 'malformed'
  }
}

function failure(c: HonoContext, error: string, description: string): Response {
  return c.json({ error, error_description: description }, 400)
}
