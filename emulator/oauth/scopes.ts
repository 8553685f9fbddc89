/** What an app may be allowed to do. */
import { OauthError } from './errors.ts'

/** Scopes that exist at Salesforce, from its discovery document (salesforce-api.md 2.1), with the words of the consent page. */
export const KNOWN_SCOPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
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
    wave_api: 'Access Analytics REST API resources',
    eclair_api: 'Access Analytics REST API Charts Geodata resources',
    pardot_api: 'Manage Pardot services',
    chatbot_api: 'Access chatbot services',
    scrt_api: 'Access Service Cloud real-time resources',
    sfap_api: 'Access the Salesforce API Platform',
    mcp_api: 'Access MCP servers',
    einstein_gpt_api: 'Access Einstein GPT services',
    interaction_api: 'Access Interaction API resources',
    user_registration_api: 'Access headless registration',
    pwdless_login_api: 'Access headless passwordless login',
    forgot_password: 'Access headless forgot password',
    cdp_api: 'Access all Data Cloud API resources',
    cdp_query_api: 'Perform SQL queries on Data Cloud data',
    cdp_profile_api: 'Manage Data Cloud profile data',
    cdp_ingest_api: 'Manage Data Cloud ingestion API data',
  }),
)

/** The scopes a request asks for, or all of the app's; `offline_access` is another name for `refresh_token`. Throws OauthError. */
export function readScopes(text: string | null | undefined, app: { readonly scopes: readonly string[] }): string[] {
  const asked = (text ?? '').split(/\s+/).filter((scope) => scope !== '')
  if (asked.length === 0) return [...app.scopes]
  const scopes = [...new Set(asked.map((scope) => (scope === 'offline_access' ? 'refresh_token' : scope)))]
  if (!scopes.every((scope) => KNOWN_SCOPES.has(scope))) throw invalidScope()
  return scopes
}

export function invalidScope(): OauthError {
  return new OauthError('invalid_scope', 'the requested scope is invalid, unknown, or malformed')
}
