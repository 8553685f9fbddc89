/**
 * The seam between the practice org's data (this folder) and its HTTP face (the rest of `emulator/`).
 * Everything Salesforce would keep in its database stands behind `Org`; everything a client sees on the wire is built
 * from it elsewhere.
 */

import type { RowLock, SaveRule } from './save-rules.ts'
import type { FieldDefinition, ObjectDefinition, RollUp } from './schema-file.ts'

/**
 * A value as the org keeps it: dates as `2026-01-02`, datetimes as epoch milliseconds, times as `03:04:05.000Z`,
 * compound addresses as the JSON text of the object that Salesforce answers, base64 fields as the path of their bytes
 * (`/sobjects/ContentVersion/068.../VersionData`, to be prefixed with the API version's root).
 */
export type FieldValue = string | number | boolean | null

export interface OrgRecord {
  readonly Id: string
  readonly [field: string]: FieldValue
}

/** Salesforce's field types, as in describe. */
export type FieldType =
  | 'id'
  | 'reference'
  | 'string'
  | 'textarea'
  | 'picklist'
  | 'multipicklist'
  | 'combobox'
  | 'boolean'
  | 'int'
  | 'long'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'time'
  | 'email'
  | 'phone'
  | 'url'
  | 'base64'
  | 'address'
  | 'encryptedstring'
  | 'anyType'

export interface PicklistValue {
  readonly value: string
  readonly label: string
  readonly active: boolean
  readonly defaultValue: boolean
  /** The controlling field's values for which this one may be chosen; all, when missing. */
  readonly validFor?: readonly string[]
}

export interface FieldSchema {
  readonly name: string
  readonly label: string
  readonly type: FieldType
  readonly length: number
  readonly precision: number
  readonly scale: number
  readonly nillable: boolean
  readonly custom: boolean
  readonly createable: boolean
  readonly updateable: boolean
  readonly filterable: boolean
  readonly sortable: boolean
  readonly calculated: boolean
  readonly unique: boolean
  readonly externalId: boolean
  readonly nameField: boolean
  readonly htmlFormatted: boolean
  readonly autoNumber: boolean
  readonly defaultedOnCreate: boolean
  readonly restrictedPicklist: boolean
  /** The compound field that this one is a part of (`BillingAddress`, `Name`), or null. */
  readonly compoundFieldName: string | null
  readonly referenceTo: readonly string[]
  readonly relationshipName: string | null
  readonly picklistValues: readonly PicklistValue[]
  // What few fields have.
  readonly groupable?: boolean
  readonly idLookup?: boolean
  readonly caseSensitive?: boolean
  readonly permissionable?: boolean
  readonly inlineHelpText?: string
  /** What a new record gets when nothing else is said. */
  readonly defaultValue?: FieldValue
  /** An auto-number's display format: `INV-{00000}`. */
  readonly displayFormat?: string
  readonly controllerName?: string
  readonly formula?: string
  readonly rollUp?: RollUp
  /** What the parents of this lookup call the records that point to them. */
  readonly childRelationshipName?: string
  /** What becomes of the record when the one that it points to is deleted; the lookup is cleared unless told. */
  readonly onDelete?: 'cascade' | 'restrict'
}

/** The org-wide default of an object. */
type SharingModel = 'Private' | 'Read' | 'ReadWrite' | 'ControlledByParent'

export interface RecordTypeInfo {
  readonly id: string
  readonly name: string
  readonly developerName: string
  readonly active: boolean
  /** Whether the viewer may choose it for new records, and whether they get it when they choose none. */
  readonly available: boolean
  readonly isDefault: boolean
}

