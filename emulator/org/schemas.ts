/** Every object of the practice org, with the child relationships that follow from the lookups. */

import type { ObjectDefinition } from './fields.ts'
import type { ObjectSchema } from './model.ts'
import { contentObjects } from './schema-content.ts'
import { customerObjects } from './schema-customers.ts'
import { peopleObjects } from './schema-people.ts'
import { salesObjects } from './schema-sales.ts'
import { serviceObjects } from './schema-service.ts'

const definitions: readonly ObjectDefinition[] = [
  ...peopleObjects,
  ...customerObjects,
  ...serviceObjects,
  ...salesObjects,
  ...contentObjects,
]

function childRelationshipsOf(parent: string): ObjectSchema['childRelationships'] {
  return definitions.flatMap(({ schema, childNames, masters }) =>
    schema.fields
      .filter((field) => field.referenceTo.includes(parent))
      .map((field) => ({
        childSObject: schema.name,
        field: field.name,
        relationshipName: childNames[field.name] ?? null,
        cascadeDelete: masters.includes(field.name),
      })),
  )
}

/** The objects by name, as an administrator's describe shows them. */
export const objectSchemas: ReadonlyMap<string, ObjectSchema> = new Map(
  definitions.map(({ schema }) => [schema.name, { ...schema, childRelationships: childRelationshipsOf(schema.name) }]),
)
