/** OAuth's errors (salesforce-api.md 2.8), and how a refused sign-in reads among them. */
import type { SignInRefusal } from './sign-in.ts'

/** A request that the token endpoint or one of its neighbours refuses: 400 with `error` and `error_description`. */
export class OauthError extends Error {
  readonly error: string

  constructor(error: string, description: string, options?: ErrorOptions) {
    super(description, options)
    this.error = error
  }
}

const REFUSALS: { readonly [refusal in SignInRefusal]: readonly [error: string, description: string] } = {
  wrong: ['invalid_grant', 'authentication failure'],
  locked: ['invalid_grant', 'authentication failure'],
  token: ['invalid_grant', 'authentication failure'],
  ip: ['invalid_grant', 'ip restricted'],
  inactive: ['inactive_user', 'user is inactive'],
  org: ['inactive_org', 'org is locked, closed, or suspended'],
  rate: ['rate_limit_exceeded', 'number of logins exceeded'],
}

export function refusedSignIn(refusal: SignInRefusal): OauthError {
  return new OauthError(...REFUSALS[refusal])
}
