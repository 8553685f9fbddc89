/** Who a token speaks for: userinfo, the identity URL, discovery, and signed id tokens (salesforce-api.md 2.1, 2.5). */
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { Hono, type Context as HonoContext } from 'hono'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import type { OrgUser } from '../org/model.ts'
import { formatRestDatetime } from '../values.ts'
import { KNOWN_SCOPES } from './connected-app.ts'
import type { Tokens } from './grants.ts'

const TWO_MINUTES_S = 120

/** Signs id tokens with a key made when the first one is needed. */
export class IdTokens {
  readonly #context: EmulatorContext
  #key: { id: string; privateKey: KeyObject } | undefined

  constructor(context: EmulatorContext) {
    this.#context = context
  }

  sign(user: OrgUser, tokens: Tokens, nonce: string | undefined): string {
    const { app, org, origin } = this.#context
    const { id, privateKey } = this.#getKey()
    const issuedAt = Math.floor(tokens.issuedAt / 1000)
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
    const content = [
      encode({ alg: 'RS256', typ: 'JWT', kid: id }),
      encode({
        iss: origin,
        sub: `${origin}/id/${org.id}/${user.userId}`,
        aud: app.clientId,
        iat: issuedAt,
        exp: issuedAt + TWO_MINUTES_S,
        at_hash: createHash('sha256').update(tokens.accessToken).digest().subarray(0, 16).toString('base64url'),
        ...(nonce !== undefined && { nonce }),
      }),
    ].join('.')
    return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`
  }

  keySet(): object {
    const { id, privateKey } = this.#getKey()
    return { keys: [{ ...createPublicKey(privateKey).export({ format: 'jwk' }), kid: id, alg: 'RS256', use: 'sig' }] }
  }

  #getKey(): { id: string; privateKey: KeyObject } {
    this.#key ??= { id: 'practice', privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey }
    return this.#key
  }
}

export function createIdentityEndpoints(context: EmulatorContext, idTokens: IdTokens): Hono {
  const { org, origin, grants } = context
  const endpoints = new Hono()

  function findCaller(c: HonoContext): OrgUser | undefined {
    const token = /^(?:Bearer|OAuth) +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    const session = token === undefined ? undefined : grants.findSession(token)
    return session && findUser(org, session.userId)
  }

  endpoints.on(['GET', 'POST'], '/services/oauth2/userinfo', (c) => {
    const user = findCaller(c)
    if (!user?.active) return c.text('Bad_OAuth_Token', 403)
    const picture = `${origin}/profilephoto/005/F`
    return c.json({
      sub: `${origin}/id/${org.id}/${user.userId}`,
      user_id: user.userId,
      organization_id: org.id,
      preferred_username: user.username,
      nickname: user.alias,
      name: user.name,
      email: user.email,
      email_verified: true,
      given_name: user.firstName,
      family_name: user.lastName,
      zoneinfo: 'Europe/Berlin',
      photos: { picture, thumbnail: `${origin}/profilephoto/005/T` },
      profile: `${origin}/${user.userId}`,
      picture,
      urls: urls(user.userId),
      active: user.active,
      user_type: 'STANDARD',
      language: 'en_US',
      locale: 'en_US',
      utcOffset: 3_600_000,
      updated_at: formatRestDatetime(org.now()),
      is_app_installed: context.isAppInstalled(),
    })
  })

  // Failures of the identity URL are plain words (salesforce-api.md 2.5).
  endpoints.get('/id/:orgId/:userId', (c) => {
    if (c.req.header('authorization') === undefined) return c.text('Missing_OAuth_Token', 403)
    const caller = findCaller(c)
    if (!caller) return c.text('Bad_OAuth_Token', 403)
    if (c.req.param('orgId') !== org.id) return c.text('Wrong_Org', 403)
    const user = findUser(org, c.req.param('userId'))
    if (!user) return c.text('Bad_Id', 404)
    if (!caller.active) return c.text('Inactive', 403)
    return c.json({
      id: `${origin}/id/${org.id}/${user.userId}`,
      asserted_user: user.userId === caller.userId,
      user_id: user.userId,
      organization_id: org.id,
      username: user.username,
      nick_name: user.alias,
      display_name: user.name,
      email: user.email,
      email_verified: true,
      first_name: user.firstName,
      last_name: user.lastName,
      timezone: 'Europe/Berlin',
      photos: { picture: `${origin}/profilephoto/005/F`, thumbnail: `${origin}/profilephoto/005/T` },
      addr_street: null,
      addr_city: null,
      addr_state: null,
      addr_country: null,
      addr_zip: null,
      mobile_phone: null,
      mobile_phone_verified: false,
      is_lightning_login_user: false,
      status: { created_date: null, body: null },
      urls: urls(user.userId),
      active: user.active,
      user_type: 'STANDARD',
      language: 'en_US',
      locale: 'en_US',
      utcOffset: 3_600_000,
      last_modified_date: formatRestDatetime(org.now()),
      is_app_installed: context.isAppInstalled(),
    })
  })

  endpoints.get('/id/keys', (c) => c.json(idTokens.keySet()))

  endpoints.get('/.well-known/openid-configuration', (c) =>
    c.json({
      issuer: origin,
      authorization_endpoint: `${origin}/services/oauth2/authorize`,
      token_endpoint: `${origin}/services/oauth2/token`,
      revocation_endpoint: `${origin}/services/oauth2/revoke`,
      userinfo_endpoint: `${origin}/services/oauth2/userinfo`,
      introspection_endpoint: `${origin}/services/oauth2/introspect`,
      jwks_uri: `${origin}/id/keys`,
      scopes_supported: [...Object.keys(KNOWN_SCOPES), 'offline_access'],
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      display_values_supported: ['page', 'popup', 'touch'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      code_challenge_methods_supported: ['S256'],
      claims_supported: [
        'sub',
        'user_id',
        'organization_id',
        'preferred_username',
        'nickname',
        'name',
        'email',
        'email_verified',
        'given_name',
        'family_name',
        'zoneinfo',
        'locale',
        'language',
        'photos',
        'picture',
        'profile',
        'urls',
        'active',
        'user_type',
        'updated_at',
        'is_app_installed',
      ],
    }),
  )

  function urls(userId: string): object {
    const data = `${origin}/services/data/v{version}`
    return {
      rest: `${data}/`,
      sobjects: `${data}/sobjects/`,
      query: `${data}/query/`,
      search: `${data}/search/`,
      recent: `${data}/recent/`,
      profile: `${origin}/${userId}`,
      custom_domain: origin,
    }
  }

  return endpoints
}
