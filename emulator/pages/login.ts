/** The pages that a person sees while connecting an app: log in, choose, allow or deny, and what went wrong. */
import { html } from 'hono/html'
import type { ConnectedApp } from '../oauth/apps.ts'
import type { Display, LoginAttempt } from '../oauth/browser.ts'
import { KNOWN_SCOPES } from '../oauth/scopes.ts'
import type { Org, OrgUser } from '../org/model.ts'
import { type Html, page } from './layout.ts'

/** What `display` changes: a small window has no room to spare, and a finger needs larger targets (salesforce-api.md 2.2). */
function shownAs(display: Display | undefined, body: Html): Html {
  if (display === 'popup') {
    return html`<style>main { padding-top: .75rem } .card { padding: 1rem } .aside { display: none }</style>${body}`
  }
  if (display === 'touch') {
    return html`<style>body { font-size: 17px } input, button { min-height: 3rem } .row { gap: 1rem }</style>${body}`
  }
  return body
}

/** The login, for an app or for a page of the org; with what went wrong when it is shown again. */
export function loginPage(
  org: Org,
  attempt: LoginAttempt,
  {
    tried,
    app,
  }: {
    readonly tried: { readonly username: string; readonly message: string } | undefined
    readonly app: ConnectedApp | undefined
  },
): Html {
  const username = tried?.username ?? attempt.request?.loginHint ?? ''
  return page(
    'Log In',
    shownAs(
      attempt.request?.display,
      html`<form class="card" method="post" action="/login">
<h1>Log in to ${org.name}</h1>
${app ? html`<p class="soft small">to go on to <strong>${app.name}</strong></p>` : ''}
${tried ? html`<div class="problem" role="alert">${tried.message}</div>` : ''}
<input type="hidden" name="attempt" value="${attempt.id}">
<label for="username">Username</label>
<input id="username" name="username" type="text" inputmode="email" autocomplete="username" autocapitalize="none"
  spellcheck="false" value="${username}" required ${username === '' ? 'autofocus' : ''}>
<label for="password">Password</label>
<input id="password" name="pw" type="password" autocomplete="current-password" required ${username === '' ? '' : 'autofocus'}>
<button class="full" type="submit">Log In</button>
</form>
<section class="card small aside" aria-labelledby="sign-ins">
<h2 id="sign-ins">Sign-ins of this practice org</h2>
<dl>${org.users.map((user) => signIn(user))}</dl>
</section>
<p class="soft small aside">This is not Salesforce. It is a practice org that runs on your machine, with invented data.</p>`,
    ),
  )
}

/** What a sign-in is good for, its username and its password. */
function signIn(user: OrgUser): Html {
  return html`<dt>${user.about}${user.active ? '' : ' (deactivated)'}</dt>
<dd><code>${user.username}</code><br><code>${user.password}</code></dd>`
}

export function chooseUserPage(attempt: LoginAttempt, user: OrgUser): Html {
  return page(
    'Choose a Username',
    shownAs(
      attempt.request?.display,
      html`<section class="card">
<h1>Choose a username</h1>
<form method="post" action="/continue">
<input type="hidden" name="attempt" value="${attempt.id}">
<button class="full" type="submit">${user.username}</button>
</form>
<p><a href="/login?attempt=${attempt.id}">Log In with a Different Username</a></p>
</section>`,
    ),
  )
}

export function consentPage(question: {
  readonly org: Org
  readonly app: ConnectedApp
  readonly user: OrgUser
  readonly attempt: LoginAttempt
  readonly scopes: readonly string[]
  readonly display: Display
  readonly action: string
}): Html {
  const { org, app, user, attempt, scopes, display, action } = question
  return page(
    'Allow Access?',
    shownAs(
      display,
      html`<form class="card" method="post" action="${action}">
<h1>Allow access?</h1>
<p><strong>${app.name}</strong> asks for permission in <strong>${org.name}</strong> to:</p>
<ul>${scopes.map((scope) => html`<li>${KNOWN_SCOPES.get(scope) ?? scope}</li>`)}</ul>
<p class="small">Do you want to allow access for ${user.username}?
<a href="/login?attempt=${attempt.id}">Not you?</a></p>
<input type="hidden" name="attempt" value="${attempt.id}">
<div class="row">
<button class="plain" type="submit" name="decision" value="deny">Deny</button>
<button type="submit" name="decision" value="allow">Allow</button>
</div>
</form>
<p class="soft small aside">You can take this back at any time: on the practice org's <a href="/">start page</a>, or in a real org
under Setup, Connected Apps OAuth Usage.</p>`,
    ),
  )
}

/** Salesforce's own error page: some failures never reach the app's callback (salesforce-api.md 2.2, 2.9). */
export function oauthErrorPage(error: string, description: string): Html {
  const isGeneric = error === 'OAUTH_APPROVAL_ERROR_GENERIC' || error === 'invalid_client'
  return page(
    'OAuth Error',
    html`<section class="card">
<h1>OAuth Error</h1>
<p>We can't authorize you because of an OAuth error. For more information, contact your Salesforce administrator.</p>
${isGeneric ? html`<p><code>OAUTH_APPROVAL_ERROR_GENERIC : An unexpected error has occurred during authentication. Please try again.</code></p>` : ''}
<p class="small soft"><code>error=${error}<wbr>&amp;error_description=${description}</code></p>
</section>`,
  )
}

/** Salesforce's own callback page, for apps that have none. */
export function successPage(): Html {
  return page(
    'Authorized',
    html`<section class="card"><h1>Remote access application authorization</h1>
<p>The app has been given access. You can close this page.</p></section>`,
  )
}
