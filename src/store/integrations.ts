import { randomInt } from 'node:crypto'
import { LooplineError } from '../errors.ts'
import type { Pool, Sql } from './database.ts'

export type Capability = 'helpdesk' | 'crm' | 'content'
export type Environment = 'production' | 'sandbox'
export type PullBy = 'created' | 'updated'

export interface Integration {
  readonly id: string
  readonly name: string
  readonly capability: Capability
  readonly environment: Environment
  readonly pullBy: PullBy
  /** Origin of the login host. */
  readonly domain: string
  /** The oldest record to pull; null for everything. */
  readonly pullFrom: Date | null
  readonly syncEveryMinutes: number
  readonly schemaName: string
  readonly clientId: string | null
  readonly clientSecretSealed: string | null
  readonly apiSharePercent: number
  readonly pausedAt: Date | null
  readonly nextRunAt: Date | null
  readonly createdAt: Date
}

export interface NewIntegration {
  readonly name: string
  readonly capability: Capability
  readonly environment: Environment
  readonly pullBy: PullBy
  readonly domain: string
  readonly pullFrom: Date | null
  readonly syncEveryMinutes: number
  readonly clientId: string | null
  readonly clientSecretSealed: string | null
  readonly createdBy: string
}

const columns = [
  'id',
  'name',
  'capability',
  'environment',
  'pull_by as "pullBy"',
  'domain',
  'pull_from as "pullFrom"',
  'sync_every_minutes as "syncEveryMinutes"',
  'schema_name as "schemaName"',
  'client_id as "clientId"',
  'client_secret_sealed as "clientSecretSealed"',
  'api_share_percent as "apiSharePercent"',
  'paused_at as "pausedAt"',
  'next_run_at as "nextRunAt"',
  'created_at as "createdAt"',
].join(', ')

/** Newest first. */
export async function listIntegrations(sql: Sql): Promise<Integration[]> {
  return sql<Integration[]>`select ${sql.unsafe(columns)} from loopline.integrations order by created_at desc, id`
}

export async function findIntegration(sql: Sql, id: string): Promise<Integration | undefined> {
  const [row] = await sql<Integration[]>`select ${sql.unsafe(columns)} from loopline.integrations where id = ${id}`
  return row
}

export async function getIntegration(sql: Sql, id: string): Promise<Integration> {
  const integration = await findIntegration(sql, id)
  if (!integration) {
    throw new LooplineError({
      kind: 'invalid',
      code: 'INTEGRATION_NOT_FOUND',
      message: 'This integration does not exist (any more).',
    })
  }
  return integration
}

/** Whether another integration (than `exceptId`) has this name, whatever its case. */
export async function isNameTaken(sql: Sql, name: string, exceptId?: string): Promise<boolean> {
  const rows = await sql`
    select 1 from loopline.integrations
    where lower(name) = lower(${name}) and id is distinct from ${exceptId ?? null}`
  return rows.length > 0
}

/** Inserts the integration and makes its schema. Throws `NAME_TAKEN` when the name is in use. */
export async function createIntegration(sql: Sql, draft: NewIntegration): Promise<Integration> {
  if (await isNameTaken(sql, draft.name)) throw nameTaken(draft.name)
  const id = newIntegrationId()
  const schemaName = await freeSchemaName(sql, draft.name)
  await sql`
    insert into loopline.integrations (
      id, name, capability, environment, pull_by, domain, pull_from, sync_every_minutes, schema_name,
      client_id, client_secret_sealed, created_by
    ) values (
      ${id}, ${draft.name}, ${draft.capability}, ${draft.environment}, ${draft.pullBy}, ${draft.domain},
      ${draft.pullFrom}, ${draft.syncEveryMinutes}, ${schemaName},
      ${draft.clientId}, ${draft.clientSecretSealed}, ${draft.createdBy}
    )`
  await sql`create schema ${sql(schemaName)}`
  return getIntegration(sql, id)
}

export type IntegrationChanges = Partial<
  Pick<
    Integration,
    | 'name'
    | 'capability'
    | 'environment'
    | 'pullBy'
    | 'domain'
    | 'pullFrom'
    | 'syncEveryMinutes'
    | 'clientId'
    | 'clientSecretSealed'
    | 'pausedAt'
    | 'nextRunAt'
  >
>

const columnOf: Record<keyof IntegrationChanges, string> = {
  name: 'name',
  capability: 'capability',
  environment: 'environment',
  pullBy: 'pull_by',
  domain: 'domain',
  pullFrom: 'pull_from',
  syncEveryMinutes: 'sync_every_minutes',
  clientId: 'client_id',
  clientSecretSealed: 'client_secret_sealed',
  pausedAt: 'paused_at',
  nextRunAt: 'next_run_at',
}

/** Changes what is named and leaves the rest. Throws `NAME_TAKEN` when the new name is in use. */
export async function changeIntegration(sql: Sql, id: string, changes: IntegrationChanges): Promise<Integration> {
  if (changes.name !== undefined && (await isNameTaken(sql, changes.name, id))) throw nameTaken(changes.name)
  const entries = Object.entries(changes).map(([key, value]) => [columnOf[key as keyof IntegrationChanges], value])
  if (entries.length > 0) {
    const row = Object.fromEntries(entries)
    await sql`update loopline.integrations set ${sql(row)}, updated_at = now() where id = ${id}`
  }
  return getIntegration(sql, id)
}

/** Drops the integration, its runs and its schema with all records, in one transaction. */
export async function deleteIntegration(sql: Pool, integration: Integration): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`delete from loopline.integrations where id = ${integration.id}`
    await tx`drop schema if exists ${tx(integration.schemaName)} cascade`
  })
}

function nameTaken(name: string): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'NAME_TAKEN',
    message: `There is already an integration named “${name}”.`,
    remedy: 'Choose another name.',
    field: 'name',
  })
}

// Short, because it is the first part of every unified record's id.
function newIntegrationId(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789'
  return Array.from({ length: 10 }, () => letters[randomInt(letters.length)]).join('')
}

/** `Acme Support (EU)` becomes `org_acme_support_eu`; a number is added where that is taken. */
async function freeSchemaName(sql: Sql, name: string): Promise<string> {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40)
  const base = slug ? `org_${slug}` : 'org'
  const rows = await sql<{ name: string }[]>`
    select nspname as name from pg_namespace where starts_with(nspname, ${base})`
  const taken = new Set(rows.map((row) => row.name))
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? base : `${base}_${n}`
    if (!taken.has(candidate)) return candidate
  }
}
