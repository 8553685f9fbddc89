/**
 * Records with their children in one call, all or none: `/composite/tree/{object}` (salesforce-api.md 3.8,
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobject_tree.htm).
 */
import { z } from 'zod'
import { type ObjectSchema, OrgError } from '../org/model.ts'
import { writeOptionsOf } from './call-headers.ts'
import { errorOf } from './collections.ts'
import { createRecord } from './records.ts'
import { isJsonObject, type JsonObject, readInput } from './request-body.ts'
import { type Answer, type Call, json, param, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

const MOST_RECORDS = 200
const MOST_LEVELS = 5
const MOST_OBJECTS = 5

const recordSchema = z.looseObject({ attributes: z.looseObject({ type: z.string(), referenceId: z.string() }) })
const treeSchema = z.object({ records: z.array(recordSchema) })

/** A record of the tree, with the parent that it is created under. */
interface Node {
  readonly referenceId: string
  readonly schema: ObjectSchema
  readonly fields: JsonObject
  readonly parent?: { readonly referenceId: string; readonly field: string }
}

/** `/composite/tree/{object}`. */
export function treeResources(context: RestContext): Resource[] {
  const { org } = context

  /** The tree as a list, level by level: a parent comes before its children. */
  function listNodes(call: Call, records: readonly z.infer<typeof recordSchema>[]): Node[] {
    const nodes: Node[] = []
    let level = records.map((record) => ({ record, parent: undefined as Node['parent'] }))
    for (let depth = 0; level.length > 0; depth += 1) {
      if (depth >= MOST_LEVELS) throw badTree(`The tree is more than ${MOST_LEVELS} levels deep`)
      const next: typeof level = []
      for (const { record, parent } of level) {
        const { type, referenceId } = record.attributes
        const schema = org.getObject(call.caller, type)
        const fields: Record<string, unknown> = {}
        for (const [name, value] of Object.entries(record)) {
          const children = findChildren(schema, name, value)
          if (!children) fields[name] = value
          else
            next.push(
              ...children.records.map((child) => ({ record: child, parent: { referenceId, field: children.field } })),
            )
        }
        nodes.push({ referenceId, schema, fields, ...(parent && { parent }) })
      }
      level = next
    }
    return nodes
  }

  function plant(call: Call): Answer {
    const { records } = readInput(call.body, treeSchema)
    const root = org.getObject(call.caller, param(call, 'object'))
    if (records.some(({ attributes }) => attributes.type.toLowerCase() !== root.name.toLowerCase())) {
      throw badTree(`The records of the tree must be of type ${root.name}`)
    }
    const nodes = listNodes(call, records)
    checkSize(nodes)
    const twice = nodes.filter((node) =>
      nodes.some((other) => other !== node && other.referenceId === node.referenceId),
    )
    if (twice.length > 0) {
      const errors = [errorOf(badTree('Duplicate ReferenceId provided in the request.'))]
      return json({ hasErrors: true, results: twice.map(({ referenceId }) => ({ referenceId, errors })) }, 400)
    }
    const ids = new Map<string, string>()
    let at = ''
    try {
      org.transaction(() => {
        for (const { referenceId, schema, fields, parent } of nodes) {
          at = referenceId
          const lookup = parent && { [parent.field]: ids.get(parent.referenceId) }
          ids.set(referenceId, createRecord(context, call, schema, { ...fields, ...lookup }))
        }
      }, writeOptionsOf(call))
    } catch (error) {
      const results = [{ referenceId: at, errors: [errorOf(error)] }]
      return json({ hasErrors: true, results }, 400)
    }
    return json(
      { hasErrors: false, results: nodes.map(({ referenceId }) => ({ referenceId, id: ids.get(referenceId) })) },
      201,
    )
  }

  return [{ path: 'composite/tree/:object', since: 34, methods: { POST: plant } }]
}

/** The records under a child relationship's name. */
function findChildren(schema: ObjectSchema, name: string, value: unknown) {
  const relationship = schema.childRelationships.find(
    ({ relationshipName }) => relationshipName?.toLowerCase() === name.toLowerCase(),
  )
  if (!relationship || !isJsonObject(value)) return undefined
  const { records } = readInput({ kind: 'value', value }, treeSchema)
  return { field: relationship.field, records }
}

function checkSize(nodes: readonly Node[]): void {
  if (nodes.length > MOST_RECORDS) throw badTree(`The tree has more than ${MOST_RECORDS} records`)
  if (new Set(nodes.map(({ schema }) => schema.name)).size > MOST_OBJECTS) {
    throw badTree(`The tree has records of more than ${MOST_OBJECTS} types`)
  }
}

function badTree(message: string): OrgError {
  return new OrgError('INVALID_INPUT', message)
}
