import { type RefObject, useEffect, useRef } from 'react'

/**
 * The arrow keys, j and k move the focus from row to row, wherever on the page it was; the row's own link does the
 * rest (Enter opens it, a screen reader reads it). Rows carry `data-index`, their link `data-row-link`.
 */
export function useRowWalk(
  container: RefObject<HTMLElement | null>,
  count: number,
  show: (index: number) => void,
): void {
  const wanted = useRef<number | null>(null)

  // After each render: a row that was out of sight exists only once the list has scrolled to it.
  useEffect(() => {
    if (wanted.current === null) return
    const link = container.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"] [data-row-link]`)
    if (!link) return
    wanted.current = null
    link.focus({ preventScroll: true })
  })

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const step = stepOf(event)
      if (step === 0 || count === 0) return
      const row = document.activeElement?.closest<HTMLElement>('[data-index]')
      const current = row && container.current?.contains(row) ? Number(row.dataset.index) : null
      const next = current === null ? 0 : Math.min(count - 1, Math.max(0, current + step))
      event.preventDefault()
      wanted.current = next
      show(next)
      const link = container.current?.querySelector<HTMLElement>(`[data-index="${next}"] [data-row-link]`)
      if (!link) return
      wanted.current = null
      link.focus({ preventScroll: true })
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [container, count, show])
}

function stepOf(event: KeyboardEvent): -1 | 0 | 1 {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return 0
  const target = event.target
  // Fields, open menus and dialogs have their own use for these keys.
  if (
    target instanceof Element &&
    target.closest(
      'input, textarea, select, [contenteditable], [role="menu"], [role="listbox"], [role="dialog"], [role="tablist"], [aria-expanded="true"]',
    )
  )
    return 0
  if (event.key === 'j' || event.key === 'ArrowDown') return 1
  if (event.key === 'k' || event.key === 'ArrowUp') return -1
  return 0
}
