import type { AuditAction, AuditDetails, StoredAuditEvent } from '../store/audit.ts'
import { countOf } from './words.ts'

type Sentences = { readonly [A in AuditAction]: (detail: AuditDetails[A], name: string) => string }

const sentences: Sentences = {
  'person.invited': ({ email, role }) => `invited ${email} as ${role}`,
  'person.joined': ({ email, role }) => `${email} joined as ${role}`,
  'person.role-changed': ({ email, from, to }) => `made ${email} ${to} (was ${from})`,
  'person.removed': ({ email }) => `removed ${email}`,
  'invitation.withdrawn': ({ email }) => `withdrew the invitation for ${email}`,
  'api-key.created': ({ name, access }) => `created the API key “${name}” (${access})`,
  'api-key.revoked': ({ name }) => `revoked the API key “${name}”`,
  'integration.added': ({ org, username }, name) => `added ${name}, connected to ${org} as ${username}`,
  'integration.reconnected': ({ org, username }, name) => `re-generated the token of ${name}: ${org} as ${username}`,
  'integration.changed': ({ changes }, name) => `changed ${name}: ${Object.keys(changes).map(labelOf).join(', ')}`,
  'integration.paused': (_, name) => `paused ${name}`,
  'integration.resumed': (_, name) => `resumed ${name}`,
  'integration.deleted': ({ rows, revoked }, name) =>
    `deleted ${name} with ${countOf(rows, 'row')}; ${revoked ? 'its token is revoked' : 'its token could not be revoked'}`,
  'run.started': ({ runId }, name) => `started run ${runId} of ${name}`,
  'run.cancelled': ({ runId }, name) => `cancelled run ${runId} of ${name}`,
  'run.retried': ({ runId, retriedRunId }, name) => `retried run ${retriedRunId} of ${name} as run ${runId}`,
}

/** The event in words, beginning with who did it. */
export function sentenceOf(event: Pick<StoredAuditEvent, 'actor' | 'action' | 'integrationName' | 'detail'>): string {
  const sentence = sentences[event.action as AuditAction] as ((detail: unknown, name: string) => string) | undefined
  const name = event.integrationName ? `“${event.integrationName}”` : 'an integration'
  // An action of a newer version, after going back to this one.
  if (!sentence) return `${event.actor}: ${event.action}`
  const said = sentence(event.detail, name)
  return event.action === 'person.joined' ? `${said}.` : `${event.actor} ${said}.`
}

const labels: Readonly<Record<string, string>> = {
  name: 'name',
  capability: 'capability',
  environment: 'environment',
  domain: 'Salesforce domain URL',
  pullBy: 'Pull Record By',
  pullFrom: 'Pull records from',
  syncEveryMinutes: 'Sync every',
  clientId: 'client ID',
  clientSecret: 'client secret',
}

const labelOf = (field: string) => labels[field] ?? field
