/** The messages of `pubsub.proto` as they are in this program, and the service that they belong to. */
import { fileURLToPath } from 'node:url'
import type { ServiceDefinition } from '@grpc/grpc-js'
import { loadPackageDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'

export interface TopicRequest {
  readonly topicName: string
}

export interface TopicInfo {
  readonly topicName: string
  readonly tenantGuid: string
  readonly canPublish: boolean
  readonly canSubscribe: boolean
  readonly schemaId: string
  readonly rpcId: string
}

export interface SchemaRequest {
  readonly schemaId: string
}

export interface SchemaInfo {
  readonly schemaJson: string
  readonly schemaId: string
  readonly rpcId: string
}

interface ProducerEvent {
  readonly id: string
  readonly schemaId: string
  readonly payload: Buffer
}

export interface FetchRequest {
  readonly topicName: string
  readonly replayPreset: 'LATEST' | 'EARLIEST' | 'CUSTOM'
  readonly replayId: Buffer
  readonly numRequested: number
}

export interface FetchResponse {
  readonly events: readonly { readonly event: ProducerEvent; readonly replayId: Buffer }[]
  readonly latestReplayId: Buffer
  readonly rpcId: string
  readonly pendingNumRequested: number
}

interface EventError {
  readonly code: 'UNKNOWN' | 'PUBLISH' | 'COMMIT'
  readonly msg: string
}

export interface PublishRequest {
  readonly topicName: string
  readonly events: readonly ProducerEvent[]
}

export interface PublishResponse {
  readonly results: readonly {
    readonly replayId?: Buffer
    readonly error?: EventError
    readonly correlationKey: string
  }[]
  readonly schemaId: string
  readonly rpcId: string
}

export interface ManagedFetchRequest {
  readonly subscriptionId: string
  readonly developerName: string
  readonly numRequested: number
  readonly commitReplayIdRequest: { readonly commitRequestId: string; readonly replayId: Buffer } | null
}

export interface CommitResponse {
  readonly commitRequestId: string
  readonly replayId: Buffer
  readonly error?: EventError
  readonly processTime: number
}

export type ManagedFetchResponse = FetchResponse & { readonly commitResponse?: CommitResponse }

/** The service as gRPC wants it. */
export function loadService(): ServiceDefinition {
  const file = fileURLToPath(new URL('./pubsub.proto', import.meta.url))
  const loaded = loadPackageDefinition(loadSync(file, { enums: String, longs: Number, defaults: true }))
  // What a package definition holds is known only by its name.
  const { eventbus } = loaded as unknown as { eventbus: { v1: { PubSub: { service: ServiceDefinition } } } }
  return eventbus.v1.PubSub.service
}
