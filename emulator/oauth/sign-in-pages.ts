/** What a person sees on the way into the org or an app: log in, choose, allow or deny, connect a device (salesforce-api.md 2.2, 2.9). */
import { Hono, type Context as HonoContext } from 'hono'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import type { OrgUser } from '../org/model.ts'
import { connectDevicePage, deviceDonePage } from '../pages/device.ts'
import { chooseUserPage, consentPage, loginPage, oauthErrorPage, successPage } from '../pages/login.ts'
import { approvedScopes, judgeAccess } from './app-access.ts'
import { type AuthorizationAnswers, DEVICE_PATH, SUCCESS_PATH } from './authorization-answer.ts'
import type { AuthorizationRequest, LoginAttempt } from './browser.ts'
import { readForm } from './request-form.ts'
import type { SignInRefusal } from './sign-in.ts'
import type { OauthState } from './state.ts'

const WRONG_PASSWORD =
  "Please check your username and password. If you still can't log in, contact your Salesforce administrator."
const REFUSALS: { readonly [refusal in SignInRefusal]: string } = {
  wrong: WRONG_PASSWORD,
  // Salesforce gives away neither that a user exists nor in what state they are.
  inactive: WRONG_PASSWORD,
  locked: WRONG_PASSWORD,
  token: WRONG_PASSWORD,
  ip: 'You can’t log in from this IP address. Contact your Salesforce administrator.',
  rate: 'Login rate exceeded. Try again in an hour.',
  org: 'Your organization is locked. Contact Salesforce Customer Support.',
}
const API_ONLY = 'API-only users can’t log in to the user interface. Contact your Salesforce administrator.'
const CONSENT_PATH = '/setup/secur/RemoteAccessAuthorizationPage.apexp'
const ERROR_PATH = '/_nc_external/identity/oauth/ui/AuthorizationError'

export interface SignInPages {
  readonly routes: Hono
  /** The user logged in with this browser. */
  findUser(c: HonoContext): OrgUser | undefined
  /** Shows the first page that a request needs, or answers it when it needs none. */
  begin(c: HonoContext, request: AuthorizationRequest, prompts: readonly string[]): Response | Promise<Response>
}

