import { Group, Text } from '@mantine/core'
import { IconBan, IconCircleCheck, IconCircleX, IconClock, IconClockPause, IconRefresh } from '@tabler/icons-react'
import type { Run } from '../../src/api/schemas.ts'
import { runStates } from '../words.ts'

const looks: Record<Run['state'], { color: string; Icon: typeof IconClock }> = {
  queued: { color: 'var(--loopline-grey)', Icon: IconClock },
  running: { color: 'var(--loopline-blue)', Icon: IconRefresh },
  waiting: { color: 'var(--loopline-amber)', Icon: IconClockPause },
  finished: { color: 'var(--loopline-green)', Icon: IconCircleCheck },
  failed: { color: 'var(--loopline-red)', Icon: IconCircleX },
  cancelled: { color: 'var(--loopline-grey)', Icon: IconBan },
}

/** A run's state as a word, a colour and a shape. */
export function RunStateText({ run }: { run: Run }) {
  const { color, Icon } = looks[run.state]
  return (
    <Group gap={6} wrap="nowrap" style={{ color }}>
      <Icon size={16} aria-hidden style={{ flexShrink: 0 }} />
      <Text span c={color}>
        {run.cancelRequested && run.state === 'running' ? 'Being cancelled' : runStates[run.state]}
      </Text>
    </Group>
  )
}
