/** A keyset-paged list of records that grows as one scrolls and stays fresh without moving what one looks at. */

import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api } from '../api.ts'
import type { Page } from '../queries.ts'

const FRESH_MS = 15_000
// While a first sync fills an empty list, its first rows are what one waits for.
const EMPTY_FRESH_MS = 3_000

/** What a list is asked for, as the API names it. */
export type ListQuery = Readonly<Record<string, string | readonly string[] | undefined>>

type Pages<T> = InfiniteData<Page<T>, string | null>

interface Fresh<T> {
  /** How many rows of the newest first page are not shown yet. */
  newRows: number
  page: Page<T>
}

/**
 * The list's rows so far. Every 15 seconds its first page is asked again: rows already shown are updated where they
 * stand; new ones are put on top only while `isAtTop`, else they are counted in `newRows` until `showNew`.
 */
export function useRecordPages<T extends { id: string }>(path: string, query: ListQuery, isAtTop: () => boolean) {
  const client = useQueryClient()
  const key = ['records', path, query]

  const pages = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<T>>(path, { query: pageParam === null ? query : { ...query, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    // Kept fresh below: refetching every page that was scrolled through would cost more, the longer one scrolls.
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  })

  const isEmpty = pages.data?.pages[0]?.items.length === 0
  const freshKey = [...key, 'fresh']
  const fresh = useQuery({
    queryKey: freshKey,
    queryFn: async ({ signal }): Promise<Fresh<T> | null> => {
      const page = await api.get<Page<T>>(path, { query, signal })
      const shown = client.getQueryData<Pages<T>>(key)
      if (!shown) return null
      const next = isAtTop() && !startsLike(shown, page) ? onlyPage(page) : updateInPlace(shown, page)
      client.setQueryData(key, next)
      return { newRows: countUnknown(next, page), page }
    },
    enabled: pages.isSuccess,
    initialData: null,
    staleTime: FRESH_MS,
    refetchInterval: isEmpty ? EMPTY_FRESH_MS : FRESH_MS,
  })

  // A record that changed while one scrolled can come again on a later page.
  const items = useMemo(() => {
    const all = pages.data?.pages.flatMap((page) => page.items) ?? []
    return [...new Map(all.map((item) => [item.id, item])).values()]
  }, [pages.data])
  return {
    items,
    isPending: pages.isPending,
    /** The rows shown are those of the previous query, until the new ones are here. */
    isOutdated: pages.isPlaceholderData,
    error: pages.error,
    retry: () => (pages.isFetchNextPageError ? pages.fetchNextPage() : pages.refetch()),
    hasMore: pages.hasNextPage,
    isLoadingMore: pages.isFetchingNextPage,
    loadMore: () => {
      if (pages.hasNextPage && !pages.isFetchingNextPage && !pages.isFetchNextPageError) void pages.fetchNextPage()
    },
    newRows: fresh.data?.newRows ?? 0,
    showNew: () => {
      if (!fresh.data) return
      client.setQueryData(key, onlyPage(fresh.data.page))
      client.setQueryData(freshKey, { newRows: 0, page: fresh.data.page })
    },
  }
}

function onlyPage<T>(page: Page<T>): Pages<T> {
  return { pages: [page], pageParams: [null] }
}

function startsLike<T extends { id: string }>(shown: Pages<T>, page: Page<T>): boolean {
  const first = shown.pages[0]?.items ?? []
  return first.length === page.items.length && first.every((item, index) => item.id === page.items[index]?.id)
}

function updateInPlace<T extends { id: string }>(shown: Pages<T>, page: Page<T>): Pages<T> {
  const newer = new Map(page.items.map((item) => [item.id, item]))
  const pages = shown.pages.map((one) => ({ ...one, items: one.items.map((item) => newer.get(item.id) ?? item) }))
  return { ...shown, pages }
}

function countUnknown<T extends { id: string }>(shown: Pages<T>, page: Page<T>): number {
  const known = new Set(shown.pages.flatMap((one) => one.items.map((item) => item.id)))
  return page.items.filter((item) => !known.has(item.id)).length
}
