/** One CometD client: its subscriptions, and the request in which it waits for events. */
import type { Viewer } from '../org/model.ts'
import type { Topic } from './catalog.ts'
import { bodyAsJson, decodeBody } from './event-body.ts'
import type { DeliveredEvent, EventBus, EventStream } from './event-bus.ts'

/** Events that one answer brings at most. */
const MOST_IN_ANSWER = 500
/** What a subscriber asks for instead of a replay id. */
const NEW_EVENTS = -1
const ALL_EVENTS = -2

type Outcome = 'events' | 'nothing' | 'limit' | 'broken' | 'lost'

export interface CometdClientOptions {
  readonly bus: EventBus
  readonly viewer: Viewer
  /** Whether trouble is to end the stream now. */
  breaks(): boolean
  /** Whether trouble is to make a good replay id a bad one. */
  corrupts(): boolean
}

export class CometdClient implements EventStream {
  /** Whose client it is. */
  readonly userId: string
  readonly #options: CometdClientOptions
  readonly #subscriptions = new Map<string, { topic: Topic; after: number }>()
  readonly #stops: (() => void)[]
  #wake: ((outcome: Outcome) => void) | undefined
  #isFirstPoll = true
  #isBroken = false
  #heardAt = performance.now()

  constructor(options: CometdClientOptions) {
    this.userId = options.viewer.userId
    this.#options = options
    this.#stops = [options.bus.onPublished(() => this.#wake?.('events')), options.bus.addStream(this)]
  }

  /** Notes that the client was heard of. */
  touch(): void {
    this.#heardAt = performance.now()
  }

  /** Whether it has been away for longer than a client may. */
  isSilent({ holdMs, reconnectMs }: { holdMs: number; reconnectMs: number }): boolean {
    return this.#wake === undefined && performance.now() - this.#heardAt > holdMs + reconnectMs
  }

  /** Starts to deliver a channel, from where `replay` says; gives what is wrong with it, if anything. */
  subscribe(channel: string, replay = NEW_EVENTS): string | undefined {
    const { bus, viewer } = this.#options
    if (!channel.startsWith('/')) return "400::Channel subscriptions must start with a leading '/'"
    const topic = bus.catalog.findTopic(channel)
    if (!topic) return `400::The channel you requested to subscribe to does not exist {${channel}}`
    if (!bus.maySubscribe(viewer, topic)) return `403:denied_by_security_policy:create_denied:${channel}`
    const after = replay === ALL_EVENTS ? bus.log.earliest : replay === NEW_EVENTS ? bus.log.tip() : replay
    const isPosition = replay !== ALL_EVENTS && replay !== NEW_EVENTS
    if (isPosition && (!bus.log.isValid(after) || this.#options.corrupts())) {
      return `400::The replayId {${replay}} you provided was invalid.  Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`
    }
    this.#subscriptions.set(channel, { topic, after })
    this.#wake?.('events')
    return undefined
  }

  unsubscribe(channel: string): void {
    this.#subscriptions.delete(channel)
  }

  /** Waits for events: until there are some, the time is over, or the client goes away. */
  async poll({ holdMs, signal }: { holdMs: number; signal: AbortSignal }): Promise<{
    messages: Record<string, unknown>[]
    outcome: Outcome
  }> {
    // The first answer comes at once, to tell the client how to go on.
    const isFirst = this.#isFirstPoll
    this.#isFirstPoll = false
    const over = AbortSignal.any([AbortSignal.timeout(holdMs), signal])
    for (;;) {
      if (this.#hasLost()) return { messages: [], outcome: 'lost' }
      const { messages, isLimited } = this.#take()
      if (isLimited) return { messages, outcome: 'limit' }
      if (this.#isBroken || (messages.length > 0 && this.#options.breaks())) {
        this.#isBroken = false
        return { messages: [], outcome: 'broken' }
      }
      if (messages.length > 0) return { messages, outcome: 'events' }
      if (isFirst || holdMs === 0 || over.aborted) return { messages, outcome: 'nothing' }
      const outcome = await this.#sleep(over)
      this.touch()
      if (outcome === 'nothing') return { messages: [], outcome }
    }
  }

  keepAlive(): void {
    this.#wake?.('nothing')
  }

  break(): void {
    this.#isBroken = true
    this.#wake?.('events')
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
    this.#subscriptions.clear()
    this.#wake?.('nothing')
  }

  #sleep(until: AbortSignal): Promise<Outcome> {
    // A client has one waiting request; a second one takes the place of the first.
    this.#wake?.('nothing')
    return new Promise((resolve) => {
      const wake = (outcome: Outcome) => {
        if (this.#wake === wake) this.#wake = undefined
        until.removeEventListener('abort', give)
        resolve(outcome)
      }
      const give = () => wake('nothing')
      until.addEventListener('abort', give, { once: true })
      this.#wake = wake
    })
  }

  /** Whether it was so slow that what came next is no longer kept. */
  #hasLost(): boolean {
    const { earliest } = this.#options.bus.log
    return [...this.#subscriptions.values()].some(({ after }) => after < earliest)
  }

  /** What there is to deliver now, as far as the day's allocation goes. */
  #take(): { messages: Record<string, unknown>[]; isLimited: boolean } {
    const { bus, viewer } = this.#options
    const messages: Record<string, unknown>[] = []
    for (const [channel, subscription] of this.#subscriptions) {
      const most = MOST_IN_ANSWER - messages.length
      const { events, upTo } = bus.read(viewer, subscription.topic, { after: subscription.after, most })
      const granted = bus.takeDeliveries(events.length)
      const delivered = events.slice(0, granted)
      subscription.after = granted === events.length ? upTo : (delivered.at(-1)?.position ?? subscription.after)
      for (const event of delivered) messages.push({ channel, data: asMessage(event) })
      if (granted < events.length) return { messages, isLimited: true }
    }
    return { messages, isLimited: false }
  }
}

function asMessage({ schema, payload, position, id }: DeliveredEvent): object {
  // Only platform events tell their UUID
  // (https://developer.salesforce.com/docs/platform/platform-events/guide/platform-events-subscribe-cometd.html).
  const isPlatform = schema.objectName === undefined
  return {
    schema: schema.id,
    payload: bodyAsJson(schema, decodeBody(schema, payload)),
    event: { ...(isPlatform && { EventUuid: id }), replayId: position },
  }
}
