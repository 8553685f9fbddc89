/** The words for what the API names in code. */

import type { Capability, Connection, Environment, PullBy, Run, RunObject, StreamStatus } from '../src/api/schemas.ts'
import { formatDuration } from './format.ts'

export const capabilities: Record<Capability, { label: string; pulls: string }> = {
  helpdesk: {
    label: 'Helpdesk',
    pulls: 'Tickets from Cases, with comments, e-mails, history and files; contacts, accounts, users and queues.',
  },
  crm: {
    label: 'CRM',
    pulls: 'Leads, deals with products and stage history, campaigns, tasks and events; contacts and accounts.',
  },
  content: {
    label: 'Content Management',
    pulls: 'Knowledge articles in every language and publish state, with their categories; files and libraries.',
  },
}

export const environments: Record<Environment, string> = { production: 'Production', sandbox: 'Sandbox' }

export const pullByChoices: Record<PullBy, { label: string; means: string }> = {
  updated: {
    label: 'Updated Time',
    means:
      'Suggested. Follows every change and delete: nothing is missed, and a changed record replaces its older copy.',
  },
  created: {
    label: 'Created Time',
    means: 'Each record is pulled once, as it was then. Later changes and deletes are not followed.',
  },
}

export const syncIntervals: { value: string; label: string }[] = [
  { value: '5', label: '5 minutes' },
  { value: '10', label: '10 minutes' },
  { value: '15', label: '15 minutes' },
  { value: '30', label: '30 minutes' },
  { value: '60', label: '1 hour' },
  { value: '120', label: '2 hours' },
  { value: '240', label: '4 hours' },
  { value: '480', label: '8 hours' },
  { value: '720', label: '12 hours' },
  { value: '1440', label: '24 hours' },
]

export const runStates: Record<Run['state'], string> = {
  queued: 'Queued',
  running: 'Running',
  waiting: 'Waiting',
  finished: 'Finished',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

export const runKinds: Record<Run['kind'], string> = {
  backfill: 'First sync',
  incremental: 'Changes',
  verify: 'Verification',
}

export const runTriggers: Record<Run['trigger'], string> = {
  connect: 'after connecting',
  schedule: 'on schedule',
  manual: 'by hand',
  retry: 'as a retry',
}

export const runObjectStates: Record<RunObject['state'], string> = {
  pending: 'To do',
  running: 'Reading',
  finished: 'Done',
  refused: 'No access',
  failed: 'Failed',
}

export const streamStates: Record<StreamStatus['state'], string> = {
  new: 'Not read yet',
  backfilling: 'First load running',
  live: 'Up to date',
  refused: 'No access',
}

/** acme.my.salesforce.com */
export function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin
}

/** Acme Support (sandbox) as maria@acme.example */
export function connectedTo(connection: Connection): string {
  const org = connection.orgName ?? `org ${connection.orgId}`
  return `${org}${connection.isSandbox ? ' (sandbox)' : ''} as ${connection.username}`
}

/** How long a run took, or has been going. */
export function runDuration(run: Run, now = Date.now()): string | null {
  if (run.startedAt === null) return null
  const end = run.finishedAt === null ? now : new Date(run.finishedAt).getTime()
  return formatDuration((end - new Date(run.startedAt).getTime()) / 1000)
}
