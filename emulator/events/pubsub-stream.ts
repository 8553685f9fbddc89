/** A subscription over the Pub/Sub API: how many events the client still wants, and when it hears from the org. */
import type { Viewer } from '../org/model.ts'
import type { Topic } from './catalog.ts'
import type { EventBus, EventStream } from './event-bus.ts'
import { encodeReplayId } from './event-log.ts'
import { Refusal } from './pubsub-errors.ts'
import type { FetchResponse } from './pubsub-messages.ts'

/** salesforce-api.md 7.5 */
const MOST_OUTSTANDING = 100

export interface StreamTiming {
  /** After so long without an event the client gets an empty batch: within 270 seconds (salesforce-api.md 7.5). */
  readonly keepAliveMs: number
  /** A client that has got all that it asked for must ask for more within 60 seconds, or the stream closes. */
  readonly idleMs: number
}

/** The client's end of the stream; it adds the call's id. */
interface SubscriptionWire {
  write(response: Omit<FetchResponse, 'rpcId'>): void
  fail(error: unknown): void
  end(): void
}

export interface SubscriptionOptions {
  readonly bus: EventBus
  readonly viewer: Viewer
  readonly topic: Topic
  /** Where to go on from. */
  readonly after: number
  readonly timing: StreamTiming
  readonly wire: SubscriptionWire
  /** Whether an unavailable service or another trouble is to strike before something is sent. */
  breaks(): boolean
}

export class Subscription implements EventStream {
  readonly #options: SubscriptionOptions
  readonly #stops: (() => void)[]
  #after: number
  #pending = 0
  #timer: NodeJS.Timeout | undefined
  #isOpen = true

  constructor(options: SubscriptionOptions) {
    this.#options = options
    this.#after = options.after
    this.#stops = [options.bus.onPublished(() => this.#send()), options.bus.addStream(this)]
  }

  /** The client asks for so many more; all that is outstanding is never more than a hundred. */
  request(count: number): void {
    if (count <= 0) throw new Refusal('subscription.fetch.requested.events.invalid')
    this.#pending = Math.min(MOST_OUTSTANDING, this.#pending + count)
    this.#send()
    this.#wait()
  }

  keepAlive(): void {
    if (!this.#isOpen || this.#pending === 0) return
    // The position moves on although nothing came: resuming there is cheaper, and doesn't grow too old.
    this.#after = Math.max(this.#after, this.#options.bus.log.tip())
    this.#write([])
  }

  break(): void {
    this.#fail(new Refusal('service.unavailable'))
  }

  close(): void {
    this.#isOpen = false
    clearTimeout(this.#timer)
    for (const stop of this.#stops.splice(0)) stop()
  }

  #send(): void {
    const { bus, viewer, topic } = this.#options
    while (this.#isOpen && this.#pending > 0) {
      // What came next is no longer kept: silence would look like nothing having happened.
      if (this.#after < bus.log.earliest) {
        this.#fail(new Refusal('subscription.fetch.replayid.corrupted'))
        return
      }
      const { events, upTo } = bus.read(viewer, topic, { after: this.#after, most: this.#pending })
      if (events.length === 0) {
        this.#after = upTo
        return
      }
      if (this.#options.breaks()) {
        this.break()
        return
      }
      const granted = bus.takeDeliveries(events.length)
      const delivered = events.slice(0, granted)
      const last = delivered.at(-1)
      if (last) {
        this.#after = granted === events.length ? upTo : last.position
        this.#pending -= granted
        this.#write(
          delivered.map(({ id, schema, payload, position }) => ({
            event: { id, schemaId: schema.id, payload },
            replayId: encodeReplayId(position),
          })),
          last.position,
        )
      }
      if (granted < events.length) this.#fail(new Refusal('subscription.limit.exceeded'))
    }
  }

  #write(events: FetchResponse['events'], latest = this.#after): void {
    const latestReplayId = encodeReplayId(latest)
    this.#options.wire.write({ events, latestReplayId, pendingNumRequested: this.#pending })
    this.#wait()
  }

  #wait(): void {
    clearTimeout(this.#timer)
    if (!this.#isOpen) return
    const { keepAliveMs, idleMs } = this.#options.timing
    this.#timer =
      this.#pending > 0
        ? setTimeout(() => this.keepAlive(), keepAliveMs)
        : setTimeout(() => {
            this.close()
            this.#options.wire.end()
          }, idleMs)
    this.#timer.unref()
  }

  #fail(error: unknown): void {
    if (!this.#isOpen) return
    this.close()
    this.#options.wire.fail(error)
  }
}
