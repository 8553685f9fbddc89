/**
 * `@{refAccount.id}`, `@{q.records[0].Id}`: what one request of a composite takes from the answer of another
 * (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/using_composite_resources.htm).
 */
import { OrgError } from '../org/model.ts'

const REFERENCE = /@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}/g

/** The bodies of the answers so far, by reference id; of requests that failed, undefined. */
export type Answered = ReadonlyMap<string, unknown>

/** The text with its references replaced. Throws PROCESSING_HALTED for one that leads to nothing. */
export function fillText(text: string, answered: Answered): string {
  return text.replaceAll(REFERENCE, (_, id: string, path: string) => String(getReferenced(answered, id, path)))
}

/** A JSON value with the references in its texts replaced; a text that is nothing but a reference takes its type, too. */
export function fillValue(value: unknown, answered: Answered): unknown {
  if (typeof value === 'string') {
    const [whole, id, path] = new RegExp(`^${REFERENCE.source}$`).exec(value) ?? []
    return whole === undefined ? fillText(value, answered) : getReferenced(answered, id ?? '', path ?? '')
  }
  if (Array.isArray(value)) return value.map((item) => fillValue(item, answered))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fillValue(item, answered)]))
}

/** The reference ids that a request names. */
export function namedReferences(request: { url: string; body?: unknown }): Set<string> {
  const text = `${request.url} ${JSON.stringify(request.body ?? null)}`
  return new Set([...text.matchAll(REFERENCE)].map(([, id = '']) => id))
}

function getReferenced(answered: Answered, id: string, path: string): unknown {
  let value = answered.get(id)
  for (const [step] of path.matchAll(/[A-Za-z0-9_]+/g)) {
    const holder = typeof value === 'object' && value !== null ? value : {}
    value = Object.hasOwn(holder, step) ? (holder as Record<string, unknown>)[step] : undefined
  }
  if (value !== undefined && value !== null && typeof value !== 'object') return value
  const message = `Invalid reference specified. No value for ${id}${path} found in ${id}`
  throw new OrgError('PROCESSING_HALTED', message)
}
