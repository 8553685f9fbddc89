/**
 * Everything under `/services/data`: what holds for every call (versions, sessions, the daily allowance, compression),
 * and the resources below it.
 */
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { Hono, type MiddlewareHandler } from 'hono'
import type { BulkJobs } from '../bulk/jobs.ts'
import { mountBulk } from '../bulk/routes.ts'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import type { OrgUser } from '../org/model.ts'
import { mountComposite } from './composite.ts'
import {
  errorResponse,
  failureResponse,
  invalidSession,
  jsonResponse,
  notFound,
  requestLimitExceeded,
} from './errors.ts'
import { mountLimits } from './limits.ts'
import { mountObjects } from './objects.ts'
import { mountQueries } from './query.ts'
import { judgeVersion, listVersions } from './versions.ts'

/** What a resource knows of the call: whose it is, and the version in its path (`v67.0`). */
export interface ApiEnv {
  Bindings: {
    /** Set when a composite request calls a resource from inside: signed in and counted already. */
    caller?: OrgUser
    outgoing?: { destroy(): void }
  }
  Variables: { caller: OrgUser; version: string }
}

const compress = promisify(gzip)

/** Bodies below this size gain nothing from compression. */
const COMPRESSIBLE_BYTES = 600

export function createApi(context: EmulatorContext, jobs: BulkJobs): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()

  api.get('/services/data', () => jsonResponse(JSON.stringify(listVersions())))
  api.get('/services/data/', () => jsonResponse(JSON.stringify(listVersions())))

  api.use('/services/data/:version/*', checkVersion, signIn(context), compressJson)
  api.get('/services/data/:version/', (c) => listResources(context, c.get('version'), c.get('caller')))
  api.get('/services/data/:version', (c) => listResources(context, c.get('version'), c.get('caller')))

  const resources = new Hono<ApiEnv>()
  mountObjects(resources, context)
  mountQueries(resources, context)
  mountLimits(resources, context)
  mountComposite(resources, (request, caller) => Promise.resolve(api.fetch(request, { caller })))
  mountBulk(resources, context, jobs)
  api.route('/services/data/:version', resources)
  api.all('/services/data/*', () => notFound())
  api.onError(failureResponse)
  return api
}

const checkVersion: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const version = c.req.param('version') ?? ''
  const judgement = judgeVersion(version)
  // Retired versions answer 410 GONE (salesforce-api.md 2.9).
  if (judgement === 'retired') {
    return errorResponse(410, 'UNSUPPORTED_API_VERSION', `The requested API version ${version} is retired`)
  }
  if (judgement === 'unknown') return notFound()
  c.set('version', version)
  return next()
}

/** Turns away whoever may not call the API, counts the rest, and says on each answer how many calls are used. */
function signIn(context: EmulatorContext): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (c.env?.caller) {
      c.set('caller', c.env.caller)
      return next()
    }
    const token = /^(?:Bearer|OAuth) +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    const session = token === undefined ? undefined : context.grants.findSession(token)
    const caller = session && findUser(context.org, session.userId)
    if (!session || !caller?.active) return invalidSession()
    if (!session.scopes.includes('api') && !session.scopes.includes('full')) {
      // Refreshing does not help against this one (salesforce-api.md 3.3).
      return errorResponse(401, 'INVALID_SESSION_ID', 'This session is not valid for use with the REST API')
    }
    if (!caller.permissions.has('ApiEnabled')) {
      return errorResponse(403, 'API_DISABLED_FOR_ORG', 'The REST API is not enabled for this Organization.')
    }
    context.grants.touch(session)
    c.set('caller', caller)
    const { usage } = context
    if (usage.spend()) await next()
    else c.res = requestLimitExceeded()
    c.res.headers.set('Sforce-Limit-Info', `api-usage=${usage.used}/${usage.max}`)
  }
}

const compressJson: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next()
  const accepts = /\bgzip\b/i.test(c.req.header('accept-encoding') ?? '')
  const isJson = c.res.headers.get('content-type')?.startsWith('application/json')
  if (!accepts || !isJson || c.env?.caller || c.req.method === 'HEAD') return
  const { status, headers } = c.res
  const body = new Uint8Array(await c.res.arrayBuffer())
  if (body.length < COMPRESSIBLE_BYTES) {
    c.res = new Response(body.length > 0 ? body : null, { status, headers })
    return
  }
  headers.set('Content-Encoding', 'gzip')
  headers.set('Vary', 'Accept-Encoding')
  headers.delete('Content-Length')
  c.res = new Response(await compress(body, { level: constants.Z_BEST_SPEED }), { status, headers })
}

/** `GET /services/data/vXX.X/`: a flat map of what is here (salesforce-api.md 3.1). */
function listResources(context: EmulatorContext, version: string, caller: OrgUser): Response {
  const base = `/services/data/${version}`
  return jsonResponse(
    JSON.stringify({
      sobjects: `${base}/sobjects`,
      query: `${base}/query`,
      queryAll: `${base}/queryAll`,
      limits: `${base}/limits`,
      composite: `${base}/composite`,
      jobs: `${base}/jobs`,
      identity: `${context.origin}/id/${context.org.id}/${caller.userId}`,
    }),
  )
}
