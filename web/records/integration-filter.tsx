import { useQuery } from '@tanstack/react-query'
import type { Capability } from '../../src/api/schemas.ts'
import { integrationsQuery } from '../queries.ts'
import { FilterMenu } from './filter-menu.tsx'
import type { ListSearch } from './list-search.ts'

/** Which integration's records; offered only where there is a choice. */
export function IntegrationFilter({
  search,
  capabilities,
}: {
  search: ListSearch
  capabilities: readonly Capability[]
}) {
  const { data } = useQuery(integrationsQuery)
  const feeding = data?.items.filter((integration) => capabilities.includes(integration.capability)) ?? []
  const value = search.many('integrationId')
  if (feeding.length < 2 && value.length === 0) return null
  return (
    <FilterMenu
      label="Integration"
      options={feeding.map((integration) => ({ value: integration.id, label: integration.name }))}
      value={value}
      onChange={(integrationId) => search.set({ integrationId })}
    />
  )
}
