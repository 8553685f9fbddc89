import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Deletion, Integration } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { ErrorNotice } from '../components/error-notice.tsx'
import { formatUnits } from '../format.ts'
import { sayDeleted } from './outcome.ts'

/** Asks for the name, then revokes the token, drops the schema, and says so. */
export function DeleteDialog({
  integration,
  onClose,
  onDeleted,
}: {
  integration: Integration
  onClose: () => void
  onDeleted?: () => void
}) {
  const [typed, setTyped] = useState('')
  const queryClient = useQueryClient()
  const remove = useMutation({
    mutationFn: () => api.del<Deletion>(`/integrations/${integration.id}`, { name: integration.name }),
    onSuccess: async (deletion) => {
      sayDeleted(deletion)
      onDeleted?.()
      queryClient.removeQueries({ queryKey: ['integrations', integration.id] })
      await queryClient.invalidateQueries({ queryKey: ['integrations'], exact: true })
      // The records of a deleted integration must not linger on other pages.
      queryClient.removeQueries({ queryKey: ['records'] })
      onClose()
    },
  })
  return (
    <Modal opened onClose={onClose} title={`Delete ${integration.name}?`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.trim() === integration.name) remove.mutate()
        }}
      >
        <Stack>
          <Text>
            Its {formatUnits(integration.rows, 'copied record')} and its schema are removed here, and its token is
            revoked at Salesforce. Nothing else changes in Salesforce.
          </Text>
          <TextInput
            label={`Type “${integration.name}” to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
          {remove.error && <ErrorNotice error={remove.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Keep it
            </Button>
            <Button type="submit" color="red" disabled={typed.trim() !== integration.name} loading={remove.isPending}>
              Delete
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
