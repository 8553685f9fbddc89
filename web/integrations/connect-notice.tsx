import { Alert, Anchor, Button, Group, Loader, Stack, Text } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { ErrorNotice } from '../components/error-notice.tsx'
import type { ConnectPhase } from './connect.ts'

/** Where the login stands, in sentences, with what can be done about it. Comes into view with each change. */
export function ConnectNotice({
  phase,
  onCancel,
  onDismiss,
}: {
  phase: ConnectPhase
  onCancel: () => void
  onDismiss: () => void
}) {
  const place = useRef<HTMLDivElement>(null)
  const stage = phase.name === 'waiting' ? phase.window : phase.name
  useEffect(() => {
    if (stage !== 'idle') place.current?.scrollIntoView({ block: 'nearest' })
  }, [stage])
  return (
    <div ref={place}>
      <Stage phase={phase} onCancel={onCancel} onDismiss={onDismiss} />
    </div>
  )
}

function Stage({ phase, onCancel, onDismiss }: { phase: ConnectPhase; onCancel: () => void; onDismiss: () => void }) {
  if (phase.name === 'idle') return null
  if (phase.name === 'failed') {
    return (
      <ErrorNotice failure={phase.failure}>
        <Button size="xs" variant="default" onClick={onDismiss}>
          Dismiss
        </Button>
      </ErrorNotice>
    )
  }
  if (phase.name === 'starting') return <Waiting title="Opening Salesforce’s login…" />
  const url = phase.start.authorizationUrl
  const cancel = (
    <Button size="xs" variant="default" onClick={onCancel}>
      Cancel
    </Button>
  )
  if (phase.window === 'open') {
    return (
      <Waiting title="Waiting for you to log in at Salesforce and choose Allow.">
        <Text>This page notices by itself. Use the other window; it closes when it is done.</Text>
        <Group gap="xs">{cancel}</Group>
      </Waiting>
    )
  }
  const blocked = phase.window === 'blocked'
  return (
    <Waiting
      title={
        blocked
          ? 'The browser did not let Loopline open a window.'
          : 'The login window was closed, or has gone out of sight, before Salesforce answered.'
      }
    >
      <Text>
        {blocked
          ? 'Open the login yourself; this page notices by itself when it is done.'
          : 'Nothing was changed; what you entered is kept. If the window is still open, go on there. Otherwise open it again.'}
      </Text>
      <Group gap="md">
        {/* No rel="noopener": the window should be able to close itself. Its address is Salesforce's, which we trust with more. */}
        <Anchor href={url} target="_blank" rel="opener" fw={600} c="inherit" underline="always">
          Open Salesforce login
        </Anchor>
        <Anchor href={url} c="inherit" underline="always">
          Log in in this window instead
        </Anchor>
        {cancel}
      </Group>
    </Waiting>
  )
}

function Waiting({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Alert color="indigo" variant="light" icon={<Loader size={18} aria-hidden />} role="status">
      <Stack gap="xs">
        <Text fw={600}>{title}</Text>
        {children}
      </Stack>
    </Alert>
  )
}
