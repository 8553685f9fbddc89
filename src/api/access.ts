/**
 * Who may call what: the one table. A route that is not in it answers nobody, and the app does not start with one
 * (`checkAccessTable`). Reading records is for every signed-in caller; they are all GETs.
 */

import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { LooplineError } from '../errors.ts'
import { type ApiEnv, notSignedIn } from './caller.ts'

/**
 * - `anyone`: no sign-in needed
 * - `reader`: every signed-in person and every API key
 * - `admin`: admins, and keys that may manage
 * - `admin person`: admins in their browser; a program may not make people, keys or connections
 */
type Access = 'anyone' | 'reader' | 'admin' | 'admin person'

const accessTable: Readonly<Record<string, Access>> = {
  'GET /session': 'anyone',
  'GET /openapi.json': 'anyone',
  'GET /invitations/lookup': 'anyone',
  'POST /invitations/accept': 'anyone',

  'GET /people': 'admin',
  'PATCH /people/{id}': 'admin person',
  'DELETE /people/{id}': 'admin person',
  'GET /people/invitations': 'admin',
  'POST /people/invitations': 'admin person',
  'DELETE /people/invitations/{id}': 'admin person',
  'GET /api-keys': 'admin',
  'POST /api-keys': 'admin person',
  'DELETE /api-keys/{id}': 'admin person',
  'GET /audit-events': 'admin',
  'GET /about': 'reader',

  'POST /salesforce-domain': 'admin',
  'GET /integrations/name-available': 'admin',
  'POST /integrations/connect': 'admin person',
  'GET /connect-attempts/{id}': 'admin person',
  'POST /connect-attempts/{id}/cancel': 'admin person',
  'GET /integrations': 'reader',
  'GET /integrations/{id}': 'reader',
  'PATCH /integrations/{id}': 'admin',
  'DELETE /integrations/{id}': 'admin',
  'POST /integrations/{id}/changes-preview': 'admin',
  'POST /integrations/{id}/reconnect': 'admin person',
  'POST /integrations/{id}/test': 'admin',
  'POST /integrations/{id}/pause': 'admin',
  'POST /integrations/{id}/resume': 'admin',
  'GET /integrations/{id}/streams': 'admin',
  'GET /integrations/{id}/runs': 'reader',
  'POST /integrations/{id}/runs': 'admin',
  'GET /runs/{id}': 'reader',
  'POST /runs/{id}/cancel': 'admin',
  'POST /runs/{id}/retry': 'admin',
}

interface Declared {
  readonly method: string
  readonly path: string
}

/** Throws unless every route has its line in the table, every line its route, and records are only read. */
export function checkAccessTable(routes: readonly Declared[], recordRoutes: readonly Declared[]): void {
  const nameOf = ({ method, path }: Declared) => `${method.toUpperCase()} ${path}`
  const declared = new Set(routes.map(nameOf))
  const mistakes = [
    ...[...declared].filter((name) => !(name in accessTable)).map((name) => `${name} says nowhere who may call it.`),
    ...Object.keys(accessTable)
      .filter((name) => !declared.has(name))
      .map((name) => `${name} is in the access table but not among the routes.`),
    ...recordRoutes.filter(({ method }) => method !== 'get').map((route) => `${nameOf(route)} is no GET.`),
  ]
  if (mistakes.length > 0) throw new Error(mistakes.join('\n'))
}

/** Lets in only whom the table lets in; what is not in it is not found. */
export function guard(prefix: string, recordRoutes: readonly Declared[]): MiddlewareHandler<ApiEnv> {
  const access = new Map<string, Access>()
  const put = (method: string, path: string, who: Access) =>
    access.set(`${method} ${prefix}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`, who)
  for (const [name, who] of Object.entries(accessTable)) {
    const [method = '', path = ''] = name.split(' ')
    put(method, path, who)
  }
  for (const { path } of recordRoutes) put('GET', path, 'reader')

  const patterns = [...access.keys()].map((name) => {
    const [method = '', path = ''] = name.split(' ')
    return { method, pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`) }
  })

  return async (c, next) => {
    const method = c.req.method === 'HEAD' ? 'GET' : c.req.method
    const who = matchedRoutes(c)
      .filter((route) => route.method === method)
      .map((route) => access.get(`${method} ${route.path}`))
      .find((found) => found !== undefined)
    if (who === undefined) {
      const others = patterns.filter(({ pattern }) => pattern.test(c.req.path)).map((found) => found.method)
      if (others.length === 0) return c.notFound()
      c.header('allow', [...new Set(others)].join(', '))
      throw methodNotAllowed(method)
    }
    const caller = c.get('caller')
    if (who !== 'anyone' && !caller) throw notSignedIn()
    if (who === 'admin' && caller?.role !== 'admin') throw notAllowed('Only admins can do this.')
    if (who === 'admin person' && !(caller?.role === 'admin' && caller.browser)) {
      throw notAllowed('Only admins can do this, signed in with their browser; an API key is not enough.')
    }
    await next()
  }
}

function notAllowed(message: string): LooplineError {
  return new LooplineError({ kind: 'invalid', code: 'NOT_ALLOWED', message, remedy: 'Ask an admin of this Loopline.' })
}

function methodNotAllowed(method: string): LooplineError {
  const message = `${method} is not possible at this address.`
  return new LooplineError({ kind: 'invalid', code: 'METHOD_NOT_ALLOWED', message })
}
