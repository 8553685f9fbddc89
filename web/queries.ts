/** What several pages ask for, each with its key and how often it is asked again. */

import { queryOptions } from '@tanstack/react-query'
import type { About, Integration, Session } from '../src/api/schemas.ts'
import { api } from './api.ts'

/** A page of a list, as the API answers it. */
export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => api.get<Session>('/session', { signal }),
  staleTime: 60_000,
})

export const aboutQuery = queryOptions({
  queryKey: ['about'],
  queryFn: ({ signal }) => api.get<About>('/about', { signal }),
  staleTime: 300_000,
})

/** Every integration; asked each second while one of them syncs, else every ten. */
export const integrationsQuery = queryOptions({
  queryKey: ['integrations'],
  queryFn: ({ signal }) => api.get<Page<Integration>>('/integrations', { signal }),
  refetchInterval: (query) => (query.state.data?.items.some(isActive) ? 1_000 : 10_000),
})

/** One integration, as often as the list. */
export function integrationQuery(id: string) {
  return queryOptions({
    queryKey: ['integrations', id],
    queryFn: ({ signal }) => api.get<Integration>(`/integrations/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: (query) => (query.state.data && isActive(query.state.data) ? 1_000 : 10_000),
  })
}

function isActive(integration: Integration): boolean {
  return integration.activeRun !== null
}
