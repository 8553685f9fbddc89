/** What the descriptions of all routes have in common. */

import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv } from './caller.ts'
import { Problem } from './schemas.ts'

/** A set of routes to be mounted at `/api/v1`; requests that don't fit their schema end in a problem. */
export function newRoutes(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw result.error
    },
  })
}

/** The `responses` of a route that answers 200 with this body, and with a problem otherwise. */
export function answers<T extends z.ZodType>(schema: T, description: string) {
  return { 200: { description, content: { 'application/json': { schema } } }, default: problemAnswer }
}

/** The same for a route that has nothing to say but that it worked. */
export function answersNothing(description: string) {
  return { 204: { description }, default: problemAnswer }
}

export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: { 'application/json': { schema } } }
}

/** A list that always comes whole, in the shape of all lists. */
export function wholeList<T>(items: T[]): { items: T[]; nextCursor: null } {
  return { items, nextCursor: null }
}

export const idParam = z.object({ id: z.string().min(1).max(100) })

/** Keyset paging over ascending ids: the cursor is the last id seen. */
export const pageQuery = z.object({
  cursor: z.coerce.number().int().positive().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

const problemAnswer = {
  description: 'What went wrong and what to do (RFC 9457).',
  content: { 'application/problem+json': { schema: Problem } },
}
