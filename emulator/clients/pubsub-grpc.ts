/** The Pub/Sub API as `@grpc/grpc-js` alone calls it: what a client sees before a library smooths it over. */
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import {
  type Client,
  type ClientDuplexStream,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { Emulator } from '../app.ts'

/** The messages as Salesforce publishes them, in the copy that its clients carry. */
const PROTO = import.meta.resolve('salesforce-pubsub-api-client').replace(/dist\/client\.js$/, 'pubsub_api.proto')

export interface FetchResponse {
  readonly events: { event: { id: string; schemaId: string; payload: Buffer }; replayId: Buffer }[]
  readonly latestReplayId: Buffer
  readonly rpcId: string
  readonly pendingNumRequested: number
}

type Stream<Response> = ClientDuplexStream<object, Response>
type Unary = (
  request: object,
  metadata: Metadata,
  done: (error: ServiceError | null, response: Record<string, unknown>) => void,
) => void
interface PubSubClient extends Client {
  GetTopic: Unary
  GetSchema: Unary
  Publish: Unary
  Subscribe(metadata: Metadata): Stream<FetchResponse>
  ManagedSubscribe(metadata: Metadata): Stream<FetchResponse & { commitResponse: object | null }>
  PublishStream(metadata: Metadata): Stream<Record<string, unknown>>
}
type PubSubConstructor = new (endpoint: string, channel: ReturnType<typeof credentials.createInsecure>) => PubSubClient

export interface Caller {
  readonly client: PubSubClient
  readonly metadata: Metadata
  /** A unary call; rejects with the service's error. */
  call(method: 'GetTopic' | 'GetSchema' | 'Publish', request: object): Promise<Record<string, unknown>>
  /** Opens a subscription and asks for events. */
  subscribe(request: object): Stream<FetchResponse>
}

/** A client of the org's Pub/Sub API, signed in as the administrator unless told; gone when the test ends. */
export function callPubSub(
  t: TestContext,
  emulator: Emulator,
  { username = emulator.org.users[0]?.username ?? '', headers = {} }: { username?: string; headers?: object } = {},
): Caller {
  const loaded = loadPackageDefinition(
    loadSync(new URL(PROTO).pathname, { enums: String, longs: Number, defaults: true }),
  )
  const { eventbus } = loaded as unknown as { eventbus: { v1: { PubSub: PubSubConstructor } } }
  const client = new eventbus.v1.PubSub(emulator.pubSubEndpoint() ?? '', credentials.createInsecure())
  t.after(() => client.close())
  const metadata = new Metadata()
  const own = {
    accesstoken: emulator.issueToken(username),
    instanceurl: emulator.instanceUrl(),
    tenantid: emulator.org.id,
  }
  for (const [name, value] of Object.entries({ ...own, ...headers })) metadata.set(name, String(value))
  return {
    client,
    metadata,
    call: (method, request) =>
      new Promise((resolve, reject) => {
        client[method](request, metadata, (error, response) => (error ? reject(error) : resolve(response)))
      }),
    subscribe(request) {
      const stream = untilEnd(t, client.Subscribe(metadata))
      stream.write(request)
      return stream
    },
  }
}

/** Ends the stream with the test, which is no failure of it. */
export function untilEnd<Response>(t: TestContext, stream: Stream<Response>): Stream<Response> {
  stream.on('error', () => undefined)
  t.after(() => stream.cancel())
  return stream
}

/** The stream's next message. */
export async function next<Response>(stream: Stream<Response>): Promise<Response> {
  const [response] = await once(stream, 'data')
  return response
}

/** The error that ends a stream, with Salesforce's own code. */
export async function failure(stream: Stream<unknown>): Promise<{ code: number; errorCode: unknown; details: string }> {
  const error = await new Promise<ServiceError>((resolve) => stream.once('error', resolve))
  return describeError(error)
}

/** What a client may decide on. */
export function describeError({ code, metadata, details }: ServiceError): {
  code: number
  errorCode: unknown
  details: string
} {
  return { code, errorCode: metadata.get('error-code')[0], details }
}
