/** The bytes of files and attachments, up and down (salesforce-api.md 3.10). There are no byte ranges: a download is whole. */
import type { Context } from '../context.ts'
import { type ObjectSchema, OrgError } from '../org/model.ts'
import { findField, readId } from './records.ts'
import { parseJson, parseJsonBody } from './request-body.ts'
import { type Answer, type Call, param } from './resource.ts'

/** `/sobjects/ContentVersion/{id}/VersionData`; undefined when the path names no blob. */
export function readBlobPart({ org }: Context, call: Call): Answer | undefined {
  const schema = org.getObject(call.caller, param(call, 'object'))
  const field = findField(schema, param(call, 'rest'))
  const id = readId(schema, param(call, 'id'))
  if (field?.type !== 'base64' || id === undefined) return undefined
  // Blobs are binary, composite answers are not (salesforce-api.md 3.8).
  if (call.isInside) throw new OrgError('INVALID_INPUT', 'Blob retrieval is not supported in composite requests')
  const bytes = org.readBlob(call.caller, schema.name, id, field.name)
  if (!bytes) return undefined
  const contentType = org.findRecord(call.caller, schema.name, id)?.ContentType
  return {
    status: 200,
    bytes,
    headers: {
      'Content-Type': typeof contentType === 'string' ? contentType : 'application/octetstream',
      'Content-Length': String(bytes.length),
    },
  }
}

/**
 * The record that a body describes: JSON, or a multipart message of JSON and one part with the bytes of the field that it
 * is named for (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/dome_sobject_insert_update_blob.htm).
 */
export function readEntity(call: Call, schema: ObjectSchema): unknown {
  if (call.body.kind !== 'parts') return parseJsonBody(call.body)
  const fields: Record<string, unknown> = {}
  let hasEntity = false
  for (const [name, part] of call.body.parts) {
    // The entity's part has a name of the client's choice: `entity_content`, `entity_document`, ...
    const field = findField(schema, name)
    if (field?.type === 'base64') fields[field.name] = Buffer.from(part).toString('base64')
    else if (!hasEntity) {
      Object.assign(fields, parseJson(typeof part === 'string' ? part : Buffer.from(part).toString('utf8')))
      hasEntity = true
    }
  }
  if (hasEntity) return fields
  throw new OrgError('POST_BODY_PARSE_ERROR', 'The multipart request has no part with the record as JSON')
}
