/** What SOAP does to records: merge, convert leads, write and delete. */
import { fieldsFromJson } from '../org/input.ts'
import { type ObjectSchema, type Org, OrgError, type OrgUser, type RecordFields } from '../org/model.ts'
import { toLongId } from '../values.ts'
import {
  childrenOf,
  isElement,
  SoapFault,
  type SoapValue,
  textOf,
  textsOf,
  type XmlElement,
  type XmlValue,
} from './envelope.ts'

interface RecordCall {
  readonly org: Org
  readonly user: OrgUser
  /** Who asks, for change events. */
  readonly origin: string
  readonly args: XmlElement
  /** The `AllOrNoneHeader`. */
  readonly isAllOrNone: boolean
}

type Act = (item: XmlValue, call: RecordCall) => { readonly [name: string]: SoapValue }

type Result = { readonly success: boolean; readonly [name: string]: SoapValue }

const ROLLED_BACK: Result = {
  errors: {
    message: 'Record rolled back because not all records were valid and the request was using AllOrNone header',
    statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  },
  id: null,
  success: false,
}

/** Salesforce takes so many records in one call: https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_create.htm */
const MOST_RECORDS = 200

/** An operation on each of its arguments: each fails or succeeds for itself, unless the call is all or nothing. */
function onEach(argument: string, act: Act): (call: RecordCall) => readonly SoapValue[] {
  return (call) => {
    const items = childrenOf(call.args, argument)
    if (items.length > MOST_RECORDS) {
      throw new SoapFault(
        'EXCEEDED_ID_LIMIT',
        `record limit reached. cannot submit more than ${MOST_RECORDS} records in this call`,
      )
    }
    // Before the first is written: a type that there isn't fails the whole call.
    if (argument === 'sObjects') for (const item of items) schemaOf(call.org, call.user, item)
    const attempt = (item: XmlValue): Result => {
      try {
        return inOrder({ success: true, ...act(item, call) })
      } catch (error) {
        if (!(error instanceof OrgError)) throw error
        const { errorCode, message, fields } = error
        return { errors: { fields, message, statusCode: errorCode }, id: null, success: false }
      }
    }
    return call.isAllOrNone ? allOrNone(call, () => items.map(attempt)) : items.map(attempt)
  }
}

/** The WSDL has each result's elements in the order of the alphabet, and generated clients read them so. */
function inOrder(result: Result): Result {
  return Object.fromEntries(Object.entries(result).sort(([one], [other]) => (one < other ? -1 : 1))) as Result
}

class TakenBack extends Error {}

/** One failure takes back what succeeded, and the others say so. */
function allOrNone({ org, origin }: RecordCall, attemptAll: () => readonly Result[]): readonly Result[] {
  let results: readonly Result[] = []
  try {
    org.transaction(
      () => {
        results = attemptAll()
        if (results.some(({ success }) => !success)) throw new TakenBack()
      },
      { origin },
    )
    return results
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error
    return results.map((result) => (result.success ? ROLLED_BACK : result))
  }
}

const idOf = (item: XmlValue) => toLongId(textOf({ item }, 'item') ?? '')

/** The object that an id's first three characters name. */
function objectOf({ org, user }: RecordCall, id: string): ObjectSchema {
  const schema = org.listObjects(user).find(({ keyPrefix }) => keyPrefix === id.slice(0, 3))
  if (!schema || id.length !== 18) throw new OrgError('MALFORMED_ID', `bad id ${id}`)
  return schema
}

