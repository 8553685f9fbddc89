/**
 * The Streaming API: Bayeux over long polling, as CometD and Faye speak it.
 * https://developer.salesforce.com/docs/atlas.en-us.api_streaming.meta/api_streaming/using_streaming_api_client_connection.htm
 */
import { randomBytes } from 'node:crypto'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { OrgUser } from '../org/model.ts'
import { judgeVersion } from '../rest/versions.ts'
import { CometdClient } from './cometd-client.ts'
import { findEventSession } from './session.ts'

/** A request that waits gets its answer after this time at the latest, and must come again within it. */
const HOLD_MS = 110_000
/** After events a client must come for the next ones within 40 seconds. */
const RECONNECT_MS = 40_000
/** "The maximum size of the HTTP request post body that the server can accept" (the same page). */
const MOST_REQUEST_BYTES = 32_768

const messageSchema = z.looseObject({
  channel: z.string(),
  id: z.union([z.string(), z.number()]).optional(),
  clientId: z.string().optional(),
  connectionType: z.string().optional(),
  subscription: z.union([z.string(), z.array(z.string())]).optional(),
  advice: z.looseObject({ timeout: z.number().nonnegative().optional() }).nullish(),
  ext: z.looseObject({ replay: z.union([z.boolean(), z.record(z.string(), z.number())]).optional() }).nullish(),
})
type Message = z.infer<typeof messageSchema>
type Reply = Record<string, unknown>

/** What a client hears that is not known here: it must begin anew. */
const UNKNOWN_CLIENT = {
  advice: { interval: 0, reconnect: 'handshake' },
  error: '403::Unknown client',
  successful: false,
}

/** How long a request may wait: not at all when other messages came with it, whose answers would wait, too. */
interface Waiting {
  readonly signal: AbortSignal
  readonly isAlone: boolean
}

export interface CometdTiming {
  readonly holdMs: number
}

