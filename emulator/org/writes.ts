/** Changes to records: who may make them, what Salesforce refuses, and in what they all end: one transaction. */

import { type Access, rowFilter } from './access.ts'
import { dataCategoryGroups } from './articles.ts'
import type { BlobStore } from './blob-store.ts'
import {
  insertIntoLibrary,
  insertLibrary,
  insertVersion,
  refuseSecondLink,
  storeBytes,
  titled,
} from './content-files.ts'
import { convertLeadRecord } from './convert-lead.ts'
import { BIN_DAYS } from './delete-log.ts'
import { deleteRecord, hardDeleteRecord, undeleteRecord } from './deletion.ts'
import { actOnArticleRecord, checkArticleEdit, drafted, insertArticle } from './knowledge-actions.ts'
import { mergeRecords } from './merge.ts'
import {
  type FieldSchema,
  type FieldValue,
  type ObjectSchema,
  type Org,
  OrgError,
  type RecordFields,
  type Viewer,
  type WriteOptions,
} from './model.ts'
import { createRecords, liveSlot, noSuchRecord } from './record-changes.ts'
import { type RowLock, type SaveRule, SaveRules } from './save-rules.ts'
import type { Table } from './table.ts'
import { createTransactions, keepsDeleted, type TransactionContext } from './transactions.ts'
import { checkRequired, checkUnique, checkValues, checkWritable, type Saving, tableOfId } from './validation.ts'

export interface Writes
  extends Pick<
    Org,
    | 'create'
    | 'update'
    | 'delete'
    | 'undelete'
    | 'hardDelete'
    | 'merge'
    | 'convertLead'
    | 'actOnArticle'
    | 'dataCategories'
    | 'replay'
    | 'transaction'
    | 'onCommit'
    | 'setCommitLag'
    | 'emptyRecycleBin'
    | 'listDeletions'
    | 'purgeDeleteLog'
    | 'setSaveRule'
    | 'lockRows'
  > {
  /** Lets show what is due by now: to be called before the org is looked at. */
  settle(): void
}

export interface WriteContext extends TransactionContext {
  /** The end of the seeded time. */
  readonly anchor: number
  readonly access: Access
  readonly blobs: BlobStore
  viewerOf(userId: string): Viewer
  onDeleteLogPurge(upTo: number): void
  onSaveRule(rule: SaveRule): void
}

const DAY = 86_400_000
/** How often the recycle bin is looked through for what has been there for too long. */
const BIN_CHECK_MS = DAY / 2

/** Fields that a user with the permission sets when creating (salesforce-api.md 6.1). */
const AUDIT_FIELDS = new Set(['CreatedDate', 'CreatedById', 'LastModifiedDate', 'LastModifiedById'])
const SETS_AUDIT_FIELDS = 'CreateAuditFields'

