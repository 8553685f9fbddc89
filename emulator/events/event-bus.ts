/** Takes what the org's transactions changed and what programs publish, keeps it, and hands it to whoever subscribes. */
import { createHash } from 'node:crypto'
import type { PlannedFaults } from '../faults.ts'
import { type Commit, type FieldValue, type ObjectSchema, type Org, OrgError, type Viewer } from '../org/model.ts'
import type { ApiUsage } from '../rest/usage.ts'
import { changeEventSchema, type EventSchema, type KeptSchema, restoreSchema } from './avro-schema.ts'
import { EventCatalog, type Topic } from './catalog.ts'
import { asGap, type CapturedObject, changeEvents } from './change-events.ts'
import { type ChangeType, decodeBody, type EventBody, type EventValues, encodeBody } from './event-body.ts'
import { EventLog, type LoggedEvent } from './event-log.ts'

/** salesforce-api.md 7.4, 7.7 */
const MOST_EVENT_BYTES = 1_048_576

/** The org, to which no profile applies: a schema has every field, whatever is hidden from whom. */
const ITSELF: Viewer = { userId: '', permissions: new Set(['ViewAllData', 'ModifyAllData']) }

export interface EventBusOptions {
  readonly org: Org
  readonly usage: ApiUsage
  readonly faults: PlannedFaults
  /** Where events and what is selected outlive the process; without it, in memory only. */
  readonly folder?: string | undefined
  /** How much memory the kept events may take. */
  readonly mostBytes?: number | undefined
}

/** An event as one subscriber gets it. */
export interface DeliveredEvent {
  readonly position: number
  readonly id: string
  readonly schema: EventSchema
  readonly payload: Buffer
}

/** A client's open stream, whatever its protocol. */
export interface EventStream {
  /** Tells the client that the stream lives although there is no event. */
  keepAlive(): void
  /** Ends it as an unavailable service does. */
  break(): void
}

export class EventBus {
  readonly org: Org
  readonly catalog: EventCatalog
  readonly log: EventLog
  readonly #usage: ApiUsage
  readonly #faults: PlannedFaults
  readonly #schemas = new Map<string, EventSchema>()
  readonly #captured = new Map<string, CapturedObject>()
  /** By user and schema, for as long as the user sees the object in the same way. */
  readonly #hidden = new Map<string, { of: ObjectSchema; fields: ReadonlySet<string> }>()
  readonly #listeners = new Set<() => void>()
  readonly #streams = new Set<EventStream>()
  readonly #stopListening: () => void
  #published = 0

