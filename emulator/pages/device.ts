/** The pages of the device flow: type in the code that a device shows, and how it ended. */
import { html } from 'hono/html'
import type { LoginAttempt } from '../oauth/browser.ts'
import { type Html, page } from './layout.ts'

export function connectDevicePage(
  attempt: LoginAttempt,
  { userCode, message }: { readonly userCode: string; readonly message?: string },
): Html {
  return page(
    'Connect a Device',
    html`<form class="card" method="post" action="/setup/connect">
<h1>Connect a device</h1>
<p>Enter the code that the app on your device or your command line shows.</p>
${message === undefined ? '' : html`<div class="problem" role="alert">${message}</div>`}
<input type="hidden" name="attempt" value="${attempt.id}">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false"
  value="${userCode}" required autofocus>
<button class="full" type="submit">Connect</button>
</form>
<p class="soft small">Go on only if you began this yourself: whoever gave you a code gets access in your name.</p>`,
  )
}

export function deviceDonePage(decision: 'allowed' | 'denied'): Html {
  const [title, what] =
    decision === 'allowed'
      ? ['You’re connected', 'Your device goes on by itself. You can close this page.']
      : ['Not connected', 'The device has been told that you denied access. You can close this page.']
  return page(
    title,
    html`<section class="card"><h1>${title}</h1>
<p>${what}</p></section>`,
  )
}
