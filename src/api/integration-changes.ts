/** Changing an integration's settings: what the form means, and doing it in one transaction with its trail. */

import type { z } from '@hono/zod-openapi'
import type { Failure } from '../errors.ts'
import type { OAuthDeps } from '../oauth/authorize.ts'
import { sealClientSecret } from '../oauth/clients.ts'
import { checkDomain } from '../oauth/domain.ts'
import { recordAudit } from '../store/audit.ts'
import { findConnection, setConnectionHealth } from '../store/connections.ts'
import { changeIntegration, type Integration, type IntegrationChanges } from '../store/integrations.ts'
import { applySettingsChange, describeSettingsChange } from '../sync/settings-change.ts'
import type { Caller } from './caller.ts'
import type { IntegrationChanges as Form } from './schemas.ts'

/** The form's fields as they are kept; what is absent is not among them. */
function changesFrom(
  { vault, extraOrigins }: Pick<OAuthDeps, 'vault' | 'extraOrigins'>,
  { id }: Integration,
  form: z.output<typeof Form>,
): IntegrationChanges {
  const { domain, pullFrom, clientId, clientSecret, ...rest } = form
  const checked =
    domain === undefined ? undefined : checkDomain({ domain, environment: rest.environment }, { extraOrigins })
  const usesInstallationsApp = clientId === ''
  return {
    ...withoutAbsent(rest),
    ...(checked ? { domain: checked.origin } : {}),
    ...(checked?.environment ? { environment: checked.environment } : {}),
    ...(pullFrom === undefined ? {} : { pullFrom: pullFrom === null ? null : new Date(pullFrom) }),
    ...(clientId === undefined ? {} : { clientId: clientId || null }),
    ...(clientSecret ? { clientSecretSealed: sealClientSecret(vault, id, clientSecret) } : {}),
    ...(usesInstallationsApp ? { clientSecretSealed: null } : {}),
  }
}

/** What the form would mean, in sentences; nothing is changed. */
export function previewSettings(
  oauth: Pick<OAuthDeps, 'vault' | 'extraOrigins'>,
  before: Integration,
  form: z.output<typeof Form>,
): string[] {
  const after = { ...before, ...changesFrom(oauth, before, form) }
  const reason = reconnectReason(before, after)
  const sentences = describeSettingsChange(before, after)
  return reason?.code === 'CLIENT_CHANGED' ? [...sentences, `${reason.message} ${reason.remedy}`] : sentences
}

/** Makes the changes, with what they mean for streams and connection. Returns the integration as it is then. */
export async function changeSettings(
  oauth: OAuthDeps,
  before: Integration,
  { form, actor }: { form: z.output<typeof Form>; actor: Caller['actor'] },
): Promise<Integration> {
  const changes = changesFrom(oauth, before, form)
  return oauth.sql.begin(async (tx) => {
    const after = await changeIntegration(tx, before.id, changes)
    const differences = differencesOf(before, after)
    if (Object.keys(differences).length === 0) return after
    await applySettingsChange(tx, before, after)
    // What the change asks for is begun by the scheduler's next round, not by its next date.
    if (describeSettingsChange(before, after).length > 0) {
      await changeIntegration(tx, before.id, { nextRunAt: oauth.now() })
    }
    const failure = reconnectReason(before, after)
    if (failure && (await findConnection(tx, before.id))) {
      await setConnectionHealth(tx, before.id, { health: 'reconnect', failure })
    }
    await recordAudit(tx, {
      actor,
      action: 'integration.changed',
      integration: after,
      detail: { changes: differences },
    })
    return after
  })
}

const compared = [
  'name',
  'capability',
  'environment',
  'domain',
  'pullBy',
  'pullFrom',
  'syncEveryMinutes',
  'clientId',
] as const satisfies (keyof Integration)[]

// For the trail: of a secret only that it changed.
function differencesOf(before: Integration, after: Integration): Record<string, { from: unknown; to: unknown }> {
  const differences: Record<string, { from: unknown; to: unknown }> = {}
  for (const field of compared) {
    const from = JSON.stringify(before[field])
    const to = JSON.stringify(after[field])
    if (from !== to) differences[field] = { from: before[field], to: after[field] }
  }
  if (before.clientSecretSealed !== after.clientSecretSealed) differences.clientSecret = { from: '…', to: '…' }
  return differences
}

// A token is for the org and the app it was issued by.
function reconnectReason(before: Integration, after: Integration): Failure | undefined {
  if (before.domain !== after.domain) {
    return {
      kind: 'reconnect',
      code: 'DOMAIN_CHANGED',
      message: `The Salesforce domain was changed to ${after.domain}, which has not been connected yet.`,
      remedy: 'Re-generate the token to log in there.',
    }
  }
  if (before.clientId !== after.clientId || before.clientSecretSealed !== after.clientSecretSealed) {
    return {
      kind: 'reconnect',
      code: 'CLIENT_CHANGED',
      message: 'The External Client App was changed, and the token belongs to the former one.',
      remedy: 'Re-generate the token to connect through the new one.',
    }
  }
  return undefined
}

function withoutAbsent<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as ReturnType<
    typeof withoutAbsent<T>
  >
}
