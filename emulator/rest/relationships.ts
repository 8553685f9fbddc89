/**
 * Friendly URLs: `/sobjects/Case/{id}/Contact/Account`, `/sobjects/Account/{id}/Contacts`
 * (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_relationship_traversal.htm).
 */

import { type FieldSchema, type ObjectSchema, OrgError } from '../org/model.ts'
import { queryAnswer } from './query.ts'
import { deleteRecord, findObjectOfId, pickFields, recordText, updateRecord } from './records.ts'
import { parseJsonBody } from './request-body.ts'
import { type Answer, type Call, missing } from './resource.ts'
import type { RestContext } from './rest-context.ts'

/** As many parents in a row as SOQL takes. */
const MOST_PARENTS = 5

/** Reads, updates or deletes what the path leads to, from a record. */
export function actOnRelated(
  context: RestContext,
  call: Call,
  from: { schema: ObjectSchema; id: string; path: readonly string[] },
): Answer {
  const names = [...from.path]
  const last = names.pop()
  if (last === undefined || names.length >= MOST_PARENTS) throw missing()
  let at = { schema: from.schema, id: from.id }
  for (const name of names) at = getParent(context, call, at, name)

  // Contact.ReportsTo names the manager; the contacts below bear the same name.
  const child = findLookup(at.schema, last)
    ? undefined
    : at.schema.childRelationships.find(
        ({ relationshipName }) => relationshipName?.toLowerCase() === last.toLowerCase(),
      )
  if (child && names.length === 0) {
    if (!context.org.findRecord(call.caller, at.schema.name, at.id)) throw missing()
    return readChildren(context, call, { id: at.id, ...child })
  }

  const { schema, id } = getParent(context, call, at, last)
  if (call.method === 'PATCH') {
    updateRecord(context, call, { schema, id, value: parseJsonBody(call.body) })
    return { status: 204 }
  }
  if (call.method === 'DELETE') {
    deleteRecord(context, call, schema, id)
    return { status: 204 }
  }
  const record = context.org.findRecord(call.caller, schema.name, id)
  if (!record) throw missing()
  return { status: 200, text: recordText(call, schema, record) }
}

function findLookup({ fields }: ObjectSchema, name: string): FieldSchema | undefined {
  return fields.find(({ relationshipName }) => relationshipName?.toLowerCase() === name.toLowerCase())
}

/** The record that a lookup points to. Throws NOT_FOUND when it is empty, or its target not the caller's to see. */
function getParent(
  context: RestContext,
  call: Call,
  { schema, id }: { schema: ObjectSchema; id: string },
  name: string,
) {
  const lookup = findLookup(schema, name)
  const parentId = lookup && context.org.findRecord(call.caller, schema.name, id)?.[lookup.name]
  const parent = typeof parentId === 'string' ? findObjectOfId(context, call, parentId) : undefined
  if (typeof parentId !== 'string' || !parent) throw missing()
  return { schema: parent, id: parentId }
}

/** The records of a child relationship, as a query would answer them. */
function readChildren(
  context: RestContext,
  call: Call,
  { id, childSObject, field }: { id: string; childSObject: string; field: string },
): Answer {
  if (call.method !== 'GET' && call.method !== 'HEAD') {
    throw new OrgError('METHOD_NOT_ALLOWED', `HTTP Method '${call.method}' not allowed. Allowed are GET,HEAD`, 405)
  }
  const schema = context.org.getObject(call.caller, childSObject)
  const list = call.query.get('fields')
  const fields = list === null ? schema.fields : pickFields(schema, list.split(','))
  const names = fields.map(({ name }) => name).join(', ')
  return queryAnswer(context, call, {
    soql: `SELECT ${names} FROM ${schema.name} WHERE ${field} = '${id}'`,
    all: false,
  })
}
