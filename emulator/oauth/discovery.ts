/** OpenID Connect discovery (salesforce-api.md 2.1; https://login.salesforce.com/.well-known/openid-configuration). */
import { Hono } from 'hono'
import { KNOWN_SCOPES } from './scopes.ts'
import type { SigningKey } from './signing-key.ts'

const CLAIMS = [
  'active',
  'address',
  'email',
  'email_verified',
  'family_name',
  'given_name',
  'is_app_installed',
  'language',
  'locale',
  'name',
  'nickname',
  'organization_id',
  'phone_number',
  'phone_number_verified',
  'photos',
  'picture',
  'preferred_username',
  'profile',
  'sub',
  'updated_at',
  'urls',
  'user_id',
  'user_type',
  'zoneinfo',
]

export function createDiscovery({ origin }: { readonly origin: string }, key: SigningKey): Hono {
  const endpoints = new Hono()
  endpoints.get('/id/keys', (c) => c.json(key.keySet()))
  endpoints.get('/.well-known/openid-configuration', (c) =>
    c.json({
      issuer: origin,
      authorization_endpoint: `${origin}/services/oauth2/authorize`,
      token_endpoint: `${origin}/services/oauth2/token`,
      revocation_endpoint: `${origin}/services/oauth2/revoke`,
      userinfo_endpoint: `${origin}/services/oauth2/userinfo`,
      introspection_endpoint: `${origin}/services/oauth2/introspect`,
      jwks_uri: `${origin}/id/keys`,
      scopes_supported: [...KNOWN_SCOPES.keys(), 'offline_access'],
      response_types_supported: ['code', 'token', 'token id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      display_values_supported: ['page', 'popup', 'touch'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'private_key_jwt'],
      code_challenge_methods_supported: ['S256'],
      claims_supported: CLAIMS,
    }),
  )
  return endpoints
}
