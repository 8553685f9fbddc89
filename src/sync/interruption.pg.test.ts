import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSyncTest, type TestIntegration } from '../../test/sync.ts'
import { ClaimLost, findRun } from '../store/runs.ts'

const { sql, emulator, wire, addIntegration } = await openSyncTest({ scale: 0.2 })
/** Small enough that cases, comments and more come by several Bulk pages. */
const sizes = { bulkFrom: 300, recordsPerPage: 250 }

const bulkResults = (path: string) => path.endsWith('/results')

/** Dies at a step as a process does: from then on it writes nothing more. */
function dieAt(isStep: (step: string, objectName: string | undefined) => boolean) {
  let isDead = false
  return (step: string, objectName?: string) => {
    if (!isDead && isStep(step, objectName)) {
      isDead = true
      throw new ClaimLost('The process died.')
    }
  }
}

async function assertComplete(integration: TestIntegration): Promise<void> {
  assert.deepEqual((await integration.compare()).differences, [])
}

for (const pullBy of ['updated', 'created'] as const) {
  test(`a first run that dies at every step in turn ends with every record once (by ${pullBy})`, {
    timeout: 240_000,
  }, async () => {
    const integration = await addIntegration({ pullBy })
    const runId = await integration.queue('connect')
    const survived = new Set<string>()
    let end: unknown
    for (let deaths = 0; deaths < 300 && end === undefined; deaths++) {
      const onStep = dieAt((step, objectName) => {
        const place = `${step} ${objectName}`
        if (survived.has(place)) return false
        survived.add(place)
        return true
      })
      end = await integration.attempt(runId, { onStep, sizes })
    }
    assert.deepEqual(end, { state: 'finished' })
    for (const place of [
      'job-started Case',
      'page-merged Case',
      'page-landed Case',
      'page-merged CaseStatus',
      'stream-tended Case',
    ]) {
      assert.ok(survived.has(place), `it never died at ${place}`)
    }
    await assertComplete(integration)
    const run = await findRun(sql, runId)
    const read = new Map(run?.objects.map((object) => [object.objectName, object]))
    assert.equal(read.get('Case')?.recordsRead, (await integration.rows('Case')).length)
    const jobs = await sql`select 1 from loopline.run_streams where run_id = ${runId} and job_id is not null`
    assert.equal(jobs.length, 0)
  })
}

test('a resumed Bulk job goes on after its last landed page, and asks for no page twice', {
  timeout: 60_000,
}, async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  let landed = 0
  const onStep = dieAt((step, objectName) => step === 'page-landed' && objectName === 'Case' && ++landed === 2)
  assert.equal(await integration.attempt(runId, { onStep, sizes }), undefined)
  const before = await integration.rows('Case')
  assert.equal(before.length, 500)
  let fetched = 0
  wire.change = (path, response) => {
    if (bulkResults(path)) fetched++
    return response
  }
  await integration.attempt(runId, {
    sizes,
    onStep: dieAt((step, objectName) => step === 'stream-finished' && objectName === 'Case'),
  })
  wire.change = undefined
  const all = (await integration.rows('Case')).length
  assert.equal(fetched, Math.ceil((all - 500) / 250))
  assert.deepEqual(await integration.attempt(runId), { state: 'finished' })
  await assertComplete(integration)
})

test('a page cut off on its way is read again, and every record lands once', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  emulator.faults.cutNextResultStream(2_000)
  const runId = await integration.queue()
  const end = await integration.attempt(runId, { sizes })
  assert.equal(end?.state, 'waiting')
  const run = await findRun(sql, runId)
  assert.equal(run?.failure?.kind, 'transient')
  assert.ok(run.retryAt)
  await sql`update loopline.runs set retry_at = now() where id = ${runId}`
  assert.deepEqual(await integration.attempt(runId, { sizes }), { state: 'finished' })
  await assertComplete(integration)
})

