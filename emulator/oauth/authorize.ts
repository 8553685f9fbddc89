/** `/services/oauth2/authorize`: what an app asks for, checked (salesforce-api.md 2.2, 2.8). */
import { Hono, type Context as HonoContext } from 'hono'
import type { Context as EmulatorContext } from '../context.ts'
import { oauthErrorPage } from '../pages/login.ts'
import { approvedScopes, judgeAccess } from './app-access.ts'
import { allows, type ConnectedApp } from './apps.ts'
import { type AuthorizationAnswers, callbackUrl } from './authorization-answer.ts'
import type { AuthorizationRequest, Display } from './browser.ts'
import { OauthError } from './errors.ts'
import { readChallenge } from './pkce.ts'
import { readForm } from './request-form.ts'
import { readScopes } from './scopes.ts'
import type { SignInPages } from './sign-in-pages.ts'
import type { OauthState } from './state.ts'

type Query = Readonly<Record<string, string>>

export function createAuthorization(
  context: EmulatorContext,
  { state, answers, pages }: { state: OauthState; answers: AuthorizationAnswers; pages: SignInPages },
): Hono {
  const { apps, signIns } = state
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

    const by = (query.response_type ?? '').split(' ').includes('token') ? 'fragment' : 'code'
    try {
      const request = readRequest(app, { redirectUri, by }, query)
      if (query.immediate !== 'true') return pages.begin(c, request, promptsOf(query))
      const answer = answerAtOnce(c, app, request)
      if (answer) return answer
      throw new OauthError('immediate_unsuccessful', 'immediate unsuccessful')
    } catch (failure) {
      if (!(failure instanceof OauthError)) throw failure
      const { error, message } = failure
      return c.redirect(callbackUrl({ by, redirectUri }, { error, error_description: message, state: query.state }))
    }
  })

  /** What is asked for. Throws the OauthError that the app is told. */
  function readRequest(
    app: ConnectedApp,
    { redirectUri, by }: { redirectUri: string; by: 'code' | 'fragment' },
    query: Query,
  ): AuthorizationRequest {
    const types = (query.response_type ?? '').split(' ')
    const isKnown = by === 'code' ? query.response_type === 'code' : types.every((type) => /^(id_)?token$/.test(type))
    if (!isKnown) throw new OauthError('unsupported_response_type', 'response type not supported')
    const flow = by === 'code' ? 'web-server' : 'user-agent'
    if (!allows(app, flow) || (by === 'fragment' && !signIns.rules.userAgentFlow)) {
      throw new OauthError('oauth_flow_disabled', 'oauth flow is disabled')
    }
    const common = {
      clientId: app.clientId,
      scopes: readScopes(query.scope, app),
      loginHint: query.login_hint,
      mustConsent: promptsOf(query).includes('consent'),
      display: readDisplay(query.display),
    }
    const back = { redirectUri, state: query.state, nonce: query.nonce }
    if (by === 'fragment') return { ...common, answer: { by, ...back, withIdToken: types.includes('id_token') } }
    return { ...common, answer: { by, ...back, challenge: readChallenge(query, app) } }
  }

  /** The answer for someone who is logged in and has consented; undefined when a page would have to be shown. */
  function answerAtOnce(c: HonoContext, app: ConnectedApp, request: AuthorizationRequest): Response | undefined {
    const user = pages.findUser(c)
    if (!user || signIns.judgeUser(c, user) || judgeAccess(context, app, user)) return undefined
    const approved = approvedScopes(context, app, user)
    return request.scopes.every((scope) => approved.includes(scope)) ? answers.grant(c, request, user) : undefined
  }

  return endpoint
}

function promptsOf({ prompt = '' }: Query): readonly string[] {
  return prompt.split(/\s+/)
}

function readDisplay(display: string | undefined): Display {
  return display === 'popup' || display === 'touch' ? display : 'page'
}

function errorPage(c: HonoContext, error: string, description: string): Response | Promise<Response> {
  return c.html(oauthErrorPage(error, description), 400)
}
