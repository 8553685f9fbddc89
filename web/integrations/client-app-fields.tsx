import { Accordion, List, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { About } from '../../src/api/schemas.ts'
import { CopyText } from '../components/copy-text.tsx'
import type { IntegrationFormApi } from './integration-form.ts'

const scopeLabels: Record<string, string> = {
  api: 'Manage user data via APIs (api)',
  refresh_token: 'Perform requests at any time (refresh_token, offline_access)',
  id: 'Access the identity URL service (id, profile, email, address, phone)',
  openid: 'Access unique user identifiers (openid)',
}

/** The client id and secret of an External Client App, and the clicks that make one. */
export function ClientAppFields({ form, about }: { form: IntegrationFormApi; about: About }) {
  const [chosen, setChosen] = useState<boolean | null>(null)
  const hasError = Boolean(form.errors.clientId || form.errors.clientSecret)
  // Whoever has no address yet may be about to choose the practice org, which needs no app.
  const [hadApp] = useState(form.values.clientId !== '')
  const isNeeded = !about.hasClient && !hadApp && (form.values.domain !== '' || about.practiceOrg === null)
  const isOpen = hasError || (chosen ?? isNeeded)
  return (
    <Accordion
      variant="contained"
      value={isOpen ? 'app' : null}
      onChange={(value) => setChosen(value === 'app')}
      order={2}
    >
      <Accordion.Item value="app">
        <Accordion.Control>
          <Text fw={600}>External Client App</Text>
          <Text size="xs" c="dimmed">
            {about.hasClient
              ? 'Optional: this Loopline has one. Fill in only to use another.'
              : 'Needed once: Salesforce lets Loopline in through an app that you create in your org.'}
          </Text>
        </Accordion.Control>
        <Accordion.Panel>
          <Stack>
            <Recipe about={about} />
            <TextInput
              label="Consumer Key (client id)"
              autoComplete="off"
              spellCheck={false}
              {...form.getInputProps('clientId')}
            />
            <PasswordInput
              label="Consumer Secret (client secret)"
              description="Kept sealed. It is not kept in this tab's draft."
              autoComplete="off"
              {...form.getInputProps('clientSecret')}
            />
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  )
}

function Recipe({ about }: { about: About }) {
  return (
    <Stack gap="xs">
      <Text c="dimmed">
        You need the Salesforce permission to create apps. It takes about three minutes; Salesforce may need some
        minutes more before a new app answers.
      </Text>
      <List type="ordered" spacing="xs" pr="md">
        <List.Item>
          In Salesforce open <b>Setup</b>, search for <b>External Client App Manager</b>, and choose{' '}
          <b>New External Client App</b>.
        </List.Item>
        <List.Item>
          Name it Loopline, give a contact e-mail, and leave <b>Distribution State</b> at Local.
        </List.Item>
        <List.Item>
          Under <b>API (Enable OAuth Settings)</b> tick <b>Enable OAuth</b> and paste this <b>Callback URL</b>:
          <CopyText text={about.callbackUrl} label="Copy the callback URL" />
        </List.Item>
        <List.Item>
          Move these <b>OAuth Scopes</b> to the selected side:
          <List size="sm" listStyleType="disc">
            {about.scopes.map((scope) => (
              <List.Item key={scope}>{scopeLabels[scope] ?? scope}</List.Item>
            ))}
          </List>
        </List.Item>
        <List.Item>
          Under <b>Security</b> tick <b>Require Proof Key for Code Exchange (PKCE)</b> and{' '}
          <b>Enable Refresh Token Rotation</b>. Leave both “Require Secret” boxes ticked.
        </List.Item>
        <List.Item>
          Choose <b>Create</b>. Then, on the app’s <b>Policies</b> tab, keep the refresh token policy at “valid until
          revoked”.
        </List.Item>
        <List.Item>
          On its <b>Settings</b> tab, under <b>OAuth Settings</b>, open <b>Consumer Key and Secret</b> and copy both
          here:
        </List.Item>
      </List>
    </Stack>
  )
}
