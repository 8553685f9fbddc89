/** Where a page of a list ended, as the text that the caller sends back for the next one. */

import { z } from 'zod'
import { LooplineError } from '../errors.ts'

export interface Order {
  /** How the caller names it; a cursor of another order is refused. */
  readonly name: string
  readonly column: string
  readonly type: 'text' | 'timestamptz' | 'numeric' | 'bigint' | 'date'
  readonly descending: boolean
  /** Rows without a value come last, in both directions. */
  readonly nullable: boolean
}

export interface Position {
  readonly value: string | null
  readonly remoteId: string
  readonly integrationId: string
}

// Whatever Postgres could not read as the column's type would end as an error of ours.
const shapeOf: Record<Order['type'], z.ZodType<string>> = {
  text: z.string().regex(/^[^\0]*$/),
  timestamptz: z.string().regex(/^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00$/),
  numeric: z.string().regex(/^-?\d+(\.\d+)?$/),
  bigint: z.string().regex(/^-?\d{1,18}$/),
  date: z.iso.date(),
}

export function encodeCursor(order: Order, position: Position): string {
  const content = [order.name, position.value, position.remoteId, position.integrationId]
  return Buffer.from(JSON.stringify(content)).toString('base64url')
}

/** Throws `CURSOR_INVALID` for what is not a cursor of a list in this order. */
export function decodeCursor(order: Order, cursor: string): Position {
  const value = order.nullable ? shapeOf[order.type].nullable() : shapeOf[order.type]
  const shape = z.tuple([z.literal(order.name), value, z.string().regex(/^\w+$/), z.string().regex(/^\w+$/)])
  const found = shape.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString('utf8')))
  if (!found.success) {
    throw new LooplineError({
      kind: 'invalid',
      code: 'CURSOR_INVALID',
      message: 'This is no cursor of this list in this order.',
      remedy: 'Pass on the nextCursor of the page before with the same sort, or leave the cursor out to start anew.',
      field: 'cursor',
    })
  }
  return { value: found.data[1], remoteId: found.data[2], integrationId: found.data[3] }
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return undefined
  }
}
