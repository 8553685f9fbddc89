/** What OAuth's answers mean, in the words that the page, the log and the API share. */

import { type Failure, type FailureKind, LooplineError } from '../errors.ts'
import { SalesforceError } from '../salesforce/error.ts'

interface Reason {
  readonly code: string
  /** What happened; follows "Salesforce did not connect:" or "Salesforce no longer accepts this connection:". */
  readonly happened: string
  readonly remedy: string
}

const regenerate = 'Open Edit → Authentication and choose Re-generate Token.'
const inApp =
  'In Salesforce, open Setup → External Client App Manager, and compare the app’s settings with those shown here.'

/** Salesforce's vocabulary (OAuth error values, and those of its own error page); what is not in it is shown as it is. */
const reasons: Record<string, Reason> = {
  grant_dead: {
    code: 'INVALID_GRANT',
    happened: 'access was revoked, has expired, or was replaced by newer sign-ins of the same user.',
    remedy: regenerate,
  },
  code_expired: {
    code: 'AUTHORIZATION_CODE_EXPIRED',
    happened: 'the login took too long, or its page was loaded twice.',
    remedy: 'Connect again.',
  },
  ip_restricted: {
    code: 'IP_RESTRICTED',
    happened: 'the user may not log in from this address or at this hour.',
    remedy:
      'In Salesforce, check Login IP Ranges and Login Hours of the user’s profile and the app’s IP policy, then test the connection.',
  },
  not_approved: {
    code: 'USER_NOT_APPROVED',
    happened: 'the user has not been approved for this app.',
    remedy: 'In the app’s policies in Salesforce, allow the user by profile or permission set, then connect again.',
  },
  inactive_user: {
    code: 'INACTIVE_USER',
    happened: 'the user it belongs to was deactivated or frozen.',
    remedy: `Activate the user in Salesforce and test the connection, or log in as another one: ${regenerate}`,
  },
  inactive_org: {
    code: 'INACTIVE_ORG',
    happened: 'the org is locked, closed or suspended.',
    remedy: 'Ask Salesforce about the state of the org.',
  },
  invalid_client_id: {
    code: 'INVALID_CLIENT_ID',
    happened: 'this org does not know the app (client id).',
    remedy:
      'Check that Environment and domain are those of the org in which the app was made. A new app takes up to ten minutes to be known everywhere.',
  },
  wrong_secret: {
    code: 'INVALID_CLIENT_SECRET',
    happened: 'the app’s secret is not right.',
    remedy: 'Copy the consumer secret from External Client App Manager again, under Edit → Authentication.',
  },
  app_not_installed: {
    code: 'APP_NOT_INSTALLED',
    happened: 'the app is not installed in the org, and this user may not approve uninstalled apps.',
    remedy:
      'A Salesforce admin can install it under Setup → Connected Apps OAuth Usage → Install; then connect again. Or log in as a user who may Approve Uninstalled Connected Apps.',
  },
  app_blocked: {
    code: 'APP_BLOCKED',
    happened: 'an admin of the org has blocked this app.',
    remedy: 'In Salesforce, open Setup → Connected Apps OAuth Usage and unblock it.',
  },
  invalid_app_access: {
    code: 'APP_ACCESS_REFUSED',
    happened: 'only users whom an admin approved may use this app, and this user is not one of them.',
    remedy: 'In Salesforce, assign the user a permission set or profile that the app’s policies name.',
  },
  oauth_flow_disabled: {
    code: 'OAUTH_FLOW_DISABLED',
    happened: 'the org does not allow this way of logging in.',
    remedy: 'In the app’s settings in Salesforce, enable the authorization code flow with PKCE.',
  },
  redirect_uri_mismatch: {
    code: 'REDIRECT_URI_MISMATCH',
    happened: 'the app has another callback URL than this installation.',
    remedy: `The callback URL must be equal to the letter. ${inApp}`,
  },
  invalid_scope: {
    code: 'INVALID_SCOPE',
    happened: 'the app may not give the access that Loopline asks for.',
    remedy: `The app needs the scopes “api”, “refresh_token” and “id”. ${inApp}`,
  },
  pkce: {
    code: 'PKCE_FAILED',
    happened: 'the proof that login and connection belong together (PKCE) was not accepted.',
    remedy: `Connect again. If it happens again: ${inApp}`,
  },
  invalid_session_level: {
    code: 'SESSION_LEVEL_TOO_LOW',
    happened: 'the app asks for a high-assurance login, which this one was not.',
    remedy: 'Log in with multi-factor authentication, or change the app’s policy in Salesforce.',
  },
  rate_limit_exceeded: {
    code: 'LOGIN_RATE_EXCEEDED',
    happened: 'this user has logged in too often within an hour.',
    remedy: 'Use a Salesforce user of its own for Loopline.',
  },
  access_denied: {
    code: 'ACCESS_DENIED',
    happened: 'access was denied on its page.',
    remedy: 'To connect, choose Connect again and then Allow.',
  },
  login_error: {
    code: 'LOGIN_FAILED',
    happened: 'the login at Salesforce did not succeed.',
    remedy: 'Connect again and check user name and password.',
  },
}

