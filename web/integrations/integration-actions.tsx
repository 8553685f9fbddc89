/** What an admin can do with an integration, wherever it is shown. */

import { ActionIcon, Group, Menu, Tooltip } from '@mantine/core'
import {
  IconDotsVertical,
  IconHistory,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnected,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Integration } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { DeleteDialog } from './delete-integration.tsx'
import { sayDone, sayFailed } from './outcome.ts'
import { TestConnectionDialog } from './test-connection.tsx'

/** Test Connection, Edit and Delete side by side, and the rest under More actions. */
export function IntegrationActions({ integration, onDeleted }: { integration: Integration; onDeleted?: () => void }) {
  const [dialog, setDialog] = useState<'test' | 'delete' | null>(null)
  const navigate = useNavigate()
  const change = useIntegrationChange(integration)
  const close = () => setDialog(null)

  return (
    <>
      <Group gap={2} wrap="nowrap" justify="flex-end">
        <Tooltip label="Test Connection">
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Test Connection"
            onClick={() => setDialog('test')}
          >
            <IconPlugConnected size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Edit">
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="Edit"
            onClick={() => void navigate({ to: '/settings/integrations/$id/edit', params: { id: integration.id } })}
          >
            <IconPencil size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Delete">
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Delete" onClick={() => setDialog('delete')}>
            <IconTrash size={18} />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end" width={200}>
          <Menu.Target>
            <Tooltip label="More actions">
              <ActionIcon variant="subtle" color="gray" size="lg" aria-label="More actions">
                <IconDotsVertical size={18} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconRefresh size={16} aria-hidden />}
              disabled={integration.activeRun !== null || integration.paused || integration.connection === null}
              onClick={() => change.mutate('sync')}
            >
              Sync now
            </Menu.Item>
            <Menu.Item
              leftSection={
                integration.paused ? (
                  <IconPlayerPlay size={16} aria-hidden />
                ) : (
                  <IconPlayerPause size={16} aria-hidden />
                )
              }
              onClick={() => change.mutate(integration.paused ? 'resume' : 'pause')}
            >
              {integration.paused ? 'Resume' : 'Pause'}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconHistory size={16} aria-hidden />}
              onClick={() =>
                void navigate({
                  to: '/settings/integrations/$id',
                  params: { id: integration.id },
                  search: { tab: 'runs' },
                })
              }
            >
              Run history
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      {dialog === 'test' && <TestConnectionDialog integration={integration} onClose={close} />}
      {dialog === 'delete' && (
        <DeleteDialog integration={integration} onClose={close} {...(onDeleted ? { onDeleted } : {})} />
      )}
    </>
  )
}

/** Sync now, pause and resume, each answered in a sentence. */
function useIntegrationChange(integration: Integration) {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: (action: 'sync' | 'pause' | 'resume') =>
      api.post(`/integrations/${integration.id}/${action === 'sync' ? 'runs' : action}`),
    onSuccess: (_answer, action) => {
      if (action === 'pause')
        sayDone(`${integration.name} is paused. Nothing is lost; resuming goes on from where it stopped.`)
      if (action === 'resume') sayDone(`${integration.name} is resumed and goes on from where it stopped.`)
    },
    onError: sayFailed,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['integrations'] }),
  })
}
