import { Kbd, TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useRef } from 'react'
import { textOf } from '../search-params.ts'

/** Searches the tickets from anywhere; `/` brings the cursor here. */
export function SearchBox() {
  const navigate = useNavigate()
  const input = useRef<HTMLInputElement>(null)
  const current = useLocation({
    select: ({ pathname, search }) => (pathname === '/tickets' ? (textOf((search as { q?: unknown }).q) ?? '') : ''),
  })
  useHotkeys([['/', () => input.current?.focus()]])
  return (
    <search style={{ flex: 1, maxWidth: 420, minWidth: 0 }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const q = input.current?.value.trim()
          void navigate({ to: '/tickets', search: q ? { q } : {} })
        }}
      >
        <TextInput
          key={current}
          ref={input}
          defaultValue={current}
          type="search"
          aria-label="Search tickets"
          placeholder="Search tickets"
          leftSection={<IconSearch size={16} aria-hidden />}
          rightSection={<Kbd size="xs">/</Kbd>}
          rightSectionPointerEvents="none"
        />
      </form>
    </search>
  )
}
