/**
 * What the Tooling API knows about events: channels, their members and managed subscriptions. This is how programs select
 * the objects whose changes are captured, where people use Setup.
 * https://developer.salesforce.com/docs/atlas.en-us.change_data_capture.meta/change_data_capture/cdc_select_objects_tooling_api.htm
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Context as EmulatorContext } from '../context.ts'
import { OrgError } from '../org/model.ts'
import { readInput } from '../rest/request-body.ts'
import { type Answer, type Call, json, missing, param, type Resource } from '../rest/resource.ts'
import { toLongId } from '../values.ts'
import { changeEventName } from './avro-schema.ts'
import type { EventCatalog } from './catalog.ts'

/** The default channel, `/data/ChangeEvents`. */
const DEFAULT_CHANNEL = 'ChangeEvents'

type ToolingRecord = Readonly<Record<string, unknown>> & { readonly Id: string }

/** A name's id, the same in every org; the prefixes are Salesforce's. */
function idOf(prefix: '0YL' | '0v8', name: string): string {
  const digits = createHash('md5').update(name).digest('base64').replace(/[+/=]/g, '0').slice(0, 10)
  return toLongId(`${prefix}5f${digits}`)
}

const memberName = (channel: string, event: string) =>
  `${channel.replace(/__chn$/, '_chn')}_${event.replaceAll('__', '_')}`

/** `CaseChangeEvent` → `Case`, `Site__ChangeEvent` → `Site__c`; platform events are called what they are. */
function memberOf(event: string): string {
  if (event.endsWith('__ChangeEvent')) return event.replace(/__ChangeEvent$/, '__c')
  return event.replace(/ChangeEvent$/, '')
}

const eventOf = (member: string) => (member.endsWith('__e') ? member : changeEventName(member))

function listMembers({ settings }: EventCatalog): { channel: string; member: string }[] {
  return [
    ...settings.entities.map((member) => ({ channel: DEFAULT_CHANNEL, member })),
    ...settings.channels.flatMap(({ name, members }) => members.map((member) => ({ channel: name, member }))),
  ]
}

const LISTS: Record<string, (catalog: EventCatalog) => readonly ToolingRecord[]> = {
  PlatformEventChannel: ({ settings }) =>
    settings.channels.map(({ name, members }) => ({
      Id: idOf('0YL', name),
      DeveloperName: name.replace(/__chn$/, ''),
      FullName: name,
      ChannelType: members[0]?.endsWith('__e') ? 'event' : 'data',
    })),
  PlatformEventChannelMember: (catalog) =>
    listMembers(catalog).map(({ channel, member }) => {
      const name = memberName(channel, eventOf(member))
      return {
        Id: idOf('0v8', name),
        DeveloperName: name,
        FullName: name,
        EventChannel: channel,
        SelectedEntity: eventOf(member),
        Metadata: { eventChannel: channel, selectedEntity: eventOf(member) },
      }
    }),
  ManagedEventSubscription: ({ settings }) =>
    settings.managed.map(({ id, developerName, position: _, ...metadata }) => ({
      Id: id,
      DeveloperName: developerName,
      FullName: developerName,
      Metadata: { ...metadata, label: developerName },
    })),
}

const memberBody = z.object({ Metadata: z.object({ eventChannel: z.string(), selectedEntity: z.string() }) })
const channelBody = z.object({ FullName: z.string(), Metadata: z.object({ channelType: z.enum(['data', 'event']) }) })

