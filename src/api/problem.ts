/** The one place that turns an error into a status and a body (RFC 9457 problem details). */

import { HTTPException } from 'hono/http-exception'
import { ZodError } from 'zod'
import type { FailureKind, Failure as KnownFailure } from '../errors.ts'
import { LooplineError } from '../errors.ts'
import { classify } from '../sync/classify.ts'
import type { Problem } from './schemas.ts'

type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 500 | 503

const statusOf: Record<FailureKind, ErrorStatus> = {
  transient: 503,
  reconnect: 409,
  refused: 422,
  invalid: 400,
  bug: 500,
}

// Where the code tells more than the kind; whatever ends in _NOT_FOUND is a 404.
const statusOfCode: Readonly<Record<string, ErrorStatus>> = {
  NOT_SIGNED_IN: 401,
  KEY_NOT_VALID: 401,
  SIGN_IN_REFUSED: 401,
  NOT_ALLOWED: 403,
  CROSS_SITE: 403,
  METHOD_NOT_ALLOWED: 405,
  RUN_ACTIVE: 409,
  RUN_NOT_OVER: 409,
  INTEGRATION_PAUSED: 409,
  LAST_ADMIN: 409,
  BODY_TOO_LARGE: 413,
  BODY_NOT_JSON: 415,
  TOO_MANY_ATTEMPTS: 429,
}

const titles: Record<ErrorStatus, string> = {
  400: 'The request is not right',
  401: 'Sign in first',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not possible here',
  409: 'Not possible right now',
  413: 'Too large',
  415: 'JSON expected',
  422: 'Salesforce refused',
  429: 'Too many attempts',
  500: 'Something went wrong in Loopline',
  503: 'Not available right now',
}

/** Total: whatever was thrown, the answer says what happened and holds nothing that an outsider may not see. */
export function problemOf(error: unknown, requestId: string): Problem & { status: ErrorStatus } {
  if (error instanceof ZodError) return invalidRequest(error, requestId)
  const failure = failureOf(error)
  const status = statusOfCode[failure.code] ?? (failure.code.endsWith('_NOT_FOUND') ? 404 : statusOf[failure.kind])
  return {
    type: `urn:loopline:problem:${failure.code.toLowerCase().replaceAll('_', '-')}`,
    title: titles[status],
    status,
    detail: failure.message,
    code: failure.code,
    requestId,
    ...(failure.field ? { errors: [{ field: failure.field, message: sentencesOf(failure) }] } : {}),
    failure: failure.kind === 'bug' ? withoutDetail(failure) : failure,
  }
}

function failureOf(error: unknown): KnownFailure {
  if (error instanceof LooplineError) return error.failure
  if (error instanceof HTTPException && error.status === 415) {
    return { kind: 'invalid', code: 'BODY_NOT_JSON', message: 'The request’s body must be JSON (application/json).' }
  }
  if (error instanceof HTTPException && error.status < 500) {
    return {
      kind: 'invalid',
      code: 'REQUEST_NOT_READABLE',
      message: 'The request could not be read.',
      remedy: error.message,
    }
  }
  return explainUnforeseen(error)
}

// Told to somebody who asked for something, not about a run: what the run would do next is left out.
function explainUnforeseen(error: unknown): KnownFailure {
  const { action, ...failure } = classify(error)
  return failure.kind === 'bug'
    ? { ...failure, remedy: 'Try again. If it stays so, please report it with this request’s id.' }
    : failure
}

function invalidRequest(error: ZodError, requestId: string): Problem & { status: 400 } {
  const errors = error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }))
  return {
    type: 'urn:loopline:problem:request-invalid',
    title: titles[400],
    status: 400,
    detail: errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join(' '),
    code: 'REQUEST_INVALID',
    requestId,
    errors,
  }
}

const sentencesOf = ({ message, remedy }: KnownFailure) => (remedy ? `${message} ${remedy}` : message)

// What a bug says of itself is for the log, under the request id.
const withoutDetail = ({ detail, ...rest }: KnownFailure): KnownFailure => rest
