/**
 * Everything under `/services/data`: what holds for every call (versions, sessions, the daily allowance, compression),
 * and the resources below it.
 */
import { promisify } from 'node:util'
import { constants, deflate, gzip } from 'node:zlib'
import { Hono, type MiddlewareHandler } from 'hono'
import type { BulkJobs } from '../bulk/jobs.ts'
import { mountBulk } from '../bulk/routes.ts'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import { eventResources } from '../events/rest.ts'
import type { OrgUser } from '../org/model.ts'
import { collectionResources } from './collections.ts'
import { compositeResources } from './composite.ts'
import { QueryCursors } from './cursors.ts'
import { describeResources } from './describe-resources.ts'
import {
  errorResponse,
  failureResponse,
  invalidSession,
  jsonResponse,
  notFound,
  requestLimitExceeded,
} from './errors.ts'
import { graphResources } from './graph.ts'
import { knowledgeResources } from './knowledge-management.ts'
import { limitResources } from './limits.ts'
import { queryResources } from './query.ts'
import { recentResources } from './recent.ts'
import { replicationResources } from './replication.ts'
import { readBody } from './request-body.ts'
import { type Answer, type Call, dispatch, json, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'
import { rowResources } from './rows.ts'
import { searchResources } from './search.ts'
import { meterStorage } from './storage.ts'
import { supportResources } from './support.ts'
import { treeResources } from './tree.ts'
import type { ApiUsage } from './usage.ts'
import { judgeVersion, listVersions } from './versions.ts'

/** What a resource knows of the call: whose it is, and the version in its path (`v67.0`). */
export interface ApiEnv {
  Bindings: { outgoing?: { destroy(): void } }
  Variables: { caller: OrgUser; version: string }
}

const compress = { gzip: promisify(gzip), deflate: promisify(deflate) }

/** Bodies below this size gain nothing from compression. */
const COMPRESSIBLE_BYTES = 600

/** What Salesforce has where here only the names of fields and relationships are looked for: layouts, list views, ... */
const NOT_HERE =
  /^\/sobjects\/[^/]+\/(?:describe\/.|(?:listviews|quickActions|defaultValues|relevantItems)(?:\/|$)|[^/]+\/richTextImageFields\/)/i

/** The REST API as an app of its own; it answers nothing outside `/services/data`. */
export function createApi(context: EmulatorContext, jobs: BulkJobs): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()

  api.get('/services/data', () => jsonResponse(JSON.stringify(listVersions())))
  api.get('/services/data/', () => jsonResponse(JSON.stringify(listVersions())))

  // For clients that can't send PATCH (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_upsert.htm).
  api.post('/services/data/:version/*', (c, next) => {
    const method = c.req.query('_HttpMethod')?.toUpperCase()
    if (method === undefined || !['PATCH', 'PUT', 'DELETE'].includes(method)) return next()
    const url = new URL(c.req.url)
    url.searchParams.delete('_HttpMethod')
    return Promise.resolve(api.fetch(new Request(new Request(url, c.req.raw), { method }), c.env))
  })
  api.use('/services/data/:version/*', checkVersion, signIn(context), checkAccept, compressJson)

  const resources = new Hono<ApiEnv>()
  mountBulk(resources, context, jobs)
  const table = resourceTable(context)
  meterStorage(context)
  resources.all('*', async (c) => {
    const version = c.get('version')
    const call: Omit<Call, 'params'> = {
      method: c.req.method,
      caller: c.get('caller'),
      version,
      query: new URL(c.req.url).searchParams,
      header: (name) => c.req.header(name),
      body: await readBody(c.req.raw),
      isInside: false,
      isAtomic: false,
    }
    const path = c.req.path.slice(`/services/data/${version}`.length)
    const answer = NOT_HERE.test(path) ? undefined : dispatch(table, path, call)
    if (!answer || (answer.status === 404 && namesUnknownObject(context, path))) {
      context.requests.noteUnknown(c.req.method, c.req.path)
    }
    return answer ? toResponse(answer) : notFound()
  })
  api.route('/services/data/:version', resources)
  api.all('/services/data/*', () => notFound())
  api.onError(failureResponse)
  return api
}

