/** How an authorization ends: back at the app with a code, tokens or an error, or on the page of a device flow. */
import type { Context as HonoContext } from 'hono'
import type { Context as EmulatorContext } from '../context.ts'
import type { OrgUser } from '../org/model.ts'
import type { AuthorizationRequest } from './browser.ts'
import { makeIdToken } from './id-tokens.ts'
import type { OauthState } from './state.ts'
import { tokenAnswer } from './token-answer.ts'

/** Where a device flow begins and ends for a person. */
export const DEVICE_PATH = '/setup/connect'

/** Salesforce's own callback: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_user_agent_flow.htm&type=5 */
export const SUCCESS_PATH = '/services/oauth2/success'

export interface AuthorizationAnswers {
  /** Gives the app what it asked for. */
  grant(c: HonoContext, request: AuthorizationRequest, user: OrgUser): Response
  refuse(c: HonoContext, request: AuthorizationRequest, error: string, description: string): Response
}

export function createAnswers(context: EmulatorContext, state: OauthState): AuthorizationAnswers {
  const { apps, grants, codes, devices, key } = state

  function grant(c: HonoContext, { clientId, scopes, answer }: AuthorizationRequest, user: OrgUser): Response {
    const { userId } = user
    const app = apps.find(clientId)
    if (answer.by === 'device' || !app) {
      if (answer.by === 'device') devices.decide(answer.userCode, { userId })
      return c.redirect(`${DEVICE_PATH}?done=allowed`, 303)
    }
    const { redirectUri, nonce = null } = answer
    if (answer.by === 'code') {
      const code = codes.issue({ userId, clientId, redirectUri, scopes, challenge: answer.challenge, nonce })
      return c.redirect(callbackUrl(answer, { code, state: answer.state }), 303)
    }
    // Only an app on the device itself, called by a scheme of its own or reading Salesforce's page, is trusted with a
    // refresh token here.
    const isOnDevice = !/^https?:/.test(redirectUri) || redirectUri === context.origin + SUCCESS_PATH
    const given = isOnDevice ? scopes : scopes.filter((scope) => scope !== 'refresh_token')
    const tokens = grants.issue({ userId, app, scopes: given })
    const idToken = answer.withIdToken ? makeIdToken(context, key, { app, tokens, nonce }) : undefined
    return c.redirect(callbackUrl(answer, { ...tokenAnswer(context, app, tokens, idToken), state: answer.state }), 303)
  }

  function refuse(c: HonoContext, { answer }: AuthorizationRequest, error: string, description: string): Response {
    if (answer.by === 'device') {
      devices.decide(answer.userCode, 'denied')
      return c.redirect(`${DEVICE_PATH}?done=denied`, 303)
    }
    return c.redirect(callbackUrl(answer, { error, error_description: description, state: answer.state }), 303)
  }

  return { grant, refuse }
}

/** The app's callback with parameters in its query, or, in the user-agent flow, in its fragment. */
export function callbackUrl(
  { by, redirectUri }: { readonly by: 'code' | 'fragment'; readonly redirectUri: string },
  parameters: { readonly [name: string]: string | undefined },
): string {
  const url = new URL(redirectUri)
  const target = by === 'code' ? url.searchParams : new URLSearchParams()
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) target.set(name, value)
  return by === 'code' ? url.href : `${redirectUri}#${target}`
}
