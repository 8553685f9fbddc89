/** Events over REST: publishing, and schemas by the id that an event names or by the event's name. */
import type { Context as EmulatorContext } from '../context.ts'
import { fieldsFromJson } from '../org/input.ts'
import { parseJsonBody } from '../rest/request-body.ts'
import { type Answer, type Call, json, missing, param, type Resource } from '../rest/resource.ts'
import { type EventSchema, expandedSchema } from './avro-schema.ts'
import { toolingResources } from './tooling.ts'

/**
 * `POST /sobjects/Order_Event__e` publishes; undefined for any other object. What is published goes its own way, which
 * the answer says in `errors` though nothing went wrong
 * (https://developer.salesforce.com/docs/atlas.en-us.platform_events.meta/platform_events/platform_events_publish_api.htm).
 */
export function publishEvent({ org, events }: EmulatorContext, call: Call): Answer | undefined {
  const eventName = param(call, 'object')
  if (!eventName.endsWith('__e')) return undefined
  const found = events.catalog.findPlatformEvent(eventName)
  if (!found) throw missing()
  const fields = fieldsFromJson(org, call.caller, found.object, parseJsonBody(call.body))
  const { id, uuid } = events.publish(call.caller, eventName, fields)
  return json({ id, success: true, errors: [{ statusCode: 'OPERATION_ENQUEUED', message: uuid, fields: [] }] }, 201)
}

/** https://developer.salesforce.com/docs/atlas.en-us.platform_events.meta/platform_events/platform_events_schema_restapi.htm */
export function eventResources(context: EmulatorContext): Resource[] {
  const { events } = context
  const answer = (call: Call, schema: EventSchema | undefined) => {
    if (!schema) throw missing()
    const isCompact = call.query.get('payloadFormat')?.toUpperCase() === 'COMPACT'
    // The id stands in the compact form only.
    return json(isCompact ? { ...(JSON.parse(schema.json) as object), uuid: schema.id } : expandedSchema(schema))
  }
  return [
    ...toolingResources(context),
    {
      path: 'event/eventSchema/:id',
      methods: { GET: (call) => answer(call, events.findSchema(param(call, 'id'))) },
    },
    {
      path: 'sobjects/:object/eventSchema',
      methods: { GET: (call) => answer(call, events.findEventSchema(param(call, 'object'))) },
    },
  ]
}
