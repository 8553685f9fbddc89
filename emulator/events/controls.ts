/** The control calls about events: what is captured, which channels and platform events there are, and gaps at will. */
import { z } from 'zod'
import type { OnControl } from '../control-calls.ts'
import { channelSchema, managedSubscriptionSchema, platformEventDefinition } from './catalog.ts'
import type { EventBus } from './event-bus.ts'

/** What an administrator does under Change Data Capture and Platform Events in Setup, and what goes wrong with events. */
export function eventControls(on: OnControl, bus: EventBus): void {
  on(
    'events/entities',
    z.strictObject({ entities: z.array(z.string()), addOn: z.boolean().optional() }),
    {
      what: 'Select the objects whose changes are captured: five at most, or any number with the add-on',
      example: { entities: ['Case', 'Contact', 'Task'], addOn: false },
    },
    ({ entities, addOn }) => {
      bus.catalog.selectEntities(entities, addOn)
      return { topics: bus.catalog.listTopics() }
    },
  )
  on(
    'events/channels',
    channelSchema,
    {
      what: 'Make a custom channel, or give it other members',
      example: { name: 'Support__chn', members: ['Case', 'EmailMessage'] },
    },
    (channel) => {
      bus.catalog.putChannel(channel)
      return { topics: bus.catalog.listTopics() }
    },
  )
  on(
    'events/platform-events',
    platformEventDefinition,
    {
      what: 'Define a platform event, or change its fields',
      example: { name: 'Low_Ink__e', fields: { Printer_Model__c: 'string', Ink_Percentage__c: 'double' } },
    },
    (event) => {
      bus.catalog.putPlatformEvent(event)
      return { topics: bus.catalog.listTopics() }
    },
  )
  on(
    'events/managed-subscriptions',
    managedSubscriptionSchema,
    {
      what: 'Make a managed event subscription, whose replay position the org keeps',
      example: { developerName: 'Orders', topicName: '/event/Order_Event__e', defaultReplay: 'EARLIEST' },
    },
    (subscription) => bus.catalog.putManagedSubscription(subscription),
  )
  on(
    'events/gap',
    z.strictObject({
      object: z.string(),
      recordIds: z.array(z.string()).default([]),
      changeType: z.enum(['GAP_CREATE', 'GAP_UPDATE', 'GAP_DELETE', 'GAP_UNDELETE', 'GAP_OVERFLOW']),
    }),
    {
      what: 'Publish a gap or overflow event now, as if a change could not be told in full',
      example: { object: 'Case', changeType: 'GAP_OVERFLOW' },
    },
    ({ object, changeType, recordIds }) => bus.publishGap(object, changeType, recordIds),
  )
  on(
    'events/keep-alive',
    z.unknown(),
    { what: 'Send an empty batch with the latest replay id on every waiting Pub/Sub stream now', example: {} },
    () => bus.tellStreams('keep-alive'),
  )
  on(
    'events/break-streams',
    z.unknown(),
    { what: 'End every open event stream as Salesforce does when it is unavailable', example: {} },
    () => bus.tellStreams('break'),
  )
}
