/** The company's profiles and permission sets: what they allow, as the rows in which Salesforce keeps it. */

import { idOfSlot } from './ids.ts'
import { listed } from './listed.ts'
import type { FieldSchema, FieldValue, ObjectRight, ObjectSchema } from './model.ts'
import type { Seeded, Table } from './table.ts'

/** Rights on an object, in Salesforce's order of them. */
export type Right = 'read' | ObjectRight
export const RIGHT_COLUMNS: { readonly [right in Right]: string } = {
  create: 'PermissionsCreate',
  read: 'PermissionsRead',
  edit: 'PermissionsEdit',
  delete: 'PermissionsDelete',
  viewAll: 'PermissionsViewAllRecords',
  modifyAll: 'PermissionsModifyAllRecords',
}

interface Grants {
  readonly name: string
  readonly label: string
  /** For a profile: its name. Its permission set is owned by it. */
  readonly profile?: string
  readonly permissions: readonly string[]
  /** The rights on the objects named, and on all others. */
  readonly objects: { readonly [objectName: string]: readonly Right[] }
  readonly otherObjects: readonly Right[]
  /** Fields that it doesn't show, as `Account.AnnualRevenue`. */
  readonly hides?: readonly string[]
  /** Whether what is added to the schema later is granted, too. */
  readonly growing: boolean
}

const ALL: readonly Right[] = ['read', 'create', 'edit', 'delete', 'viewAll', 'modifyAll']
const WRITE: readonly Right[] = ['read', 'create', 'edit', 'delete']
const READ: readonly Right[] = ['read']
const NONE: readonly Right[] = []
const OFFICE = ['ApiEnabled', 'EditTask', 'EditEvent', 'AllowViewKnowledge']

/** Profiles first, in the order of their ids; then permission sets. */
export const GRANTS: readonly Grants[] = [
  {
    name: 'X00eAdmin',
    label: 'System Administrator',
    profile: 'System Administrator',
    permissions: [
      ...OFFICE,
      'ViewSetup',
      'ViewAllData',
      'ModifyAllData',
      'ViewAllUsers',
      'ManageUsers',
      'CustomizeApplication',
      'QueryAllFiles',
      'ViewDraftArticles',
      'ViewArchivedArticles',
      'ApproveUninstalledConnectedApps',
      'BulkApiHardDelete',
    ],
    objects: {},
    otherObjects: ALL,
    growing: true,
  },
  {
    name: 'X00eAgent',
    label: 'Support Agent',
    profile: 'Support Agent',
    permissions: OFFICE,
    objects: { Lead: NONE, Opportunity: NONE, Campaign: NONE, Product2: NONE, Pricebook2: NONE },
    otherObjects: WRITE,
    hides: ['Account.AnnualRevenue', 'Case.Internal_Cost__c'],
    growing: true,
  },
  {
    name: 'X00eSales',
    label: 'Sales User',
    profile: 'Sales User',
    permissions: OFFICE,
    objects: { Product2: READ, Pricebook2: READ, Knowledge__kav: READ },
    otherObjects: WRITE,
    hides: ['Case.Internal_Cost__c'],
    growing: true,
  },
  {
    name: 'X00eReadOnly',
    label: 'Read Only',
    profile: 'Read Only',
    permissions: ['ApiEnabled', 'AllowViewKnowledge'],
    objects: {},
    otherObjects: READ,
    growing: true,
  },
  {
    // Named as Salesforce's own, which goes with its Integration licence.
    name: 'X00eIntegration',
    label: 'Minimum Access - API Only Integrations',
    profile: 'Minimum Access - API Only Integrations',
    permissions: ['ApiEnabled', 'ApiUserOnly'],
    objects: {},
    otherObjects: NONE,
    growing: false,
  },
  {
    name: 'X00eShowroom',
    label: 'Showroom',
    profile: 'Showroom',
    permissions: [],
    objects: { Product2: READ, Pricebook2: READ, Account: READ },
    otherObjects: NONE,
    growing: false,
  },
  {
    name: 'Loopline_Read',
    label: 'Loopline read',
    permissions: [
      'ViewSetup',
      'ViewAllData',
      'ViewAllUsers',
      'QueryAllFiles',
      'AllowViewKnowledge',
      'ViewDraftArticles',
      'ViewArchivedArticles',
    ],
    objects: {},
    otherObjects: ['read', 'viewAll'],
    growing: false,
  },
]

