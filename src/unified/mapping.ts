/**
 * How a unified record is said to come from Salesforce: plain data, no input or output. `views.ts` compiles it to a
 * view, `indexes.ts` to what makes its lists quick, `api/record-shape.ts` to JSON. Write-back will read it backwards.
 */

export type Capability = 'helpdesk' | 'crm' | 'content'
export type SqlType = 'text' | 'boolean' | 'bigint' | 'numeric' | 'date' | 'timestamptz' | 'text[]' | 'jsonb'

/** Where a value comes from. What the mirror does not have is null of the right type, never an error. */
export type Value =
  /** The first of these fields that the mirror has (fields differ between editions and API versions). */
  | { readonly from: 'field'; readonly fields: readonly string[] }
  /** The first of these that is not null in the row. */
  | { readonly from: 'first'; readonly values: readonly Value[] }
  /** The first of these that the mirror can give at all. */
  | { readonly from: 'available'; readonly values: readonly Value[] }
  /** These with a blank between them. */
  | { readonly from: 'words'; readonly values: readonly Value[] }
  /** The unified id of the record that the value's Salesforce id means. */
  | { readonly from: 'unifiedId'; readonly value: Value }
  | { readonly from: 'constant'; readonly value: string | boolean }
  /** A value of the record that a reference field points at. */
  | { readonly from: 'joined'; readonly object: string; readonly on: string; readonly value: Value }
  /** What kind of record an id means, told by its key prefix. */
  | { readonly from: 'prefix'; readonly value: Value; readonly kinds: Readonly<Record<string, string>> }
  /** The first rule that holds gives the value. Null when the mirror has none of the fields that the rules look at. */
  | { readonly from: 'rules'; readonly rules: readonly Rule[]; readonly otherwise: Value }
  /** Names of the child rows that point here, sorted. */
  | { readonly from: 'children'; readonly object: string; readonly on: string; readonly field: string }
  /** The org's own rich text fields, one after the other. */
  | { readonly from: 'richText' }

export interface Rule {
  readonly value: Value
  readonly when: Condition
}

/** Fields are Salesforce's. A condition on a field that the mirror does not have is false. */
export type Condition =
  | { readonly isTrue: string }
  | { readonly isFalse: string }
  | { readonly isNull: string }
  /** A regular expression in Postgres's words, upper and lower case alike. */
  | { readonly matches: readonly [field: string, pattern: string] }
  | { readonly isOneOf: readonly [field: string, words: readonly string[]] }
  | { readonly hasPrefix: readonly [field: string, prefix: string] }
  /** True when the mirror does not have the field at all. */
  | { readonly isMissing: string }
  | { readonly all: readonly Condition[] }
  | { readonly not: Condition }

export interface Column {
  readonly type: SqlType
  readonly value: Value
  /** In JSON, the column is this property of a nested value: `contact_name` is `contact.name`. */
  readonly within?: { readonly group: string; readonly property: string }
  /** Too long for lists: only given with a single record. */
  readonly detail?: true
}

export interface Source {
  readonly object: string
  readonly columns: Readonly<Record<string, Column>>
  /** Rows to leave out: what Salesforce keeps twice, or what nobody was meant to see. */
  readonly leaveOut?: readonly Condition[]
  /** The record's own page in Salesforce, when it is not the object's. */
  readonly page?: { readonly object: string | null; readonly field: string }
  /** Of all rows that share these fields, only the first is the record: where `first` holds, then the newest. */
  readonly current?: {
    readonly per: readonly string[]
    readonly first: readonly Condition[]
    readonly newest: readonly string[]
  }
  /** The unified id is made from these instead of from Id. */
  readonly idFields?: readonly string[]
}

