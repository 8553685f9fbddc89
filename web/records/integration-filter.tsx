import type { Capability } from '../../src/api/schemas.ts'
import { useFeedingIntegrations } from './feeding-integrations.ts'
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
  const feeding = useFeedingIntegrations(capabilities) ?? []
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
