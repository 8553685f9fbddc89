/** The way to Salesforce's login; the way back is in callback.ts. */

import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { calculatePKCECodeChallenge, randomPKCECodeVerifier } from 'openid-client'
import type { Logger } from 'pino'
import { LooplineError } from '../errors.ts'
import { normalizeDomain } from '../salesforce/hosts.ts'
import { findConnection } from '../store/connections.ts'
import type { Pool } from '../store/database.ts'
import { type Capability, type Environment, type Integration, isNameTaken, type PullBy } from '../store/integrations.ts'
import { type AttemptDraft, insertAttempt } from '../store/oauth-attempts.ts'
import type { ClientDirectory, ClientOwner, OAuthClient } from './clients.ts'
import { authorizationUrl } from './token-endpoint.ts'
import type { Vault } from './vault.ts'

export { defaultApiVersion as apiVersion } from '../salesforce/client.ts'

export interface OAuthDeps {
  readonly sql: Pool
  readonly vault: Vault
  readonly fetch: typeof fetch
  readonly clients: ClientDirectory
  readonly callbackUrl: string
  readonly extraOrigins: readonly string[]
  readonly log: Logger
  readonly now: () => Date
}

/** Who is connecting, and in which session: nobody else may finish what they began. */
export interface Person {
  readonly id: string
  readonly sessionId: string
}

/** What the wizard has gathered. */
export interface ConnectionDraft {
  readonly name: string
  readonly capability: Capability
  readonly environment: Environment
  readonly domain: string
  readonly pullBy: PullBy
  readonly pullFrom?: string | null | undefined
  readonly syncEveryMinutes: number
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
}

/** As little as does the work: the data API, renewal without a person, and who it is. */
export const scopes = ['api', 'refresh_token', 'id']

const attemptMinutes = 10
const reachMs = 15_000

export type Subject =
  | { readonly draft: ConnectionDraft; readonly person: Person }
  | { readonly integration: Integration; readonly person: Person }

/**
 * Begins an attempt to connect, for a new integration or again for one that exists, and says where to send the
 * person's browser. Throws what is wrong with the draft, beside the field concerned.
 */
export async function startAuthorization(
  deps: OAuthDeps,
  subject: Subject,
): Promise<{ attemptId: string; authorizationUrl: string }> {
  const { person } = subject
  const isNew = 'draft' in subject
  const { origin, environment } = normalizeDomain(isNew ? subject.draft.domain : subject.integration.domain, deps)
  if (isNew) await checkName(deps.sql, subject.draft.name)
  const client = getClient(deps, isNew ? subject.draft : subject.integration, origin)
  await checkAnswers(deps, origin)

  const attemptId = randomUUID()
  const state = randomBytes(32).toString('base64url')
  const verifier = randomPKCECodeVerifier()
  const draft = isNew ? keepDraft({ ...subject.draft, domain: origin, createdBy: person.id }, environment) : null
  const secret = isNew && subject.draft.clientId ? subject.draft.clientSecret : undefined
  await insertAttempt(deps.sql, {
    id: attemptId,
    stateHash: hashState(state),
    sessionId: person.sessionId,
    personId: person.id,
    integrationId: isNew ? null : subject.integration.id,
    draft,
    draftSecretSealed: secret ? deps.vault.seal(secret, draftSecretContext(attemptId)) : null,
    verifierSealed: deps.vault.seal(verifier, verifierContext(attemptId)),
    loginOrigin: origin,
    clientId: client.clientId,
    expiresAt: new Date(deps.now().getTime() + attemptMinutes * 60_000),
  })

  const known = isNew ? undefined : await findConnection(deps.sql, subject.integration.id)
  const parameters = {
    redirect_uri: deps.callbackUrl,
    scope: scopes.join(' '),
    state,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    // Whoever is logged in at Salesforce in this browser need not be whom the admin means: its Allow page, which it
    // would else skip, says who it is and offers “Not you?”.
    prompt: 'consent',
    ...(known ? { login_hint: known.username } : {}),
  }
  return { attemptId, authorizationUrl: authorizationUrl({ ...deps, origin, client }, parameters) }
}

/** At rest only a hash of the state is kept: a reader of the database can't finish an attempt. */
export function hashState(state: string): string {
  return createHash('sha256').update(state).digest('hex')
}

export function verifierContext(attemptId: string): string {
  return `oauth-attempts/${attemptId}/verifier`
}

export function draftSecretContext(attemptId: string): string {
  return `oauth-attempts/${attemptId}/client-secret`
}

function keepDraft(draft: ConnectionDraft & { createdBy: string }, deduced: Environment | null): AttemptDraft {
  return {
    name: draft.name,
    capability: draft.capability,
    // The address knows better than the switch.
    environment: deduced ?? draft.environment,
    pullBy: draft.pullBy,
    domain: draft.domain,
    pullFrom: draft.pullFrom ?? null,
    syncEveryMinutes: draft.syncEveryMinutes,
    clientId: draft.clientId ?? null,
    createdBy: draft.createdBy,
  }
}

/** The app to speak as. Throws when there is none. */
export function getClient({ clients }: Pick<OAuthDeps, 'clients'>, owner: ClientOwner, origin: string): OAuthClient {
  const client = clients.find(owner, origin)
  if (client) return client
  throw new LooplineError({
    kind: 'invalid',
    code: 'CLIENT_MISSING',
    message: 'This installation has no Salesforce app of its own.',
    remedy: 'Create an External Client App in the org, as described on the form, and enter its client id and secret.',
    field: 'clientId',
  })
}

async function checkName(sql: Pool, name: string): Promise<void> {
  if (!(await isNameTaken(sql, name))) return
  throw new LooplineError({
    kind: 'invalid',
    code: 'NAME_TAKEN',
    message: `There is already an integration named “${name}”.`,
    remedy: 'Choose another name.',
    field: 'name',
  })
}

/** Whether an org answers there at all, so that nobody is sent to a dead page. Needs no token. */
async function checkAnswers({ fetch, log }: OAuthDeps, origin: string): Promise<void> {
  const host = new URL(origin).host
  let status = 0
  let reason: unknown
  try {
    const response = await fetch(`${origin}/services/data/`, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(reachMs),
    })
    status = response.status
    if (response.ok && Array.isArray(await response.json())) return
    if (!response.bodyUsed) await response.body?.cancel()
  } catch (error) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if (cause instanceof LooplineError) throw new LooplineError({ ...cause.failure, field: 'domain' }, { cause })
      if ('code' in cause) reason = cause.code
    }
  }
  log.info({ host, status, reason }, 'no org answered')
  const isDown = status >= 500 || (status === 0 && reason !== 'ENOTFOUND')
  throw new LooplineError({
    kind: isDown ? 'transient' : 'invalid',
    code: isDown ? 'DOMAIN_UNREACHABLE' : 'DOMAIN_NOT_FOUND',
    message: isDown ? `${host} can’t be reached right now.` : `There is no Salesforce org at ${host}.`,
    remedy: isDown
      ? 'Try again in a minute. If it stays so, check whether this machine may connect to the internet, and status.salesforce.com.'
      : 'Check the spelling: in Salesforce, Setup → My Domain shows the Current My Domain URL.',
    field: 'domain',
    ...(status || reason ? { detail: String(status || reason) } : {}),
  })
}
