/** `/query`, `/queryAll` and the pages after the first (salesforce-api.md 3.6). */
import type { Hono } from 'hono'
import type { Context as EmulatorContext } from '../context.ts'
import type { ApiEnv } from './api.ts'
import { QueryCursors, type QueryPage } from './cursors.ts'
import { errorResponse, jsonResponse, methodNotAllowed } from './errors.ts'
import { rowWriter } from './json.ts'

const LARGEST_BATCH = 2000
const SMALLEST_BATCH = 200

export function mountQueries(resources: Hono<ApiEnv>, { org }: EmulatorContext): void {
  const cursors = new QueryCursors(() => org.now())

  for (const operation of ['query', 'queryAll'] as const) {
    for (const path of [`/${operation}`, `/${operation}/`]) {
      resources.get(path, (c) => {
        const soql = c.req.query('q')
        if (soql === undefined) {
          return errorResponse(400, 'MALFORMED_QUERY', "A query string has to be specified in the 'q' parameter")
        }
        const caller = c.get('caller')
        const result = org.query(caller, soql, { all: operation === 'queryAll' })
        if (result.countOnly) return jsonResponse(`{"totalSize":${result.totalSize},"done":true,"records":[]}`)
        const batchSize = readBatchSize(c.req.header('sforce-query-options'))
        return pageResponse(cursors.openFirstPage(result, { userId: caller.userId, batchSize }), c.get('version'))
      })
    }
    resources.get(`/${operation}/:locator`, (c) =>
      pageResponse(cursors.openPage(c.req.param('locator'), c.get('caller').userId), c.get('version')),
    )
    resources.all(`/${operation}/*`, (c) => methodNotAllowed(c.req.method, 'GET,HEAD'))
  }
}

/** `Sforce-Query-Options: batchSize=N`, within what Salesforce allows (salesforce-api.md 3.2). */
function readBatchSize(header: string | undefined): number {
  const wanted = Number(/\bbatchSize\s*=\s*(\d+)/i.exec(header ?? '')?.[1] ?? LARGEST_BATCH)
  return Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, wanted))
}

function pageResponse({ result, totalSize, rows, nextLocator }: QueryPage, version: string): Response {
  const write = rowWriter(result, version)
  const next = nextLocator === undefined ? '' : `,"nextRecordsUrl":"/services/data/${version}/query/${nextLocator}"`
  const records = rows.map(write).join(',')
  return jsonResponse(`{"totalSize":${totalSize},"done":${nextLocator === undefined}${next},"records":[${records}]}`)
}
