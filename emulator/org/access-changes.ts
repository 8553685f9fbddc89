/** What an administrator does to permissions and sharing: each act becomes the rows in which Salesforce keeps it. */

import { rows } from './granted.ts'
import type { AccessChange, FieldValue, Org, RecordFields, SchemaChange } from './model.ts'
import { isPermissionable, isWritable, RIGHT_COLUMNS, type Right, rightFields, withImplied } from './profiles.ts'
import { shareTableOf } from './sharing.ts'
import type { Table } from './table.ts'

interface AccessContext {
  readonly tables: ReadonlyMap<string, Table>
  readonly writes: Pick<Org, 'create' | 'update' | 'hardDelete' | 'transaction'>
  readonly adminId: string
  changeSchema(change: SchemaChange): void
}

/** Makes one change; throws a RangeError when it names what isn't there. */
export function applyAccessChange(context: AccessContext, change: AccessChange): void {
  const { tables, writes, adminId } = context

  function create(objectName: string, fields: RecordFields): void {
    writes.create(adminId, objectName, fields, { asSystem: true })
  }

  /** Sets the row that matches, makes it, or (without fields) takes it away. */
  function put(objectName: string, match: RecordFields, fields: RecordFields | undefined): void {
    const found = findRow(tables, objectName, match)
    if (fields === undefined) {
      if (found !== undefined) writes.hardDelete(adminId, objectName, found)
    } else if (found === undefined) create(objectName, { ...match, ...fields })
    else writes.update(adminId, objectName, found, fields, { asSystem: true })
  }

  switch (change.kind) {
    case 'add-permission-set': {
      const { permissionSet: name, label = name } = change
      if (findRow(tables, 'PermissionSet', { Name: name })) throw new RangeError(`There is a permission set ${name}`)
      create('PermissionSet', { Name: name, Label: label, IsOwnedByProfile: false, IsCustom: true, Type: 'Regular' })
      return
    }
    case 'object': {
      const schema = schemaOf(tables, change.object)
      if (!schema.permissions)
        throw new RangeError(`${change.object} has no permissions of its own: it goes with others`)
      const match = { ParentId: permissionSetId(tables, change.permissionSet), SobjectType: schema.name }
      const held = new Set<Right>()
      const table = tables.get('ObjectPermissions')
      const slot = table?.slotOf(findRow(tables, 'ObjectPermissions', match) ?? '') ?? -1
      for (const [right, column] of Object.entries(RIGHT_COLUMNS) as [Right, string][]) {
        const has = change.rights[right] ?? (slot >= 0 && table?.column(column)(slot) === true)
        if (has) held.add(right)
      }
      // Without read, nothing else is left.
      const rights = change.rights.read === false ? new Set<Right>() : withImplied(held)
      put('ObjectPermissions', match, rights.size === 0 ? undefined : rightFields(rights))
      return
    }
    case 'field': {
      const schema = schemaOf(tables, change.object)
      const field = schema.fields.find(({ name }) => name === change.field)
      if (!field) throw new RangeError(`${change.object} has no field ${change.field}`)
      if (!isPermissionable(schema, field)) {
        throw new RangeError(`${change.object}.${change.field} can't be hidden: everyone who sees the object sees it`)
      }
      const path = `${schema.name}.${field.name}`
      const match = { ParentId: permissionSetId(tables, change.permissionSet), SobjectType: schema.name, Field: path }
      const edit = (change.edit ?? false) && isWritable(field)
      put('FieldPermissions', match, change.read ? { PermissionsRead: true, PermissionsEdit: edit } : undefined)
      return
    }
    case 'permission': {
      const column = `Permissions${change.permission}`
      const known = schemaOf(tables, 'PermissionSet').fields.some(({ name }) => name === column)
      if (!known) throw new RangeError(`The practice org knows no permission ${change.permission}`)
      const id = permissionSetId(tables, change.permissionSet)
      writes.update(adminId, 'PermissionSet', id, { [column]: change.granted }, { asSystem: true })
      return
    }
    case 'assignment': {
      const match = { AssigneeId: change.userId, PermissionSetId: permissionSetId(tables, change.permissionSet) }
      put('PermissionSetAssignment', match, change.assigned ? { IsActive: true } : undefined)
      return
    }
    case 'org-wide-default':
      schemaOf(tables, change.object)
      context.changeSchema({ kind: 'change-object', object: change.object, definition: { sharing: change.sharing } })
      return
    case 'share': {
      const table = tables.get(change.object)
      const share = table && shareTableOf(tables, table)
      if (!table || !share) throw new RangeError(`${change.object} can't be shared record by record`)
      if (table.slotOf(change.id) < 0) throw new RangeError(`There is no ${change.object} ${change.id}`)
      const match = { [share.parentField]: change.id, UserOrGroupId: change.userOrGroupId, RowCause: 'Manual' }
      const fields = change.access === 'None' ? undefined : { [share.levelField]: change.access }
      put(share.table.schema.name, match, fields)
      return
    }
  }
}

function schemaOf(tables: ReadonlyMap<string, Table>, objectName: string) {
  const schema = tables.get(objectName)?.schema
  if (!schema) throw new RangeError(`There is no object ${objectName}`)
  return schema
}

/** The id of a permission set, named by its own name or label, or by the profile that owns it. */
function permissionSetId(tables: ReadonlyMap<string, Table>, name: string): string {
  for (const { value } of rows(tables, 'PermissionSet', ['Name', 'Label'])) {
    if (value('Name') === name || value('Label') === name) return String(value('Id'))
  }
  const known = Array.from(rows(tables, 'PermissionSet', ['Label']), ({ value }) => value('Label')).join(', ')
  throw new RangeError(`There is no profile or permission set "${name}"; there are ${known}`)
}

function findRow(tables: ReadonlyMap<string, Table>, objectName: string, match: RecordFields): string | undefined {
  const wanted: [string, FieldValue][] = Object.entries(match)
  for (const { value } of rows(tables, objectName, Object.keys(match))) {
    if (wanted.every(([column, expected]) => value(column) === expected)) return String(value('Id'))
  }
  return undefined
}
