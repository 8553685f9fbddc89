/**
 * Which records a user sees of an object that isn't everybody's: their own, those of people below them in the role
 * hierarchy and of their queues, and what was shared with them
 * (https://help.salesforce.com/s/articleView?id=platform.security_data_access.htm&type=5).
 */

import { rows } from './granted.ts'
import type { FieldValue, Viewer } from './model.ts'
import type { Table } from './table.ts'

export type RowFilter = (slot: number) => boolean

type Level = 'read' | 'edit'

const PEOPLE = ['User', 'UserRole', 'Group', 'GroupMember'] as const

interface SharingContext {
  readonly tables: ReadonlyMap<string, Table>
  /** Whether the viewer sees (or edits) all of an object's records, whoever owns them. */
  seesAll(viewer: Viewer, objectName: string, level: Level): boolean
  /** Whether the viewer may see the object at all. */
  seesObject(viewer: Viewer, objectName: string): boolean
}

export interface Sharing {
  /** The test that a record of the table passes when the viewer may see (or edit) it; undefined when all pass. */
  filter(viewer: Viewer, table: Table, level: Level): RowFilter | undefined
}

/** Row sharing over an org's tables. */
export function createSharing({ tables, seesAll, seesObject }: SharingContext): Sharing {
  const circles = new Map<string, ReadonlySet<FieldValue>>()
  let readAt = -1

  /** The owners whose records a user sees: themselves, who is below them, and the queues of all these. */
  function circleOf(userId: string): ReadonlySet<FieldValue> {
    const version = PEOPLE.reduce((sum, name) => sum + (tables.get(name)?.version() ?? 0), 0)
    if (version !== readAt) circles.clear()
    readAt = version
    let circle = circles.get(userId)
    if (!circle) {
      circle = readCircle(tables, userId)
      circles.set(userId, circle)
    }
    return circle
  }

  function shared(viewer: Viewer, table: Table, level: Level): ReadonlySet<FieldValue> {
    const found = new Set<FieldValue>()
    const share = shareTableOf(tables, table)
    if (!share) return found
    const principals = groupsOf(tables, viewer.userId)
    const { parentField, levelField } = share
    const parent = share.table.column(parentField)
    const to = share.table.column('UserOrGroupId')
    const access = share.table.column(levelField)
    // The seeded rows are the owners' own.
    for (const slot of share.table.changedSlots()) {
      if (!share.table.exists(slot) || share.table.isDeleted(slot) || !principals.has(to(slot))) continue
      if (level === 'read' || access(slot) !== 'Read') found.add(parent(slot))
    }
    return found
  }

  function ownRows(viewer: Viewer, table: Table, level: Level): RowFilter | undefined {
    if (!table.schema.fields.some((field) => field.name === 'OwnerId')) return undefined
    const owner = table.column('OwnerId')
    const circle = circleOf(viewer.userId)
    const given = shared(viewer, table, level)
    return (slot) => circle.has(owner(slot)) || given.has(table.idOf(slot))
  }

  function withParent(viewer: Viewer, table: Table, level: Level): RowFilter | undefined {
    const lookup = table.schema.fields.find((field) => field.name === table.schema.parent)
    if (!lookup) return undefined
    const parents = lookup.referenceTo.flatMap((name) => {
      const parent = tables.get(name)
      if (!parent) return []
      const isSeen = seesObject(viewer, name)
      return [{ parent, isSeen, test: isSeen ? filter(viewer, parent, level) : undefined }]
    })
    if (parents.every(({ isSeen, test }) => isSeen && test === undefined)) return undefined
    const parentId = table.column(lookup.name)
    return (slot) => {
      const id = parentId(slot)
      if (typeof id !== 'string') return true
      for (const { parent, isSeen, test } of parents) {
        const found = parent.slotOf(id)
        if (found >= 0) return isSeen && (test === undefined || test(found))
      }
      return true
    }
  }

  function filter(viewer: Viewer, table: Table, level: Level): RowFilter | undefined {
    const { name, sharing } = table.schema
    if (seesAll(viewer, name, level)) return undefined
    if (sharing === 'ReadWrite' || (sharing === 'Read' && level === 'read')) return undefined
    return sharing === 'ControlledByParent' ? withParent(viewer, table, level) : ownRows(viewer, table, level)
  }

  return { filter }
}

/** The object that holds an object's shares: `OpportunityShare`, `Site_Visit__Share`. */
export function shareTableOf(
  tables: ReadonlyMap<string, Table>,
  { schema }: Table,
): { table: Table; parentField: string; levelField: string } | undefined {
  const custom = schema.name.endsWith('__c')
  const table = tables.get(custom ? schema.name.replace(/__c$/, '__Share') : `${schema.name}Share`)
  if (!table) return undefined
  return custom
    ? { table, parentField: 'ParentId', levelField: 'AccessLevel' }
    : { table, parentField: `${schema.name}Id`, levelField: `${schema.name}AccessLevel` }
}

function readCircle(tables: ReadonlyMap<string, Table>, userId: string): ReadonlySet<FieldValue> {
  const users = tables.get('User')
  const slot = users?.slotOf(userId) ?? -1
  if (!users || slot < 0) return new Set([userId])
  const people = new Set<FieldValue>([userId])
  const role = users.column('UserRoleId')(slot)
  const below = rolesBelow(tables, role)
  for (const { value } of rows(tables, 'User', ['UserRoleId']))
    if (below.has(value('UserRoleId'))) people.add(value('Id'))
  const circle = new Set(people)
  for (const { value } of rows(tables, 'GroupMember', ['GroupId', 'UserOrGroupId'])) {
    if (people.has(value('UserOrGroupId'))) circle.add(value('GroupId'))
  }
  return circle
}

function rolesBelow(tables: ReadonlyMap<string, Table>, role: FieldValue): ReadonlySet<FieldValue> {
  const parents = Array.from(rows(tables, 'UserRole', ['ParentRoleId']), ({ value }) => ({
    id: value('Id'),
    parent: value('ParentRoleId'),
  }))
  const below = new Set<FieldValue>()
  let level: readonly FieldValue[] = role === null ? [] : [role]
  while (level.length > 0) {
    const above = new Set(level)
    level = parents.filter(({ id, parent }) => above.has(parent) && !below.has(id)).map(({ id }) => id)
    for (const id of level) below.add(id)
  }
  return below
}

/** The user, and the groups that they are in. */
function groupsOf(tables: ReadonlyMap<string, Table>, userId: string): ReadonlySet<FieldValue> {
  const principals = new Set<FieldValue>([userId])
  for (const { value } of rows(tables, 'GroupMember', ['GroupId', 'UserOrGroupId'])) {
    if (value('UserOrGroupId') === userId) principals.add(value('GroupId'))
  }
  return principals
}
