/** From what was thrown to what it means: for the run, for the API, and for a person. Total over every error. */

import postgres from 'postgres'
import { type Failure, LooplineError } from '../errors.ts'
import { SalesforceError } from '../salesforce/error.ts'
import { PageError } from '../store/landing.ts'

const { PostgresError } = postgres

const goesOn = 'The sync goes on from where it was, after a pause.'
const skipsObject = 'This object is left out; everything else goes on.'

/** Explains any error. `objectName` is the object that was being read. */
export function classify(error: unknown, { objectName }: { objectName?: string | undefined } = {}): Failure {
  const failure = explain(error, objectName)
  return objectName && !failure.objectName ? { ...failure, objectName } : failure
}

function explain(error: unknown, objectName: string | undefined): Failure {
  if (error instanceof LooplineError) return error.failure
  if (error instanceof SalesforceError) return explainSalesforce(error, objectName)
  if (error instanceof PageError) {
    return {
      kind: 'transient',
      code: 'PAGE_INCOMPLETE',
      message: 'A page of results from Salesforce did not hold what was announced. Nothing of it was kept.',
      action: goesOn,
      detail: error.message,
    }
  }
  if (error instanceof PostgresError) return explainPostgres(error)
  const code = errorCode(error)
  if (code && lostConnection.has(code)) {
    return {
      kind: 'transient',
      code: 'DATABASE_UNAVAILABLE',
      message: 'The connection to the database was lost.',
      action: goesOn,
      remedy: 'Check that Postgres runs and can be reached.',
      detail: code,
    }
  }
  if (code && brokenStream.has(code)) {
    return {
      kind: 'transient',
      code: 'STREAM_BROKEN',
      message: 'The connection to Salesforce broke in the middle of an answer. Nothing of it was kept.',
      action: goesOn,
      detail: code,
    }
  }
  return {
    kind: 'bug',
    code: 'UNEXPECTED',
    message: 'Something happened that Loopline has no answer to.',
    action: 'The sync stopped; what was loaded stays. The next sync tries again.',
    remedy: 'Please report it, with the detail below.',
    detail: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  }
}

const lostConnection = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
])
const brokenStream = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
  'Z_BUF_ERROR',
  'Z_DATA_ERROR',
  'UND_ERR_SOCKET',
  'UND_ERR_BODY_TIMEOUT',
])

function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** What Salesforce's codes mean where it is more than their HTTP status says. */
const bySalesforceCode: Record<string, Omit<Failure, 'code' | 'detail'>> = {
  REQUEST_LIMIT_EXCEEDED: {
    kind: 'transient',
    message: 'The org has used up its API calls, or has too many long requests at once.',
    action: goesOn,
    remedy: 'If this lasts, see Setup → Company Information → API Requests, Last 24 Hours, for who uses them.',
  },
  API_CURRENTLY_DISABLED: {
    kind: 'transient',
    message: 'The org’s API is switched off for the moment.',
    action: goesOn,
  },
  ORG_IN_MAINTENANCE: { kind: 'transient', message: 'Salesforce is working on the org.', action: goesOn },
  INVALID_QUERY_LOCATOR: {
    kind: 'transient',
    message: 'Salesforce has forgotten the query whose next page was asked for.',
    action: 'The object is read again from its checkpoint.',
  },
  QUERY_TIMEOUT: {
    kind: 'transient',
    message: 'Salesforce took too long to answer the query.',
    action: goesOn,
    remedy: 'A later start date makes the query smaller.',
  },
  TXN_SECURITY_METERING_ERROR: {
    kind: 'transient',
    message: 'A transaction security policy of the org held the request back.',
    action: goesOn,
    remedy: 'Give the connected user the permission “Exempt from Transaction Security”.',
  },
  API_DISABLED_FOR_ORG: {
    kind: 'invalid',
    message: 'The org or the connected user may not use Salesforce’s API.',
    action: 'The sync stopped. The next one tries again.',
    remedy: 'Give the connected user the permission “API Enabled” (editions below Enterprise may have no API at all).',
  },
  UNSUPPORTED_API_VERSION: {
    kind: 'bug',
    message: 'The org no longer speaks the API version that this Loopline uses.',
    remedy: 'Update Loopline.',
  },
}

