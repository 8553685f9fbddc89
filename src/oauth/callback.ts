/** The way back from Salesforce's login: read this file from the top. */

import { type Failure, LooplineError } from '../errors.ts'
import { createSalesforce, type Identity, type Organization } from '../salesforce/client.ts'
import { type Connection, findConnection, type NewConnection, saveConnection } from '../store/connections.ts'
import type { Sql } from '../store/database.ts'
import { changeIntegration, createIntegration, getIntegration } from '../store/integrations.ts'
import { findAttemptByState, finishAttempt, type OAuthAttempt, spendAttempt } from '../store/oauth-attempts.ts'
import {
  draftSecretContext,
  getClient,
  hashState,
  type OAuthDeps,
  type Person,
  scopes,
  verifierContext,
} from './authorize.ts'
import { sealClientSecret } from './clients.ts'
import { attemptFailures, explainFailedLogin, explainRefusedApi, failureOf } from './explain.ts'
import { checkInstance, exchangeCode, type OAuthServer, revokeToken, type Tokens } from './token-endpoint.ts'
import { accessContext, refreshContext } from './tokens.ts'
import type { Vault } from './vault.ts'

export type AuthorizationOutcome =
  | { readonly ok: true; readonly integrationId: string; readonly isNew: boolean }
  | { readonly ok: false; readonly failure: Failure }

/**
 * Finishes the attempt that Salesforce's answer belongs to: trades the code, asks whose token it is, and keeps the
 * connection (and, for a draft, makes the integration) in one transaction. An attempt works once, within ten minutes,
 * for the person and session that began it. Says what happened instead of throwing; `attemptId` is null for answers
 * that belong to nobody here.
 */
export async function finishAuthorization(
  deps: OAuthDeps,
  { url, person }: { url: URL; person: Person },
): Promise<{ attemptId: string | null; outcome: AuthorizationOutcome }> {
  const attempt = await findAttemptByState(deps.sql, hashState(url.searchParams.get('state') ?? ''))
  if (!attempt) return { attemptId: null, outcome: { ok: false, failure: attemptFailures.unknown } }
  // Not used up: the one who began it may still finish it.
  if (attempt.sessionId !== person.sessionId || attempt.personId !== person.id) {
    return { attemptId: null, outcome: { ok: false, failure: attemptFailures.foreign } }
  }
  const attemptId = attempt.id
  const now = deps.now()
  if (!(await spendAttempt(deps.sql, attemptId, now))) {
    const isExpired = attempt.usedAt === null && attempt.expiresAt <= now
    const failure = isExpired ? attemptFailures.expired : (attempt.failure ?? attemptFailures.used)
    if (isExpired) await finishAttempt(deps.sql, attemptId, { failure })
    return { attemptId, outcome: { ok: false, failure } }
  }

  try {
    return { attemptId, outcome: await connect(deps, attempt, url) }
  } catch (error) {
    const failure = failureOf(error, (answer) => explainFailedLogin({ ...answer, description: answer.message }))
    if (failure.kind === 'bug') deps.log.error({ err: error, attemptId }, 'connecting failed')
    else deps.log.info({ attemptId, code: failure.code }, 'not connected')
    await finishAttempt(deps.sql, attemptId, { failure })
    return { attemptId, outcome: { ok: false, failure } }
  }
}

async function connect(deps: OAuthDeps, attempt: OAuthAttempt, url: URL): Promise<AuthorizationOutcome> {
  const refusal = url.searchParams.get('error')
  if (refusal !== null) {
    const description = url.searchParams.get('error_description') ?? ''
    throw new LooplineError(explainFailedLogin({ code: refusal, description }))
  }
  const server = await serverOf(deps, attempt)
  const verifier = deps.vault.open(attempt.verifierSealed, verifierContext(attempt.id))
  const tokens = await exchangeCode(server, {
    url: callbackOf(deps, url),
    verifier,
    state: url.searchParams.get('state') ?? '',
  })
  try {
    checkScopes(tokens)
    const met = await meetOrg(deps, tokens)
    const saved = await deps.sql.begin((tx) => save(deps, tx, { attempt, tokens, ...met }))
    if (saved.replaced) await giveBack(deps, server, saved.replaced)
    deps.log.info({ integrationId: saved.integrationId, orgId: met.identity.orgId, isNew: saved.isNew }, 'connected')
    return { ok: true, integrationId: saved.integrationId, isNew: saved.isNew }
  } catch (error) {
    // What is not kept must not stay valid.
    await giveBack(deps, server, tokens.refreshToken ?? tokens.accessToken)
    throw error
  }
}

/** Behind a proxy the request may look different; Salesforce compares with what it was told at the start. */
function callbackOf({ callbackUrl }: OAuthDeps, received: URL): URL {
  const url = new URL(callbackUrl)
  url.search = received.search
  return url
}

async function serverOf(deps: OAuthDeps, attempt: OAuthAttempt): Promise<OAuthServer> {
  const owner = attempt.integrationId
    ? await getIntegration(deps.sql, attempt.integrationId)
    : { clientId: attempt.draft?.clientId, clientSecret: openDraftSecret(deps, attempt) }
  const { loginOrigin: origin } = attempt
  return { origin, client: getClient(deps, owner, origin), fetch: deps.fetch, extraOrigins: deps.extraOrigins }
}

