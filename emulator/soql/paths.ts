/** Field paths: `Subject`, `Owner.Name`, `Contact.Account.Owner.Email`, from names in a query to values of a record. */

import { type FieldSchema, type FieldValue, type ObjectSchema, OrgError, type Viewer } from '../org/model.ts'
import type { Column } from '../org/table.ts'
import type { Database } from './database.ts'
import { noSuchColumn, noSuchRelationship } from './message.ts'

const MOST_PARENTS = 5

export interface BoundPath {
  /** With the names as the schema spells them. */
  readonly path: string
  readonly field: FieldSchema
  /** The value for the record in a slot of the object that the path starts from. */
  readonly value: Column
  /** The object that the value belongs to, for a given slot; undefined when a lookup on the way is empty. */
  readonly parentType: (slot: number) => string | undefined
}

/** What a query may ask of a record that could be one of several objects: Salesforce's `Name` object. */
const NAME_FIELDS = ['Id', 'Name', 'FirstName', 'LastName', 'Email', 'Phone', 'Title', 'Username', 'Alias', 'IsActive']

const typeField = (like: FieldSchema): FieldSchema => ({
  ...like,
  name: 'Type',
  type: 'picklist',
  relationshipName: null,
})

/** Finds a field whatever the case of its name. */
function findField(schema: ObjectSchema, name: string): FieldSchema | undefined {
  const lower = name.toLowerCase()
  return schema.fields.find((field) => field.name.toLowerCase() === lower)
}

/** Resolves a path for a viewer; throws INVALID_FIELD when a part of it isn't there for them. */
export function bindPath(db: Database, viewer: Viewer, schema: ObjectSchema, soql: string, path: string): BoundPath {
  const parts = path.split('.')
  if (parts.length > MOST_PARENTS + 1) {
    throw new OrgError('INVALID_FIELD', `${path}: at most ${MOST_PARENTS} levels of parents may be followed`)
  }
  return bindFrom(schema, parts)

  function bindFrom(from: ObjectSchema, rest: readonly string[]): BoundPath {
    const [first = '', ...more] = rest
    if (more.length === 0) return bindField(from, first)
    const lookup = from.fields.find((field) => field.relationshipName?.toLowerCase() === first.toLowerCase())
    if (!lookup?.relationshipName) throw noSuchRelationship(soql, path, first)
    const targets = lookup.referenceTo
      .map((name) => db.visibleObject(viewer, name))
      .filter((target) => target !== undefined)
    if (targets.length === 0) throw noSuchRelationship(soql, path, first)
    const [only] = targets
    const onward =
      lookup.referenceTo.length > 1 || only === undefined
        ? bindPolymorphic(lookup, targets, more)
        : new Map([[only.name, bindFrom(only, more)]])
    return follow(from, lookup, onward)
  }

  function bindField(from: ObjectSchema, name: string): BoundPath {
    const field = findField(from, name)
    if (!field) throw noSuchColumn(soql, path, name, from.name)
    const table = db.table(from.name)
    const value =
      field.type === 'address'
        ? addressColumn(from, field)
        : field.type === 'base64'
          ? blobColumn(from, field)
          : table.column(field.name)
    return { path: field.name, field, value, parentType: () => from.name }
  }

  function bindPolymorphic(lookup: FieldSchema, targets: readonly ObjectSchema[], more: readonly string[]) {
    const [name = '', ...tooMany] = more
    const known = [...NAME_FIELDS, 'Type'].find((field) => field.toLowerCase() === name.toLowerCase())
    if (tooMany.length > 0) throw noSuchRelationship(soql, path, name)
    if (!known) throw noSuchColumn(soql, path, name, 'Name')
    return new Map(
      targets.map((target): [string, BoundPath] => {
        const named = known === 'Name' ? target.fields.find((field) => field.nameField) : findField(target, known)
        if (known !== 'Type' && named) return [target.name, { ...bindField(target, named.name), path: known }]
        const constant: FieldValue = known === 'Type' ? target.name : null
        const parentType = () => target.name
        return [target.name, { path: known, field: typeField(lookup), value: () => constant, parentType }]
      }),
    )
  }

  function follow(from: ObjectSchema, lookup: FieldSchema, onward: ReadonlyMap<string, BoundPath>): BoundPath {
    const idColumn = db.table(from.name).column(lookup.name)
    const targets = [...onward].map(([name, bound]) => ({ table: db.table(name), bound }))
    const [first] = targets
    if (!first) throw noSuchRelationship(soql, path, lookup.relationshipName ?? '')
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
