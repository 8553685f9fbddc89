import { Button, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Capability, Integration, Run } from '../../src/api/schemas.ts'
import { EmptyState } from '../components/empty-state.tsx'
import { AppLink } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { formatCount } from '../format.ts'
import { useIsAdmin } from '../session.ts'
import { useFeedingIntegrations } from './feeding-integrations.ts'
import { ClearFilters } from './list-filters.tsx'
import type { ListSearch } from './list-search.ts'

const CAPABILITY_NAMES: Record<Capability, string> = {
  helpdesk: 'Helpdesk',
  crm: 'CRM',
  content: 'Content Management',
}

interface EmptyListProps {
  icon: ReactNode
  /** What the list would hold, in the plural: "tickets". */
  nouns: string
  /** The Salesforce object they come from, and its name in the plural: `Case`, "cases". */
  object: { name: string; plural: string }
  capabilities: readonly Capability[]
  search: ListSearch
  /** The filters' names in the address. */
  filters: readonly string[]
}

/** Why a list is empty, as exactly as can be said, and what to do about it. */
export function EmptyList({ icon, nouns, object, capabilities, search, filters }: EmptyListProps) {
  const isAdmin = useIsAdmin()
  const feeding = useFeedingIntegrations(capabilities)
  if (search.has(filters)) {
    return (
      <EmptyState icon={icon} title={`No ${nouns} match`} action={<ClearFilters search={search} names={filters} />}>
        Nothing that is here fits this search and these filters. A search finds whole words and the beginnings of words.
      </EmptyState>
    )
  }
  if (!feeding) return null
  if (feeding.length === 0) {
    const names = capabilities.map((capability) => CAPABILITY_NAMES[capability]).join(' or ')
    return (
      <EmptyState
        icon={icon}
        title={`No ${nouns} yet`}
        action={
          isAdmin ? (
            <Button component={Link} to="/settings/integrations/new" leftSection={<IconPlus size={16} aria-hidden />}>
              Add Integration
            </Button>
          ) : (
            <AppLink to="/settings/integrations">Settings → Integrations</AppLink>
          )
        }
      >
        They come from a Salesforce integration with the capability {names}.{' '}
        {isAdmin ? 'There is none yet.' : 'There is none yet; an admin can add one.'}
      </EmptyState>
    )
  }
  return (
    <EmptyState
      icon={icon}
      title={`No ${nouns} yet`}
      action={<AppLink to="/settings/integrations">See integrations</AppLink>}
    >
      {feeding.map((integration) => (
        <Text key={integration.id} c="dimmed">
          {feeding.length > 1 && <strong>{integration.name}: </strong>}
          <Reason integration={integration} object={object} />
        </Text>
      ))}
    </EmptyState>
  )
}

function Reason({ integration, object }: { integration: Integration; object: EmptyListProps['object'] }) {
  const { activeRun, lastRun, health } = integration
  if (activeRun) return <>{progressOf(activeRun, object)}</>
  if (health.state !== 'connected' && health.state !== 'syncing') return <>{health.sentence}</>
  if (!lastRun?.finishedAt) return <>The first sync has not begun yet.</>
  return (
    <>
      The last sync, <RelativeTime iso={lastRun.finishedAt} />, found no {object.plural} that the connected user may
      see.
    </>
  )
}

function progressOf(run: Run, object: EmptyListProps['object']): string {
  const name = run.kind === 'backfill' ? 'The first sync' : 'The sync that runs now'
  if (run.state === 'queued') return `${name} is about to begin.`
  const own = run.objects?.find((each) => each.objectName === object.name)
  if (own && own.recordsRead > 0) {
    const of = own.expectedRecords === null ? '' : ` of about ${formatCount(own.expectedRecords)}`
    return `${name} has read ${formatCount(own.recordsRead)}${of} ${object.plural}.`
  }
  return `${name} has read ${formatCount(run.recordsRead)} records so far; ${object.plural} are still to come.`
}