export interface ObjectSchema {
  readonly name: string
  readonly label: string
  readonly labelPlural: string
  readonly keyPrefix: string | null
  readonly custom: boolean
  readonly createable: boolean
  readonly updateable: boolean
  readonly deletable: boolean
  readonly queryable: boolean
  readonly retrieveable: boolean
  readonly replicateable: boolean
  readonly searchable: boolean
  readonly mergeable: boolean
  readonly undeletable: boolean
  /** Whether Bulk API 2.0 takes queries on it; where not, it answers `INVALIDENTITY`. */
  readonly bulk: boolean
  readonly feedEnabled: boolean
  readonly customSetting: boolean
  /** Whether its amounts are in a currency of each record's own when the org has several. */
  readonly currency: boolean
  readonly sharing: SharingModel
  /** The lookup to the record on which access to this one depends, or null. */
  readonly parent: string | null
  /** The object without whose read right this one isn't seen, or null. */
  readonly seenWith: string | null
  /** Whether permission sets have a row of rights for it. */
  readonly permissions: boolean
  /** Setup: only administrators write it. */
  readonly setup: boolean
  /** Those of this object, the viewer's own to choose from; filled in where the object is shown to somebody. */
  readonly recordTypes?: readonly RecordTypeInfo[]
  readonly fields: readonly FieldSchema[]
  readonly childRelationships: readonly {
    readonly childSObject: string
    readonly field: string
    readonly relationshipName: string | null
    readonly cascadeDelete: boolean
    readonly restrictedDelete?: boolean
  }[]
}

export interface RecordFields {
  readonly [field: string]: FieldValue
}

export interface WriteOptions {
  /** Salesforce's own processes (lead conversion, publishing) also set fields that people can't. */
  readonly asSystem?: boolean
  /** Who asked, for change events: `com/salesforce/api/rest/67.0;client=X`. */
  readonly origin?: string
  /** The record shows itself so long after its own stamps, as after a long transaction (salesforce-api.md 6.2). */
  readonly visibleAfterMs?: number
  /** Saves in spite of a duplicate rule: the header `Sforce-Duplicate-Rule-Header: allowSave=true`. */
  readonly allowDuplicates?: boolean
}

/** Whoever a token speaks for: what the org shows depends on it. */
export interface Viewer {
  readonly userId: string
  /** System permissions by API name: `ApiEnabled`, `ViewSetup`, `ViewAllData`, `QueryAllFiles`, ... */
  readonly permissions: ReadonlySet<string>
}

/** A person who can sign in at the practice org. */
export interface OrgUser extends Viewer {
  readonly username: string
  readonly password: string
  readonly email: string
  readonly name: string
  readonly firstName: string
  readonly lastName: string
  readonly alias: string
  readonly active: boolean
  /** One line for the start-up print-out: what this sign-in is good for. */
  readonly about: string
}

/** A failure that Salesforce would answer as `[{ message, errorCode }]`. */
export class OrgError extends Error {
  readonly errorCode: string
  readonly status: number
  readonly fields: readonly string[]

  constructor(errorCode: string, message: string, status = 400, fields: readonly string[] = []) {
    super(message)
    this.errorCode = errorCode
    this.status = status
    this.fields = fields
  }
}

/** One column of a query's result. */
export interface ResultColumn {
  /** The path as it stands in the answer: `Subject`, `Owner.Name`, `expr0` for an unnamed aggregate. */
  readonly path: string
  /** The type of its values, for formatting. */
  readonly type: FieldType
  /** What the rows of a subquery are, also where there are none. */
  readonly children?: Pick<RowSet, 'objectName' | 'columns'>
}

export type ResultRow = readonly (FieldValue | NestedResult)[]

/** Rows of one object, and how to name the records that they and their parents come from. */
export interface RowSet {
  readonly objectName: string
  readonly columns: readonly ResultColumn[]
  /** The Id of each row's record, for `attributes.url`; undefined for aggregates. */
  idOf(row: ResultRow): string | undefined
  /** For a relationship on a column's path (`Owner`, `Contact.Account`): the record that the row has there, if any. */
  parentOf(row: ResultRow, relationship: string): { objectName: string; id: string } | undefined
}

/** A parent-to-child subquery inside a row. */
export interface NestedResult extends RowSet {
  readonly rows: readonly ResultRow[]
  /** The one row is a record in its own right, not a list: what a TYPEOF points to. */
  readonly single?: true
}

export interface QueryResult extends RowSet {
  /** True for `SELECT COUNT() FROM X`: the answer has `totalSize` and no records. */
  readonly countOnly: boolean
  /** How many rows there are in all; walks the data once when it can't be known cheaply. */
  readonly totalSize: number
  /** The rows in order, made as they are asked for, without the first `skipped`. May be walked more than once. Index 0 of a row is columns[0]. */
  rows(skipped?: number): Iterable<ResultRow>
}

/** What a search found, object by object in the order that was asked for; objects without a find are left out. */
export interface SearchResult {
  readonly found: readonly NestedResult[]
}

