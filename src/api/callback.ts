/** Where Salesforce's login leads back to: finishes the attempt and tells the page that is waiting for it. */

import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { type Failure, LooplineError } from '../errors.ts'
import type { OAuthDeps } from '../oauth/authorize.ts'
import { finishAuthorization } from '../oauth/callback.ts'
import { recordAudit } from '../store/audit.ts'
import { findConnection } from '../store/connections.ts'
import { getIntegration } from '../store/integrations.ts'
import type { Boss } from '../sync/boss.ts'
import { queueRun } from '../sync/schedule.ts'
import type { ApiEnv, Caller } from './caller.ts'

interface CallbackDeps {
  readonly oauth: OAuthDeps
  readonly boss: Boss
  readonly publicUrl: string
}

/** `GET /oauth/callback`. */
export function callbackRoute({ oauth, boss, publicUrl }: CallbackDeps): Hono<ApiEnv> {
  return new Hono<ApiEnv>().get('/callback', async (c) => {
    const nonce = randomBytes(16).toString('base64url')
    // No opener policy: one would cut the window off from the page that opened it, which has another.
    c.header('cross-origin-opener-policy', 'unsafe-none')
    c.header(
      'content-security-policy',
      `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; frame-ancestors 'none'; base-uri 'none'`,
    )
    const caller = c.get('caller')
    if (caller?.role !== 'admin' || !caller.browser) {
      return c.html(signedOutPage(nonce), 401)
    }
    // As people reach us: a proxy in between may have changed scheme and host.
    const url = new URL(oauth.callbackUrl)
    url.search = new URL(c.req.url).search
    const { person, sessionId } = caller.browser
    const { attemptId, outcome } = await finishAuthorization(oauth, { url, person: { id: person.id, sessionId } })
    if (outcome.ok) await welcomeConnection({ oauth, boss }, { caller, ...outcome })
    return c.html(outcomePage({ nonce, publicUrl, attemptId, failure: outcome.ok ? null : outcome.failure }))
  })
}

/** Writes the trail and starts to pull: a first run, or one that goes on from the checkpoint. */
async function welcomeConnection(
  { oauth: { sql }, boss }: Pick<CallbackDeps, 'oauth' | 'boss'>,
  { caller, integrationId, isNew }: { caller: Caller; integrationId: string; isNew: boolean },
): Promise<void> {
  const integration = await getIntegration(sql, integrationId)
  const connection = await findConnection(sql, integrationId)
  await recordAudit(sql, {
    actor: caller.actor,
    action: isNew ? 'integration.added' : 'integration.reconnected',
    integration,
    detail: { org: connection?.orgName ?? connection?.orgId ?? '', username: connection?.username ?? '' },
  })
  if (integration.pausedAt) return
  await queueRun(sql, boss, integration, { trigger: 'connect', requestedBy: caller.actor.name }).catch((error) => {
    // One that is under way goes on with the new token.
    if (!(error instanceof LooplineError && error.failure.code === 'RUN_ACTIVE')) throw error
  })
}

function outcomePage(options: { nonce: string; publicUrl: string; attemptId: string | null; failure: Failure | null }) {
  const { nonce, publicUrl, attemptId, failure } = options
  const title = failure ? 'Not connected' : 'Connected'
  const said = failure ? [failure.message, failure.remedy].filter(Boolean).join(' ') : 'Loopline has what it needs.'
  const settings = `${publicUrl}/settings/integrations${attemptId ? `?attempt=${encodeURIComponent(attemptId)}` : ''}`
  const back = html`<p>${said}</p><p>You can close this window. <a href="${settings}">Back to Loopline</a></p>`
  // An answer that belongs to no login begun here: nobody is waiting for it.
  if (attemptId === null) return page(nonce, title, back)
  // The window that opened us hears it twice, since a login page may have cut one of the ways. Where no window can be
  // closed (the login took the whole tab), the tab goes back to the settings.
  const script = `
    const message = { attemptId: ${JSON.stringify(attemptId)} }
    new BroadcastChannel('loopline-connect').postMessage(message)
    window.opener?.postMessage({ type: 'loopline-connect', ...message }, ${JSON.stringify(new URL(publicUrl).origin)})
    window.close()
    setTimeout(() => { if (!window.opener) location.replace(${JSON.stringify(settings)}) }, 300)`
  return page(nonce, title, html`${back}<script nonce="${nonce}">${raw(script)}</script>`)
}

function signedOutPage(nonce: string) {
  return page(
    nonce,
    'Not connected',
    html`<p>You are not signed in to Loopline as an admin in this browser (any more), so the connection was not made.</p>
    <p>Close this window, sign in, and connect again.</p>`,
  )
}

function page(nonce: string, title: string, body: HtmlEscapedString | Promise<HtmlEscapedString>) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Loopline</title>
        <style nonce="${nonce}">
          :root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif }
          body { max-width: 28rem; margin: 20vh auto; padding: 0 1.5rem }
          h1 { font-size: 1.25rem }
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
      </body>
    </html>`
}
