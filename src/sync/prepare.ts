/** Before a run reads records: what the org has, what the mirror needs for it, and what to ask for. */

import type { Failure } from '../errors.ts'
import type { ObjectDescribe } from '../salesforce/describe.ts'
import { SalesforceError } from '../salesforce/error.ts'
import type { Sql } from '../store/database.ts'
import { createViews, dropViews, hasViews, type MirrorColumn, shapeMirrorTable } from '../store/mirror.ts'
import { addRunStreams, listRunStreams, type RunStream, refuseRunStream } from '../store/run-streams.ts'
import { fence, saveRunPlan } from '../store/runs.ts'
import { listStreams, refuseStream, type Stream, saveStreamShape } from '../store/streams.ts'
import { compileViews } from '../unified/views.ts'
import { accessRemedy, classify } from './classify.ts'
import { columnsFor, tableName } from './columns.ts'
import { type ObjectRule, objectsOf } from './objects.ts'
import { planStream, type StreamPlan } from './plan.ts'
import type { WindowedRun } from './run-context.ts'

const describeEveryMs = 60 * 60_000

export interface PreparedStream {
  readonly plan: StreamPlan
  readonly stream: Stream
  readonly runStream: RunStream
}

/**
 * Describes what needs it, gives tables and views their shape, and plans every stream. Objects that Salesforce refuses
 * are marked so, and left out.
 */
export async function prepareStreams(context: WindowedRun): Promise<PreparedStream[]> {
  const { integration, session, run, windowEnd } = context
  const rules = objectsOf(integration.capability)
  const before = new Map((await listStreams(session, integration.id)).map((stream) => [stream.objectName, stream]))
  const isStale = ({ name }: ObjectRule) => {
    const describedAt = before.get(name)?.describedAt
    return !describedAt || context.now().getTime() - describedAt.getTime() > describeEveryMs
  }
  const changes = await describeObjects(context, {
    rules: context.isFreshlyDescribed ? rules : rules.filter(isStale),
    before,
  })
  await saveShapes(context, { rules, before, changes })

  const streams = new Map((await listStreams(session, integration.id)).map((stream) => [stream.objectName, stream]))
  const runStreams = await listRunStreams(session, run)
  return rules.flatMap((rule) => {
    const stream = streams.get(rule.name)
    const runStream = runStreams.get(rule.name)
    if (!stream || !runStream || stream.state === 'refused') return []
    return [{ plan: planStream(rule, { stream, settings: integration, windowEnd }), stream, runStream }]
  })
}

type StreamChange =
  | { readonly rule: ObjectRule; readonly failure: Failure }
  | {
      readonly rule: ObjectRule
      readonly label: string
      readonly columns: readonly MirrorColumn[]
      readonly notes: readonly string[]
      readonly isReshaped: boolean
    }

async function describeObjects(
  context: WindowedRun,
  { rules, before }: { rules: readonly ObjectRule[]; before: ReadonlyMap<string, Stream> },
): Promise<StreamChange[]> {
  if (rules.length === 0) return []
  context.checkApiBudget()
  const answers = await context.salesforce.describeObjects(
    rules.map((rule) => rule.name),
    { signal: context.signal },
  )
  return rules.map((rule) => {
    const answer = answers.get(rule.name)
    if (answer instanceof SalesforceError || !answer) {
      const failure = classify(answer ?? new Error('The describe came back empty.'), { objectName: rule.name })
      // Anything but a refusal says nothing of the object: the run as a whole waits or fails.
      if (failure.kind !== 'refused') throw answer
      return { rule, failure }
    }
    return answer.queryable ? changeFor(rule, { describe: answer, before: before.get(rule.name) }) : notQueryable(rule)
  })
}

function notQueryable(rule: ObjectRule): StreamChange {
  return {
    rule,
    failure: {
      kind: 'refused',
      code: 'ENTITY_NOT_QUERYABLE',
      message: `The connected user cannot query ${rule.name}.`,
      action: 'This object is left out; everything else goes on.',
      remedy: accessRemedy(rule.name),
      objectName: rule.name,
    },
  }
}

