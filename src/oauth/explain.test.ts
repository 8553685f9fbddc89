import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SalesforceError } from '../salesforce/error.ts'
import { explainFailedLogin, explainFailedRenewal, explainRefusedApi } from './explain.ts'

const now = new Date('2026-11-22T12:00:00Z')
const answer = (code: string, message = '', status = 400) =>
  new SalesforceError({ status, code, message, request: 'POST /services/oauth2/token', oauth: true })

const renewals: [code: string, description: string, status: number, kind: string, failure: string][] = [
  ['invalid_grant', 'expired access/refresh token', 400, 'reconnect', 'INVALID_GRANT'],
  ['invalid_grant', '', 400, 'reconnect', 'INVALID_GRANT'],
  ['invalid_grant', 'authentication failure', 400, 'reconnect', 'INVALID_GRANT'],
  ['invalid_grant', 'ip restricted', 400, 'reconnect', 'IP_RESTRICTED'],
  ['invalid_grant', 'IP restricted or invalid login hours', 400, 'reconnect', 'IP_RESTRICTED'],
  ['invalid_grant', "user hasn't approved this consumer", 400, 'reconnect', 'USER_NOT_APPROVED'],
  ['invalid_grant', 'Token request is already being processed', 400, 'transient', 'SALESFORCE_UNAVAILABLE'],
  ['inactive_user', 'user is inactive', 400, 'reconnect', 'INACTIVE_USER'],
  ['inactive_org', '', 400, 'reconnect', 'INACTIVE_ORG'],
  ['invalid_client_id', 'client identifier invalid', 400, 'reconnect', 'INVALID_CLIENT_ID'],
  ['invalid_client', 'invalid client credentials', 401, 'reconnect', 'INVALID_CLIENT_SECRET'],
  ['invalid_client', 'app must be installed into org', 400, 'reconnect', 'APP_NOT_INSTALLED'],
  ['app_blocked', 'this app is blocked by admin', 400, 'reconnect', 'APP_BLOCKED'],
  ['rate_limit_exceeded', '', 400, 'transient', 'LOGIN_RATE_EXCEEDED'],
  ['server_error', '', 400, 'transient', 'SALESFORCE_UNAVAILABLE'],
  ['system_down', '', 400, 'transient', 'SALESFORCE_UNAVAILABLE'],
  ['HTTP_503', '', 503, 'transient', 'SALESFORCE_UNAVAILABLE'],
  ['NETWORK_ERROR', '', 0, 'transient', 'SALESFORCE_UNAVAILABLE'],
  ['some_new_error', 'whatever', 400, 'reconnect', 'SOME_NEW_ERROR'],
]

for (const [code, description, status, kind, expected] of renewals) {
  test(`a renewal answered by ${code} “${description}” (${status}) is ${kind}: ${expected}`, () => {
    const failure = explainFailedRenewal(answer(code, description, status), now)
    assert.equal(failure.kind, kind)
    assert.equal(failure.code, expected)
    assert.ok(failure.remedy)
    if (kind === 'reconnect') assert.equal(failure.action, 'Syncing is paused, nothing is lost.')
  })
}

test('too many logins are tried again in an hour, not before', () => {
  assert.equal(explainFailedRenewal(answer('rate_limit_exceeded'), now).retryAt, '2026-11-22T13:00:00.000Z')
})

const logins: [code: string, description: string, failure: string][] = [
  ['access_denied', 'end-user denied authorization', 'ACCESS_DENIED'],
  ['access-denied', 'end-user denied authorization', 'ACCESS_DENIED'],
  ['OAUTH_APPROVAL_ERROR_GENERIC', 'An unexpected error has occurred during authentication', 'APP_NOT_INSTALLED'],
  ['OAUTH_EC_APP_NOT_FOUND', '', 'INVALID_CLIENT_ID'],
  ['OAUTH_APP_BLOCKED', '', 'APP_BLOCKED'],
  ['redirect_uri_mismatch', 'redirect_uri must match configuration', 'REDIRECT_URI_MISMATCH'],
  ['invalid_scope', 'the requested scope is invalid', 'INVALID_SCOPE'],
  ['invalid_request', 'missing required code challenge', 'PKCE_FAILED'],
  ['invalid_grant', 'invalid code verifier', 'PKCE_FAILED'],
  ['invalid_grant', 'expired authorization code', 'AUTHORIZATION_CODE_EXPIRED'],
  ['invalid_app_access', 'user is not admin approved to access this app', 'APP_ACCESS_REFUSED'],
  ['<script>', 'x', '_SCRIPT_'],
]

for (const [code, description, expected] of logins) {
  test(`a login answered by ${code} “${description}” is explained as ${expected}`, () => {
    const failure = explainFailedLogin({ code, description })
    assert.equal(failure.kind, 'invalid')
    assert.equal(failure.code, expected)
    assert.ok(failure.message.startsWith('Salesforce did not connect: ') && failure.remedy)
  })
}

test('a user without API access is told which permission to ask for', () => {
  const failure = explainRefusedApi(answer('API_DISABLED_FOR_ORG', 'The REST API is not enabled', 403))
  assert.equal(failure.code, 'API_DISABLED')
  assert.match(failure.remedy ?? '', /API Enabled/)
  assert.equal(explainRefusedApi(answer('HTTP_503', '', 503)).kind, 'transient')
})
