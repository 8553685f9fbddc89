import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import classes from './record-list.module.css'
import { useRowWalk } from './row-walk.ts'

const CARD_HEIGHT = 96
const EARLY_CARDS = 8

interface RecordCardsProps<T> {
  noun: string
  items: readonly T[]
  card: (item: T) => ReactNode
  onEnd: () => void
  foot: ReactNode
  isOutdated: boolean
}

/** The list on a narrow screen: cards that scroll with the page. */
export function RecordCards<T extends { id: string }>({
  noun,
  items,
  card,
  onEnd,
  foot,
  isOutdated,
}: RecordCardsProps<T>) {
  const list = useRef<HTMLUListElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    if (list.current) setTop(list.current.getBoundingClientRect().top + window.scrollY)
  }, [])
  const virtualizer = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => CARD_HEIGHT,
    overscan: 6,
    scrollMargin: top,
    getItemKey: (index) => items[index]?.id ?? index,
  })
  const rows = virtualizer.getVirtualItems()
  const last = rows.at(-1)?.index ?? 0

  useEffect(() => {
    if (last >= items.length - EARLY_CARDS) onEnd()
  }, [last, items.length, onEnd])

  const show = useCallback((index: number) => virtualizer.scrollToIndex(index, { align: 'auto' }), [virtualizer])
  useRowWalk(list, items.length, show)

  return (
    <>
      <ul
        ref={list}
        className={classes.cards}
        aria-label={`List of ${noun}s`}
        data-outdated={isOutdated || undefined}
        style={{ height: virtualizer.getTotalSize() }}
      >
        {rows.map(({ index, key, start }) => {
          const item = items[index]
          if (!item) return null
          return (
            <li
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              className={classes.card}
              style={{ transform: `translateY(${start - top}px)` }}
            >
              {card(item)}
            </li>
          )
        })}
      </ul>
      <div className={classes.foot}>{foot}</div>
    </>
  )
}
