import { useSyncExternalStore } from 'react'
import { formatExactTime, formatRelative } from '../format.ts'

let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

// One clock for all times on the page: a list of hundreds must not hold hundreds of timers.
function listen(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) {
    // It stood still while nothing listened.
    now = Date.now()
    timer = setInterval(() => {
      now = Date.now()
      for (const each of listeners) each()
    }, 5_000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

/** "4 min ago", kept up to date, with the exact time in the person's zone on hover. */
export function RelativeTime({ iso, fallback = '–' }: { iso: string | null | undefined; fallback?: string }) {
  const current = useSyncExternalStore(listen, () => now)
  if (!iso) return <span>{fallback}</span>
  return (
    <time dateTime={iso} title={formatExactTime(iso)}>
      {formatRelative(iso, current)}
    </time>
  )
}