const noAccess = new Set([
  'INVALID_TYPE',
  'INVALID_FIELD',
  'NOT_FOUND',
  'INSUFFICIENT_ACCESS',
  'INSUFFICIENT_ACCESS_OR_READONLY',
  'FORBIDDEN',
  'FUNCTIONALITY_NOT_ENABLED',
  'ENTITY_NOT_QUERYABLE',
  'OPERATION_TOO_LARGE',
  'TXN_SECURITY_NO_ACCESS',
  'EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION',
])

function explainSalesforce(error: SalesforceError, objectName: string | undefined): Failure {
  const detail = `${error.status} ${error.code}: ${error.message} (${error.request})`
  const known = bySalesforceCode[error.code]
  if (known) return { ...known, code: error.code, detail }
  if (objectName && noAccess.has(error.code)) {
    return {
      kind: 'refused',
      code: error.code,
      message: `Salesforce does not let the connected user read ${objectName}, or the org does not have it.`,
      action: skipsObject,
      remedy: accessRemedy(objectName, error.code),
      objectName,
      detail,
    }
  }
  if (error.status === 401) {
    return {
      kind: 'reconnect',
      code: error.code,
      message: 'Salesforce no longer accepts the connection.',
      action: 'Syncs pause until somebody signs in again.',
      remedy: 'Edit the integration → Authentication → Re-generate Token.',
      detail,
    }
  }
  if (error.isPassing) {
    return {
      kind: 'transient',
      code: error.code,
      message:
        error.status === 0
          ? 'Salesforce could not be reached, or its answer broke off.'
          : 'Salesforce is overloaded or under maintenance.',
      action: goesOn,
      detail,
    }
  }
  if (error.status === 403 || (objectName && error.status === 404)) {
    return {
      kind: 'refused',
      code: error.code,
      message: `Salesforce refused the request${objectName ? ` for ${objectName}` : ''}: ${error.message}`,
      action: skipsObject,
      remedy: 'Check the permissions of the connected user.',
      detail,
    }
  }
  if (objectName && error.status === 400) {
    return {
      kind: 'refused',
      code: error.code,
      message: `Salesforce could not answer the query for ${objectName}: ${error.message}`,
      action: skipsObject,
      detail,
    }
  }
  return { kind: 'bug', code: error.code, message: `Salesforce did not accept a request: ${error.message}`, detail }
}

/** Which permission on which object: what an org's admin must grant. */
export function accessRemedy(objectName: string, code?: string): string {
  if (objectName.startsWith('Knowledge__')) {
    return 'Enable Lightning Knowledge, and give the connected user the Knowledge User licence and “View Articles”.'
  }
  if (code === 'OPERATION_TOO_LARGE') return `Give the connected user “View All” on ${objectName}.`
  if (objectName.startsWith('Content')) return 'Give the connected user “Query All Files” (it needs “View All Data”).'
  return `Give the connected user “Read” and “View All” on ${objectName}, with read access to its fields.`
}

function explainPostgres(error: InstanceType<typeof PostgresError>): Failure {
  const detail = `${error.code}: ${error.message}`
  const group = error.code.slice(0, 2)
  if (group === '53') {
    return {
      kind: 'transient',
      code: error.code === '53100' ? 'DATABASE_DISK_FULL' : 'DATABASE_BUSY',
      message: error.code === '53100' ? 'The database’s disk is full.' : 'The database has no room for more work.',
      action: goesOn,
      remedy: error.code === '53100' ? 'Make room on the disk of the database.' : 'Raise its limits, or try later.',
      detail,
    }
  }
  // Connection lost (08), shutting down (57P), a lock not had in time (55P03), deadlock or serialization (40).
  if (group === '08' || group === '40' || error.code.startsWith('57P') || error.code === '55P03') {
    return {
      kind: 'transient',
      code: 'DATABASE_UNAVAILABLE',
      message: 'The database could not do its part just now.',
      action: goesOn,
      detail,
    }
  }
  return {
    kind: 'bug',
    code: `POSTGRES_${error.code}`,
    message: 'The database refused what Loopline wrote.',
    action: 'The sync stopped; what was loaded stays. The next sync tries again.',
    remedy: 'Please report it, with the detail below.',
    detail,
  }
}