const aliases: Record<string, string> = {
  invalid_client: 'wrong_secret',
  invalid_client_credentials: 'wrong_secret',
  invalid_basic_auth_header: 'wrong_secret',
  oauth_approval_error_generic: 'app_not_installed',
  oauth_ec_app_not_found: 'invalid_client_id',
  app_not_found: 'invalid_client_id',
  ecapp_policy_not_found: 'invalid_client_id',
  oauth_policy_not_found: 'invalid_client_id',
  installation_error: 'app_not_installed',
  oauth_app_blocked: 'app_blocked',
  fail_close_app_blocked: 'app_blocked',
  oauth_authorization_blocked: 'app_blocked',
  unsupported_grant_type: 'oauth_flow_disabled',
  unsupported_response_type: 'oauth_flow_disabled',
  redirect_uri_missing: 'redirect_uri_mismatch',
  otp_error: 'login_error',
  invalid_otp: 'login_error',
  immediate_unsuccessful: 'login_error',
}

// The one word invalid_grant (or invalid_client, invalid_request) stands for many things that only the text tells apart.
const finer: readonly [code: RegExp, description: RegExp, reason: string][] = [
  [/^invalid_(?:grant|request)$/, /code.?(?:verifier|challenge)|pkce/, 'pkce'],
  [/^invalid_grant$/, /authorization code/, 'code_expired'],
  [/^invalid_grant$/, /ip.?restricted|login hours/, 'ip_restricted'],
  [/^invalid_grant$/, /approved/, 'not_approved'],
  [/^invalid_grant$/, /inactive|deactivated/, 'inactive_user'],
  [/^invalid_grant$/, /./, 'grant_dead'],
  [/^invalid_(?:client|grant)$/, /must be installed|not installed/, 'app_not_installed'],
  [/^invalid_grant$/, /^$/, 'grant_dead'],
]

const passing = new Set([
  'server_error',
  'service_unavailable',
  'temporarily_unavailable',
  'system_down',
  'unknown_error',
  'slow_down',
])

/** Whether the same request to an OAuth endpoint may well succeed later, with nobody doing anything. */
function isPassing(code: string, description: string, status: number): boolean {
  if (status === 0 || status >= 500 || status === 420 || status === 429) return true
  // "Token request is already being processed": somebody else is renewing right now.
  return passing.has(code) || (code === 'invalid_grant' && description.includes('already being processed'))
}

function findReason(code: string, description: string): Reason | undefined {
  const byText = finer.find(([codes, texts]) => codes.test(code) && texts.test(description))?.[2]
  return reasons[byText ?? aliases[code] ?? code]
}

/** Why a login that was under way did not connect. `answer` is what Salesforce sent to the callback or for the code. */
export function explainFailedLogin(answer: { code: string; description?: string; status?: number }): Failure {
  return explain(answer, { kind: 'invalid', lead: 'Salesforce did not connect' })
}

/** Why a token could not be renewed: a dead grant asks for a person, all that passes by itself does not. */
export function explainFailedRenewal(error: SalesforceError, now: Date): Failure {
  const failure = explain(
    { code: error.code, description: error.message, status: error.status },
    { kind: 'reconnect', lead: 'Salesforce no longer accepts this connection' },
  )
  if (failure.code === 'LOGIN_RATE_EXCEEDED') {
    return { ...failure, kind: 'transient', retryAt: new Date(now.getTime() + 3_600_000).toISOString() }
  }
  return failure.kind === 'reconnect' ? { ...failure, action: 'Syncing is paused, nothing is lost.' } : failure
}

