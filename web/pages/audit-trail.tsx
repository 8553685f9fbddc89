import { Button, Group, Skeleton, Stack, Table, Text } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { AuditEvent } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { EmptyState } from '../components/empty-state.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { AppLink, PageHeader } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { WideTable } from '../components/wide-table.tsx'
import { formatExactTime } from '../format.ts'
import type { Page } from '../queries.ts'

const route = getRouteApi('/app/admin/settings/audit-trail')

export default function AuditTrailPage() {
  const { integrationId } = route.useSearch()
  const events = useInfiniteQuery({
    queryKey: ['audit-events', integrationId ?? null],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<AuditEvent>>('/audit-events', { query: { integrationId, cursor: pageParam, limit: 50 }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: 30_000,
  })
  const items = events.data?.pages.flatMap((page) => page.items) ?? []
  const integrationName = items.find((event) => event.integrationName)?.integrationName

  return (
    <>
      <PageHeader
        title="Audit trail"
        description={
          integrationId ? (
            <>
              Only what concerns {integrationName ?? 'one integration'}.{' '}
              <AppLink to="/settings/audit-trail" underline="always">
                Show all
              </AppLink>
            </>
          ) : (
            'Who changed what, and when. It outlives the people and the integrations it names.'
          )
        }
      />
      <Stack>
        {events.error && <ErrorNotice error={events.error} />}
        {events.isPending && <Skeleton h={240} />}
        {events.data && items.length === 0 && (
          <EmptyState icon={<IconHistory size={40} stroke={1.4} />} title="Nothing has been changed yet" />
        )}
        {items.length > 0 && (
          <WideTable minWidth={560} maxWidth={1000} label="Audit trail">
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">When</Table.Th>
                <Table.Th scope="col">Who</Table.Th>
                <Table.Th scope="col">What</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {items.map((event) => (
                <Table.Tr key={event.id} style={{ verticalAlign: 'top' }}>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    <RelativeTime iso={event.at} />
                    <Text size="xs" c="dimmed">
                      {formatExactTime(event.at)}
                    </Text>
                  </Table.Td>
                  <Table.Td>{event.actor}</Table.Td>
                  <Table.Td>{event.sentence}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </WideTable>
        )}
        {events.hasNextPage && (
          <Group justify="center">
            <Button variant="default" loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
              Show older
            </Button>
          </Group>
        )}
      </Stack>
    </>
  )
}