const PROFILES = GRANTS.filter((grants) => grants.profile !== undefined)

/** The profile of each team, by its place in the list. */
export function profileOf(team: string): number {
  if (team === 'support' || team === 'content') return 1
  const special = ['sales', 'reading', 'integration', 'showroom'].indexOf(team)
  return special < 0 ? 0 : special + 2
}

/** Whether permission sets may hide a field: a component follows its compound field, what is required is never hidden. */
export function isPermissionable(schema: ObjectSchema, field: FieldSchema): boolean {
  if (schema.setup || field.compoundFieldName !== null) return false
  return field.permissionable ?? (field.nillable && field.type !== 'id' && !SYSTEM.has(field.name) && !field.nameField)
}
const SYSTEM = new Set(['IsDeleted', 'MasterRecordId', 'RecordTypeId', 'LastActivityDate', 'LastViewedDate'])

const rightsOf = (grants: Grants, objectName: string) => grants.objects[objectName] ?? grants.otherObjects

/** Whether somebody with the right to it may set the field, be it only in a new record. */
export const isWritable = (field: FieldSchema) => field.createable || field.updateable

/** The rights that go with some others: nobody edits what they don't see. */
export function withImplied(rights: ReadonlySet<Right>): ReadonlySet<Right> {
  const all = new Set(rights)
  if (all.has('modifyAll')) for (const right of ALL) all.add(right)
  if (all.has('delete')) all.add('edit')
  if (all.has('create') || all.has('edit') || all.has('viewAll')) all.add('read')
  return all
}

/** The columns of a row of rights. */
export function rightFields(rights: ReadonlySet<Right>): { readonly [column: string]: boolean } {
  return Object.fromEntries(ALL.map((right) => [RIGHT_COLUMNS[right], rights.has(right)]))
}

interface SetUp {
  at(slot: number): number
  readonly byUserId: string
}

interface Staff {
  readonly setUp: SetUp
  readonly users: readonly { readonly id: string; readonly team: string }[]
}

const permissionColumns = (grants: Grants, known: readonly string[]) =>
  Object.fromEntries(known.map((column) => [column, grants.permissions.includes(column.slice('Permissions'.length))]))

const profileId = (grants: Grants) => idOfSlot('00e', PROFILES.indexOf(grants))

