/** The JWT bearer flow: an assertion signed with the app's key stands for a login (salesforce-api.md 2.6). */
import { createPublicKey } from 'node:crypto'
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Context as EmulatorContext } from '../context.ts'
import { allows, type ConnectedApp } from './apps.ts'
import { unknownClient } from './client-authentication.ts'
import { OauthError } from './errors.ts'
import type { SignIns } from './sign-in.ts'

/** Whose assertion it is and for which app. Throws OauthError. */
export async function readAssertion(
  { apps, org, origin, instanceUrl }: Pick<EmulatorContext, 'apps' | 'org' | 'origin' | 'instanceUrl'>,
  signIns: SignIns,
  assertion: string,
): Promise<{ app: ConnectedApp; user: ReturnType<SignIns['findUser']> }> {
  const app = apps.find(claimsOf(assertion).iss)
  if (!app) throw unknownClient()
  if (!allows(app, 'jwt-bearer') || app.certificate === null) throw invalid('invalid assertion')
  const loginHost = org.isSandbox ? 'https://test.salesforce.com' : 'https://login.salesforce.com'
  try {
    // How far away `exp` may be is not checked: sources disagree, and Salesforce's own CLI sends milliseconds.
    const { payload } = await jwtVerify(assertion, createPublicKey(app.certificate), {
      algorithms: ['RS256'],
      audience: [loginHost, origin, instanceUrl()],
      requiredClaims: ['exp'],
      currentDate: new Date(org.now()),
    })
    const { sub, prn } = payload
    // `prn` is what the claim was called in drafts of the standard.
    const username = sub ?? (typeof prn === 'string' ? prn : '')
    return { app, user: signIns.findUser(username) }
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw invalid('expired authorization code')
    const isAudience = error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud'
    throw invalid(isAudience ? 'Audience validation failed' : 'invalid assertion')
  }
}

function claimsOf(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion)
  } catch {
    throw invalid('invalid assertion')
  }
}

function invalid(description: string): OauthError {
  return new OauthError('invalid_grant', description)
}
