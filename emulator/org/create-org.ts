/** The practice org: a company's data behind Salesforce's rules. */

import type { Database } from '../soql/database.ts'
import { bindPath } from '../soql/paths.ts'
import { runQuery } from '../soql/query.ts'
import { visibleRecords } from '../soql/restrictions.ts'
import { createAccess } from './access.ts'
import { type CompanyTables, seedCompany } from './company-tables.ts'
import { withChecksum } from './ids.ts'
import {
  type FieldValue,
  type Org,
  OrgError,
  type OrgOptions,
  type OrgSettings,
  type OrgUser,
  type Viewer,
} from './model.ts'
import { COMPANY_NAME } from './people.ts'
import { objectSchemas } from './schemas.ts'
import { createTable, type Seeded, type Table } from './table.ts'
import { ViewedRecords } from './viewed-records.ts'
import { createWrites } from './writes.ts'

const ADMIN_PERMISSIONS = [
  'ApiEnabled',
  'ViewSetup',
  'ViewAllData',
  'ModifyAllData',
  'QueryAllFiles',
  'AllowViewKnowledge',
  'ViewDraftArticles',
  'ViewArchivedArticles',
  'ApproveUninstalledConnectedApps',
]
const AGENT_PERMISSIONS = ['ApiEnabled', 'AllowViewKnowledge']

/** An object that nothing was seeded for. */
const EMPTY: Seeded = { slots: 0, createdAt: () => 0, columns: {} }

/** Creates the practice org. Nothing is generated until it is asked for. */
export function createOrg(options: OrgOptions): Org {
  const now = options.now ?? Date.now
  const settings: OrgSettings = { personAccounts: false, multiCurrency: false, isSandbox: false, ...options.settings }
  const company = seedCompany(options)
  const tables: ReadonlyMap<string, Table> = new Map(
    [...objectSchemas].map(([name, schema]) => [name, createTable(schema, company.tables[name] ?? EMPTY)]),
  )
  const [admin, agent] = company.people.users
  const access = createAccess(tables, agent?.id ?? '')
  const { settle, ...writes } = createWrites({
    tables,
    access,
    now,
    onChange: (change) => options.onChange?.(change),
    onDeleteLogPurge: (upTo) => options.onDeleteLogPurge?.(upTo),
  })
  const viewed = new ViewedRecords(now)

  function tableOf(name: string): Table {
    const table = tables.get(name)
    if (!table) throw new Error(`There is no table ${name}`)
    return table
  }

  const db: Database = {
    table: tableOf,
    visibleObject: access.visibleObject,
    now,
    anchor: company.anchor,
  }

  function findSlot(viewer: Viewer, objectName: string, id: string) {
    settle()
    const schema = access.visibleObject(viewer, objectName)
    if (!schema) return undefined
    const table = tableOf(schema.name)
    const slot = table.slotOf(id)
    if (slot < 0 || table.isDeleted(slot)) return undefined
    const visible = visibleRecords(viewer, table, [{ path: 'Id', operator: '=', values: [id] }])
    return visible && !visible(slot) ? undefined : { schema, table, slot }
  }

  return {
    id: withChecksum(`00D5f00000${String(options.seed % 100_000).padStart(5, '0')}`),
    name: COMPANY_NAME,
    isSandbox: settings.isSandbox,
    settings,
    users: signIns(company, tableOf('User')),
    now() {
      settle()
      return now()
    },
    listObjects: access.visibleObjects,
    getObject(viewer, name) {
      const schema = access.visibleObject(viewer, name)
      if (!schema) throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
      return schema
    },
    query(viewer, soql, queryOptions) {
      settle()
      return runQuery(db, viewer, soql, queryOptions)
    },
    findIdsByField(viewer, objectName, field, value) {
      settle()
      const table = tableOf(objectName)
      const ids = table.slotsWith(field, value).map(table.idOf)
      return ids.filter((id) => findSlot(viewer, objectName, id) !== undefined)
    },
    markViewed: (userId, objectName, id) => viewed.add(userId, objectName, id),
    listViewed: (userId) => viewed.list(userId),
    findRecord(viewer, objectName, id) {
      const found = findSlot(viewer, objectName, id)
      if (!found) return undefined
      const { schema, table, slot } = found
      const values = schema.fields.map(({ name }): [string, FieldValue] => [
        name,
        bindPath(db, viewer, schema, '', name).value(slot),
      ])
      return { ...Object.fromEntries(values), Id: table.idOf(slot) }
    },
    readBlob(viewer, objectName, id, field) {
      const found = findSlot(viewer, objectName, id)
      const isBlob = found?.schema.fields.some(({ name, type }) => name === field && type === 'base64')
      if (!found || !isBlob) return undefined
      if (found.slot < found.table.seededSlots) return company.bytes(found.schema.name, found.slot)
      return Buffer.from(String(found.table.column(field)(found.slot) ?? ''), 'base64')
    },
    ...writes,
    setUserActive(userId, active) {
      const users = tableOf('User')
      const slot = users.slotOf(userId)
      if (slot < 0 || users.column('IsActive')(slot) === active) return
      writes.update(admin?.id ?? '', 'User', userId, { IsActive: active }, { asSystem: true })
    },
    may: access.may,
    mayEditField: access.mayEditField,
    hideObject: access.hideObject,
    showObject: access.showObject,
    hideField: access.hideField,
    showField: access.showField,
    addField(objectName, field, value = field.type === 'boolean' ? false : null) {
      tableOf(objectName).addField(field, () => value)
    },
  }
}

/** The two people who can sign in. */
function signIns({ people }: CompanyTables, users: Table): readonly OrgUser[] {
  const isActive = users.column('IsActive')
  return people.users.slice(0, 2).map((person, slot) => ({
    userId: person.id,
    username: person.username,
    password: slot === 0 ? 'practice-admin' : 'practice-agent',
    email: person.email,
    name: person.name,
    firstName: person.first,
    lastName: person.last,
    alias: person.alias,
    get active() {
      return isActive(users.slotOf(person.id)) === true
    },
    about:
      slot === 0
        ? 'System Administrator: sees everything'
        : 'Support Agent: no sales objects, no case history, no drafts, only own files, no setup',
    permissions: new Set(slot === 0 ? ADMIN_PERMISSIONS : AGENT_PERMISSIONS),
  }))
}
