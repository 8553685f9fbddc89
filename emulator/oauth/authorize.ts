/** `/services/oauth2/authorize`: what an app asks for, checked (salesforce-api.md 2.2, 2.8). */
import { Hono, type Context as HonoContext } from 'hono'
import type { Context as EmulatorContext } from '../context.ts'
import { oauthErrorPage } from '../pages/login.ts'
import { isPreauthorized, judgeAccess } from './app-access.ts'
import { allows, type ConnectedApp } from './apps.ts'
import { type AuthorizationAnswers, callbackUrl } from './authorization-answer.ts'
import type { AuthorizationRequest, Display } from './browser.ts'
import { readChallenge } from './pkce.ts'
import { readForm } from './request-form.ts'
import { KNOWN_SCOPES, readScopes } from './scopes.ts'
import type { SignInPages } from './sign-in-pages.ts'
import type { OauthState } from './state.ts'

type Query = Readonly<Record<string, string>>

export function createAuthorization(
  context: EmulatorContext,
  { state, answers, pages }: { state: OauthState; answers: AuthorizationAnswers; pages: SignInPages },
): Hono {
  const { apps, grants, signIns } = state
  const endpoint = new Hono()

  endpoint.on(['GET', 'POST'], '/services/oauth2/authorize', async (c) => {
    const query = Object.fromEntries(await readForm(c))
    // Nothing may be sent to a callback that is not the app's: these end on a page of Salesforce's own.
    const app = apps.find(query.client_id)
    if (!app) return errorPage(c, 'invalid_client_id', 'client identifier invalid')
    const redirectUri = query.redirect_uri
    if (redirectUri === undefined) return errorPage(c, 'redirect_uri_missing', 'redirect_uri must be provided')
    if (!app.callbackUrls.includes(redirectUri)) {
      return errorPage(c, 'redirect_uri_mismatch', 'redirect_uri must match configuration')
    }
    if (app.blocked) return errorPage(c, 'OAUTH_APP_BLOCKED', 'this app is blocked by admin')

    const types = (query.response_type ?? '').split(' ')
    const by = types.includes('token') ? 'fragment' : 'code'
    const read = readRequest(app, { redirectUri, by }, query)
    if ('error' in read) {
      const { error, description } = read
      return c.redirect(callbackUrl({ by, redirectUri }, { error, error_description: description, state: query.state }))
    }
    const { request } = read
    if (query.immediate === 'true') {
      return (
        answerAtOnce(c, app, request) ?? answers.refuse(c, request, 'immediate_unsuccessful', 'immediate unsuccessful')
      )
    }
    return pages.begin(c, request, (query.prompt ?? '').split(/\s+/))
  })

  /** What is asked for, or the error that the app is told. */
  function readRequest(
    app: ConnectedApp,
    { redirectUri, by }: { redirectUri: string; by: 'code' | 'fragment' },
    query: Query,
  ): { request: AuthorizationRequest } | { error: string; description: string } {
    const types = (query.response_type ?? '').split(' ')
    const isKnown = by === 'code' ? query.response_type === 'code' : types.every((type) => /^(id_)?token$/.test(type))
    if (!isKnown) return { error: 'unsupported_response_type', description: 'response type not supported' }
    const flow = by === 'code' ? 'web-server' : 'user-agent'
    if (!allows(app, flow) || (by === 'fragment' && !signIns.rules.userAgentFlow)) {
      return { error: 'oauth_flow_disabled', description: 'oauth flow is disabled' }
    }
    const scopes = readScopes(query.scope, app)
    if (scopes.some((scope) => !(scope in KNOWN_SCOPES))) {
      return { error: 'invalid_scope', description: 'the requested scope is invalid, unknown, or malformed' }
    }
    const { state: appState, nonce } = query
    const common = {
      clientId: app.clientId,
      scopes,
      loginHint: query.login_hint,
      mustConsent: (query.prompt ?? '').split(/\s+/).includes('consent'),
      display: readDisplay(query.display),
    }
    const back = { redirectUri, state: appState, nonce }
    if (by === 'fragment') {
      return { request: { ...common, answer: { by, ...back, withIdToken: types.includes('id_token') } } }
    }
    const read = readChallenge(query, app)
    if ('problem' in read) return { error: 'invalid_request', description: read.problem }
    return { request: { ...common, answer: { by, ...back, challenge: read.challenge } } }
  }

  /** The answer for someone who is logged in and has consented; undefined when a page would have to be shown. */
  function answerAtOnce(c: HonoContext, app: ConnectedApp, request: AuthorizationRequest): Response | undefined {
    const user = pages.findUser(c)
    if (!user || signIns.judgeUser(c, user) || judgeAccess(context, app, user)) return undefined
    const approved = isPreauthorized(app, user) ? app.scopes : grants.approvedScopes(user.userId, app.clientId)
    return request.scopes.every((scope) => approved.includes(scope)) ? answers.grant(c, request, user) : undefined
  }

  return endpoint
}

function readDisplay(display: string | undefined): Display {
  return display === 'popup' || display === 'touch' ? display : 'page'
}

function errorPage(c: HonoContext, error: string, description: string): Response | Promise<Response> {
  return c.html(oauthErrorPage(error, description), 400)
}
