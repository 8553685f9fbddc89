/** The objects of a practice org, from the files in `emulator/schema/`: one for each object. */

import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { addressFields, fieldOf, labelOf } from './fields.ts'
import type { FieldSchema, ObjectSchema, PicklistValue } from './model.ts'
import { isPermissionable } from './profiles.ts'
import { type FieldDefinition, type ObjectDefinition, readObjectDefinition } from './schema-file.ts'

export type Definitions = ReadonlyMap<string, ObjectDefinition>

/** Where the practice org's own schema files are. */
export const OWN_FOLDER = join(import.meta.dirname, '../schema')

/** Reads a folder of schema files; throws a RangeError that lists every fault by file and field. */
export function readSchemaFolder(folder: string): Definitions {
  const faults: string[] = []
  const found = new Map<string, ObjectDefinition>()
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    const path = join(folder, file)
    try {
      found.set(basename(file, '.json'), readObjectDefinition(path, JSON.parse(readFileSync(path, 'utf8'))))
    } catch (error) {
      if (error instanceof SyntaxError) faults.push(`${path}: ${error.message}`)
      else if (error instanceof RangeError) faults.push(error.message)
      else throw error
    }
  }
  if (faults.length > 0) throw new RangeError(faults.join('\n'))
  return found
}

/** The practice org's own objects. */
export const ownDefinitions: Definitions = readSchemaFolder(OWN_FOLDER)

/** A definition with another laid over it: what the other says about the object, and its fields, count. */
export function laidOver(below: ObjectDefinition, above: ObjectDefinition): ObjectDefinition {
  return { ...below, ...above, fields: { ...below.fields, ...above.fields } }
}

function pluralOf(label: string): string {
  if (label.endsWith('y')) return `${label.slice(0, -1)}ies`
  return label.endsWith('s') ? `${label}es` : `${label}s`
}

const isCustom = (name: string) => name.endsWith('__c')

function labelsOf(name: string, definition: ObjectDefinition): { label: string; labelPlural: string } {
  const label = definition.label ?? labelOf(isCustom(name) ? name : name.replaceAll('__', ' '))
  return { label, labelPlural: definition.labelPlural ?? pluralOf(label) }
}

/** The columns that every custom object has; one that is a detail of another has its master's owner. */
function fieldsOf(name: string, { fields = {} }: ObjectDefinition): { readonly [name: string]: FieldDefinition } {
  if (!isCustom(name)) return { Id: {}, ...fields }
  const isDetail = Object.values(fields).some(({ onDelete }) => onDelete === 'cascade')
  const owner: FieldDefinition = {
    type: 'reference',
    to: ['User', 'Group'],
    required: true,
    defaultedOnCreate: true,
  }
  const nameField: FieldDefinition = { type: 'string', length: 80, ...fields.Name, nameField: true }
  return {
    Id: {},
    ...(isDetail ? {} : { OwnerId: owner }),
    IsDeleted: {},
    ...fields,
    Name: nameField.autoNumber === undefined ? nameField : { ...nameField, required: true, defaultedOnCreate: true },
    CreatedDate: {},
    CreatedById: {},
    LastModifiedDate: {},
    LastModifiedById: {},
    SystemModstamp: {},
  }
}

function describeFields(objectName: string, definition: ObjectDefinition): readonly FieldSchema[] {
  const { labelPlural } = labelsOf(objectName, definition)
  return Object.entries(fieldsOf(objectName, definition)).flatMap(([name, given]): FieldSchema[] => {
    try {
      if (given.type === 'address') {
        const parts = Object.entries(addressFields(name)).map(([part, field]) => fieldOf(part, field))
        return [...parts, fieldOf(name, given)]
      }
      // A custom lookup's children are named for their object: `Site_Visits__r`.
      const isCustomLookup = given.type === 'reference' && isCustom(name) && given.child === undefined
      return [fieldOf(name, isCustomLookup ? { ...given, child: `${labelPlural.replaceAll(' ', '_')}__r` } : given)]
    } catch (error) {
      if (error instanceof RangeError) throw new RangeError(`${objectName}: ${error.message}`, { cause: error })
      throw error
    }
  })
}