/** The endpoint; `close` lets go of every waiting request. */
export function createCometd(
  context: Context,
  { holdMs }: CometdTiming = { holdMs: HOLD_MS },
): { routes: Hono; close(): void } {
  const { events: bus, usage, faults } = context
  const clients = new Map<string, CometdClient>()
  const routes = new Hono()

  function signIn(authorization: string | undefined): OrgUser | undefined {
    const token = /^(?:Bearer|OAuth) +(\S+)$/i.exec(authorization ?? '')?.[1]
    return token === undefined ? undefined : findEventSession(context, token)?.user
  }

  function forgetSilent(): void {
    for (const [id, client] of clients) {
      if (client.isSilent({ holdMs, reconnectMs: RECONNECT_MS })) forget(id)
    }
  }

  function forget(id: string): void {
    clients.get(id)?.close()
    clients.delete(id)
  }

  function handshake(viewer: OrgUser | undefined, hasToken: boolean): Reply {
    const shown = { version: '1.0', minimumVersion: '1.0', supportedConnectionTypes: ['long-polling'] }
    const denied = (failureReason: string) => ({
      ...shown,
      ext: { sfdc: { failureReason }, replay: true, 'payload.format': true },
      advice: { reconnect: 'none' },
      error: '403::Handshake denied',
      successful: false,
    })
    if (!viewer) return denied(hasToken ? '401::Authentication invalid' : '401::Request requires authentication')
    forgetSilent()
    if (clients.size >= usage.maxOf('DurableStreamingApiConcurrentClients')) {
      return denied('403::Organization concurrent user limit exceeded')
    }
    const clientId = randomBytes(18).toString('hex').slice(0, 27)
    const client = new CometdClient({
      bus,
      viewer,
      breaks: () => faults.take('stream-breaks') !== undefined,
      corrupts: () => faults.take('replay-id-corrupted') !== undefined,
    })
    clients.set(clientId, client)
    return { ...shown, ext: { replay: true, 'payload.format': true }, clientId, successful: true }
  }

  function subscribe(client: CometdClient, { subscription, ext }: Message): Reply {
    const channels = subscription === undefined ? [] : [subscription].flat()
    const [first] = channels
    if (first === undefined) return { error: '400::Channel name not specified', successful: false }
    for (const channel of channels) {
      const replay = typeof ext?.replay === 'object' ? ext.replay[channel] : undefined
      const error = client.subscribe(channel, replay)
      if (error !== undefined) return { subscription, error, successful: false }
    }
    return { subscription, successful: true }
  }

  async function connect(
    client: CometdClient,
    { connectionType, advice: wish, clientId = '' }: Message,
    { signal, isAlone }: Waiting,
  ): Promise<Reply[]> {
    if (connectionType !== 'long-polling') {
      return [{ error: `400::Invalid connection type ${connectionType ?? ''}`, successful: false }]
    }
    const advice = { interval: 0, timeout: holdMs, reconnect: 'retry' }
    const { messages, outcome } = await client.poll({
      holdMs: isAlone ? Math.min(holdMs, wish?.timeout ?? holdMs) : 0,
      signal,
    })
    if (outcome === 'lost') {
      forget(clientId)
      return [UNKNOWN_CLIENT]
    }
    if (outcome === 'limit') {
      return [
        ...messages,
        {
          error: '403::Organization total events daily limit exceeded',
          successful: false,
          advice: { reconnect: 'none' },
        },
      ]
    }
    if (outcome === 'broken') {
      return [
        ...messages,
        { error: '503::Service unavailable', successful: false, advice: { reconnect: 'retry', interval: 1000 } },
      ]
    }
    return [...messages, { successful: true, advice }]
  }

  async function reply(
    message: Message,
    viewer: OrgUser | undefined,
    hasToken: boolean,
    waiting: Waiting,
  ): Promise<Reply[]> {
    const { channel, id, clientId = '' } = message
    const named = (one: Reply): Reply => ('data' in one ? one : { ...one, channel, ...(id !== undefined && { id }) })
    if (channel === '/meta/handshake') return [named(handshake(viewer, hasToken))]
    const client = clients.get(clientId)
    if (!client || (viewer && viewer.userId !== client.userId)) return [named(UNKNOWN_CLIENT)]
    client.touch()
    if (!viewer) {
      const error = hasToken ? '401::Authentication invalid' : '401::Request requires authentication'
      return [named({ clientId, advice: { reconnect: 'none', interval: 0 }, error, successful: false })]
    }
    switch (channel) {
      case '/meta/connect':
        return (await connect(client, message, waiting)).map((one) => named('data' in one ? one : { ...one, clientId }))
      case '/meta/subscribe':
        return [named({ clientId, ...subscribe(client, message) })]
      case '/meta/unsubscribe':
        for (const one of [message.subscription ?? []].flat()) client.unsubscribe(one)
        return [named({ clientId, subscription: message.subscription, successful: true })]
      case '/meta/disconnect':
        forget(clientId)
        return [named({ clientId, successful: true })]
      default:
        // Events are published over REST or the Pub/Sub API, never over the stream.
        return [named({ clientId, error: `403:${channel}:Publish denied`, successful: false })]
    }
  }

  // CometD's own client adds the kind of message to the path; Faye posts to the endpoint itself.
  const limit = bodyLimit({
    maxSize: MOST_REQUEST_BYTES,
    onError: (c) => c.text('Maximum Request Size Exceeded', 413),
  })
  routes.post('/cometd/:version/:kind?', limit, async (c) => {
    const version = c.req.param('version')
    if (judgeVersion(`v${version}`) === 'unknown' || Number(version) < 37) {
      const text =
        "Unsupported API version. Only API versions '37.0' and later are supported. URI format: '/cometd/67.0'"
      return c.json([{ error: `400::${text}`, successful: false, advice: { reconnect: 'none' } }], 400)
    }
    const body = z
      .union([messageSchema.transform((one) => [one]), z.array(messageSchema)])
      .safeParse(readJson(await c.req.text()))
    if (!body.success) return c.json([{ error: '400::Bad Request', successful: false }], 400)
    const authorization = c.req.header('authorization')
    const viewer = signIn(authorization)
    const replies: Reply[] = []
    const waiting = { signal: c.req.raw.signal, isAlone: body.data.length === 1 }
    for (const message of body.data) {
      replies.push(...(await reply(message, viewer, authorization !== undefined, waiting)))
    }
    return c.json(replies)
  })

  // A client that looks for another way than long polling.
  routes.get('/cometd/:version', (c) =>
    c.json([{ error: `400::Invalid connection type ${c.req.header('upgrade') ?? 'GET'}`, successful: false }], 400),
  )

  routes.all('/cometd', (c) =>
    c.json([{ error: "400::API version in the URI is mandatory. URI format: '/cometd/67.0'", successful: false }], 400),
  )

  return {
    routes,
    close() {
      for (const client of clients.values()) client.close()
      clients.clear()
    },
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
