/** Whether an app may act for a user: what the app's policies and the org's admin say (salesforce-api.md 2.8, 2.9). */
import type { Context as EmulatorContext } from '../context.ts'
import type { OrgUser } from '../org/model.ts'
import type { ConnectedApp } from './apps.ts'
import { OauthError } from './errors.ts'

/** What stands in the way, as the token endpoint says it; undefined when nothing does. */
export function judgeAccess(
  { grants, signIns }: Pick<EmulatorContext, 'grants' | 'signIns'>,
  app: ConnectedApp,
  user: OrgUser,
): OauthError | undefined {
  const isOutside = signIns.rules.apiAccessControl && !isPreauthorized(app, user)
  if (app.blocked || (isOutside && !user.permissions.has('UseAnyApiClient'))) {
    return new OauthError('app_blocked', 'this app is blocked by admin')
  }
  // Since September 2025 only installed apps let new users in, unless they hold a permission.
  const mayEnter =
    app.installed ||
    grants.hasGrant(user.userId, app.clientId) ||
    user.permissions.has('ApproveUninstalledConnectedApps')
  if (!mayEnter) return new OauthError('invalid_client', 'app must be installed into org')
  if (!isPreauthorized(app, user) && app.permittedUsers === 'admin-approved') {
    return new OauthError('invalid_app_access', 'user is not admin approved to access this app')
  }
  return undefined
}

/** Admin-approved users of such an app are never asked for consent. */
function isPreauthorized(app: ConnectedApp, user: OrgUser): boolean {
  return app.permittedUsers === 'admin-approved' && app.approvedUsers.includes(user.username)
}

/** What the app may have of this user without asking: all that it has, or what they allowed it before. */
export function approvedScopes(
  { grants }: Pick<EmulatorContext, 'grants'>,
  app: ConnectedApp,
  user: OrgUser,
): readonly string[] {
  return isPreauthorized(app, user) ? app.scopes : grants.approvedScopes(user.userId, app.clientId)
}
