/** Where planned trouble meets a call: before it is worked on, instead of that, and on its answer's way out. */
import { setTimeout as delay } from 'node:timers/promises'
import type { PlannedFaults, StrikingFault } from '../faults.ts'
import { OrgError } from '../org/model.ts'
import { HTML_PAGE, plannedResponse } from './answers.ts'
import { BODILESS, corruptGzip, dripStream, misstateLength } from './bodies.ts'
import { breakConnection, cutStream, type Outgoing } from './connection.ts'
import { readableUri, readContent } from './occasion.ts'

/** One call, and what trouble needs to know of it. */
interface MetCall {
  readonly request: Request
  /** Path and query as they were sent. */
  readonly uri: string
  readonly username: string | undefined
  readonly inFlight: number
  readonly outgoing: Outgoing | undefined
  /** Does the work and gives the true answer. */
  work(): Promise<Response>
}

interface Met {
  readonly response: Response
  /** What was done on purpose, for the log. */
  readonly note: string | undefined
}

export interface Trouble {
  readonly faults: PlannedFaults
  readonly random: () => number
  /** Makes a control call as if it had come in. */
  control(path: string, body: unknown): Promise<void>
}

/** The call's answer, spoilt by whichever rules strike at it. Throws BrokenConnection in process where a socket would break. */
export async function meetTrouble(call: MetCall, { faults, random, control }: Trouble): Promise<Met> {
  const { request, uri, username, inFlight } = call
  const readable = readableUri(uri)
  const content = faults.asksForContent ? await readContent(request) : {}
  const occasion = { path: readable, method: request.method, username, inFlight, ...content }
  const struck = faults.strike(occasion)
  if (struck.length === 0) {
    const response = await call.work()
    await faults.remember(occasion, response)
    return { response, note: undefined }
  }
  const notes: string[] = []
  for (const { number, effects } of struck) {
    // A client that has gone away doesn't stop the work that it asked for.
    const { signal } = request
    if (effects.delayMs !== undefined) {
      await delay(drawDelay(effects.delayMs, random), undefined, { signal }).catch(() => undefined)
    }
    const { call: path, with: body = {} } = effects
    const refusal = path === undefined ? undefined : await reasonNotTo(() => control(path, body))
    notes.push(`fault ${number}: ${Object.keys(effects).join(', ')}${refusal ? ` (not done: ${refusal})` : ''}`)
  }
  let response = await answer(call, struck, readable)
  for (const { effects } of struck) response = await spoil(response, effects, call.outgoing)
  return { response, note: notes.join('; ') }
}

/** Does it, or tells why it can't be done (any more), which is no reason to fail the client's call. */
async function reasonNotTo(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    if (error instanceof RangeError || error instanceof OrgError) return error.message
    throw error
  }
}

async function answer(call: MetCall, struck: readonly StrikingFault[], path: string): Promise<Response> {
  for (const { effects, lastAnswer } of struck) {
    if (effects.repeatAnswer && lastAnswer) return new Response(lastAnswer.body.slice(0), lastAnswer)
    if (effects.answer !== undefined) return plannedResponse(effects.answer, path)
    if (effects.reset === 'before-work') return breakConnection(call.outgoing)
    if (effects.reset === 'after-work') {
      await call.work()
      return breakConnection(call.outgoing)
    }
  }
  return call.work()
}

async function spoil(
  answered: Response,
  effects: StrikingFault['effects'],
  outgoing: Outgoing | undefined,
): Promise<Response> {
  let response = answered
  if (!BODILESS.has(response.status)) {
    if (effects.body !== undefined) response = replaceBody(response, effects.body)
    if (effects.corruptGzip) response = await corruptGzip(response)
    if (effects.contentLengthOff !== undefined) response = await misstateLength(response, effects.contentLengthOff)
  }
  for (const name of effects.withoutHeaders ?? []) response = withHeaders(response, (headers) => headers.delete(name))
  if (effects.bytesPerSecond !== undefined && response.body) {
    response = streamed(response, dripStream(response.body, effects.bytesPerSecond))
  }
  const cutAfter = effects.reset === 'after-headers' ? 0 : effects.cutAfterBytes
  if (cutAfter !== undefined && response.body) {
    response = streamed(response, cutStream(response.body, cutAfter, outgoing))
  }
  return response
}

function drawDelay(delayMs: number | [number, number], random: () => number): number {
  if (typeof delayMs === 'number') return delayMs
  const [least, most] = delayMs
  return least + random() * (most - least)
}

function replaceBody({ status, headers: before }: Response, body: 'html' | 'empty'): Response {
  const headers = new Headers(before)
  for (const name of ['content-encoding', 'content-length', 'content-type']) headers.delete(name)
  if (body === 'empty') return new Response(null, { status, headers })
  headers.set('Content-Type', 'text/html; charset=UTF-8')
  return new Response(HTML_PAGE, { status, headers })
}

function withHeaders(response: Response, change: (headers: Headers) => void): Response {
  const headers = new Headers(response.headers)
  change(headers)
  return new Response(response.body, { status: response.status, headers })
}

function streamed({ status, headers }: Response, body: ReadableStream<Uint8Array>): Response {
  return new Response(body, { status, headers })
}
