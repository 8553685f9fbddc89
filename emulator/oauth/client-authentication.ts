/** Which app is calling: by secret in the form, by Basic authentication, or by an assertion signed with its key. */
import { createPublicKey } from 'node:crypto'
import { jwtVerify } from 'jose'
import type { Context as EmulatorContext } from '../context.ts'
import type { ConnectedApp } from './apps.ts'
import { OauthError } from './errors.ts'

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

interface ClientRequest {
  readonly authorization: string | undefined
  readonly form: URLSearchParams
  readonly mustProve?: boolean
}

/** The app that a request proves to come from; a public client need not, unless `mustProve`. Throws OauthError. */
export async function authenticateClient(
  { apps, ...context }: Pick<EmulatorContext, 'apps' | 'org' | 'origin'>,
  { authorization, form, mustProve = false }: ClientRequest,
): Promise<ConnectedApp> {
  const assertion = form.get('client_assertion')
  if (assertion !== null) return authenticateByAssertion({ apps, ...context }, form, assertion)
  const basic = readBasic(authorization)
  const id = basic?.id ?? form.get('client_id')
  // Public clients that are made to send something send an empty one.
  const secret = (basic?.secret ?? form.get('client_secret')) || null
  const app = apps.find(id)
  if (!app) throw unknownClient()
  if (secret === null ? app.requiresSecret || mustProve : secret !== app.clientSecret) throw wrongClient()
  return app
}

export function unknownClient(): OauthError {
  return new OauthError('invalid_client_id', 'client identifier invalid')
}

function wrongClient(): OauthError {
  return new OauthError('invalid_client', 'invalid client credentials')
}

/** private_key_jwt: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm&type=5 */
async function authenticateByAssertion(
  { apps, org, origin }: Pick<EmulatorContext, 'apps' | 'org' | 'origin'>,
  form: URLSearchParams,
  assertion: string,
): Promise<ConnectedApp> {
  if (form.get('client_assertion_type') !== ASSERTION_TYPE) {
    throw new OauthError('invalid_assertion_type', 'client assertion type is not supported')
  }
  const app = apps.find(form.get('client_id') ?? issuerOf(assertion))
  if (!app) throw unknownClient()
  if (app.certificate === null) throw wrongClient()
  try {
    await jwtVerify(assertion, createPublicKey(app.certificate), {
      algorithms: ['RS256'],
      issuer: app.clientId,
      subject: app.clientId,
      audience: [origin, `${origin}/services/oauth2/token`],
      requiredClaims: ['exp'],
      currentDate: new Date(org.now()),
    })
  } catch {
    throw wrongClient()
  }
  return app
}

function issuerOf(assertion: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString())
    if (typeof claims === 'object' && claims !== null && 'iss' in claims) return String(claims.iss)
  } catch {
    // Not a JWT: nobody's.
  }
  return undefined
}

function readBasic(header: string | undefined): { id: string; secret: string } | undefined {
  const encoded = /^Basic (.+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  const malformed = new OauthError('invalid_basic_auth_header', 'invalid basic authorization header')
  const [id, secret, ...rest] = Buffer.from(encoded, 'base64').toString().split(':')
  if (id === undefined || secret === undefined || rest.length > 0) throw malformed
  try {
    // Both parts are form-encoded before they are joined (RFC 6749, 2.3.1).
    return { id: decodeURIComponent(id.replaceAll('+', ' ')), secret: decodeURIComponent(secret.replaceAll('+', ' ')) }
  } catch {
    throw malformed
  }
}
