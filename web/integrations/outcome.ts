/** The sentences after something was done, as notifications. */

import { notifications } from '@mantine/notifications'
import type { Connection, Deletion } from '../../src/api/schemas.ts'
import { failureOf } from '../api.ts'
import { formatUnits } from '../format.ts'
import { connectedTo } from '../words.ts'

/** Said when Salesforce's login has ended well. */
export function sayConnected(connection: Connection | null, isNew: boolean): void {
  const to = connection === null ? 'Salesforce' : connectedTo(connection)
  notifications.show({
    color: 'green',
    title: isNew ? 'Integration added' : 'Token re-generated',
    message: isNew
      ? `Connected to ${to}. First sync is running.`
      : `Connected to ${to}. Syncing goes on from where it stopped.`,
  })
}

/** Said after Delete: what went, and whether Salesforce confirmed that the token is dead. */
export function sayDeleted(deletion: Deletion): void {
  const removed = `${formatUnits(deletion.rowsRemoved, 'copied record')} and the schema were removed here.`
  notifications.show({
    color: deletion.revoked ? 'green' : 'yellow',
    title: `Deleted ${deletion.name}`,
    message: [removed, deletion.revoked ? 'Salesforce confirmed that its token is revoked.' : '', deletion.note ?? '']
      .filter(Boolean)
      .join(' '),
    // What is left to do at Salesforce must not vanish unread.
    autoClose: deletion.revoked && deletion.note === null ? 8_000 : false,
  })
}

/** Said when a small action worked. */
export function sayDone(message: string): void {
  notifications.show({ color: 'green', message })
}

/** Said when a small action, without a place of its own for errors, did not work. */
export function sayFailed(error: unknown): void {
  const failure = failureOf(error)
  notifications.show({
    color: 'red',
    title: failure.message,
    message: [failure.action, failure.remedy].filter(Boolean).join(' ') || failure.code,
    autoClose: 15_000,
  })
}
