/** Salesforce's error envelope: an array, even for one error (salesforce-api.md 3.3). */
import { failureAnswer } from './resource.ts'

const JSON_TYPE = 'application/json;charset=UTF-8'

/** An answer with a JSON text for its body. */
export function jsonResponse(text: string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(text, { status, headers: { 'Content-Type': JSON_TYPE, ...headers } })
}

/** One error in the envelope. */
export function errorResponse(status: number, errorCode: string, message: string): Response {
  return jsonResponse(JSON.stringify([{ message, errorCode }]), status)
}

/** An error as the API answers it. */
export function failureResponse(error: unknown): Response {
  const { status, text = '' } = failureAnswer(error)
  return jsonResponse(text, status)
}

/** The answer to paths, objects and records that aren't there, or not for this caller. */
export function notFound(): Response {
  return errorResponse(404, 'NOT_FOUND', 'The requested resource does not exist')
}

/** The answer to a token that is unknown or over. */
export function invalidSession(): Response {
  return errorResponse(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
}

/** The answer when the day's API calls are used up. */
export function requestLimitExceeded(): Response {
  return errorResponse(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
}

/** The answer to a method that the path doesn't have. */
export function methodNotAllowed(method: string, allowed: string): Response {
  const response = errorResponse(
    405,
    'METHOD_NOT_ALLOWED',
    `HTTP Method '${method}' not allowed. Allowed are ${allowed}`,
  )
  response.headers.set('Allow', allowed)
  return response
}