function describeAlone(name: string, definition: ObjectDefinition): Omit<ObjectSchema, 'childRelationships'> {
  const fields = describeFields(name, definition)
  const has = (trait: 'createable' | 'updateable' | 'deletable' | 'queryable' | 'retrieveable' | 'replicateable') =>
    definition[trait] ?? true
  return {
    name,
    ...labelsOf(name, definition),
    keyPrefix: definition.keyPrefix ?? null,
    custom: definition.custom ?? isCustom(name),
    createable: has('createable'),
    updateable: has('updateable'),
    deletable: has('deletable'),
    queryable: has('queryable'),
    retrieveable: has('retrieveable'),
    replicateable: has('replicateable'),
    searchable: definition.searchable ?? true,
    mergeable: definition.mergeable ?? false,
    undeletable: definition.undeletable ?? fields.some((field) => field.name === 'IsDeleted'),
    bulk: definition.bulk ?? true,
    feedEnabled: definition.feedEnabled ?? false,
    customSetting: definition.customSetting ?? false,
    currency: definition.currency ?? isCustom(name),
    sharing: definition.sharing ?? 'ReadWrite',
    parent: definition.parent ?? null,
    seenWith: definition.seenWith ?? null,
    permissions: definition.permissions ?? isCustom(name),
    setup: definition.setup ?? false,
    fields,
  }
}

/** Describes objects, each with the child relationships that follow from all lookups. Throws where one leads nowhere. */
export function describeObjects(definitions: Definitions): ReadonlyMap<string, ObjectSchema> {
  const alone = [...definitions].map(([name, definition]) => describeAlone(name, definition))
  const children = new Map<string, ObjectSchema['childRelationships'][number][]>(alone.map(({ name }) => [name, []]))
  for (const { name, fields } of alone) {
    for (const field of fields) {
      for (const target of field.referenceTo) {
        const known = children.get(target)
        if (!known) throw new RangeError(`${name}.${field.name} points to ${target}, which is no object here`)
        known.push({
          childSObject: name,
          field: field.name,
          relationshipName: field.childRelationshipName ?? null,
          cascadeDelete: field.onDelete === 'cascade',
          restrictedDelete: field.onDelete === 'restrict',
        })
      }
    }
  }
  const known = new Map(
    alone.map((schema) => [schema.name, { ...schema, childRelationships: children.get(schema.name) ?? [] }]),
  )
  for (const [name, { fields = {} }] of definitions) {
    const schema = known.get(name)
    const chosen = Object.entries(fields).filter(([, { choices }]) => choices !== undefined)
    if (!schema || chosen.length === 0) continue
    const values = new Map(chosen.map(([field, { choices }]) => [field, choicesAmong(known, choices === 'fields')]))
    const filled = schema.fields.map((field) => ({
      ...field,
      picklistValues: values.get(field.name) ?? field.picklistValues,
    }))
    known.set(name, { ...schema, fields: filled })
  }
  return known
}

function choicesAmong(schemas: ReadonlyMap<string, ObjectSchema>, fields: boolean): readonly PicklistValue[] {
  const values = [...schemas.values()].flatMap((schema) => {
    if (!fields) return schema.setup ? [] : [schema.name]
    return schema.fields.filter((field) => isPermissionable(schema, field)).map(({ name }) => `${schema.name}.${name}`)
  })
  return values.map((value) => ({ value, label: value, active: true, defaultValue: false }))
}

/** The practice org's own objects by name, as an administrator's describe shows them. */
export const objectSchemas: ReadonlyMap<string, ObjectSchema> = describeObjects(ownDefinitions)

/** The choices of one of the practice org's own picklists, in order. */
export function choicesOf(objectName: string, fieldName: string): readonly string[] {
  const field = objectSchemas.get(objectName)?.fields.find(({ name }) => name === fieldName)
  return (field?.picklistValues ?? []).map(({ value }: PicklistValue) => value)
}
