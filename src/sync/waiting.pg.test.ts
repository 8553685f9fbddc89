import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncTest } from '../../test/sync.ts'
import { LooplineError } from '../errors.ts'
import { findConnection } from '../store/connections.ts'
import { findRun, requestCancel } from '../store/runs.ts'
import { listStreams } from '../store/streams.ts'

const { sql, emulator, clock, wire, addIntegration } = await openSyncTest({ scale: 0.2, dailyApiRequests: 1_000 })
const sizes = { bulkFrom: 300, recordsPerPage: 250 }

const withHeaders = (response: Response, changes: Record<string, string>) => {
  const headers = new Headers(response.headers)
  for (const [name, value] of Object.entries(changes)) headers.set(name, value)
  return new Response(response.body, { status: response.status, headers })
}

async function statusOfJob(id: string | undefined): Promise<number> {
  const token = emulator.issueToken(emulator.org.users[0]?.username ?? '')
  const answer = await emulator.fetch(`http://127.0.0.1:7466/services/data/v67.0/jobs/query/${id}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return answer.status
}

test('a run that is cancelled in the middle of a page stops at once, keeps what it loaded, and leaves no job at Salesforce', {
  timeout: 30_000,
}, async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  const jobs: string[] = []
  wire.change = (path, response) => {
    const job = /jobs\/query\/(\w+)\/results$/.exec(path)?.[1]
    if (!job) return response
    jobs.push(job)
    void requestCancel(sql, runId)
    // A page that never ends.
    return new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array()) }), {
      status: 200,
      headers: response.headers,
    })
  }
  const end = await integration.attempt(runId, { sizes })
  wire.change = undefined
  assert.deepEqual(end, { state: 'cancelled' })
  const run = await findRun(sql, runId)
  assert.equal(run?.state, 'cancelled')
  assert.ok((await integration.rows('User')).length > 0)
  assert.equal(await statusOfJob(jobs[0]), 404)
  // The next run loads the rest.
  assert.deepEqual(await integration.run(), { state: 'finished' })
  assert.deepEqual((await integration.compare()).differences, [])
})

test('a run that fails leaves no job at Salesforce; what it could not remove, the next run does', {
  timeout: 60_000,
}, async () => {
  for (const canRemove of [true, false]) {
    const integration = await addIntegration()
    const jobs = new Set<string>()
    wire.change = (path, response) => {
      const [, job, isResult] = /jobs\/query\/(\w+)(\/results)?$/.exec(path) ?? []
      if (!job) return response
      if (isResult) {
        jobs.add(job)
        return Response.json([{ errorCode: 'API_DISABLED_FOR_ORG', message: 'No.' }], { status: 403 })
      }
      return canRemove || jobs.size === 0 ? response : new Response(null, { status: 503 })
    }
    const end = await integration.run({ sizes })
    wire.change = undefined
    assert.equal(end?.state, 'failed')
    const [job] = jobs
    assert.equal(await statusOfJob(job), canRemove ? 404 : 200)
    assert.deepEqual(await integration.run({ sizes }), { state: 'finished' })
    assert.equal(await statusOfJob(job), 404)
    assert.deepEqual((await integration.compare()).differences, [])
  }
})

test('a run that nobody works on is cancelled at once', async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  assert.equal(await requestCancel(sql, runId), 'cancelled')
  assert.equal(await integration.attempt(runId), undefined)
})

test('at its share of the org’s API calls a run waits, says why, and goes on later', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  let used = 790
  wire.change = (path, response) =>
    path.includes('/services/data/v')
      ? withHeaders(response, { 'sforce-limit-info': `api-usage=${used++}/1000` })
      : response
  const end = await integration.attempt(runId, { sizes })
  assert.equal(end?.state, 'waiting')
  const waiting = await findRun(sql, runId)
  assert.equal(waiting?.failure?.code, 'API_BUDGET')
  assert.match(waiting.failure.message, /80[0-9] of its 1000 daily API calls/)
  assert.equal(waiting.failures, 0)
  assert.equal(waiting.retryAt?.getTime(), clock.now + 15 * 60_000)
  assert.ok(used < 805, 'it went on asking')
  assert.equal((await findConnection(sql, integration.id))?.apiMax, 1000)
  used = 100
  await sql`update loopline.runs set retry_at = now() where id = ${runId}`
  assert.deepEqual(await integration.attempt(runId, { sizes }), { state: 'finished' })
  wire.change = undefined
  assert.deepEqual((await integration.compare()).differences, [])
})

test('while Salesforce is away a run tries again, ever later, and gives up after ten times in a row', {
  timeout: 60_000,
}, async () => {
  const integration = await addIntegration()
  await integration.run()
  const runId = await integration.queue('schedule')
  emulator.faults.answerNext('unavailable', { times: 10_000 })
  const delays: number[] = []
  let end = await integration.attempt(runId)
  for (; end?.state === 'waiting'; end = await integration.attempt(runId)) {
    delays.push(end.retryAt.getTime() - clock.now)
    await sql`update loopline.runs set retry_at = now() where id = ${runId}`
  }
  emulator.faults.clear()
  assert.deepEqual(
    delays.map((ms) => ms / 1_000),
    [10, 30, 60, 120, 300, 600, 900, 900, 900],
  )
  assert.equal(end?.state, 'failed')
  assert.equal((await findRun(sql, runId))?.failure?.kind, 'transient')
  // The next one goes on from the checkpoint.
  clock.now += 3_600_000
  assert.deepEqual(await integration.run({ trigger: 'schedule' }), { state: 'finished' })
  assert.equal((await findConnection(sql, integration.id))?.health, 'connected')
})

test('when the grant is dead the run ends, and the connection says that somebody must sign in', {
  timeout: 60_000,
}, async () => {
  const integration = await addIntegration()
  const failure = { kind: 'reconnect', code: 'INVALID_GRANT', message: 'The grant was revoked.' } as const
  const dead = () => Promise.reject(new LooplineError(failure))
  const end = await integration.run({
    salesforceFor: () => ({ apiCalls: () => 0, orgTime: dead }) as never,
  })
  assert.deepEqual(end, { state: 'failed', failure })
  const connection = await findConnection(sql, integration.id)
  assert.equal(connection?.health, 'reconnect')
  assert.deepEqual(connection.failure, failure)
})

test('a session that expires in the middle of a run is renewed without anybody noticing', {
  timeout: 60_000,
}, async () => {
  const integration = await addIntegration()
  let landed = 0
  const onStep = (step: string) => {
    if (step === 'page-landed' && ++landed === 3) emulator.expireTokens()
  }
  assert.deepEqual(await integration.run({ sizes, onStep }), { state: 'finished' })
  assert.ok(landed > 3)
  const streams = await listStreams(sql, integration.id)
  assert.ok(streams.every((stream) => stream.state === 'live'))
})
