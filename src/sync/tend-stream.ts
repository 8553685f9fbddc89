import { analyzeMirror, createIndexes, measureMirror } from '../store/mirror.ts'
import { fenced } from '../store/runs.ts'
import { saveStreamTotals } from '../store/streams.ts'
import { compileIndexes } from '../unified/indexes.ts'
import type { StreamPlan } from './plan.ts'
import type { WindowedRun } from './run-context.ts'

/**
 * What a first load leaves to do: the table's indexes, its statistics and exact totals. Safe to repeat.
 */
export async function tendStream(context: WindowedRun, plan: StreamPlan): Promise<void> {
  const { session, run, integration } = context
  const objectName = plan.rule.name
  const columns = new Map(plan.target.columns.map((column) => [column.column, column]))
  const indexes = compileIndexes({
    schemaName: integration.schemaName,
    capability: integration.capability,
    tables: new Map([[objectName, columns]]),
  })
  await createIndexes(
    session,
    indexes.filter((index) => index.objectName === objectName).map((index) => index.sql),
  )
  await analyzeMirror(session, plan.target)
  const totals = await measureMirror(session, plan.target, plan.merge.timeColumn)
  await fenced(session, run, (tx) => saveStreamTotals(tx, integration.id, { objectName, ...totals }))
  context.onStep('stream-tended', objectName)
}
