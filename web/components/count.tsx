import { formatCount } from '../format.ts'

/** A number with grouped digits; `about` when it is an estimate. */
export function Count({ value, about = false }: { value: number | null | undefined; about?: boolean }) {
  if (value === null || value === undefined) return <span>–</span>
  return (
    <span>
      {about && 'about '}
      {formatCount(value)}
    </span>
  )
}
