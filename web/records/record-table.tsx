import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useRouterState } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, type RefObject, useCallback, useEffect } from 'react'
import classes from './record-list.module.css'
import type { ListColumn } from './record-list.tsx'
import { useRowWalk } from './row-walk.ts'

const ROW_HEIGHT = 44
const EARLY_ROWS = 15

// How far each visit of a list was scrolled, to come back to the same rows from a record.
const offsets = new Map<string, number>()

interface RecordTableProps<T> {
  noun: string
  items: readonly T[]
  columns: readonly ListColumn<T>[]
  sort: string
  onSort: (sort: string) => void
  onEnd: () => void
  foot: ReactNode
  isOutdated: boolean
  scroller: RefObject<HTMLDivElement | null>
}

/** The list on a wide screen: a real table that scrolls inside itself and holds only the rows in sight. */
export function RecordTable<T extends { id: string }>(props: RecordTableProps<T>) {
  const { items, columns, scroller, onEnd } = props
  const visit = useRouterState({ select: (state) => state.location.state.__TSR_key ?? state.location.href })
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    getItemKey: (index) => items[index]?.id ?? index,
    initialOffset: () => offsets.get(visit) ?? 0,
  })
  const rows = virtualizer.getVirtualItems()
  const last = rows.at(-1)?.index ?? 0

  useEffect(() => {
    if (last >= items.length - EARLY_ROWS) onEnd()
  }, [last, items.length, onEnd])

  const show = useCallback((index: number) => virtualizer.scrollToIndex(index, { align: 'auto' }), [virtualizer])
  useRowWalk(scroller, items.length, show)

  const before = rows[0]?.start ?? 0
  const after = virtualizer.getTotalSize() - (rows.at(-1)?.end ?? 0)
  return (
    <section
      ref={scroller}
      className={classes.scroller}
      aria-label={`List of ${props.noun}s`}
      data-outdated={props.isOutdated || undefined}
      onScroll={(event) => offsets.set(visit, event.currentTarget.scrollTop)}
    >
      <table className={classes.table} aria-rowcount={-1}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.header} style={column.width ? { width: column.width } : {}} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell key={column.header} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <tr aria-hidden style={{ height: before }} />}
          {rows.map(({ index, key }) => {
            const item = items[index]
            if (!item) return null
            return (
              <tr
                key={key}
                className={classes.row}
                data-index={index}
                aria-rowindex={index + 2}
                style={{ height: ROW_HEIGHT }}
              >
                {columns.map((column) => (
                  <td key={column.header} data-align={column.align}>
                    {column.cell(item)}
                  </td>
                ))}
              </tr>
            )
          })}
          {after > 0 && <tr aria-hidden style={{ height: after }} />}
        </tbody>
      </table>
      <div className={classes.foot}>{props.foot}</div>
    </section>
  )
}

function HeaderCell<T>({
  column,
  sort,
  onSort,
}: {
  column: ListColumn<T>
  sort: string
  onSort: (sort: string) => void
}) {
  if (!column.sort) {
    return (
      <th scope="col" data-align={column.align}>
        {column.header}
      </th>
    )
  }
  const { by, first } = column.sort
  const direction = sort === by ? 'ascending' : sort === `-${by}` ? 'descending' : 'none'
  const next = direction === 'none' ? first : direction === 'ascending' ? 'descending' : 'ascending'
  return (
    <th scope="col" data-align={column.align} aria-sort={direction}>
      <button type="button" className={classes.sort} onClick={() => onSort(next === 'descending' ? `-${by}` : by)}>
        {column.header}
        {direction === 'ascending' && <IconArrowUp size={14} aria-hidden />}
        {direction === 'descending' && <IconArrowDown size={14} aria-hidden />}
      </button>
    </th>
  )
}
