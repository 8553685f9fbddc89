/** One run, whole: what it did object by object, what it noticed, what failed, and what can be done. */

import { Button, Drawer, Group, List, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Integration, Run, RunObject } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { Count } from '../components/count.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { Facts } from '../components/facts.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { WideTable } from '../components/wide-table.tsx'
import { formatCount } from '../format.ts'
import { runDuration, runKinds, runObjectStates, runTriggers } from '../words.ts'
import { CancelRunButton } from './cancel-run.tsx'
import { sayFailed } from './outcome.ts'
import { RegenerateLink } from './regenerate-link.tsx'
import { RunProgress } from './run-progress.tsx'
import { RunStateText } from './run-state.tsx'

const isActive = (run: Run | undefined) => run !== undefined && ['queued', 'running', 'waiting'].includes(run.state)

export function RunDetail({
  runId,
  integration,
  isAdmin,
  onClose,
  onOpen,
}: {
  runId: string
  integration: Integration
  isAdmin: boolean
  onClose: () => void
  onOpen: (runId: string) => void
}) {
  const queryClient = useQueryClient()
  const { data: run, error } = useQuery({
    queryKey: ['runs', 'one', runId],
    queryFn: ({ signal }) => api.get<Run>(`/runs/${encodeURIComponent(runId)}`, { signal }),
    refetchInterval: (query) => (isActive(query.state.data) ? 1_000 : false),
  })
  const retry = useMutation({
    mutationFn: () => api.post<Run>(`/runs/${encodeURIComponent(runId)}/retry`),
    onSuccess: (started) => onOpen(started.id),
    onError: sayFailed,
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: ['runs', integration.id] })
      await queryClient.invalidateQueries({ queryKey: ['integrations'] })
    },
  })
  const canRetry = run && (run.state === 'failed' || run.state === 'cancelled') && !integration.activeRun

  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="xl"
      title={run ? `${runKinds[run.kind]} #${run.id}` : `Run #${runId}`}
    >
      {error && <ErrorNotice error={error} />}
      {!run && !error && <Skeleton h={320} />}
      {run && (
        <Stack>
          <Group justify="space-between">
            <RunStateText run={run} />
            <Group gap="xs">
              {isAdmin && isActive(run) && <CancelRunButton run={run} />}
              {isAdmin && canRetry && (
                <Button size="xs" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
                  Retry
                </Button>
              )}
            </Group>
          </Group>
          {isActive(run) && <RunProgress run={run} />}
          {run.failure && (
            <ErrorNotice failure={run.failure}>
              {isAdmin && run.failure.kind === 'reconnect' && integration.health.state === 'reconnect' && (
                <RegenerateLink integrationId={integration.id} />
              )}
            </ErrorNotice>
          )}
          {run.notes.length > 0 && (
            <div>
              <Title order={2} mb={4}>
                What it noticed
              </Title>
              <List spacing={4} pr="md">
                {run.notes.map((note) => (
                  <List.Item key={note}>{note}</List.Item>
                ))}
              </List>
            </div>
          )}
          <RunFacts run={run} />
          {run.objects && run.objects.length > 0 && <RunObjects objects={run.objects} />}
        </Stack>
      )}
    </Drawer>
  )
}

function RunFacts({ run }: { run: Run }) {
  return (
    <Facts
      title="In all"
      facts={[
        ['Started', <RelativeTime key="started" iso={run.startedAt ?? run.createdAt} />],
        ['Why', `${runTriggers[run.trigger]}${run.requestedBy ? `, ${run.requestedBy}` : ''}`],
        ['Took', runDuration(run)],
        ['Objects', `${run.objectsDone} of ${run.objectsTotal}`],
        ['Records read', formatCount(run.recordsRead)],
        ['Rows changed', formatCount(run.rowsChanged)],
        ['Rows marked deleted', formatCount(run.rowsDeleted)],
        ['API calls', formatCount(run.apiCalls)],
      ]}
    />
  )
}

function RunObjects({ objects }: { objects: RunObject[] }) {
  return (
    <div>
      <Title order={2} mb={4}>
        Object by object
      </Title>
      <WideTable minWidth={560} label="Objects of this run">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">Object</Table.Th>
            <Table.Th scope="col">State</Table.Th>
            <Table.Th scope="col" ta="right">
              Read
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Changed
            </Table.Th>
            <Table.Th scope="col" ta="right">
              Deleted
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {objects.map((object) => (
            <Table.Tr key={object.objectName} style={{ verticalAlign: 'top' }}>
              <Table.Td>
                {object.label}
                {object.mode && (
                  <Text size="xs" c="dimmed">
                    {object.mode === 'bulk' ? 'Bulk API' : 'REST API'}
                  </Text>
                )}
              </Table.Td>
              <Table.Td maw={280}>
                {runObjectStates[object.state]}
                {object.failure && (
                  <Text size="xs">{[object.failure.message, object.failure.remedy].filter(Boolean).join(' ')}</Text>
                )}
              </Table.Td>
              <Table.Td ta="right">
                <Count value={object.recordsRead} />
                {object.expectedRecords !== null && object.state === 'running' && (
                  <Text size="xs" c="dimmed">
                    of about {formatCount(object.expectedRecords)}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right">
                <Count value={object.rowsChanged} />
              </Table.Td>
              <Table.Td ta="right">
                <Count value={object.rowsDeleted} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  )
}
