import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'

/** Asks before a form with unsaved changes is left. `says` is what happens to them. */
export function LeaveGuard({
  isDirty,
  says,
  beforeUnload = false,
}: {
  isDirty: () => boolean
  says: string
  /** Also ask when the tab is closed or reloaded: only where that loses something. */
  beforeUnload?: boolean
}) {
  const blocker = useBlocker({
    // Another tab of the same form is another search in the same place.
    shouldBlockFn: ({ current, next }) => isDirty() && current.pathname !== next.pathname,
    enableBeforeUnload: () => beforeUnload && isDirty(),
    withResolver: true,
  })
  if (blocker.status !== 'blocked') return null
  return (
    <Modal opened onClose={blocker.reset} title="Leave without saving?" size="sm">
      <Stack>
        <Text>{says}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={blocker.proceed}>
            Leave
          </Button>
          <Button onClick={blocker.reset} data-autofocus>
            Stay
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
