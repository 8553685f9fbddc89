/** The requests inside a composite request or graph: each answered as if it came alone, with what others answered filled in. */
import { z } from 'zod'
import { type Org, OrgError } from '../org/model.ts'
import { writeOptionsOf } from './call-headers.ts'
import { type Answered, fillText, fillValue } from './references.ts'
import { type Answer, type Call, dispatch, failureAnswer, missing, type Resource } from './resource.ts'
import { judgeVersion } from './versions.ts'

export const subrequestSchema = z.object({
  method: z.string(),
  url: z.string(),
  // Nothing but letters, digits and underscores
  // (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_subrequest_result.htm).
  referenceId: z.string().regex(/^\w+$/, { error: 'a referenceId holds letters, numbers and underscores' }),
  body: z.unknown().optional(),
  httpHeaders: z.record(z.string(), z.string()).optional(),
})

export type Subrequest = z.infer<typeof subrequestSchema>

interface Subanswer extends Answer {
  readonly referenceId: string
}

/** Throws unless each request has a reference id of its own. */
export function checkReferenceIds(requests: readonly Subrequest[]): void {
  const seen = new Set<string>()
  for (const { referenceId } of requests) {
    if (seen.has(referenceId)) throw new OrgError('INVALID_INPUT', `Duplicate referenceId: ${referenceId}`)
    seen.add(referenceId)
  }
}

/** A path below `/services/data/vXX.X`, with the version and what comes after `?`; undefined for any other. */
export function readInnerUrl(url: string): { version: string; path: string; query: URLSearchParams } | undefined {
  const [, version = '', path = '', query = ''] = /^([^/?]+)\/?([^?]*)\??(.*)$/s.exec(url) ?? []
  if (judgeVersion(version) !== 'current') return undefined
  return { version, path, query: new URLSearchParams(query) }
}

/** Runs requests one after the other; with `allOrNone`, what they did is taken back when one of them fails. */
export function runSubrequests(
  org: Org,
  resources: readonly Resource[],
  outer: Call,
  { requests, allOrNone }: { requests: readonly Subrequest[]; allOrNone: boolean },
): readonly Subanswer[] {
  if (!allOrNone) return runAll(resources, outer, { requests, allOrNone })
  try {
    return org.transaction(() => runAll(resources, outer, { requests, allOrNone }), writeOptionsOf(outer))
  } catch (error) {
    if (error instanceof RolledBack) return error.answers
    throw error
  }
}

/** Thrown to take back what the requests did, with what they are to answer. */
class RolledBack extends Error {
  readonly answers: readonly Subanswer[]

  constructor(answers: readonly Subanswer[]) {
    super('rolled back')
    this.answers = answers
  }
}

function runAll(
  resources: readonly Resource[],
  outer: Call,
  { requests, allOrNone }: { requests: readonly Subrequest[]; allOrNone: boolean },
): Subanswer[] {
  const answered = new Map<string, unknown>()
  return requests.map((request) => {
    const answer = runSubrequest(resources, outer, { request, answered, allOrNone })
    const isFailed = hasFailed(answer, isCollection(request))
    if (isFailed && allOrNone) {
      throw new RolledBack(requests.map((other) => (other === request ? answer : rolledBack(other))))
    }
    if (answer.status < 400 && answer.text !== undefined) answered.set(request.referenceId, JSON.parse(answer.text))
    return answer
  })
}

function runSubrequest(
  resources: readonly Resource[],
  outer: Call,
  given: { request: Subrequest; answered: Answered; allOrNone: boolean },
): Subanswer {
  const { method, referenceId, httpHeaders = {}, ...request } = given.request
  try {
    const url = fillText(request.url, given.answered)
    const inner = readInnerUrl(/^\/services\/data\/(.+)$/s.exec(url)?.[1] ?? '')
    if (!inner) throw missing()
    const headers = new Map(Object.entries(httpHeaders).map(([name, value]) => [name.toLowerCase(), value]))
    const answer = dispatch(resources, inner.path, {
      method: method.toUpperCase(),
      caller: outer.caller,
      version: inner.version,
      query: inner.query,
      header: (name) => headers.get(name) ?? (name.startsWith('sforce-') ? outer.header(name) : undefined),
      body: { kind: 'value', value: fillValue(request.body, given.answered) },
      isInside: true,
      isAtomic: given.allOrNone,
    })
    if (!answer) throw missing()
    return { ...answer, referenceId }
  } catch (error) {
    return { ...failureAnswer(error), referenceId }
  }
}

/** Whether a request counts among the few queries that a composite may have. */
export function isQuery({ url }: Subrequest): boolean {
  return /^\/services\/data\/[^/]+\/query(All)?\b/.test(url)
}

/** Whether a request is about a collection, and answers for each of its records. */
export function isCollection({ url }: Subrequest): boolean {
  return /^\/services\/data\/[^/]+\/composite\/sobjects\b/.test(url)
}

const ROLLED_BACK = 'The transaction was rolled back since another operation in the same transaction failed.'

/** What those answer that would have been done, had all been. */
function rolledBack({ referenceId }: { referenceId: string }): Subanswer {
  return { ...failureAnswer(new OrgError('PROCESSING_HALTED', ROLLED_BACK)), referenceId }
}

/**
 * Whether the request failed: by its status, or because one record of its collection did
 * (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_allornone.htm).
 */
function hasFailed({ status, text }: Answer, isCollection: boolean): boolean {
  if (status >= 400) return true
  if (!isCollection) return false
  const items: unknown = JSON.parse(text ?? 'null')
  return Array.isArray(items) && items.some((item) => item?.success === false)
}

/** One answer as composite requests write it. The body stays as it was written: `12.0` must not become `12`. */
export function subanswerText({ status, text, headers = {}, referenceId }: Subanswer): string {
  const body = text === undefined || text === '' ? 'null' : text
  const reference = JSON.stringify(referenceId)
  return `{"body":${body},"httpHeaders":${JSON.stringify(headers)},"httpStatusCode":${status},"referenceId":${reference}}`
}
