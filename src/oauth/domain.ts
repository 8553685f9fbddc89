import { type HostOptions, type NormalizedDomain, normalizeDomain } from '../salesforce/hosts.ts'
import type { Environment } from '../store/integrations.ts'

/**
 * What an admin typed as the Salesforce domain, as it will be used. When the address tells another environment than
 * the one chosen, the address is right, and the note says so. Throws what is wrong with it, for the field `domain`.
 */
export function checkDomain(
  typed: { domain: string; environment?: Environment | undefined },
  options: HostOptions,
): NormalizedDomain {
  const found = normalizeDomain(typed.domain, options)
  if (!found.environment || !typed.environment || found.environment === typed.environment) return found
  const correction = `This is the address of a ${found.environment} org, so Environment is set to match.`
  return { ...found, note: found.note ? `${found.note}. ${correction}` : correction }
}
