/**
 * How the Pub/Sub API refuses: a gRPC status, a text that ends with the call's id, and Salesforce's own code in the
 * trailers (https://developer.salesforce.com/docs/platform/pub-sub-api/guide/handling-errors.html).
 */
import { Metadata, type ServiceError, status } from '@grpc/grpc-js'

/** Salesforce's codes are this and what follows. */
const PREFIX = 'sfdc.platform.eventbus.grpc.'

const REFUSALS = {
  'service.auth.error': {
    code: status.UNAUTHENTICATED,
    text: 'An authentication exception occurred. Provide valid authentication via metadata headers.',
  },
  'service.unavailable': { code: status.UNAVAILABLE, text: 'The service is unavailable. Try again later.' },
  'topic.notfound': { code: status.NOT_FOUND, text: '' },
  'topic.permission.denied': { code: status.PERMISSION_DENIED, text: '' },
  'schema.validation.failed': {
    code: status.INVALID_ARGUMENT,
    text: "Schema validation failed. The schema ID can't be blank.",
  },
  'schema.notfound': { code: status.NOT_FOUND, text: '' },
  'subscription.fetch.topic.changed': {
    code: status.INVALID_ARGUMENT,
    text: "The topic name of a subscription stream can't change. Open another stream for another topic.",
  },
  'subscription.fetch.requested.events.invalid': {
    code: status.INVALID_ARGUMENT,
    text: 'The number of events requested must be greater than zero.',
  },
  'subscription.fetch.replayid.validation.failed': {
    code: status.INVALID_ARGUMENT,
    text: 'The Replay ID validation failed. A Replay ID is required with the CUSTOM replay preset.',
  },
  'subscription.fetch.replayid.corrupted': {
    code: status.INVALID_ARGUMENT,
    text: 'The Replay ID validation failed. Ensure that the Replay ID is valid and within the retention window.',
  },
  'subscription.limit.exceeded': {
    code: status.RESOURCE_EXHAUSTED,
    text: 'You have exceeded the event delivery limit for your org.',
  },
  'managed.subscription.notfound': { code: status.NOT_FOUND, text: '' },
  'publish.topic.invalid': { code: status.INVALID_ARGUMENT, text: "Events can't be published to this topic." },
} as const satisfies { readonly [code: string]: { code: status; text: string } }

/** A refusal before it knows which call it ends. */
export class Refusal extends Error {
  readonly reason: keyof typeof REFUSALS

  constructor(reason: keyof typeof REFUSALS, text?: string) {
    super(text ?? REFUSALS[reason].text)
    this.reason = reason
  }
}

/** The error that ends a call; anything but a refusal is a fault of ours. */
export function serviceError(error: unknown, rpcId: string): ServiceError {
  const metadata = new Metadata()
  const isRefusal = error instanceof Refusal
  const details = `${isRefusal ? error.message : `Internal error: ${String(error)}`} rpcId: ${rpcId}`
  if (isRefusal) metadata.set('error-code', PREFIX + error.reason)
  metadata.set('rpc-id', rpcId)
  const code = isRefusal ? REFUSALS[error.reason].code : status.INTERNAL
  return Object.assign(new Error(details), { code, details, metadata, name: 'ServiceError' })
}
