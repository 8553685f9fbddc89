/** Short ways to write down fields and objects as Salesforce describes them. */

import type { FieldSchema, FieldType, ObjectSchema, PicklistValue } from './model.ts'

type Traits = Partial<FieldSchema>

export const readOnly: Traits = { createable: false, updateable: false }
export const required: Traits = { nillable: false }
const unfilterable: Traits = { filterable: false, sortable: false }

function labelOf(name: string): string {
  const words = name
    .replace(/__c$/, '')
    .replace(/Id$/, ' ID')
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
  return words.trim()
}

function field(name: string, type: FieldType, traits: Traits): FieldSchema {
  return {
    name,
    label: labelOf(name),
    type,
    length: 0,
    precision: 0,
    scale: 0,
    nillable: true,
    custom: name.endsWith('__c'),
    createable: true,
    updateable: true,
    filterable: true,
    sortable: true,
    calculated: false,
    unique: false,
    externalId: false,
    nameField: false,
    htmlFormatted: false,
    autoNumber: false,
    defaultedOnCreate: false,
    restrictedPicklist: false,
    compoundFieldName: null,
    referenceTo: [],
    relationshipName: null,
    picklistValues: [],
    ...traits,
  }
}

export const text = (name: string, length = 255, traits: Traits = {}): FieldSchema =>
  field(name, 'string', { length, ...traits })

export const email = (name: string, traits: Traits = {}): FieldSchema => field(name, 'email', { length: 80, ...traits })

export const phone = (name: string, traits: Traits = {}): FieldSchema => field(name, 'phone', { length: 40, ...traits })

export const url = (name: string, traits: Traits = {}): FieldSchema => field(name, 'url', { length: 255, ...traits })

/** A text area; from 256 characters on it is a long one, which can be neither filtered nor sorted by. */
export const area = (name: string, length = 255, traits: Traits = {}): FieldSchema =>
  field(name, 'textarea', { length, ...(length > 255 ? unfilterable : {}), ...traits })

export const richText = (name: string, traits: Traits = {}): FieldSchema =>
  field(name, 'textarea', { length: 131072, htmlFormatted: true, ...unfilterable, ...traits })

export const flag = (name: string, traits: Traits = {}): FieldSchema =>
  field(name, 'boolean', { nillable: false, defaultedOnCreate: true, ...traits })

export const int = (name: string, traits: Traits = {}): FieldSchema => field(name, 'int', { precision: 8, ...traits })

export const double = (name: string, precision = 18, scale = 0, traits: Traits = {}): FieldSchema =>
  field(name, 'double', { precision, scale, ...traits })

export const currency = (name: string, traits: Traits = {}): FieldSchema =>
  field(name, 'currency', { precision: 18, scale: 2, ...traits })

export const percent = (name: string, precision = 3, scale = 0, traits: Traits = {}): FieldSchema =>
  field(name, 'percent', { precision, scale, ...traits })

export const date = (name: string, traits: Traits = {}): FieldSchema => field(name, 'date', traits)

export const datetime = (name: string, traits: Traits = {}): FieldSchema => field(name, 'datetime', traits)

export const time = (name: string, traits: Traits = {}): FieldSchema => field(name, 'time', traits)

export const blob = (name: string, traits: Traits = {}): FieldSchema =>
  field(name, 'base64', { ...unfilterable, ...traits })

export const anyType = (name: string): FieldSchema => field(name, 'anyType', { ...unfilterable, ...readOnly })

function picklistValues(values: readonly string[], preset: string | undefined): readonly PicklistValue[] {
  return values.map((value) => ({ value, label: value, active: true, defaultValue: value === preset }))
}

/** A picklist; `preset` is the value that a new record gets. */
export const choice = (
  name: string,
  values: readonly string[],
  { preset, ...traits }: Traits & { preset?: string } = {},
): FieldSchema =>
  field(name, 'picklist', {
    length: 255,
    picklistValues: picklistValues(values, preset),
    defaultedOnCreate: preset !== undefined,
    ...traits,
  })

export const combobox = (name: string, values: readonly string[], traits: Traits = {}): FieldSchema =>
  field(name, 'combobox', { length: 255, picklistValues: picklistValues(values, undefined), ...traits })

export const multiChoice = (name: string, values: readonly string[], traits: Traits = {}): FieldSchema =>
  field(name, 'multipicklist', {
    length: 4099,
    sortable: false,
    picklistValues: picklistValues(values, undefined),
    ...traits,
  })