  constructor({ org, usage, faults, folder, mostBytes }: EventBusOptions) {
    this.org = org
    this.#usage = usage
    this.#faults = faults
    this.catalog = new EventCatalog({ folder, hasObject: (name) => this.#findObject(name) !== undefined })
    this.log = new EventLog({ now: () => org.now(), folder, mostBytes })
    for (const [id, kept] of this.log.schemas) this.#schemas.set(id, restoreSchema(id, kept as KeptSchema))
    this.#stopListening = org.onCommit((commit) => this.#capture(commit))
  }

  /** Told whenever there may be something new to read. Returns how to stop. */
  onPublished(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Counts a stream as open until it says that it is not. */
  addStream(stream: EventStream): () => void {
    this.#streams.add(stream)
    return () => this.#streams.delete(stream)
  }

  /** Sends every open stream a sign of life, or ends them all. */
  tellStreams(what: 'keep-alive' | 'break'): { streams: number } {
    const streams = [...this.#streams]
    for (const stream of streams) {
      if (what === 'break') stream.break()
      else stream.keepAlive()
    }
    return { streams: streams.length }
  }

  /** The schema that a topic's events have now; undefined for channels, whose events have several. */
  findTopicSchema({ kind, members }: Topic): EventSchema | undefined {
    const [member] = members
    if (member === undefined || kind === 'channel') return undefined
    return kind === 'platform' ? this.#platformSchema(member) : this.#find(member)?.event
  }

  /** Any schema that events have or had, by its id. */
  findSchema(id: string): EventSchema | undefined {
    const known = this.#schemas.get(id)
    if (known) return known
    // Ask for every schema of today once: one may be asked for by an id from another time.
    for (const name of this.catalog.listTopics()) {
      const topic = this.catalog.findTopic(name)
      if (topic) this.findTopicSchema(topic)
    }
    return this.#schemas.get(id)
  }

  /** The schema of an event by its API name, be it an object's change event or a platform event. */
  findEventSchema(eventName: string): EventSchema | undefined {
    const topic = this.catalog.findTopic(`/data/${eventName}`) ?? this.catalog.findTopic(`/event/${eventName}`)
    return topic && this.findTopicSchema(topic)
  }

  /**
   * Whether the viewer may subscribe: change events need to see all of the object's records, a channel of several gives
   * what one may see (salesforce-api.md 7.3).
   */
  maySubscribe(viewer: Viewer, { kind, members }: Topic): boolean {
    return kind === 'change' ? members.every((member) => this.#maySeeAll(viewer, member)) : true
  }

  /**
   * Publishes a platform event as a program gives it; times as epoch milliseconds. Throws an OrgError for what
   * Salesforce would refuse.
   */
  publish(viewer: Viewer, eventName: string, fields: EventValues): { id: string; uuid: string } {
    const schema = this.#platformSchema(eventName)
    if (!schema) throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
    const known = new Map(schema.fields.map((field) => [field.name, field]))
    for (const [name, value] of Object.entries(fields)) {
      const field = known.get(name)?.source
      if (!field?.createable) {
        throw new OrgError('INVALID_FIELD', `No such column '${name}' on sobject of type ${eventName}`)
      }
      if (typeof value === 'string' && field.length > 0 && value.length > field.length) {
        const message = `${field.label}: data value too large: ${value.slice(0, 80)} (max length=${field.length})`
        throw new OrgError('STRING_TOO_LONG', message, 400, [name])
      }
    }
    const missing = schema.fields.filter(
      ({ name, required, source }) => required && source?.createable && (fields[name] ?? null) === null,
    )
    if (missing.length > 0) {
      const names = missing.map(({ name }) => name)
      throw new OrgError('REQUIRED_FIELD_MISSING', `Required fields are missing: [${names.join(', ')}]`, 400, names)
    }
    const values = { ...fields, CreatedDate: this.org.now(), CreatedById: viewer.userId }
    return this.publishPayload(eventName, schema, encodeBody(schema, { values }))
  }

  /** Publishes a platform event whose bytes are known to fit its schema. Throws an OrgError beyond the allocation. */
  publishPayload(
    eventName: string,
    schema: EventSchema,
    payload: Buffer,
    uuid?: string,
  ): { id: string; uuid: string; event: LoggedEvent } {
    if (payload.length > MOST_EVENT_BYTES) {
      throw new OrgError('LIMIT_EXCEEDED', 'The platform event message exceeds the maximum size of 1 MB')
    }
    // https://developer.salesforce.com/docs/platform/platform-events/guide/platform-events-error-status-codes.html
    if (!this.#usage.take('HourlyPublishedPlatformEvents')) {
      throw new OrgError(
        'LIMIT_EXCEEDED',
        'The organization has exceeded its hourly limit of published platform events',
      )
    }
    this.#published += 1
    const id = uuid ?? uuidOf(`${this.org.id} ${this.org.now()} ${this.#published}`)
    const [event] = this.#append([{ id, schema, payload, topics: this.catalog.topicsOf(eventName) }])
    if (!event) throw new Error('The event was not kept')
    // Platform events have no record; what they get as an id names nothing (e00, e01, ...).
    return { id: `e01xx00000${this.#published.toString(36).toUpperCase().padStart(5, '0')}AAA`, uuid: id, event }
  }

  /** The next events of a topic as this viewer gets them, none only at its end, and from where to go on. */
  read(
    viewer: Viewer,
    topic: Topic,
    { after, most }: { after: number; most: number },
  ): { events: readonly DeliveredEvent[]; upTo: number } {
    let upTo = after
    for (;;) {
      const page = this.log.read(topic.name, upTo, most)
      const events = page.events.flatMap((event) => this.#forViewer(viewer, event) ?? [])
      upTo = page.upTo
      if (events.length > 0 || page.events.length === 0) return { events, upTo }
    }
  }

  /** Takes deliveries from the day's allocation: as many of these as are left (salesforce-api.md 7.7). */
  takeDeliveries(count: number): number {
    const granted = Math.min(count, this.#usage.remaining('DailyDeliveredPlatformEvents'))
    if (granted > 0) this.#usage.take('DailyDeliveredPlatformEvents', granted)
    return granted
  }

  /** Publishes a change event that no change made, as Salesforce does for gaps. */
  publishGap(objectName: string, changeType: ChangeType, recordIds: readonly string[]): void {
    const captured = this.catalog.captures(objectName) ? this.#find(objectName) : undefined
    if (!captured) throw new RangeError(`The changes of ${objectName} are not captured; select it first`)
    this.#published += 1
    const header = {
      entityName: objectName,
      recordIds,
      changeType,
      changeOrigin: '',
      transactionKey: uuidOf(`${this.org.now()} gap ${this.#published}`),
      sequenceNumber: 1,
      commitTimestamp: Math.floor(this.org.now() / 1000) * 1000,
      commitNumber: this.log.tip(),
      commitUser: this.org.users[0]?.userId ?? '',
      nulledFields: [],
      diffFields: [],
      changedFields: [],
    }
    this.#appendBodies(header.transactionKey, [{ objectName, body: { header, values: {} } }])
  }

  close(): void {
    this.#stopListening()
    this.#listeners.clear()
  }

  #capture(commit: Commit): void {
    if (!commit.changes.some(({ objectName }) => this.catalog.captures(objectName))) return
    const bodies = changeEvents(commit, {
      find: (objectName) => (this.catalog.captures(objectName) ? this.#find(objectName) : undefined),
      readRecord: (objectName, id) => this.org.findRecord(ITSELF, objectName, id),
      trouble: (kind, object) => this.#faults.take(kind, { objects: [object] }) !== undefined,
      commitNumber: this.log.tip(),
    })
    this.#appendBodies(commit.key, bodies)
  }

  #appendBodies(key: string, bodies: readonly { objectName: string; body: EventBody }[]): void {
    const events = bodies.flatMap(({ objectName, body }, index) => {
      const schema = this.#find(objectName)?.event
      if (!schema) return []
      const whole = encodeBody(schema, body)
      const payload = whole.length > MOST_EVENT_BYTES ? encodeBody(schema, asGap(body)) : whole
      return [{ id: uuidOf(`${key} ${index}`), schema, payload, topics: this.catalog.topicsOf(objectName) }]
    })
    if (events.length > 0) this.#append(events)
  }

  #append(
    events: readonly { id: string; schema: EventSchema; payload: Buffer; topics: readonly string[] }[],
  ): readonly LoggedEvent[] {
    for (const { id, type: _, ...kept } of new Set(events.map(({ schema }) => schema))) {
      this.log.addSchema(id, kept satisfies KeptSchema)
    }
    const logged = this.log.append(
      events.map(({ id, schema, payload, topics }) => ({ id, schemaId: schema.id, payload, topics })),
    )
    for (const listener of [...this.#listeners]) listener()
    return logged
  }

  /** The viewer's copy: without fields that are hidden from them; nothing at all of objects that they may not see. */
  #forViewer(viewer: Viewer, event: LoggedEvent): DeliveredEvent | undefined {
    const schema = this.#schemas.get(event.schemaId)
    if (!schema) return undefined
    const whole = { position: event.position, id: event.id, schema, payload: event.payload }
    const { objectName } = schema
    if (objectName === undefined) return whole
    if (!this.#maySeeAll(viewer, objectName)) return undefined
    const hidden = this.#hiddenFields(viewer, objectName, schema)
    if (hidden.size === 0) return whole
    const seen = withoutFields(schema, decodeBody(schema, event.payload), hidden)
    return { ...whole, payload: encodeBody(schema, seen) }
  }

  /** Fields that the schema has and the viewer doesn't see: the event leaves them out, the schema does not. */
  #hiddenFields(viewer: Viewer, objectName: string, schema: EventSchema): ReadonlySet<string> {
    const visible = this.org.getObject(viewer, objectName)
    const key = `${viewer.userId} ${schema.id}`
    const kept = this.#hidden.get(key)
    if (kept?.of === visible) return kept.fields
    const shown = new Set(visible.fields.map(({ name }) => name))
    // A field that is gone for everybody is not hidden from anybody.
    const known = this.#find(objectName)?.schema.fields ?? []
    const fields = new Set(known.flatMap(({ name }) => (shown.has(name) ? [] : [name])))
    this.#hidden.set(key, { of: visible, fields })
    return fields
  }

  #maySeeAll(viewer: Viewer, objectName: string): boolean {
    // Users and activities have no View All of their own (salesforce-api.md 7.3).
    if (objectName === 'User') return viewer.permissions.has('ViewAllUsers') || viewer.permissions.has('ViewAllData')
    if (objectName === 'Task' || objectName === 'Event') return viewer.permissions.has('ViewAllData')
    try {
      this.org.getObject(viewer, objectName)
    } catch (error) {
      if (error instanceof OrgError) return false
      throw error
    }
    return this.org.may(viewer, objectName, 'viewAll')
  }

  /** What the org itself knows of the object, whatever is hidden from whom. */
  #find(objectName: string): CapturedObject | undefined {
    const schema = this.#findObject(objectName)
    if (!schema) return undefined
    const kept = this.#captured.get(objectName)
    if (kept?.schema === schema) return kept
    const found = { schema, event: this.#known(changeEventSchema(schema)) }
    this.#captured.set(objectName, found)
    return found
  }

  #known(schema: EventSchema): EventSchema {
    const known = this.#schemas.get(schema.id)
    if (known) return known
    this.#schemas.set(schema.id, schema)
    return schema
  }

  #platformSchema(eventName: string): EventSchema | undefined {
    const found = this.catalog.findPlatformEvent(eventName)
    return found && this.#known(found.event)
  }

  #findObject(name: string): ObjectSchema | undefined {
    try {
      const schema = this.org.getObject(ITSELF, name)
      return schema.name === name ? schema : undefined
    } catch (error) {
      if (error instanceof OrgError) return undefined
      throw error
    }
  }
}

function withoutFields(schema: EventSchema, { header, values }: EventBody, hidden: ReadonlySet<string>): EventBody {
  const hiddenNames = new Set(
    schema.fields.flatMap(({ name, source, parts }) => [
      ...(source && hidden.has(source.name) ? [name] : []),
      ...parts.flatMap((part) => (hidden.has(part.source.name) ? [`${name}.${part.name}`] : [])),
    ]),
  )
  const seen = (names: readonly string[]) => names.filter((name) => !hiddenNames.has(name))
  return {
    header: header && {
      ...header,
      changedFields: seen(header.changedFields),
      nulledFields: seen(header.nulledFields),
    },
    values: Object.fromEntries(
      Object.entries(values).filter((entry): entry is [string, FieldValue] => !hidden.has(entry[0])),
    ),
  }
}

/** A UUID that the same history always gives again. */
function uuidOf(text: string): string {
  const hex = createHash('md5').update(text).digest('hex')
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5').slice(0, 36)
}
