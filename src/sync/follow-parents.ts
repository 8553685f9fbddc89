import { followDeletions } from '../store/mirror.ts'
import { countFollowed, listRunStreams } from '../store/run-streams.ts'
import { fenced } from '../store/runs.ts'
import { tableName } from './columns.ts'
import type { PreparedStream } from './prepare.ts'
import type { WindowedRun } from './run-context.ts'

/**
 * Salesforce deletes a case's history with it, and brings it back with it, without touching the one time that history
 * has: the rows follow the parents that this run has read.
 */
export async function followParents(context: WindowedRun, prepared: readonly PreparedStream[]): Promise<void> {
  const { session, run, integration } = context
  if (integration.pullBy === 'created') return
  const runStreams = await listRunStreams(session, run)
  for (const { plan } of prepared) {
    const { name: objectName, deletedWith } = plan.rule
    if (!deletedWith) continue
    const parent = prepared.find((stream) => stream.plan.rule.name === deletedWith.objectName)
    const parentRead = runStreams.get(deletedWith.objectName)
    if (!parent || !parentRead?.mode || !hasMark(plan.target) || !hasMark(parent.plan.target)) continue
    await fenced(session, run, async (tx) => {
      const counts = await followDeletions(tx, {
        schemaName: integration.schemaName,
        child: { tableName: plan.target.tableName, column: deletedWith.field.toLowerCase() },
        parent: tableName(deletedWith.objectName),
        since: parentRead.windowStart,
      })
      if (counts.changed > 0) await countFollowed(tx, run, { objectName, ...counts })
    })
  }
}

function hasMark({ columns }: PreparedStream['plan']['target']): boolean {
  return columns.some((column) => column.column === 'isdeleted')
}
