/** What objects and fields look like to a client: `/sobjects`, `/sobjects/X`, `/sobjects/X/describe` (salesforce-api.md 3.5). */
import { createHash } from 'node:crypto'
import type { FieldSchema, ObjectSchema } from '../org/model.ts'
import { isPermissionable } from '../org/profiles.ts'

const SOAP_TYPES: Record<FieldSchema['type'], string> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  string: 'xsd:string',
  textarea: 'xsd:string',
  picklist: 'xsd:string',
  multipicklist: 'xsd:string',
  combobox: 'xsd:string',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  long: 'xsd:long',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  time: 'xsd:time',
  email: 'xsd:string',
  phone: 'xsd:string',
  url: 'xsd:string',
  base64: 'xsd:base64Binary',
  address: 'urn:address',
  encryptedstring: 'xsd:string',
  anyType: 'xsd:anyType',
}

/** The object-level facts that the global describe and a single describe share. */
export function describeBriefly(schema: ObjectSchema, version: string): Record<string, unknown> {
  const path = `/services/data/${version}/sobjects/${schema.name}`
  const layoutable = isLayoutable(schema)
  return {
    activateable: false,
    ...associationOf(schema),
    createable: schema.createable,
    custom: schema.custom,
    customSetting: schema.customSetting,
    dataTranslationEnabled: null,
    deepCloneable: false,
    deletable: schema.deletable,
    deprecatedAndHidden: false,
    feedEnabled: schema.feedEnabled,
    hasSubtypes: schema.fields.some((field) => field.name === 'IsPersonAccount'),
    idEnabled: true,
    isInterface: false,
    isSubtype: false,
    keyPrefix: schema.keyPrefix,
    label: schema.label,
    labelPlural: schema.labelPlural,
    layoutable,
    mergeable: schema.mergeable,
    mruEnabled: schema.searchable,
    name: schema.name,
    queryable: schema.queryable,
    replicateable: schema.replicateable,
    retrieveable: schema.retrieveable,
    searchable: schema.searchable,
    triggerable: layoutable && !schema.setup,
    undeletable: schema.undeletable,
    updateable: schema.updateable,
    urls: {
      rowTemplate: `${path}/{ID}`,
      ...(layoutable && { defaultValues: `${path}/defaultValues?recordTypeId&fields` }),
      describe: `${path}/describe`,
      sobject: path,
    },
  }
}

/** The whole describe of one object as its schema was shown to a viewer; `instanceUrl` is where people see records. */
export function describeObject(
  schema: ObjectSchema,
  { version, instanceUrl }: { version: string; instanceUrl: string },
): Record<string, unknown> {
  const layoutable = isLayoutable(schema)
  const brief = describeBriefly(schema, version)
  const path = `/services/data/${version}/sobjects/${schema.name}`
  return {
    ...brief,
    actionOverrides: [],
    childRelationships: schema.childRelationships.map((child) => ({
      cascadeDelete: child.cascadeDelete,
      childSObject: child.childSObject,
      deprecatedAndHidden: false,
      field: child.field,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName: child.relationshipName,
      restrictedDelete: child.restrictedDelete ?? false,
    })),
    compactLayoutable: layoutable,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: schema.fields.map((field) => describeField(schema, field)),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: recordTypeInfos(schema, layoutable ? `${path}/describe/layouts` : undefined),
    searchLayoutable: schema.searchable,
    sobjectDescribeOption: 'FULL',
    supportedScopes: scopesOf(schema),
    urls: {
      rowTemplate: `${path}/{ID}`,
      ...(layoutable && {
        compactLayouts: `${path}/describe/compactLayouts`,
        approvalLayouts: `${path}/describe/approvalLayouts`,
        defaultValues: `${path}/defaultValues?recordTypeId&fields`,
        listviews: `${path}/listviews`,
        quickActions: `${path}/quickActions`,
        layouts: `${path}/describe/layouts`,
        uiDetailTemplate: `${instanceUrl}/{ID}`,
        uiEditTemplate: `${instanceUrl}/{ID}/e`,
        uiNewRecord: `${instanceUrl}/${schema.keyPrefix}/e`,
      }),
      describe: `${path}/describe`,
      sobject: path,
    },
  }
}

