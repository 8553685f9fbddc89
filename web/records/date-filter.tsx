import { Button, Group, Popover, Stack, TextInput } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import dayjs from 'dayjs'
import { formatDay } from '../format.ts'
import classes from './list-filters.module.css'

const RANGES = [
  { label: 'Today', days: 0 },
  { label: 'Last 7 days', days: 7 },
  { label: 'Last 30 days', days: 30 },
  { label: 'Last 90 days', days: 90 },
  { label: 'Last 12 months', days: 365 },
]

interface DateFilterProps {
  label: string
  /** Days as `2026-11-22`, both included. */
  from: string | undefined
  to: string | undefined
  onChange: (range: { from: string | undefined; to: string | undefined }) => void
}

/** A span of days, in the person's own time zone. */
export function DateFilter({ label, from, to, onChange }: DateFilterProps) {
  return (
    <Popover position="bottom-start" width={280} trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          size="xs"
          className={classes.filter ?? ''}
          data-set={from !== undefined || to !== undefined || undefined}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          <span className={classes.label}>
            {label}
            <b>{spanText(from, to)}</b>
          </span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>
        <Stack gap="sm">
          <Group gap={6}>
            {RANGES.map((range) => (
              <Button
                key={range.label}
                size="compact-xs"
                variant="light"
                onClick={() =>
                  onChange({ from: dayjs().subtract(range.days, 'day').format('YYYY-MM-DD'), to: undefined })
                }
              >
                {range.label}
              </Button>
            ))}
          </Group>
          <TextInput
            type="date"
            label="From"
            value={from ?? ''}
            max={to}
            onChange={(event) => onChange({ from: event.currentTarget.value || undefined, to })}
          />
          <TextInput
            type="date"
            label="To"
            value={to ?? ''}
            min={from}
            onChange={(event) => onChange({ from, to: event.currentTarget.value || undefined })}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

/** The first moment of a day in the person's zone, as the API takes it; undefined for what is no day. */
export function startOfDay(day: string | undefined): string | undefined {
  const moment = dayjs(day ?? null)
  return moment.isValid() ? moment.startOf('day').toISOString() : undefined
}

/** The last moment of a day in the person's zone, as the API takes it; undefined for what is no day. */
export function endOfDay(day: string | undefined): string | undefined {
  const moment = dayjs(day ?? null)
  return moment.isValid() ? moment.endOf('day').toISOString() : undefined
}

function spanText(from: string | undefined, to: string | undefined): string {
  const [first, last] = [startOfDay(from), startOfDay(to)]
  if (first && last) return `: ${formatDay(first)} to ${formatDay(last)}`
  if (first) return `: since ${formatDay(first)}`
  return last ? `: until ${formatDay(last)}` : ''
}
