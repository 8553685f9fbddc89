/** Who may see and do what: objects, fields and records, for each user. */

import { createGranted, type Granted, rows } from './granted.ts'
import {
  type FieldSchema,
  type ObjectRight,
  type ObjectSchema,
  OrgError,
  type RecordTypeInfo,
  type Viewer,
} from './model.ts'
import { governorOf, isPermissionable, type Right } from './profiles.ts'
import { createSharing, type RowFilter } from './sharing.ts'
import type { Table } from './table.ts'

export interface Access {
  /** The object as the viewer sees it, whatever the case of its name; undefined when it isn't there for them. */
  visibleObject(viewer: Viewer, name: string): ObjectSchema | undefined
  visibleObjects(viewer: Viewer): readonly ObjectSchema[]
  /** The system permissions of a user's profile and permission sets. */
  permissionsOf(userId: string): ReadonlySet<string>
  may(viewer: Viewer, objectName: string, right: ObjectRight): boolean
  mayEditField(viewer: Viewer, objectName: string, field: string): boolean
  mayReadRow(viewer: Viewer, table: Table, slot: number): boolean
  /** Whether a record that the viewer sees may be edited or deleted by them. */
  mayChangeRow(viewer: Viewer, table: Table, slot: number): boolean
  hideObject(userId: string, objectName: string): void
  showObject(userId: string, objectName: string): void
  hideField(userId: string, objectName: string, fieldName: string): void
  showField(userId: string, objectName: string, fieldName: string): void
}

/** Who sees which rows, by table: a query has only the table at hand. */
const sharingOf = new WeakMap<Table, (viewer: Viewer) => RowFilter | undefined>()

/** Which of an object's records the viewer sees, by slot; undefined for all of them. */
export function rowFilter(viewer: Viewer, table: Table): RowFilter | undefined {
  return sharingOf.get(table)?.(viewer)
}

/** Lets a table have a rule of its own for who sees which of its records. */
export function showRows(table: Table, filter: (viewer: Viewer) => RowFilter): void {
  sharingOf.set(table, filter)
}

const WRITES = { create: 'createable', edit: 'updateable', delete: 'deletable' } as const
const ACTIVITY_PERMISSIONS: { readonly [objectName: string]: string } = { Task: 'EditTask', Event: 'EditEvent' }
const NOTHING: ReadonlySet<Right> = new Set()

