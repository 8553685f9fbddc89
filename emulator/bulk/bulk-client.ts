/** What tests of the Bulk APIs do over and over. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Emulator } from '../app.ts'
import { jsonOf, ORIGIN } from '../test-browser.ts'

export interface JobInfo {
  readonly id: string
  readonly state: string
  readonly numberRecordsProcessed: number
  readonly numberRecordsFailed: number
  readonly errorMessage?: string
  readonly [field: string]: unknown
}

/** Calls `/services/data/v67.0/jobs` as one user. */
export function bulkClient(emulator: Emulator, username: string) {
  const token = emulator.issueToken(username)

  function call(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers }
    const url = path.startsWith('/') ? path : `/services/data/v67.0/jobs/${path}`
    return emulator.fetch(`${ORIGIN}${url}`, { ...init, headers })
  }

  /** Looks at a job until it has ended; each look gives the work a turn. */
  async function wait(path: string): Promise<JobInfo> {
    for (;;) {
      const job: JobInfo = await jsonOf(await call(path))
      if (!['Open', 'UploadComplete', 'InProgress'].includes(job.state)) return job
      await nextTurn()
    }
  }

  async function open(job: object): Promise<JobInfo> {
    return jsonOf(await call('ingest', { method: 'POST', body: JSON.stringify(job) }))
  }

  return {
    call,
    wait,
    open,
    put: (id: string, csv: string) =>
      call(`ingest/${id}/batches`, { method: 'PUT', headers: { 'content-type': 'text/csv' }, body: csv }),
    patch: (path: string, state: string) => call(path, { method: 'PATCH', body: JSON.stringify({ state }) }),

    /** Opens an ingest job, gives it the rows, closes it and waits for its end. */
    async load(job: object, csv: string): Promise<JobInfo> {
      const { id } = await open(job)
      await this.put(id, csv)
      await this.patch(`ingest/${id}`, 'UploadComplete')
      return wait(`ingest/${id}`)
    },

    /** The lines of one of a job's result files. */
    async lines(id: string, kind: string): Promise<string[]> {
      return (await (await call(`ingest/${id}/${kind}`)).text()).split('\n').slice(0, -1)
    },
  }
}

/** Status and code of a refusal. */
export async function codeOf(response: Response): Promise<[number, string]> {
  const [error] = await jsonOf(response)
  return [response.status, error.errorCode]
}
