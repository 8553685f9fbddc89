import { ButtonLink } from '../components/button-link.tsx'

/** Leads to where the token is made anew. */
export function RegenerateLink({ integrationId }: { integrationId: string }) {
  return (
    <ButtonLink
      to="/settings/integrations/$id/edit"
      params={{ id: integrationId }}
      search={{ tab: 'authentication' }}
      size="xs"
      variant="default"
    >
      Re-generate Token
    </ButtonLink>
  )
}
