/** One word, one sentence: how an integration is. Pure, from what the store knows. */

import type { Failure } from '../errors.ts'
import type { Health } from './schemas.ts'
import { countOf, timeOf } from './words.ts'

export interface HealthFacts {
  readonly now: Date
  readonly pausedAt: Date | null
  readonly nextRunAt: Date | null
  /** null: nobody has connected it, or the connection was removed. */
  readonly connection: {
    readonly health: 'connected' | 'degraded' | 'reconnect'
    readonly failure: Failure | null
    readonly healthSince: Date
    readonly connectedAt: Date
    readonly orgName: string | null
    readonly username: string
  } | null
  readonly activeRun: {
    readonly kind: 'backfill' | 'incremental' | 'verify'
    readonly state: string
    readonly createdAt: Date
    readonly retryAt: Date | null
    readonly failure: Failure | null
    readonly objectsDone: number
    readonly objectsTotal: number
    readonly recordsRead: number
    readonly recordsExpected: number | null
  } | null
  readonly lastRun: {
    readonly state: string
    readonly finishedAt: Date | null
    readonly failure: Failure | null
  } | null
  readonly objects: number
  /** Those that Salesforce refuses. */
  readonly refused: readonly { readonly label: string; readonly failure: Failure | null }[]
}

/** What matters most comes first: a dead connection before a pause, a pause before what is under way. */
export function healthOf(facts: HealthFacts): Health {
  const { connection, pausedAt, activeRun, lastRun } = facts
  if (!connection) {
    return health('not-connected', 'Not connected to Salesforce yet. Re-generate Token connects it.', null)
  }
  if (connection.health === 'reconnect') {
    const why = connection.failure?.message ?? 'Salesforce no longer accepts this connection.'
    const action = connection.failure?.action ?? 'Syncing is paused, nothing is lost.'
    return health('reconnect', `${ended(why)} ${action}`, connection.healthSince, connection.failure)
  }
  if (pausedAt) {
    return health(
      'paused',
      'Paused by an admin. What was copied stays readable; resuming goes on from there.',
      pausedAt,
    )
  }
  if (activeRun?.state === 'waiting') {
    const why = activeRun.failure?.message ?? 'The sync could not go on.'
    return health(
      'degraded',
      `${ended(why)} ${nextTry(activeRun.retryAt, facts.now)}`,
      activeRun.createdAt,
      activeRun.failure,
    )
  }
  if (activeRun) return health('syncing', syncingSentence(activeRun, lastRun === null), activeRun.createdAt)
  if (lastRun?.state === 'failed') {
    const why = lastRun.failure?.message ?? 'The last sync failed.'
    const next = facts.nextRunAt ? ` ${nextTry(facts.nextRunAt, facts.now)}` : ''
    return health('degraded', `${ended(why)}${next}`, lastRun.finishedAt, lastRun.failure)
  }
  if (facts.refused.length > 0) {
    return health('degraded', refusedSentence(facts), lastRun?.finishedAt ?? null, facts.refused[0]?.failure ?? null)
  }
  if (connection.health === 'degraded') {
    const why = connection.failure?.message ?? 'Salesforce answers, but not as it should.'
    return health('degraded', ended(why), connection.healthSince, connection.failure)
  }
  return health(
    'connected',
    `Connected to ${connection.orgName ?? 'Salesforce'} as ${connection.username}.`,
    connection.connectedAt,
  )
}

function health(state: Health['state'], sentence: string, since: Date | null, failure: Failure | null = null): Health {
  return { state, sentence, since: since?.toISOString() ?? null, failure }
}

function syncingSentence(run: NonNullable<HealthFacts['activeRun']>, isFirst: boolean): string {
  const what = run.kind === 'verify' ? 'Verify run' : isFirst ? 'First sync' : 'Sync'
  if (run.state === 'queued') return `${what} is about to start.`
  if (run.objectsTotal === 0) return `${what} is running.`
  const read =
    run.recordsExpected === null
      ? `${countOf(run.recordsRead, 'record')} so far`
      : `${countOf(run.recordsRead, 'record')} of about ${countOf(run.recordsExpected, 'record')}`
  return `${what} is running: ${run.objectsDone} of ${countOf(run.objectsTotal, 'object')} done, ${read}.`
}

function refusedSentence({ refused, objects }: HealthFacts): string {
  const labels = refused.map(({ label }) => label)
  const shown = labels.slice(0, 3).join(', ')
  const names = labels.length > 3 ? `${shown} and ${labels.length - 3} more` : shown
  const others = objects - refused.length
  const rest = others > 0 ? ` The other ${others === 1 ? 'one is' : `${others} are`} up to date.` : ''
  return `${refused.length} of ${countOf(objects, 'object')} could not be read: ${names}.${rest}`
}

function nextTry(at: Date | null, now: Date): string {
  if (!at) return 'Loopline tries again by itself.'
  return at <= now ? 'Loopline is about to try again.' : `Loopline tries again at ${timeOf(at)}.`
}

const ended = (text: string) => (/[.!?…]$/.test(text) ? text : `${text}.`)
