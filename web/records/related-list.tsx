import { Button, Skeleton, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { api } from '../api.ts'
import { ErrorNotice } from '../components/error-notice.tsx'
import type { Page } from '../queries.ts'
import classes from './record-list.module.css'
import type { ListColumn } from './record-list.tsx'
import type { ListQuery } from './record-pages.ts'

interface RelatedListProps<T> {
  /** What the rows are, for the table's name: "contacts of this account". */
  label: string
  path: string
  query?: ListQuery
  columns: readonly ListColumn<T>[]
  card: (item: T) => ReactNode
  /** Said when there is none. */
  none: string
}

/** The records that belong to the one looked at; as long as needed, further ones on demand. */
export function RelatedList<T extends { id: string }>({
  label,
  path,
  query,
  columns,
  card,
  none,
}: RelatedListProps<T>) {
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false }) ?? false
  const pages = useInfiniteQuery({
    queryKey: ['related', path, query],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<T>>(path, { query: pageParam === null ? { ...query } : { ...query, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  })
  if (pages.isPending) return <Skeleton height={120} className={classes.late ?? ''} />
  if (pages.error) {
    return (
      <ErrorNotice error={pages.error}>
        <Button size="xs" variant="default" onClick={() => void pages.refetch()}>
          Try again
        </Button>
      </ErrorNotice>
    )
  }
  const items = pages.data.pages.flatMap((page) => page.items)
  if (items.length === 0) return <Text c="dimmed">{none}</Text>
  return (
    <>
      {narrow ? (
        <ul className={classes.cards} aria-label={label}>
          {items.map((item) => (
            <li key={item.id} className={classes.stillCard}>
              {card(item)}
            </li>
          ))}
        </ul>
      ) : (
        <section className={classes.related} aria-label={label}>
          <table className={classes.table}>
            <colgroup>
              {columns.map((column) => (
                <col key={column.header} style={column.width ? { width: column.width } : {}} />
              ))}
            </colgroup>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column.header} scope="col" data-align={column.align}>
                    {column.header}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <tr key={item.id} className={classes.row}>
                  {columns.map((column) => (
                    <td key={column.header} data-align={column.align}>
                      {column.cell(item)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {pages.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          mt="sm"
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  )
}
