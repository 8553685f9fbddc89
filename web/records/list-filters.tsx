import { Button, CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { type ReactNode, useEffect, useState } from 'react'
import classes from './list-filters.module.css'
import type { ListSearch } from './list-search.ts'

interface ListFiltersProps {
  search: ListSearch
  /** The address's names that "Clear filters" takes out. */
  names: readonly string[]
  children: ReactNode
}

/** The row of filters above a list, with the way out of them. */
export function ListFilters({ search, names, children }: ListFiltersProps) {
  return (
    <div className={classes.bar}>
      {children}
      {search.has(names) && <ClearFilters search={search} names={names} />}
    </div>
  )
}

/** Takes every named filter out of the address. */
export function ClearFilters({ search, names }: { search: ListSearch; names: readonly string[] }) {
  return (
    <Button
      size="xs"
      variant="subtle"
      onClick={() => search.set(Object.fromEntries(names.map((name) => [name, undefined])))}
    >
      Clear filters
    </Button>
  )
}

/** Searches as one types; `q` in the address. */
export function SearchField({ search, label }: { search: ListSearch; label: string }) {
  const current = search.one('q') ?? ''
  const [text, setText] = useState(current)
  const apply = useDebouncedCallback((q: string) => search.set({ q: q.trim() || undefined }), 250)

  // The address can change under the field: Back, "Clear filters".
  useEffect(() => setText((typed) => (typed.trim() === current ? typed : current)), [current])

  const type = (value: string) => {
    setText(value)
    apply(value)
  }
  return (
    <TextInput
      type="search"
      size="xs"
      className={classes.search ?? ''}
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={text === '' ? null : <CloseButton size="sm" aria-label="Clear search" onClick={() => type('')} />}
    />
  )
}