function openDraftSecret({ vault }: OAuthDeps, { id, draftSecretSealed }: OAuthAttempt): string | undefined {
  return draftSecretSealed === null ? undefined : vault.open(draftSecretSealed, draftSecretContext(id))
}

function checkScopes({ scopes: granted, refreshToken }: Tokens): void {
  const missing = ['api'].filter((scope) => !granted.includes(scope) && !granted.includes('full'))
  if (refreshToken === null) missing.push('refresh_token')
  if (missing.length === 0) return
  throw new LooplineError({
    kind: 'invalid',
    code: 'SCOPES_MISSING',
    message: `The login succeeded, but the app does not give Loopline the access it needs: ${missing.join(' and ')}.`,
    remedy: `In Salesforce, add the scopes ${scopes.join(', ')} to the app, and let its refresh tokens live until they are revoked.`,
  })
}

/** Who and where we are, from the org itself: the first calls that really use the token. */
async function meetOrg(
  { fetch, log, extraOrigins }: OAuthDeps,
  tokens: Tokens,
): Promise<Omit<Login, 'attempt' | 'tokens'>> {
  const instanceUrl = checkInstance(tokens.instanceUrl ?? '', { extraOrigins })
  const token = { token: tokens.accessToken, instanceUrl, version: 1 }
  const salesforce = createSalesforce({ tokens: { current: async () => token, renew: async () => token }, fetch, log })
  try {
    const identity = await salesforce.identity()
    return { instanceUrl, identity, organization: await salesforce.organization() }
  } catch (error) {
    throw new LooplineError(failureOf(error, explainRefusedApi))
  }
}

interface Login {
  readonly attempt: OAuthAttempt
  readonly tokens: Tokens
  readonly instanceUrl: string
  readonly identity: Identity
  readonly organization: Organization | undefined
}

interface Saved {
  readonly integrationId: string
  readonly isNew: boolean
  /** A refresh token that is not needed any more. */
  readonly replaced: string | undefined
}

async function save({ vault }: OAuthDeps, tx: Sql, login: Login): Promise<Saved> {
  const { attempt, tokens, identity, organization } = login
  const integrationId = attempt.integrationId ?? (await createFromDraft(vault, tx, attempt))
  const before = await findConnection(tx, integrationId)
  if (before && !isSameOrg(before.orgId, identity.orgId)) throw otherOrg(before.orgName ?? before.orgId, organization)
  const connection: NewConnection = {
    integrationId,
    orgId: identity.orgId,
    orgName: organization?.name ?? null,
    isSandbox: organization?.isSandbox ?? null,
    userId: identity.userId,
    username: identity.username,
    userName: identity.name,
    instanceUrl: login.instanceUrl,
    loginOrigin: attempt.loginOrigin,
    accessTokenSealed: vault.seal(tokens.accessToken, accessContext(integrationId)),
    refreshTokenSealed: tokens.refreshToken && vault.seal(tokens.refreshToken, refreshContext(integrationId)),
    scopes: tokens.scopes,
    tokenIssuedAt: tokens.issuedAt,
    connectedBy: attempt.personId,
  }
  await saveConnection(tx, connection)
  // Given up meanwhile: nothing of it may stay.
  if (!(await finishAttempt(tx, attempt.id, { integrationId }))) throw new LooplineError(attemptFailures.cancelled)
  const old = before && openOld(vault, before)
  return {
    integrationId,
    isNew: attempt.integrationId === null,
    replaced: old === tokens.refreshToken ? undefined : old,
  }
}

function openOld(vault: Vault, { refreshTokenSealed, integrationId }: Connection): string | undefined {
  try {
    return refreshTokenSealed === null ? undefined : vault.open(refreshTokenSealed, refreshContext(integrationId))
  } catch {
    // Sealed with a key that is lost: connecting anew is the way out of just that.
    return undefined
  }
}

async function createFromDraft(vault: Vault, tx: Sql, attempt: OAuthAttempt): Promise<string> {
  const { draft, draftSecretSealed } = attempt
  if (!draft) throw new Error(`Attempt ${attempt.id} has neither an integration nor a draft.`)
  const pullFrom = draft.pullFrom === null ? null : new Date(draft.pullFrom)
  const { id } = await createIntegration(tx, { ...draft, pullFrom, clientSecretSealed: null })
  if (draftSecretSealed !== null) {
    const secret = vault.open(draftSecretSealed, draftSecretContext(attempt.id))
    await changeIntegration(tx, id, { clientSecretSealed: sealClientSecret(vault, id, secret) })
  }
  return id
}

async function giveBack({ log }: OAuthDeps, server: OAuthServer, token: string): Promise<void> {
  try {
    await revokeToken(server, token)
  } catch (error) {
    log.info(
      { reason: error instanceof Error ? error.message : 'unknown' },
      'a token that is not kept could not be revoked',
    )
  }
}

/** Ids come with 15 or 18 characters; the last three only repeat the case of the others. */
function isSameOrg(one: string, other: string): boolean {
  return one.slice(0, 15) === other.slice(0, 15)
}

function otherOrg(known: string, found: Organization | undefined): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'OTHER_ORG',
    message: `That login was to another org${found ? ` (${found.name})` : ''}. This integration holds the records of ${known}, and records of two orgs must not mix.`,
    action: 'The connection is as it was.',
    remedy:
      'Log in to the same org, or add a new integration for the other one. A refreshed sandbox counts as a new org.',
  })
}
