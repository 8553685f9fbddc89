/**
 * `/services/Soap/u/65.0` (partner) and `/services/Soap/c/65.0` (enterprise): the SOAP API as far as its own ways in and
 * what REST doesn't have. https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_list.htm
 */
import { Hono, type Context as HonoContext } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { html } from 'hono/html'
import { type Context as EmulatorContext, findUser } from '../context.ts'
import type { Session } from '../oauth/grants.ts'
import { OrgError, type OrgUser } from '../org/model.ts'
import { judgeVersion } from '../rest/versions.ts'
import {
  childrenOf,
  clientFault,
  readEnvelope,
  type SoapApi,
  SoapFault,
  type SoapValue,
  textOf,
  UNKNOWN_EXCEPTION,
  writeEnvelope,
  writeFault,
  type XmlElement,
} from './envelope.ts'
import { RECORD_OPERATIONS } from './records.ts'
import { aboutUser, logIn, type SoapEndpoint } from './sessions.ts'

/** A request's body may be so large: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/implementation_considerations.htm */
const LARGEST_BODY_BYTES = 52_428_800
/** JWT-based access tokens are for REST, and since this version for SOAP: https://github.com/jsforce/jsforce/pull/1791 */
const FIRST_WITH_JWT = 67
const APIS: { readonly [path in SoapEndpoint['path']]: SoapApi } = { c: 'enterprise', u: 'partner' }

interface SoapCall {
  readonly endpoint: SoapEndpoint
  readonly operation: string
  readonly args: XmlElement
  readonly headers: XmlElement
}

interface Caller {
  readonly user: OrgUser
  readonly session: Session
}

export function createSoap(context: EmulatorContext): Hono {
  const { org, grants, usage, requests } = context
  const soap = new Hono()
  const paths = ['/services/Soap/:api{[cu]}/:version', '/services/Soap/:api{[cu]}/:version/:orgId']

  soap.on('POST', paths, bodyLimit({ maxSize: LARGEST_BODY_BYTES }), async (c) => {
    const path = c.req.param('api') === 'c' ? 'c' : 'u'
    const api = APIS[path]
    try {
      // Its value is of no interest, but it must have one: https://github.com/alex-hhh/emacs-soap-client/issues/18
      if (!c.req.header('soapaction')) throw clientFault('SOAPAction HTTP header missing')
      const endpoint = { path, version: readVersion(c.req.param('version') ?? '') } as const
      const { operation, args, headers } = readEnvelope(await c.req.text())
      const result = call(c, { endpoint, operation, args, headers })
      const limitInfo = { current: usage.used, limit: usage.max, type: 'API REQUESTS' }
      const answer = { headers: { LimitInfoHeader: { limitInfo } }, result }
      return xmlResponse(writeEnvelope(api, operation, answer), 200)
    } catch (error) {
      return xmlResponse(writeFault(api, asFault(error)), 500)
    }
  })

  // https://github.com/tsmztech/mcp-server-salesforce/issues/1
  soap.on(['GET', 'PUT', 'PATCH', 'DELETE'], paths, (c) =>
    c.html(
      html`<h2>HTTP ERROR 405</h2><p>Problem accessing ${c.req.path}. Reason: <pre>Only POST allowed</pre></p>`,
      405,
    ),
  )

  function call(c: HonoContext, request: SoapCall): SoapValue {
    const { endpoint, operation, args, headers } = request
    if (operation === 'login') return logIn(context, c, { endpoint, args })
    if (operation === 'logout') {
      // jsforce's `logout(true)` sends its refresh token instead, to end the whole grant.
      if (!grants.revoke(sessionIdOf(headers))) throw invalidSession()
      return undefined
    }
    const token = sessionIdOf(headers)
    if (token.startsWith('eyJ') && Number(endpoint.version) < FIRST_WITH_JWT) throw invalidSession()
    const caller = findCaller(token)
    if (!usage.spend()) throw new SoapFault('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
    grants.touch(caller.session)
    switch (operation) {
      case 'getServerTimestamp':
        return { timestamp: new Date(org.now()).toISOString() }
      case 'getUserInfo':
        return aboutUser(context, caller.user, grants.expiryOf(caller.session) - org.now())
      case 'invalidateSessions':
        return childrenOf(args, 'sessionIds').map((id) => ({
          errors: undefined,
          success: grants.revoke(textOf({ id }, 'id') ?? ''),
        }))
      default:
        return callRecords(c, request, caller)
    }
  }

  function callRecords(c: HonoContext, { endpoint, operation, args, headers }: SoapCall, { user }: Caller): SoapValue {
    const act = Object.hasOwn(RECORD_OPERATIONS, operation) ? RECORD_OPERATIONS[operation] : undefined
    if (!act) {
      requests.noteUnknown(c.req.method, `/services/Soap/${endpoint.path}/${operation}`)
      const namespace = `urn:${APIS[endpoint.path]}.soap.sforce.com`
      throw clientFault(
        `No operation available for request {${namespace}}${operation}, please check the WSDL for the service.`,
      )
    }
    const [callOptions] = childrenOf(headers, 'CallOptions')
    const client = textOf(callOptions, 'client')
    const origin = `com/salesforce/api/soap/${endpoint.version}${client === undefined ? '' : `;client=${client}`}`
    const [allOrNone] = childrenOf(headers, 'AllOrNoneHeader')
    return act({ org, user, origin, args, isAllOrNone: textOf(allOrNone, 'allOrNone') === 'true' })
  }

  function findCaller(token: string): Caller {
    const session = grants.findSession(token)
    const user = session && findUser(org, session.userId)
    const isData = session?.scopes.some((scope) => scope === 'api' || scope === 'full')
    if (!session || !user?.active || !isData) throw invalidSession()
    if (!user.permissions.has('ApiEnabled')) {
      throw new SoapFault('API_DISABLED_FOR_ORG', 'API is not enabled for this Organization or Partner')
    }
    return { user, session }
  }

  return soap
}

function sessionIdOf(headers: XmlElement): string {
  const [header] = childrenOf(headers, 'SessionHeader')
  return textOf(header, 'sessionId') ?? ''
}

/** Retired versions answer 500 UNSUPPORTED_API_VERSION: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/api_eol_soap.htm */
function readVersion(version: string): string {
  if (judgeVersion(`v${version}`) !== 'current') {
    throw new SoapFault('UNSUPPORTED_API_VERSION', 'Invalid Api version specified on URL')
  }
  return version
}

function invalidSession(): SoapFault {
  return new SoapFault(
    'INVALID_SESSION_ID',
    'Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash',
  )
}

function asFault(error: unknown): SoapFault {
  if (error instanceof SoapFault) return error
  if (error instanceof OrgError) return new SoapFault(error.errorCode, error.message)
  console.error(error)
  return new SoapFault(UNKNOWN_EXCEPTION, `An unexpected error occurred: ${String(error)}`)
}

function xmlResponse(body: string, status: 200 | 500): Response {
  return new Response(body, { status, headers: { 'Content-Type': 'text/xml; charset=utf-8' } })
}
