/** Reading what clients send: gzip and deflate, JSON, and multipart bodies with the bytes of a file. */
import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { z } from 'zod'
import { OrgError } from '../org/model.ts'
import { describeJsonFault } from './json-fault.ts'

/** 50 MB, which base64 in JSON may have (salesforce-api.md 11.2: some 37.5 MB of data). */
const MOST_BYTES = 52_428_800
/** Salesforce takes up to 2 GB; a practice org keeps files in memory. */
const MOST_MULTIPART_BYTES = 104_857_600

export type RequestBody =
  | { readonly kind: 'text'; readonly contentType: string; readonly text: string }
  | { readonly kind: 'parts'; readonly parts: ReadonlyMap<string, string | Uint8Array> }
  /** Inside a composite request: parsed already. */
  | { readonly kind: 'value'; readonly value: unknown }

const unzip = { gzip: promisify(gunzip), deflate: promisify(inflate) }

/** Reads a request's body whole. Throws OrgError when it is too large or not what its headers say. */
export async function readBody(request: Request): Promise<RequestBody> {
  const contentType = request.headers.get('content-type') ?? ''
  if (request.method === 'GET' || request.method === 'HEAD') return { kind: 'text', contentType, text: '' }
  const isMultipart = contentType.toLowerCase().startsWith('multipart/form-data')
  const bytes = await readBytes(request, isMultipart ? MOST_MULTIPART_BYTES : MOST_BYTES)
  if (!isMultipart) return { kind: 'text', contentType, text: new TextDecoder().decode(bytes) }
  return { kind: 'parts', parts: await readParts(bytes, contentType) }
}

async function readBytes(request: Request, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = new OrgError('EXCEEDED_MAX_SIZE_REQUEST', `Maximum size of request reached: ${most} bytes`)
  // Counted as it comes: a body in chunks doesn't say how long it is.
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.length
    if (length > most) throw tooLarge
    chunks.push(chunk)
  }
  const sent = Buffer.concat(chunks, length)
  const encoding = request.headers.get('content-encoding')?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity' || sent.length === 0) return sent
  if (encoding !== 'gzip' && encoding !== 'deflate') {
    throw new OrgError('UNSUPPORTED_MEDIA_TYPE', `Content-Encoding is not supported: ${encoding}`, 415)
  }
  try {
    return await unzip[encoding](sent, { maxOutputLength: most })
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge
    throw new OrgError('POST_BODY_PARSE_ERROR', `The request body is not valid ${encoding}`)
  }
}

async function readParts(bytes: Uint8Array<ArrayBuffer>, contentType: string) {
  const parts = new Map<string, string | Uint8Array>()
  try {
    const form = await new Response(bytes, { headers: { 'content-type': contentType } }).formData()
    for (const [name, value] of form) {
      parts.set(name, typeof value === 'string' ? value : new Uint8Array(await value.arrayBuffer()))
    }
  } catch {
    throw new OrgError('POST_BODY_PARSE_ERROR', 'The multipart request body could not be read')
  }
  return parts
}

/** The JSON that a body holds. Throws as Salesforce does for an empty body, another type, or text that isn't JSON. */
export function parseJsonBody(body: RequestBody): unknown {
  if (body.kind === 'value') return body.value
  if (body.kind === 'parts') {
    throw new OrgError('UNSUPPORTED_MEDIA_TYPE', 'This resource does not take multipart/form-data', 415)
  }
  const { text, contentType } = body
  if (text === '') {
    const message = 'The HTTP entity body is required, but this request has no entity body.'
    throw new OrgError('JSON_PARSER_ERROR', message)
  }
  if (!/^application\/json\b/i.test(contentType.trim())) {
    const message = `Content-Type header specified in HTTP request is not supported: ${contentType}`
    throw new OrgError('UNSUPPORTED_MEDIA_TYPE', message, 415)
  }
  return parseJson(text)
}

/** The JSON of a body, checked. Throws JSON_PARSER_ERROR with what is wrong. */
export function readInput<T>(body: RequestBody, schema: z.ZodType<T>): T {
  const input = schema.safeParse(parseJsonBody(body))
  if (input.success) return input.data
  throw new OrgError('JSON_PARSER_ERROR', z.prettifyError(input.error))
}

/** Parses JSON text; throws OrgError with the place of what is wrong. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new OrgError('JSON_PARSER_ERROR', describeJsonFault(text))
  }
}

/** The fields of a JSON object. */
export type JsonObject = { readonly [name: string]: unknown }

/** Whether a JSON value is an object, and not a list or null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
