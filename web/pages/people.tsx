import { ActionIcon, Button, NativeSelect, Skeleton, Stack, Table, Text, Title, Tooltip } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconTrash, IconUserPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Invitation, Person } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { ErrorNotice } from '../components/error-notice.tsx'
import { PageHeader } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { WideTable } from '../components/wide-table.tsx'
import { sayDone, sayFailed } from '../integrations/outcome.ts'
import type { Page } from '../queries.ts'
import { usePerson } from '../session.ts'
import { InviteDialog } from './invite-dialog.tsx'

const roleMeanings: Record<Person['role'], string> = {
  admin: 'Admin: may do everything',
  member: 'Member: sees integrations’ health and the records',
}

export default function PeoplePage() {
  const [inviting, setInviting] = useState(false)
  const people = useQuery({
    queryKey: ['people'],
    queryFn: ({ signal }) => api.get<Page<Person>>('/people', { signal }),
  })
  const invitations = useQuery({
    queryKey: ['people', 'invitations'],
    queryFn: ({ signal }) => api.get<Page<Invitation>>('/people/invitations', { signal }),
  })
  const error = people.error ?? invitations.error

  return (
    <>
      <PageHeader
        title="People"
        description="Who may sign in. Admins connect and change; members look."
        actions={
          <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>
            Invite
          </Button>
        }
      />
      <Stack gap="xl" maw={920}>
        {error && <ErrorNotice error={error} />}
        {people.data ? <PeopleTable people={people.data.items} /> : !error && <Skeleton h={160} />}
        {invitations.data && invitations.data.items.length > 0 && (
          <InvitationTable invitations={invitations.data.items} />
        )}
      </Stack>
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  )
}

function usePeopleChange() {
  const queryClient = useQueryClient()
  return useMutation({
    mutationFn: ({ change }: { change: () => Promise<unknown>; says: string }) => change(),
    onSuccess: (_answer, { says }) => sayDone(says),
    onError: sayFailed,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['people'] }),
  })
}

function PeopleTable({ people }: { people: Person[] }) {
  const me = usePerson()
  const change = usePeopleChange()
  const remove = (person: Person) =>
    modals.openConfirmModal({
      title: `Remove ${person.name}?`,
      children: (
        <Text>{person.email} is signed out everywhere and can no longer sign in. API keys of theirs stop.</Text>
      ),
      labels: { confirm: 'Remove', cancel: 'Keep' },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        change.mutate({ change: () => api.del(`/people/${person.id}`), says: `${person.name} was removed.` }),
    })
  return (
    <WideTable minWidth={560} label="People" verticalSpacing="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Name</Table.Th>
          <Table.Th scope="col">Role</Table.Th>
          <Table.Th scope="col">Joined</Table.Th>
          <Table.Th scope="col" ta="right">
            Actions
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {people.map((person) => {
          const isMe = person.id === me?.id
          return (
            <Table.Tr key={person.id}>
              <Table.Td>
                <Text fw={500}>
                  {person.name}
                  {isMe && ' (you)'}
                </Text>
                <Text size="xs" c="dimmed">
                  {person.email}
                </Text>
              </Table.Td>
              <Table.Td>
                <NativeSelect
                  aria-label={`Role of ${person.name}`}
                  value={person.role}
                  // Whoever takes their own role away could not give it back.
                  disabled={isMe || change.isPending}
                  title={isMe ? 'Another admin can change your role.' : roleMeanings[person.role]}
                  data={[
                    { value: 'admin', label: 'Admin' },
                    { value: 'member', label: 'Member' },
                  ]}
                  maw={140}
                  onChange={(event) => {
                    const role = event.currentTarget.value
                    change.mutate({
                      change: () => api.patch(`/people/${person.id}`, { role }),
                      says: `${person.name} is ${role === 'admin' ? 'an admin' : 'a member'} now.`,
                    })
                  }}
                />
              </Table.Td>
              <Table.Td>
                <RelativeTime iso={person.createdAt} />
              </Table.Td>
              <Table.Td ta="right">
                <Tooltip label={isMe ? 'Another admin can remove you' : `Remove ${person.name}`}>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="lg"
                    aria-label={`Remove ${person.name}`}
                    disabled={isMe}
                    onClick={() => remove(person)}
                  >
                    <IconTrash size={18} />
                  </ActionIcon>
                </Tooltip>
              </Table.Td>
            </Table.Tr>
          )
        })}
      </Table.Tbody>
    </WideTable>
  )
}

function InvitationTable({ invitations }: { invitations: Invitation[] }) {
  const change = usePeopleChange()
  return (
    <div>
      <Title order={2} mb="xs">
        Invited, not here yet
      </Title>
      <WideTable minWidth={560} label="Invitations" verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">E-mail</Table.Th>
            <Table.Th scope="col">Role</Table.Th>
            <Table.Th scope="col">Invited by</Table.Th>
            <Table.Th scope="col">Link works until</Table.Th>
            <Table.Th scope="col" ta="right">
              Actions
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {invitations.map((invitation) => (
            <Table.Tr key={invitation.id}>
              <Table.Td>{invitation.email}</Table.Td>
              <Table.Td>{invitation.role === 'admin' ? 'Admin' : 'Member'}</Table.Td>
              <Table.Td>{invitation.invitedBy}</Table.Td>
              <Table.Td>
                <RelativeTime iso={invitation.expiresAt} />
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  size="compact-sm"
                  variant="subtle"
                  color="gray"
                  onClick={() =>
                    change.mutate({
                      change: () => api.del(`/people/invitations/${invitation.id}`),
                      says: `The invitation of ${invitation.email} was withdrawn; its link no longer works.`,
                    })
                  }
                >
                  Withdraw
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </WideTable>
    </div>
  )
}
