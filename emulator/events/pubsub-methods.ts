/** What each method of the Pub/Sub API does, once it is known who calls (salesforce-api.md 7.5). */
import type { Context } from '../context.ts'
import { OrgError, type OrgUser } from '../org/model.ts'
import type { EventSchema } from './avro-schema.ts'
import type { ManagedSubscription, Topic } from './catalog.ts'
import { decodeReplayId, encodeReplayId } from './event-log.ts'
import { Refusal } from './pubsub-errors.ts'
import type {
  CommitResponse,
  FetchRequest,
  FetchResponse,
  ManagedFetchRequest,
  ManagedFetchResponse,
  PublishRequest,
  PublishResponse,
  SchemaInfo,
  SchemaRequest,
  TopicInfo,
  TopicRequest,
} from './pubsub-messages.ts'
import { type StreamTiming, Subscription } from './pubsub-stream.ts'

/** A publish stream must hear from its client this often (salesforce-api.md 7.5). */
const PUBLISH_IDLE_MS = 70_000

/** One call: who makes it, and the id that its answers carry. */
export interface Caller {
  readonly viewer: OrgUser
  readonly rpcId: string
}

/** The client's end of a stream. */
export interface Wire<Response> {
  write(response: Response): void
  fail(error: unknown): void
  end(): void
}

/** A stream that is open: it hears requests, any of which it may refuse by throwing, until it is closed. */
export interface Conversation<Request> {
  hear(request: Request): void
  close(): void
}

export interface PubSubMethods {
  getTopic(request: TopicRequest, caller: Caller): TopicInfo
  getSchema(request: SchemaRequest, caller: Caller): SchemaInfo
  publish(request: PublishRequest, caller: Caller): PublishResponse
  publishStream(caller: Caller, wire: Wire<PublishResponse>): Conversation<PublishRequest>
  subscribe(caller: Caller, wire: Wire<FetchResponse>): Conversation<FetchRequest>
  managedSubscribe(caller: Caller, wire: Wire<ManagedFetchResponse>): Conversation<ManagedFetchRequest>
}

export function createPubSubMethods(context: Context, timing: StreamTiming): PubSubMethods {
  const { org, events: bus, faults } = context

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
  function publish({ topicName, events }: PublishRequest, { rpcId }: Caller): PublishResponse {
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

  function open(
    { viewer, rpcId }: Caller,
    { topic, after }: { topic: Topic; after: number },
    wire: Wire<FetchResponse>,
  ): Subscription {
    return new Subscription({
      bus,
      viewer,
      topic,
      after,
      timing,
      breaks: () => faults.take('stream-breaks', { objects: topic.members }) !== undefined,
      wire: { ...wire, write: (response) => wire.write({ ...response, rpcId }) },
    })
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

  return {
    getTopic({ topicName }, { viewer, rpcId }) {
      const topic = getTopic(topicName)
      return {
        topicName,
        tenantGuid: tenantGuid(),
        canPublish: topic.kind === 'platform',
        canSubscribe: bus.maySubscribe(viewer, topic),
        schemaId: bus.findTopicSchema(topic)?.id ?? '',
        rpcId,
      }
    },

    getSchema({ schemaId }, { rpcId }) {
      // Channels have no schema of their own; clients that ask nevertheless get this
      // (https://github.com/pozil/pub-sub-api-node-client/issues/34).
      if (schemaId === '') throw new Refusal('schema.validation.failed')
      const schema = bus.findSchema(schemaId)
      if (!schema) throw new Refusal('schema.notfound', `The schema with the ID ${schemaId} wasn't found.`)
      return { schemaJson: schema.json, schemaId, rpcId }
    },

    publish,

    publishStream(caller, wire) {
      let timer: NodeJS.Timeout | undefined
      const wait = () => {
        clearTimeout(timer)
        timer = setTimeout(() => wire.end(), PUBLISH_IDLE_MS).unref()
      }
      wait()
      return {
        hear(request) {
          wire.write(publish(request, caller))
          wait()
        },
        close: () => clearTimeout(timer),
      }
    },

    subscribe(caller, wire) {
      let subscription: Subscription | undefined
      let topicName: string | undefined
      return {
        hear(request) {
          if (topicName !== undefined && request.topicName !== '' && request.topicName !== topicName) {
            throw new Refusal('subscription.fetch.topic.changed')
          }
          if (!subscription) {
            const topic = topicToRead(caller.viewer, request.topicName)
            const after = startOf(request)
            if (request.numRequested <= 0) throw new Refusal('subscription.fetch.requested.events.invalid')
            subscription = open(caller, { topic, after }, wire)
            topicName = topic.name
          }
          subscription.request(request.numRequested)
        },
        close: () => subscription?.close(),
      }
    },

    managedSubscribe(caller, wire) {
      let subscription: Subscription | undefined
      let managed: ManagedSubscription | undefined
      return {
        hear({ subscriptionId, developerName, numRequested, commitReplayIdRequest }) {
          managed ??= findManaged(subscriptionId || developerName)
          if (commitReplayIdRequest) wire.write(commit(managed, commitReplayIdRequest, caller.rpcId))
          if (numRequested <= 0 && subscription) return
          if (!subscription) {
            const topic = topicToRead(caller.viewer, managed.topicName)
            subscription = open(caller, { topic, after: resume(managed) }, wire)
          }
          subscription.request(numRequested)
        },
        close: () => subscription?.close(),
      }
    },
  }
}
