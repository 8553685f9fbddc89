/** `/sobjects`: descriptions, single records and the bytes of files (salesforce-api.md 3.5, 3.7, 3.10). */
import type { Hono } from 'hono'
import type { Context as EmulatorContext } from '../context.ts'
import { type ObjectSchema, OrgError } from '../org/model.ts'
import { toLongId } from '../values.ts'
import type { ApiEnv } from './api.ts'
import { DescribeTimes, describeBriefly, describeObject } from './describe.ts'
import { errorResponse, jsonResponse, methodNotAllowed, notFound } from './errors.ts'
import { writeRecord } from './json.ts'

export function mountObjects(resources: Hono<ApiEnv>, { org }: EmulatorContext): void {
  const times = new DescribeTimes(() => org.now())

  /** Answers 304 with no body when the client has this text already (salesforce-api.md 3.2). */
  function describeResponse(text: string, key: string, ifModifiedSince: string | undefined): Response {
    const modifiedAt = times.modifiedAt(key, text)
    const headers = { 'Last-Modified': new Date(modifiedAt).toUTCString() }
    if (ifModifiedSince !== undefined && modifiedAt <= Date.parse(ifModifiedSince)) {
      return new Response(null, { status: 304, headers })
    }
    return jsonResponse(text, 200, headers)
  }

  resources.get('/sobjects', (c) => {
    const version = c.get('version')
    const sobjects = org.listObjects(c.get('caller')).map((schema) => describeBriefly(schema, version))
    const text = JSON.stringify({ encoding: 'UTF-8', maxBatchSize: 200, sobjects })
    return describeResponse(text, `${c.get('caller').userId} ${version}`, c.req.header('if-modified-since'))
  })

  resources.get('/sobjects/:object', (c) => {
    const schema = org.getObject(c.get('caller'), c.req.param('object'))
    return jsonResponse(JSON.stringify({ objectDescribe: describeBriefly(schema, c.get('version')), recentItems: [] }))
  })

  resources.get('/sobjects/:object/describe', (c) => {
    const version = c.get('version')
    const schema = org.getObject(c.get('caller'), c.req.param('object'))
    const text = JSON.stringify(describeObject(schema, version))
    const key = `${c.get('caller').userId} ${version} ${schema.name}`
    return describeResponse(text, key, c.req.header('if-modified-since'))
  })

  resources.get('/sobjects/:object/:id', (c) => {
    const schema = org.getObject(c.get('caller'), c.req.param('object'))
    const record = org.findRecord(c.get('caller'), schema.name, toLongId(c.req.param('id')))
    if (!record) return notFound()
    const fields = pickFields(schema, c.req.query('fields'))
    return jsonResponse(writeRecord(record, schema, { fields, version: c.get('version') }))
  })

  resources.get('/sobjects/:object/:id/:field', (c) => {
    // Neither is allowed inside composite requests (salesforce-api.md 3.8).
    if (c.env?.caller)
      return errorResponse(400, 'INVALID_INPUT', 'Blob retrieval is not supported in composite requests')
    const caller = c.get('caller')
    const schema = org.getObject(caller, c.req.param('object'))
    const id = toLongId(c.req.param('id'))
    const field = schema.fields.find(({ name }) => name.toLowerCase() === c.req.param('field').toLowerCase())
    const bytes = field?.type === 'base64' ? org.readBlob(caller, schema.name, id, field.name) : undefined
    if (!bytes) return notFound()
    const contentType = org.findRecord(caller, schema.name, id)?.ContentType
    return new Response(Uint8Array.from(bytes), {
      headers: {
        'Content-Type': typeof contentType === 'string' ? contentType : 'application/octetstream',
        'Content-Length': String(bytes.length),
      },
    })
  })

  for (const path of ['/sobjects', '/sobjects/:object/describe', '/sobjects/:object/:id/:field']) {
    resources.all(path, (c) => methodNotAllowed(c.req.method, 'GET,HEAD'))
  }
}

/** The fields that `?fields=` names, or all of them. */
function pickFields(schema: ObjectSchema, list: string | undefined): ObjectSchema['fields'] {
  if (list === undefined) return schema.fields
  const wanted = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const picked = wanted.map((name) => {
    const field = schema.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
    if (!field) throw new OrgError('INVALID_FIELD', `No such column '${name}' on sobject of type ${schema.name}`)
    return field
  })
  const idField = schema.fields.filter(({ name }) => name === 'Id')
  return [...new Set([...picked, ...idField])]
}
