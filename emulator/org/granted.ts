/** What a user's profile and permission sets add up to, read from the rows in which the org keeps them. */

import type { FieldValue } from './model.ts'
import { RIGHT_COLUMNS, type Right, withImplied } from './profiles.ts'
import type { Table } from './table.ts'

export interface Granted {
  /** System permissions by API name, without `Permissions`. */
  readonly permissions: ReadonlySet<string>
  /** By object: the rights that rows of object permissions give. */
  readonly objects: ReadonlyMap<string, ReadonlySet<Right>>
  /** By `Object.Field`: whether it may be edited, too. */
  readonly fields: ReadonlyMap<string, boolean>
}

const SOURCES = ['User', 'PermissionSet', 'PermissionSetAssignment', 'ObjectPermissions', 'FieldPermissions'] as const

/** Reads what users were granted; an answer is kept until a row that could change it does. */
export function createGranted(tables: ReadonlyMap<string, Table>) {
  const known = new Map<string, Granted | undefined>()
  let readAt = -1

  function version(): number {
    let sum = 0
    for (const name of SOURCES) sum += tables.get(name)?.version() ?? 0
    return sum
  }

  /** Undefined for who is not a user of the org: such a viewer is the org itself. */
  function grantedTo(userId: string): Granted | undefined {
    const current = version()
    if (current !== readAt) {
      known.clear()
      readAt = current
    }
    if (!known.has(userId)) known.set(userId, read(tables, userId))
    return known.get(userId)
  }

  return { grantedTo, version }
}

function read(tables: ReadonlyMap<string, Table>, userId: string): Granted | undefined {
  const users = tables.get('User')
  const slot = users?.slotOf(userId) ?? -1
  if (!users || slot < 0) return undefined
  const profileId = users.column('ProfileId')(slot)
  const sets = new Set<FieldValue>()
  for (const { value } of rows(tables, 'PermissionSet', ['ProfileId'])) {
    if (value('ProfileId') === profileId) sets.add(value('Id'))
  }
  for (const { value } of rows(tables, 'PermissionSetAssignment', ['AssigneeId', 'PermissionSetId'])) {
    if (value('AssigneeId') === userId) sets.add(value('PermissionSetId'))
  }
  return { permissions: permissionsOf(tables, sets), objects: objectsOf(tables, sets), fields: fieldsOf(tables, sets) }
}

function permissionsOf(tables: ReadonlyMap<string, Table>, sets: ReadonlySet<FieldValue>): ReadonlySet<string> {
  const columns = (tables.get('PermissionSet')?.schema.fields ?? [])
    .map(({ name }) => name)
    .filter((name) => name.startsWith('Permissions'))
  const permissions = new Set<string>()
  for (const { value } of rows(tables, 'PermissionSet', columns)) {
    if (!sets.has(value('Id'))) continue
    for (const column of columns) if (value(column) === true) permissions.add(column.slice('Permissions'.length))
  }
  return permissions
}

function objectsOf(tables: ReadonlyMap<string, Table>, sets: ReadonlySet<FieldValue>): Granted['objects'] {
  const rights = Object.entries(RIGHT_COLUMNS) as [Right, string][]
  const found = new Map<string, Set<Right>>()
  const columns = rights.map(([, column]) => column)
  for (const { value } of rows(tables, 'ObjectPermissions', ['ParentId', 'SobjectType', ...columns])) {
    if (!sets.has(value('ParentId'))) continue
    const objectName = String(value('SobjectType'))
    const held = found.get(objectName) ?? new Set()
    for (const [right, column] of rights) if (value(column) === true) held.add(right)
    found.set(objectName, held)
  }
  return new Map([...found].map(([name, held]) => [name, withImplied(held)]))
}

function fieldsOf(tables: ReadonlyMap<string, Table>, sets: ReadonlySet<FieldValue>): Granted['fields'] {
  const fields = new Map<string, boolean>()
  for (const { value } of rows(tables, 'FieldPermissions', [
    'ParentId',
    'Field',
    'PermissionsRead',
    'PermissionsEdit',
  ])) {
    if (!sets.has(value('ParentId')) || value('PermissionsRead') !== true) continue
    const path = String(value('Field'))
    fields.set(path, fields.get(path) === true || value('PermissionsEdit') === true)
  }
  return fields
}

/** The records of a small object. */
export function* rows(
  tables: ReadonlyMap<string, Table>,
  objectName: string,
  columns: readonly string[],
): Iterable<{ slot: number; value(column: string): FieldValue }> {
  const table = tables.get(objectName)
  if (!table) return
  const read = new Map(['Id', ...columns].map((name) => [name, table.column(name)]))
  for (let slot = 0; slot < table.slotCount(); slot++) {
    if (!table.exists(slot) || table.isDeleted(slot)) continue
    yield { slot, value: (column) => read.get(column)?.(slot) ?? null }
  }
}
