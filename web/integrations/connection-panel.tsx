import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { ConnectStart, Integration } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { HealthBadge } from '../components/health-badge.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { connectedTo } from '../words.ts'
import { useConnect } from './connect.ts'
import { ConnectNotice } from './connect-notice.tsx'
import { sayConnected } from './outcome.ts'

/** To which org and as whom an integration is connected, and the way to a new token. */
export function ConnectionPanel({
  integration,
  hasUnsavedChanges,
}: {
  integration: Integration
  hasUnsavedChanges: boolean
}) {
  const queryClient = useQueryClient()
  const { phase, connect, cancel, dismiss } = useConnect({
    onConnected: (attempt) => {
      sayConnected(attempt.connection, false)
      void queryClient.invalidateQueries({ queryKey: ['integrations'] })
    },
  })
  const { connection, health } = integration
  return (
    <Paper p="md" bg="var(--loopline-subtle)">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start">
          <div style={{ flex: '1 1 280px', minWidth: 0 }}>
            <HealthBadge state={health.state} />
            <Text>{connection ? `${connectedTo(connection)}.` : 'There is no connection to an org.'}</Text>
            {connection && (
              <Text size="xs" c="dimmed">
                Connected <RelativeTime iso={connection.connectedAt} />
              </Text>
            )}
            {health.state === 'reconnect' && <Text>{health.sentence}</Text>}
          </div>
          <Button
            variant={health.state === 'reconnect' ? 'filled' : 'default'}
            disabled={hasUnsavedChanges}
            loading={phase.name === 'starting'}
            onClick={() => connect(() => api.post<ConnectStart>(`/integrations/${integration.id}/reconnect`))}
          >
            Re-generate Token
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          {hasUnsavedChanges
            ? 'Save your changes first; then the token can be made anew.'
            : 'Opens Salesforce’s login. Log in to the same org; syncing goes on from where it stopped.'}
        </Text>
        <ConnectNotice phase={phase} onCancel={cancel} onDismiss={dismiss} />
      </Stack>
    </Paper>
  )
}