export interface RecordType {
  /** The name of one, as in the design: `ticket_comment`. */
  readonly name: string
  /** The view's name: `ticket_comments`. */
  readonly view: string
  readonly capabilities: readonly Capability[]
  /** More than one: the view is all of them together, with the same columns. */
  readonly sources: readonly [Source, ...Source[]]
  /** Unified columns that lists filter and sort by, in the order an index needs; `remote_id` ends each that lacks it. */
  readonly indexes?: readonly (readonly string[])[]
  /** Unified columns whose values are offered as choices: found in an index much smaller than the table. */
  readonly choices?: readonly string[]
  /** Unified columns that a search looks into. */
  readonly search?: readonly string[]
}

const value = (fields: readonly string[]): Value => ({ from: 'field', fields })
const column =
  (type: SqlType) =>
  (...fields: string[]): Column => ({ type, value: value(fields) })

export const text = column('text')
export const bool = column('boolean')
export const integer = column('bigint')
export const decimal = column('numeric')
export const date = column('date')
export const time = column('timestamptz')

export const constant = (word: string): Column => ({ type: 'text', value: { from: 'constant', value: word } })
export const field = (...fields: string[]): Value => value(fields)
export const textOf = (from: Value): Column => ({ type: 'text', value: from })
export const detail = (one: Column): Column => ({ ...one, detail: true })

export const joined = (object: string, on: string, from: Value | string): Value => ({
  from: 'joined',
  object,
  on,
  value: typeof from === 'string' ? value([from]) : from,
})

/** `Name` where the object has it (people's is put together by Salesforce), else first and last name. */
export const personName: Value = {
  from: 'available',
  values: [value(['Name']), { from: 'words', values: [value(['FirstName']), value(['LastName'])] }],
}

/** The organisation's or person's name behind a reference, for `link`. */
const nameOf: Readonly<Record<string, Value>> = {
  Contact: personName,
  Lead: personName,
  User: personName,
}

/**
 * A reference to another unified record: `<group>_id` (ours), `<group>_remote_id` (Salesforce's, for quick joins within
 * a schema) and what is needed to show it without a second look, all of it null when there is none.
 */
export function link(
  group: string,
  fieldName: string,
  object: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, Column> {
  return {
    ...ids(group, fieldName),
    [`${group}_name`]: within(group, 'name', textOf(joined(object, fieldName, nameOf[object] ?? 'Name'))),
    ...Object.fromEntries(
      Object.entries(more).map(([name, from]) => [
        `${group}_${name}`,
        within(group, name, textOf(joined(object, fieldName, from))),
      ]),
    ),
  }
}

/** A reference to a user or a queue, which `<group>_kind` tells apart: `user` or `team`. */
export function ownerLink(group: string, fieldName: string): Record<string, Column> {
  const name: Value = {
    from: 'first',
    values: [joined('User', fieldName, personName), joined('Group', fieldName, 'Name')],
  }
  return {
    ...ids(group, fieldName),
    [`${group}_name`]: within(group, 'name', textOf(name)),
    [`${group}_kind`]: within(
      group,
      'kind',
      textOf({ from: 'prefix', value: value([fieldName]), kinds: { '005': 'user', '00G': 'team' } }),
    ),
  }
}

/** A reference of which only the ids are given. */
export function ids(group: string, fieldName: string): Record<string, Column> {
  const remoteId = value([fieldName])
  return {
    [`${group}_id`]: within(group, 'id', textOf({ from: 'unifiedId', value: remoteId })),
    [`${group}_remote_id`]: within(group, 'remoteId', textOf(remoteId)),
  }
}

export const within = (group: string, property: string, one: Column): Column => ({
  ...one,
  within: { group, property },
})

/** A postal address, as a nested value in JSON. */
export function address(group: string, prefix: string): Record<string, Column> {
  const parts = { street: 'Street', city: 'City', state: 'State', postal_code: 'PostalCode', country: 'Country' }
  return Object.fromEntries(
    Object.entries(parts).map(([name, suffix]) => [
      `${group}_${name}`,
      within(group, name === 'postal_code' ? 'postalCode' : name, text(`${prefix}${suffix}`)),
    ]),
  )
}
