/** What the user looked at lately: `/recent` and the `recentItems` of an object. */
import { OrgError } from '../org/model.ts'
import { type Call, json, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

const DEFAULT_ITEMS = 200

interface RecentItem {
  readonly attributes: { readonly type: string; readonly url: string }
  readonly Id: string
  readonly Name?: string
}

/** The live records that the caller viewed lately, newest first. */
export function recentItems(
  { org }: RestContext,
  call: Call,
  { objectName, limit = DEFAULT_ITEMS }: { objectName?: string; limit?: number },
): RecentItem[] {
  const items: RecentItem[] = []
  for (const viewed of org.listViewed(call.caller.userId)) {
    if (items.length >= limit) break
    if (objectName !== undefined && viewed.objectName !== objectName) continue
    const schema = org.listObjects(call.caller).find(({ name }) => name === viewed.objectName)
    const record = schema && org.findRecord(call.caller, schema.name, viewed.id)
    if (!schema || !record) continue
    const url = `/services/data/${call.version}/sobjects/${schema.name}/${viewed.id}`
    const name = schema.fields.find(({ nameField }) => nameField)
    items.push({
      attributes: { type: schema.name, url },
      Id: viewed.id,
      ...(name && { [name.name]: record[name.name] }),
    })
  }
  return items
}

/** `/recent`. */
export function recentResources(context: RestContext): Resource[] {
  return [
    {
      path: 'recent',
      methods: {
        GET(call) {
          const limit = Number(call.query.get('limit') ?? DEFAULT_ITEMS)
          if (!Number.isInteger(limit) || limit < 1) {
            throw new OrgError('ILLEGAL_QUERY_PARAMETER_VALUE', 'limit must be a positive number')
          }
          return json(recentItems(context, call, { limit: Math.min(limit, DEFAULT_ITEMS) }))
        },
      },
    },
  ]
}
