/** The Pub/Sub API over gRPC (salesforce-api.md 7.5). */
import { randomUUID } from 'node:crypto'
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js'
import { type Context, findUser } from '../context.ts'
import { OrgError, type OrgUser } from '../org/model.ts'
import type { EventSchema } from './avro-schema.ts'
import type { ManagedSubscription, Topic } from './catalog.ts'
import { decodeReplayId, encodeReplayId } from './event-log.ts'
import { Refusal, serviceError } from './pubsub-errors.ts'
import {
  type CommitResponse,
  type FetchRequest,
  type FetchResponse,
  loadService,
  type ManagedFetchRequest,
  type ManagedFetchResponse,
  type PublishRequest,
  type PublishResponse,
  type SchemaInfo,
  type SchemaRequest,
  type TopicInfo,
  type TopicRequest,
} from './pubsub-messages.ts'
import { type StreamTiming, Subscription } from './pubsub-stream.ts'

/** Under Salesforce's limits for a keep-alive, and what it closes an idle stream after (salesforce-api.md 7.5). */
const TIMING: StreamTiming = { keepAliveMs: 60_000, idleMs: 60_000 }
/** A publish stream must hear from its client this often (salesforce-api.md 7.5). */
const PUBLISH_IDLE_MS = 70_000
/** "over 4 MB fails" (salesforce-api.md 7.5). */
const MOST_MESSAGE_BYTES = 4 * 1_048_576

/** How long clients may take to leave when the org closes. */
const LEAVE_MS = 500

export interface PubSubOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** PEM texts; without them the connection is in plain text. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined
  readonly timing?: StreamTiming | undefined
}

export interface PubSubServer {
  /** `127.0.0.1:7443` */
  readonly endpoint: string
  close(): Promise<void>
}

