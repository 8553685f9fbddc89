/** `/query`, `/queryAll` and the pages after the first (salesforce-api.md 3.6). */
import { OrgError } from '../org/model.ts'
import { readOption } from './call-headers.ts'
import type { QueryCursors, QueryPage } from './cursors.ts'
import { explainQuery } from './explain.ts'
import { rowWriter } from './json.ts'
import { queryColumns } from './query-columns.ts'
import { type Answer, type Call, param, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

const LARGEST_BATCH = 2000
const SMALLEST_BATCH = 200

/** `/query`, `/queryAll`, and the pages of either. */
export function queryResources(context: RestContext): Resource[] {
  const { cursors, faults } = context
  return (['query', 'queryAll'] as const).flatMap((operation): Resource[] => [
    {
      path: operation,
      methods: {
        GET(call) {
          const explained = call.query.get('explain')
          if (explained !== null) return explainQuery(context, call, explained)
          const soql = call.query.get('q')
          if (soql !== null && call.query.get('columns') === 'true') return queryColumns(context, call, soql)
          if (soql !== null) return queryAnswer(context, call, { soql, all: operation === 'queryAll' })
          throw new OrgError('MALFORMED_QUERY', "A query string has to be specified in the 'q' parameter")
        },
      },
    },
    {
      path: `${operation}/:locator`,
      methods: {
        GET(call) {
          if (faults.take('cursor-gone')) throw new OrgError('INVALID_QUERY_LOCATOR', 'invalid query locator')
          return pageAnswer(cursors, call, cursors.openPage(param(call, 'locator'), call.caller.userId))
        },
      },
    },
  ])
}

/** The first page of what a query finds. */
export function queryAnswer(
  { org, cursors }: RestContext,
  call: Call,
  { soql, all }: { soql: string; all: boolean },
): Answer {
  const result = org.query(call.caller, soql, { all })
  if (result.countOnly) return { status: 200, text: `{"totalSize":${result.totalSize},"done":true,"records":[]}` }
  const batchSize = readBatchSize(call.header('sforce-query-options'))
  return pageAnswer(cursors, call, cursors.openFirstPage(result, { userId: call.caller.userId, batchSize }))
}

/** `Sforce-Query-Options: batchSize=N`, within what Salesforce allows (salesforce-api.md 3.2). */
function readBatchSize(header: string | undefined): number {
  const wanted = Number.parseInt(readOption(header, 'batchSize') ?? '', 10)
  return Number.isNaN(wanted) ? LARGEST_BATCH : Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, wanted))
}

function pageAnswer(cursors: QueryCursors, { caller, version }: Call, page: QueryPage): Answer {
  const { result, totalSize, rows, nextLocator, batchSize } = page
  const urlOf = (locator: string) => `/services/data/${version}/query/${locator}`
  // Children beyond a batch have a cursor of their own (salesforce-api.md 3.6).
  const write = rowWriter(result, version, (nested) => {
    if (nested.rows.length <= batchSize) return { rows: nested.rows, nextRecordsUrl: undefined }
    const children = {
      ...nested,
      countOnly: false,
      totalSize: nested.rows.length,
      rows: (from = 0) => nested.rows.slice(from),
    }
    const first = cursors.openFirstPage(children, { userId: caller.userId, batchSize })
    return { rows: first.rows, nextRecordsUrl: first.nextLocator && urlOf(first.nextLocator) }
  })
  const next = nextLocator === undefined ? '' : `,"nextRecordsUrl":"${urlOf(nextLocator)}"`
  const records = rows.map(write).join(',')
  return { status: 200, text: `{"totalSize":${totalSize},"done":${next === ''}${next},"records":[${records}]}` }
}