/** The tooling resources that are about events. */
export function toolingResources({ events: { catalog } }: EmulatorContext): Resource[] {
  const made = (id: string) => json({ id, success: true, errors: [], warnings: [], infos: [] }, 201)

  function addMember(call: Call): Answer {
    const { eventChannel, selectedEntity } = readInput(call.body, memberBody).Metadata
    const member = selectedEntity.endsWith('__e') ? selectedEntity : memberOf(selectedEntity)
    change(() => {
      if (eventChannel === DEFAULT_CHANNEL) catalog.selectEntities([...catalog.settings.entities, member])
      else catalog.putChannel({ name: eventChannel, members: [...new Set([...membersOf(eventChannel), member])] })
    })
    return made(idOf('0v8', memberName(eventChannel, selectedEntity)))
  }

  function membersOf(channelName: string): readonly string[] {
    const channel = catalog.settings.channels.find(({ name }) => name === channelName)
    if (channel) return channel.members
    throw new OrgError('INVALID_CROSS_REFERENCE_KEY', `There is no channel ${channelName}`)
  }

  function addChannel(call: Call): Answer {
    const { FullName: name } = readInput(call.body, channelBody)
    change(() => catalog.putChannel({ name, members: [] }))
    return made(idOf('0YL', name))
  }

  function removeMember(call: Call): Answer {
    const id = toLongId(param(call, 'id'))
    const found = listMembers(catalog).find(
      ({ channel, member }) => idOf('0v8', memberName(channel, eventOf(member))) === id,
    )
    if (!found) throw missing()
    const others = (members: readonly string[]) => members.filter((member) => member !== found.member)
    if (found.channel === DEFAULT_CHANNEL) catalog.selectEntities(others(catalog.settings.entities))
    else catalog.putChannel({ name: found.channel, members: others(membersOf(found.channel)) })
    return { status: 204 }
  }

  return [
    { path: 'tooling/query', methods: { GET: (call) => query(catalog, call) } },
    { path: 'tooling/sobjects/PlatformEventChannel', methods: { POST: forSetup(addChannel) } },
    { path: 'tooling/sobjects/PlatformEventChannelMember', methods: { POST: forSetup(addMember) } },
    { path: 'tooling/sobjects/PlatformEventChannelMember/:id', methods: { DELETE: forSetup(removeMember) } },
  ]
}

/** Only who may customize the org may change what stands in its Setup. */
function forSetup(act: (call: Call) => Answer): (call: Call) => Answer {
  return (call) => {
    if (call.caller.permissions.has('CustomizeApplication')) return act(call)
    throw new OrgError('INSUFFICIENT_ACCESS', 'insufficient access rights on object id', 403)
  }
}

/** What the catalog refuses, as Salesforce would say it. */
function change(act: () => void): void {
  try {
    act()
  } catch (error) {
    if (error instanceof RangeError) throw new OrgError('INVALID_INPUT', error.message)
    throw error
  }
}

/** For text with single spaces only: a pattern that allowed for more would be slow to fail on very many. */
const QUERY = /^SELECT ([\w ,.]+?) FROM (\w+)(?: WHERE (.+?))?(?: LIMIT (\d+))?$/i
const CONDITION = /^(\w+) ?= ?'([^']*)'$/

function query(catalog: EventCatalog, call: Call): Answer {
  const soql = (call.query.get('q') ?? '').trim().replaceAll(/\s+/g, ' ')
  const [, columns = '', objectName = '', where, limit] = QUERY.exec(soql) ?? []
  const list = Object.entries(LISTS).find(([name]) => name.toLowerCase() === objectName.toLowerCase())
  if (!list) throw new OrgError('INVALID_TYPE', `sObject type '${objectName}' is not supported.`)
  const conditions = (where === undefined ? [] : where.split(/ AND /i)).map((text) => {
    const [, field, value] = CONDITION.exec(text) ?? []
    if (field === undefined || value === undefined) throw new OrgError('MALFORMED_QUERY', `unexpected token: ${text}`)
    return { field, value }
  })
  const [type, read] = list
  const found = read(catalog)
    .filter((record) => conditions.every(({ field, value }) => readField(record, field) === value))
    .slice(0, limit === undefined ? undefined : Number(limit))
  const records = found.map((record) => ({
    attributes: { type, url: `/services/data/${call.version}/tooling/sobjects/${type}/${record.Id}` },
    ...Object.fromEntries(columns.split(',').map((name) => [name.trim(), readField(record, name.trim())])),
  }))
  const size = records.length
  return json({ size, totalSize: size, done: true, queryLocator: null, entityTypeName: type, records })
}

function readField(record: ToolingRecord, field: string): unknown {
  const found = Object.entries(record).find(([name]) => name.toLowerCase() === field.toLowerCase())
  if (!found) throw new OrgError('INVALID_FIELD', `No such column '${field}' on entity`)
  return found[1]
}