/** A search by parameters instead of SOSL, as `parameterizedSearch` takes it. */
export interface ParameterizedSearch {
  readonly q: string
  /** `ALL`, `NAME`, `EMAIL`, `PHONE` or `SIDEBAR`; all fields unless told. */
  readonly in?: string
  readonly fields?: readonly string[]
  readonly sobjects?: readonly {
    readonly name: string
    readonly fields?: readonly string[]
    readonly where?: string
    readonly orderBy?: readonly string[]
    readonly limit?: number
  }[]
  readonly defaultLimit?: number
  readonly overallLimit?: number
  readonly offset?: number
  readonly dataCategories?: readonly {
    readonly groupName: string
    /** `at`, `above`, `below` or `above_or_below`. */
    readonly operator: string
    readonly categories: readonly string[]
  }[]
}

export interface QueryOptions {
  /** queryAll: soft-deleted records and archived activities too. */
  readonly all: boolean
  /** Bulk API 2.0's restrictions hold (no aggregates, subqueries, TYPEOF, OFFSET, compound or base64 columns). */
  readonly bulk?: boolean
}

type ChangeKind = 'create' | 'update' | 'delete' | 'undelete' | 'hard-delete'

/** One change to the org's data, complete enough to be replayed on the same seed. */
export interface Change {
  readonly kind: ChangeKind
  readonly objectName: string
  readonly id: string
  /** Epoch milliseconds of the org's clock. */
  readonly at: number
  readonly byUserId: string
  /** The fields that a create or update sets; of a delete by merging, the record's master. */
  readonly fields?: RecordFields
  /** What the fields that an update sets held before; of a hard delete, whether the record was deleted (`IsDeleted`). */
  readonly before?: RecordFields
  /** Salesforce's own processes move `SystemModstamp` alone, and derived values no stamp at all; all move unless told. */
  readonly stamps?: 'system' | 'none'
  /** The deleted record that the lookups which this change clears pointed to: restoring it fills them again. */
  readonly clearedFor?: string
  /** A change that shows itself later than it is stamped: when, and together with which others. */
  readonly late?: { readonly dueAt: number; readonly key: string; readonly origin: string }
}

/** Changes that became visible together. */
export interface Commit {
  /** When they did, epoch ms of the org's clock; the changes' own stamps may lie before. */
  readonly at: number
  /** Like a UUID; the same org with the same clock always gives the same. */
  readonly key: string
  readonly byUserId: string
  readonly origin: string
  readonly changes: readonly Change[]
}

/** What becomes of a lead, as SOAP's `LeadConvert` says it. */
export interface LeadConversion {
  readonly leadId: string
  /** An account and a contact to use instead of new ones. */
  readonly accountId?: string | undefined
  readonly contactId?: string | undefined
  readonly convertedStatus: string
  readonly doNotCreateOpportunity?: boolean | undefined
  readonly opportunityName?: string | undefined
  readonly overwriteLeadSource?: boolean | undefined
  readonly ownerId?: string | undefined
}

/** What an author does with an article (salesforce-api.md 10.1). */
export type ArticleAction =
  /** Puts a draft online; the version online before is kept in the archive. */
  | { readonly kind: 'publish'; readonly versionId: string }
  /** Takes an online version off. */
  | { readonly kind: 'archive'; readonly versionId: string }
  /** A draft of the next version, from what is online or in the archive. */
  | { readonly kind: 'edit'; readonly versionId: string }
  /** A draft in another language. */
  | { readonly kind: 'translate'; readonly versionId: string; readonly language: string }
  | { readonly kind: 'delete-draft'; readonly versionId: string }
  /** The archived article with all of its versions. */
  | { readonly kind: 'delete-article'; readonly articleId: string }

export interface DataCategory {
  readonly name: string
  readonly label: string
  readonly children: readonly DataCategory[]
}

export interface DataCategoryGroup {
  readonly name: string
  readonly label: string
  readonly objectUsage: string
  readonly topCategories: readonly DataCategory[]
}

