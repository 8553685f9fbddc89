import type { ReactNode } from 'react'
import { RelativeTime } from '../components/relative-time.tsx'
import { formatCount, formatDay } from '../format.ts'
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

/** A field's API name in plain words: `Escalation_Reason__c` is "Escalation reason"; a package's prefix is left out. */
export function fieldName(name: string): string {
  const bare = name.replace(/__c$/i, '').replace(/^[a-z0-9]+__/i, '')
  const words = bare.includes('_') ? bare.split(/_+/) : bare.split(/(?<=[a-z])(?=[A-Z])/)
  // SLA and kWp stay as they are.
  const text = words.map((word) => (/.[A-Z]/.test(word) ? word : word.toLowerCase())).join(' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
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
