import { Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'

/** Why there is nothing here, and the one thing to do about it. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <Stack align="center" gap="xs" py={56} px="md" ta="center">
      {icon && (
        <Text c="dimmed" component="div" lh={1} aria-hidden>
          {icon}
        </Text>
      )}
      <Text fw={600} size="xl">
        {title}
      </Text>
      {children && (
        <Text c="dimmed" maw={520} component="div">
          {children}
        </Text>
      )}
      {action && <div style={{ marginTop: 8 }}>{action}</div>}
    </Stack>
  )
}
