/** SOQL over REST: pages of records, many first pages in one call, describes likewise. */

import type { Cancellable } from './bulk-query.ts'
import { type ObjectDescribe, readDescribe } from './describe.ts'
import { SalesforceError } from './error.ts'
import { readErrorBody } from './error-answer.ts'
import { asList, asNumber, asRecord, asText, type JsonRecord, type JsonValue } from './json.ts'
import { apiName } from './soql.ts'
import type { Transport } from './transport.ts'

export interface QueryPage {
  readonly totalSize: number
  readonly done: boolean
  readonly nextRecordsUrl: string | null
  /** Numbers that JavaScript would round are texts. */
  readonly records: JsonRecord[]
}

export interface Query {
  readonly soql: string
  /** With deleted and archived records. */
  readonly all: boolean
}

export interface Queries {
  query(soql: string, options: { all: boolean } & Cancellable): Promise<QueryPage>
  queryMore(nextRecordsUrl: string, options?: Cancellable): Promise<QueryPage>
  /** The first page of each query, in order; 25 of them cost one API call. One that fails spoils no other. */
  queryBatch(queries: readonly Query[], options?: Cancellable): Promise<(QueryPage | SalesforceError)[]>
  /** By name; 25 of them cost one API call. One that fails spoils no other. */
  describeObjects(
    names: readonly string[],
    options?: Cancellable,
  ): Promise<Map<string, ObjectDescribe | SalesforceError>>
}

const batchSize = 25
// Salesforce refuses request lines over 16,384 bytes, and proxies often shorter ones; in a batch it is the body that grows.
const longestPath = 8_000

export function createQueries(transport: Transport, apiVersion: string): Queries {
  const resourceOf = ({ soql, all }: Query) => `${all ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`

  /** Each path's answer, in order, read by `read`; an error in the place of those that failed. */
  async function sendBatch<T>(
    resources: readonly string[],
    read: (body: JsonValue | undefined, request: string) => T,
    { signal }: Cancellable,
  ): Promise<(T | SalesforceError)[]> {
    const answers: (T | SalesforceError)[] = []
    for (let start = 0; start < resources.length; start += batchSize) {
      const part = resources.slice(start, start + batchSize)
      const path = `/services/data/${apiVersion}/composite/batch`
      const batchRequests = part.map((resource) => ({ method: 'GET', url: `${apiVersion}/${resource}` }))
      const answer = await transport.sendForJson({
        method: 'POST',
        path,
        body: { haltOnError: false, batchRequests },
        signal,
      })
      const results = asList(asRecord(answer).results).map(asRecord)
      for (const [index, resource] of part.entries()) {
        const request = `GET /services/data/${apiVersion}/${resource.replace(/\?.*$/s, '')}`
        const status = asNumber(results[index]?.statusCode) ?? 0
        const body = results[index]?.result
        const isOk = status >= 200 && status < 300
        answers.push(isOk ? orError(() => read(body, request)) : readErrorBody(status, body, request))
      }
    }
    return answers
  }

  async function queryBatch(queries: readonly Query[], options: Cancellable = {}) {
    return sendBatch(queries.map(resourceOf), readPage, options)
  }

  return {
    async query(soql, { all, signal }) {
      const path = `/services/data/${apiVersion}/${resourceOf({ soql, all })}`
      if (path.length <= longestPath) return readPage(await transport.sendForJson({ path, signal }), 'GET query')
      const [answer] = await queryBatch([{ soql, all }], { signal })
      if (!answer || answer instanceof SalesforceError) throw answer ?? new Error('The batch came back empty.')
      return answer
    },
    async queryMore(nextRecordsUrl, { signal } = {}) {
      return readPage(await transport.sendForJson({ path: checkPath(nextRecordsUrl), signal }), 'GET query')
    },
    queryBatch,
    async describeObjects(names, options = {}) {
      const resources = names.map((name) => `sobjects/${apiName(name)}/describe`)
      const answers = await sendBatch(resources, readDescribe, options)
      return new Map(names.flatMap((name, index) => (answers[index] ? [[name, answers[index]]] : [])))
    },
  }
}

function readPage(body: JsonValue | undefined, request: string): QueryPage {
  const page = asRecord(body)
  const nextRecordsUrl = asText(page.nextRecordsUrl)
  // Taken for the end, this would lose the rest of the records.
  if (typeof page.done !== 'boolean' || !Array.isArray(page.records) || (!page.done && nextRecordsUrl === null)) {
    throw new SalesforceError({
      status: 0,
      code: 'PAGE_INCOMPLETE',
      message: 'Salesforce sent a page of records that says neither that it is the last nor where the next one is.',
      request,
    })
  }
  return {
    totalSize: asNumber(page.totalSize) ?? 0,
    done: page.done,
    nextRecordsUrl: page.done || nextRecordsUrl === null ? null : checkPath(nextRecordsUrl),
    records: page.records.map(asRecord),
  }
}

/** A path from an answer is attached to the org's own, known origin; it may not name another place. */
function checkPath(path: string): string {
  if (!path.startsWith('/services/data/') || path.includes('..') || path.includes('\\')) {
    throw new SalesforceError({
      status: 0,
      code: 'PATH_REFUSED',
      message: 'Salesforce pointed at a page outside its data API.',
      request: 'GET query',
    })
  }
  return path
}

function orError<T>(read: () => T): T | SalesforceError {
  try {
    return read()
  } catch (error) {
    if (error instanceof SalesforceError) return error
    throw error
  }
}
