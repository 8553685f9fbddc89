/** What the practice org does without Loopline: the same Bulk job, its pages written to a file as they come. */

import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import type { RunningEmulator } from '../test/processes.ts'

interface Served {
  readonly rows: number
  /** As they came over the wire, gunzipped. */
  readonly bytes: number
  /** From the job's start until its results could be fetched. */
  readonly jobSeconds: number
  /** Gunzipped and written, as a client would. */
  readonly downloadSeconds: number
  /** Read to the end and left as gzip: what the org itself takes. */
  readonly packedSeconds: number
  readonly columns: readonly string[]
}

const base = '/services/data/v67.0/jobs/query'

/** Runs the query as a Bulk job and writes its rows, without header lines, to `file`. */
export async function downloadCsv(
  emulator: RunningEmulator,
  { soql, file }: { soql: string; file: string },
): Promise<Served> {
  const headers = { authorization: `Bearer ${emulator.accessToken}` }
  const started = performance.now()
  const created = await fetch(`${emulator.origin}${base}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ operation: 'queryAll', query: soql, contentType: 'CSV', lineEnding: 'LF' }),
  })
  const { id } = (await created.json()) as { id: string }
  for (let state = ''; state !== 'JobComplete'; await delay(100)) {
    const answer = (await (await fetch(`${emulator.origin}${base}/${id}`, { headers })).json()) as { state: string }
    state = answer.state
    if (state === 'Failed') throw new Error('The practice org could not do the Bulk job.')
  }
  const jobSeconds = (performance.now() - started) / 1_000

  const packedFrom = performance.now()
  for (let locator = ''; locator !== 'null'; ) {
    const url = `${emulator.origin}${base}/${id}/results?${pageQuery(locator)}`
    // Unlike fetch, it leaves a body packed.
    const page = await request(url, { headers: { ...headers, 'accept-encoding': 'gzip' } })
    locator = String(page.headers['sforce-locator'])
    await page.body.dump({ limit: Number.MAX_SAFE_INTEGER })
  }
  const packedSeconds = (performance.now() - packedFrom) / 1_000

  const from = performance.now()
  let rows = 0
  let bytes = 0
  let columns: string[] = []
  for (let locator = ''; locator !== 'null'; ) {
    const response = await fetch(`${emulator.origin}${base}/${id}/results?${pageQuery(locator)}`, { headers })
    rows += Number(response.headers.get('sforce-numberofrecords'))
    const isFirst = locator === ''
    locator = response.headers.get('sforce-locator') ?? 'null'
    if (!response.body) throw new Error('A page of results had no body.')
    let header = ''
    const body = Readable.fromWeb(response.body as never)
    const withoutHeader = async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        bytes += chunk.length
        const end = header.endsWith('\n') ? -1 : chunk.indexOf(10)
        if (header.endsWith('\n')) yield chunk
        else {
          header += chunk.subarray(0, end + 1).toString()
          yield chunk.subarray(end + 1)
        }
      }
    }
    await pipeline(body, withoutHeader, createWriteStream(file, { flags: isFirst ? 'w' : 'a' }))
    columns = header.trim().replaceAll('"', '').split(',')
  }
  const downloadSeconds = (performance.now() - from) / 1_000
  await fetch(`${emulator.origin}${base}/${id}`, { method: 'DELETE', headers })
  return { rows, bytes, jobSeconds, downloadSeconds, packedSeconds, columns }
}

function pageQuery(locator: string): URLSearchParams {
  return new URLSearchParams({ maxRecords: '50000', ...(locator ? { locator } : {}) })
}

/** Leaves the first sign-in nothing to read but cases, with this many fields; returns their names. */
export async function showOnlyCases(
  emulator: RunningEmulator,
  { otherObjects, fieldCount }: { otherObjects: readonly string[]; fieldCount: number },
): Promise<string[]> {
  const username = emulator.users[0]?.username ?? ''
  for (const object of otherObjects) await emulator.control('visibility', { username, object, visible: false })
  const readable = await readableFields(emulator)
  const isAudit = ['Id', 'IsDeleted', 'CreatedDate', 'SystemModstamp', 'LastModifiedDate']
  const kept = readable.filter(({ name }) => isAudit.includes(name))
  for (const field of readable) if (kept.length < fieldCount && !kept.includes(field)) kept.push(field)
  for (const field of readable) {
    if (kept.includes(field)) continue
    await emulator.control('visibility', { username, object: 'Case', field: field.name, visible: false })
  }
  return readable.filter((field) => kept.includes(field)).map((field) => field.name)
}

/** The fields of a case that Bulk takes and that stay the same while nobody looks. */
export async function readableFields(emulator: RunningEmulator): Promise<{ name: string; type: string }[]> {
  const describe = await fetch(`${emulator.origin}/services/data/v67.0/sobjects/Case/describe`, {
    headers: { authorization: `Bearer ${emulator.accessToken}` },
  })
  const { fields } = (await describe.json()) as { fields: { name: string; type: string }[] }
  return fields.filter(
    ({ name, type }) =>
      !['address', 'location', 'base64'].includes(type) && !/^Last(Viewed|Referenced)Date$/.test(name),
  )
}
