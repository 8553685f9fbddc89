import { Button, Group, List, Modal, Paper, Skeleton, Stack, Tabs, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import type { Integration } from '../../src/api/schemas.ts'
import { api, fieldErrors } from '../api.ts'
import { ErrorNotice } from '../components/error-notice.tsx'
import { LeaveGuard } from '../components/leave-guard.tsx'
import { PageHeader } from '../components/page-header.tsx'
import { AuthenticationFields } from '../integrations/authentication-fields.tsx'
import { BasicFields, checkName } from '../integrations/basic-fields.tsx'
import { ConnectionPanel } from '../integrations/connection-panel.tsx'
import {
  changesOf,
  showFieldErrors,
  tabOfErrors,
  useIntegrationForm,
  valuesOf,
} from '../integrations/integration-form.ts'
import { sayDone } from '../integrations/outcome.ts'
import { aboutQuery, integrationQuery } from '../queries.ts'

const route = getRouteApi('/app/admin/settings/integrations/$id/edit')

export default function EditIntegrationPage() {
  const { id } = route.useParams()
  const { data: integration, error } = useQuery(integrationQuery(id))
  return (
    <>
      <PageHeader
        title={integration ? `Edit ${integration.name}` : 'Edit'}
        back={{ label: 'Integrations', to: '/settings/integrations' }}
      />
      {error && !integration && <ErrorNotice error={error} />}
      {!error && !integration && <Skeleton h={320} maw={760} />}
      {integration?.settings && (
        <EditForm key={integration.id} integration={integration} settings={integration.settings} />
      )}
    </>
  )
}

type Settings = NonNullable<Integration['settings']>

function EditForm({ integration, settings }: { integration: Integration; settings: Settings }) {
  const { tab = 'basic' } = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const about = useQuery(aboutQuery).data
  const [before, setBefore] = useState(() => valuesOf(integration, settings))
  const form = useIntegrationForm(before)
  const [consequences, setConsequences] = useState<string[] | null>(null)

  const changes = changesOf(before, form.values)
  const isDirty = Object.keys(changes).length > 0
  const path = `/integrations/${integration.id}`

  const show = (next: 'basic' | 'authentication', replace = false) =>
    void navigate({ search: next === 'basic' ? {} : { tab: next }, replace })

  const placeErrors = (error: unknown) => {
    if (showFieldErrors(form, fieldErrors(error))) show(tabOfErrors(fieldErrors(error)), true)
  }

  const save = useMutation({
    mutationFn: () => api.patch<Integration>(path, changes),
    onSuccess: async (saved) => {
      queryClient.setQueryData(integrationQuery(saved.id).queryKey, saved)
      if (saved.settings) {
        const after = valuesOf(saved, saved.settings)
        setBefore(after)
        form.setInitialValues(after)
        form.setValues(after)
      }
      setConsequences(null)
      sayDone(`Saved ${saved.name}.`)
      await queryClient.invalidateQueries({ queryKey: ['integrations'] })
      if (saved.health.state === 'reconnect') show('authentication')
    },
    onError: (error) => {
      setConsequences(null)
      placeErrors(error)
    },
  })

  const preview = useMutation({
    mutationFn: () => api.post<{ sentences: string[] }>(`${path}/changes-preview`, changes),
    onSuccess: ({ sentences }) => {
      if (sentences.length === 0) save.mutate()
      else setConsequences(sentences)
    },
    onError: placeErrors,
  })

  const submit = async () => {
    const { hasErrors, errors } = form.validate()
    if (hasErrors) {
      show(tabOfErrors(errors), true)
      return
    }
    if (changes.name !== undefined && !(await checkName(form, integration.id))) {
      show('basic', true)
      return
    }
    save.reset()
    preview.mutate()
  }

  const error = save.error ?? preview.error
  return (
    <Paper maw={760} p={{ base: 'md', sm: 'lg' }}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <Tabs value={tab} onChange={(value) => show(value === 'authentication' ? value : 'basic')} keepMounted={false}>
          <Tabs.List mb="lg">
            <Tabs.Tab value="basic">Basic</Tabs.Tab>
            <Tabs.Tab value="authentication">Authentication</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="basic">
            <BasicFields form={form} exceptId={integration.id} />
          </Tabs.Panel>
          <Tabs.Panel value="authentication">
            <Stack gap="lg">
              <ConnectionPanel integration={integration} hasUnsavedChanges={isDirty} />
              <AuthenticationFields form={form} about={about} />
            </Stack>
          </Tabs.Panel>
        </Tabs>
        <Stack mt="lg">
          {error !== null && Object.keys(form.errors).length === 0 && <ErrorNotice error={error} />}
          <Group justify="flex-end">
            <Button
              variant="default"
              disabled={!isDirty}
              onClick={() => {
                form.setValues(before)
                form.clearErrors()
              }}
            >
              Undo changes
            </Button>
            <Button type="submit" disabled={!isDirty} loading={preview.isPending || save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
      <Modal opened={consequences !== null} onClose={() => setConsequences(null)} title="What these changes mean">
        <Stack>
          <List spacing="xs" pr="md">
            {consequences?.map((sentence) => (
              <List.Item key={sentence}>
                <Text>{sentence}</Text>
              </List.Item>
            ))}
          </List>
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setConsequences(null)}>
              Back
            </Button>
            <Button onClick={() => save.mutate()} loading={save.isPending} data-autofocus>
              Save
            </Button>
          </Group>
        </Stack>
      </Modal>
      <LeaveGuard
        isDirty={() => isDirty}
        says="Your changes to this integration are not saved and will be lost."
        beforeUnload
      />
    </Paper>
  )
}
