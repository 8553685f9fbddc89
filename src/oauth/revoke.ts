import { LooplineError } from '../errors.ts'
import { findConnection } from '../store/connections.ts'
import { getIntegration } from '../store/integrations.ts'
import { getClient, type OAuthDeps } from './authorize.ts'
import { revokeToken } from './token-endpoint.ts'
import { accessContext, refreshContext } from './tokens.ts'

/**
 * Gives the connection's tokens back to Salesforce, so that they are worth nothing any more. Never throws for what
 * Salesforce does: `note` says what a person should do there when it was not confirmed.
 */
export async function revokeConnection(
  deps: Omit<OAuthDeps, 'callbackUrl'>,
  integrationId: string,
): Promise<{ revoked: boolean; note: string | null }> {
  const integration = await getIntegration(deps.sql, integrationId)
  const connection = await findConnection(deps.sql, integrationId)
  if (!connection) return { revoked: false, note: null }
  const { refreshTokenSealed, accessTokenSealed, loginOrigin: origin } = connection
  try {
    const token = refreshTokenSealed
      ? deps.vault.open(refreshTokenSealed, refreshContext(integrationId))
      : accessTokenSealed && deps.vault.open(accessTokenSealed, accessContext(integrationId))
    if (!token) return { revoked: false, note: null }
    const client = getClient(deps, integration, origin)
    await revokeToken({ origin, client, fetch: deps.fetch, extraOrigins: deps.extraOrigins }, token)
    return { revoked: true, note: null }
  } catch (error) {
    const reason =
      error instanceof LooplineError ? error.failure.code : error instanceof Error ? error.message : 'unknown'
    deps.log.warn({ integrationId, reason }, 'the token could not be revoked')
    if (connection.health === 'reconnect') {
      return { revoked: false, note: 'Salesforce had ended this connection’s access already.' }
    }
    return {
      revoked: false,
      note: `Salesforce did not confirm that access has ended. In Salesforce, open Setup → Connected Apps OAuth Usage and revoke it for ${connection.username}.`,
    }
  }
}