export function createSignInPages(
  context: EmulatorContext,
  { state, answers }: { state: OauthState; answers: AuthorizationAnswers },
): SignInPages {
  const { org } = context
  const { apps, grants, browsers, signIns, devices } = state
  const routes = new Hono()

  /** A login for a page of the org itself, or for an attempt that goes on as somebody else. */
  routes.get('/login', (c) => {
    const attempt = browsers.findAttempt(c, c.req.query('attempt')) ?? browsers.startAttempt(c, undefined, startUrl(c))
    return showLogin(c, attempt)
  })

  routes.post('/login', async (c) => {
    const form = await readForm(c)
    const attempt = browsers.findAttempt(c, form.get('attempt'))
    if (!attempt) return expiredPage(c)
    const username = (form.get('username') ?? '').trim()
    const judged = signIns.judge(c, { username, password: form.get('pw') ?? '', by: 'person' })
    if ('refusal' in judged) return showLogin(c, attempt, { username, message: REFUSALS[judged.refusal] })
    const { user } = judged
    // Whoever may use the API only can't finish a browser flow, either (salesforce-api.md 2.7, 2.8).
    if (user.permissions.has('ApiUserOnly')) {
      return attempt.request ? genericError(c) : showLogin(c, attempt, { username, message: API_ONLY })
    }
    return goOn(c, browsers.logIn(c, attempt, user.userId), user)
  })

  routes.post('/continue', async (c) => {
    const form = await readForm(c)
    const attempt = browsers.findAttempt(c, form.get('attempt'))
    const user = loggedInUser(c)
    return attempt && user ? goOn(c, attempt, user) : expiredPage(c)
  })

  routes.get('/secur/logout.jsp', (c) => {
    browsers.logOut(c)
    return c.redirect('/login')
  })

  routes.get(CONSENT_PATH, (c) => {
    const attempt = browsers.findAttempt(c, c.req.query('source'))
    const user = loggedInUser(c)
    const app = apps.find(attempt?.request?.clientId)
    if (!attempt?.request || !user || !app) return expiredPage(c)
    const { scopes, display } = attempt.request
    return c.html(consentPage({ org, app, user, attempt, scopes, display, action: CONSENT_PATH }))
  })

  routes.post(CONSENT_PATH, async (c) => {
    const form = await readForm(c)
    const attempt = browsers.findAttempt(c, form.get('attempt'))
    const user = loggedInUser(c)
    const app = apps.find(attempt?.request?.clientId)
    if (!attempt?.request || !user || !app) return expiredPage(c)
    browsers.endAttempt(attempt)
    const { request } = attempt
    if (form.get('decision') !== 'allow')
      return answers.refuse(c, request, 'access_denied', 'end-user denied authorization')
    // The page may have been open while an admin took the access away.
    const obstacle = judgeAccess(context, app, user)
    if (obstacle) return approvalError(c, obstacle.error, obstacle.message)
    grants.approve({ userId: user.userId, app, scopes: request.scopes })
    return answers.grant(c, request, user)
  })

  routes.get(ERROR_PATH, (c) => {
    const { error, error_description } = c.req.query()
    return c.html(oauthErrorPage(error ?? 'unknown_error', error_description ?? ''), 400)
  })

  /** The callback of apps that have no server of their own and read the browser's address instead. */
  routes.get(SUCCESS_PATH, (c) => c.html(successPage()))

  routes.get(DEVICE_PATH, (c) => {
    const { user_code: userCode, done } = c.req.query()
    if (done === 'allowed' || done === 'denied') return c.html(deviceDonePage(done))
    return c.html(connectDevicePage(browsers.startAttempt(c, undefined), { userCode: userCode ?? '' }))
  })

  routes.post(DEVICE_PATH, async (c) => {
    const form = await readForm(c)
    const attempt = browsers.findAttempt(c, form.get('attempt'))
    if (!attempt) return expiredPage(c)
    const typed = form.get('user_code') ?? ''
    const device = devices.findByUserCode(typed)
    if (!device) {
      return c.html(connectDevicePage(attempt, { userCode: typed, message: 'This code is invalid or has expired.' }))
    }
    browsers.endAttempt(attempt)
    const { clientId, scopes, userCode } = device
    const answer = { by: 'device', userCode } as const
    return begin(c, { clientId, scopes, loginHint: undefined, mustConsent: true, display: 'page', answer }, [])
  })

  function begin(
    c: HonoContext,
    request: AuthorizationRequest,
    prompts: readonly string[],
  ): Response | Promise<Response> {
    const user = loggedInUser(c)
    const attempt = browsers.startAttempt(c, request)
    if (!user || prompts.includes('login')) return showLogin(c, attempt)
    if (prompts.includes('select_account')) return c.html(chooseUserPage(attempt, user))
    return goOn(c, attempt, user)
  }

  /** After the login: to the page that was wanted, to the consent page, or straight back to the app. */
  function goOn(c: HonoContext, attempt: LoginAttempt, user: OrgUser): Response {
    const { request } = attempt
    const app = apps.find(request?.clientId)
    if (!request || !app) {
      browsers.endAttempt(attempt)
      return c.redirect(attempt.startUrl, 303)
    }
    const obstacle = judgeAccess(context, app, user)
    if (obstacle?.error === 'invalid_app_access') {
      // https://learn.microsoft.com/en-us/microsoft-sales-copilot/tsg-unable-signin-salesforce shows this at the callback.
      return answers.refuse(c, request, 'OAUTH_APP_ACCESS_DENIED', obstacle.message)
    }
    if (obstacle) return approvalError(c, obstacle.error, obstacle.message)
    // A scope the app was not given surfaces only here, and vaguely (salesforce-api.md 2.2).
    if (request.scopes.some((scope) => !app.scopes.includes(scope))) return genericError(c)
    const approved = approvedScopes(context, app, user)
    if (!request.mustConsent && request.scopes.every((scope) => approved.includes(scope))) {
      browsers.endAttempt(attempt)
      return answers.grant(c, request, user)
    }
    return c.redirect(`${CONSENT_PATH}?source=${attempt.id}`, 303)
  }

  function loggedInUser(c: HonoContext): OrgUser | undefined {
    const user = findUser(org, browsers.findUserId(c) ?? '')
    return user && !signIns.judgeUser(c, user) ? user : undefined
  }

  function showLogin(
    c: HonoContext,
    attempt: LoginAttempt,
    tried?: { readonly username: string; readonly message: string },
  ): Response | Promise<Response> {
    return c.html(loginPage(org, attempt, { tried, app: apps.find(attempt.request?.clientId) }))
  }

  return { routes, findUser: loggedInUser, begin }
}

/** The error page that Salesforce redirects to after a login; the callback never hears of it (salesforce-api.md 2.9). */
function approvalError(c: HonoContext, code: string, description: string): Response {
  const error = code === 'app_blocked' ? 'OAUTH_APP_BLOCKED' : code
  return c.redirect(`${ERROR_PATH}?${new URLSearchParams({ error, error_description: description })}`, 303)
}

function genericError(c: HonoContext): Response {
  return approvalError(c, 'OAUTH_APPROVAL_ERROR_GENERIC', 'An unexpected error has occurred during authentication')
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
