/** Field paths: `Subject`, `Owner.Name`, `Contact.Account.Owner.Email`, from names in a query to values of a record. */

import type { FieldSchema, FieldValue, ObjectSchema, Viewer } from '../org/model.ts'
import type { Column } from '../org/table.ts'
import type { Database } from './database.ts'
import { errorAt, noSuchColumn, noSuchRelationship } from './message.ts'

const MOST_PARENTS = 5

export interface BoundPath {
  /** With the names as the schema spells them. */
  readonly path: string
  readonly field: FieldSchema
  /** The object that the field belongs to; `Name` behind a lookup to several objects. */
  readonly objectName: string
  /** The last lookup that the path goes through. */
  readonly lookup?: FieldSchema
  /** The value for the record in a slot of the object that the path starts from. */
  readonly value: Column
  /** The object that the value belongs to, for a given slot; undefined when a lookup on the way is empty. */
  readonly parentType: (slot: number) => string | undefined
}

/**
 * What a query may ask of a record that could be one of several objects: the fields of Salesforce's `Name` object
 * (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_name.htm).
 */
const NAME_FIELDS = [
  'Id',
  'Name',
  'NameOrAlias',
  'FirstName',
  'LastName',
  'Email',
  'Phone',
  'Title',
  'Username',
  'Alias',
  'IsActive',
  'ProfileId',
  'UserRoleId',
  'RecordTypeId',
  'Type',
]
const NAME_RELATIONSHIPS = ['Profile', 'UserRole', 'RecordType']

/** Different for everybody who asks (salesforce-api.md 6.1). */
const VIEWED = new Set(['LastViewedDate', 'LastReferencedDate'])

const nameField = (like: FieldSchema, name: string): FieldSchema => ({
  ...like,
  name,
  type: name === 'Type' ? 'picklist' : 'string',
  picklistValues: [],
  relationshipName: null,
})

/** Finds a field whatever the case of its name. */
function findField(schema: ObjectSchema, name: string): FieldSchema | undefined {
  const lower = name.toLowerCase()
  return schema.fields.find((field) => field.name.toLowerCase() === lower)
}

