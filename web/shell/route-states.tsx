/** What stands in a page's place while it loads, when it fails, and when there is none. */

import { Button, Skeleton, Stack } from '@mantine/core'
import { IconError404 } from '@tabler/icons-react'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { EmptyState } from '../components/empty-state.tsx'
import { ErrorNotice } from '../components/error-notice.tsx'
import { AppLink } from '../components/page-header.tsx'

/** Shown only when loading takes longer than 200 ms. */
export function RoutePending() {
  return (
    <Stack aria-busy="true" aria-label="Loading">
      <Skeleton h={32} w={220} />
      <Skeleton h={180} />
    </Stack>
  )
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const again = () => {
    reset()
    void router.invalidate()
  }
  return (
    <Stack p="md" maw={760}>
      <ErrorNotice error={error}>
        <Button size="xs" variant="default" onClick={again}>
          Try again
        </Button>
      </ErrorNotice>
    </Stack>
  )
}

export function NotFound() {
  return (
    <EmptyState
      icon={<IconError404 size={40} stroke={1.4} />}
      title="There is no such page"
      action={<AppLink to="/">Go to the start</AppLink>}
    >
      The address may be mistyped, or what it showed was deleted.
    </EmptyState>
  )
}
