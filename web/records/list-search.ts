import { useNavigate, useSearch } from '@tanstack/react-router'
import type { SearchParams } from '../search-params.ts'

/** The list's state as the address holds it: filters, sort and tab, to share, to reload and to come back to. */
export function useListSearch() {
  const search: SearchParams = useSearch({ strict: false })
  const navigate = useNavigate()
  return {
    one: (name: string): string | undefined => textsOf(search[name])[0],
    many: (name: string): string[] => textsOf(search[name]),
    has: (names: readonly string[]): boolean => names.some((name) => textsOf(search[name]).length > 0),
    /** Takes the place of the current address: Back leaves the list instead of undoing filters one by one. */
    set: (changes: SearchParams): void => {
      void navigate({ to: '.', search: { ...search, ...changes }, replace: true })
    },
  }
}

export type ListSearch = ReturnType<typeof useListSearch>

function textsOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat().filter((text) => text !== '')
}