/** Whether people see it on pages of its own. */
function isLayoutable(schema: ObjectSchema): boolean {
  return schema.searchable && schema.keyPrefix !== null
}

/** Shares and histories name the object that they belong to. */
function associationOf({ name, seenWith, parent, fields }: ObjectSchema): Record<string, string | null> {
  const type = /(Share|History)$/.exec(name)?.[1] ?? null
  const [parentObject = null] = fields.find((field) => field.name === parent)?.referenceTo ?? []
  return { associateEntityType: type, associateParentEntity: type && (seenWith ?? parentObject) }
}

/** The org's record types of the object, and the master that stands for none (salesforce-api.md 3.5). */
function recordTypeInfos({ recordTypes = [] }: ObjectSchema, layouts: string | undefined): readonly object[] {
  const info = (id: string, type: { name: string; developerName: string; active: boolean; available: boolean }) => ({
    active: type.active,
    available: type.available,
    developerName: type.developerName,
    name: type.name,
    recordTypeId: id,
    urls: layouts === undefined ? {} : { layout: `${layouts}/${id}` },
  })
  const master = { name: 'Master', developerName: 'Master', active: true, available: true }
  return [
    ...recordTypes.map((type) => ({
      ...info(type.id, type),
      defaultRecordTypeMapping: type.isDefault,
      master: false,
    })),
    {
      ...info('012000000000000AAA', master),
      defaultRecordTypeMapping: !recordTypes.some((type) => type.isDefault),
      master: true,
    },
  ]
}

function scopesOf({ labelPlural, fields }: ObjectSchema): readonly object[] {
  const plural = labelPlural.toLowerCase()
  const isOwned = fields.some((field) => field.name === 'OwnerId')
  return [{ label: `All ${plural}`, name: 'everything' }, ...(isOwned ? [{ label: `My ${plural}`, name: 'mine' }] : [])]
}

const WITHOUT_AGGREGATES = new Set(['boolean', 'multipicklist', 'address', 'anyType', 'base64', 'encryptedstring'])
const WITHOUT_GROUPS = new Set([
  'double',
  'currency',
  'percent',
  'datetime',
  'multipicklist',
  'address',
  'anyType',
  'base64',
  'encryptedstring',
])

