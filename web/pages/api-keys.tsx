import {
  Anchor,
  Button,
  Group,
  Modal,
  NativeSelect,
  Radio,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { modals } from '@mantine/modals'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ApiKey, ApiKeyWithSecret } from '../../src/api/schemas.ts'
import { api, fieldErrors } from '../api.ts'
import { CopyText } from '../components/copy-text.tsx'
import { EmptyState } from '../components/empty-state.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { PageHeader } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { WideTable } from '../components/wide-table.tsx'
import { sayDone, sayFailed } from '../integrations/outcome.ts'
import type { Page } from '../queries.ts'

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: '', label: 'Does not expire' },
]

export default function ApiKeysPage() {
  const [creating, setCreating] = useState(false)
  const { data, error } = useQuery({
    queryKey: ['api-keys'],
    queryFn: ({ signal }) => api.get<Page<ApiKey>>('/api-keys', { signal }),
  })
  return (
    <>
      <PageHeader
        title="API keys"
        description={
          <>
            For programs that call <code>/api/v1</code>. What there is to call is described in the{' '}
            <Anchor href="/api/v1/openapi.json" underline="always">
              OpenAPI document
            </Anchor>
            .
          </>
        }
        actions={
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setCreating(true)}>
            Create key
          </Button>
        }
      />
      {error && <ErrorNotice error={error} />}
      {!data && !error && <Skeleton h={160} />}
      {data &&
        (data.items.length === 0 ? (
          <EmptyState icon={<IconKey size={40} stroke={1.4} />} title="No keys yet">
            A key lets a program read records over HTTP, or also manage integrations.
          </EmptyState>
        ) : (
          <KeyTable keys={data.items} />
        ))}
      {creating && <CreateKeyDialog onClose={() => setCreating(false)} />}
    </>
  )
}

function KeyTable({ keys }: { keys: ApiKey[] }) {
  const queryClient = useQueryClient()
  const revoke = useMutation({
    mutationFn: (key: ApiKey) => api.del(`/api-keys/${key.id}`),
    onSuccess: (_answer, key) => sayDone(`The key ${key.name} no longer works.`),
    onError: sayFailed,
    onSettled: () => queryClient.invalidateQueries({ queryKey: ['api-keys'] }),
  })
  const ask = (key: ApiKey) =>
    modals.openConfirmModal({
      title: `Revoke ${key.name}?`,
      children: <Text>Programs that use it are refused from then on. This cannot be taken back.</Text>,
      labels: { confirm: 'Revoke', cancel: 'Keep' },
      confirmProps: { color: 'red' },
      onConfirm: () => revoke.mutate(key),
    })
  return (
    <WideTable minWidth={640} maxWidth={1000} label="API keys" verticalSpacing="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">Name</Table.Th>
          <Table.Th scope="col">Access</Table.Th>
          <Table.Th scope="col">Created</Table.Th>
          <Table.Th scope="col">Last used</Table.Th>
          <Table.Th scope="col">Expires</Table.Th>
          <Table.Th scope="col" ta="right">
            Actions
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {keys.map((key) => (
          <Table.Tr key={key.id}>
            <Table.Td>
              <Text fw={500}>{key.name}</Text>
              <Text size="xs" c="dimmed" ff="monospace">
                {key.start}…
              </Text>
            </Table.Td>
            <Table.Td>{key.access === 'manage' ? 'Read and manage' : 'Read'}</Table.Td>
            <Table.Td>
              <RelativeTime iso={key.createdAt} />
              <Text size="xs" c="dimmed">
                {key.createdBy}
              </Text>
            </Table.Td>
            <Table.Td>
              <RelativeTime iso={key.lastUsedAt} fallback="Never" />
            </Table.Td>
            <Table.Td>
              <RelativeTime iso={key.expiresAt} fallback="Never" />
            </Table.Td>
            <Table.Td ta="right">
              <Button size="compact-sm" variant="subtle" color="gray" onClick={() => ask(key)}>
                Revoke
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </WideTable>
  )
}

function CreateKeyDialog({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient()
  const form = useForm<{ name: string; access: ApiKey['access']; expiresInDays: string }>({
    initialValues: { name: '', access: 'read', expiresInDays: '365' },
    validate: { name: (value) => (value.trim() === '' ? 'Give the key a name.' : null) },
  })
  const create = useMutation({
    mutationFn: ({ name, access, expiresInDays }: typeof form.values) =>
      api.post<ApiKeyWithSecret>('/api-keys', {
        name: name.trim(),
        access,
        ...(expiresInDays === '' ? {} : { expiresInDays: Number(expiresInDays) }),
      }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['api-keys'] }),
    onError: (error) => form.setErrors(fieldErrors(error)),
  })
  return (
    <Modal opened onClose={onClose} title={create.data ? 'Copy the key now' : 'Create key'}>
      {create.data ? (
        <Stack>
          <Text>Only its hash is kept: it is not shown again.</Text>
          <CopyText text={create.data.key} label="Copy the key" />
          <Text c="dimmed">Try it:</Text>
          <CopyText
            block
            label="Copy the command"
            text={`curl -H 'Authorization: Bearer ${create.data.key}' \\\n  ${window.location.origin}/api/v1/integrations`}
          />
          <Group justify="flex-end">
            <Button onClick={onClose}>Done</Button>
          </Group>
        </Stack>
      ) : (
        <form noValidate onSubmit={form.onSubmit((values) => create.mutate(values))}>
          <Stack>
            <TextInput
              label="Name"
              description="Which program uses it."
              autoComplete="off"
              data-autofocus
              {...form.getInputProps('name')}
            />
            <Radio.Group label="Access" {...form.getInputProps('access')}>
              <Stack gap="xs" mt="xs">
                <Radio value="read" label="Read" description="Records and integrations’ health, as a member." />
                <Radio
                  value="manage"
                  label="Read and manage"
                  description="Also changes integrations and starts runs."
                />
              </Stack>
            </Radio.Group>
            <NativeSelect label="Works for" data={lifetimes} {...form.getInputProps('expiresInDays')} />
            {create.error && Object.keys(form.errors).length === 0 && <ErrorNotice error={create.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                Cancel
              </Button>
              <Button type="submit" loading={create.isPending}>
                Create key
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  )
}
