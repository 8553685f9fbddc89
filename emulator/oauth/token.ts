/** `/services/oauth2/token`: one flow after the other (salesforce-api.md 2.2, 2.3, 2.6, 2.7, 2.8). */
import { Hono, type Context as HonoContext } from 'hono'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import type { OrgUser } from '../org/model.ts'
import { formatted } from './answer-format.ts'
import { approvedScopes, judgeAccess } from './app-access.ts'
import { allows, type ConnectedApp } from './apps.ts'
import { DEVICE_PATH } from './authorization-answer.ts'
import { authenticateClient, unknownClient } from './client-authentication.ts'
import { POLL_INTERVAL_S } from './device-codes.ts'
import { OauthError, refusedSignIn } from './errors.ts'
import type { Tokens } from './grants.ts'
import { makeIdToken } from './id-tokens.ts'
import { readAssertion } from './jwt-bearer.ts'
import { checkVerifier } from './pkce.ts'
import { readForm } from './request-form.ts'
import { invalidScope, readScopes } from './scopes.ts'
import type { OauthState } from './state.ts'
import { type TokenAnswer, tokenAnswer } from './token-answer.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

type Flow = (c: HonoContext, form: URLSearchParams) => object | Promise<object>

export function createTokenEndpoint(context: EmulatorContext, state: OauthState): Hono {
  const { org, faults } = context
  const { grants, codes, devices, signIns, apps, key } = state
  const endpoint = new Hono()
  const flows = new Map<string | null, Flow>([
    ['authorization_code', tradeCode],
    ['refresh_token', refresh],
    ['client_credentials', tradeCredentials],
    ['password', tradePassword],
    ['device', pollDevice],
    [JWT_BEARER, tradeAssertion],
  ])

  endpoint.post('/services/oauth2/token', async (c) => {
    const form = await readForm(c)
    const trouble = faults.take('token-error', { path: c.req.path, method: 'POST' })
    if (trouble) throw new OauthError(trouble.errorCode ?? 'server_error', trouble.message ?? 'unexpected error')
    const isDevice = form.get('response_type') === 'device_code'
    const flow = isDevice ? startDevice : flows.get(form.get('grant_type'))
    if (!flow) throw new OauthError('unsupported_grant_type', 'grant type not supported')
    return formatted(c, await flow(c, form), { root: 'OAuth', asked: form.get('format') })
  })

  endpoint.all('/services/oauth2/token', () => {
    throw new OauthError('invalid_request', 'must use HTTP POST')
  })

  const clientOf = (c: HonoContext, form: URLSearchParams, mustProve = false) =>
    authenticateClient(context, { authorization: c.req.header('authorization'), form, mustProve })

  /** The user whom tokens may be given for now. */
  function admit(c: HonoContext, app: ConnectedApp, user: OrgUser | undefined): OrgUser {
    const refusal = signIns.judgeUser(c, user)
    if (refusal !== undefined || !user) throw refusedSignIn(refusal ?? 'wrong')
    const obstacle = judgeAccess(context, app, user)
    if (obstacle) throw obstacle
    return user
  }

  async function tradeCode(c: HonoContext, form: URLSearchParams): Promise<object> {
    const app = await clientOf(c, form)
    const redirectUri = form.get('redirect_uri')
    if (redirectUri === null) throw new OauthError('redirect_uri_missing', 'redirect_uri must be provided')
    const holder = codes.take(form.get('code') ?? '')
    if (!holder || holder.clientId !== app.clientId) {
      throw new OauthError('invalid_grant', holder ? 'invalid authorization code' : 'expired authorization code')
    }
    if (holder.redirectUri !== redirectUri) {
      throw new OauthError('redirect_uri_mismatch', 'redirect_uri must match configuration')
    }
    checkVerifier(form.get('code_verifier'), holder.challenge)
    const { scopes, nonce } = holder
    const user = admit(c, app, findUser(org, holder.userId))
    return answerWithIdToken(app, grants.issue({ userId: user.userId, app, scopes }), nonce)
  }

  async function refresh(c: HonoContext, form: URLSearchParams): Promise<object> {
    const app = await clientOf(c, form)
    const token = form.get('refresh_token') ?? ''
    const dead = new OauthError('invalid_grant', 'expired access/refresh token')
    const grant = grants.findGrant(token)
    if (!grant || grant.clientId !== app.clientId) throw dead
    // Said before the token is traded: it works again once the user is active again.
    const user = admit(c, app, findUser(org, grant.userId))
    if (faults.take('refresh-denied', { username: user.username })) throw dead
    if (faults.take('rotation-reuse', { username: user.username })) grants.revoke(token)
    const tokens = grants.refresh(token, app)
    if (!tokens) throw dead
    return answerWithIdToken(app, tokens)
  }

  async function tradeCredentials(c: HonoContext, form: URLSearchParams): Promise<object> {
    const app = await clientOf(c, form, true)
    const runAs = allows(app, 'client-credentials') && app.runAs !== null ? signIns.findUser(app.runAs) : undefined
    if (!runAs) throw new OauthError('invalid_grant', 'no client credentials user enabled')
    const user = admit(c, app, runAs)
    if (!signIns.countLogin(user)) throw refusedSignIn('rate')
    // https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_client_credentials_flow.htm&type=5
    const scopes = app.scopes.filter((scope) => scope !== 'full' && scope !== 'web')
    return answerWithoutRefresh(app, user, scopes)
  }

  /** Blocked in newer orgs, and unknown to External Client Apps: either way it looks like a wrong password. */
  async function tradePassword(c: HonoContext, form: URLSearchParams): Promise<object> {
    const app = await clientOf(c, form)
    if (!signIns.rules.usernamePasswordFlow || !allows(app, 'username-password')) throw refusedSignIn('wrong')
    const [username, password] = [form.get('username') ?? '', form.get('password') ?? '']
    const judged = signIns.judge(c, { username, password, by: 'program' })
    if ('refusal' in judged) throw refusedSignIn(judged.refusal)
    // This flow's answer names no scope: https://salesforce.stackexchange.com/questions/305477
    return { ...answerWithoutRefresh(app, admit(c, app, judged.user)), scope: undefined }
  }

  /** The secret has no part in this: the signature proves the app (salesforce-api.md 2.6). */
  async function tradeAssertion(c: HonoContext, form: URLSearchParams): Promise<object> {
    const { app, user } = await readAssertion(context, signIns, form.get('assertion') ?? '')
    const unapproved = new OauthError('invalid_grant', "user hasn't approved this consumer")
    if (!user) throw unapproved
    admit(c, app, user)
    if (!signIns.countLogin(user)) throw refusedSignIn('rate')
    // Only approvals that included a refresh token count: https://salesforce.stackexchange.com/questions/184363
    const approved = approvedScopes(context, app, user)
    if (app.permittedUsers === 'all' && !approved.includes('refresh_token')) throw unapproved
    // https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_jwt_flow.htm&type=5
    return { ...answerWithoutRefresh(app, user, approved), signature: undefined, issued_at: undefined }
  }

  /** The device flow begins at the token endpoint, without proof of the app. */
  function startDevice(_c: HonoContext, form: URLSearchParams): object {
    const app = deviceApp(form)
    const scopes = readScopes(form.get('scope'), app)
    if (!scopes.every((scope) => app.scopes.includes(scope))) throw invalidScope()
    const { deviceCode, userCode } = devices.issue(app.clientId, scopes)
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: context.origin + DEVICE_PATH,
      interval: POLL_INTERVAL_S,
    }
  }

  function pollDevice(c: HonoContext, form: URLSearchParams): object {
    const app = deviceApp(form)
    const answer = devices.poll(form.get('code') ?? '', app.clientId)
    if (answer === 'pending') {
      throw new OauthError('authorization_pending', 'user has not authorized this device code yet')
    }
    if (answer === 'too-soon') throw new OauthError('slow_down', 'polling too frequently')
    if (answer === 'denied') throw new OauthError('access_denied', 'end-user denied authorization')
    if (answer === 'expired') throw new OauthError('invalid_grant', 'invalid device code')
    const user = admit(c, app, findUser(org, answer.userId))
    return answerWithIdToken(app, grants.issue({ userId: user.userId, app, scopes: answer.scopes }))
  }

  /** The tokens of a flow with a person in it, with an id token where `openid` was asked for. */
  function answerWithIdToken(app: ConnectedApp, tokens: Tokens, nonce?: string | null): TokenAnswer {
    const isAsked = tokens.scopes.includes('openid')
    return tokenAnswer(context, app, tokens, isAsked ? makeIdToken(context, key, { app, tokens, nonce }) : undefined)
  }

  /** The tokens of a flow without a person: never with a refresh token, since the app can come again. */
  function answerWithoutRefresh(
    app: ConnectedApp,
    user: OrgUser,
    granted: readonly string[] = app.scopes,
  ): TokenAnswer {
    const scopes = granted.filter((scope) => scope !== 'refresh_token')
    return tokenAnswer(context, app, grants.startSession({ userId: user.userId, app, scopes }))
  }

  function deviceApp(form: URLSearchParams): ConnectedApp {
    const app = apps.find(form.get('client_id'))
    if (!app) throw unknownClient()
    if (!allows(app, 'device')) throw new OauthError('oauth_flow_disabled', 'oauth flow is disabled')
    // In apps that aren't installed the device flow is blocked for everybody (salesforce-api.md 2.9).
    if (!app.installed) throw new OauthError('invalid_client', 'app must be installed into org')
    return app
  }

  return endpoint
}
