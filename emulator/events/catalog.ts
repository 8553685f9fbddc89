/** Which topics there are: the objects whose changes are captured, custom channels, and platform events. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ObjectSchema } from '../org/model.ts'
import type { FieldDefinition, ObjectDefinition } from '../org/schema-file.ts'
import { describeObjects } from '../org/schemas.ts'
import { changeEventName, type EventSchema, platformEventSchema } from './avro-schema.ts'

/** The standard objects that Change Data Capture takes, of those that this org may have (salesforce-api.md 7.2). */
const CAPTURABLE = new Set(
  `Account AccountContactRelation AgentWork Asset Campaign CampaignMember CampaignMemberStatus Case CaseRelatedIssue
  Contact ContentDocument ContentDocumentLink ContentFolder ContentVersion Contract ContractLineItem EmailMessage
  EmailTemplate Entitlement Event EventRelation Individual Lead LinkedArticle LiveChatTranscript LiveChatTranscriptEvent
  Location ManagedContent MessagingEndUser MessagingSession Opportunity OpportunityContactRole OpportunityLineItem
  OpportunitySplit Order OrderItem PricebookEntry Pricebook2 ProcessInstance Product2 Quote QuoteLineItem
  ServiceAppointment ServiceContract SocialPost Task TaskRelation User VoiceCall WorkOrder WorkOrderLineItem`.split(
    /\s+/,
  ),
)
/** In all channels together, without the add-on (salesforce-api.md 7.7). */
const MOST_ENTITIES = 5
const MOST_CHANNELS = 100

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_]*$/)

export const channelSchema = z.strictObject({
  /** `Support__chn` */
  name: name.endsWith('__chn'),
  /** Objects for a channel under `/data/`, platform events for one under `/event/`. */
  members: z.array(name),
})
export const platformEventDefinition = z.strictObject({
  /** `Order_Event__e` */
  name: name.endsWith('__e'),
  fields: z.record(name.endsWith('__c'), z.enum(['string', 'textarea', 'double', 'boolean', 'date', 'datetime'])),
  required: z.array(z.string()).optional(),
})
export const managedSubscriptionSchema = z.strictObject({
  developerName: name,
  topicName: z.string().startsWith('/'),
  defaultReplay: z.enum(['LATEST', 'EARLIEST']).default('LATEST'),
  errorRecoveryReplay: z.enum(['LATEST', 'EARLIEST']).default('LATEST'),
  state: z.enum(['RUN', 'STOP']).default('RUN'),
})
export type ManagedSubscription = z.infer<typeof managedSubscriptionSchema> & {
  readonly id: string
  /** The last position that its client committed. */
  readonly position?: number | undefined
}

const settingsSchema = z.object({
  entities: z.array(z.string()),
  addOn: z.boolean(),
  channels: z.array(channelSchema),
  platformEvents: z.array(platformEventDefinition),
  managed: z.array(managedSubscriptionSchema.extend({ id: z.string(), position: z.number().optional() })),
})
type Settings = z.infer<typeof settingsSchema>

/** What a fresh org has: the five objects that come without an add-on, and the event of Salesforce's own quick starts. */
const FRESH: Settings = {
  entities: ['Account', 'Case', 'Contact', 'EmailMessage', 'Opportunity'],
  addOn: false,
  channels: [],
  platformEvents: [
    {
      name: 'Order_Event__e',
      fields: { Order_Number__c: 'string', City__c: 'string', Amount__c: 'double', Has_Shipped__c: 'boolean' },
    },
  ],
  managed: [],
}

export interface Topic {
  readonly name: string
  /** `change` is one object's, `channel` several at once: only the former kinds have a schema of their own. */
  readonly kind: 'change' | 'platform' | 'channel'
  /** The objects or platform events that are delivered on it. */
  readonly members: readonly string[]
}

export interface CatalogOptions {
  /** Where it outlives the process; without it, in memory only. */
  readonly folder?: string | undefined
  hasObject(name: string): boolean
}

