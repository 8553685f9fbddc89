/**
 * What each call passes before it reaches a part of the org, and its answer on the way out: the length of requests, the
 * org's address, trouble on demand, the org's own time, the log.
 */
import { isIP } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import { type Context as EmulatorContext, findUser } from './context.ts'
import { errorResponse } from './rest/errors.ts'
import { BrokenConnection, type Outgoing } from './trouble/connection.ts'
import { meetTrouble, type Trouble } from './trouble/meet.ts'

/** URI, and URI with headers (salesforce-api.md 11.2). */
const LONGEST_REQUEST_BYTES = 16_384
const DATA_APIS = /^\/(?:services\/(?:data|async|apexrest|Soap\/[cmu])|cometd)(?:\/|$)/i
const NO_SCRIPT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
const OWN_SCRIPT = `${NO_SCRIPT}; script-src 'self'; connect-src 'self'`

export interface FrontDoorEnv {
  Bindings: { readonly outgoing?: Outgoing; readonly door?: string }
}

/** Stands before everything else. */
export function frontDoor(context: EmulatorContext, trouble: Trouble): MiddlewareHandler<FrontDoorEnv> {
  const { org, requests } = context
  let underWay = 0

  return async (c, next) => {
    const started = performance.now()
    const request = c.req.raw
    const uri = request.url.slice(new URL(request.url).origin.length)
    // As it will be routed, so that `/%5Fcontrol` is no way around.
    const isOwn = c.req.path === '/' || c.req.path.startsWith('/_')
    const caller = findCaller(context, request)
    const log = (status: number, note?: string) => {
      if (isOwn) return
      const ms = Math.round((performance.now() - started) * 10) / 10
      requests.add({ at: org.now(), method: request.method, path: uri, status, ms, note, ...caller?.who })
    }
    const { outgoing, door } = c.env ?? {}
    const refusal =
      refuseLength(request, uri) ??
      (isOwn ? refuseForeignHost(context, request) : undefined) ??
      (DATA_APIS.test(uri) ? refuseOldHost(context, door, uri) : undefined)
    if (!isOwn) underWay += 1
    try {
      const work = async () => {
        await next()
        return c.res
      }
      const met = isOwn || refusal
      const { response, note } = met
        ? { response: refusal ?? (await work()), note: undefined }
        : await meetTrouble({ request, uri, username: caller?.username, inFlight: underWay, outgoing, work }, trouble)
      if (c.res !== response) {
        // Assigned twice: Hono would carry the headers of the answer before over into this one.
        c.res = undefined
        c.res = response
      }
      log(response.headers.has('x-hono-already-sent') ? 0 : response.status, note)
    } catch (error) {
      if (error instanceof BrokenConnection) log(0, 'fault: reset')
      throw error
    } finally {
      if (!isOwn) underWay -= 1
    }
    finish(c.res, c.req.path, org.now())
  }
}

function refuseLength(request: Request, uri: string): Response | undefined {
  let headerBytes = 0
  for (const [name, value] of request.headers) headerBytes += name.length + value.length + 4
  if (uri.length > LONGEST_REQUEST_BYTES) return errorResponse(414, 'URI_TOO_LONG', 'The URI is too long')
  if (uri.length + headerBytes > LONGEST_REQUEST_BYTES) {
    return errorResponse(431, 'REQUEST_HEADER_FIELDS_TOO_LARGE', 'The URI and headers are too long')
  }
  return undefined
}

/**
 * The start page and the control calls show secrets and change things without a sign-in, so that they may not be reached under
 * a name which a stranger's web page has pointed at this machine (DNS rebinding). Nobody can do that with an IP address.
 */
function refuseForeignHost({ origin, instanceUrl }: EmulatorContext, request: Request): Response | undefined {
  const { hostname } = new URL(request.url)
  const known = ['localhost', new URL(origin).hostname, new URL(instanceUrl()).hostname]
  if (known.includes(hostname) || isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) return undefined
  return Response.json({ error: `Not at ${hostname}: use ${origin}` }, { status: 403 })
}

/** After a move the old host has no org behind it: the edge has no route (420), or sends on (salesforce-api.md 1.5). */
function refuseOldHost(context: EmulatorContext, door: string | undefined, uri: string): Response | undefined {
  const { instanceUrl, oldHost } = context.address()
  if (oldHost === 'here' || door === undefined || door === instanceUrl) return undefined
  if (oldHost === 'no-route') return new Response(null, { status: 420 })
  return new Response(null, { status: 308, headers: { Location: instanceUrl + uri } })
}

function findCaller({ grants, org }: EmulatorContext, request: Request) {
  const { headers } = request
  // Bulk API 1.0 has a header of its own (salesforce-api.md 5.7).
  const bearer = /^(?:Bearer|OAuth) +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const token = bearer ?? headers.get('x-sfdc-session') ?? undefined
  const session = token === undefined ? undefined : grants.findSession(token)
  const user = session && findUser(org, session.userId)
  const clientId = session?.clientId ?? undefined
  return user && { username: user.username, who: { userId: user.userId, clientId } }
}

function finish({ headers }: Response, path: string, now: number): void {
  // The time that clients may trust is the org's own.
  headers.set('Date', new Date(now).toUTCString())
  if (headers.get('Content-Type')?.startsWith('text/html')) {
    headers.set('Content-Security-Policy', path === '/' ? OWN_SCRIPT : NO_SCRIPT)
    headers.set('X-Frame-Options', 'DENY')
    headers.set('Cache-Control', 'no-store')
  }
}
