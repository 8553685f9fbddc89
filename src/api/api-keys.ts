import { createRoute, z } from '@hono/zod-openapi'
import { LooplineError } from '../errors.ts'
import { deleteApiKey, findApiKey, listApiKeys, type StoredApiKey } from '../store/api-keys.ts'
import { recordAudit } from '../store/audit.ts'
import type { Pool } from '../store/database.ts'
import type { Auth } from './auth.ts'
import { browserOf, callerOf } from './caller.ts'
import { answers, answersNothing, idParam, jsonBody, newRoutes, wholeList } from './routes.ts'
import { ApiKey, ApiKeyWithSecret, listOf } from './schemas.ts'

const list = createRoute({
  method: 'get',
  path: '/api-keys',
  tags: ['API keys'],
  summary: 'List API keys',
  responses: answers(listOf(ApiKey), 'Newest first.'),
})

const create = createRoute({
  method: 'post',
  path: '/api-keys',
  tags: ['API keys'],
  summary: 'Create an API key',
  description:
    'A `read` key reads records and integrations’ health, as a member does; a `manage` key may also change integrations and start runs. The key is in the answer and is not shown again.',
  request: {
    body: jsonBody(
      z.object({
        name: z.string().trim().min(1, 'Give the key a name.').max(80, 'At most 80 characters.'),
        access: ApiKey.shape.access,
        /** Absent: it does not expire. */
        expiresInDays: z.number().int().min(1).max(365).optional(),
      }),
    ),
  },
  responses: answers(ApiKeyWithSecret, 'The key, shown this once.'),
})

const revoke = createRoute({
  method: 'delete',
  path: '/api-keys/{id}',
  tags: ['API keys'],
  summary: 'Revoke an API key',
  request: { params: idParam },
  responses: answersNothing('It no longer works.'),
})

/** Keys for programs. */
export function apiKeyRoutes({ sql, auth }: { sql: Pool; auth: Auth }) {
  return newRoutes()
    .openapi(list, async (c) => c.json(wholeList((await listApiKeys(sql)).map(shapeApiKey)), 200))
    .openapi(create, async (c) => {
      const { name, access, expiresInDays } = c.req.valid('json')
      const { person } = browserOf(c)
      const { id, key } = await auth.api.createApiKey({
        body: {
          name,
          userId: person.id,
          permissions: { loopline: access === 'manage' ? ['read', 'manage'] : ['read'] },
          ...(expiresInDays ? { expiresIn: expiresInDays * 24 * 60 * 60 } : {}),
        },
      })
      await recordAudit(sql, { actor: callerOf(c).actor, action: 'api-key.created', detail: { name, access } })
      const stored = await findApiKey(sql, id)
      if (!stored) throw keyGone()
      return c.json({ apiKey: shapeApiKey(stored), key }, 200)
    })
    .openapi(revoke, async (c) => {
      await sql.begin(async (tx) => {
        const revoked = await deleteApiKey(tx, c.req.valid('param').id)
        if (!revoked) throw keyGone()
        await recordAudit(tx, { actor: callerOf(c).actor, action: 'api-key.revoked', detail: revoked })
      })
      return c.body(null, 204)
    })
}

function shapeApiKey(key: StoredApiKey): ApiKey {
  return {
    id: key.id,
    name: key.name,
    start: key.start,
    access: key.permissions.includes('"manage"') ? 'manage' : 'read',
    createdBy: key.createdBy,
    createdAt: key.createdAt.toISOString(),
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    expiresAt: key.expiresAt?.toISOString() ?? null,
  }
}

function keyGone(): LooplineError {
  return new LooplineError({ kind: 'invalid', code: 'API_KEY_NOT_FOUND', message: 'This key is not here any more.' })
}
