import { Anchor, Group, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import type { Connection, Failure, Integration } from '../../src/api/schemas.ts'
import { ButtonLink } from '../components/button-link.tsx'
import { CopyText } from '../components/copy-text.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { Facts } from '../components/facts.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { formatCount, formatDay } from '../format.ts'
import { capabilities, environments, hostOf, pullByChoices, syncIntervals } from '../words.ts'
import { CancelRunButton } from './cancel-run.tsx'
import { RegenerateLink } from './regenerate-link.tsx'
import { RunProgress } from './run-progress.tsx'

/** Health, freshness, connection and settings at a glance, and how to reach the rows in SQL. */
export function IntegrationOverview({ integration, isAdmin }: { integration: Integration; isAdmin: boolean }) {
  const { health, activeRun, connection, settings } = integration
  return (
    <Stack>
      {health.failure && (
        <ErrorNotice failure={saidOnce(health.sentence, health.failure)}>
          {isAdmin && health.state === 'reconnect' && <RegenerateLink integrationId={integration.id} />}
          {health.failure.kind === 'refused' && (
            <ButtonLink
              to="/settings/integrations/$id"
              params={{ id: integration.id }}
              search={{ tab: 'objects' }}
              size="xs"
              variant="default"
            >
              Show the objects
            </ButtonLink>
          )}
        </ErrorNotice>
      )}
      {!health.failure && !activeRun && <Text>{health.sentence}</Text>}
      {activeRun && (
        <Paper p="md">
          <Group justify="space-between" mb="xs">
            <Title order={2}>{activeRun.kind === 'backfill' ? 'The first sync is running' : 'A sync is running'}</Title>
            {isAdmin && <CancelRunButton run={activeRun} />}
          </Group>
          <RunProgress run={activeRun} />
        </Paper>
      )}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Freshness integration={integration} />
        {connection && <ConnectionFacts connection={connection} />}
        {settings && <SettingsFacts integration={integration} settings={settings} />}
        {settings && <InSql schemaName={settings.schemaName} capability={integration.capability} />}
      </SimpleGrid>
    </Stack>
  )
}

/** The sentence has said what happened, what Loopline does, and how to re-authenticate; the rest of the failure stays. */
function saidOnce(sentence: string, { kind, code, remedy, detail }: Failure): Failure {
  return {
    kind,
    code,
    message: sentence,
    ...(remedy && kind !== 'reconnect' ? { remedy } : {}),
    ...(detail ? { detail } : {}),
  }
}

function Freshness({ integration }: { integration: Integration }) {
  const { rows, newestRecordAt, lastRun, nextRunAt, paused } = integration
  return (
    <Facts
      title="Freshness"
      facts={[
        ['Rows here', formatCount(rows)],
        ['Newest change', <RelativeTime key="newest" iso={newestRecordAt} fallback="No record yet" />],
        ['Last run', <RelativeTime key="last" iso={lastRun?.finishedAt ?? lastRun?.createdAt} fallback="None yet" />],
        ['Next run', paused ? 'None while paused' : <RelativeTime key="next" iso={nextRunAt} />],
      ]}
    />
  )
}

function ConnectionFacts({ connection }: { connection: Connection }) {
  const { orgName, orgId, isSandbox, username, userName, instanceUrl, connectedAt, apiUsed, apiMax, apiSeenAt } =
    connection
  return (
    <Facts
      title="Connection"
      facts={[
        ['Org', `${orgName ?? 'Not named'}${isSandbox ? ' (sandbox)' : ''}`],
        ['Org id', <CopyText key="org" text={orgId} label="Copy the org id" />],
        ['As', userName ? `${username} (${userName})` : username],
        [
          'Instance',
          <Anchor key="instance" href={instanceUrl} target="_blank" rel="noopener noreferrer">
            {hostOf(instanceUrl)}
          </Anchor>,
        ],
        ['Connected', <RelativeTime key="connected" iso={connectedAt} />],
        [
          'API calls today',
          apiUsed === null || apiMax === null ? (
            'Not known yet'
          ) : (
            <span key="api">
              {formatCount(apiUsed)} of {formatCount(apiMax)} used by all programs of the org
              {apiMax > 0 && ` (${percentOf(apiUsed / apiMax)})`}, seen <RelativeTime iso={apiSeenAt} />
            </span>
          ),
        ],
      ]}
    />
  )
}

function percentOf(share: number): string {
  return share > 0 && share < 0.01 ? 'under 1 %' : `${Math.round(100 * share)} %`
}

type Settings = NonNullable<Integration['settings']>

const clientSources: Record<Settings['clientSource'], string> = {
  installation: 'This Loopline’s own',
  practice: 'The practice org’s',
  integration: 'Of this integration',
}

function SettingsFacts({ integration, settings }: { integration: Integration; settings: Settings }) {
  const hasChoices = integration.capability !== 'content'
  const every = syncIntervals.find(({ value }) => value === String(settings.syncEveryMinutes))?.label
  return (
    <Facts
      title="Settings"
      facts={[
        ['Capability', capabilities[integration.capability].label],
        ['Environment', environments[integration.environment]],
        ['Domain', <CopyText key="domain" text={settings.domain} label="Copy the domain" />],
        ['Pull Record By', hasChoices ? pullByChoices[settings.pullBy].label : null],
        ['Pull records from', settings.pullFrom === null ? 'The beginning' : formatDay(settings.pullFrom)],
        ['Sync every', every ?? `${settings.syncEveryMinutes} minutes`],
        ['External Client App', clientSources[settings.clientSource]],
        ['Added', <RelativeTime key="added" iso={integration.createdAt} />],
        ['Id', <CopyText key="id" text={integration.id} label="Copy the integration’s id" />],
      ]}
    />
  )
}

const exampleQueries: Record<Integration['capability'], (schema: string) => string> = {
  helpdesk: (schema) =>
    `select status, count(*)\nfrom ${schema}.tickets\nwhere deleted_at is null\ngroup by status\norder by count(*) desc;`,
  crm: (schema) =>
    `select stage, count(*), sum(amount)\nfrom ${schema}.deals\nwhere deleted_at is null\ngroup by stage\norder by sum(amount) desc nulls last;`,
  content: (schema) =>
    `select language, publish_state, count(*)\nfrom ${schema}.articles\nwhere deleted_at is null\ngroup by language, publish_state\norder by count(*) desc;`,
}

function InSql({ schemaName, capability }: { schemaName: string; capability: Integration['capability'] }) {
  return (
    <Paper p="md">
      <Title order={2} mb="xs">
        In SQL
      </Title>
      <Stack gap="sm">
        <Text c="dimmed">
          Everything of this integration is in one schema of Loopline’s Postgres: the unified records as views, and each
          Salesforce object as a table with Salesforce’s own column names.
        </Text>
        <CopyText text={schemaName} label="Copy the schema’s name" />
        <CopyText text={exampleQueries[capability](schemaName)} label="Copy the query" block />
      </Stack>
    </Paper>
  )
}
