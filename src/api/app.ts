/** All of HTTP: who is calling, whether they may, what they asked for, and what they are told when it goes wrong. */

import { Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Logger } from 'pino'
import { LooplineError } from '../errors.ts'
import type { ClientDirectory } from '../oauth/clients.ts'
import type { Vault } from '../oauth/vault.ts'
import type { Pool } from '../store/database.ts'
import type { Boss } from '../sync/boss.ts'
import { aboutRoutes, type Installation, version } from './about.ts'
import { checkAccessTable, guard } from './access.ts'
import { apiKeyRoutes } from './api-keys.ts'
import { auditRoutes } from './audit.ts'
import { createAuth } from './auth.ts'
import { protectPage, refuseCrossSite } from './browser-protection.ts'
import { callbackRoute } from './callback.ts'
import { type ApiEnv, identifyCaller } from './caller.ts'
import { connectRoutes } from './connect.ts'
import { integrationRoutes } from './integrations.ts'
import { describeApi, pathsOf } from './openapi.ts'
import { peopleRoutes } from './people.ts'
import { problemOf } from './problem.ts'
import { recordRoutes } from './records.ts'
import { logRequests } from './request-log.ts'
import { newRoutes } from './routes.ts'
import { runRoutes } from './runs.ts'
import { sessionRoutes } from './session.ts'
import { signInRoutes } from './sign-in.ts'
import { staticRoutes } from './static.ts'

export interface AppDeps {
  readonly sql: Pool
  readonly databaseUrl: string
  readonly boss: Boss
  readonly vault: Vault
  /** To Salesforce, and nowhere else. */
  readonly fetch: typeof fetch
  readonly clients: ClientDirectory
  readonly config: Installation & {
    readonly publicUrl: string
    readonly extraOrigins: readonly string[]
    readonly secretKeys: readonly string[]
  }
  /** The built page; null: none is served. */
  readonly webFolder: string | null
  readonly log: Logger
  readonly now: () => Date
}

const prefix = '/api/v1'
const bodyLimitBytes = 256 * 1024

/** The whole app. Throws when a route does not say who may call it. */
export function createApp(deps: AppDeps): Hono<ApiEnv> {
  const { sql, log, now, config, webFolder } = deps
  const { publicUrl, callbackUrl, extraOrigins, secretKeys } = config
  const auth = createAuth({ databaseUrl: deps.databaseUrl, publicUrl, secretKeys, log })
  const oauth = {
    sql,
    vault: deps.vault,
    fetch: deps.fetch,
    clients: deps.clients,
    callbackUrl,
    extraOrigins,
    log,
    now,
  }

  const management = newRoutes()
  management.route('/', sessionRoutes({ sql, auth, publicUrl, now }))
  management.route('/', peopleRoutes({ sql, publicUrl, now }))
  management.route('/', apiKeyRoutes({ sql, auth }))
  management.route('/', auditRoutes({ sql }))
  management.route('/', aboutRoutes({ sql, installation: config }))
  management.route('/', connectRoutes({ oauth }))
  management.route('/', integrationRoutes({ oauth, boss: deps.boss }))
  management.route('/', runRoutes({ sql, boss: deps.boss, now }))
  const records = recordRoutes({ sql })
  checkAccessTable([...pathsOf(management), { method: 'get', path: '/openapi.json' }], pathsOf(records))

  const api = newRoutes()
  api.route('/', management)
  api.route('/', records)
  const description = describeApi(api, { prefix, version, publicUrl })
  api.get('/openapi.json', (c) => c.json(description))

  const app = new Hono<ApiEnv>()
  app.use(logRequests(log), protectPage(publicUrl))
  app.onError((error, c) => {
    const problem = problemOf(error, c.get('requestId'))
    if (problem.status >= 500) log.error({ err: error, requestId: problem.requestId }, 'a request failed')
    return c.json(problem, problem.status, { 'content-type': 'application/problem+json' })
  })
  app.notFound((c) => {
    const problem = problemOf(notFound(c.req.path), c.get('requestId'))
    return c.json(problem, problem.status, { 'content-type': 'application/problem+json' })
  })

  app.get('/healthz', async (c) => {
    await sql`select 1`
    return c.json({ status: 'ok' })
  })
  app.use(
    '/api/*',
    noStore,
    bodyLimit({ maxSize: bodyLimitBytes, onError: () => Promise.reject(tooLarge()) }),
    refuseCrossSite(publicUrl),
  )
  app.route('/api/auth', signInRoutes({ auth, publicUrl }))
  app.use(`${prefix}/*`, identifyCaller({ auth, sql }), guard(prefix, pathsOf(records)))
  app.route(prefix, api)
  app.all('/api/*', (c) => c.notFound())
  app.use('/oauth/*', noStore, identifyCaller({ auth, sql }))
  app.route('/oauth', callbackRoute({ oauth, boss: deps.boss, publicUrl }))
  if (webFolder) app.route('/', staticRoutes({ webFolder, publicUrl }))
  return app
}

// What one person sees must not come back for the next one from a cache.
const noStore: MiddlewareHandler = async (c, next) => {
  c.header('cache-control', 'no-store')
  await next()
}

function notFound(path: string): LooplineError {
  return new LooplineError({ kind: 'invalid', code: 'ADDRESS_NOT_FOUND', message: `There is nothing at ${path}.` })
}

function tooLarge(): LooplineError {
  const message = `The request is larger than ${bodyLimitBytes / 1024} KB.`
  return new LooplineError({ kind: 'invalid', code: 'BODY_TOO_LARGE', message })
}