function explain(
  answer: { code: string; description?: string; status?: number },
  { kind, lead }: { kind: FailureKind; lead: string },
): Failure {
  const code = answer.code.toLowerCase().replaceAll('-', '_')
  const description = (answer.description ?? '').toLowerCase()
  const detail = `${answer.code}${answer.description ? `: ${answer.description}` : ''}`.slice(0, 500)
  if (isPassing(code, description, answer.status ?? 400)) {
    return {
      kind: 'transient',
      code: 'SALESFORCE_UNAVAILABLE',
      message: 'Salesforce’s login service does not answer as it should right now.',
      action: 'Loopline tries again by itself.',
      remedy: 'If it lasts, look at status.salesforce.com.',
      detail,
    }
  }
  const reason = findReason(code, description)
  if (!reason) {
    const word = code.replace(/[^a-z0-9]+/g, '_').toUpperCase()
    const remedy =
      kind === 'reconnect' ? regenerate : 'Connect again; if it stays so, show a Salesforce admin the detail.'
    return { kind, code: word || 'OAUTH_ERROR', message: `${lead}: it answered “${answer.code}”.`, remedy, detail }
  }
  return { kind, code: reason.code, message: `${lead}: ${reason.happened}`, remedy: reason.remedy, detail }
}

/** Why the org's API does not let a freshly logged-in user in. */
export function explainRefusedApi(error: SalesforceError): Failure {
  const detail = `${error.code}: ${error.message}`
  if (error.isPassing)
    return explain(
      { code: error.code, description: error.message, status: error.status },
      { kind: 'transient', lead: '' },
    )
  if (error.code === 'REQUEST_LIMIT_EXCEEDED') {
    return {
      kind: 'transient',
      code: 'REQUEST_LIMIT_EXCEEDED',
      message: 'The org has used up its API calls of the last 24 hours.',
      remedy: 'Connect again later.',
      detail,
    }
  }
  return {
    kind: 'invalid',
    code: error.code === 'API_DISABLED_FOR_ORG' ? 'API_DISABLED' : 'API_REFUSED',
    message: 'The login succeeded, but this user may not use the org’s API.',
    remedy:
      'In Salesforce, give the user the permission “API Enabled” (the org’s edition must include the API), then connect again.',
    detail,
  }
}

/** Facts of any error from speaking to Salesforce as a failure; what nobody foresaw is ours to fix. */
export function failureOf(error: unknown, explainAnswer: (error: SalesforceError) => Failure): Failure {
  if (error instanceof LooplineError) return error.failure
  if (error instanceof SalesforceError) return explainAnswer(error)
  return {
    kind: 'bug',
    code: 'CONNECT_FAILED',
    message: 'Something went wrong in Loopline while it connected.',
    remedy: 'Connect again. If it stays so, please report it with the log of this moment.',
  }
}

/** How an attempt can end without an answer that could be trusted or used. */
export const attemptFailures = {
  unknown: {
    kind: 'invalid',
    code: 'ATTEMPT_UNKNOWN',
    message: 'This login does not belong to any connection that was begun here.',
    remedy: 'Start again from Settings → Integrations.',
  },
  foreign: {
    kind: 'invalid',
    code: 'ATTEMPT_FOREIGN',
    message: 'This login was begun by somebody else, or in another browser.',
    remedy: 'Sign in to Loopline here and connect again.',
  },
  used: {
    kind: 'invalid',
    code: 'ATTEMPT_USED',
    message: 'This login was used already.',
    remedy: 'If the integration is not connected, connect again.',
  },
  expired: {
    kind: 'invalid',
    code: 'ATTEMPT_EXPIRED',
    message: 'The login took longer than ten minutes, so it can’t be used any more.',
    action: 'Your entries are kept.',
    remedy: 'Connect again.',
  },
  cancelled: {
    kind: 'invalid',
    code: 'ATTEMPT_CANCELLED',
    message: 'The login window was closed before Salesforce was done.',
    action: 'Your entries are kept.',
    remedy:
      'Connect again. If Salesforce did not take the password, check that Environment and domain are those of the org; if it showed an error, its text says what to change.',
  },
} as const satisfies Record<string, Failure>
