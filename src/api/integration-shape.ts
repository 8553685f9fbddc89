/** Integrations as the API tells them, with everything about them that other tables know. */

import type { ClientDirectory } from '../oauth/clients.ts'
import { listConnections, type Connection as StoredConnection } from '../store/connections.ts'
import type { Pool } from '../store/database.ts'
import type { Integration as StoredIntegration } from '../store/integrations.ts'
import { listActiveRuns, listLastRuns, type RunWithObjects } from '../store/runs.ts'
import { listStreamTotals, type StreamTotals } from '../store/streams.ts'
import { healthOf } from './health.ts'
import { progressOf, shapeRun } from './run-shape.ts'
import type { Connection, Integration } from './schemas.ts'

interface ShapeDeps {
  readonly sql: Pool
  readonly clients: ClientDirectory
  readonly now: () => Date
}

/** Shapes them in their order, by as many queries for a thousand as for one. Members get no settings or connection. */
export async function shapeIntegrations(
  { sql, clients, now }: ShapeDeps,
  integrations: readonly StoredIntegration[],
  { isAdmin }: { isAdmin: boolean },
): Promise<Integration[]> {
  const ids = integrations.map(({ id }) => id)
  const [connections, activeRuns, lastRuns, totals] = await Promise.all([
    listConnections(sql),
    listActiveRuns(sql, ids),
    listLastRuns(sql, ids),
    listStreamTotals(sql, ids),
  ])
  const connectionOf = keyed(connections)
  const activeRunOf = keyed(activeRuns)
  const lastRunOf = keyed(lastRuns)
  const totalsOf = keyed(totals)
  return integrations.map((integration) => {
    const shaped = shapeIntegration({
      integration,
      now: now(),
      connection: connectionOf.get(integration.id),
      activeRun: activeRunOf.get(integration.id),
      lastRun: lastRunOf.get(integration.id),
      totals: totalsOf.get(integration.id),
    })
    if (!isAdmin) return { ...shaped, settings: null, connection: null }
    // Without the sealed secret: whose app it is, is all that is asked here.
    const client = clients.find({ clientId: integration.clientId }, integration.domain)
    return { ...shaped, settings: settingsOf(integration, client) }
  })
}

/** One of them. */
export async function shapeOne(
  deps: ShapeDeps,
  integration: StoredIntegration,
  isAdmin: boolean,
): Promise<Integration> {
  const [shaped] = await shapeIntegrations(deps, [integration], { isAdmin })
  if (!shaped) throw new Error('One integration in, none out.')
  return shaped
}

function shapeIntegration(known: {
  integration: StoredIntegration
  now: Date
  connection: StoredConnection | undefined
  activeRun: RunWithObjects | undefined
  lastRun: RunWithObjects | undefined
  totals: StreamTotals | undefined
}): Omit<Integration, 'settings'> {
  const { integration, now, connection, activeRun, lastRun, totals } = known
  return {
    id: integration.id,
    name: integration.name,
    capability: integration.capability,
    environment: integration.environment,
    health: healthOf({
      now,
      pausedAt: integration.pausedAt,
      nextRunAt: integration.nextRunAt,
      connection: connection ?? null,
      activeRun: activeRun ? { ...activeRun, ...progressOf(activeRun) } : null,
      lastRun: lastRun ?? null,
      objects: totals?.objects ?? 0,
      refused: totals?.refused ?? [],
    }),
    rows: totals?.rows ?? 0,
    lastRun: lastRun ? shapeRun(lastRun, { now, withObjects: false }) : null,
    activeRun: activeRun ? shapeRun(activeRun, { now, withObjects: true }) : null,
    nextRunAt: integration.pausedAt ? null : (integration.nextRunAt?.toISOString() ?? null),
    newestRecordAt: totals?.newestRecordAt?.toISOString() ?? null,
    paused: integration.pausedAt !== null,
    createdAt: integration.createdAt.toISOString(),
    connection: connection ? shapeConnection(connection) : null,
  }
}

export function shapeConnection(connection: StoredConnection): Connection {
  return {
    orgId: connection.orgId,
    orgName: connection.orgName,
    isSandbox: connection.isSandbox,
    username: connection.username,
    userName: connection.userName,
    instanceUrl: connection.instanceUrl,
    connectedAt: connection.connectedAt.toISOString(),
    apiUsed: connection.apiUsed,
    apiMax: connection.apiMax,
    apiSeenAt: connection.apiSeenAt?.toISOString() ?? null,
  }
}

function settingsOf(
  integration: StoredIntegration,
  client: ReturnType<ClientDirectory['find']>,
): NonNullable<Integration['settings']> {
  return {
    domain: integration.domain,
    pullBy: integration.pullBy,
    pullFrom: integration.pullFrom?.toISOString() ?? null,
    syncEveryMinutes: integration.syncEveryMinutes,
    schemaName: integration.schemaName,
    clientSource: client?.source ?? 'installation',
    clientId: client?.clientId ?? '',
  }
}

function keyed<T extends { readonly integrationId: string }>(rows: readonly T[]): Map<string, T> {
  return new Map(rows.map((row) => [row.integrationId, row]))
}
