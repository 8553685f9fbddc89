import { Alert, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { IconExternalLink, IconFileOff } from '@tabler/icons-react'
import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { type ReactNode, useId } from 'react'
import { ApiProblem, api } from '../api.ts'
import { CopyText } from '../components/copy-text.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { AppLink, PageHeader } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import classes from './record-page.module.css'

const FRESH_MS = 15_000

/** One record, or a part of one, asked again every 15 seconds while it is looked at. */
export function useRecord<T>(path: string): UseQueryResult<T> {
  return useQuery({
    queryKey: ['record', path],
    queryFn: ({ signal }) => api.get<T>(path, { signal }),
    refetchInterval: FRESH_MS,
  })
}

/** A record once it is here; until then its outline, or why it can't be shown. */
export function RecordGate<T>({
  record,
  noun,
  back,
  children,
}: {
  record: UseQueryResult<T>
  noun: string
  back: { label: string; to: string }
  children: (value: T) => ReactNode
}) {
  if (record.data !== undefined) return children(record.data)
  if (record.error instanceof ApiProblem && record.error.status === 404) {
    return (
      <>
        <PageHeader title={`This ${noun} is not here`} back={back} />
        <EmptyState
          icon={<IconFileOff size={36} stroke={1.5} />}
          title="Gone, or never there"
          action={<AppLink to={back.to}>Back to {back.label}</AppLink>}
        >
          It was removed from Salesforce, the connected user may no longer see it, or its integration was deleted here.
        </EmptyState>
      </>
    )
  }
  if (record.error) {
    return (
      <>
        <PageHeader title={`This ${noun} can't be shown`} back={back} />
        <ErrorNotice error={record.error}>
          <Button size="xs" variant="default" onClick={() => void record.refetch()}>
            Try again
          </Button>
        </ErrorNotice>
      </>
    )
  }
  return (
    <Stack className={classes.late ?? ''} role="status" aria-label={`Loading ${noun}`}>
      <Skeleton height={32} width="60%" />
      <Skeleton height={20} width="30%" />
      <Skeleton height={240} />
    </Stack>
  )
}

/** Leads to the record where it lives. */
export function OpenInSalesforce({ url }: { url: string | null }) {
  if (url === null) return null
  return (
    <Button
      component="a"
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      variant="default"
      size="xs"
      rightSection={<IconExternalLink size={14} aria-hidden />}
    >
      Open in Salesforce
    </Button>
  )
}

/** Said above a record that was deleted in Salesforce. */
export function DeletedNotice({ deletedAt, noun }: { deletedAt: string | null; noun: string }) {
  if (deletedAt === null) return null
  return (
    <Alert color="yellow" variant="light" mb="md">
      This {noun} was deleted in Salesforce <RelativeTime iso={deletedAt} />. It is gone from lists; this is its last
      copy.
    </Alert>
  )
}

/** The record's main part, with the panels about it beside it (below it on a narrow screen). */
export function RecordColumns({ children, side }: { children: ReactNode; side: ReactNode }) {
  return (
    <div className={classes.columns}>
      <div className={classes.main}>{children}</div>
      <aside className={classes.side} aria-label="Details">
        {side}
      </aside>
    </div>
  )
}

/** A titled part of a record's page. */
export function Panel({ title, count, children }: { title: string; count?: ReactNode; children: ReactNode }) {
  const id = useId()
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <Group gap={8} mb={8}>
        <Title order={2} id={id} fz="sm">
          {title}
        </Title>
        {count !== undefined && (
          <Text span size="xs" c="dimmed">
            {count}
          </Text>
        )}
      </Group>
      {children}
    </section>
  )
}

/** Values by their names; those that are empty are left out. `stacked` puts each below its name. */
export function Facts({ facts, stacked = false }: { facts: Readonly<Record<string, ReactNode>>; stacked?: boolean }) {
  const given = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined && value !== '')
  if (given.length === 0) return <Text c="dimmed">Nothing is filled in.</Text>
  return (
    <dl className={classes.facts} data-stacked={stacked || undefined}>
      {given.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** What people carry elsewhere: the record's ids and its times. */
export function RecordIds({
  record,
}: {
  record: { id: string; remoteId: string; createdAt: string | null; updatedAt: string | null }
}) {
  return (
    <Panel title="Record">
      <Facts
        facts={{
          Created: <RelativeTime iso={record.createdAt} />,
          'Last changed': <RelativeTime iso={record.updatedAt} />,
        }}
      />
      <div className={classes.ids}>
        <Facts
          stacked
          facts={{
            'Salesforce id': <CopyText text={record.remoteId} label="Copy Salesforce id" />,
            'Loopline id': <CopyText text={record.id} label="Copy Loopline id" />,
          }}
        />
      </div>
    </Panel>
  )
}
