/** Several requests in one call: `/composite` and `/composite/batch` (salesforce-api.md 3.8). */
import { z } from 'zod'
import { OrgError } from '../org/model.ts'
import { readInput } from './request-body.ts'
import { type Answer, type Call, dispatch, failureAnswer, json, missing, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'
import {
  checkReferenceIds,
  isCollection,
  isQuery,
  readInnerUrl,
  runSubrequests,
  subanswerText,
  subrequestSchema,
} from './subrequests.ts'

const MOST_SUBREQUESTS = 25
/** Of 25 composite subrequests, this many may be queries or collections. */
const MOST_QUERIES = 5

const HALTED = failureAnswer(new OrgError('BATCH_PROCESSING_HALTED', 'Batch processing halted per request', 412))

const batchSchema = z.object({
  haltOnError: z.boolean().default(false),
  batchRequests: z.array(z.object({ method: z.string(), url: z.string(), richInput: z.unknown().optional() })),
})

const compositeSchema = z.object({
  allOrNone: z.boolean().default(false),
  collateSubrequests: z.boolean().optional(),
  compositeRequest: z.array(subrequestSchema),
})

/** `inner` are the resources that requests inside may name. */
export function compositeResources({ org }: RestContext, inner: readonly Resource[]): Resource[] {
  function runComposite(call: Call): Answer {
    const { allOrNone, compositeRequest } = readInput(call.body, compositeSchema)
    if (compositeRequest.length > MOST_SUBREQUESTS) {
      throw new OrgError('LIMIT_EXCEEDED', `Composite requests can have at most ${MOST_SUBREQUESTS} subrequests`)
    }
    if (compositeRequest.filter((request) => isQuery(request) || isCollection(request)).length > MOST_QUERIES) {
      const message = `Composite requests can have at most ${MOST_QUERIES} query or sObject Collections subrequests`
      throw new OrgError('LIMIT_EXCEEDED', message)
    }
    checkReferenceIds(compositeRequest)
    const answers = runSubrequests(org, inner, call, { requests: compositeRequest, allOrNone })
    return { status: 200, text: `{"compositeResponse":[${answers.map(subanswerText).join(',')}]}` }
  }

  function runBatch(call: Call): Answer {
    const { batchRequests, haltOnError } = readInput(call.body, batchSchema)
    if (batchRequests.length > MOST_SUBREQUESTS) {
      throw new OrgError('INVALID_BATCH_REQUEST', `Max requests in batch exceeded: ${MOST_SUBREQUESTS}`)
    }
    const results: Answer[] = []
    for (const request of batchRequests) {
      const isHalted = haltOnError && results.some(({ status }) => status >= 400)
      results.push(isHalted ? HALTED : runOne(call, request))
    }
    const hasErrors = results.some(({ status }) => status >= 400)
    const written = results.map(({ status, text }) => `{"statusCode":${status},"result":${text ?? 'null'}}`)
    return { status: 200, text: `{"hasErrors":${hasErrors},"results":[${written.join(',')}]}` }
  }

  function runOne(outer: Call, request: { method: string; url: string; richInput?: unknown }): Answer {
    const url = readInnerUrl(request.url.replace(/^\/?(services\/data\/)?/, ''))
    if (!url) return failureAnswer(missing())
    const answer = dispatch(inner, url.path, {
      ...outer,
      method: request.method.toUpperCase(),
      version: url.version,
      query: url.query,
      body: { kind: 'value', value: request.richInput },
      isInside: true,
      isAtomic: false,
    })
    return answer ?? failureAnswer(missing())
  }

  return [
    {
      path: 'composite',
      since: 38,
      methods: {
        GET({ version }) {
          const base = `/services/data/${version}/composite`
          return json({
            tree: `${base}/tree`,
            batch: `${base}/batch`,
            sobjects: `${base}/sobjects`,
            graph: `${base}/graph`,
          })
        },
        POST: runComposite,
      },
    },
    { path: 'composite/batch', since: 34, methods: { POST: runBatch } },
  ]
}
