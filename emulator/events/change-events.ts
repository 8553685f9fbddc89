/** From what a transaction changed to the events that tell of it (salesforce-api.md 7.4). */
import type { Change, Commit, FieldValue, ObjectSchema } from '../org/model.ts'
import { type EventField, type EventSchema, isSwitchable } from './avro-schema.ts'
import type { ChangeEventHeader, ChangeType, EventBody, EventValues } from './event-body.ts'

/** From here on a transaction's changes come as one GAP_OVERFLOW for each object (salesforce-api.md 7.4). */
const MOST_CHANGES = 100_000
/** Salesforce works through larger sets in pieces of this size (salesforce-api.md 6.1), so no more changes are one. */
const MOST_MERGED = 200

export interface CapturedObject {
  readonly schema: ObjectSchema
  readonly event: EventSchema
}

export interface Capture {
  /** The object's schema when its changes are captured. */
  find(objectName: string): CapturedObject | undefined
  /** All values of a record as it is now, for an event that carries all of them. */
  readRecord(objectName: string, id: string): EventValues | undefined
  /** `gap` and `overflow` replace an event for this object by one that says less. */
  trouble(kind: 'gap' | 'overflow', objectName: string): boolean
  readonly commitNumber: number
}

/**
 * A person account and its contact are one creation of two records, in two events (salesforce-api.md 7.4), though the
 * account hears of its contact only after that was made.
 */
const MADE_ON_CREATE = new Set(['LastModifiedDate', 'IsPersonAccount', 'PersonContactId', 'RecordTypeId'])

interface Draft extends Omit<Told, 'values'> {
  values: EventValues
  readonly entityName: string
  readonly changeType: ChangeType
  readonly recordIds: Set<string>
}

/** What an event says about a change beside whose it is. */
interface Told {
  readonly values: EventValues
  readonly changedFields: readonly string[]
  readonly nulledFields: readonly string[]
}

const NOTHING: Told = { values: {}, changedFields: [], nulledFields: [] }

const CHANGE_TYPES: Record<Change['kind'], ChangeType> = {
  create: 'CREATE',
  update: 'UPDATE',
  delete: 'DELETE',
  undelete: 'UNDELETE',
  'hard-delete': 'DELETE',
}

const GAPS: Partial<Record<ChangeType, ChangeType>> = {
  CREATE: 'GAP_CREATE',
  UPDATE: 'GAP_UPDATE',
  DELETE: 'GAP_DELETE',
  UNDELETE: 'GAP_UNDELETE',
}

const wholeSecond = (at: number) => Math.floor(at / 1000) * 1000

/** The events of one transaction, in order: equal changes merged into one event, each with its object's name. */
export function changeEvents(commit: Commit, capture: Capture): readonly { objectName: string; body: EventBody }[] {
  const drafts: Draft[] = []
  const alike = new Map<string, { draft: Draft; place: number }>()
  const lastPlaces = new Map<string, number>()
  const created = new Map<string, Draft>()
  const overflown = new Set<string>()
  let changes = 0

  /** One event for all changes that are alike, or a new one each time when no key says so. */
  function tell(change: Change, changeType: ChangeType, told: Told, key?: string): void {
    const { id } = change
    const same = key === undefined ? undefined : alike.get(key)
    // Not into an event before one that tells something else of the same record: that would come last.
    if (same && same.draft.recordIds.size < MOST_MERGED && (lastPlaces.get(id) ?? 0) <= same.place) {
      same.draft.recordIds.add(id)
      lastPlaces.set(id, same.place)
      return
    }
    const draft: Draft = { ...told, entityName: change.objectName, changeType, recordIds: new Set([id]) }
    if (changeType === 'CREATE') created.set(id, draft)
    const place = drafts.push(draft) - 1
    lastPlaces.set(id, place)
    if (key !== undefined) alike.set(key, { draft, place })
  }

  function overflow(objectName: string): void {
    if (overflown.has(objectName)) return
    overflown.add(objectName)
    drafts.push({ ...NOTHING, entityName: objectName, changeType: 'GAP_OVERFLOW', recordIds: new Set() })
  }

  for (const change of commit.changes) {
    const { objectName } = change
    const captured = capture.find(objectName)
    const told = captured && whatIsTold(change, captured, capture)
    if (!told) continue
    changes += 1
    if (changes > MOST_CHANGES || capture.trouble('overflow', objectName)) {
      overflow(objectName)
      continue
    }
    const changeType = CHANGE_TYPES[change.kind]
    const gap = capture.trouble('gap', objectName) ? GAPS[changeType] : undefined
    const own = changeType === 'UPDATE' ? created.get(change.id) : undefined
    if (own && told.changedFields.every((name) => MADE_ON_CREATE.has(name))) {
      own.values = { ...own.values, ...told.values }
      continue
    }
    if (gap) tell(change, gap, NOTHING)
    else if (changeType === 'UPDATE' || changeType === 'DELETE') {
      // "if the same change occurred in multiple records of the same object type during one second"
      // (https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_subscribe_merged_events.htm).
      tell(change, changeType, told, JSON.stringify([objectName, changeType, told.values, told.changedFields]))
    } else tell(change, changeType, told)
  }

  return drafts.map(({ entityName, changeType, recordIds, values, changedFields, nulledFields }, index) => {
    const header: ChangeEventHeader = {
      entityName,
      recordIds: [...recordIds],
      changeType,
      changeOrigin: commit.origin,
      transactionKey: commit.key,
      sequenceNumber: index + 1,
      commitTimestamp: wholeSecond(commit.at),
      commitNumber: capture.commitNumber,
      commitUser: commit.byUserId,
      nulledFields,
      diffFields: [],
      changedFields,
    }
    return { objectName: entityName, body: { header, values } }
  })
}

