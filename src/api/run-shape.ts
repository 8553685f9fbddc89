/** A run as the API tells it: the sums over its objects, how fast it goes, and when it will be done. */

import type { RunWithObjects, RunObject as StoredRunObject } from '../store/runs.ts'
import type { Run, RunObject } from './schemas.ts'

/** Sums that grow as the run goes on; `recordsExpected` is null until every object's number is known. */
export function progressOf({ objects }: Pick<RunWithObjects, 'objects'>) {
  const sum = (pick: (object: StoredRunObject) => number) => objects.reduce((total, object) => total + pick(object), 0)
  const isKnown = objects.length > 0 && objects.every((object) => isOver(object) || object.expectedRecords !== null)
  return {
    objectsDone: objects.filter(isOver).length,
    objectsTotal: objects.length,
    recordsRead: sum((object) => object.recordsRead),
    recordsExpected: isKnown ? sum(expectedOf) : null,
    rowsChanged: sum((object) => object.rowsChanged),
    rowsDeleted: sum((object) => object.rowsDeleted),
  }
}

export function shapeRun(run: RunWithObjects, { now, withObjects }: { now: Date; withObjects: boolean }): Run {
  const progress = progressOf(run)
  const elapsedSeconds = run.startedAt ? ((run.finishedAt ?? now).getTime() - run.startedAt.getTime()) / 1000 : 0
  const isMeasured = progress.recordsRead > 0 && elapsedSeconds > 0
  const recordsPerSecond = isMeasured ? Math.round((progress.recordsRead / elapsedSeconds) * 10) / 10 : null
  const recordsLeft = progress.recordsExpected === null ? null : progress.recordsExpected - progress.recordsRead
  return {
    id: String(run.id),
    integrationId: run.integrationId,
    kind: run.kind,
    trigger: run.trigger,
    state: run.state,
    requestedBy: run.requestedBy,
    createdAt: run.createdAt.toISOString(),
    startedAt: iso(run.startedAt),
    finishedAt: iso(run.finishedAt),
    retryAt: iso(run.retryAt),
    cancelRequested: run.cancelRequestedAt !== null,
    failure: run.failure,
    notes: [...run.notes],
    apiCalls: run.apiCalls,
    ...progress,
    recordsPerSecond,
    secondsLeft:
      run.state === 'running' && recordsPerSecond && recordsLeft !== null
        ? Math.max(0, Math.ceil(recordsLeft / recordsPerSecond))
        : null,
    ...(withObjects ? { objects: run.objects.map(shapeObject) } : {}),
  }
}

function shapeObject(object: StoredRunObject): RunObject {
  return { ...object, startedAt: iso(object.startedAt), finishedAt: iso(object.finishedAt) }
}

const isOver = ({ state }: StoredRunObject) => state === 'finished' || state === 'refused' || state === 'failed'

// What is over has its exact number; before, Salesforce's estimate may turn out too low.
const expectedOf = (object: StoredRunObject) =>
  isOver(object) ? object.recordsRead : Math.max(object.expectedRecords ?? 0, object.recordsRead)

const iso = (date: Date | null) => date?.toISOString() ?? null
