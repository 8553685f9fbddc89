/** Up to 200 records in one call: `/composite/sobjects` (salesforce-api.md 3.8). */
import { z } from 'zod'
import { publishEvent } from '../events/rest.ts'
import { type ObjectSchema, OrgError } from '../org/model.ts'
import { writeOptionsOf } from './call-headers.ts'
import { getKeyField, upsertRecord } from './external-ids.ts'
import { writeRecord } from './json.ts'
import {
  checkId,
  checkWellFormed,
  createRecord,
  deleteRecord,
  findField,
  findObjectOfId,
  pickFields,
  readId,
  updateRecord,
} from './records.ts'
import { type JsonObject, parseJson, type RequestBody, readInput } from './request-body.ts'
import { type Answer, type Call, json, param, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

const MOST_RECORDS = 200
const MOST_RETRIEVED = 2000
/** Records in a row that are of the same object make one chunk. */
const MOST_CHUNKS = 10

const recordSchema = z.looseObject({ attributes: z.looseObject({ type: z.string() }) })
const recordsSchema = z.object({ allOrNone: z.boolean().default(false), records: z.array(recordSchema) })
const retrieveSchema = z.object({ ids: z.array(z.string()), fields: z.array(z.string()) })

type InputRecord = z.infer<typeof recordSchema>

/** What became of one record. */
interface Result {
  readonly id?: string
  readonly success: boolean
  readonly errors: readonly {
    readonly statusCode: string
    readonly message: string
    readonly fields: readonly string[]
  }[]
  readonly created?: boolean
}

/** `/composite/sobjects` and what is below it. */
export function collectionResources(context: RestContext): Resource[] {
  const { org } = context

  /** Does something to each, in one transaction; what fails is told in its place, and with `allOrNone` nothing is done at all. */
  function each<T>(call: Call, items: readonly T[], given: { allOrNone: boolean; act: (item: T) => Partial<Result> }) {
    const allOrNone = given.allOrNone || call.isAtomic
    let results: Result[] = []
    try {
      org.transaction(() => {
        results = items.map((item) => attempt(given.act, item))
        if (allOrNone && results.some(({ success }) => !success)) throw new TakenBack()
      }, writeOptionsOf(call))
    } catch (error) {
      if (!(error instanceof TakenBack)) throw error
      results = results.map((result) => (result.success ? ROLLED_BACK : result))
    }
    return results
  }

  /** What fails takes back its own steps alone. */
  function attempt<T>(act: (item: T) => Partial<Result>, item: T): Result {
    try {
      return { success: true, errors: [], ...org.transaction(() => act(item)) }
    } catch (error) {
      return failed(error)
    }
  }

  function objectOf(call: Call, { attributes: { type } }: InputRecord): ObjectSchema {
    const schema = org.listObjects(call.caller).find(({ name }) => name.toLowerCase() === type.toLowerCase())
    if (schema) return schema
    throw new OrgError('INVALID_TYPE', `sObject type '${type}' is not supported.`)
  }

  /**
   * The records of the call. A type, a field or a value that can't even be read is an error of the whole call, and nothing
   * is done ("if the request isn't well formed").
   */
  function recordsOf(call: Call): z.infer<typeof recordsSchema> {
    const input = readRecords(call.body)
    for (const record of input.records) {
      if (!isEvent(record)) checkWellFormed(context, call, objectOf(call, record), takeId(record).rest)
    }
    return input
  }

  function create(call: Call): Answer {
    const { allOrNone, records } = recordsOf(call)
    checkChunks(records)
    const act = (record: InputRecord): Partial<Result> => {
      const event = {
        ...call,
        params: { object: record.attributes.type },
        body: { kind: 'value', value: record },
      } as const
      const published = isEvent(record) ? publishEvent(context, event) : undefined
      if (published?.text !== undefined) return JSON.parse(published.text)
      const schema = objectOf(call, record)
      if (takeId(record).id !== undefined) {
        const message = 'cannot specify Id in an insert call'
        throw new OrgError('INVALID_FIELD_FOR_INSERT_UPDATE', message, 400, ['Id'])
      }
      const blob = readBlob(call.body, schema, record)
      return { id: createRecord(context, call, schema, { ...record, ...blob }) }
    }
    return json(each(call, records, { allOrNone, act }))
  }

  function update(call: Call): Answer {
    const { allOrNone, records } = recordsOf(call)
    checkChunks(records)
    const act = (record: InputRecord) => {
      const schema = objectOf(call, record)
      const { id, rest } = takeId(record)
      if (id === undefined) throw new OrgError('MISSING_ARGUMENT', 'Id not specified in an update call', 400, ['Id'])
      const known = checkId(schema, id)
      updateRecord(context, call, { schema, id: known, value: rest })
      return { id: known }
    }
    return json(each(call, records, { allOrNone, act }))
  }

  function upsert(call: Call): Answer {
    const { allOrNone, records } = recordsOf(call)
    const schema = org.getObject(call.caller, param(call, 'object'))
    const field = getKeyField(schema, param(call, 'field'))
    const act = (record: InputRecord) => {
      if (record.attributes.type.toLowerCase() !== schema.name.toLowerCase()) {
        throw new OrgError('INVALID_TYPE', `The record is not of type ${schema.name}: ${record.attributes.type}`)
      }
      const name = Object.keys(record).find((key) => key.toLowerCase() === field.name.toLowerCase())
      const { [name ?? '']: value, ...fields } = record
      if (name === undefined || value === null || value === '') {
        throw new OrgError('MISSING_ARGUMENT', `${field.name} not specified`, 400, [])
      }
      const done = upsertRecord(context, call, { schema, field, value: String(value), fields, isUpdateOnly: false })
      if ('id' in done) return done
      const message = `${field.name}: more than one record found for external id field: [${done.ids.join(', ')}]`
      throw new OrgError('DUPLICATE_EXTERNAL_ID', message)
    }
    return json(each(call, records, { allOrNone, act }))
  }

  function remove(call: Call): Answer {
    const ids = readList(call, 'ids')
    checkCount(ids)
    const act = (id: string) => {
      const schema = findObjectOfId(context, call, id)
      if (!schema || readId(schema, id) === undefined) throw new OrgError('MALFORMED_ID', `malformed id ${id}`)
      deleteRecord(context, call, schema, checkId(schema, id))
      return { id: checkId(schema, id) }
    }
    const allOrNone = call.query.get('allOrNone')?.toLowerCase() === 'true'
    return json(each(call, ids, { allOrNone, act }))
  }

  function retrieve(call: Call, { ids, fields: names }: { ids: readonly string[]; fields: readonly string[] }): Answer {
    if (ids.length > MOST_RETRIEVED) throw tooMany(MOST_RETRIEVED)
    const schema = org.getObject(call.caller, param(call, 'object'))
    const fields = pickFields(schema, names)
    const records = ids.map((text) => {
      const id = readId(schema, text)
      const record = id === undefined ? undefined : org.findRecord(call.caller, schema.name, id)
      return record ? writeRecord(record, schema, { fields, version: call.version }) : 'null'
    })
    return { status: 200, text: `[${records.join(',')}]` }
  }

  return [
    { path: 'composite/sobjects', since: 42, methods: { POST: create, PATCH: update, DELETE: remove } },
    {
      path: 'composite/sobjects/:object',
      since: 42,
      methods: {
        GET: (call) => retrieve(call, { ids: readList(call, 'ids'), fields: readList(call, 'fields') }),
        POST: (call) => retrieve(call, readInput(call.body, retrieveSchema)),
      },
    },
    { path: 'composite/sobjects/:object/:field', since: 46, methods: { PATCH: upsert } },
  ]
}

function isEvent({ attributes }: InputRecord): boolean {
  return attributes.type.endsWith('__e')
}

/** Thrown to take back what was done for the records before the one that failed. */
class TakenBack extends Error {}

/** An error in the form that results have, which say `statusCode` where the envelope says `errorCode` (salesforce-api.md 3.3). */
export function errorOf(error: unknown): Result['errors'][number] {
  if (!(error instanceof OrgError)) throw error
  return { statusCode: error.errorCode, message: error.message, fields: error.fields }
}

function failed(error: unknown): Result {
  return { success: false, errors: [errorOf(error)] }
}

const ROLLED_BACK = failed(
  new OrgError(
    'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    'Record rolled back because not all records were valid and the request was using AllOrNone header',
  ),
)

/** The records of a body; of a multipart one, of its part `collection`. */
function readRecords(body: RequestBody): z.infer<typeof recordsSchema> {
  const collection = body.kind === 'parts' ? body.parts.get('collection') : undefined
  const value = collection === undefined ? undefined : parseJson(Buffer.from(collection).toString('utf8'))
  const input = readInput(value === undefined ? body : { kind: 'value', value }, recordsSchema)
  checkCount(input.records)
  return input
}

/**
 * The bytes of a record of a multipart collection: its attributes name the part and the field
 * (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_sobject_collections_insert_blob.htm).
 */
function readBlob(body: RequestBody, schema: ObjectSchema, record: InputRecord): JsonObject {
  const { binaryPartName, binaryPartNameAlias } = record.attributes
  if (body.kind !== 'parts' || typeof binaryPartName !== 'string') return {}
  const part = body.parts.get(binaryPartName)
  const field = findField(schema, String(binaryPartNameAlias))
  if (part === undefined || field?.type !== 'base64') {
    throw new OrgError('INVALID_INPUT', `There is no binary part ${binaryPartName} for ${binaryPartNameAlias}`)
  }
  return { [field.name]: Buffer.from(part).toString('base64') }
}

function takeId(record: InputRecord): { id: string | undefined; rest: JsonObject } {
  const name = Object.keys(record).find((key) => key.toLowerCase() === 'id')
  const { [name ?? '']: id, ...rest } = record
  return { id: typeof id === 'string' ? id : undefined, rest }
}

function checkCount(items: readonly unknown[]): void {
  if (items.length > MOST_RECORDS) throw tooMany(MOST_RECORDS)
}

function tooMany(most: number): OrgError {
  const message = `record limit reached. cannot submit more than ${most} records in this call`
  return new OrgError('EXCEEDED_ID_LIMIT', message)
}

function checkChunks(records: readonly InputRecord[]): void {
  const chunks = records.filter((record, index) => record.attributes.type !== records[index - 1]?.attributes.type)
  if (chunks.length <= MOST_CHUNKS) return
  const message = `Cannot have more than ${MOST_CHUNKS} chunks in a single operation. Please rearrange the data to reduce chunking.`
  throw new OrgError('LIMIT_EXCEEDED', message)
}

function readList(call: Call, name: string): string[] {
  const text = call.query.get(name)
  if (text === null) throw new OrgError('MISSING_ARGUMENT', `The ${name} parameter is required`)
  return text.split(',').filter((item) => item !== '')
}