/** Resolves a path for a viewer; throws INVALID_FIELD, pointing at `at`, when a part of it isn't there for them. */
export function bindPath(
  db: Database,
  viewer: Viewer,
  schema: ObjectSchema,
  soql: string,
  path: string,
  at = 0,
): BoundPath {
  const parts = path.split('.')
  if (parts.length > MOST_PARENTS + 1) {
    const reason = `SOQL queries can't traverse more than ${MOST_PARENTS} levels of parents: ${path}`
    throw errorAt(soql, at, 'INVALID_FIELD', reason)
  }
  return bindFrom(schema, parts)

  function bindFrom(from: ObjectSchema, rest: readonly string[]): BoundPath {
    const [first = '', ...more] = rest
    if (more.length === 0) return bindField(from, first)
    const lookup = from.fields.find((field) => field.relationshipName?.toLowerCase() === first.toLowerCase())
    if (!lookup?.relationshipName) throw noSuchRelationship(soql, at, first)
    const targets = lookup.referenceTo
      .map((name) => db.visibleObject(viewer, name))
      .filter((target) => target !== undefined)
    const [only] = targets
    if (!only) throw noSuchRelationship(soql, at, first)
    const onward =
      lookup.referenceTo.length > 1
        ? bindPolymorphic(lookup, targets, more)
        : new Map([[only.name, bindFrom(only, more)]])
    return follow(from, lookup, onward)
  }

  function bindField(from: ObjectSchema, name: string): BoundPath {
    const field = findField(from, name)
    if (!field) throw noSuchColumn(soql, at, name, from.name)
    const table = db.table(from.name)
    const value =
      field.type === 'address'
        ? addressColumn(from, field)
        : field.type === 'base64'
          ? blobColumn(from, field)
          : VIEWED.has(field.name)
            ? (slot: number) => db.viewedAt?.(viewer, table.idOf(slot)) ?? null
            : table.column(field.name)
    return { path: field.name, field, objectName: from.name, value, parentType: () => from.name }
  }

  function bindPolymorphic(lookup: FieldSchema, targets: readonly ObjectSchema[], more: readonly string[]) {
    const [name = ''] = more
    const known = NAME_FIELDS.find((field) => field.toLowerCase() === name.toLowerCase())
    const through = NAME_RELATIONSHIPS.some((relationship) => relationship.toLowerCase() === name.toLowerCase())
    if (more.length > 1 && !through) throw noSuchRelationship(soql, at, name)
    if (more.length === 1 && !known) throw noSuchColumn(soql, at, name, 'Name')
    const bound = targets.map((target): [string, BoundPath | undefined] => [
      target.name,
      more.length > 1 ? bindThrough(target, more) : bindName(lookup, target, known ?? ''),
    ])
    const [, sample] = bound.find(([, one]) => one !== undefined) ?? []
    if (!sample) throw noSuchRelationship(soql, at, name)
    const absent = (objectName: string): BoundPath => ({
      ...sample,
      objectName,
      value: () => null,
      parentType: () => (more.length > 1 ? undefined : objectName),
    })
    return new Map(bound.map(([target, one]): [string, BoundPath] => [target, one ?? absent(target)]))
  }

  /** `Owner.Profile.Name`: only users have a profile; of other owners the path is empty. */
  function bindThrough(target: ObjectSchema, more: readonly string[]): BoundPath | undefined {
    const has = target.fields.some((field) => field.relationshipName?.toLowerCase() === more[0]?.toLowerCase())
    return has ? bindFrom(target, more) : undefined
  }

  function bindName(lookup: FieldSchema, target: ObjectSchema, known: string): BoundPath {
    const named =
      known === 'Name'
        ? target.fields.find((field) => field.nameField)
        : known === 'NameOrAlias'
          ? (findField(target, 'Alias') ?? target.fields.find((field) => field.nameField))
          : known === 'Type'
            ? undefined
            : findField(target, known)
    if (named) return { ...bindField(target, named.name), path: known }
    const constant: FieldValue = known === 'Type' ? target.name : null
    const field = nameField(lookup, known)
    return { path: known, field, objectName: 'Name', value: () => constant, parentType: () => target.name }
  }

  function follow(from: ObjectSchema, lookup: FieldSchema, onward: ReadonlyMap<string, BoundPath>): BoundPath {
    const idColumn = db.table(from.name).column(lookup.name)
    const targets = [...onward].map(([name, bound]) => ({ table: db.table(name), bound }))
    const [first] = targets
    if (!first) throw noSuchRelationship(soql, at, lookup.relationshipName ?? '')
    const reach = (slot: number) => {
      const id = idColumn(slot)
      if (typeof id !== 'string') return undefined
      for (const { table, bound } of targets) {
        const parent = table.slotOf(id)
        if (parent >= 0) return { bound, parent }
      }
      return undefined
    }
    return {
      path: `${lookup.relationshipName}.${first.bound.path}`,
      field: first.bound.field,
      objectName: targets.length > 1 ? 'Name' : first.bound.objectName,
      lookup: first.bound.lookup ?? lookup,
      value(slot) {
        const reached = reach(slot)
        return reached === undefined ? null : reached.bound.value(reached.parent)
      },
      parentType(slot) {
        const reached = reach(slot)
        return reached?.bound.parentType(reached.parent)
      },
    }
  }

  /** A compound address: its components as the JSON text of the object that Salesforce answers. */
  function addressColumn(from: ObjectSchema, field: FieldSchema): Column {
    const prefix = field.name.slice(0, -'Address'.length)
    const table = db.table(from.name)
    const parts = from.fields
      .filter((part) => part.compoundFieldName === field.name)
      .map((part) => {
        const key = part.name.slice(prefix.length)
        return [`${key.charAt(0).toLowerCase()}${key.slice(1)}`, table.column(part.name)] as const
      })
    return (slot) => {
      const values = parts.map(([key, column]) => [key, column(slot)] as const)
      const empty = values.every(([key, value]) => value === null || key === 'geocodeAccuracy')
      return empty ? null : JSON.stringify(Object.fromEntries(values))
    }
  }

  function blobColumn(from: ObjectSchema, field: FieldSchema): Column {
    const table = db.table(from.name)
    return (slot) => `/sobjects/${from.name}/${table.idOf(slot)}/${field.name}`
  }
}