/** Access over an org's tables. `unseen` is kept from a user on top of what their permissions say. */
export function createAccess(
  tables: ReadonlyMap<string, Table>,
  unseen: readonly { readonly userId: string; readonly objectName: string }[],
): Access {
  const { grantedTo, version } = createGranted(tables)
  // What was hidden from or shown to single users, by `Object` or `Object.Field`.
  const overrides = new Map<string, Map<string, boolean>>()
  const seen = new Map<string, { of: ObjectSchema; at: number; schema: ObjectSchema | undefined }>()
  let names = new Map<string, string>()
  let overridden = 0
  for (const { userId, objectName } of unseen) override(userId, objectName, false)

  function override(userId: string, path: string, isShown: boolean): void {
    const own = overrides.get(userId) ?? new Map<string, boolean>()
    overrides.set(userId, own.set(path, isShown))
    overridden++
  }

  const schemas = { get: (name: string) => tables.get(name)?.schema } as ReadonlyMap<string, ObjectSchema>

  function tableNamed(name: string): Table | undefined {
    const exact = tables.get(name)
    if (exact) return exact
    if (names.size !== tables.size) names = new Map([...tables.keys()].map((known) => [known.toLowerCase(), known]))
    const table = tables.get(names.get(name.toLowerCase()) ?? '')
    return table
  }

  /** The rights that a user's rows give on a governed object. */
  function rightsOn(granted: Granted, objectName: string): ReadonlySet<Right> {
    if (granted.permissions.has('ModifyAllData')) {
      return new Set(['read', 'create', 'edit', 'delete', 'viewAll', 'modifyAll'])
    }
    const held = granted.objects.get(objectName) ?? NOTHING
    return granted.permissions.has('ViewAllData') ? new Set([...held, 'read', 'viewAll']) : held
  }

  function maySee(userId: string, schema: ObjectSchema): boolean {
    const shown = overrides.get(userId)?.get(schema.name)
    if (shown !== undefined) return shown
    const granted = grantedTo(userId)
    if (!granted || schema.permissions) return !granted || rightsOn(granted, schema.name).has('read')
    const above = schema.seenWith === null ? undefined : tables.get(schema.seenWith)?.schema
    if (above) return maySee(userId, above)
    const targets = schema.fields.find(({ name }) => name === schema.parent)?.referenceTo ?? []
    return targets.length === 0 || targets.some((name) => seesObject(userId, name))
  }

  function seesObject(userId: string, objectName: string): boolean {
    const schema = tables.get(objectName)?.schema
    return schema !== undefined && maySee(userId, schema)
  }

  function mayWrite(userId: string, schema: ObjectSchema, right: 'create' | 'edit' | 'delete'): boolean {
    if (!schema[WRITES[right]]) return false
    const granted = grantedTo(userId)
    // An object shown to a user in spite of their permissions is shown whole.
    if (!granted || overrides.get(userId)?.get(schema.name) === true) return true
    if (granted.permissions.has('ModifyAllData')) return true
    if (schema.setup) return granted.permissions.has('ManageUsers')
    const needed = ACTIVITY_PERMISSIONS[schema.name]
    if (needed) return granted.permissions.has(needed)
    const governor = governorOf(schemas, schema)
    if (governor === undefined) return true
    // A detail is changed with the right to edit its master.
    return rightsOn(granted, governor).has(governor === schema.name ? right : 'edit')
  }

  function fieldFor(
    userId: string,
    schema: ObjectSchema,
    field: FieldSchema,
    canEdit: boolean,
  ): FieldSchema | undefined {
    const granted = grantedTo(userId)
    const compound = schema.fields.find(({ name }) => name === field.compoundFieldName)
    const governing = compound && isPermissionable(schema, compound) ? compound : field
    const own = overrides.get(userId)
    const shown = own?.get(`${schema.name}.${field.name}`)
    if (shown === false) return undefined
    if (!granted || shown === true || !isPermissionable(schema, governing)) return locked(field, canEdit)
    const edit = granted.fields.get(`${schema.name}.${governing.name}`)
    if (edit === undefined) return own?.get(schema.name) === true ? field : undefined
    // The components of an address are edited, the address itself never is.
    return locked(field, canEdit && (edit || governing !== field))
  }

  function visible(userId: string, table: Table): ObjectSchema | undefined {
    const { schema } = table
    const at = version() + overridden + (tables.get('RecordType')?.version() ?? 0)
    const key = `${userId} ${schema.name}`
    const known = seen.get(key)
    if (known && known.of === schema && known.at === at) return known.schema
    const shown = maySee(userId, schema) ? shownTo(userId, schema) : undefined
    seen.set(key, { of: schema, at, schema: shown })
    return shown
  }

  function shownTo(userId: string, schema: ObjectSchema): ObjectSchema {
    const updateable = mayWrite(userId, schema, 'edit')
    const createable = mayWrite(userId, schema, 'create')
    const fields = schema.fields
      .map((field) => fieldFor(userId, schema, field, updateable || createable))
      .filter((field) => field !== undefined)
    const recordTypes = recordTypesOf(tables, schema.name)
    return {
      ...schema,
      createable,
      updateable,
      deletable: mayWrite(userId, schema, 'delete'),
      fields,
      recordTypes,
      // A lookup stays when its target is hidden, as in Salesforce: the id is seen, what lies behind it is not.
      childRelationships: schema.childRelationships.filter(({ childSObject, field }) => {
        const child = tables.get(childSObject)?.schema
        const lookup = child?.fields.find(({ name }) => name === field)
        return child && lookup && maySee(userId, child) && fieldFor(userId, child, lookup, true)
      }),
    }
  }

  const sharing = createSharing({
    tables,
    seesObject: (viewer, objectName) => seesObject(viewer.userId, objectName),
    seesAll({ userId, permissions }, objectName, level) {
      if (permissions.has('ModifyAllData') || (level === 'read' && permissions.has('ViewAllData'))) return true
      const granted = grantedTo(userId)
      if (!granted) return true
      return rightsOn(granted, objectName).has(level === 'read' ? 'viewAll' : 'modifyAll')
    },
  })

  function schemaFor(viewer: Viewer, objectName: string): ObjectSchema | undefined {
    const table = tableNamed(objectName)
    if (!table) return undefined
    // Every table that anybody gets at passes through here.
    if (!sharingOf.has(table)) sharingOf.set(table, (asking) => sharing.filter(asking, table, 'read'))
    return visible(viewer.userId, table)
  }

  function set(userId: string, objectName: string, fieldName: string | undefined, isShown: boolean): void {
    if (!tables.has(objectName)) throw new OrgError('NOT_FOUND', `There is no object ${objectName}`, 404)
    override(userId, fieldName === undefined ? objectName : `${objectName}.${fieldName}`, isShown)
  }

  return {
    visibleObject: schemaFor,
    visibleObjects: (viewer) =>
      [...tables.keys()]
        .map((name) => schemaFor(viewer, name))
        .filter((schema) => schema !== undefined)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    permissionsOf: (userId) => grantedTo(userId)?.permissions ?? new Set(),
    may(viewer, objectName, right) {
      const schema = schemaFor(viewer, objectName)
      if (!schema) return false
      if (right === 'create' || right === 'edit' || right === 'delete') return schema[WRITES[right]]
      const granted = grantedTo(viewer.userId)
      return !granted || rightsOn(granted, governorOf(schemas, schema) ?? schema.name).has(right)
    },
    mayEditField: (viewer, objectName, fieldName) =>
      schemaFor(viewer, objectName)?.fields.find(({ name }) => name === fieldName)?.updateable ?? false,
    mayReadRow(viewer, table, slot) {
      if (!schemaFor(viewer, table.schema.name)) return false
      return rowFilter(viewer, table)?.(slot) ?? true
    },
    mayChangeRow(viewer, table, slot) {
      return sharing.filter(viewer, table, 'edit')?.(slot) ?? true
    },
    hideObject: (userId, objectName) => set(userId, objectName, undefined, false),
    showObject: (userId, objectName) => set(userId, objectName, undefined, true),
    hideField: (userId, objectName, fieldName) => set(userId, objectName, fieldName, false),
    showField: (userId, objectName, fieldName) => set(userId, objectName, fieldName, true),
  }
}

function locked(field: FieldSchema, canEdit: boolean): FieldSchema {
  return canEdit || !(field.createable || field.updateable) ? field : { ...field, createable: false, updateable: false }
}

function recordTypesOf(tables: ReadonlyMap<string, Table>, objectName: string): readonly RecordTypeInfo[] {
  const columns = ['Name', 'DeveloperName', 'SobjectType', 'IsActive']
  const found = Array.from(rows(tables, 'RecordType', columns), ({ value }) => ({
    objectName: value('SobjectType'),
    id: String(value('Id')),
    name: String(value('Name')),
    developerName: String(value('DeveloperName')),
    active: value('IsActive') === true,
  })).filter((type) => type.objectName === objectName)
  const first = found.find(({ active }) => active)
  return found.map(({ id, name, developerName, active }) => {
    const isDefault = id === first?.id
    return { id, name, developerName, active, available: active, isDefault }
  })
}
