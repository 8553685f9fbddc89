import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Logger } from 'pino'
import type { ApiEnv } from './caller.ts'

/** Gives each request an id and one line in the log: never its query, headers or body, where secrets travel. */
export function logRequests(log: Logger): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const requestId = randomUUID()
    c.set('requestId', requestId)
    c.header('x-request-id', requestId)
    const startedAt = performance.now()
    await next()
    const { status } = c.res
    const line = {
      requestId,
      method: c.req.method,
      path: c.req.path,
      status,
      ms: Math.round(performance.now() - startedAt),
    }
    // Polling and files would drown the rest.
    log[c.req.method === 'GET' && status < 400 ? 'debug' : 'info'](line, 'request')
  }
}
