import { Skeleton, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Integration, StreamStatus } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { Count } from '../components/count.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { WideTable } from '../components/wide-table.tsx'
import type { Page } from '../queries.ts'
import { streamStates } from '../words.ts'

const stateColors: Record<StreamStatus['state'], string> = {
  new: 'var(--loopline-grey)',
  backfilling: 'var(--loopline-blue)',
  live: 'var(--loopline-green)',
  refused: 'var(--loopline-amber)',
}

/** Each Salesforce object of the integration: how far it is complete, how many rows, what is missing and why. */
export function IntegrationObjects({ integration }: { integration: Integration }) {
  const { data, error } = useQuery({
    queryKey: ['integrations', integration.id, 'streams'],
    queryFn: ({ signal }) => api.get<Page<StreamStatus>>(`/integrations/${integration.id}/streams`, { signal }),
    refetchInterval: integration.activeRun ? 2_000 : 15_000,
  })
  if (error) return <ErrorNotice error={error} />
  if (!data) return <Skeleton h={240} />
  if (data.items.length === 0) {
    return <EmptyState title="No objects yet">The first run asks Salesforce which objects there are.</EmptyState>
  }
  return (
    <WideTable minWidth={720} label="Objects">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Object</Table.Th>
          <Table.Th scope="col">State</Table.Th>
          <Table.Th scope="col" ta="right">
            Rows
          </Table.Th>
          <Table.Th scope="col" ta="right">
            Columns
          </Table.Th>
          <Table.Th scope="col">Complete as of</Table.Th>
          <Table.Th scope="col">Newest change</Table.Th>
          <Table.Th scope="col">Table</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {data.items.map((stream) => (
          <Table.Tr key={stream.objectName} style={{ verticalAlign: 'top' }}>
            <Table.Td>
              <Text fw={500}>{stream.label}</Text>
              {stream.label !== stream.objectName && (
                <Text size="xs" c="dimmed">
                  {stream.objectName}
                </Text>
              )}
            </Table.Td>
            <Table.Td maw={320}>
              <Text c={stateColors[stream.state]}>{streamStates[stream.state]}</Text>
              {stream.failure && (
                <Text size="xs">{[stream.failure.message, stream.failure.remedy].filter(Boolean).join(' ')}</Text>
              )}
            </Table.Td>
            <Table.Td ta="right">
              <Count value={stream.rows} />
            </Table.Td>
            <Table.Td ta="right">
              <Count value={stream.columns} />
            </Table.Td>
            <Table.Td>
              <RelativeTime iso={stream.checkpoint} />
            </Table.Td>
            <Table.Td>
              <RelativeTime iso={stream.newestRecordAt} />
              {stream.calculatedReadAt && (
                <Text size="xs" c="dimmed">
                  Calculated fields as of <RelativeTime iso={stream.calculatedReadAt} />
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              <Text ff="monospace" size="xs">
                {stream.tableName}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  )
}
