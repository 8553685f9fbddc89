import { Button, Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Run } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { sayFailed } from './outcome.ts'

/** Stops a run, after saying what happens to what was loaded. */
export function CancelRunButton({ run }: { run: Run }) {
  const queryClient = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => api.post(`/runs/${run.id}/cancel`),
    onError: sayFailed,
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey: ['integrations'] })
      await queryClient.invalidateQueries({ queryKey: ['runs'] })
    },
  })
  const ask = () =>
    modals.openConfirmModal({
      title: 'Cancel this run?',
      children: <Text>What was loaded stays. The next run goes on from where this one stopped.</Text>,
      labels: { confirm: 'Cancel run', cancel: 'Let it run' },
      onConfirm: () => cancel.mutate(),
    })
  return (
    <Button size="xs" variant="default" onClick={ask} disabled={run.cancelRequested} loading={cancel.isPending}>
      {run.cancelRequested ? 'Being cancelled' : 'Cancel run'}
    </Button>
  )
}
