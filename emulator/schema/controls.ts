/** Control calls for the schema and for who may see and do what. */

import { z } from 'zod'
import { getUserByName } from '../context.ts'
import type { OnControl } from '../control-calls.ts'
import type { AccessChange, Org, SchemaChange } from '../org/model.ts'
import { fieldDefinition, objectDefinition } from '../org/schema-file.ts'

const name = z.string().min(1)
const value = z.union([z.string(), z.number(), z.boolean(), z.null()])

const schemaChange = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('add-object'), object: name, definition: objectDefinition }),
  z.strictObject({
    kind: z.literal('change-object'),
    object: name,
    definition: objectDefinition.omit({ fields: true, keyPrefix: true }),
  }),
  z.strictObject({ kind: z.literal('remove-object'), object: name }),
  z.strictObject({
    kind: z.literal('add-field'),
    object: name,
    field: name,
    definition: fieldDefinition,
    value: value.optional(),
  }),
  z.strictObject({
    kind: z.literal('change-field'),
    object: name,
    field: name,
    definition: fieldDefinition.default({}),
    rename: name.optional(),
  }),
  z.strictObject({ kind: z.literal('remove-field'), object: name, field: name }),
]) satisfies z.ZodType<SchemaChange>

const right = z.boolean().optional()
const accessChange = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('add-permission-set'), permissionSet: name, label: name.optional() }),
  z.strictObject({
    kind: z.literal('object'),
    permissionSet: name,
    object: name,
    rights: z.strictObject({
      read: right,
      create: right,
      edit: right,
      delete: right,
      viewAll: right,
      modifyAll: right,
    }),
  }),
  z.strictObject({
    kind: z.literal('field'),
    permissionSet: name,
    object: name,
    field: name,
    read: z.boolean(),
    edit: right,
  }),
  z.strictObject({ kind: z.literal('permission'), permissionSet: name, permission: name, granted: z.boolean() }),
  z.strictObject({ kind: z.literal('assignment'), permissionSet: name, username: name, assigned: z.boolean() }),
  z.strictObject({
    kind: z.literal('org-wide-default'),
    object: name,
    sharing: z.enum(['Private', 'Read', 'ReadWrite', 'ControlledByParent']),
  }),
  z.strictObject({
    kind: z.literal('share'),
    object: name,
    id: name,
    userOrGroupId: name,
    access: z.enum(['Read', 'Edit', 'None']),
  }),
])

/** `schema` and `access`: what an administrator does in Setup. */
export function schemaControls(on: OnControl, org: Org): void {
  on(
    'schema',
    schemaChange,
    {
      what: 'Add, change or remove an object or a field, in the form of the files in emulator/schema',
      example: {
        kind: 'add-field',
        object: 'Case',
        field: 'Region__c',
        definition: { type: 'picklist', values: ['North', 'South'] },
        value: 'North',
      },
    },
    (change) => org.changeSchema(change),
  )
  on(
    'access',
    accessChange,
    {
      what: 'Change a profile, a permission set, its assignment, an org-wide default, or share a record',
      example: {
        kind: 'object',
        permissionSet: 'Support Agent',
        object: 'Opportunity',
        rights: { read: true, viewAll: true },
      },
    },
    (change) => org.changeAccess(withUserId(org, change)),
  )
}

function withUserId(org: Org, change: z.infer<typeof accessChange>): AccessChange {
  if (change.kind !== 'assignment') return change
  const { username, ...rest } = change
  return { ...rest, userId: getUserByName(org, username).userId }
}
