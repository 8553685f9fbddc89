/** What a query runs on: the tables, and who is asking. */

import type { ObjectSchema, Viewer } from '../org/model.ts'
import type { Table } from '../org/table.ts'

export interface Database {
  /** The table of an object by its exact name. */
  table(objectName: string): Table
  /** The object as the viewer sees it, whatever the case of its name. */
  visibleObject(viewer: Viewer, name: string): ObjectSchema | undefined
  /** Every object that the viewer may read, by name. */
  visibleObjects(viewer: Viewer): readonly ObjectSchema[]
  now(): number
  /** When the viewer last looked at a record, or null. */
  viewedAt?(viewer: Viewer, id: string): number | null
  /** Seeded records have no stamp later than this. */
  readonly anchor: number
}
