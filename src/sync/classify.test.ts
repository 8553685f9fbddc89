import assert from 'node:assert/strict'
import { test } from 'node:test'
import postgres from 'postgres'
import { LooplineError } from '../errors.ts'
import { SalesforceError } from '../salesforce/error.ts'
import { PageError } from '../store/landing.ts'
import { classify } from './classify.ts'

const request = 'GET /services/data/v67.0/query'
const salesforce = (status: number, code: string) =>
  new SalesforceError({ status, code, message: 'As Salesforce says it.', request })
const withCode = (code: string) => Object.assign(new Error('broken'), { code })
const fromPostgres = (code: string) => Object.assign(new postgres.PostgresError('refused' as never), { code })

for (const [error, objectName, kind, code] of [
  [salesforce(0, 'TIMEOUT'), 'Case', 'transient', 'TIMEOUT'],
  [salesforce(503, 'SERVER_UNAVAILABLE'), 'Case', 'transient', 'SERVER_UNAVAILABLE'],
  [salesforce(500, 'UNKNOWN_EXCEPTION'), undefined, 'transient', 'UNKNOWN_EXCEPTION'],
  [salesforce(403, 'REQUEST_LIMIT_EXCEEDED'), 'Case', 'transient', 'REQUEST_LIMIT_EXCEEDED'],
  [salesforce(400, 'INVALID_QUERY_LOCATOR'), 'Case', 'transient', 'INVALID_QUERY_LOCATOR'],
  [salesforce(400, 'QUERY_TIMEOUT'), 'Case', 'transient', 'QUERY_TIMEOUT'],
  [salesforce(401, 'INVALID_SESSION_ID'), undefined, 'reconnect', 'INVALID_SESSION_ID'],
  [salesforce(404, 'NOT_FOUND'), 'Lead', 'refused', 'NOT_FOUND'],
  [salesforce(400, 'INVALID_TYPE'), 'Lead', 'refused', 'INVALID_TYPE'],
  [salesforce(400, 'INVALID_FIELD'), 'Lead', 'refused', 'INVALID_FIELD'],
  [salesforce(403, 'INSUFFICIENT_ACCESS'), 'Lead', 'refused', 'INSUFFICIENT_ACCESS'],
  [salesforce(400, 'OPERATION_TOO_LARGE'), 'Task', 'refused', 'OPERATION_TOO_LARGE'],
  [salesforce(400, 'A_CODE_OF_TOMORROW'), 'Task', 'refused', 'A_CODE_OF_TOMORROW'],
  [salesforce(400, 'JSON_PARSER_ERROR'), undefined, 'bug', 'JSON_PARSER_ERROR'],
  [salesforce(403, 'API_DISABLED_FOR_ORG'), 'Case', 'invalid', 'API_DISABLED_FOR_ORG'],
  [new PageError('fewer'), 'Case', 'transient', 'PAGE_INCOMPLETE'],
  [withCode('ECONNRESET'), 'Case', 'transient', 'STREAM_BROKEN'],
  [withCode('Z_BUF_ERROR'), 'Case', 'transient', 'STREAM_BROKEN'],
  [withCode('CONNECTION_CLOSED'), undefined, 'transient', 'DATABASE_UNAVAILABLE'],
  [fromPostgres('53100'), 'Case', 'transient', 'DATABASE_DISK_FULL'],
  [fromPostgres('57P01'), 'Case', 'transient', 'DATABASE_UNAVAILABLE'],
  [fromPostgres('40P01'), 'Case', 'transient', 'DATABASE_UNAVAILABLE'],
  [fromPostgres('42703'), 'Case', 'bug', 'POSTGRES_42703'],
  [new TypeError('undefined is not a function'), 'Case', 'bug', 'UNEXPECTED'],
  ['a text', undefined, 'bug', 'UNEXPECTED'],
  [undefined, undefined, 'bug', 'UNEXPECTED'],
] as const) {
  const name = error instanceof Error ? `${error.name} ${'code' in error ? error.code : ''}` : String(error)
  test(`${name}${objectName ? ` on ${objectName}` : ''} is ${kind}, and says what happened`, () => {
    const failure = classify(error, { objectName })
    assert.equal(failure.kind, kind)
    assert.equal(failure.code, code)
    assert.match(failure.message, /\w.*[.!]$/)
    assert.equal(failure.objectName, objectName)
    if (kind === 'refused') assert.ok(failure.action)
    if (kind === 'transient') assert.ok(failure.action, 'what Loopline does about it')
  })
}

test('a failure that was explained before keeps its words', () => {
  const failure = { kind: 'reconnect', code: 'INVALID_GRANT', message: 'Revoked.', remedy: 'Sign in again.' } as const
  assert.deepEqual(classify(new LooplineError(failure)), failure)
})

test('missing access names the permission and the object', () => {
  assert.match(
    classify(salesforce(404, 'NOT_FOUND'), { objectName: 'Lead' }).remedy ?? '',
    /“Read” and “View All” on Lead/,
  )
  assert.match(
    classify(salesforce(400, 'INVALID_TYPE'), { objectName: 'Knowledge__kav' }).remedy ?? '',
    /Knowledge User/,
  )
  assert.match(
    classify(salesforce(400, 'INVALID_TYPE'), { objectName: 'ContentVersion' }).remedy ?? '',
    /Query All Files/,
  )
})
