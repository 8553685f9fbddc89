import { Button, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { InvitationWithLink, Person } from '../../src/api/schemas.ts'
import { api, fieldErrors } from '../api.ts'
import { CopyText } from '../components/copy-text.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { formatDayAndTime } from '../format.ts'

/** Makes an invitation and shows its link, once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient()
  const form = useForm<{ email: string; role: Person['role'] }>({
    initialValues: { email: '', role: 'member' },
    validate: { email: (value) => (/^\S+@\S+\.\S+$/.test(value.trim()) ? null : 'Enter an e-mail address.') },
  })
  const invite = useMutation({
    mutationFn: ({ email, role }: typeof form.values) =>
      api.post<InvitationWithLink>('/people/invitations', { email: email.trim(), role }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['people'] }),
    onError: (error) => form.setErrors(fieldErrors(error)),
  })

  return (
    <Modal opened onClose={onClose} title={invite.data ? 'Send them this link' : 'Invite somebody'}>
      {invite.data ? (
        <Stack>
          <Text>
            {invite.data.invitation.email} can join with it once, until{' '}
            {formatDayAndTime(invite.data.invitation.expiresAt)}. It is not shown again.
          </Text>
          <CopyText text={invite.data.link} label="Copy the link" />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form noValidate onSubmit={form.onSubmit((values) => invite.mutate(values))}>
          <Stack>
            <TextInput label="E-mail" type="email" autoComplete="off" data-autofocus {...form.getInputProps('email')} />
            <Radio.Group label="Role" {...form.getInputProps('role')}>
              <Stack gap="xs" mt="xs">
                <Radio value="member" label="Member" description="Sees the records and integrations’ health." />
                <Radio value="admin" label="Admin" description="May do everything, inviting others included." />
              </Stack>
            </Radio.Group>
            {invite.error && Object.keys(form.errors).length === 0 && <ErrorNotice error={invite.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={invite.isPending}>
                Create link
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
