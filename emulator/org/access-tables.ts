/**
 * Objects whose records are worked out from what users may do: `UserPermissionAccess`, the asking user's own permissions
 * (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_userpermissionaccess.htm),
 * and `UserRecordAccess`, what a user may do with given records
 * (https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_userrecordaccess.htm).
 */

import { type Access, showRows } from './access.ts'
import type { FieldValue, Viewer } from './model.ts'
import type { Column, Table } from './table.ts'

/** Puts both objects in the place of their empty tables. */
export function addAccessTables(tables: Map<string, Table>, access: Access): void {
  const users = tables.get('User')
  if (!users) return
  const permissions = tables.get('UserPermissionAccess')
  if (permissions) tables.set('UserPermissionAccess', ownPermissions(permissions, { users, tables, access }))
  const records = tables.get('UserRecordAccess')
  if (records) tables.set('UserRecordAccess', recordAccess(records, { users, tables, access }))
}

interface Org {
  readonly users: Table
  readonly tables: ReadonlyMap<string, Table>
  readonly access: Access
}

/** A table that does some things differently. */
function withOwn(base: Table, own: Partial<Table>): Table {
  return Object.assign(Object.create(base), own)
}

/** One record for each user, which nobody else sees. */
function ownPermissions(base: Table, { users, tables, access }: Org): Table {
  const changedAt = users.column('SystemModstamp')
  const organization = tables.get('Organization')
  function column(name: string): Column {
    if (name === 'Id') return base.idOf
    if (name === 'LastCacheUpdate') {
      const orgChangedAt = organization?.column('SystemModstamp') ?? (() => null)
      return (slot) => Math.max(Number(changedAt(slot)), Number(orgChangedAt(0)))
    }
    const permission = name.replace(/^Permissions/, '')
    return (slot) => access.permissionsOf(users.idOf(slot)).has(permission)
  }
  const table = withOwn(base, { slotCount: users.slotCount, exists: users.exists, column })
  showRows(
    table,
    ({ userId }) =>
      (slot) =>
        users.idOf(slot) === userId,
  )
  return table
}

// A slot here is a user's, a table's and a record's in one number.
const RECORDS = 2 ** 25
const TABLES = 2 ** 10

const LEVELS = ['Read', 'Edit', 'Delete', 'Transfer', 'All'] as const
type Level = (typeof LEVELS)[number]

/** A record for each user and each record of the org, found by both ids only. */
function recordAccess(base: Table, { users, tables, access }: Org): Table {
  const names: string[] = []

  function placeOf(name: string): number {
    const known = names.indexOf(name)
    return known >= 0 ? known : names.push(name) - 1
  }

  function slotsOfRecord(user: number, id: string): readonly number[] {
    for (const [name, table] of tables) {
      const record = table.slotOf(id)
      if (record >= 0) return [(user * TABLES + placeOf(name)) * RECORDS + record]
    }
    return []
  }

  function partsOf(slot: number) {
    const above = Math.floor(slot / RECORDS)
    const name = names[above % TABLES] ?? ''
    return { user: Math.floor(above / TABLES), table: tables.get(name), record: slot % RECORDS }
  }

  function levelsOf(viewer: Viewer, table: Table, record: number): ReadonlySet<Level> {
    const { name, fields } = table.schema
    const levels = new Set<Level>()
    if (!access.mayReadRow(viewer, table, record)) return levels
    levels.add('Read')
    const mayChange = access.mayChangeRow(viewer, table, record)
    if (mayChange && access.may(viewer, name, 'edit')) levels.add('Edit')
    if (mayChange && access.may(viewer, name, 'delete')) levels.add('Delete')
    if (levels.has('Edit') && fields.some((field) => field.name === 'OwnerId')) levels.add('Transfer')
    if (levels.size === LEVELS.length - 1) levels.add('All')
    return levels
  }

  function exists(slot: number): boolean {
    const { user, table, record } = partsOf(slot)
    return users.exists(user) && table?.exists(record) === true && !table.isDeleted(record)
  }

  function column(name: string): Column {
    if (name === 'Id') return base.idOf
    if (name === 'UserId') return (slot) => users.idOf(partsOf(slot).user)
    if (name === 'RecordId') {
      return (slot) => {
        const { table, record } = partsOf(slot)
        return table?.idOf(record) ?? null
      }
    }
    const level = LEVELS.find((one) => name === `Has${one}Access`)
    return (slot): FieldValue => {
      const { user, table, record } = partsOf(slot)
      const userId = users.idOf(user)
      const viewer = { userId, permissions: access.permissionsOf(userId) }
      const levels = table ? levelsOf(viewer, table, record) : new Set<Level>()
      return level ? levels.has(level) : (LEVELS.findLast((one) => levels.has(one)) ?? 'None')
    }
  }

  const table = withOwn(base, {
    exists,
    column,
    slotsFor(facts) {
      const valuesOf = (wanted: string) =>
        facts.find(({ path, operator }) => path === wanted && ['=', 'IN'].includes(operator))?.values ?? []
      const user = users.slotOf(String(valuesOf('UserId')[0]))
      return user < 0 ? [] : valuesOf('RecordId').flatMap((id) => slotsOfRecord(user, String(id)))
    },
  })
  // "Records that the running user does not have read access to are filtered out of the results."
  showRows(table, (viewer) => (slot) => {
    const { table: of, record } = partsOf(slot)
    return of !== undefined && access.mayReadRow(viewer, of, record)
  })
  return table
}
