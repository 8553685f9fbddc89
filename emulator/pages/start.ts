/** The practice org's front door: what it is, how to get in, how to make it fail. */
import { html } from 'hono/html'
import type { Context as EmulatorContext } from '../context.ts'
import { type Html, page } from './layout.ts'
import { signIn } from './login.ts'

const FAULTS: readonly (readonly [string, string, string])[] = [
  ['expire-tokens', '{}', 'End all access tokens now'],
  ['revoke-grants', '{"username": "..."}', "Revoke the app's grants, of one user or (without a username) of all"],
  ['users', '{"username": "...", "active": false}', 'Deactivate or reactivate a user'],
  ['app', '{"installed": false}', 'Uninstall or install the app in the org'],
  [
    'answer-next',
    '{"answer": "unavailable", "times": 2, "path": "/query"}',
    'Answer the next API calls with a 503 (unavailable), a 401 (unauthorized) or REQUEST_LIMIT_EXCEEDED (limit)',
  ],
  ['cut-stream', '{"afterBytes": 20000}', 'Break the connection in the middle of the next Bulk API result'],
  ['fail-bulk-job', '{"message": "..."}', 'Let the next Bulk API query job fail'],
  ['clear-faults', '{}', 'Forget all planned faults'],
  ['api-usage', '{"used": 114000}', 'Set how many API calls count as used'],
  [
    'visibility',
    '{"username": "...", "object": "Case", "field": "Priority", "visible": false}',
    'Hide a field or (without a field) an object from a user, or show it again',
  ],
  [
    'records',
    '{"action": "update", "object": "Case", "id": "500...", "fields": {"Status": "Closed"}}',
    'Create, update, delete, undelete or hard-delete a record',
  ],
]

export function startPage({ origin, org, app }: EmulatorContext): Html {
  return page(
    'Start',
    html`<section class="card">
<h1>${org.name}</h1>
<p>A small Salesforce of your own: an invented company's org that behaves like a real one towards programs, so that
everything can be tried without a Salesforce account. Point Loopline, or any other Salesforce tool, at this address.</p>
<dl>
<dt>Salesforce domain URL</dt><dd><code>${origin}</code></dd>
<dt>Client id</dt><dd><code>${app.clientId}</code></dd>
<dt>Client secret</dt><dd><code>${app.clientSecret}</code></dd>
<dt>Callback URLs</dt><dd>${app.callbackUrls.map((url) => html`<code>${url}</code><br>`)}</dd>
</dl>
</section>
<section class="card">
<h2>Sign-ins</h2>
<dl>${org.users.map((user) => signIn(user))}</dl>
</section>
<section class="card">
<h2>Make it fail</h2>
<p>Send JSON to <code>/_control/...</code>, for instance:</p>
<pre>curl -X POST ${origin}/_control/expire-tokens -H 'Content-Type: application/json' -d '{}'</pre>
<dl>${FAULTS.map(([path, body, what]) => html`<dt>${what}</dt><dd><code>POST /_control/${path} ${body}</code></dd>`)}</dl>
</section>
<section class="card">
<h2>Look around</h2>
<p class="small"><a href="/_control/state">State</a> · <a href="/services/data/">API versions</a> ·
<a href="/.well-known/openid-configuration">OpenID configuration</a> · <a href="/login">Log in</a></p>
</section>`,
    { wide: true },
  )
}
