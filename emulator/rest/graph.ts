/**
 * Composite graphs: requests that depend on each other, each graph all or none (salesforce-api.md 3.8,
 * https://developer.salesforce.com/docs/platform/api-rest/guide/resources-composite-graph-limits.md).
 */
import { z } from 'zod'
import { OrgError } from '../org/model.ts'
import { namedReferences } from './references.ts'
import { readInput } from './request-body.ts'
import { type Answer, type Call, failureAnswer, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'
import { checkReferenceIds, runSubrequests, type Subrequest, subanswerText, subrequestSchema } from './subrequests.ts'

const MOST_GRAPHS = 75
const MOST_NODES = 500
const MOST_DEPTH = 15
const MOST_KINDS = 15
/** After so many failed graphs the others aren't tried. */
const MOST_FAILED = 14

const graphsSchema = z.object({
  graphs: z.array(z.object({ graphId: z.string(), compositeRequest: z.array(subrequestSchema) })),
})

/** `/composite/graph`. `inner` are the resources that requests inside may name. */
export function graphResources({ org }: RestContext, inner: readonly Resource[]): Resource[] {
  function runGraphs(call: Call): Answer {
    const { graphs } = readInput(call.body, graphsSchema)
    if (graphs.length > MOST_GRAPHS) throw tooLarge(`more than ${MOST_GRAPHS} graphs`)
    const nodes = graphs.reduce((sum, { compositeRequest }) => sum + compositeRequest.length, 0)
    if (nodes > MOST_NODES) throw tooLarge(`more than ${MOST_NODES} nodes`)
    if (new Set(graphs.map(({ graphId }) => graphId)).size < graphs.length) {
      throw new OrgError('INVALID_INPUT', 'Each graph must have a graphId of its own')
    }
    const plans = graphs.map(({ graphId, compositeRequest }) => ({ graphId, requests: planGraph(compositeRequest) }))

    let failures = 0
    const written = plans.map(({ graphId, requests }) => {
      const answers =
        failures >= MOST_FAILED
          ? requests.map(({ referenceId }) => ({ ...HALTED, referenceId }))
          : runSubrequests(org, inner, call, { requests, allOrNone: true })
      const isSuccessful = answers.every(({ status }) => status < 400)
      if (!isSuccessful) failures += 1
      const response = `{"compositeResponse":[${answers.map(subanswerText).join(',')}]}`
      return `{"graphId":${JSON.stringify(graphId)},"graphResponse":${response},"isSuccessful":${isSuccessful}}`
    })
    return { status: 200, text: `{"graphs":[${written.join(',')}]}` }
  }

  return [{ path: 'composite/graph', since: 50, methods: { POST: runGraphs } }]
}

const HALTED = failureAnswer(
  new OrgError('PROCESSING_HALTED', `Processing halted: ${MOST_FAILED} graphs before this one failed`),
)

/** The requests in an order in which each comes after those that it names. Throws for a circle, and for what is too large. */
function planGraph(requests: readonly Subrequest[]): Subrequest[] {
  checkReferenceIds(requests)
  const kinds = new Set(
    requests.map(({ method, url }) => `${method.toUpperCase()} ${url.split('/')[5]?.split('?')[0]}`),
  )
  if (kinds.size > MOST_KINDS) throw tooLarge(`more than ${MOST_KINDS} different kinds of nodes`)
  const byId = new Map(requests.map((request) => [request.referenceId, request]))
  const depths = new Map<string, number>()
  const planned: Subrequest[] = []

  function visit(request: Subrequest, path: readonly string[]): number {
    const { referenceId } = request
    if (path.includes(referenceId)) {
      throw new OrgError('INVALID_INPUT', `The graph has a circle: ${[...path, referenceId].join(', ')}`)
    }
    const known = depths.get(referenceId)
    if (known !== undefined) return known
    const needed = [...namedReferences(request)].map((id) => byId.get(id)).filter((other) => other !== undefined)
    const depth = 1 + Math.max(0, ...needed.map((other) => visit(other, [...path, referenceId])))
    if (depth > MOST_DEPTH) throw tooLarge(`a depth of more than ${MOST_DEPTH}`)
    depths.set(referenceId, depth)
    planned.push(request)
    return depth
  }

  for (const request of requests) visit(request, [])
  return planned
}

function tooLarge(what: string): OrgError {
  return new OrgError('LIMIT_EXCEEDED', `The request has ${what}`)
}
