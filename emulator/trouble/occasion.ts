/** What rules for trouble can know of a call: its path, its SOQL, the objects it is about. */
import type { Occasion } from './rule.ts'

const READABLE_BYTES = 1_000_000

/** A URI as a person would write it, for rules that wait for a path or a query. */
export function readableUri(uri: string): string {
  try {
    return decodeURIComponent(uri.replaceAll('+', ' '))
  } catch {
    return uri
  }
}

/** The SOQL and the objects of a call, from its path and, where it has one, its body. The request stays unread. */
export async function readContent(request: Request): Promise<Pick<Occasion, 'soql' | 'objects'>> {
  const { pathname, searchParams } = new URL(request.url)
  const body = await readBody(request)
  const soql = searchParams.get('q') ?? soqlOf(body)
  const objects = [
    /\/sobjects\/(\w+)/.exec(pathname)?.[1],
    ...Array.from((soql ?? '').matchAll(/\bfrom\s+(\w+)/gi), ([, name]) => name),
    ...Array.from(body.matchAll(/"(?:type|object)"\s*:\s*"(\w+)"/g), ([, name]) => name),
    ...Array.from(body.matchAll(/\/sobjects\/(\w+)/g), ([, name]) => name),
    /<object>(\w+)<\/object>/.exec(body)?.[1],
  ]
  return { soql, objects: objects.filter((name) => name !== undefined) }
}

function soqlOf(body: string): string | undefined {
  const [, text] = /"query"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body) ?? []
  return text === undefined ? undefined : text.replaceAll(/\\(.)/g, '$1')
}

async function readBody(request: Request): Promise<string> {
  const isText = /json|xml|text/i.test(request.headers.get('content-type') ?? '')
  const isLarge = Number(request.headers.get('content-length') ?? 0) > READABLE_BYTES
  if (request.method === 'GET' || request.method === 'HEAD' || !isText || isLarge) return ''
  return request.clone().text()
}