/** An `sObject`: what it is, which one, and what it sets; `fieldsToNull` names what it empties. */
function readRecord(
  { org, user }: RecordCall,
  item: XmlValue,
): { schema: ObjectSchema; id: string | undefined; fields: RecordFields } {
  const schema = schemaOf(org, user, item)
  const json: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(isElement(item) ? item : {})) {
    if (/^[@#]/.test(name) || ['type', 'fieldstonull', 'id'].includes(name.toLowerCase())) continue
    const text = textOf({ value }, 'value')
    const isRelated = isElement(value) && Object.keys(value).some((child) => !/^[@#]/.test(child))
    json[name] = isRelated ? readRelated(value) : (text ?? null)
  }
  for (const name of textsOf(item, 'fieldsToNull')) json[name] = null
  const id = textOf(item, 'Id')
  return {
    schema,
    id: id === undefined || id === '' ? undefined : toLongId(id),
    fields: fieldsFromJson(org, user, schema, json),
  }
}

/** The partner API names the object in a child, the enterprise API by its type. */
function schemaOf(org: Org, user: OrgUser, item: XmlValue): ObjectSchema {
  const attribute = isElement(item) ? item['@type'] : undefined
  const name = textOf(item, 'type') ?? (typeof attribute === 'string' ? attribute.replace(/^.*:/, '') : '')
  const isConcrete = name !== '' && name !== 'sObject'
  const schema = org.listObjects(user).find((known) => isConcrete && known.name.toLowerCase() === name.toLowerCase())
  if (schema) return schema
  // https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm
  const message = isConcrete
    ? `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the ` +
      "'__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
    : 'Must send a concrete entity type.'
  throw new SoapFault('INVALID_TYPE', message, 'InvalidSObjectFault')
}

/** A parent named by an external id: `<Account><Ext__c>x</Ext__c></Account>`. */
function readRelated(element: XmlElement): object {
  const type = textOf(element, 'type')
  const keys = Object.keys(element).filter((name) => !/^[@#]|^type$/.test(name))
  const related = Object.fromEntries(keys.map((name) => [name, textOf(element, name)]))
  return type === undefined ? related : { attributes: { type }, ...related }
}

const create = onEach('sObjects', (item, call) => {
  const { schema, fields } = readRecord(call, item)
  return { id: call.org.create(call.user.userId, schema.name, fields, { origin: call.origin }) }
})

const update = onEach('sObjects', (item, call) => {
  const { schema, id, fields } = readRecord(call, item)
  if (id === undefined) throw new OrgError('MISSING_ARGUMENT', 'Id not specified in an update call')
  call.org.update(call.user.userId, schema.name, id, fields, { origin: call.origin })
  return { id }
})

/** https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_upsert.htm */
const upsert = onEach('sObjects', (item, call) => {
  const { org, user, origin, args } = call
  const { schema, id, fields } = readRecord(call, item)
  const asked = textOf(args, 'externalIDFieldName') ?? ''
  const key = schema.fields.find(({ name }) => name.toLowerCase() === asked.toLowerCase())
  if (!key || !(key.externalId || key.type === 'id')) {
    const message = `Field name provided, ${asked} does not match an External ID, Salesforce Id, or indexed field for ${schema.name}`
    throw new OrgError('INVALID_FIELD', message)
  }
  const value = fields[key.name] ?? null
  if (key.type !== 'id' && value === null) throw new OrgError('MISSING_ARGUMENT', `${key.name} not specified`)
  const ids = key.type === 'id' ? [] : org.findIdsByField(user, schema.name, key.name, value)
  if (ids.length > 1) {
    const message = `${key.name}: more than one record found for external id field: [${ids.join(', ')}]`
    throw new OrgError('DUPLICATE_EXTERNAL_ID', message, 400, [key.name])
  }
  const found = key.type === 'id' ? id : ids[0]
  if (found === undefined) return { created: true, id: org.create(user.userId, schema.name, fields, { origin }) }
  org.update(user.userId, schema.name, found, fields, { origin })
  return { created: false, id: found }
})

const remove = onEach('ids', (item, call) => {
  const id = idOf(item)
  call.org.delete(call.user.userId, objectOf(call, id).name, id, { origin: call.origin })
  return { id }
})

const undelete = onEach('ids', (item, call) => {
  const id = idOf(item)
  call.org.undelete(call.user.userId, objectOf(call, id).name, id, { origin: call.origin })
  return { id }
})

const emptyRecycleBin = onEach('ids', (item, { org, user }) => {
  const id = idOf(item)
  org.emptyRecycleBin(user.userId, [id])
  return { id }
})

const merge = onEach('mergeRequests', (item, call) => {
  const [master] = childrenOf(item, 'masterRecord')
  const { schema, id = '', fields } = readRecord(call, master)
  const losers = textsOf(item, 'recordToMergeIds').map(toLongId)
  const { origin } = call
  const { updatedRelatedIds } = call.org.merge(call.user.userId, schema.name, id, losers, fields, { origin })
  return { id, mergedRecordIds: losers, updatedRelatedIds }
})

const convertLead = onEach('leadConverts', (item, call) => {
  const optional = (name: string) => textOf(item, name) || undefined
  const id = (name: string) => {
    const given = optional(name)
    return given === undefined ? undefined : toLongId(given)
  }
  const lead = {
    leadId: id('leadId') ?? '',
    accountId: id('accountId'),
    contactId: id('contactId'),
    convertedStatus: optional('convertedStatus') ?? '',
    doNotCreateOpportunity: textOf(item, 'doNotCreateOpportunity') === 'true',
    opportunityName: optional('opportunityName'),
    overwriteLeadSource: textOf(item, 'overwriteLeadSource') === 'true',
    ownerId: id('ownerId'),
  }
  return call.org.convertLead(call.user.userId, lead, { origin: call.origin })
})

/** Operations on records by name. */
export const RECORD_OPERATIONS: { readonly [operation: string]: (call: RecordCall) => SoapValue } = {
  create,
  update,
  upsert,
  delete: remove,
  undelete,
  emptyRecycleBin,
  merge,
  convertLead,
}