export class EventCatalog {
  #settings: Settings = FRESH
  readonly #file: string | undefined
  readonly #hasObject: (name: string) => boolean
  readonly #platformEvents = new Map<string, { object: ObjectSchema; event: EventSchema }>()
  /** By member: very many events share one list. */
  readonly #topics = new Map<string, readonly string[]>()

  constructor({ folder, hasObject }: CatalogOptions) {
    this.#hasObject = hasObject
    if (folder === undefined) return
    mkdirSync(folder, { recursive: true })
    this.#file = join(folder, 'settings.json')
    if (existsSync(this.#file)) this.#settings = settingsSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8')))
  }

  get settings(): Readonly<Settings> {
    return this.#settings
  }

  /** Selects the objects of the default channel. Throws a RangeError for what Salesforce would refuse. */
  selectEntities(entities: readonly string[], addOn = this.#settings.addOn): void {
    this.#change({ ...this.#settings, entities: [...new Set(entities)], addOn })
  }

  putChannel(channel: z.infer<typeof channelSchema>): void {
    const others = this.#settings.channels.filter(({ name: other }) => other !== channel.name)
    this.#change({ ...this.#settings, channels: [...others, channel] })
  }

  putPlatformEvent(event: z.infer<typeof platformEventDefinition>): void {
    const others = this.#settings.platformEvents.filter(({ name: other }) => other !== event.name)
    this.#change({ ...this.#settings, platformEvents: [...others, event] })
    this.#platformEvents.delete(event.name)
  }

  putManagedSubscription(subscription: z.infer<typeof managedSubscriptionSchema>): ManagedSubscription {
    const before = this.findManagedSubscription(subscription.developerName)
    // 18x is the key prefix of ManagedEventSubscription.
    const id = before?.id ?? `18x5f${String(this.#settings.managed.length + 1).padStart(10, '0')}AAA`
    const put = { ...before, ...subscription, id }
    this.#change({ ...this.#settings, managed: [...this.#settings.managed.filter((one) => one.id !== id), put] })
    return put
  }

  /** By developer name or id. */
  findManagedSubscription(nameOrId: string): ManagedSubscription | undefined {
    return this.#settings.managed.find(
      ({ developerName, id }) => developerName === nameOrId || id === nameOrId || id.slice(0, 15) === nameOrId,
    )
  }

  commitPosition(id: string, position: number): void {
    const managed = this.#settings.managed.map((one) => (one.id === id ? { ...one, position } : one))
    this.#change({ ...this.#settings, managed })
  }

  /** Whether any channel has the object. */
  captures(objectName: string): boolean {
    const { entities, channels } = this.#settings
    return entities.includes(objectName) || channels.some(({ members }) => members.includes(objectName))
  }

  /** The topics that an object's change events, or a platform event, are delivered on. */
  topicsOf(member: string): readonly string[] {
    const known = this.#topics.get(member)
    if (known) return known
    const { entities, channels } = this.#settings
    const isPlatform = member.endsWith('__e')
    const root = isPlatform ? '/event' : '/data'
    const own = isPlatform
      ? [`/event/${member}`]
      : entities.includes(member)
        ? ['/data/ChangeEvents', `/data/${changeEventName(member)}`]
        : []
    const chosen = channels.filter(({ members }) => members.includes(member)).map((one) => `${root}/${one.name}`)
    const topics = [...own, ...chosen]
    this.#topics.set(member, topics)
    return topics
  }

  /** The topic of this exact name; names of topics are case-sensitive. */
  findTopic(topicName: string): Topic | undefined {
    const { entities, channels, platformEvents } = this.#settings
    if (topicName === '/data/ChangeEvents') return { name: topicName, kind: 'channel', members: entities }
    const entity = entities.find((one) => topicName === `/data/${changeEventName(one)}`)
    if (entity !== undefined) return { name: topicName, kind: 'change', members: [entity] }
    const event = platformEvents.find((one) => topicName === `/event/${one.name}`)
    if (event) return { name: topicName, kind: 'platform', members: [event.name] }
    const channel = channels.find((one) => topicName === `${rootOf(one.members)}/${one.name}`)
    return channel && { name: topicName, kind: 'channel', members: channel.members }
  }

  listTopics(): readonly string[] {
    const { entities, channels, platformEvents } = this.#settings
    return [
      '/data/ChangeEvents',
      ...entities.map((entity) => `/data/${changeEventName(entity)}`),
      ...channels.map((channel) => `${rootOf(channel.members)}/${channel.name}`),
      ...platformEvents.map((event) => `/event/${event.name}`),
    ]
  }

  /** The platform events that are defined here, as objects. */
  listPlatformEvents(): readonly ObjectSchema[] {
    const events = this.#settings.platformEvents.map(({ name }) => this.findPlatformEvent(name)?.object)
    return events.filter((object) => object !== undefined)
  }

  /** A platform event that is defined here: as an object, and as what its subscribers get. */
  findPlatformEvent(eventName: string): { object: ObjectSchema; event: EventSchema } | undefined {
    const kept = this.#platformEvents.get(eventName)
    if (kept) return kept
    const definition = this.#settings.platformEvents.find((event) => event.name === eventName)
    if (!definition) return undefined
    const object = describeEvent(definition)
    const found = { object, event: platformEventSchema(object) }
    this.#platformEvents.set(eventName, found)
    return found
  }

  #change(settings: Settings): void {
    this.#check(settings)
    this.#settings = settings
    this.#topics.clear()
    if (this.#file === undefined) return
    // A process killed while writing leaves the settings as they were.
    writeFileSync(`${this.#file}.new`, JSON.stringify(settings), { mode: 0o600 })
    renameSync(`${this.#file}.new`, this.#file)
  }

  #check({ entities, channels, addOn, platformEvents }: Settings): void {
    const members = channels.flatMap((channel) => channel.members)
    const objects = new Set([...entities, ...members.filter((member) => !member.endsWith('__e'))])
    for (const objectName of objects) {
      const isCapturable = objectName.endsWith('__c') || CAPTURABLE.has(objectName)
      if (!isCapturable || !this.#hasObject(objectName)) {
        throw new RangeError(`Change Data Capture isn't available for ${objectName}`)
      }
    }
    if (objects.size > MOST_ENTITIES && !addOn) {
      throw new RangeError(
        `Without the add-on at most ${MOST_ENTITIES} objects can be selected in all channels together, not ${objects.size}`,
      )
    }
    if (channels.length > MOST_CHANNELS) throw new RangeError(`There can be at most ${MOST_CHANNELS} custom channels`)
    const unknown = members.find(
      (member) => member.endsWith('__e') && !platformEvents.some((one) => one.name === member),
    )
    if (unknown !== undefined) throw new RangeError(`There is no platform event ${unknown}`)
    if (channels.some((channel) => new Set(channel.members.map((member) => member.endsWith('__e'))).size > 1)) {
      throw new RangeError('A channel has either change events or platform events')
    }
  }
}

function rootOf(members: readonly string[]): string {
  return members[0]?.endsWith('__e') ? '/event' : '/data'
}

/** A platform event as an object of the org: it can be created, and that is all. */
function describeEvent({
  name: eventName,
  fields,
  required = [],
}: z.infer<typeof platformEventDefinition>): ObjectSchema {
  const own = Object.entries(fields).map(([fieldName, type]): [string, FieldDefinition] => [
    fieldName,
    {
      type,
      ...(required.includes(fieldName) && { required: true }),
      ...(type === 'textarea' && { length: 131_072 }),
      ...(type === 'double' && { precision: 18, scale: 2 }),
    },
  ])
  const definition = { fields: { CreatedDate: {}, CreatedById: {}, ...Object.fromEntries(own) } }
  const described = describeObjects(
    new Map<string, ObjectDefinition>([
      [eventName, definition],
      ['User', {}],
    ]),
  ).get(eventName)
  if (!described) throw new Error(`${eventName} has no schema`)
  return { ...described, custom: true, updateable: false, deletable: false, queryable: false, retrieveable: false }
}
