import type { Failure } from '../errors.ts'
import type { Sql } from './database.ts'

export type ConnectionHealth = 'connected' | 'degraded' | 'reconnect'

export interface Connection {
  readonly integrationId: string
  readonly orgId: string
  readonly orgName: string | null
  readonly isSandbox: boolean | null
  readonly userId: string
  readonly username: string
  readonly userName: string | null
  readonly instanceUrl: string
  readonly loginOrigin: string
  readonly accessTokenSealed: string | null
  readonly refreshTokenSealed: string | null
  readonly scopes: string[]
  readonly tokenIssuedAt: Date | null
  readonly tokenVersion: number
  readonly health: ConnectionHealth
  readonly failure: Failure | null
  readonly healthSince: Date
  readonly apiUsed: number | null
  readonly apiMax: number | null
  readonly apiSeenAt: Date | null
  readonly connectedAt: Date
  readonly connectedBy: string | null
}

export type NewConnection = Omit<
  Connection,
  'tokenVersion' | 'health' | 'failure' | 'healthSince' | 'apiUsed' | 'apiMax' | 'apiSeenAt' | 'connectedAt'
>

const columns = [
  'integration_id as "integrationId"',
  'org_id as "orgId"',
  'org_name as "orgName"',
  'is_sandbox as "isSandbox"',
  'user_id as "userId"',
  'username',
  'user_name as "userName"',
  'instance_url as "instanceUrl"',
  'login_origin as "loginOrigin"',
  'access_token_sealed as "accessTokenSealed"',
  'refresh_token_sealed as "refreshTokenSealed"',
  'scopes',
  'token_issued_at as "tokenIssuedAt"',
  'token_version as "tokenVersion"',
  'health',
  'failure',
  'health_since as "healthSince"',
  'api_used as "apiUsed"',
  'api_max as "apiMax"',
  'api_seen_at as "apiSeenAt"',
  'connected_at as "connectedAt"',
  'connected_by as "connectedBy"',
].join(', ')

export async function findConnection(sql: Sql, integrationId: string): Promise<Connection | undefined> {
  const [row] = await sql<Connection[]>`
    select ${sql.unsafe(columns)} from loopline.connections where integration_id = ${integrationId}`
  return row
}

export async function listConnections(sql: Sql): Promise<Connection[]> {
  return sql<Connection[]>`select ${sql.unsafe(columns)} from loopline.connections order by integration_id`
}

/** Reads the connection and holds it until the transaction ends: nobody else renews its token meanwhile. */
export async function lockConnection(sql: Sql, integrationId: string): Promise<Connection | undefined> {
  const [row] = await sql<Connection[]>`
    select ${sql.unsafe(columns)} from loopline.connections where integration_id = ${integrationId} for update`
  return row
}

/** Keeps a fresh connection in place of any that was there, in good health and with a newer token version. */
export async function saveConnection(sql: Sql, connection: NewConnection): Promise<void> {
  const row = {
    integration_id: connection.integrationId,
    org_id: connection.orgId,
    org_name: connection.orgName,
    is_sandbox: connection.isSandbox,
    user_id: connection.userId,
    username: connection.username,
    user_name: connection.userName,
    instance_url: connection.instanceUrl,
    login_origin: connection.loginOrigin,
    access_token_sealed: connection.accessTokenSealed,
    refresh_token_sealed: connection.refreshTokenSealed,
    scopes: connection.scopes,
    token_issued_at: connection.tokenIssuedAt,
    connected_by: connection.connectedBy,
  }
  await sql`
    insert into loopline.connections ${sql(row)}
    on conflict (integration_id) do update set
      ${sql(row)}, token_version = connections.token_version + 1,
      health = 'connected', failure = null, health_since = now(), connected_at = now()`
}

export interface RenewedTokens {
  readonly accessTokenSealed: string
  /** Null: the one we have stays valid. */
  readonly refreshTokenSealed: string | null
  readonly instanceUrl: string
  readonly issuedAt: Date | null
}

/** Keeps renewed tokens and returns their version. */
export async function saveRenewedTokens(sql: Sql, integrationId: string, tokens: RenewedTokens): Promise<number> {
  const [row] = await sql<{ version: number }[]>`
    update loopline.connections set
      access_token_sealed = ${tokens.accessTokenSealed},
      refresh_token_sealed = coalesce(${tokens.refreshTokenSealed}, refresh_token_sealed),
      instance_url = ${tokens.instanceUrl},
      token_issued_at = ${tokens.issuedAt},
      token_version = token_version + 1
    where integration_id = ${integrationId}
    returning token_version as version`
  if (!row) throw new Error('The connection went while its token was renewed.')
  return row.version
}

/** Says how the connection is. `healthSince` moves only when its health changes. */
export async function setConnectionHealth(
  sql: Sql,
  integrationId: string,
  { health, failure }: { health: ConnectionHealth; failure: Failure | null },
): Promise<void> {
  await sql`
    update loopline.connections set
      health_since = case when health = ${health} then health_since else now() end,
      health = ${health},
      failure = ${failure === null ? null : sql.json({ ...failure })}
    where integration_id = ${integrationId}`
}

/** Keeps what Salesforce last said of the org's daily API calls. */
export async function saveApiUse(
  sql: Sql,
  integrationId: string,
  { used, max, seenAt }: { used: number; max: number; seenAt: Date },
): Promise<void> {
  await sql`
    update loopline.connections set api_used = ${used}, api_max = ${max}, api_seen_at = ${seenAt}
    where integration_id = ${integrationId}`
}
