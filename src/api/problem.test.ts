import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { Failure, FailureKind } from '../errors.ts'
import { LooplineError } from '../errors.ts'
import { problemOf } from './problem.ts'

const thrown = (failure: Partial<Failure> & { kind: FailureKind }) =>
  new LooplineError({ code: 'SOME_CODE', message: 'It happened.', ...failure })

test('each kind of failure has its status', () => {
  const statuses: [FailureKind, number][] = [
    ['transient', 503],
    ['reconnect', 409],
    ['refused', 422],
    ['invalid', 400],
    ['bug', 500],
  ]
  for (const [kind, status] of statuses) assert.equal(problemOf(thrown({ kind }), 'r1').status, status, kind)
})

test('some codes tell more than their kind', () => {
  for (const [code, status] of [
    ['INTEGRATION_NOT_FOUND', 404],
    ['NOT_SIGNED_IN', 401],
    ['NOT_ALLOWED', 403],
    ['RUN_ACTIVE', 409],
    ['TOO_MANY_ATTEMPTS', 429],
  ] as const) {
    assert.equal(problemOf(thrown({ kind: 'invalid', code }), 'r1').status, status, code)
  }
})

test('a failure is told whole, and beside its field', () => {
  const error = thrown({ kind: 'invalid', code: 'NAME_TAKEN', remedy: 'Choose another name.', field: 'name' })
  assert.deepEqual(problemOf(error, 'r1'), {
    type: 'urn:loopline:problem:name-taken',
    title: 'The request is not right',
    status: 400,
    detail: 'It happened.',
    code: 'NAME_TAKEN',
    requestId: 'r1',
    errors: [{ field: 'name', message: 'It happened. Choose another name.' }],
    failure: error.failure,
  })
})

test('a request that does not fit its schema is told field by field', () => {
  const { error } = z
    .object({ name: z.string(), tags: z.array(z.object({ size: z.number('A number.') })) })
    .safeParse({ name: 'x', tags: [{ size: 'large' }] })
  assert.deepEqual(problemOf(error, 'r1').errors, [{ field: 'tags.0.size', message: 'A number.' }])
})

test('whatever else was thrown is ours to mend, and gives nothing away but the request’s id', () => {
  const secret = 'password=planted'
  for (const error of [new Error(secret), new TypeError(secret), secret, null, undefined, { secret }]) {
    const problem = problemOf(error, 'r1')
    assert.deepEqual([problem.status, problem.requestId, problem.failure?.kind], [500, 'r1', 'bug'])
    assert.ok(!JSON.stringify(problem).includes('planted'))
    assert.equal(problem.failure?.action, undefined, 'no run is concerned')
  }
})

test('a body that cannot be read is the sender’s to mend', () => {
  assert.equal(problemOf(new HTTPException(415), 'r1').status, 415)
  assert.equal(problemOf(new HTTPException(400, { message: 'Malformed JSON' }), 'r1').status, 400)
})
