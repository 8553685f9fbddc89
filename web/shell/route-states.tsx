/** What stands in a page's place while it loads, when it fails, and when there is none. */

import { Button, Skeleton, Stack, Text } from '@mantine/core'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { ErrorNotice } from '../components/error-notice.tsx'
import { AppLink, PageHeader } from '../components/page-header.tsx'

/** Shown only when loading takes longer than 200 ms. */
export function RoutePending() {
  return (
    <Stack role="status" aria-busy="true" aria-label="Loading">
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
    <>
      <PageHeader title="There is no such page" />
      <Text>The address may be mistyped, or what it showed was deleted.</Text>
      <AppLink to="/">Go to the start</AppLink>
    </>
  )
}
