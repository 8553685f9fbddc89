/** What tests of Bulk API 1.0 do over and over. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Emulator } from '../app.ts'
import { ORIGIN } from '../test-browser.ts'

/** Calls `/services/async/67.0/job` as one user. */
export function asyncClient(org: Emulator, username: string) {
  const token = org.issueToken(username)
  const call = (path: string, init: RequestInit = {}) =>
    org.fetch(`${ORIGIN}/services/async/67.0/job${path}`, {
      ...init,
      headers: { 'x-sfdc-session': token, ...init.headers },
    })
  const post = async (path: string, contentType: string, body: string, headers: Record<string, string> = {}) =>
    (await call(path, { method: 'POST', body, headers: { 'content-type': contentType, ...headers } })).text()
  return {
    call,
    post,
    /** Makes a job by JSON and gives its id. */
    async open(job: object, headers: Record<string, string> = {}): Promise<string> {
      const text = await post('', 'application/json', JSON.stringify(job), headers)
      return JSON.parse(text).id
    },
    /** The states of a job's batches once none waits any more. */
    async wait(id: string): Promise<{ id: string; state: string; message: string; records: number }[]> {
      for (;;) {
        const text = await (await call(`/${id}/batch`)).text()
        const batches = text.startsWith('{')
          ? JSON.parse(text).batchInfo.map((one: Record<string, unknown>) => ({
              id: one.id,
              state: one.state,
              message: one.stateMessage ?? '',
              records: one.numberRecordsProcessed,
            }))
          : Array.from(text.matchAll(/<batchInfo>(.*?)<\/batchInfo>/gs), ([, batch = '']) => ({
              id: /<id>(.*)<\/id>/.exec(batch)?.[1] ?? '',
              state: /<state>(.*)<\/state>/.exec(batch)?.[1] ?? '',
              message: /<stateMessage>(.*)<\/stateMessage>/s.exec(batch)?.[1] ?? '',
              records: Number(/<numberRecordsProcessed>(.*)<\/numberRecordsProcessed>/.exec(batch)?.[1]),
            }))
        if (!batches.some(({ state }: { state: string }) => state === 'Queued' || state === 'InProgress'))
          return batches
        await nextTurn()
      }
    },
  }
}