/** The same event without its fields, as Salesforce sends it when it can't send the whole (over 1 MB, an inner error). */
export function asGap({ header }: EventBody): EventBody {
  const changeType = header && GAPS[header.changeType]
  if (!changeType) throw new Error('Only change events become gap events')
  return { header: { ...header, changeType, changedFields: [], nulledFields: [], diffFields: [] }, values: {} }
}

/** What an event says about one change; undefined when there is none about it. */
function whatIsTold(change: Change, { schema, event }: CapturedObject, capture: Capture): Told | undefined {
  switch (change.kind) {
    case 'create':
      return { ...NOTHING, values: filled({ ...stampsOf(schema, change, true), ...change.fields }) }
    case 'undelete':
      return { ...NOTHING, values: filled(capture.readRecord(change.objectName, change.id) ?? {}) }
    case 'delete':
      return NOTHING
    case 'hard-delete':
      // Taking it out of the recycle bin tells nothing new: it was deleted before.
      return change.before?.IsDeleted === false ? NOTHING : undefined
    case 'update':
      return whatChanged(change, schema, event)
  }
}

/** Derived values that move no stamp are other records' news. */
function whatChanged(change: Change, schema: ObjectSchema, event: EventSchema): Told | undefined {
  if (change.stamps === 'none') return undefined
  const { fields = {}, before = {} } = change
  const after: Record<string, FieldValue> = {}
  for (const [name, value] of Object.entries({ ...fields, ...stampsOf(schema, change, false) })) {
    // The date is always there, who did it only when it was someone else (salesforce-api.md 7.4).
    const isStamp = name === 'LastModifiedDate' && change.stamps === undefined
    if (isStamp || (value ?? null) !== (before[name] ?? null)) after[name] = value
  }
  if (!('LastModifiedById' in before)) delete after.LastModifiedById
  const names = fieldNames(event.fields, after)
  if (names.length === 0) return undefined
  return {
    values: filled(after),
    changedFields: names.map(({ name }) => name),
    nulledFields: names.filter(({ source }) => (after[source] ?? null) === null).map(({ name }) => name),
  }
}

/** The names that the header has for these values, in the schema's order. */
function fieldNames(fields: readonly EventField[], values: EventValues): { name: string; source: string }[] {
  return fields.flatMap((field) => {
    const { name, source, parts } = field
    const changedParts = parts
      .filter((part) => part.source.name in values)
      .map((part) => ({ name: `${name}.${part.name}`, source: part.source.name }))
    if (changedParts.length > 0) return changedParts
    const isSingle = parts.length === 0 || isSwitchable(field)
    return source && isSingle && source.name in values ? [{ name, source: source.name }] : []
  })
}

function stampsOf(schema: ObjectSchema, { at, byUserId, stamps }: Change, isNew: boolean): EventValues {
  const has = (name: string) => schema.fields.some((field) => field.name === name)
  const date = wholeSecond(at)
  return {
    ...(isNew && has('CreatedDate') && { CreatedDate: date, CreatedById: byUserId }),
    ...(stamps === undefined && has('LastModifiedDate') && { LastModifiedDate: date, LastModifiedById: byUserId }),
  }
}

function filled(values: EventValues): EventValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
}
