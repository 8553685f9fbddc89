import { Group, Skeleton, Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ErrorNotice } from '../components/error-notice.tsx'
import { HealthBadge } from '../components/health-badge.tsx'
import { PageHeader } from '../components/page-header.tsx'
import { IntegrationActions } from '../integrations/integration-actions.tsx'
import { IntegrationObjects } from '../integrations/integration-objects.tsx'
import { IntegrationOverview } from '../integrations/integration-overview.tsx'
import { IntegrationRuns } from '../integrations/integration-runs.tsx'
import { integrationQuery } from '../queries.ts'
import { useIsAdmin } from '../session.ts'
import { capabilities, environments } from '../words.ts'

const route = getRouteApi('/app/settings/integrations/$id')

export default function IntegrationPage() {
  const { id } = route.useParams()
  const { tab = 'overview' } = route.useSearch()
  const navigate = route.useNavigate()
  const isAdmin = useIsAdmin()
  const { data: integration, error } = useQuery(integrationQuery(id))

  if (!integration) {
    return (
      <>
        <PageHeader title="Integration" back={{ label: 'Integrations', to: '/settings/integrations' }} />
        {error ? <ErrorNotice error={error} /> : <Skeleton h={240} />}
      </>
    )
  }
  return (
    <>
      <PageHeader
        title={integration.name}
        description={
          <Group gap="sm">
            <HealthBadge state={integration.health.state} />
            <span>
              {capabilities[integration.capability].label} · {environments[integration.environment]}
            </span>
          </Group>
        }
        back={{ label: 'Integrations', to: '/settings/integrations' }}
        actions={
          isAdmin && (
            <IntegrationActions
              integration={integration}
              onDeleted={() => void navigate({ to: '/settings/integrations' })}
            />
          )
        }
      />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) =>
          void navigate({ search: value === 'objects' || value === 'runs' ? { tab: value } : {}, replace: true })
        }
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="objects">Objects</Tabs.Tab>
          <Tabs.Tab value="runs">Runs</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <IntegrationOverview integration={integration} isAdmin={isAdmin} />
        </Tabs.Panel>
        <Tabs.Panel value="objects">
          <IntegrationObjects integration={integration} />
        </Tabs.Panel>
        <Tabs.Panel value="runs">
          <IntegrationRuns integration={integration} isAdmin={isAdmin} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
