/** The access token of a connection, renewed once however many ask for it, in however many processes. */

import { type Failure, LooplineError } from '../errors.ts'
import { SalesforceError } from '../salesforce/error.ts'
import type { AccessToken, TokenSource } from '../salesforce/transport.ts'
import {
  type Connection,
  findConnection,
  lockConnection,
  saveRenewedTokens,
  setConnectionHealth,
} from '../store/connections.ts'
import { getIntegration } from '../store/integrations.ts'
import { getClient, type OAuthDeps } from './authorize.ts'
import { explainFailedRenewal } from './explain.ts'
import { checkInstance, refreshTokens, type Tokens } from './token-endpoint.ts'

type TokenDeps = Omit<OAuthDeps, 'callbackUrl'>

interface TokenOptions {
  /**
   * Asks Salesforce even where the grant was found dead before. Test Connection does, so that what was mended over
   * there (a user activated again) shows; runs don't, so that errors don't pile up.
   */
  readonly tryDeadGrant?: boolean
}

/** Throws, when asked for a token, the `reconnect` failure of a connection whose grant is dead or that has none. */
export function createTokenSource(
  deps: TokenDeps,
  integrationId: string,
  { tryDeadGrant = false }: TokenOptions = {},
): TokenSource {
  let held: AccessToken | undefined
  let renewal: Promise<AccessToken> | undefined

  async function current(): Promise<AccessToken> {
    if (held) return held
    const connection = checkAlive(await findConnection(deps.sql, integrationId), tryDeadGrant)
    const token = openAccessToken(deps, connection)
    // A grant that was found dead proves itself by a new token, not by an old one that still has an hour to live.
    held = token && connection.health !== 'reconnect' ? token : await renewFrom(connection.tokenVersion)
    return held
  }

  async function renew(stale: AccessToken): Promise<AccessToken> {
    if (held && held.version > stale.version) return held
    held = await renewFrom(stale.version)
    return held
  }

  async function renewFrom(version: number): Promise<AccessToken> {
    renewal ??= renewToken(deps, integrationId, { version, tryDeadGrant }).finally(() => {
      renewal = undefined
    })
    return renewal
  }

  return { current, renew }
}

/** What seals an access token to its connection. */
export function accessContext(integrationId: string): string {
  return `connections/${integrationId}/access`
}

/** What seals a refresh token to its connection. */
export function refreshContext(integrationId: string): string {
  return `connections/${integrationId}/refresh`
}

async function renewToken(
  deps: TokenDeps,
  integrationId: string,
  { version, tryDeadGrant }: { version: number; tryDeadGrant: boolean },
): Promise<AccessToken> {
  const integration = await getIntegration(deps.sql, integrationId)
  // The row's lock is held while Salesforce is asked: a second use of a rotated refresh token would end the grant.
  const result = await deps.sql.begin(async (tx): Promise<AccessToken | LooplineError> => {
    const connection = checkAlive(await lockConnection(tx, integrationId), tryDeadGrant)
    if (connection.tokenVersion > version) {
      const token = openAccessToken(deps, connection)
      if (token) return token
    }
    const refreshToken =
      connection.refreshTokenSealed && deps.vault.open(connection.refreshTokenSealed, refreshContext(integrationId))
    if (!refreshToken) throw new LooplineError(notConnected)
    const { loginOrigin: origin } = connection
    try {
      const server = {
        origin,
        client: getClient(deps, integration, origin),
        fetch: deps.fetch,
        extraOrigins: deps.extraOrigins,
      }
      const tokens = await refreshTokens(server, refreshToken)
      const fault = findFault(tokens, connection, deps)
      const instanceUrl = tokens.instanceUrl && !fault ? new URL(tokens.instanceUrl).origin : connection.instanceUrl
      // Kept before anything else happens, whatever is wrong with the rest: the old refresh token is worth nothing now.
      const renewed = await saveRenewedTokens(tx, integrationId, {
        accessTokenSealed: deps.vault.seal(tokens.accessToken, accessContext(integrationId)),
        refreshTokenSealed: tokens.refreshToken && deps.vault.seal(tokens.refreshToken, refreshContext(integrationId)),
        instanceUrl,
        issuedAt: tokens.issuedAt,
      })
      if (fault) return await markDead(tx, integrationId, fault)
      if (connection.health === 'reconnect') {
        await setConnectionHealth(tx, integrationId, { health: 'connected', failure: null })
      }
      deps.log.info({ integrationId, version: renewed }, 'token renewed')
      return { token: tokens.accessToken, instanceUrl, version: renewed }
    } catch (error) {
      if (!(error instanceof SalesforceError)) throw error
      const failure = explainFailedRenewal(error, deps.now())
      deps.log.warn({ integrationId, code: failure.code, kind: failure.kind }, 'token not renewed')
      if (failure.kind !== 'reconnect') throw new LooplineError(failure)
      // Returned, not thrown: the transaction must commit what it found.
      return await markDead(tx, integrationId, failure)
    }
  })
  if (result instanceof LooplineError) throw result
  return result
}

/** What forbids using the tokens: they are for another org, or its API is where we may not go. */
function findFault(tokens: Tokens, connection: Connection, deps: TokenDeps): Failure | undefined {
  if (tokens.orgId !== null && tokens.orgId.slice(0, 15) !== connection.orgId.slice(0, 15)) return movedOrg
  try {
    if (tokens.instanceUrl !== null) checkInstance(tokens.instanceUrl, deps)
    return undefined
  } catch (error) {
    if (error instanceof LooplineError) return { ...error.failure, kind: 'reconnect' }
    throw error
  }
}

async function markDead(
  tx: Parameters<typeof setConnectionHealth>[0],
  integrationId: string,
  failure: Failure,
): Promise<LooplineError> {
  await setConnectionHealth(tx, integrationId, { health: 'reconnect', failure })
  return new LooplineError(failure)
}

function checkAlive(connection: Connection | undefined, tryDeadGrant: boolean): Connection {
  if (!connection) throw new LooplineError(notConnected)
  if (connection.health === 'reconnect' && !tryDeadGrant) throw new LooplineError(connection.failure ?? notConnected)
  return connection
}

function openAccessToken({ vault }: TokenDeps, connection: Connection): AccessToken | undefined {
  const { integrationId, accessTokenSealed, instanceUrl, tokenVersion } = connection
  if (accessTokenSealed === null) return undefined
  return { token: vault.open(accessTokenSealed, accessContext(integrationId)), instanceUrl, version: tokenVersion }
}

const notConnected = {
  kind: 'reconnect',
  code: 'NOT_CONNECTED',
  message: 'This integration is not connected to Salesforce.',
  action: 'Syncing is paused, nothing is lost.',
  remedy: 'Open Edit → Authentication and choose Re-generate Token.',
} as const

const movedOrg = {
  kind: 'reconnect',
  code: 'OTHER_ORG',
  message: 'Salesforce now answers for another org than the one this integration holds the records of.',
  action: 'Syncing is paused, nothing is lost.',
  remedy: 'If a sandbox was refreshed, it counts as a new org: add a new integration for it.',
} as const
