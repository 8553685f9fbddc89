import { useQuery } from '@tanstack/react-query'
import type { Capability, Integration } from '../../src/api/schemas.ts'
import { integrationsQuery } from '../queries.ts'

/** The integrations with one of these capabilities; undefined until they are known. */
export function useFeedingIntegrations(capabilities: readonly Capability[]): Integration[] | undefined {
  const { data } = useQuery(integrationsQuery)
  return data?.items.filter((integration) => capabilities.includes(integration.capability))
}
