/** Answers that are given instead of a true one, in the envelope of the API that was called (salesforce-api.md 3.3). */
import { errorResponse, invalidSession, requestLimitExceeded } from '../rest/errors.ts'
import { BODILESS } from './bodies.ts'
import type { PlannedAnswer } from './rule.ts'

export const HTML_PAGE =
  '<html><head><title>Service Unavailable</title></head><body><h1>503 Service Unavailable</h1></body></html>'

/** The answer that a rule asks for, as the path's API would write it. */
export function plannedResponse(answer: PlannedAnswer, path: string): Response {
  switch (answer) {
    case 'unavailable':
      // Maintenance and overload come as HTML, not as JSON (salesforce-api.md 3.3).
      return htmlResponse(503)
    case 'unauthorized':
      return invalidSession()
    case 'limit':
      return requestLimitExceeded()
    case 'concurrent-limit':
      // Requests of 20 seconds and more, 25 at a time (salesforce-api.md 3.3, 11.2).
      return errorResponse(
        403,
        'REQUEST_LIMIT_EXCEEDED',
        'ConcurrentRequests (Concurrent API Requests) Limit exceeded.',
      )
    case 'no-route':
      return new Response(null, { status: 420 })
    case 'not-acceptable':
      return new Response(null, { status: 406 })
    default: {
      const {
        status,
        body,
        errorCode = 'UNKNOWN_EXCEPTION',
        message = 'An unexpected error occurred.',
        fields,
      } = answer
      if (body === 'empty' || BODILESS.has(status)) return new Response(null, { status })
      if (body === 'html') return htmlResponse(status)
      return envelope(path, { status, errorCode, message, fields })
    }
  }
}

function htmlResponse(status: number): Response {
  return new Response(HTML_PAGE, { status, headers: { 'Content-Type': 'text/html; charset=UTF-8' } })
}

function envelope(
  path: string,
  error: { status: number; errorCode: string; message: string; fields: readonly string[] | undefined },
): Response {
  const { status, errorCode, message, fields } = error
  const json = (content: object) =>
    new Response(JSON.stringify(content), { status, headers: { 'Content-Type': 'application/json;charset=UTF-8' } })
  if (path.startsWith('/services/oauth2/')) return json({ error: errorCode, error_description: message })
  if (path.startsWith('/services/async/')) return json({ exceptionCode: errorCode, exceptionMessage: message })
  if (/^\/services\/Soap\//i.test(path)) {
    const text = `${errorCode}: ${message}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
    const fault = `<soapenv:Fault><faultcode>sf:${errorCode}</faultcode><faultstring>${text}</faultstring></soapenv:Fault>`
    const xml = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body>${fault}</soapenv:Body></soapenv:Envelope>`
    return new Response(xml, { status, headers: { 'Content-Type': 'text/xml; charset=utf-8' } })
  }
  return json([{ message, errorCode, ...(fields && { fields }) }])
}
