/** Control calls of OAuth: apps, and the rules for signing in. */
import type { OnControl } from '../control-calls.ts'
import { type Apps, appChangeSchema } from './apps.ts'
import { type SignIns, signInRulesSchema } from './sign-in.ts'

export function oauthControls(on: OnControl, { apps, signIns }: { apps: Apps; signIns: SignIns }): void {
  on(
    'apps',
    appChangeSchema,
    {
      what: 'Add an app, or change the one of this name: callbacks, scopes, flows, PKCE, rotation, policies, certificate',
      example: { name: 'Classic Connector', rotatesRefreshTokens: true, sessionMinutes: 15, installed: false },
    },
    (change) => apps.save(change),
  )
  on(
    'sign-in',
    signInRulesSchema.partial(),
    {
      what: 'Change the rules for signing in: SOAP login, flows, security token, IP ranges, login rate, locked and frozen users',
      example: { soapLogin: false, usernamePasswordFlow: false, loginIpRanges: ['203.0.113.0/24'], loginsPerHour: 2 },
    },
    (rules) => signIns.change(rules),
  )
}
