import { useQuery } from '@tanstack/react-query'
import type { Person } from '../src/api/schemas.ts'
import { sessionQuery } from './queries.ts'

/** Who is signed in. */
export function usePerson(): Person | null {
  return useQuery(sessionQuery).data?.person ?? null
}

/** Whether changes may be offered; the API decides in the end. */
export function useIsAdmin(): boolean {
  return usePerson()?.role === 'admin'
}
