/** What happens to tokens after they were given out: `/services/oauth2/revoke` and `/introspect` (salesforce-api.md 2.5). */
import { Hono } from 'hono'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import { formatted } from './answer-format.ts'
import { authenticateClient } from './client-authentication.ts'
import { OauthError } from './errors.ts'
import { readForm } from './request-form.ts'
import { identityUrl } from './token-answer.ts'

export const REVOKE_PATH = '/services/oauth2/revoke'

export function createTokenCare(context: EmulatorContext): Hono {
  const { grants, org } = context
  const endpoints = new Hono()

  // https://developer.salesforce.com/docs/platform/mobile-sdk/guide/oauth-revoking-tokens.html
  endpoints.on(['GET', 'POST'], REVOKE_PATH, async (c) => {
    const token = (await readForm(c)).get('token')
    if (!token) throw new OauthError('unsupported_token_type', 'this token type is not supported')
    if (!grants.revoke(token)) throw new OauthError('invalid_token', 'invalid token')
    return c.req.query('callback') === undefined ? c.body(null, 200) : formatted(c, {}, { root: 'OAuth' })
  })

  // https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oidc_token_introspection_endpoint.htm&type=5
  endpoints.post('/services/oauth2/introspect', async (c) => {
    const form = await readForm(c)
    const app = await authenticateClient(context, { authorization: c.req.header('authorization'), form })
    const token = form.get('token') ?? ''
    const session = grants.findSession(token)
    const found = session ? undefined : grants.findGrant(token)
    const grant = found && grants.isCurrent(found, token) ? found : undefined
    const held = session ?? grant
    const user = held && findUser(org, held.userId)
    // An app sees its own tokens only, unless it is the one that may see all.
    if (!held || !user?.active || (held.clientId !== app.clientId && !app.introspectsAll)) {
      return c.json({ active: false })
    }
    const seconds = (ms: number) => Math.floor(ms / 1000)
    const issuedAt = seconds(session ? session.issuedAt : (grant?.madeAt ?? 0))
    const expiry = session ? grants.expiryOf(session) : grant ? grants.grantExpiry(grant) : 0
    return c.json({
      active: true,
      scope: held.scopes.join(' '),
      client_id: held.clientId,
      username: user.username,
      sub: identityUrl(context, user.userId),
      token_type: session ? 'access_token' : 'refresh_token',
      ...(Number.isFinite(expiry) && { exp: seconds(expiry) }),
      iat: issuedAt,
      nbf: issuedAt,
    })
  })

  return endpoints
}