/** Listens for Pub/Sub clients. Rejects when the port can't be had. */
export async function servePubSub(context: Context, options: PubSubOptions): Promise<PubSubServer> {
  const server = new Server({ 'grpc.max_receive_message_length': MOST_MESSAGE_BYTES })
  const open = new Set<{ end(): void }>()
  server.addService(loadService(), handlers(context, options.timing ?? TIMING, open))
  const { host, tls } = options
  const credentials = tls
    ? ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }])
    : ServerCredentials.createInsecure()
  const shownHost = host.includes(':') ? `[${host}]` : host
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${shownHost}:${options.port}`, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return {
    endpoint: `${shownHost}:${port}`,
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

function handlers(context: Context, timing: StreamTiming, calls: Set<{ end(): void }>) {
  const { org, events: bus, faults } = context

  /** Whose call it is; every call says so by itself. */
  function signIn(metadata: Metadata): OrgUser {
    const text = (name: string) => String(metadata.get(name)[0] ?? '')
    const session = context.grants.findSession(text('accesstoken'))
    const user = session && findUser(org, session.userId)
    // The scheme doesn't matter, since a client may insist on https where the practice org has none.
    const isHere = hostOf(text('instanceurl')) === hostOf(context.instanceUrl())
    const tenant = text('tenantid').replace(/^core\/\w+\//i, '')
    const isTenant = tenant === org.id || tenant === org.id.slice(0, 15)
    if (!session || !user?.active || !user.permissions.has('ApiEnabled') || !isHere || !isTenant) {
      throw new Refusal('service.auth.error')
    }
    context.grants.touch(session)
    return user
  }

  function getTopic(name: string): Topic {
    const topic = bus.catalog.findTopic(name)
    if (topic) return topic
    throw new Refusal(
      'topic.notfound',
      `The topic information for org ${tenantGuid()} and topic ${name} not found. ` +
        'Ensure the topic name is correct and that the topic exists.',
    )
  }

  const tenantGuid = () => `CORE/prod/${org.id}`

  function topicToRead(viewer: OrgUser, name: string): Topic {
    const topic = getTopic(name)
    if (bus.maySubscribe(viewer, topic)) return topic
    throw new Refusal('topic.permission.denied', `You don't have permission to subscribe to the topic ${name}.`)
  }

  /** The position that a subscription starts from. */
  function startOf({ replayPreset, replayId }: Pick<FetchRequest, 'replayPreset' | 'replayId'>): number {
    if (replayPreset === 'EARLIEST') return bus.log.earliest
    if (replayPreset === 'LATEST') return bus.log.tip()
    if (replayId.length === 0) throw new Refusal('subscription.fetch.replayid.validation.failed')
    const position = decodeReplayId(replayId)
    const isRefused = position === undefined || !bus.log.isValid(position) || faults.take('replay-id-corrupted')
    if (isRefused) throw new Refusal('subscription.fetch.replayid.corrupted')
    return position
  }

  /** Publishes one request's events: each of them succeeds or fails by itself. */
  function publishAll({ topicName, events }: PublishRequest, rpcId: string): PublishResponse {
    const topic = getTopic(topicName)
    const schema = topic.kind === 'platform' ? bus.findTopicSchema(topic) : undefined
    const [eventName] = topic.members
    if (!schema || eventName === undefined) throw new Refusal('publish.topic.invalid')
    const results = events.map((event): PublishResponse['results'][number] => {
      try {
        const payload = acceptPayload(schema, event)
        const published = bus.publishPayload(eventName, schema, payload, event.id || undefined)
        return { replayId: encodeReplayId(published.event.position), correlationKey: event.id }
      } catch (error) {
        if (!(error instanceof OrgError) && !(error instanceof RangeError)) throw error
        return { error: { code: 'PUBLISH', msg: error.message }, correlationKey: event.id }
      }
    })
    return { results, schemaId: schema.id, rpcId }
  }

  /** The bytes, once it is known that subscribers can read them. */
  function acceptPayload(schema: EventSchema, { schemaId, payload }: PublishRequest['events'][number]): Buffer {
    const written = bus.findSchema(schemaId)
    if (!written || written.name !== schema.name) {
      throw new RangeError(`The schema ${schemaId} is not a schema of ${schema.name}`)
    }
    try {
      return schema.type.toBuffer(written.type.fromBuffer(payload))
    } catch (error) {
      throw new RangeError(`The event's payload doesn't fit its schema: ${String(error)}`, { cause: error })
    }
  }

  /** Runs the rest of a unary call, whatever becomes of it. */
  function answer<Request, Response>(
    act: (request: Request, viewer: OrgUser, rpcId: string) => Response,
  ): (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) => void {
    return (call, done) => {
      const rpcId = randomUUID()
      try {
        done(null, act(call.request, signIn(call.metadata), rpcId))
      } catch (error) {
        done(serviceError(error, rpcId))
      }
    }
  }

  /** Reads a client's requests until one of them is refused. */
  function converse<Request, Response>(
    call: ServerDuplexStream<Request, Response>,
    { begin }: { begin(viewer: OrgUser, rpcId: string): { hear(request: Request): void; close(): void } },
  ): void {
    const rpcId = randomUUID()
    try {
      const begun = begin(signIn(call.metadata), rpcId)
      const { hear } = begun
      calls.add(call)
      const close = () => {
        calls.delete(call)
        begun.close()
      }
      const fail = (error: unknown) => {
        close()
        call.emit('error', serviceError(error, rpcId))
      }
      call.on('data', (request: Request) => {
        try {
          hear(request)
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
    } catch (error) {
      call.emit('error', serviceError(error, rpcId))
    }
  }

  function open<Request, Response>(
    call: ServerDuplexStream<Request, Response>,
    { viewer, topic, after, rpcId }: { viewer: OrgUser; topic: Topic; after: number; rpcId: string },
    shape: (response: FetchResponse) => Response,
  ): Subscription {
    return new Subscription({
      bus,
      viewer,
      topic,
      after,
      timing,
      breaks: () => faults.take('stream-breaks', { objects: topic.members }) !== undefined,
      wire: {
        write: (response) => void call.write(shape({ ...response, rpcId })),
        fail: (error) => void call.emit('error', serviceError(error, rpcId)),
        end: () => void call.end(),
      },
    })
  }

  return {
    GetTopic: answer(({ topicName }: TopicRequest, viewer, rpcId): TopicInfo => {
      const topic = getTopic(topicName)
      return {
        topicName,
        tenantGuid: tenantGuid(),
        canPublish: topic.kind === 'platform',
        canSubscribe: bus.maySubscribe(viewer, topic),
        schemaId: bus.findTopicSchema(topic)?.id ?? '',
        rpcId,
      }
    }),

    GetSchema: answer(({ schemaId }: SchemaRequest, _viewer, rpcId): SchemaInfo => {
      // Channels have no schema of their own; clients that ask nevertheless get this
      // (https://github.com/pozil/pub-sub-api-node-client/issues/34).
      if (schemaId === '') throw new Refusal('schema.validation.failed')
      const schema = bus.findSchema(schemaId)
      if (!schema) throw new Refusal('schema.notfound', `The schema with the ID ${schemaId} wasn't found.`)
      return { schemaJson: schema.json, schemaId, rpcId }
    }),

    Publish: answer((request: PublishRequest, _viewer, rpcId) => publishAll(request, rpcId)),

    PublishStream(call: ServerDuplexStream<PublishRequest, PublishResponse>) {
      converse(call, {
        begin(_viewer, rpcId) {
          let timer: NodeJS.Timeout | undefined
          const wait = () => {
            clearTimeout(timer)
            timer = setTimeout(() => call.end(), PUBLISH_IDLE_MS).unref()
          }
          wait()
          return {
            hear(request) {
              call.write(publishAll(request, rpcId))
              wait()
            },
            close: () => clearTimeout(timer),
          }
        },
      })
    },

    Subscribe(call: ServerDuplexStream<FetchRequest, FetchResponse>) {
      converse(call, {
        begin(viewer, rpcId) {
          let subscription: Subscription | undefined
          let topicName: string | undefined
          return {
            hear(request) {
              if (topicName !== undefined && request.topicName !== '' && request.topicName !== topicName) {
                throw new Refusal('subscription.fetch.topic.changed')
              }
              if (!subscription) {
                const topic = topicToRead(viewer, request.topicName)
                const after = startOf(request)
                if (request.numRequested <= 0) throw new Refusal('subscription.fetch.requested.events.invalid')
                subscription = open(call, { viewer, topic, after, rpcId }, (response) => response)
                topicName = topic.name
              }
              subscription.request(request.numRequested)
            },
            close: () => subscription?.close(),
          }
        },
      })
    },

    ManagedSubscribe(call: ServerDuplexStream<ManagedFetchRequest, ManagedFetchResponse>) {
      converse(call, {
        begin(viewer, rpcId) {
          let subscription: Subscription | undefined
          let managed: ManagedSubscription | undefined
          return {
            hear({ subscriptionId, developerName, numRequested, commitReplayIdRequest }) {
              managed ??= findManaged(subscriptionId || developerName)
              if (commitReplayIdRequest) call.write(commit(managed, commitReplayIdRequest, rpcId))
              if (numRequested <= 0 && subscription) return
              if (!subscription) {
                const topic = topicToRead(viewer, managed.topicName)
                subscription = open(call, { viewer, topic, after: resume(managed), rpcId }, (response) => response)
              }
              subscription.request(numRequested)
            },
            close: () => subscription?.close(),
          }
        },
      })
    },
  }

  function findManaged(nameOrId: string): ManagedSubscription {
    const managed = bus.catalog.findManagedSubscription(nameOrId)
    if (managed && managed.state === 'RUN') return managed
    throw new Refusal(
      'managed.subscription.notfound',
      `The managed event subscription ${nameOrId} ${managed ? 'is stopped' : "wasn't found"}.`,
    )
  }

  /** Where its client left off; where that is too old, where it is configured to recover from. */
  function resume({ position, defaultReplay, errorRecoveryReplay }: ManagedSubscription): number {
    const preset = position === undefined ? defaultReplay : bus.log.isValid(position) ? undefined : errorRecoveryReplay
    if (preset === undefined && position !== undefined) return position
    return preset === 'EARLIEST' ? bus.log.earliest : bus.log.tip()
  }

  function commit(
    { id }: ManagedSubscription,
    { commitRequestId, replayId }: { commitRequestId: string; replayId: Buffer },
    rpcId: string,
  ): ManagedFetchResponse {
    const position = decodeReplayId(replayId)
    const isValid = position !== undefined && bus.log.isValid(position)
    if (isValid) bus.catalog.commitPosition(id, position)
    const commitResponse: CommitResponse = {
      commitRequestId,
      replayId,
      processTime: org.now(),
      ...(!isValid && { error: { code: 'COMMIT', msg: 'The Replay ID to commit is invalid.' } }),
    }
    return {
      events: [],
      latestReplayId: encodeReplayId(bus.log.tip()),
      rpcId,
      pendingNumRequested: 0,
      commitResponse,
    }
  }
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined
}