function changeFor(
  rule: ObjectRule,
  { describe, before }: { describe: ObjectDescribe; before: Stream | undefined },
): StreamChange {
  const had = before?.columns ?? []
  const { columns, appeared, vanished } = columnsFor(describe, had)
  const hidden = rule.neededFields.filter(
    (needed) => !describe.fields.some((field) => field.name.toLowerCase() === needed.toLowerCase()),
  )
  return {
    rule,
    label: describe.labelPlural,
    columns,
    notes: [
      ...(appeared.length > 0
        ? [`New on ${rule.name}: ${appeared.join(', ')}. Old records are read again to fill them.`]
        : []),
      ...(vanished.length > 0
        ? [`No longer visible on ${rule.name}: ${vanished.join(', ')}. What was pulled before stays.`]
        : []),
      ...(hidden.length > 0
        ? [
            `The connected user does not see ${hidden.join(', ')} on ${rule.name}: give read access to the field, if the org has it.`,
          ]
        : []),
    ],
    isReshaped: JSON.stringify(columns) !== JSON.stringify(had),
  }
}

async function saveShapes(
  context: WindowedRun,
  {
    rules,
    before,
    changes,
  }: { rules: readonly ObjectRule[]; before: ReadonlyMap<string, Stream>; changes: readonly StreamChange[] },
): Promise<void> {
  const { integration, run, session } = context
  const changed = new Map(changes.map((change) => [change.rule.name, change]))
  const tables = new Map(
    rules.flatMap(({ name }) => {
      const change = changed.get(name)
      const columns = change && 'columns' in change ? change.columns : (before.get(name)?.columns ?? [])
      return columns.length > 0 ? [[name, new Map(columns.map((column) => [column.column, column]))]] : []
    }),
  )
  const { id: integrationId, schemaName, capability } = integration
  const views = compileViews({ integrationId, schemaName, capability, tables })

  await session.begin(async (tx) => {
    await fence(tx, run)
    await addRunStreams(
      tx,
      run,
      rules.map((rule) => rule.name),
    )
    const isReshaped = changes.some((change) => 'isReshaped' in change && change.isReshaped)
    const isViewless = isReshaped || !(await hasViews(tx, { schemaName, views }))
    if (isViewless) {
      // Whoever reads a view for long must not stop the sync for long: it tries again later.
      await tx`set local lock_timeout = '30s'`
      await dropViews(tx, schemaName)
    }
    for (const change of changes) await saveChange(context, tx, change)
    if (isViewless) await createViews(tx, { schemaName, views })
    const notes = changes.flatMap((change) => ('notes' in change ? change.notes : [change.failure.message]))
    await saveRunPlan(tx, run, { kind: await kindOfRun(tx, context), notes: [...new Set([...run.notes, ...notes])] })
  })
}

async function saveChange({ integration, run }: WindowedRun, tx: Sql, change: StreamChange): Promise<void> {
  const objectName = change.rule.name
  if ('failure' in change) {
    const { rule, failure } = change
    await refuseStream(tx, integration.id, { objectName, label: rule.label, tableName: tableName(rule.name), failure })
    await refuseRunStream(tx, run, { objectName, failure })
    return
  }
  const shape = { objectName, tableName: tableName(objectName), columns: change.columns }
  if (change.isReshaped) await shapeMirrorTable(tx, { schemaName: integration.schemaName, ...shape })
  await saveStreamShape(tx, integration.id, { ...shape, label: change.label })
}

async function kindOfRun(tx: Sql, { integration, run }: WindowedRun): Promise<'backfill' | 'incremental'> {
  if (run.kind === 'backfill' && run.attempt > 1) return 'backfill'
  const names = new Set(objectsOf(integration.capability).map((rule) => rule.name))
  const streams = await listStreams(tx, integration.id)
  return streams.some((stream) => names.has(stream.objectName) && stream.state === 'backfilling')
    ? 'backfill'
    : 'incremental'
}
