/** The part of OAuth that happens in a browser: authorize, log in, allow or deny (salesforce-api.md 2.2, 2.8, 2.9). */
import { Hono, type Context as HonoContext } from 'hono'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import type { OrgUser } from '../org/model.ts'
import { chooseUserPage, consentPage, loginPage, oauthErrorPage } from '../pages/login.ts'
import type { AuthorizationRequest, Browsers, LoginAttempt } from './browser.ts'
import type { AuthorizationCodes } from './codes.ts'
import { KNOWN_SCOPES, readScopes } from './connected-app.ts'

const WRONG_PASSWORD =
  "Please check your username and password. If you still can't log in, contact your Salesforce administrator."
const CONSENT_PATH = '/setup/secur/RemoteAccessAuthorizationPage.apexp'
const ERROR_PATH = '/_nc_external/identity/oauth/ui/AuthorizationError'

export function createAuthorization(
  context: EmulatorContext,
  { browsers, codes }: { browsers: Browsers; codes: AuthorizationCodes },
): Hono {
  const { org, app, grants } = context
  const pages = new Hono()

  pages.get('/services/oauth2/authorize', (c) => {
    const query = c.req.query()
    // Nothing may be sent to a callback that is not the app's: these end on a page of Salesforce's own.
    if (query.client_id !== app.clientId) return oauthError(c, 'invalid_client_id', 'client identifier invalid')
    const redirectUri = query.redirect_uri
    if (redirectUri === undefined) return oauthError(c, 'redirect_uri_missing', 'redirect_uri must be provided')
    if (!app.callbackUrls.includes(redirectUri)) {
      return oauthError(c, 'redirect_uri_mismatch', 'redirect_uri must match configuration')
    }
    const refuse = (error: string, description: string) =>
      c.redirect(callbackUrl(redirectUri, { error, error_description: description, state: query.state }))

    if (query.response_type !== 'code') return refuse('unsupported_response_type', 'response type not supported')
    if (!query.code_challenge) return refuse('invalid_request', 'missing required code challenge')
    if (query.code_challenge_method !== 'S256' || !/^[\w-]{43}$/.test(query.code_challenge)) {
      return refuse('invalid_request', 'invalid code challenge')
    }
    const scopes = readScopes(query.scope, app)
    if (scopes.some((scope) => !(scope in KNOWN_SCOPES))) {
      return refuse('invalid_scope', 'the requested scope is invalid, unknown, or malformed')
    }

    const prompts = (query.prompt ?? '').split(/\s+/)
    const request: AuthorizationRequest = {
      redirectUri,
      state: query.state,
      scopes,
      codeChallenge: query.code_challenge,
      nonce: query.nonce,
      loginHint: query.login_hint,
      mustConsent: prompts.includes('consent'),
    }
    const user = loggedInUser(c)
    if (query.immediate === 'true') {
      const isReady = user && mayEnter(user) && grants.hasApproved(user.userId, scopes)
      return isReady ? answerWithCode(c, request, user) : refuse('immediate_unsuccessful', 'immediate unsuccessful')
    }
    const attempt = browsers.startAttempt(c, request)
    if (user && prompts.includes('select_account')) return c.html(chooseUserPage(attempt, user))
    if (!user || prompts.includes('login')) return c.html(loginPage(org, attempt))
    return goOn(c, attempt, user)
  })

  /** A login for a page of the org itself, or for an attempt that goes on as somebody else. */
  pages.get('/login', (c) => {
    const attempt = browsers.findAttempt(c, c.req.query('attempt')) ?? browsers.startAttempt(c, undefined, startUrl(c))
    return c.html(loginPage(org, attempt))
  })

  pages.post('/login', async (c) => {
    const form = await c.req.parseBody()
    const attempt = browsers.findAttempt(c, String(form.attempt))
    if (!attempt) return expiredPage(c)
    const username = String(form.username ?? '').trim()
    const user = org.users.find((candidate) => candidate.username.toLowerCase() === username.toLowerCase())
    if (!user?.active || user.password !== form.pw) {
      return c.html(loginPage(org, attempt, { username, message: WRONG_PASSWORD }))
    }
    return goOn(c, browsers.logIn(c, attempt, user.userId), user)
  })

  pages.post('/continue', async (c) => {
    const form = await c.req.parseBody()
    const attempt = browsers.findAttempt(c, String(form.attempt))
    const user = loggedInUser(c)
    return attempt && user ? goOn(c, attempt, user) : expiredPage(c)
  })

  pages.get('/secur/logout.jsp', (c) => {
    browsers.logOut(c)
    return c.redirect('/login')
  })

  pages.get(CONSENT_PATH, (c) => {
    const attempt = browsers.findAttempt(c, c.req.query('source'))
    const user = loggedInUser(c)
    if (!attempt?.request || !user) return expiredPage(c)
    return c.html(consentPage({ org, app, user, attempt, scopes: attempt.request.scopes, action: CONSENT_PATH }))
  })

  pages.post(CONSENT_PATH, async (c) => {
    const form = await c.req.parseBody()
    const attempt = browsers.findAttempt(c, String(form.attempt))
    const user = loggedInUser(c)
    if (!attempt?.request || !user) return expiredPage(c)
    browsers.endAttempt(attempt)
    const { request } = attempt
    if (form.decision !== 'allow') {
      const denial = {
        error: 'access_denied',
        error_description: 'end-user denied authorization',
        state: request.state,
      }
      return c.redirect(callbackUrl(request.redirectUri, denial), 303)
    }
    grants.approve(user.userId, request.scopes)
    return answerWithCode(c, request, user)
  })

  pages.get(ERROR_PATH, (c) => {
    const { error, error_description } = c.req.query()
    return c.html(oauthErrorPage(error ?? 'unknown_error', error_description ?? ''), 400)
  })

  function loggedInUser(c: HonoContext): OrgUser | undefined {
    const user = findUser(org, browsers.findUserId(c) ?? '')
    return user?.active ? user : undefined
  }

  /** After the login: to the page that was wanted, to the consent page, or straight back to the app. */
  function goOn(c: HonoContext, attempt: LoginAttempt, user: OrgUser): Response {
    const { request } = attempt
    if (!request) {
      browsers.endAttempt(attempt)
      return c.redirect(attempt.startUrl, 303)
    }
    if (!mayEnter(user)) return approvalError(c, 'invalid_client', 'app must be installed into org')
    // A scope the app was not given surfaces only here, and vaguely (salesforce-api.md 2.2).
    const excess = request.scopes.find((scope) => !app.scopes.includes(scope))
    if (excess !== undefined) {
      return approvalError(c, 'OAUTH_APPROVAL_ERROR_GENERIC', 'An unexpected error has occurred during authentication')
    }
    if (!request.mustConsent && grants.hasApproved(user.userId, request.scopes)) {
      browsers.endAttempt(attempt)
      return answerWithCode(c, request, user)
    }
    return c.redirect(`${CONSENT_PATH}?source=${attempt.id}`, 303)
  }

  /** Since September 2025 only installed apps let new users in, unless they hold a permission (salesforce-api.md 2.9). */
  function mayEnter(user: OrgUser): boolean {
    const { permissions, userId } = user
    return context.isAppInstalled() || grants.hasGrant(userId) || permissions.has('ApproveUninstalledConnectedApps')
  }

  function answerWithCode(c: HonoContext, request: AuthorizationRequest, user: OrgUser): Response {
    const { redirectUri, scopes, codeChallenge, nonce, state } = request
    const code = codes.issue({ userId: user.userId, redirectUri, scopes, codeChallenge, nonce })
    return c.redirect(callbackUrl(redirectUri, { code, state }), 303)
  }

  return pages
}

function callbackUrl(redirectUri: string, params: Record<string, string | undefined>): string {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries(params)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}

function oauthError(c: HonoContext, error: string, description: string): Response | Promise<Response> {
  return c.html(oauthErrorPage(error, description), 400)
}

/** The error page that Salesforce redirects to after a login; the callback never hears of it (salesforce-api.md 2.9). */
function approvalError(c: HonoContext, error: string, description: string): Response {
  return c.redirect(`${ERROR_PATH}?${new URLSearchParams({ error, error_description: description })}`, 303)
}

function expiredPage(c: HonoContext): Response | Promise<Response> {
  return c.html(
    oauthErrorPage('expired', 'This login took too long or was begun in another browser. Start again.'),
    400,
  )
}

/** Where a login leads; only to a path of this org. */
function startUrl(c: HonoContext): string {
  const wanted = c.req.query('startURL') ?? '/'
  return /^\/(?![/\\])/.test(wanted) ? wanted : '/'
}
