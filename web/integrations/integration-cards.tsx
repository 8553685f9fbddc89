import { Group, Paper, SimpleGrid, Stack, Text } from '@mantine/core'
import type { Integration } from '../../src/api/schemas.ts'
import { AppLink } from '../components/page-header.tsx'
import { formatUnits } from '../format.ts'
import { capabilities, environments, hostOf } from '../words.ts'
import { IntegrationActions } from './integration-actions.tsx'
import { IntegrationHealth, LastRun, NextRun } from './integration-table.tsx'

/** The integrations as cards, where rows would not fit. */
export function IntegrationCards({ integrations, isAdmin }: { integrations: Integration[]; isAdmin: boolean }) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
      {integrations.map((integration) => (
        <Paper key={integration.id} component="li" p="md">
          <Stack gap="xs">
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <div style={{ minWidth: 0 }}>
                <AppLink to="/settings/integrations/$id" params={{ id: integration.id }} fw={600}>
                  {integration.name}
                </AppLink>
                <Text size="xs" c="dimmed">
                  {capabilities[integration.capability].label} · {environments[integration.environment]}
                  {integration.settings && ` · ${hostOf(integration.settings.domain)}`}
                </Text>
              </div>
            </Group>
            <div>
              <IntegrationHealth integration={integration} />
            </div>
            <Group gap="lg">
              <Fact name="Last run">
                <LastRun integration={integration} />
              </Fact>
              <Fact name="Next run">
                <NextRun integration={integration} />
              </Fact>
              <Fact name="Holds">{formatUnits(integration.rows, 'row')}</Fact>
            </Group>
            {isAdmin && <IntegrationActions integration={integration} />}
          </Stack>
        </Paper>
      ))}
    </SimpleGrid>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text component="div">{children}</Text>
    </div>
  )
}
