/** The Pub/Sub API on its port: gRPC calls, each of which says whose it is (salesforce-api.md 7.5). */
import { randomUUID } from 'node:crypto'
import {
  logVerbosity,
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
  setLogVerbosity,
} from '@grpc/grpc-js'
import type { Context } from '../context.ts'
import { Refusal, serviceError } from './pubsub-errors.ts'
import { loadService } from './pubsub-messages.ts'
import { type Caller, type Conversation, createPubSubMethods, type Wire } from './pubsub-methods.ts'
import type { StreamTiming } from './pubsub-stream.ts'
import { type EventSession, findEventSession } from './session.ts'

/** Under Salesforce's limits for a keep-alive, and what it closes an idle stream after (salesforce-api.md 7.5). */
const TIMING: StreamTiming = { keepAliveMs: 60_000, idleMs: 60_000 }
/** "over 4 MB fails" (salesforce-api.md 7.5). */
const MOST_MESSAGE_BYTES = 4 * 1_048_576
/** "Per-channel stream cap" (salesforce-api.md 7.5). */
const MOST_STREAMS = 1000
/** How long clients may take to leave when the org closes. */
const LEAVE_MS = 500

export interface PubSubOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** PEM texts; without them the connection is in plain text. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
}

export interface PubSubServer {
  /** `127.0.0.1:7443` */
  readonly endpoint: string
  close(): Promise<void>
}

/** Listens for Pub/Sub clients. Rejects when the port can't be had. */
export async function servePubSub(context: Context, { host, port, tls }: PubSubOptions): Promise<PubSubServer> {
  // What goes wrong is told to whoever asked for the port; gRPC would print it as well.
  setLogVerbosity(logVerbosity.NONE)
  const server = new Server({
    'grpc.max_receive_message_length': MOST_MESSAGE_BYTES,
    'grpc.max_concurrent_streams': MOST_STREAMS,
  })
  const open = new Set<{ end(): void }>()
  server.addService(loadService(), handlers(context, open))
  const credentials = tls
    ? ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }])
    : ServerCredentials.createInsecure()
  const shownHost = host.includes(':') ? `[${host}]` : host
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${shownHost}:${port}`, credentials, (error, at) =>
      error ? reject(portError(error)) : resolve(at),
    )
  })
  return {
    endpoint: `${shownHost}:${bound}`,
    close() {
      // Streams end in order, so that their clients see an end and not a broken connection; who doesn't leave is cut off.
      for (const call of open) call.end()
      return new Promise((resolve) => {
        const cutOff = setTimeout(() => server.forceShutdown(), LEAVE_MS)
        server.tryShutdown(() => {
          clearTimeout(cutOff)
          resolve()
        })
      })
    },
  }
}

/** gRPC names the reason in its text only. */
function portError(error: Error): Error {
  const code = /\b(EADDRINUSE|EADDRNOTAVAIL|EACCES|ENOTFOUND)\b/.exec(error.message)?.[1]
  return code === undefined ? error : Object.assign(error, { code })
}

function handlers(context: Context, open: Set<{ end(): void }>) {
  const { org, requests } = context
  const methods = createPubSubMethods(context, TIMING)

  function signIn(metadata: Metadata): EventSession {
    const text = (name: string) => String(metadata.get(name)[0] ?? '')
    // The scheme doesn't matter, since a client may insist on https where the practice org has none.
    const isHere = hostOf(text('instanceurl')) === hostOf(context.instanceUrl())
    const tenant = text('tenantid').replace(/^core\/\w+\//i, '')
    const isTenant = tenant === org.id || tenant === org.id.slice(0, 15)
    const session = isHere && isTenant ? findEventSession(context, text('accesstoken')) : undefined
    if (!session) throw new Refusal('service.auth.error')
    return session
  }

  /** Runs one call: signs its caller in, and shows it among the org's requests with what became of it. */
  function run(
    metadata: Metadata,
    path: string,
    act: (caller: Caller) => void,
    fail: (error: ServiceError) => void,
  ): void {
    const rpcId = randomUUID()
    const startedAt = performance.now()
    let session: EventSession | undefined
    const note = (text?: string) =>
      requests.add({
        at: org.now(),
        method: 'gRPC',
        path,
        status: 200,
        ms: Math.round(performance.now() - startedAt),
        userId: session?.user.userId,
        clientId: session?.clientId,
        note: text,
      })
    try {
      session = signIn(metadata)
      act({ viewer: session.user, rpcId })
      note()
    } catch (error) {
      note(error instanceof Refusal ? error.reason : String(error))
      fail(serviceError(error, rpcId))
    }
  }

  function answer<Request, Response>(act: (request: Request, caller: Caller) => Response) {
    return (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) =>
      run(call.metadata, call.getPath(), (caller) => done(null, act(call.request, caller)), done)
  }

  function converse<Request, Response>(begin: (caller: Caller, wire: Wire<Response>) => Conversation<Request>) {
    return (call: ServerDuplexStream<Request, Response>) => {
      const refuse = (error: ServiceError) => void call.emit('error', error)
      run(
        call.metadata,
        call.getPath(),
        (caller) => {
          const fail = (error: unknown) => refuse(serviceError(error, caller.rpcId))
          const conversation = begin(caller, {
            write(response) {
              // A client that asks without reading is not heard until it has read: its answers would pile up here.
              if (call.write(response)) return
              call.pause()
              call.once('drain', () => call.resume())
            },
            fail,
            end: () => void call.end(),
          })
          open.add(call)
          const close = () => {
            open.delete(call)
            conversation.close()
          }
          call.on('data', (request: Request) => {
            try {
              conversation.hear(request)
            } catch (error) {
              fail(error)
            }
          })
          call.on('end', () => {
            close()
            call.end()
          })
          call.on('cancelled', close)
          call.on('error', close)
        },
        refuse,
      )
    }
  }

  return {
    GetTopic: answer(methods.getTopic),
    GetSchema: answer(methods.getSchema),
    Publish: answer(methods.publish),
    PublishStream: converse(methods.publishStream),
    Subscribe: converse(methods.subscribe),
    ManagedSubscribe: converse(methods.managedSubscribe),
  }
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined
}
