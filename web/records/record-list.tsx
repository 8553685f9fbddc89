import { Button, Skeleton, Stack } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconArrowUp } from '@tabler/icons-react'
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import type { Capability } from '../../src/api/schemas.ts'
import { ErrorNotice } from '../components/error-notice.tsx'
import { formatUnits } from '../format.ts'
import { useFeedingIntegrations } from './feeding-integrations.ts'
import { RecordCards } from './record-cards.tsx'
import classes from './record-list.module.css'
import { type ListQuery, useRecordPages } from './record-pages.ts'
import { RecordTable } from './record-table.tsx'

/** One column of a list on a wide screen. */
export interface ListColumn<T> {
  header: string
  /** CSS width; one column without takes what is left. */
  width?: string
  align?: 'end'
  /** The API's name to sort by, and which way a first click sorts. */
  sort?: { by: string; first: 'ascending' | 'descending' }
  cell: (item: T) => ReactNode
}

interface RecordListProps<T> {
  /** Whose records these can be: with several, each row says which integration it is from. */
  capabilities: readonly Capability[]
  /** What the rows are, for the table's name and in counts: "ticket". */
  noun: string
  path: string
  query: ListQuery
  columns: readonly ListColumn<T>[]
  /** The row on a narrow screen. */
  card: (item: T) => ReactNode
  sort: string
  onSort: (sort: string) => void
  /** Why there is nothing, and what to do about it. */
  empty: ReactNode
}

/**
 * A list of records that grows as one scrolls: a table on a wide screen, cards on a narrow one. The arrow keys, j and k
 * walk through its rows, Enter opens one. A row's cell or card holds one link of class `rowLink`, which covers it.
 */
export function RecordList<T extends { id: string; integrationId: string }>(props: RecordListProps<T>) {
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false }) ?? false
  const scroller = useRef<HTMLDivElement>(null)
  const isAtTop = useCallback(() => (narrow ? window.scrollY : (scroller.current?.scrollTop ?? 0)) < 8, [narrow])
  const list = useRecordPages<T>(props.path, props.query, isAtTop)
  const columns = useColumns(props)

  // Another question begins at the top; the same one, come back to, where it was left.
  const question = JSON.stringify(props.query)
  const asked = useRef(question)
  useEffect(() => {
    if (asked.current === question) return
    asked.current = question
    scroller.current?.scrollTo({ top: 0 })
  }, [question])

  const waiting = useAfter(200, list.isPending)

  if (list.isPending) return waiting ? <ListSkeleton label={`Loading ${props.noun}s`} /> : null
  if (list.error && list.items.length === 0) {
    return (
      <ErrorNotice error={list.error}>
        <Button size="xs" variant="default" onClick={() => void list.retry()}>
          Try again
        </Button>
      </ErrorNotice>
    )
  }
  if (list.items.length === 0) return props.empty

  const showNew = () => {
    list.showNew()
    if (narrow) window.scrollTo({ top: 0 })
    else scroller.current?.scrollTo({ top: 0 })
  }
  const foot = list.error ? (
    <ErrorNotice error={list.error}>
      <Button size="xs" variant="default" onClick={() => void list.retry()}>
        Try again
      </Button>
    </ErrorNotice>
  ) : list.isLoadingMore ? (
    `Loading more ${props.noun}s`
  ) : list.hasMore ? null : (
    `End of the list: ${formatUnits(list.items.length, props.noun)}`
  )
  const rows = { items: list.items, onEnd: list.loadMore, foot, isOutdated: list.isOutdated }
  return (
    <div className={classes.list}>
      {list.newRows > 0 && (
        <Button
          className={classes.fresh ?? ''}
          size="compact-sm"
          radius="xl"
          leftSection={<IconArrowUp size={14} />}
          onClick={showNew}
        >
          Show {formatUnits(list.newRows, `newer ${props.noun}`)}
        </Button>
      )}
      {narrow ? (
        <RecordCards {...props} {...rows} />
      ) : (
        <RecordTable {...props} {...rows} columns={columns} scroller={scroller} />
      )}
    </div>
  )
}

function useColumns<T extends { integrationId: string }>(props: RecordListProps<T>): readonly ListColumn<T>[] {
  const feeding = useFeedingIntegrations(props.capabilities) ?? []
  if (feeding.length < 2 || props.query.integrationId !== undefined) return props.columns
  const names = new Map(feeding.map((integration) => [integration.id, integration.name]))
  return [...props.columns, { header: 'Integration', width: '140px', cell: (item) => names.get(item.integrationId) }]
}

function ListSkeleton({ label }: { label: string }) {
  return (
    <Stack gap="sm" pt="sm" role="status" aria-label={label}>
      {Array.from({ length: 12 }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey bars are all alike
        <Skeleton key={index} height={28} />
      ))}
    </Stack>
  )
}

/** True once `on` has been true for that long: what comes sooner must not flash. */
function useAfter(delayMs: number, on: boolean): boolean {
  const [passed, setPassed] = useState(false)
  useEffect(() => {
    if (!on) return
    const timer = setTimeout(() => setPassed(true), delayMs)
    return () => {
      clearTimeout(timer)
      setPassed(false)
    }
  }, [on, delayMs])
  return on && passed
}
