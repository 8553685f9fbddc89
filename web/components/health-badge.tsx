import { Group, Text } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconPlayerPause,
  IconPlugConnectedX,
  IconRefresh,
} from '@tabler/icons-react'
import type { HealthState } from '../../src/api/schemas.ts'

const looks: Record<HealthState, { word: string; color: string; Icon: typeof IconCircleCheck }> = {
  connected: { word: 'Connected', color: 'var(--loopline-green)', Icon: IconCircleCheck },
  syncing: { word: 'Syncing', color: 'var(--loopline-blue)', Icon: IconRefresh },
  reconnect: { word: 'Needs re-authentication', color: 'var(--loopline-red)', Icon: IconPlugConnectedX },
  paused: { word: 'Paused', color: 'var(--loopline-grey)', Icon: IconPlayerPause },
  degraded: { word: 'Degraded', color: 'var(--loopline-amber)', Icon: IconAlertTriangle },
  'not-connected': { word: 'Not connected', color: 'var(--loopline-grey)', Icon: IconCircleDashed },
}

/** Health in one word, one colour and one shape, so that colour never carries it alone. */
export function HealthBadge({ state }: { state: HealthState }) {
  const { word, color, Icon } = looks[state]
  return (
    <Group gap={6} wrap="nowrap" display="inline-flex" style={{ color }}>
      <Icon size={16} aria-hidden style={{ flexShrink: 0 }} />
      <Text fw={600} c={color} span>
        {word}
      </Text>
    </Group>
  )
}
