import type { Context } from '../context.ts'
import type { QueryCursors } from './cursors.ts'

/** What the REST resources share. */
export interface RestContext extends Context {
  readonly cursors: QueryCursors
}
