import type { Failure } from '../errors.ts'
import type { Sql } from './database.ts'
import type { NewIntegration } from './integrations.ts'

/** What an integration will be once its attempt succeeds; times as ISO text, the secret kept apart and sealed. */
export type AttemptDraft = Omit<NewIntegration, 'pullFrom' | 'clientSecretSealed'> & {
  readonly pullFrom: string | null
}

export interface OAuthAttempt {
  readonly id: string
  readonly sessionId: string
  readonly personId: string
  /** Null when a new integration is to be made from the draft. */
  readonly integrationId: string | null
  readonly draft: AttemptDraft | null
  readonly draftSecretSealed: string | null
  readonly verifierSealed: string
  readonly loginOrigin: string
  readonly clientId: string
  readonly state: 'pending' | 'succeeded' | 'failed'
  readonly failure: Failure | null
  readonly resultIntegrationId: string | null
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly usedAt: Date | null
}

export type NewAttempt = Omit<OAuthAttempt, 'state' | 'failure' | 'resultIntegrationId' | 'createdAt' | 'usedAt'> & {
  readonly stateHash: string
}

const columns = [
  'id',
  'session_id as "sessionId"',
  'person_id as "personId"',
  'integration_id as "integrationId"',
  'draft',
  'draft_secret_sealed as "draftSecretSealed"',
  'verifier_sealed as "verifierSealed"',
  'login_origin as "loginOrigin"',
  'client_id as "clientId"',
  'state',
  'failure',
  'result_integration_id as "resultIntegrationId"',
  'created_at as "createdAt"',
  'expires_at as "expiresAt"',
  'used_at as "usedAt"',
].join(', ')

/** Keeps a new attempt, and lets go of those that nobody can ask about any more. */
export async function insertAttempt(sql: Sql, attempt: NewAttempt): Promise<void> {
  await sql`delete from loopline.oauth_attempts where created_at < now() - interval '1 day'`
  await sql`
    insert into loopline.oauth_attempts (
      id, state_hash, session_id, person_id, integration_id, draft, draft_secret_sealed, verifier_sealed,
      login_origin, client_id, expires_at
    ) values (
      ${attempt.id}, ${attempt.stateHash}, ${attempt.sessionId}, ${attempt.personId}, ${attempt.integrationId},
      ${attempt.draft === null ? null : sql.json({ ...attempt.draft })}, ${attempt.draftSecretSealed},
      ${attempt.verifierSealed}, ${attempt.loginOrigin}, ${attempt.clientId}, ${attempt.expiresAt}
    )`
}

export async function findAttempt(sql: Sql, id: string): Promise<OAuthAttempt | undefined> {
  const [row] = await sql<OAuthAttempt[]>`select ${sql.unsafe(columns)} from loopline.oauth_attempts where id = ${id}`
  return row
}

export async function findAttemptByState(sql: Sql, stateHash: string): Promise<OAuthAttempt | undefined> {
  const [row] = await sql<OAuthAttempt[]>`
    select ${sql.unsafe(columns)} from loopline.oauth_attempts where state_hash = ${stateHash}`
  return row
}

/** Whether the attempt could still be used, which from now on it can't: of two callers one gets true. */
export async function spendAttempt(sql: Sql, id: string, now: Date): Promise<boolean> {
  const rows = await sql`
    update loopline.oauth_attempts set used_at = ${now}
    where id = ${id} and state = 'pending' and used_at is null and expires_at > ${now}
    returning id`
  return rows.length > 0
}

/** Keeps how a pending attempt ended; false when it had ended already, which then stays. */
export async function finishAttempt(
  sql: Sql,
  id: string,
  outcome: { integrationId: string } | { failure: Failure },
): Promise<boolean> {
  const [state, integrationId, failure] =
    'failure' in outcome
      ? ['failed', null, sql.json({ ...outcome.failure })]
      : ['succeeded', outcome.integrationId, null]
  // The verifier and a draft's secret have done their part.
  const rows = await sql`
    update loopline.oauth_attempts set
      state = ${state}, result_integration_id = ${integrationId}, failure = ${failure},
      verifier_sealed = '', draft_secret_sealed = null
    where id = ${id} and state = 'pending'
    returning id`
  return rows.length > 0
}
