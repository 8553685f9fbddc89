import { Button, Group, Paper, Stack, Tabs, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { ConnectStart } from '../../src/api/schemas.ts'
import { api, fieldErrors } from '../api.ts'
import { LeaveGuard } from '../components/leave-guard.tsx'
import { PageHeader } from '../components/page-header.tsx'
import { AuthenticationFields } from '../integrations/authentication-fields.tsx'
import { BasicFields, checkName } from '../integrations/basic-fields.tsx'
import { useConnect } from '../integrations/connect.ts'
import { ConnectNotice } from '../integrations/connect-notice.tsx'
import {
  draftOf,
  dropDraft,
  emptyValues,
  findDraft,
  keepDraft,
  showFieldErrors,
  suggestName,
  tabOfErrors,
  useIntegrationForm,
} from '../integrations/integration-form.ts'
import { sayConnected } from '../integrations/outcome.ts'
import { aboutQuery, integrationsQuery } from '../queries.ts'

const route = getRouteApi('/app/admin/settings/integrations/new/salesforce')

export default function AddSalesforcePage() {
  const { tab = 'basic' } = route.useSearch()
  const navigate = route.useNavigate()
  const queryClient = useQueryClient()
  const about = useQuery(aboutQuery).data
  const integrations = useQuery(integrationsQuery).data
  const [draft] = useState(findDraft)
  // Once there is something to lose, leaving asks.
  const dirty = useRef(false)

  const form = useIntegrationForm(draft ?? emptyValues(''), (values) => {
    dirty.current = true
    keepDraft(values)
  })

  // A suggestion follows the capability until somebody types a name of their own.
  const suggested = useRef(draft === null ? '' : null)
  const { capability, name } = form.values
  useEffect(() => {
    if (!integrations || name !== suggested.current) return
    const taken = integrations.items.map((each) => each.name)
    const suggestion = suggestName(capability, taken)
    if (name === suggestion) return
    suggested.current = suggestion
    const wasDirty = dirty.current
    form.setFieldValue('name', suggestion)
    // Filling in a suggestion is nobody's work to lose.
    dirty.current = wasDirty
  }, [integrations, capability, name, form])

  const { phase, connect, cancel, dismiss } = useConnect({
    onConnected: (attempt) => {
      dirty.current = false
      dropDraft()
      sayConnected(attempt.connection, true)
      void queryClient.invalidateQueries({ queryKey: ['integrations'] })
      void navigate({ to: '/settings/integrations' })
    },
  })
  const busy = phase.name === 'starting' || phase.name === 'waiting'

  const show = (next: 'basic' | 'authentication', replace = false) =>
    void navigate({ search: next === 'basic' ? {} : { tab: next }, replace })

  const goOn = async () => {
    if (await checkName(form)) show('authentication')
  }

  const startConnecting = () => {
    const { hasErrors, errors } = form.validate()
    if (hasErrors) {
      show(tabOfErrors(errors), true)
      return
    }
    connect(
      () => api.post<ConnectStart>('/integrations/connect', { draft: draftOf(form.getValues()) }),
      (error) => {
        const errors = fieldErrors(error)
        const placed = showFieldErrors(form, errors)
        if (placed) show(tabOfErrors(form.errors), true)
        return placed
      },
    )
  }

  const startOver = () => {
    dropDraft()
    form.setValues(emptyValues(''))
    suggested.current = ''
    dirty.current = false
    show('basic', true)
  }

  return (
    <>
      <PageHeader
        title="Add Salesforce"
        back={{ label: 'Add Integration', to: '/settings/integrations/new' }}
        actions={
          draft && (
            <Group gap="xs">
              <Text c="dimmed">Your draft was kept.</Text>
              <Button size="compact-sm" variant="default" onClick={startOver}>
                Start over
              </Button>
            </Group>
          )
        }
      />
      <Paper maw={760} p={{ base: 'md', sm: 'lg' }}>
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (tab === 'basic') void goOn()
            else startConnecting()
          }}
        >
          <Tabs
            value={tab}
            onChange={(value) => show(value === 'authentication' ? value : 'basic')}
            keepMounted={false}
          >
            <Tabs.List mb="lg">
              <Tabs.Tab value="basic">Basic</Tabs.Tab>
              <Tabs.Tab value="authentication">Authentication</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="basic">
              <BasicFields form={form} />
            </Tabs.Panel>
            <Tabs.Panel value="authentication">
              <AuthenticationFields form={form} about={about} />
            </Tabs.Panel>
          </Tabs>
          <Stack mt="lg">
            {tab === 'basic' ? (
              <Group justify="flex-end">
                <Button type="submit">Next</Button>
              </Group>
            ) : (
              <Group justify="space-between">
                <Button variant="default" onClick={() => show('basic')}>
                  Back
                </Button>
                <Button type="submit" loading={phase.name === 'starting'} data-busy={busy || undefined}>
                  Connect
                </Button>
              </Group>
            )}
            <ConnectNotice phase={phase} onCancel={cancel} onDismiss={dismiss} />
          </Stack>
        </form>
      </Paper>
      <LeaveGuard
        isDirty={() => dirty.current}
        says="The integration is not connected yet. What you entered is kept in this browser tab, except for a client secret."
      />
    </>
  )
}