/** A lookup. Its relationship is named as Salesforce names it unless told: `AccountId` → `Account`, `X__c` → `X__r`. */
export const reference = (name: string, to: readonly string[], traits: Traits = {}): FieldSchema =>
  field(name, 'reference', {
    length: 18,
    referenceTo: to,
    relationshipName: name.endsWith('__c') ? name.replace(/__c$/, '__r') : name.replace(/Id$/, ''),
    ...traits,
  })

/** An address with its components, `prefix` being `Billing`, `Mailing`, ... or nothing. */
export function address(prefix: string): readonly FieldSchema[] {
  const compoundFieldName = `${prefix}Address`
  const part: Traits = { compoundFieldName }
  return [
    area(`${prefix}Street`, 255, part),
    text(`${prefix}City`, 40, part),
    text(`${prefix}State`, 80, part),
    text(`${prefix}PostalCode`, 20, part),
    text(`${prefix}Country`, 80, part),
    double(`${prefix}Latitude`, 18, 15, part),
    double(`${prefix}Longitude`, 18, 15, part),
    choice(`${prefix}GeocodeAccuracy`, ['Address', 'NearAddress', 'Block', 'Street', 'Zip', 'City', 'State'], {
      ...part,
      restrictedPicklist: true,
    }),
    field(compoundFieldName, 'address', { ...readOnly, ...unfilterable }),
  ]
}

/** First name, last name and the rest of a person's name, and `Name`, which is made of them. */
export function personName(): readonly FieldSchema[] {
  const part: Traits = { compoundFieldName: 'Name' }
  return [
    text('LastName', 80, { ...part, nillable: false }),
    text('FirstName', 40, part),
    choice('Salutation', ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.'], part),
    text('Name', 121, { ...readOnly, nillable: false, nameField: true }),
  ]
}

const stamp = (name: string): FieldSchema => datetime(name, { ...readOnly, nillable: false, defaultedOnCreate: true })

const userReference = (name: string): FieldSchema =>
  reference(name, ['User'], { ...readOnly, nillable: false, defaultedOnCreate: true })

const idField: FieldSchema = field('Id', 'id', {
  ...readOnly,
  length: 18,
  nillable: false,
  defaultedOnCreate: true,
})

export const isDeleted: FieldSchema = flag('IsDeleted', readOnly)
export const createdDate: FieldSchema = stamp('CreatedDate')
export const createdBy: FieldSchema = userReference('CreatedById')
export const systemModstamp: FieldSchema = stamp('SystemModstamp')

/** The columns that Salesforce keeps itself on objects that are created and edited by people. */
export const audit: readonly FieldSchema[] = [
  createdDate,
  createdBy,
  stamp('LastModifiedDate'),
  userReference('LastModifiedById'),
  systemModstamp,
]

/** An object before its child relationships are known: they follow from the other objects' lookups. */
export interface ObjectDefinition {
  readonly schema: Omit<ObjectSchema, 'childRelationships'>
  /** For a lookup here, the relationship's name on the parent's side: `{ AccountId: 'Contacts' }`. */
  readonly childNames: { readonly [field: string]: string }
  /** Lookups whose parent takes this record with it when deleted. */
  readonly masters: readonly string[]
}

type ObjectTraits = Partial<Omit<ObjectSchema, 'name' | 'keyPrefix' | 'fields' | 'childRelationships'>> & {
  readonly children?: { readonly [field: string]: string }
  readonly masters?: readonly string[]
}

function pluralOf(label: string): string {
  if (label.endsWith('y')) return `${label.slice(0, -1)}ies`
  return label.endsWith('s') ? `${label}es` : `${label}s`
}

/** An object with its fields; what most objects have in common need not be said. */
export function defineObject(
  name: string,
  keyPrefix: string | null,
  fields: readonly FieldSchema[],
  { children = {}, masters = [], ...traits }: ObjectTraits = {},
): ObjectDefinition {
  const label = traits.label ?? labelOf(name.replaceAll('__', ' '))
  return {
    schema: {
      name,
      label,
      labelPlural: pluralOf(label),
      keyPrefix,
      custom: name.endsWith('__c'),
      createable: true,
      updateable: true,
      deletable: true,
      queryable: true,
      retrieveable: true,
      replicateable: true,
      searchable: true,
      mergeable: false,
      undeletable: fields.includes(isDeleted),
      bulk: true,
      fields: [idField, ...fields],
      ...traits,
    },
    childNames: children,
    masters,
  }
}