/** The operations that change an org's records. */
export function createWrites(context: WriteContext): Writes {
  const { tables, access, blobs, now, viewerOf } = context
  const transactions = createTransactions(context)
  const records = createRecords(tables, transactions)
  const rules = new SaveRules()
  const { run } = transactions
  const { tableOf } = records
  // Whatever was seeded into the bin was put there less than 15 days before.
  let binCheckedAt = context.anchor

  function visibleSchema(viewer: Viewer, objectName: string): ObjectSchema {
    const schema = access.visibleObject(viewer, objectName)
    if (!schema) throw new OrgError('NOT_FOUND', 'The requested resource does not exist', 404)
    return schema
  }

  /** The table of an object on whose record the user may do this. */
  function tableToChange(userId: string, objectName: string, right: 'edit' | 'delete', id: string): Table {
    const viewer = viewerOf(userId)
    const schema = visibleSchema(viewer, objectName)
    const table = tableOf(schema.name)
    const isPossible = right === 'edit' ? table.schema.updateable : table.schema.deletable
    if (!isPossible) throw notChangeable(schema, right === 'edit' ? 'updated' : 'deleted')
    if (!access.may(viewer, schema.name, right)) throw readOnly()
    const slot = table.slotOf(id)
    if (slot < 0 || rowFilter(viewer, table)?.(slot) === false) throw noSuchRecord(table, id)
    if (!access.mayChangeRow(viewer, table, slot)) throw readOnly()
    rules.takeLock(schema.name, id)
    return table
  }

  /** Judges the fields that somebody wants to save, as Salesforce would one after another. */
  function check(viewer: Viewer, saving: Saving, options: WriteOptions): void {
    const { schema, id, fields } = saving
    const table = tableOf(schema.name)
    const mayBackDate = id === undefined && viewer.permissions.has(SETS_AUDIT_FIELDS)
    const mayWrite = (field: FieldSchema) => {
      if (AUDIT_FIELDS.has(field.name)) return mayBackDate
      if (id !== undefined) return field.updateable && access.mayEditField(viewer, schema.name, field.name)
      return field.createable && (!field.updateable || access.mayEditField(viewer, schema.name, field.name))
    }
    checkWritable(schema, fields, mayWrite)
    checkRequired(saving)
    checkValues(saving)
    checkUnique(saving)
    const slot = id === undefined ? -1 : liveSlot(table, id)
    const held = (name: string): FieldValue =>
      fields[name] ?? (slot < 0 || name in fields ? null : table.column(name)(slot))
    const record = { id, fields, allowDuplicates: options.allowDuplicates === true }
    rules.check(table, record, held)
  }

  function saving(viewer: Viewer, schema: ObjectSchema, fields: RecordFields, id?: string): Saving {
    const sees = (objectName: string, otherId: string) => {
      const table = tableOf(objectName)
      return rowFilter(viewer, table)?.(table.slotOf(otherId)) !== false
    }
    return { tables, schema, fields, id, sees }
  }

  function create(userId: string, objectName: string, given: RecordFields, options: WriteOptions): string {
    const viewer = viewerOf(userId)
    const schema = options.asSystem ? tableOf(objectName).schema : visibleSchema(viewer, objectName)
    const isArticle = schema.name === 'Knowledge__kav' && given.KnowledgeArticleId === undefined
    const isVersion = schema.name === 'ContentVersion'
    const fields = isArticle ? drafted(given) : isVersion ? titled(given) : given
    if (!options.asSystem) {
      if (!access.may(viewer, schema.name, 'create')) throw notChangeable(schema, 'inserted')
      rules.takeLock(schema.name, undefined)
      check(viewer, saving(viewer, schema, fields), options)
    }
    const stored = storeBytes(blobs, schema, fields)
    if (isArticle) return insertArticle(records, userId, stored.fields)
    if (isVersion) return insertVersion(records, userId, stored)
    if (schema.name === 'ContentWorkspace') return insertLibrary(records, userId, fields)
    if (schema.name === 'ContentWorkspaceDoc') return insertIntoLibrary(records, userId, fields)
    if (schema.name === 'ContentDocumentLink') refuseSecondLink(records, fields)
    return records.insert(userId, schema.name, stored.fields, schema)
  }

  function update(userId: string, objectName: string, id: string, fields: RecordFields, options: WriteOptions): void {
    if (options.asSystem) {
      records.write(userId, tableOf(objectName).schema.name, id, fields)
      return
    }
    const viewer = viewerOf(userId)
    const { name } = tableToChange(userId, objectName, 'edit', id).schema
    const table = tableOf(name)
    const slot = liveSlot(table, id)
    // https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm
    if (name === 'Lead' && table.column('IsConverted')(slot) === true) {
      throw new OrgError('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead')
    }
    if (name === 'Knowledge__kav') checkArticleEdit(records, id, fields)
    const schema = visibleSchema(viewer, name)
    check(viewer, saving(viewer, schema, fields, id), options)
    records.write(userId, name, id, storeBytes(blobs, schema, fields).fields)
  }

  /**
   * Records that have been in the recycle bin for 15 days are gone (salesforce-api.md 6.4). What the made-up history
   * deleted stays there: to purge it would compute, and keep, thousands of records when a large org starts.
   */
  function emptyOldBins(): void {
    const at = now()
    if (at - binCheckedAt < BIN_CHECK_MS || transactions.isOpen()) return
    binCheckedAt = at
    const isOld = (table: Table) => {
      const stamped = table.schema.fields.some(({ name }) => name === 'SystemModstamp')
      const stamp = stamped ? table.column('SystemModstamp') : () => at
      return (slot: number) => Number(stamp(slot)) < at - BIN_DAYS * DAY
    }
    const thrownAway = (table: Table) =>
      table.changedSlots().filter((slot) => table.isDeleted(slot) && table.exists(slot))
    run(() => purge('', (table) => thrownAway(table).filter(isOld(table))), { origin: BIN_ORIGIN })
  }

  /** Whatever is in the bin went there with its details, which are chosen like it. */
  function purge(userId: string, chosen: (table: Table) => readonly number[]): void {
    for (const table of tables.values()) {
      if (!keepsDeleted(table)) continue
      for (const slot of chosen(table)) {
        const what = { objectName: table.schema.name, id: table.idOf(slot), before: { IsDeleted: true } }
        records.make({ kind: 'hard-delete', byUserId: userId, ...what })
      }
    }
  }

  return {
    create: (userId, objectName, fields, options = {}) =>
      run(() => create(userId, objectName, fields, options), options),
    update: (userId, objectName, id, fields, options = {}) =>
      run(() => update(userId, objectName, id, fields, options), options),
    delete: (userId, objectName, id, options) =>
      run(() => deleteRecord(records, userId, { table: tableToChange(userId, objectName, 'delete', id), id }), options),
    undelete(userId, objectName, id, options) {
      run(() => {
        const { undeletable, label } = visibleSchema(viewerOf(userId), objectName)
        if (!undeletable) {
          throw new OrgError('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be undeleted: ${label}`)
        }
        undeleteRecord(records, userId, { table: tableToChange(userId, objectName, 'delete', id), id })
      }, options)
    },
    hardDelete: (userId, objectName, id, options) =>
      run(
        () => hardDeleteRecord(records, userId, { table: tableToChange(userId, objectName, 'delete', id), id }),
        options,
      ),
    merge: (userId, objectName, masterId, loserIds, fields = {}, options = {}) =>
      run(() => {
        const table = tableToChange(userId, objectName, 'edit', masterId)
        for (const id of loserIds) tableToChange(userId, objectName, 'delete', id)
        const viewer = viewerOf(userId)
        const schema = visibleSchema(viewer, objectName)
        check(viewer, saving(viewer, schema, fields, masterId), options)
        return { updatedRelatedIds: mergeRecords(records, userId, { table, masterId, loserIds, fields }) }
      }, options),
    convertLead: (userId, lead, options) =>
      run(() => {
        tableToChange(userId, 'Lead', 'edit', lead.leadId)
        return convertLeadRecord(records, userId, lead)
      }, options),
    actOnArticle: (userId, action) => run(() => actOnArticleRecord(records, userId, action)),
    dataCategories: () => dataCategoryGroups,
    transaction: run,
    onCommit: transactions.onCommit,
    setCommitLag: transactions.setCommitLag,
    settle() {
      transactions.settle()
      emptyOldBins()
    },
    replay: transactions.replay,
    emptyRecycleBin(userId, ids) {
      run(() => {
        if (ids === undefined) purge(userId, (table) => Array.from(deletedSlots(table)))
        for (const id of ids ?? []) {
          const table = tableOfId(tables, id)
          if (!table?.isDeleted(table.slotOf(id))) {
            throw new OrgError('INVALID_ID_FIELD', `The ID "${id}" is not in the recycle bin`)
          }
          hardDeleteRecord(records, userId, { table, id })
        }
      })
    },
    listDeletions(viewer, objectName, from, to) {
      transactions.settle()
      const table = tableOf(visibleSchema(viewer, objectName).name)
      const { deleteLog } = transactions
      const mayShow = rowFilter(viewer, table)
      // Of what is gone for good, nobody knows any more who could see it.
      const isVisible = ({ id }: { id: string }) =>
        mayShow === undefined || (table.slotOf(id) >= 0 && mayShow(table.slotOf(id)))
      return { earliest: deleteLog.earliest(now()), entries: deleteLog.list(table, from, to).filter(isVisible) }
    },
    purgeDeleteLog(upTo) {
      transactions.deleteLog.purge(upTo)
      context.onDeleteLogPurge(upTo)
    },
    setSaveRule(rule) {
      if (rule.kind !== 'removed') tableOf(rule.object)
      rules.set(rule)
      context.onSaveRule(rule)
    },
    lockRows: (lock: RowLock) => rules.lock(lock),
  }
}

const BIN_ORIGIN = 'com/salesforce/recyclebin'

const readOnly = () => new OrgError('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id', 403)

function notChangeable({ label }: ObjectSchema, how: string): OrgError {
  return new OrgError('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type cannot be ${how}: ${label}`)
}

function* deletedSlots(table: Table): Iterable<number> {
  for (let slot = 0; slot < table.slotCount(); slot++) {
    if (table.isDeleted(slot) && table.exists(slot)) yield slot
  }
}
