/** What a change of an integration's settings means for the records that are here, and doing it. */

import type { Sql } from '../store/database.ts'
import { hurryNextRun } from '../store/due-integrations.ts'
import type { Integration } from '../store/integrations.ts'
import { restartActiveRun } from '../store/runs.ts'
import { resetStreams } from '../store/streams.ts'
import { type ObjectRule, objectsOf } from './objects.ts'

/** What will happen, said before it is done: one sentence each, none when nothing does. */
export function describeSettingsChange(before: Integration, after: Integration): string[] {
  const sentences: string[] = []
  if (before.capability !== after.capability) {
    const added = objectsOf(after.capability).filter((rule) => !isPulledBy(before, rule))
    sentences.push(
      `From the next sync on, ${listOf(added)} are pulled in full. What was pulled so far stays in the database until the integration is deleted, but is no longer updated where it isn’t needed.`,
    )
  }
  if (isEarlier(before, after)) {
    sentences.push(
      'The next sync reads all records from the new start date on, which takes as long as a first one. Nothing that is here is lost.',
    )
  } else if (before.pullFrom?.getTime() !== after.pullFrom?.getTime()) {
    sentences.push(
      'Records from before the new start date that are already here stay. The date counts for what is read from now on.',
    )
  }
  if (before.pullBy === 'created' && after.pullBy === 'updated') {
    sentences.push(
      'The next sync reads everything once more, so that changes made since the records were pulled arrive, too. From then on they always do.',
    )
  }
  if (before.pullBy === 'updated' && after.pullBy === 'created') {
    sentences.push(
      'From now on records that are here are never changed again, not even when they are deleted in Salesforce. Only new ones are added.',
    )
  }
  if (before.domain !== after.domain) {
    sentences.push(
      'The integration has to be connected again. It must be the same Salesforce org: for another one, add another integration.',
    )
  }
  return sentences
}

/** Does what `describeSettingsChange` says, in the caller's transaction. */
export async function applySettingsChange(tx: Sql, before: Integration, after: Integration): Promise<void> {
  const reset = objectsOf(after.capability).filter(
    (rule) =>
      (before.pullBy === 'created' && after.pullBy === 'updated') ||
      (isEarlier(before, after) && rule.history === 'windowed'),
  )
  const objectNames = reset.map((rule) => rule.name)
  if (objectNames.length > 0) await resetStreams(tx, after.id, objectNames)
  // A run that is under way was planned by the old settings: it is planned anew.
  if (objectNames.length > 0 || before.capability !== after.capability || before.pullBy !== after.pullBy) {
    await restartActiveRun(tx, after.id, objectNames)
  }
  if (before.syncEveryMinutes !== after.syncEveryMinutes) await hurryNextRun(tx, after.id)
}

function isPulledBy(integration: Integration, rule: ObjectRule): boolean {
  return objectsOf(integration.capability).some(({ name }) => name === rule.name)
}

function isEarlier(before: Integration, after: Integration): boolean {
  if (before.pullFrom === null) return false
  return after.pullFrom === null || after.pullFrom < before.pullFrom
}

function listOf(rules: readonly ObjectRule[]): string {
  const labels = rules.map((rule) => rule.label)
  return labels.length < 2 ? labels.join('') : `${labels.slice(0, -1).join(', ')} and ${labels.at(-1)}`
}
