import { Alert, Group, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Failure } from '../../src/api/schemas.ts'
import { failureOf } from '../api.ts'
import { formatDayAndTime } from '../format.ts'
import { CopyTextButton } from './copy-text.tsx'

/** What happened, what Loopline does about it, what you can do. `children` are the buttons or links for the last. */
export function ErrorNotice({
  error,
  failure = failureOf(error),
  children,
}: {
  error?: unknown
  failure?: Failure
  children?: ReactNode
}) {
  const color = failure.kind === 'transient' || failure.kind === 'refused' ? 'yellow' : 'red'
  return (
    <Alert color={color} variant="light" icon={<IconAlertTriangle size={18} />} role="alert">
      <Stack gap={6}>
        <Text fw={600} c="var(--mantine-color-text)">
          {failure.message}
        </Text>
        {failure.action && <Text c="var(--mantine-color-text)">{failure.action}</Text>}
        {failure.retryAt && (
          <Text c="var(--mantine-color-text)">Loopline tries again at {formatDayAndTime(failure.retryAt)}.</Text>
        )}
        {failure.remedy && <Text c="var(--mantine-color-text)">{failure.remedy}</Text>}
        {children && (
          <Group gap="xs" mt={4}>
            {children}
          </Group>
        )}
        <Group gap={4} c="dimmed" wrap="nowrap">
          <Text size="xs" c="dimmed">
            {failure.code}
          </Text>
          <CopyTextButton text={failureText(failure)} label="Copy details" />
        </Group>
      </Stack>
    </Alert>
  )
}

function failureText(failure: Failure): string {
  const lines = [
    failure.message,
    failure.action,
    failure.remedy,
    `Code: ${failure.code}`,
    failure.objectName && `Object: ${failure.objectName}`,
    failure.detail,
    `Seen: ${new Date().toISOString()}`,
  ]
  return lines.filter(Boolean).join('\n')
}
