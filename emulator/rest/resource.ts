/**
 * What a REST resource is here: a path, and a function for each of its methods that takes a call and gives an answer at
 * once. They are not handlers of the web framework because a composite request runs several of them inside one
 * transaction, in which nothing may wait.
 */
import { OrgError, type OrgUser } from '../org/model.ts'
import type { RequestBody } from './request-body.ts'

export interface Call {
  readonly method: string
  readonly caller: OrgUser
  /** As in the path: `v67.0`. */
  readonly version: string
  /** What stood where the resource's path says `:name`. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  header(name: string): string | undefined
  readonly body: RequestBody
  /** Whether a composite request asks, and not the client itself. */
  readonly isInside: boolean
  /** Whether that composite is all or nothing, and this call with it. */
  readonly isAtomic: boolean
}

export interface Answer {
  readonly status: number
  /** JSON, unless the headers say otherwise. Absent: no body. */
  readonly text?: string
  readonly bytes?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
export type Act = (call: Call) => Answer

export interface Resource {
  /** The first API version that has it; the oldest unless told. Before, its path leads nowhere. */
  readonly since?: number
  /** Below the version: `sobjects/:object/:id`. `*` at the end stands for one or more segments, joined by slashes. */
  readonly path: string
  readonly methods: Readonly<Partial<Record<Method, Act>>>
}

/** Runs the resource that the path names; undefined when there is none. Failures become answers. */
export function dispatch(resources: readonly Resource[], path: string, call: Omit<Call, 'params'>): Answer | undefined {
  try {
    const found = findResource(resources, path, versionOf(call))
    if (!found) return undefined
    const { resource, params } = found
    // HEAD is GET without the body, which the edge leaves out.
    const act = resource.methods[(call.method === 'HEAD' ? 'GET' : call.method) as Method]
    if (!act) return methodRefused(call.method, resource)
    return act({ ...call, params })
  } catch (error) {
    return failureAnswer(error)
  }
}

function findResource(resources: readonly Resource[], path: string, version: number) {
  const segments = splitPath(path).map(decode)
  for (const resource of resources) {
    const params = matchPath(splitPath(resource.path), segments)
    if (params && version >= (resource.since ?? 0)) return { resource, params }
  }
  return undefined
}

const splitPath = (path: string) => path.split('/').filter((segment) => segment !== '')

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const isOpen = pattern.at(-1) === '*'
  if (isOpen ? segments.length < pattern.length : segments.length !== pattern.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (part === '*') params.rest = segments.slice(index).join('/')
    else if (part.startsWith(':')) params[part.slice(1)] = segment
    else if (part !== segment) return undefined
  }
  return params
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
  }
}

function methodRefused(method: string, { methods }: Resource): Answer {
  const names = Object.keys(methods)
  const allowed = (names.includes('GET') ? [...names, 'HEAD'] : names).join(',')
  const message = `HTTP Method '${method}' not allowed. Allowed are ${allowed}`
  return { ...failureAnswer(new OrgError('METHOD_NOT_ALLOWED', message, 405)), headers: { Allow: allowed } }
}

/** An error in Salesforce's envelope. What isn't the org's own is a fault of the emulator and is shown as such. */
export function failureAnswer(error: unknown): Answer {
  if (!(error instanceof OrgError)) {
    console.error(error)
    const message = `An unexpected error occurred: ${String(error)}`
    return { status: 500, text: JSON.stringify([{ message, errorCode: 'UNKNOWN_EXCEPTION' }]) }
  }
  const { message, errorCode, status, fields } = error
  return { status, text: JSON.stringify([{ message, errorCode, ...(fields.length > 0 && { fields }) }]) }
}

/** An answer with a JSON body. */
export function json(value: unknown, status = 200): Answer {
  return { status, text: JSON.stringify(value) }
}

/** The path's parameter of this name. */
export function param(call: Call, name: string): string {
  return call.params[name] ?? ''
}

/** The number of the version in the path: 67 for `v67.0`. */
export function versionOf(call: Pick<Call, 'version'>): number {
  return Number.parseInt(call.version.slice(1), 10)
}

/** The resource isn't there, or not for this caller. */
export function missing(): OrgError {
  return new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
}
