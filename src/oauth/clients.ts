import type { Vault } from './vault.ts'

/** The External Client App in whose name Loopline speaks. */
export interface OAuthClient {
  readonly clientId: string
  readonly clientSecret?: string
  readonly source: 'integration' | 'practice' | 'installation'
}

/** An integration, or a draft of one: what it says of an app of its own. */
export interface ClientOwner {
  readonly id?: string
  readonly clientId?: string | null | undefined
  readonly clientSecret?: string | undefined
  readonly clientSecretSealed?: string | null | undefined
}

export interface ClientDirectory {
  /** The app to use at this login host; undefined when there is none and the admin has to give one. */
  find(owner: ClientOwner, origin: string): OAuthClient | undefined
}

interface ClientOptions {
  readonly installation?: { readonly clientId: string; readonly clientSecret?: string } | undefined
  readonly practice?: { readonly origin: string; readonly clientId: string; readonly clientSecret: string } | undefined
  readonly vault: Vault
}

/** An integration's own app comes first; the practice org knows only its own; all others use the installation's. */
export function createClientDirectory({ installation, practice, vault }: ClientOptions): ClientDirectory {
  return {
    find(owner, origin) {
      if (owner.clientId) {
        const secret = owner.clientSecret ?? openClientSecret(vault, owner)
        return { clientId: owner.clientId, ...(secret ? { clientSecret: secret } : {}), source: 'integration' }
      }
      if (practice && practice.origin === origin) {
        return { clientId: practice.clientId, clientSecret: practice.clientSecret, source: 'practice' }
      }
      return installation && { ...installation, source: 'installation' }
    },
  }
}

/** Seals an integration's client secret, for `integrations.client_secret_sealed`. */
export function sealClientSecret(vault: Vault, integrationId: string, clientSecret: string): string {
  return vault.seal(clientSecret, contextOf(integrationId))
}

function openClientSecret(vault: Vault, { id, clientSecretSealed }: ClientOwner): string | undefined {
  return id && clientSecretSealed ? vault.open(clientSecretSealed, contextOf(id)) : undefined
}

function contextOf(integrationId: string): string {
  return `integrations/${integrationId}/client-secret`
}