/** What an administrator does in Setup to objects and fields, in the form of the schema files. */
export type SchemaChange =
  | { readonly kind: 'add-object'; readonly object: string; readonly definition: ObjectDefinition }
  | { readonly kind: 'change-object'; readonly object: string; readonly definition: Omit<ObjectDefinition, 'fields'> }
  | { readonly kind: 'remove-object'; readonly object: string }
  | {
      readonly kind: 'add-field'
      readonly object: string
      readonly field: string
      readonly definition: FieldDefinition
      /** What existing records get; their stamps don't move. */
      readonly value?: FieldValue | undefined
    }
  | {
      readonly kind: 'change-field'
      readonly object: string
      readonly field: string
      /** Only what changes; another type keeps the values that it can hold. */
      readonly definition: FieldDefinition
      readonly rename?: string | undefined
    }
  | { readonly kind: 'remove-field'; readonly object: string; readonly field: string }

export type ObjectRight = 'create' | 'edit' | 'delete' | 'viewAll' | 'modifyAll'

/** What an administrator does to profiles, permission sets and sharing. A profile is named like a permission set. */
export type AccessChange =
  | { readonly kind: 'add-permission-set'; readonly permissionSet: string; readonly label?: string | undefined }
  | {
      readonly kind: 'object'
      readonly permissionSet: string
      readonly object: string
      readonly rights: { readonly [right in ObjectRight | 'read']?: boolean | undefined }
    }
  | {
      readonly kind: 'field'
      readonly permissionSet: string
      readonly object: string
      readonly field: string
      readonly read: boolean
      readonly edit?: boolean | undefined
    }
  | {
      readonly kind: 'permission'
      readonly permissionSet: string
      /** By API name: `ApiEnabled`, `ViewAllData`, ... */
      readonly permission: string
      readonly granted: boolean
    }
  | {
      readonly kind: 'assignment'
      readonly permissionSet: string
      readonly userId: string
      readonly assigned: boolean
    }
  | {
      readonly kind: 'org-wide-default'
      readonly object: string
      readonly sharing: SharingModel
    }
  | {
      readonly kind: 'share'
      readonly object: string
      readonly id: string
      readonly userOrGroupId: string
      readonly access: 'Read' | 'Edit' | 'None'
    }

/** What kind of org this is: switches that change its schema and its data for good. */
export interface OrgSettings {
  readonly personAccounts: boolean
  readonly multiCurrency: boolean
  readonly isSandbox: boolean
}

export interface OrgOptions {
  readonly seed: number
  readonly scale: number
  /** The end of the seeded two years, epoch ms: the same seed, scale and anchor always make the same org. */
  readonly anchor: number
  /** The org's clock; the real one unless told. */
  readonly now?: () => number
  /** Called after each change, in order: a journal, when the org is to survive a restart. */
  readonly onChange?: (change: Change) => void
  /** Called when the delete log is purged up to a moment, for the journal, too. */
  readonly onDeleteLogPurge?: (upTo: number) => void
  /** Called when a validation or duplicate rule is made or taken away, for the journal, too. */
  readonly onSaveRule?: (rule: SaveRule) => void
  /** Where the bytes of uploaded files are kept; in memory unless told. */
  readonly blobFolder?: string
  /** The same for changes to the schema. */
  readonly onSchemaChange?: (change: SchemaChange, at: number) => void
  readonly settings?: Partial<OrgSettings>
}

