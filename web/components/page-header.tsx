import { Anchor, Group, Stack, Text, Title } from '@mantine/core'
import { IconChevronLeft } from '@tabler/icons-react'
import { createLink } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'

/** An in-app link with Mantine's looks. */
export const AppLink = createLink(Anchor<'a'>)

/** The page's one h1, its actions, and where Back leads; also names the browser tab. */
export function PageHeader({
  title,
  documentTitle,
  description,
  back,
  actions,
}: {
  title: ReactNode
  /** Needed when `title` is more than text. */
  documentTitle?: string
  description?: ReactNode
  back?: { label: string; to: string }
  actions?: ReactNode
}) {
  const name = documentTitle ?? (typeof title === 'string' ? title : undefined)
  useEffect(() => {
    document.title = name ? `${name} · Loopline` : 'Loopline'
  }, [name])
  return (
    <Stack gap={4} mb="md">
      {back && (
        <AppLink
          to={back.to}
          size="sm"
          c="dimmed"
          style={{ display: 'inline-flex', alignItems: 'center', gap: 2, alignSelf: 'flex-start' }}
        >
          <IconChevronLeft size={14} aria-hidden />
          {back.label}
        </AppLink>
      )}
      <Group justify="space-between" align="center" gap="sm" mih={36}>
        <Title order={1}>{title}</Title>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {description && (
        <Text c="dimmed" component="div" maw={760}>
          {description}
        </Text>
      )}
    </Stack>
  )
}