function describeField(schema: ObjectSchema, field: FieldSchema): Record<string, unknown> {
  const { type } = field
  const isReference = type === 'reference'
  const isLong = type === 'textarea' && !field.filterable
  const isPolymorphic = isReference && field.referenceTo.length > 1
  const isMaster = field.custom && isReference && field.onDelete === 'cascade'
  const controller = schema.fields.find(({ name }) => name === field.controllerName)
  return {
    aggregatable: !isLong && !WITHOUT_AGGREGATES.has(type),
    aiPredictionField: false,
    autoNumber: field.autoNumber,
    // Three bytes a character, as Salesforce counts for Unicode text.
    byteLength: type === 'id' || isReference ? 18 : type === 'base64' ? 0 : field.length * 3,
    calculated: field.calculated,
    calculatedFormula: field.formula ?? null,
    cascadeDelete: isMaster,
    caseSensitive: field.caseSensitive ?? false,
    compoundFieldName: field.compoundFieldName,
    controllerName: field.controllerName ?? null,
    createable: field.createable,
    custom: field.custom,
    dataTranslationEnabled: null,
    defaultValue: field.defaultValue ?? (type === 'boolean' ? false : null),
    defaultValueFormula: null,
    defaultedOnCreate: field.defaultedOnCreate,
    dependentPicklist: controller !== undefined,
    deprecatedAndHidden: false,
    // A whole number's size is in its digits, any other's in precision and scale.
    digits: type === 'int' || type === 'long' ? field.precision : 0,
    displayLocationInDecimal: false,
    encrypted: type === 'encryptedstring',
    externalId: field.externalId,
    extraTypeInfo: extraTypeInfo(schema, field),
    filterable: field.filterable,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: field.formula !== undefined,
    groupable: field.groupable ?? (field.filterable && !isLong && !WITHOUT_GROUPS.has(type)),
    highScaleNumber: false,
    htmlFormatted: field.htmlFormatted,
    idLookup: field.idLookup ?? isIdLookup(field),
    inlineHelpText: field.inlineHelpText ?? null,
    label: field.label,
    length: field.length,
    mask: type === 'encryptedstring' ? 'asterisk' : null,
    maskType: type === 'encryptedstring' ? 'all' : null,
    name: field.name,
    nameField: field.nameField,
    namePointing: isPolymorphic,
    nillable: field.nillable,
    permissionable: isPermissionable(schema, field) || (field.compoundFieldName !== null && field.nillable),
    picklistValues: field.picklistValues.map(({ active, defaultValue, label, value, validFor }) => ({
      active,
      defaultValue,
      label,
      validFor: controller === undefined ? null : validForBits(controller, validFor),
      value,
    })),
    polymorphicForeignKey: isPolymorphic,
    precision: type === 'int' || type === 'long' ? 0 : field.precision,
    queryByDistance: type === 'address',
    referenceTargetField: null,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    relationshipOrder: isMaster ? 0 : null,
    restrictedDelete: field.custom && field.onDelete === 'restrict',
    restrictedPicklist: field.restrictedPicklist,
    scale: field.scale,
    searchPrefilterable: isReference && schema.searchable,
    soapType: SOAP_TYPES[type],
    sortable: field.sortable,
    type,
    unique: field.unique,
    updateable: field.updateable,
    writeRequiresMasterRead: false,
  }
}

function extraTypeInfo(schema: ObjectSchema, field: FieldSchema): string | null {
  if (field.htmlFormatted) return 'richtextarea'
  if (field.type === 'textarea') return 'plaintextarea'
  return schema.fields.some((part) => part.compoundFieldName === field.name) && field.nameField ? 'personname' : null
}

/** Which fields an upsert or a relationship may find records by, beside external ids. */
function isIdLookup(field: FieldSchema): boolean {
  return field.type === 'id' || field.externalId || (field.nameField && (field.autoNumber || field.custom))
}

/**
 * One bit for each value of the controlling field, the first one's the highest of the first byte, in Base64
 * (https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_describesobjects_describesobjectresult.htm,
 * "Determine the valid values for dependent picklists").
 */
function validForBits(controller: FieldSchema, validFor: readonly string[] | undefined): string {
  const values = controller.type === 'boolean' ? ['false', 'true'] : controller.picklistValues.map(({ value }) => value)
  const bytes = Buffer.alloc(Math.ceil(values.length / 24) * 3)
  for (const [index, value] of values.entries()) {
    if (validFor && !validFor.includes(value)) continue
    const byte = index >> 3
    bytes[byte] = (bytes[byte] ?? 0) | (0x80 >> (index & 7))
  }
  return bytes.toString('base64')
}

/**
 * Remembers since when a description has looked the way it does, so that `If-Modified-Since` can be answered: the
 * schema may change for one viewer (a hidden field) and not for another.
 */
export class DescribeTimes {
  readonly #now: () => number
  readonly #startedAt: number
  readonly #seen = new Map<string, { digest: string; modifiedAt: number }>()

  constructor(now: () => number) {
    this.#now = now
    this.#startedAt = Math.floor(now() / 1000) * 1000
  }

  /** When this text, under this key, last became different; whole seconds, since an HTTP date has no more. */
  modifiedAt(key: string, text: string): number {
    const digest = createHash('sha1').update(text).digest('base64')
    const known = this.#seen.get(key)
    if (known?.digest === digest) return known.modifiedAt
    // A change within the second of the last one must still look newer than it.
    const modifiedAt = known
      ? Math.max(Math.floor(this.#now() / 1000) * 1000, known.modifiedAt + 1000)
      : this.#startedAt
    this.#seen.set(key, { digest, modifiedAt })
    return modifiedAt
  }
}