test('a page with fewer records than announced is kept in no part, and read again', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  let isSpoiled = false
  wire.change = (path, response) => {
    if (isSpoiled || !bulkResults(path)) return response
    isSpoiled = true
    const headers = new Headers(response.headers)
    headers.set('sforce-numberofrecords', '251')
    return new Response(response.body, { status: response.status, headers })
  }
  const end = await integration.attempt(runId, { sizes })
  wire.change = undefined
  assert.equal(end?.state === 'waiting' && end.failure.code, 'PAGE_INCOMPLETE')
  assert.equal((await integration.rows('Case')).length, 0)
  await sql`update loopline.runs set retry_at = now() where id = ${runId}`
  await integration.attempt(runId, { sizes })
  await assertComplete(integration)
})

test('a job whose pages are not as many records as it says is read by REST instead', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  // The last page is said to be the one before: as if Salesforce had lost a page.
  wire.change = (path, response) => {
    if (!bulkResults(path)) return response
    const headers = new Headers(response.headers)
    headers.set('sforce-locator', 'null')
    return new Response(response.body, { status: response.status, headers })
  }
  const end = await integration.attempt(runId, { sizes })
  wire.change = undefined
  assert.equal(end?.state, 'waiting')
  await sql`update loopline.runs set retry_at = now() where id = ${runId}`
  assert.deepEqual(await integration.attempt(runId, { sizes }), { state: 'finished' })
  await assertComplete(integration)
  const run = await findRun(sql, runId)
  assert.ok(run?.objects.some((object) => object.mode === 'rest' && object.recordsRead > sizes.bulkFrom))
})

test('a Bulk job that fails at Salesforce is read by REST instead', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  emulator.faults.failNextBulkJob('InvalidBatch : Failed to process query: QUERY_TIMEOUT')
  const runId = await integration.queue()
  assert.deepEqual(await integration.attempt(runId, { sizes }), { state: 'finished' })
  await assertComplete(integration)
  const run = await findRun(sql, runId)
  assert.ok(run?.objects.some((object) => object.mode === 'rest' && object.recordsRead > sizes.bulkFrom))
})

test('of two workers at one run, one does it', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  const ends = await Promise.all([integration.attempt(runId, { sizes }), integration.attempt(runId, { sizes })])
  assert.deepEqual(
    ends.filter((end) => end !== undefined),
    [{ state: 'finished' }],
  )
  await assertComplete(integration)
})

test('a worker that was thought dead can write nothing more once another has taken over', {
  timeout: 60_000,
}, async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  let takeover: Promise<unknown> | undefined
  let isTold = () => {}
  const isTaken = new Promise<void>((resolve) => {
    isTold = resolve
  })
  // The first worker's answer hangs while its heartbeat grows old, and comes after the second has claimed the run.
  const slow = new Promise<void>((resolve) => void isTaken.then(resolve))
  wire.change = (path, response) => {
    if (!bulkResults(path) || takeover) return response
    const { body } = response
    takeover = (async () => {
      await sql`update loopline.runs set heartbeat_at = now() - interval '2 minutes' where id = ${runId}`
      return integration.attempt(runId, { sizes, onStep: (step) => step === 'prepared' && isTold() })
    })()
    async function* late() {
      await slow
      yield* body ?? []
    }
    return new Response(ReadableStream.from(late()), { status: response.status, headers: response.headers })
  }
  assert.equal(await integration.attempt(runId, { sizes }), undefined)
  wire.change = undefined
  assert.deepEqual(await takeover, { state: 'finished' })
  await assertComplete(integration)
})

test('a worker that stops leaves the run to the next, which goes on at once', { timeout: 60_000 }, async () => {
  const integration = await addIntegration()
  const runId = await integration.queue()
  const stop = new AbortController()
  const onStep = (step: string) => step === 'page-landed' && stop.abort()
  assert.deepEqual(await integration.attempt(runId, { sizes, onStep, stop: stop.signal }), { state: 'queued' })
  assert.deepEqual(await integration.attempt(runId, { sizes }), { state: 'finished' })
  await assertComplete(integration)
})