function resourceTable(emulator: EmulatorContext): readonly Resource[] {
  const context: RestContext = {
    ...emulator,
    // Its settings change while the org runs.
    get app() {
      return emulator.app
    },
    cursors: new QueryCursors(() => emulator.org.now()),
  }
  const inner = [
    { path: '', methods: { GET: (call: Call) => listResources(context, call) } },
    { path: 'jobs', methods: { GET: listJobResources } },
    ...queryResources(context),
    ...searchResources(context),
    ...limitResources(context),
    ...recentResources(context),
    ...supportResources(context),
    ...knowledgeResources(context),
    ...describeResources(context),
    ...replicationResources(context),
    ...eventResources(context),
    ...rowResources(context),
    ...collectionResources(context),
    ...treeResources(context),
  ]
  return [...inner, ...compositeResources(context, inner), ...graphResources(context, inner)]
}

/** Whether the path is about an object that the org doesn't have for anybody. */
function namesUnknownObject({ org }: EmulatorContext, path: string): boolean {
  const [admin] = org.users
  const name = /^\/sobjects\/([^/]+)/.exec(path)?.[1]?.toLowerCase()
  return (
    admin !== undefined &&
    name !== undefined &&
    !org.listObjects(admin).some((object) => object.name.toLowerCase() === name)
  )
}

function toResponse({ status, text, bytes, headers }: Answer): Response {
  const body = text ?? (bytes && Uint8Array.from(bytes)) ?? null
  const type = text === undefined ? undefined : { 'Content-Type': 'application/json;charset=UTF-8' }
  return new Response(body, { status, headers: { ...type, ...headers } })
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
    const authorization = c.req.header('authorization')
    const token = /^(?:Bearer|OAuth) +(\S+)$/i.exec(authorization ?? '')?.[1]
    if (authorization !== undefined && token === undefined) {
      return errorResponse(401, 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE')
    }
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
    const app = context.apps.find(session.clientId)?.name
    if (usage.spend(app)) await next()
    else c.res = requestLimitExceeded()
    c.res.headers.set('Sforce-Limit-Info', limitInfo(usage, app))
  }
}

/** `api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)` (salesforce-api.md 3.2). */
function limitInfo(usage: ApiUsage, app: string | undefined): string {
  const quota = usage.listAppQuotas().find(({ name }) => name === app)
  const org = `api-usage=${usage.used}/${usage.max}`
  return quota ? `${org}; per-app-api-usage=${quota.used}/${quota.max}(appName=${quota.name})` : org
}

/** Salesforce also writes XML; the practice org doesn't, and says so to whoever takes nothing else. */
const checkAccept: MiddlewareHandler<ApiEnv> = (c, next) => {
  const accept = c.req.header('accept') ?? ''
  const wantsXmlOnly = /\b(?:application|text)\/xml\b/i.test(accept) && !/json|\*\/\*|application\/\*/i.test(accept)
  return wantsXmlOnly ? Promise.resolve(new Response(null, { status: 406 })) : next().then(() => undefined)
}

const compressJson: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next()
  const accepted = c.req.header('accept-encoding') ?? ''
  const encoding = /\bgzip\b/i.test(accepted) ? 'gzip' : /\bdeflate\b/i.test(accepted) ? 'deflate' : undefined
  const isJson = c.res.headers.get('content-type')?.startsWith('application/json')
  if (!encoding || !isJson || c.req.method === 'HEAD') return
  const { status, headers } = c.res
  const body = new Uint8Array(await c.res.arrayBuffer())
  if (body.length < COMPRESSIBLE_BYTES) {
    c.res = new Response(body.length > 0 ? body : null, { status, headers })
    return
  }
  headers.set('Content-Encoding', encoding)
  headers.set('Vary', 'Accept-Encoding')
  headers.delete('Content-Length')
  c.res = new Response(await compress[encoding](body, { level: constants.Z_BEST_SPEED }), { status, headers })
}

function listJobResources({ version }: Call): Answer {
  const base = `/services/data/${version}/jobs`
  return json({ ingest: `${base}/ingest`, query: `${base}/query` })
}

/** `GET /services/data/vXX.X/`: a flat map of what is here (salesforce-api.md 3.1). */
function listResources(context: EmulatorContext, { version, caller }: Call): Answer {
  const base = `/services/data/${version}`
  return json({
    sobjects: `${base}/sobjects`,
    query: `${base}/query`,
    queryAll: `${base}/queryAll`,
    search: `${base}/search`,
    parameterizedSearch: `${base}/parameterizedSearch`,
    recent: `${base}/recent`,
    limits: `${base}/limits`,
    composite: `${base}/composite`,
    jobs: `${base}/jobs`,
    support: `${base}/support`,
    knowledgeManagement: `${base}/knowledgeManagement`,
    identity: `${context.origin}/id/${context.org.id}/${caller.userId}`,
  })
}
