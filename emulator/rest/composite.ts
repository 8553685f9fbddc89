/** Several requests in one call: `/composite/batch` and `/composite` (salesforce-api.md 3.8). */
import type { Hono } from 'hono'
import { z } from 'zod'
import type { OrgUser } from '../org/model.ts'
import type { ApiEnv } from './api.ts'
import { errorResponse, jsonResponse, methodNotAllowed } from './errors.ts'
import { judgeVersion } from './versions.ts'

const MOST_SUBREQUESTS = 25
/** Of 25 composite subrequests, this many may be queries (salesforce-api.md 3.8, not verified there). */
const MOST_QUERIES = 5

const batchSchema = z.object({
  haltOnError: z.boolean().default(false),
  batchRequests: z.array(z.object({ method: z.string(), url: z.string(), richInput: z.unknown().optional() })),
})

const compositeSchema = z.object({
  allOrNone: z.boolean().default(false),
  compositeRequest: z.array(
    z.object({ method: z.string(), url: z.string(), referenceId: z.string(), body: z.unknown().optional() }),
  ),
})

interface Answer {
  readonly status: number
  /** The body as it was written: `12.0` must not become `12` by being parsed on the way. */
  readonly text: string
}

/** `callInside` sends a request to the API on behalf of a caller who is signed in and counted already. */
export function mountComposite(
  resources: Hono<ApiEnv>,
  callInside: (request: Request, caller: OrgUser) => Promise<Response>,
): void {
  async function answer(path: string, options: { method: string; body?: unknown; caller: OrgUser }): Promise<Answer> {
    const { method, body, caller } = options
    const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD'
    const request = new Request(`http://inside.invalid/services/data/${path}`, {
      method,
      ...(hasBody && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    })
    const response = await callInside(request, caller)
    const text = await response.text()
    return { status: response.status, text: text === '' ? 'null' : text }
  }

  resources.post('/composite/batch', async (c) => {
    const batch = batchSchema.safeParse(await readJson(c.req.raw))
    if (!batch.success) return malformed()
    const { batchRequests, haltOnError } = batch.data
    if (batchRequests.length > MOST_SUBREQUESTS) {
      return errorResponse(400, 'INVALID_BATCH_REQUEST', `Max requests in batch exceeded: ${MOST_SUBREQUESTS}`)
    }
    const results: Answer[] = []
    for (const { method, url, richInput } of batchRequests) {
      const failed = results.some(({ status }) => status >= 400)
      if (haltOnError && failed) {
        results.push({ status: 412, text: errorText('BATCH_PROCESSING_HALTED', 'Batch processing halted per request') })
        continue
      }
      const path = url.replace(/^\/?(services\/data\/)?/, '')
      results.push(await answer(path, { method, body: richInput, caller: c.get('caller') }))
    }
    const hasErrors = results.some(({ status }) => status >= 400)
    const written = results.map(({ status, text }) => `{"statusCode":${status},"result":${text}}`)
    return jsonResponse(`{"hasErrors":${hasErrors},"results":[${written.join(',')}]}`)
  })

  resources.post('/composite', async (c) => {
    const composite = compositeSchema.safeParse(await readJson(c.req.raw))
    if (!composite.success) return malformed()
    const { compositeRequest, allOrNone } = composite.data
    const queries = compositeRequest.filter(({ url }) => /\/query(All)?\b/.test(url)).length
    if (compositeRequest.length > MOST_SUBREQUESTS || queries > MOST_QUERIES) {
      const message = `The request exceeds ${MOST_SUBREQUESTS} subrequests or ${MOST_QUERIES} query subrequests`
      return errorResponse(400, 'LIMIT_EXCEEDED', message)
    }
    const answers: (Answer & { referenceId: string })[] = []
    for (const { method, url, referenceId, body } of compositeRequest) {
      const path = /^\/services\/data\/(.+)$/.exec(url)?.[1]
      const isPath = path !== undefined && judgeVersion(path.split('/')[0] ?? '') === 'current'
      const given = isPath
        ? await answer(path, { method, body, caller: c.get('caller') })
        : { status: 404, text: errorText('NOT_FOUND', 'The requested resource does not exist') }
      answers.push({ ...given, referenceId })
    }
    const rolledBack = allOrNone && answers.some(({ status }) => status >= 400)
    const written = answers.map(({ status, text, referenceId }) => {
      const halted = rolledBack && status < 400
      const body = halted ? errorText('PROCESSING_HALTED', ROLLED_BACK) : text
      const reference = JSON.stringify(referenceId)
      return `{"body":${body},"httpHeaders":{},"httpStatusCode":${halted ? 400 : status},"referenceId":${reference}}`
    })
    return jsonResponse(`{"compositeResponse":[${written.join(',')}]}`)
  })

  resources.all('/composite/batch', (c) => methodNotAllowed(c.req.method, 'POST'))
  resources.all('/composite', (c) => methodNotAllowed(c.req.method, 'POST'))
}

const ROLLED_BACK = 'The transaction was rolled back since another operation in the same transaction failed.'

function errorText(errorCode: string, message: string): string {
  return JSON.stringify([{ message, errorCode }])
}

function malformed(): Response {
  return errorResponse(400, 'JSON_PARSER_ERROR', 'The request body could not be read')
}

/** The request's JSON body, or undefined when it is none. */
export async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json()
  } catch {
    return undefined
  }
}