/** The tables of profiles and permission sets, for the objects that the org has from its start. */
export function createProfiles(
  schemas: ReadonlyMap<string, ObjectSchema>,
  { setUp, users }: Staff,
): { readonly [objectName: string]: Seeded } {
  const known = (schemas.get('PermissionSet')?.fields ?? [])
    .map(({ name }) => name)
    .filter((name) => name.startsWith('Permissions'))
  const objects = [...schemas.values()].filter((schema) => schema.permissions)
  const objectRows = GRANTS.flatMap((grants, set) =>
    objects.flatMap((schema) => {
      const rights = new Set(rightsOf(grants, schema.name))
      if (rights.size === 0) return []
      return [{ ParentId: idOfSlot('0PS', set), SobjectType: schema.name, ...rightFields(rights) }]
    }),
  )
  const fieldRows = GRANTS.flatMap((grants, set) =>
    [...schemas.values()].flatMap((schema) => {
      const owner = governorOf(schemas, schema)
      const rights = owner === undefined ? grants.otherObjects : rightsOf(grants, owner)
      if (rights.length === 0) return []
      const canEdit = rights.includes('edit')
      return schema.fields.flatMap((field): { [column: string]: FieldValue }[] => {
        const path = `${schema.name}.${field.name}`
        if (!isPermissionable(schema, field) || grants.hides?.includes(path)) return []
        return [
          {
            ParentId: idOfSlot('0PS', set),
            SobjectType: schema.name,
            Field: path,
            PermissionsRead: true,
            PermissionsEdit: canEdit && isWritable(field),
          },
        ]
      })
    }),
  )
  return {
    Profile: listed(
      PROFILES.map((grants) => ({
        Name: grants.profile ?? '',
        UserType: 'Standard',
        UserLicenseId: idOfSlot('100', grants.permissions.includes('ApiUserOnly') ? 1 : 0),
        ...permissionColumns(grants, known),
      })),
      setUp,
    ),
    PermissionSet: listed(
      GRANTS.map((grants) => ({
        Name: grants.name,
        LicenseId: idOfSlot('100', grants.permissions.includes('ApiUserOnly') ? 1 : 0),
        Label: grants.label,
        IsOwnedByProfile: grants.profile !== undefined,
        IsCustom: true,
        Type: grants.profile === undefined ? 'Regular' : 'Profile',
        ProfileId: grants.profile === undefined ? null : profileId(grants),
        ...permissionColumns(grants, known),
      })),
      setUp,
    ),
    PermissionSetAssignment: listed(
      // Each user has the permission set of their profile; the integration user has one more.
      [
        ...users.map(({ id, team }) => ({ AssigneeId: id, PermissionSetId: idOfSlot('0PS', profileOf(team)) })),
        ...users
          .filter(({ team }) => team === 'integration')
          .map(({ id }) => ({ AssigneeId: id, PermissionSetId: idOfSlot('0PS', GRANTS.length - 1) })),
      ].map((assignment) => ({ ...assignment, IsActive: true })),
      setUp,
    ),
    ObjectPermissions: listed(objectRows, setUp),
    FieldPermissions: listed(fieldRows, setUp),
  }
}

/** The object whose row of rights decides about this one; undefined when it is everybody's. */
export function governorOf(schemas: ReadonlyMap<string, ObjectSchema>, schema: ObjectSchema): string | undefined {
  let current: ObjectSchema | undefined = schema
  for (let n = 0; current && n < 5; n++) {
    if (current.permissions) return current.name
    const { parent } = current
    const targets: readonly string[] = current.fields.find(({ name }) => name === parent)?.referenceTo ?? []
    // A lookup to several objects leaves it open which of them decides.
    const above: string | undefined = current.seenWith ?? (targets.length === 1 ? targets[0] : undefined)
    current = above === undefined ? undefined : schemas.get(above)
  }
  return undefined
}

/** A profile shows the permissions of the permission set that it owns: both have the same place in their tables. */
export function followPermissionSets(tables: ReadonlyMap<string, Table>): void {
  const sets = tables.get('PermissionSet')
  const profiles = tables.get('Profile')
  if (!sets || !profiles) return
  for (const { name } of profiles.schema.fields) {
    if (name.startsWith('Permissions')) profiles.compute(name, sets.column(name))
  }
  const users = tables.get('User')
  const assignments = tables.get('PermissionSetAssignment')
  if (!users || !assignments) return
  const profileId = users.column('ProfileId')
  const assigned = assignments.column('PermissionSetId')
  // The first assignments are those of the users' profiles, in the order of the users.
  assignments.compute('PermissionSetId', (slot) => {
    if (slot >= users.seededSlots) return assigned(slot)
    const profile = profiles.slotOf(String(profileId(slot)))
    return profile < 0 ? null : sets.idOf(profile)
  })
}

/** Lets the organization name the org-wide defaults. */
export function followSharing(tables: ReadonlyMap<string, Table>): void {
  const words = { Private: 'None', Read: 'Read', ReadWrite: 'Edit', ControlledByParent: 'ControlledByParent' } as const
  for (const name of ['Account', 'Case', 'Contact', 'Lead', 'Opportunity']) {
    const table = tables.get(name)
    if (table) tables.get('Organization')?.compute(`Default${name}Access`, () => words[table.schema.sharing])
  }
}
