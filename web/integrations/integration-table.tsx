import { Box, Table, Text } from '@mantine/core'
import { memo } from 'react'
import type { Integration } from '../../src/api/schemas.ts'
import { Count } from '../components/count.tsx'
import { HealthBadge } from '../components/health-badge.tsx'
import { AppLink } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { WideTable } from '../components/wide-table.tsx'
import { capabilities, environments, hostOf, runStates } from '../words.ts'
import { IntegrationActions } from './integration-actions.tsx'
import { RunProgress } from './run-progress.tsx'

/** The integrations as rows; scrolls inside itself when it must. */
export function IntegrationTable({ integrations, isAdmin }: { integrations: Integration[]; isAdmin: boolean }) {
  return (
    <WideTable minWidth={isAdmin ? 900 : 700} verticalSpacing="sm" label="Integrations">
      <Table.Thead>
        <Table.Tr>
          <Heading name="Name" second={isAdmin ? 'Domain' : null} />
          <Heading name="Capability" second="Environment" />
          <Table.Th scope="col">Health</Table.Th>
          <Table.Th scope="col">Last run</Table.Th>
          <Table.Th scope="col" ta="right">
            Rows
          </Table.Th>
          <Table.Th scope="col" style={{ whiteSpace: 'nowrap' }}>
            Next run
          </Table.Th>
          {isAdmin && (
            <Table.Th scope="col" ta="right">
              Actions
            </Table.Th>
          )}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {integrations.map((integration) => (
          <IntegrationRow key={integration.id} integration={integration} isAdmin={isAdmin} />
        ))}
      </Table.Tbody>
    </WideTable>
  )
}

/** A column whose cells hold two things, one below the other. */
function Heading({ name, second }: { name: string; second: string | null }) {
  return (
    <Table.Th scope="col">
      {name}
      {second && (
        <Text size="xs" c="dimmed">
          {second}
        </Text>
      )}
    </Table.Th>
  )
}

// While one integration syncs the list is asked for every second; the other rows need not be drawn again.
const IntegrationRow = memo(function IntegrationRow({
  integration,
  isAdmin,
}: {
  integration: Integration
  isAdmin: boolean
}) {
  const { id, name, capability, environment, settings, rows } = integration
  return (
    <Table.Tr style={{ verticalAlign: 'top' }}>
      <Table.Td miw={170} maw={210}>
        <AppLink to="/settings/integrations/$id" params={{ id }} fw={600}>
          {name}
        </AppLink>
        {settings && (
          <Text size="xs" c="dimmed" truncate title={settings.domain}>
            {hostOf(settings.domain)}
          </Text>
        )}
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        {capabilities[capability].label}
        <Text size="xs" c="dimmed">
          {environments[environment]}
        </Text>
      </Table.Td>
      <Table.Td w="38%" miw={220}>
        <IntegrationHealth integration={integration} />
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <LastRun integration={integration} />
      </Table.Td>
      <Table.Td ta="right">
        <Count value={rows} />
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <NextRun integration={integration} />
      </Table.Td>
      {isAdmin && (
        <Table.Td>
          <Box mt={-6} mr={-8}>
            <IntegrationActions integration={integration} />
          </Box>
        </Table.Td>
      )}
    </Table.Tr>
  )
})

/** The word, and below it the progress of the active run or else the sentence. */
export function IntegrationHealth({ integration: { health, activeRun } }: { integration: Integration }) {
  return (
    <>
      <HealthBadge state={health.state} />
      {activeRun && health.state !== 'reconnect' ? (
        <RunProgress run={activeRun} />
      ) : (
        <Text size="xs" c="dimmed">
          {health.sentence}
        </Text>
      )}
    </>
  )
}

/** When the last run ended and, unless it finished well, how. */
export function LastRun({ integration: { lastRun } }: { integration: Integration }) {
  if (!lastRun) return '–'
  return (
    <>
      <RelativeTime iso={lastRun.finishedAt ?? lastRun.createdAt} />
      {lastRun.state !== 'finished' && (
        <Text size="xs" c={lastRun.state === 'failed' ? 'var(--loopline-red)' : 'dimmed'}>
          {runStates[lastRun.state]}
        </Text>
      )}
    </>
  )
}

/** When the next run is due; nothing while one is going or none will come. */
export function NextRun({ integration: { activeRun, paused, nextRunAt } }: { integration: Integration }) {
  if (activeRun) return activeRun.state === 'waiting' ? <RelativeTime iso={activeRun.retryAt} /> : 'now'
  return paused ? '–' : <RelativeTime iso={nextRunAt} />
}
