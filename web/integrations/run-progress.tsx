import { Progress, Stack, Text } from '@mantine/core'
import type { Run } from '../../src/api/schemas.ts'
import { RelativeTime } from '../components/relative-time.tsx'
import { formatCount, formatDuration } from '../format.ts'

/** How far a run is: objects, rows, rate and, once it can be known, the time left. */
export function RunProgress({ run }: { run: Run }) {
  const percent = percentOf(run)
  return (
    <Stack gap={4}>
      <Progress.Root size="sm" aria-label="Sync progress">
        <Progress.Section
          value={percent ?? 100}
          striped={percent === null}
          animated={percent === null}
          aria-label="Sync progress"
          {...(percent === null ? { 'aria-valuetext': 'not known yet' } : {})}
        />
      </Progress.Root>
      <Text size="xs" c="dimmed" component="div">
        <RunSentence run={run} />
      </Text>
    </Stack>
  )
}

function RunSentence({ run }: { run: Run }) {
  if (run.cancelRequested) return 'Being cancelled; what was loaded stays.'
  if (run.state === 'queued') return 'Queued; a worker takes it in a moment.'
  if (run.state === 'waiting') {
    return (
      <>
        {run.failure?.message ?? 'Waiting.'}{' '}
        {run.retryAt && (
          <>
            Goes on <RelativeTime iso={run.retryAt} />.
          </>
        )}
      </>
    )
  }
  const parts = [
    run.objectsTotal > 0 && `${run.objectsDone} of ${run.objectsTotal} objects`,
    `${formatCount(run.recordsRead)}${run.recordsExpected ? ` of about ${formatCount(Math.max(run.recordsExpected, run.recordsRead))}` : ''} records`,
    run.recordsPerSecond && run.recordsPerSecond >= 1 && `${formatCount(Math.round(run.recordsPerSecond))} per second`,
    run.secondsLeft !== null && run.secondsLeft > 0 && `about ${formatDuration(run.secondsLeft)} left`,
  ]
  return parts.filter(Boolean).join(' · ')
}

function percentOf(run: Run): number | null {
  if (run.recordsExpected) return Math.min(100, (100 * run.recordsRead) / run.recordsExpected)
  if (run.objectsTotal > 0 && run.objectsDone > 0) return (100 * run.objectsDone) / run.objectsTotal
  return null
}
