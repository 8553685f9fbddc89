/** The practice org: a company's data behind Salesforce's rules. */

import type { Database } from '../soql/database.ts'
import { bindPath } from '../soql/paths.ts'
import { runQuery } from '../soql/query.ts'
import { visibleRecords } from '../soql/restrictions.ts'
import { runParameterizedSearch, runSearch } from '../sosl/search.ts'
import { createAccess } from './access.ts'
import { applyAccessChange } from './access-changes.ts'
import { addAccessTables } from './access-tables.ts'
import { createBlobStore } from './blob-store.ts'
import { seedCompany } from './company-tables.ts'
import { definitionOf } from './fields.ts'
import { withChecksum } from './ids.ts'
import {
  type FieldValue,
  type Org,
  OrgError,
  type OrgOptions,
  type OrgSettings,
  type SchemaChange,
  type Viewer,
} from './model.ts'
import { definitionsFor } from './org-definitions.ts'
import { COMPANY_NAME } from './people.ts'
import { nameContacts } from './person-accounts.ts'
import { followPermissionSets, followSharing } from './profiles.ts'
import { countRecords } from './record-count.ts'
import { createOrgSchema } from './schema-changes.ts'
import { describeObjects } from './schemas.ts'
import { followOwners } from './shares.ts'
import { createSignIns } from './sign-ins.ts'
import { createTable, type Table } from './table.ts'
import { ViewedRecords } from './viewed-records.ts'
import { createWrites } from './writes.ts'

const EVERYTHING: ReadonlySet<string> = new Set(['ViewAllData', 'ModifyAllData'])

/** Creates the practice org. Nothing is generated until it is asked for. */
export function createOrg(options: OrgOptions): Org {
  const now = options.now ?? Date.now
  const settings: OrgSettings = { personAccounts: false, multiCurrency: false, isSandbox: false, ...options.settings }
  const definitions = definitionsFor(settings)
  const schemas = describeObjects(definitions)
  const company = seedCompany(options, { settings, definitions, schemas })
  const tables = new Map([...schemas].map(([name, schema]) => [name, createTable(schema, company.tables[name])]))
  followOwners(tables)
  followPermissionSets(tables)
  followSharing(tables)
  nameContacts(tables)
  const orgSchema = createOrgSchema({ tables, definitions, now })
  const [admin, agent] = company.people.users
  const access = createAccess(
    tables,
    // Salesforce shows a case's history with the case; that the agent doesn't see it stands for an object that one
    // user lacks and another has.
    agent ? [{ userId: agent.id, objectName: 'CaseHistory' }] : [],
  )
  addAccessTables(tables, access)
  const blobs = createBlobStore(options.blobFolder)
  const { settle, ...writes } = createWrites({
    tables,
    access,
    blobs,
    anchor: options.anchor,
    now,
    // People without a sign-in only ever do what the org's own life has them do.
    viewerOf: (userId) => users.find((user) => user.userId === userId) ?? { userId, permissions: EVERYTHING },
    onChange: (change) => options.onChange?.(change),
    onDeleteLogPurge: (upTo) => options.onDeleteLogPurge?.(upTo),
    onSaveRule: (rule) => options.onSaveRule?.(rule),
  })
  const viewed = new ViewedRecords(now)

  function tableOf(name: string): Table {
    const table = tables.get(name)
    if (!table) throw new Error(`There is no table ${name}`)
    return table
  }

  function changeSchema(change: SchemaChange): void {
    const at = now()
    orgSchema.apply(change, at)
    options.onSchemaChange?.(change, at)
  }

  const users = createSignIns(company.people, { users: tableOf('User'), access })

  const db: Database = {
    table: tableOf,
    visibleObject: access.visibleObject,
    visibleObjects: access.visibleObjects,
    now,
    viewedAt: (viewer, id) => viewed.find(viewer.userId, id),
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
    users,
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
    countRecords(objectName) {
      settle()
      return countRecords(tableOf(objectName))
    },
    query(viewer, soql, queryOptions) {
      settle()
      return runQuery(db, viewer, soql, queryOptions)
    },
    search(viewer, sosl) {
      settle()
      return runSearch(db, viewer, sosl)
    },
    searchParameterized(viewer, request) {
      settle()
      return runParameterizedSearch(db, viewer, request)
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
      return blobs.get(String(found.table.column(field)(found.slot) ?? ''))
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
    changeSchema,
    replaySchemaChange: orgSchema.apply,
    schemaOf: orgSchema.definitionOf,
    changeAccess: (change) => applyAccessChange({ tables, writes, adminId: admin?.id ?? '', changeSchema }, change),
    addField(objectName, field, value) {
      changeSchema({
        kind: 'add-field',
        object: objectName,
        field: field.name,
        definition: definitionOf(field),
        value,
      })
    },
  }
}