/** The practice org: a company's data, and who may see what of it. */
export interface Org {
  /** 18 characters, `00D...`. */
  readonly id: string
  readonly name: string
  readonly isSandbox: boolean
  readonly users: readonly OrgUser[]
  now(): number
  /** Objects that the viewer may read, sorted by name. */
  listObjects(viewer: Viewer): readonly ObjectSchema[]
  /** The object as the viewer sees it (hidden fields left out). Throws OrgError NOT_FOUND (404) when it isn't there for them. */
  getObject(viewer: Viewer, name: string): ObjectSchema
  /** About how many records of an object are neither deleted nor archived, whoever sees them. */
  countRecords(objectName: string): number
  /** Runs SOQL. Throws OrgError with Salesforce's own codes and messages (MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE, ...). */
  query(viewer: Viewer, soql: string, options: QueryOptions): QueryResult
  /** Runs SOSL. Throws OrgError with Salesforce's own codes and messages (MALFORMED_SEARCH, ...). */
  search(viewer: Viewer, sosl: string): SearchResult
  searchParameterized(viewer: Viewer, request: ParameterizedSearch): SearchResult
  /** One record as the viewer sees it, or undefined (missing, deleted, or not theirs to see). */
  findRecord(viewer: Viewer, objectName: string, id: string): OrgRecord | undefined
  /** The bytes of a file or attachment, or undefined. */
  readBlob(viewer: Viewer, objectName: string, id: string, field: string): Uint8Array | undefined
  create(userId: string, objectName: string, fields: RecordFields, options?: WriteOptions): string
  update(userId: string, objectName: string, id: string, fields: RecordFields, options?: WriteOptions): void
  delete(userId: string, objectName: string, id: string, options?: WriteOptions): void
  undelete(userId: string, objectName: string, id: string, options?: WriteOptions): void
  /** Gone for good, as after the recycle bin is emptied. */
  hardDelete(userId: string, objectName: string, id: string, options?: WriteOptions): void
  /** Applies a journalled change without calling `onChange`. */
  replay(change: Change): void
  /** All or nothing: every write inside carries one stamp and shows with the others; a nested call joins the outer one. */
  transaction<T>(act: () => T, options?: Pick<WriteOptions, 'origin' | 'visibleAfterMs'>): T
  /** Tells of each commit, in order, once it is visible, but not of what is replayed. Returns how to stop. */
  onCommit(listener: (commit: Commit) => void): () => void
  /** From now on every change shows itself so many ms after its stamp; 0 is at once. */
  setCommitLag(ms: number): void
  /** The live records that the viewer sees whose field holds this value; text is compared without regard to case. */
  findIdsByField(viewer: Viewer, objectName: string, field: string, value: FieldValue): readonly string[]
  /** Merges up to two records into a master; `fields` are the master's to be. */
  merge(
    userId: string,
    objectName: string,
    masterId: string,
    loserIds: readonly string[],
    fields?: RecordFields,
    options?: WriteOptions,
  ): { updatedRelatedIds: readonly string[] }
  convertLead(
    userId: string,
    lead: LeadConversion,
    options?: WriteOptions,
  ): { leadId: string; accountId: string; contactId: string; opportunityId: string | null }
  /** Takes these records out of the recycle bin for good, or all of them. */
  emptyRecycleBin(userId: string, ids?: readonly string[]): void
  /** What was deleted from a moment up to another, and how far back that is known. */
  listDeletions(
    viewer: Viewer,
    objectName: string,
    from: number,
    to: number,
  ): { earliest: number; entries: readonly { id: string; deletedAt: number }[] }
  /** Forgets deletions up to a moment, as Salesforce does when its log is full. */
  purgeDeleteLog(upTo: number): void
  /** Does what an author does with an article; gives the id of the version (or article) that it was done to or made. */
  actOnArticle(userId: string, action: ArticleAction): string
  /** The categories that articles may be put in. */
  dataCategories(): readonly DataCategoryGroup[]
  /** Makes, changes or takes away a validation or duplicate rule. */
  setSaveRule(rule: SaveRule): void
  /** Lets the next writes find their row locked by somebody else. */
  lockRows(lock: RowLock): void
  markViewed(userId: string, objectName: string, id: string): void
  /** The records that the user viewed lately, newest first. */
  listViewed(userId: string): readonly { objectName: string; id: string; at: number }[]
  /** Deactivates or reactivates a sign-in, as an org's admin would. */
  setUserActive(userId: string, active: boolean): void
  /** Takes an object or a field from a user, and gives it back: what an admin does with permission sets. */
  hideObject(userId: string, objectName: string): void
  showObject(userId: string, objectName: string): void
  hideField(userId: string, objectName: string, fieldName: string): void
  showField(userId: string, objectName: string, fieldName: string): void
  /** Changes objects and fields. Throws a RangeError that says what an administrator could not do. */
  changeSchema(change: SchemaChange): void
  /** Applies a journalled schema change without calling `onSchemaChange`. */
  replaySchemaChange(change: SchemaChange, at: number): void
  /** An object as a schema file would say it. */
  schemaOf(objectName: string): ObjectDefinition | undefined
  /** Changes who may do and see what. Throws a RangeError when it names what isn't there. */
  changeAccess(change: AccessChange): void
  /** Whether the viewer has a right on an object as such; rows may still be kept from them. */
  may(viewer: Viewer, objectName: string, right: ObjectRight): boolean
  mayEditField(viewer: Viewer, objectName: string, field: string): boolean
  readonly settings: OrgSettings
  /** Adds a field to an object as an admin would; existing records get the value without their stamps moving. */
  addField(objectName: string, field: FieldSchema, value?: FieldValue): void
}
