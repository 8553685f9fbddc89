import { Box, Table, Text } from '@mantine/core'
import { memo } from 'react'
import type { Integration } from '../../src/api/schemas.ts'
import { Count } from '../components/count.tsx'
import { HealthBadge } from '../components/health-badge.tsx'
import { AppLink } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { capabilities, environments, hostOf, runStates } from '../words.ts'
import { IntegrationActions } from './integration-actions.tsx'
import { RunProgress } from './run-progress.tsx'

/** The integrations as rows; scrolls inside itself when it must. */
export function IntegrationTable({ integrations, isAdmin }: { integrations: Integration[]; isAdmin: boolean }) {
  return (
    <Table.ScrollContainer minWidth={isAdmin ? 1020 : 760}>
      <Table verticalSpacing="sm" aria-label="Integrations">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Name</Table.Th>
            <Table.Th scope="col">Capability</Table.Th>
            <Table.Th scope="col">Environment</Table.Th>
            {isAdmin && <Table.Th scope="col">Domain</Table.Th>}
            <Table.Th scope="col">Health</Table.Th>
            <Table.Th scope="col">Last run</Table.Th>
            <Table.Th scope="col" ta="right">
              Rows
            </Table.Th>
            <Table.Th scope="col">Next run</Table.Th>
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
      </Table>
    </Table.ScrollContainer>
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
      <Table.Td>
        <AppLink to="/settings/integrations/$id" params={{ id }} fw={600}>
          {name}
        </AppLink>
      </Table.Td>
      <Table.Td>{capabilities[capability].label}</Table.Td>
      <Table.Td>{environments[environment]}</Table.Td>
      {isAdmin && (
        <Table.Td maw={180}>
          <Text truncate title={settings?.domain ?? ''}>
            {settings ? hostOf(settings.domain) : '–'}
          </Text>
        </Table.Td>
      )}
      <Table.Td w={270}>
        <IntegrationHealth integration={integration} />
      </Table.Td>
      <Table.Td>
        <LastRun integration={integration} />
      </Table.Td>
      <Table.Td ta="right">
        <Count value={rows} />
      </Table.Td>
      <Table.Td>
        <NextRun integration={integration} />
      </Table.Td>
      {isAdmin && (
        <Table.Td>
          <Box mt={-6}>
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
