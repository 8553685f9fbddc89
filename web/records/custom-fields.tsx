import type { ReactNode } from 'react'
import { RelativeTime } from '../components/relative-time.tsx'
import { formatCount, formatDay } from '../format.ts'
import { fieldName } from './field-name.ts'
import { Facts, Panel } from './record-page.tsx'

/** The org's own fields, as far as they are filled in. */
export function CustomFields({ custom }: { custom: Readonly<Record<string, unknown>> }) {
  const names = Object.keys(custom)
  if (names.length === 0) return null
  // A package's field can have the name of one of the org's own: then both keep their API names.
  const plain = Map.groupBy(names, fieldName)
  const facts = names
    .map(
      (name) =>
        [(plain.get(fieldName(name))?.length ?? 0) > 1 ? name : fieldName(name), showValue(custom[name])] as const,
    )
    .toSorted(([a], [b]) => a.localeCompare(b))
  return (
    <Panel title="Custom fields">
      <Facts facts={Object.fromEntries(facts)} />
    </Panel>
  )
}

function showValue(value: unknown): ReactNode {
  if (value === null || value === undefined || value === '') return null
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value === 'number') return formatCount(value)
  if (typeof value !== 'string') return JSON.stringify(value)
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return <RelativeTime iso={value} />
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return formatDay(`${value}T00:00`)
  if (/^https?:\/\/\S+$/.test(value)) {
    return (
      <a href={value} target="_blank" rel="noopener noreferrer nofollow">
        {value}
      </a>
    )
  }
  return value
}
