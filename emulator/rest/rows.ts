/** Single records: create, read, update, upsert, delete (salesforce-api.md 3.7). */

import { publishEvent } from '../events/rest.ts'
import { looksLikeId } from '../org/ids.ts'
import { type ObjectSchema, OrgError, type OrgRecord } from '../org/model.ts'
import { readBlobPart, readEntity } from './blobs.ts'
import { updatesMru } from './call-headers.ts'
import { checkConditions, notModified, versionHeaders, versionOfRecord } from './conditions.ts'
import { describeBriefly } from './describe.ts'
import { deleteByExternalId, readByExternalId, upsert } from './external-ids.ts'
import { recentItems } from './recent.ts'
import {
  checkId,
  createRecord,
  deleteRecord,
  findField,
  readId,
  recordText,
  recordUrl,
  updateRecord,
} from './records.ts'
import { actOnRelated } from './relationships.ts'
import { type Act, type Answer, type Call, json, missing, param, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

/** What stands where a record's id is expected can also be the name of a field, with a value behind it. */
const NO_SUCH_KEY = 'Provided external ID field does not exist or is not accessible'

/** `/sobjects/{object}` and everything below a record. */
export function rowResources(context: RestContext): Resource[] {
  const { org } = context

  function objectOf(call: Call): ObjectSchema {
    return org.getObject(call.caller, param(call, 'object'))
  }

  /** The id in the path. Whoever writes by the id of another object is told so. */
  function idOf(call: Call, schema: ObjectSchema): string {
    const text = param(call, 'id')
    const id = readId(schema, text)
    if (id !== undefined) return id
    if (call.method !== 'GET' && call.method !== 'HEAD' && looksLikeId(text)) return checkId(schema, text)
    throw new OrgError('NOT_FOUND', `${NO_SUCH_KEY}: ${text}`, 404)
  }

  function read(call: Call): Answer {
    const schema = objectOf(call)
    const id = idOf(call, schema)
    const record = org.findRecord(call.caller, schema.name, id)
    if (!record) throw missing()
    const version = versionOfRecord(schema, record)
    checkConditions(call, version)
    const same = notModified(call, version)
    if (same) return same
    if (updatesMru(call)) org.markViewed(call.caller.userId, schema.name, id)
    return { status: 200, text: recordText(call, schema, record), headers: versionHeaders(call, version) }
  }

  function create(call: Call): Answer {
    const schema = objectOf(call)
    const id = createRecord(context, call, schema, readEntity(call, schema))
    return { ...json({ id, success: true, errors: [] }, 201), headers: { Location: recordUrl(call, schema, id) } }
  }

  function checkUnchanged(call: Call, schema: ObjectSchema, id: string): void {
    const record: OrgRecord | undefined = org.findRecord(call.caller, schema.name, id)
    if (record) checkConditions(call, versionOfRecord(schema, record))
  }

  function update(call: Call): Answer {
    const schema = objectOf(call)
    const id = idOf(call, schema)
    const value = readEntity(call, schema)
    checkUnchanged(call, schema, id)
    updateRecord(context, call, { schema, id, value })
    return { status: 204 }
  }

  function remove(call: Call): Answer {
    const schema = objectOf(call)
    deleteRecord(context, call, schema, idOf(call, schema))
    return { status: 204 }
  }

  /** `POST /sobjects/X/Id` is an upsert of a record that has no id yet, which creates it. */
  function createByUpsert(call: Call): Answer {
    if (param(call, 'id').toLowerCase() !== 'id') throw missing()
    const schema = objectOf(call)
    const id = createRecord(context, call, schema, readEntity(call, schema))
    const headers = { Location: recordUrl(call, schema, id) }
    return { ...json({ id, success: true, errors: [], created: true }, 201), headers }
  }

  /** By what stands behind the object: a field's name, or the id of a record with the name of a blob or relationship. */
  function byKey(acts: { field: Act; record: Act }): Act {
    return (call) => {
      const schema = objectOf(call)
      return findField(schema, param(call, 'id')) ? acts.field(call) : acts.record(call)
    }
  }

  const related = (call: Call) => {
    const schema = objectOf(call)
    return actOnRelated(context, call, { schema, id: idOf(call, schema), path: param(call, 'rest').split('/') })
  }

  return [
    {
      path: 'sobjects/:object',
      methods: {
        GET(call) {
          const schema = objectOf(call)
          const objectDescribe = describeBriefly(schema, call.version)
          return json({ objectDescribe, recentItems: recentItems(context, call, { objectName: schema.name }) })
        },
        POST: (call) => publishEvent(context, call) ?? create(call),
      },
    },
    {
      path: 'sobjects/:object/:id',
      methods: { GET: read, PATCH: update, DELETE: remove, POST: createByUpsert },
    },
    {
      path: 'sobjects/:object/:id/*',
      methods: {
        GET: byKey({
          field: (call) => readByExternalId(context, call),
          record: (call) => readBlobPart(context, call) ?? related(call),
        }),
        PATCH: byKey({ field: (call) => upsert(context, call), record: related }),
        DELETE: byKey({ field: (call) => deleteByExternalId(context, call), record: related }),
      },
    },
  ]
}
