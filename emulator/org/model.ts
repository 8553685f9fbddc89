/**
 * The seam between the practice org's data (this folder) and its HTTP face (the rest of `emulator/`).
 * Everything Salesforce would keep in its database stands behind `Org`; everything a client sees on the wire is built
 * from it elsewhere.
 */

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
  | 'anyType'

export interface PicklistValue {
  readonly value: string
  readonly label: string
  readonly active: boolean
  readonly defaultValue: boolean
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
  readonly fields: readonly FieldSchema[]
  readonly childRelationships: readonly {
    readonly childSObject: string
    readonly field: string
    readonly relationshipName: string | null
    readonly cascadeDelete: boolean
  }[]
}

export interface RecordFields {
  readonly [field: string]: FieldValue
}

export interface WriteOptions {
  /** Salesforce's own processes (lead conversion, publishing) also set fields that people can't. */
  readonly asSystem?: boolean
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
}

export interface QueryResult extends RowSet {
  /** True for `SELECT COUNT() FROM X`: the answer has `totalSize` and no records. */
  readonly countOnly: boolean
  /** How many rows there are in all; walks the data once when it can't be known cheaply. */
  readonly totalSize: number
  /** The rows in order, made as they are asked for. May be walked more than once. Index 0 of a row is columns[0]. */
  rows(): Iterable<ResultRow>
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
  /** The fields that a create or update sets. */
  readonly fields?: { readonly [field: string]: FieldValue }
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
  /** Runs SOQL. Throws OrgError with Salesforce's own codes and messages (MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE, ...). */
  query(viewer: Viewer, soql: string, options: QueryOptions): QueryResult
  /** One record as the viewer sees it, or undefined (missing, deleted, or not theirs to see). */
  findRecord(viewer: Viewer, objectName: string, id: string): OrgRecord | undefined
  /** The bytes of a file or attachment, or undefined. */
  readBlob(viewer: Viewer, objectName: string, id: string, field: string): Uint8Array | undefined
  create(userId: string, objectName: string, fields: RecordFields, options?: WriteOptions): string
  update(userId: string, objectName: string, id: string, fields: RecordFields, options?: WriteOptions): void
  delete(userId: string, objectName: string, id: string): void
  undelete(userId: string, objectName: string, id: string): void
  /** Gone for good, as after the recycle bin is emptied. */
  hardDelete(userId: string, objectName: string, id: string): void
  /** Applies a journalled change without calling `onChange`. */
  replay(change: Change): void
  /** Deactivates or reactivates a sign-in, as an org's admin would. */
  setUserActive(userId: string, active: boolean): void
  /** Takes an object or a field from a user, and gives it back: what an admin does with permission sets. */
  hideObject(userId: string, objectName: string): void
  showObject(userId: string, objectName: string): void
  hideField(userId: string, objectName: string, fieldName: string): void
  showField(userId: string, objectName: string, fieldName: string): void
  /** Adds a field to an object as an admin would; existing records get the value without their stamps moving. */
  addField(objectName: string, field: FieldSchema, value?: FieldValue): void
}
