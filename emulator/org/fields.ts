/** From what a schema file says about a field to the field as Salesforce describes it, and back. */

import type { FieldSchema, FieldType, PicklistValue } from './model.ts'
import type { FieldDefinition } from './schema-file.ts'

/** `AccountId` → `Account ID`, `Serial_Number__c` → `Serial Number`. */
export function labelOf(name: string): string {
  return name
    .replace(/__p?c$/, '')
    .replace(/Id$/, ' ID')
    .replaceAll('_', ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .trim()
}

const hidden = { filterable: false, sortable: false }
const readOnly = { createable: false, updateable: false }

/** What fields of a type are like unless told. */
const OF_TYPE: { readonly [type in FieldType]: Partial<FieldSchema> } = {
  id: { length: 18 },
  reference: { length: 18 },
  string: { length: 255 },
  textarea: { length: 255 },
  picklist: { length: 255 },
  multipicklist: { length: 4099, sortable: false },
  combobox: { length: 255 },
  boolean: { nillable: false, defaultedOnCreate: true },
  int: { precision: 8 },
  long: { precision: 18 },
  double: { precision: 18 },
  currency: { precision: 18, scale: 2 },
  percent: { precision: 3 },
  date: {},
  datetime: {},
  time: {},
  email: { length: 80 },
  phone: { length: 40 },
  url: { length: 255 },
  base64: hidden,
  address: { ...readOnly, ...hidden },
  encryptedstring: { length: 175, ...hidden },
  anyType: { ...readOnly, ...hidden },
}

const KEPT: Partial<FieldDefinition> = { readOnly: true, required: true, defaultedOnCreate: true }
const byUser: FieldDefinition = { type: 'reference', to: ['User'], ...KEPT }
/** Another value for each user. */
const viewed: FieldDefinition = { type: 'datetime', readOnly: true, permissionable: false }
const stamp: FieldDefinition = { type: 'datetime', ...KEPT }

/** The columns that Salesforce keeps itself; a file only names them. */
const SYSTEM_FIELDS: { readonly [name: string]: FieldDefinition } = {
  Id: { type: 'id', ...KEPT },
  IsDeleted: { type: 'boolean', readOnly: true },
  CreatedDate: stamp,
  CreatedById: byUser,
  LastModifiedDate: stamp,
  LastModifiedById: byUser,
  SystemModstamp: stamp,
  LastViewedDate: viewed,
  LastReferencedDate: viewed,
}

const STRUCTURE = ['compound', 'values', 'default', 'to', 'relationship', 'child'] as const

function picklistOf({ values = [], default: preset }: FieldDefinition): readonly PicklistValue[] {
  return values.map((one) => {
    const { value, label = value, active = true, for: validFor } = typeof one === 'string' ? { value: one } : one
    return { value, label, active, defaultValue: value === preset, ...(validFor && { validFor }) }
  })
}

/** The field that a definition makes. Throws a RangeError when it says nothing about the type. */
export function fieldOf(name: string, given: FieldDefinition): FieldSchema {
  const definition: FieldDefinition = { ...SYSTEM_FIELDS[name], ...given }
  const { type } = definition
  if (type === undefined) throw new RangeError(`${name} has no type`)
  const base = OF_TYPE[type]
  const length = definition.length ?? base.length ?? 0
  // Long text can be neither filtered nor sorted by, rich text neither.
  const isLong = type === 'textarea' && (length > 255 || definition.html === true)
  const calculated = definition.formula !== undefined || definition.rollUp !== undefined
  const custom = /__p?c$/.test(name)
  const isPreset = definition.default !== undefined && definition.default !== null
  const write = definition.readOnly === true || calculated || definition.autoNumber !== undefined ? readOnly : {}
  const { help, autoNumber, controller, child, onDelete, formula, rollUp } = definition
  const field: FieldSchema = {
    name,
    label: definition.label ?? labelOf(name),
    type,
    precision: 0,
    scale: 0,
    nillable: true,
    custom,
    createable: true,
    updateable: true,
    filterable: true,
    sortable: true,
    unique: false,
    externalId: false,
    nameField: false,
    defaultedOnCreate: isPreset,
    ...base,
    ...(isLong ? hidden : {}),
    ...write,
    length,
    calculated,
    autoNumber: autoNumber !== undefined,
    htmlFormatted: definition.html ?? false,
    restrictedPicklist: definition.restricted ?? false,
    compoundFieldName: definition.compound ?? null,
    referenceTo: definition.to ?? [],
    relationshipName: type === 'reference' ? relationshipOf(name, definition) : null,
    picklistValues: picklistOf(definition),
    ...(definition.required !== undefined && { nillable: !definition.required }),
    ...(definition.precision !== undefined && { precision: definition.precision }),
    ...(definition.scale !== undefined && { scale: definition.scale }),
    ...(definition.createable !== undefined && { createable: definition.createable }),
    ...(definition.updateable !== undefined && { updateable: definition.updateable }),
    ...(definition.filterable !== undefined && { filterable: definition.filterable }),
    ...(definition.sortable !== undefined && { sortable: definition.sortable }),
    ...(definition.groupable !== undefined && { groupable: definition.groupable }),
    ...(definition.unique !== undefined && { unique: definition.unique }),
    ...(definition.caseSensitive !== undefined && { caseSensitive: definition.caseSensitive }),
    ...(definition.externalId !== undefined && { externalId: definition.externalId }),
    ...(definition.idLookup !== undefined && { idLookup: definition.idLookup }),
    ...(definition.nameField !== undefined && { nameField: definition.nameField }),
    ...(definition.defaultedOnCreate !== undefined && { defaultedOnCreate: definition.defaultedOnCreate }),
    ...(definition.permissionable !== undefined && { permissionable: definition.permissionable }),
    ...(help !== undefined && { inlineHelpText: help }),
    ...(isPreset && definition.values === undefined && { defaultValue: definition.default ?? null }),
    ...(autoNumber && { displayFormat: autoNumber }),
    ...(controller !== undefined && { controllerName: controller }),
    ...(formula !== undefined && { formula }),
    ...(rollUp !== undefined && { rollUp }),
    ...(child !== undefined && { childRelationshipName: child }),
    ...(onDelete !== undefined && { onDelete }),
  }
  return field
}

/** A lookup's relationship, as Salesforce names it unless told: `AccountId` → `Account`, `X__c` → `X__r`. */
function relationshipOf(name: string, { relationship }: FieldDefinition): string | null {
  if (relationship !== undefined) return relationship
  return name.endsWith('__c') ? name.replace(/__c$/, '__r') : name.replace(/Id$/, '')
}

/** The shortest definition that makes this field. */
export function definitionOf(field: FieldSchema): FieldDefinition {
  const preset = field.picklistValues.find((choice) => choice.defaultValue)?.value ?? field.defaultValue
  const full: FieldDefinition = {
    type: field.type,
    label: field.label,
    length: field.length,
    precision: field.precision,
    scale: field.scale,
    required: !field.nillable,
    createable: field.createable,
    updateable: field.updateable,
    filterable: field.filterable,
    sortable: field.sortable,
    unique: field.unique,
    externalId: field.externalId,
    nameField: field.nameField,
    html: field.htmlFormatted,
    defaultedOnCreate: field.defaultedOnCreate,
    restricted: field.restrictedPicklist,
    ...(field.autoNumber && { autoNumber: field.displayFormat ?? '' }),
    ...(field.compoundFieldName !== null && { compound: field.compoundFieldName }),
    ...(field.type === 'reference' && { to: [...field.referenceTo], relationship: field.relationshipName }),
    ...(field.picklistValues.length > 0 && { values: field.picklistValues.map(valueDefinition) }),
    ...(preset !== undefined && { default: preset }),
    ...(field.groupable !== undefined && { groupable: field.groupable }),
    ...(field.idLookup !== undefined && { idLookup: field.idLookup }),
    ...(field.caseSensitive !== undefined && { caseSensitive: field.caseSensitive }),
    ...(field.permissionable !== undefined && { permissionable: field.permissionable }),
    ...(field.inlineHelpText !== undefined && { help: field.inlineHelpText }),
    ...(field.controllerName !== undefined && { controller: field.controllerName }),
    ...(field.formula !== undefined && { formula: field.formula }),
    ...(field.rollUp !== undefined && { rollUp: field.rollUp }),
    ...(field.childRelationshipName !== undefined && { child: field.childRelationshipName }),
    ...(field.onDelete !== undefined && { onDelete: field.onDelete }),
  }
  return shortened(field, full)
}

function valueDefinition({ value, label, active, validFor }: PicklistValue) {
  if (label === value && active && !validFor) return value
  return {
    value,
    ...(label !== value && { label }),
    ...(!active && { active }),
    ...(validFor && { for: [...validFor] }),
  }
}

/** Leaves out, one after the other, what makes no difference. */
function shortened(field: FieldSchema, full: FieldDefinition): FieldDefinition {
  const wanted = JSON.stringify(sorted(field))
  const makesIt = (definition: FieldDefinition) => {
    const { type = SYSTEM_FIELDS[field.name]?.type } = definition
    return type !== undefined && JSON.stringify(sorted(fieldOf(field.name, definition))) === wanted
  }
  let definition = full
  for (const key of Object.keys(full) as (keyof FieldDefinition)[]) {
    if (STRUCTURE.some((kept) => kept === key) && key !== 'relationship' && full[key] !== undefined) continue
    const { [key]: _, ...rest } = definition
    if (makesIt(rest)) definition = rest
  }
  const { createable, updateable, ...rest } = definition
  const brief = { ...rest, readOnly: true }
  return createable === false && updateable === false && makesIt(brief) ? brief : definition
}

function sorted(field: FieldSchema): readonly unknown[] {
  return Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The components of a compound address, `prefix` being `Billing`, `Mailing`, ... or nothing. */
export function addressFields(name: string): { readonly [name: string]: FieldDefinition } {
  const prefix = name.replace(/Address$/, '')
  const part = (definition: FieldDefinition): FieldDefinition => ({ ...definition, compound: name })
  return {
    [`${prefix}Street`]: part({ type: 'textarea' }),
    [`${prefix}City`]: part({ type: 'string', length: 40 }),
    [`${prefix}State`]: part({ type: 'string', length: 80 }),
    [`${prefix}PostalCode`]: part({ type: 'string', length: 20 }),
    [`${prefix}Country`]: part({ type: 'string', length: 80 }),
    [`${prefix}Latitude`]: part({ type: 'double', scale: 15 }),
    [`${prefix}Longitude`]: part({ type: 'double', scale: 15 }),
    [`${prefix}GeocodeAccuracy`]: part({
      type: 'picklist',
      restricted: true,
      values: ['Address', 'NearAddress', 'Block', 'Street', 'Zip', 'City', 'State'],
    }),
  }
}
