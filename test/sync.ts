/** An integration of a practice org, and one worker to run it step by step: for tests of the sync engine. */

import { after } from 'node:test'
import pino from 'pino'
import { createEmulator, type Emulator, type EmulatorOptions } from '../emulator/app.ts'
import { createSalesforce } from '../src/salesforce/client.ts'
import { saveConnection } from '../src/store/connections.ts'
import type { Pool } from '../src/store/database.ts'
import { createIntegration, getIntegration, type Integration, type NewIntegration } from '../src/store/integrations.ts'
import { insertRun, type RunEnd, type RunTrigger } from '../src/store/runs.ts'
import { listStreams } from '../src/store/streams.ts'
import { type AttemptDeps, attemptRun } from '../src/sync/attempt.ts'
import { objectsOf } from '../src/sync/objects.ts'
import { type CompareOptions, type Comparison, compareMirror } from './compare.ts'
import { testDatabase } from './database.ts'

const origin = 'http://127.0.0.1:7466'
export const anchor = Date.UTC(2026, 10, 2, 9)

export interface SyncTest {
  readonly sql: Pool
  readonly url: string
  readonly emulator: Emulator
  /** The org's clock, and the worker's; tests move it. */
  readonly clock: { now: number }
  /** What is done to Salesforce's answers on their way; nothing unless set. */
  readonly wire: { change: ((path: string, response: Response) => Response) | undefined }
  addIntegration(settings?: Partial<NewIntegration> & { username?: string }): Promise<TestIntegration>
}

export interface TestIntegration {
  readonly id: string
  get(): Promise<Integration>
  /** Queues a run and returns its id. */
  queue(trigger?: RunTrigger): Promise<number>
  /** One attempt at the run. */
  attempt(runId: number, options?: Partial<AttemptDeps> & { stop?: AbortSignal }): Promise<RunEnd | undefined>
  /** A whole run. */
  run(options?: Partial<AttemptDeps> & { trigger?: RunTrigger }): Promise<RunEnd | undefined>
  compare(options?: CompareOptions): Promise<Comparison>
  rows(objectName: string): Promise<Record<string, unknown>[]>
}

/** Call at the top of a `.pg.test.ts` file. */
export async function openSyncTest(options: Partial<EmulatorOptions> = {}): Promise<SyncTest> {
  const { sql, url } = await testDatabase()
  const clock = { now: anchor + 60_000 }
  const emulator = createEmulator({ origin, anchor, now: () => clock.now, ...options })
  after(() => emulator.close())
  const wire: SyncTest['wire'] = { change: undefined }
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await emulator.fetch(input, init)
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    return wire.change?.(pathname, response) ?? response
  }
  const log = pino({ level: process.env.TEST_LOG_LEVEL ?? 'silent' })

  async function addIntegration({
    username,
    ...settings
  }: Partial<NewIntegration> & { username?: string } = {}): Promise<TestIntegration> {
    const user = emulator.org.users.find((one) => one.username === username) ?? emulator.org.users[0]
    if (!user) throw new Error('The practice org has no sign-in.')
    const { id } = await createIntegration(sql, {
      name: `Practice ${Math.random()}`,
      capability: 'helpdesk',
      environment: 'production',
      pullBy: 'updated',
      domain: origin,
      pullFrom: null,
      syncEveryMinutes: 15,
      clientId: null,
      clientSecretSealed: null,
      createdBy: 'a test',
      ...settings,
    })
    await saveConnection(sql, {
      integrationId: id,
      orgId: emulator.org.id,
      orgName: emulator.org.name,
      isSandbox: false,
      userId: user.userId,
      username: user.username,
      userName: user.name,
      instanceUrl: origin,
      loginOrigin: origin,
      accessTokenSealed: null,
      refreshTokenSealed: null,
      scopes: ['api'],
      tokenIssuedAt: null,
      connectedBy: null,
    })
    let token = emulator.issueToken(user.username)
    const tokens = {
      current: async () => ({ token, instanceUrl: origin, version: 1 }),
      renew: async () => {
        token = emulator.issueToken(user.username)
        return { token, instanceUrl: origin, version: 2 }
      },
    }
    const deps: AttemptDeps = {
      sql,
      databaseUrl: url,
      log,
      now: () => new Date(clock.now),
      salesforceFor: (_, onApiUse) => createSalesforce({ tokens, fetch, log, onApiUse, wait: () => Promise.resolve() }),
    }
    const integration: TestIntegration = {
      id,
      get: () => getIntegration(sql, id),
      queue: (trigger = 'manual') =>
        insertRun(sql, { integrationId: id, kind: 'incremental', trigger, requestedBy: null }),
      attempt: (runId, { stop = new AbortController().signal, ...changes } = {}) =>
        attemptRun({ ...deps, ...changes }, runId, stop),
      run: async ({ trigger, ...changes } = {}) => integration.attempt(await integration.queue(trigger), changes),
      async compare(options = {}) {
        const { capability, schemaName } = await integration.get()
        const refused = (await listStreams(sql, id)).filter((stream) => stream.state === 'refused')
        const objects = objectsOf(capability)
          .map((rule) => rule.name)
          .filter((name) => !refused.some((stream) => stream.objectName === name))
        return compareMirror(sql, { fetch: emulator.fetch, origin, token }, { schemaName, objects, ...options })
      },
      async rows(objectName) {
        const { schemaName } = await integration.get()
        return [...(await sql.unsafe(`select * from "${schemaName}"."sf_${objectName.toLowerCase()}" order by id`))]
      },
    }
    return integration
  }
  return { sql, url, emulator, clock, wire, addIntegration }
}
