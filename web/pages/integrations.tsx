import { Button, Group, Skeleton, Stack, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconPlugConnected, IconPlus, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Integration } from '../../src/api/schemas.ts'
import { ButtonLink } from '../components/button-link.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { PageHeader } from '../components/page-header.tsx'
import { formatCount } from '../format.ts'
import { AttemptOutcome } from '../integrations/attempt-outcome.tsx'
import { IntegrationCards } from '../integrations/integration-cards.tsx'
import { IntegrationTable } from '../integrations/integration-table.tsx'
import { integrationsQuery } from '../queries.ts'
import { useIsAdmin } from '../session.ts'
import { capabilities } from '../words.ts'

const step = 100
const filterFrom = 10

export default function IntegrationsPage() {
  const isAdmin = useIsAdmin()
  const { data, error, isPending } = useQuery(integrationsQuery)

  return (
    <>
      <PageHeader
        title="Integrations"
        description="Each connects a Salesforce org and keeps a copy of its records here, complete and up to date."
        actions={
          isAdmin &&
          data &&
          data.items.length > 0 && (
            <ButtonLink to="/settings/integrations/new" leftSection={<IconPlus size={16} aria-hidden />}>
              Add Integration
            </ButtonLink>
          )
        }
      />
      <Stack>
        <AttemptOutcome />
        {error && <ErrorNotice error={error} />}
        {isPending && !error && <Pending />}
        {data &&
          (data.items.length === 0 ? (
            <Nothing isAdmin={isAdmin} />
          ) : (
            <Listed integrations={data.items} isAdmin={isAdmin} />
          ))}
      </Stack>
    </>
  )
}

function Pending() {
  return (
    <Stack role="status" aria-busy="true" aria-label="Loading">
      {['first', 'second', 'third'].map((name) => (
        <Skeleton key={name} h={56} />
      ))}
    </Stack>
  )
}

function Nothing({ isAdmin }: { isAdmin: boolean }) {
  return (
    <EmptyState
      icon={<IconPlugConnected size={40} stroke={1.4} />}
      title="Nothing is connected yet"
      action={
        isAdmin && (
          <ButtonLink to="/settings/integrations/new" leftSection={<IconPlus size={16} aria-hidden />}>
            Add Integration
          </ButtonLink>
        )
      }
    >
      {isAdmin
        ? 'Connect a Salesforce org, and its tickets, customers, deals, articles and files appear here within a minute.'
        : 'An admin has to connect a Salesforce org first; then its records appear here.'}
    </EmptyState>
  )
}

function Listed({ integrations, isAdmin }: { integrations: Integration[]; isAdmin: boolean }) {
  const isNarrow = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false })
  const [wanted, setWanted] = useState('')
  const [limit, setLimit] = useState(step)
  const found = integrations.filter((integration) => textOf(integration).includes(wanted.trim().toLowerCase()))
  const shown = found.slice(0, limit)
  const List = isNarrow ? IntegrationCards : IntegrationTable

  return (
    <>
      {integrations.length > filterFrom && (
        <TextInput
          type="search"
          aria-label="Filter integrations"
          placeholder={`Filter ${formatCount(integrations.length)} integrations`}
          leftSection={<IconSearch size={16} aria-hidden />}
          maw={320}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      {found.length === 0 ? (
        <EmptyState title="Nothing matches">
          No integration’s name, capability or domain has “{wanted}” in it.
        </EmptyState>
      ) : (
        <List integrations={shown} isAdmin={isAdmin} />
      )}
      {found.length > shown.length && (
        <Group justify="center">
          <Button variant="default" onClick={() => setLimit(limit + step)}>
            Show more ({formatCount(found.length - shown.length)} left)
          </Button>
        </Group>
      )}
    </>
  )
}

function textOf({ name, capability, settings }: Integration): string {
  return `${name} ${capabilities[capability].label} ${settings?.domain ?? ''}`.toLowerCase()
}
