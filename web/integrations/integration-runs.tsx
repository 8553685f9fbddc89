import { Button, Group, Skeleton, Stack, Table, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { Integration, Run } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { Count } from '../components/count.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { AppLink } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { WideTable } from '../components/wide-table.tsx'
import type { Page } from '../queries.ts'
import { runDuration, runKinds, runTriggers } from '../words.ts'
import { RunDetail } from './run-detail.tsx'
import { RunStateText } from './run-state.tsx'

const route = getRouteApi('/app/settings/integrations/$id')

/** The run history, newest first; one run opens beside it and is in the address. */
export function IntegrationRuns({ integration, isAdmin }: { integration: Integration; isAdmin: boolean }) {
  const { run: openRun } = route.useSearch()
  const navigate = route.useNavigate()
  const runs = useInfiniteQuery({
    queryKey: ['runs', integration.id],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<Run>>(`/integrations/${integration.id}/runs`, { query: { cursor: pageParam, limit: 30 }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: integration.activeRun ? 2_000 : 15_000,
  })

  if (runs.error) return <ErrorNotice error={runs.error} />
  if (!runs.data) return <Skeleton h={240} />
  const items = runs.data.pages.flatMap((page) => page.items)
  if (items.length === 0)
    return <EmptyState title="No runs yet">The first one starts as soon as a worker is free.</EmptyState>
  return (
    <Stack>
      <WideTable minWidth={720} label="Runs" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Run</Table.Th>
            <Table.Th scope="col">Result</Table.Th>
            <Table.Th scope="col">Started</Table.Th>
            <Table.Th scope="col" ta="right">
              Took
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Read
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Changed
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Deleted
            </Table.Th>
            <Table.Th scope="col" ta="right">
              API calls
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((run) => (
            <Table.Tr key={run.id} style={{ verticalAlign: 'top' }}>
              <Table.Td>
                <AppLink
                  to="/settings/integrations/$id"
                  params={{ id: integration.id }}
                  search={{ tab: 'runs', run: run.id }}
                  fw={500}
                >
                  {runKinds[run.kind]} #{run.id}
                </AppLink>
                <Text size="xs" c="dimmed">
                  {runTriggers[run.trigger]}
                  {run.requestedBy && `, ${run.requestedBy}`}
                </Text>
              </Table.Td>
              <Table.Td maw={320}>
                <RunStateText run={run} />
                {run.failure && <Text size="xs">{run.failure.message}</Text>}
              </Table.Td>
              <Table.Td>
                <RelativeTime iso={run.startedAt ?? run.createdAt} />
              </Table.Td>
              <Table.Td ta="right">{runDuration(run) ?? '–'}</Table.Td>
              <Table.Td ta="right">
                <Count value={run.recordsRead} />
              </Table.Td>
              <Table.Td ta="right">
                <Count value={run.rowsChanged} />
              </Table.Td>
              <Table.Td ta="right">
                <Count value={run.rowsDeleted} />
              </Table.Td>
              <Table.Td ta="right">
                <Count value={run.apiCalls} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
      {runs.hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            Show older runs
          </Button>
        </Group>
      )}
      {openRun && (
        <RunDetail
          runId={openRun}
          integration={integration}
          isAdmin={isAdmin}
          onClose={() => void navigate({ search: { tab: 'runs' } })}
          onOpen={(run) => void navigate({ search: { tab: 'runs', run } })}
        />
      )}
    </Stack>
  )
}
