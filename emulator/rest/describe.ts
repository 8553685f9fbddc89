/** What objects and fields look like to a client: `/sobjects`, `/sobjects/X`, `/sobjects/X/describe` (salesforce-api.md 3.5). */
import { createHash } from 'node:crypto'
import type { FieldSchema, ObjectSchema } from '../org/model.ts'

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
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: schema.createable,
    custom: schema.custom,
    customSetting: false,
    dataTranslationEnabled: null,
    deepCloneable: false,
    deletable: schema.deletable,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix: schema.keyPrefix,
    label: schema.label,
    labelPlural: schema.labelPlural,
    layoutable: schema.createable,
    mergeable: schema.mergeable,
    mruEnabled: schema.searchable,
    name: schema.name,
    queryable: schema.queryable,
    replicateable: schema.replicateable,
    retrieveable: schema.retrieveable,
    searchable: schema.searchable,
    triggerable: schema.createable,
    undeletable: schema.undeletable,
    updateable: schema.updateable,
    urls: { rowTemplate: `${path}/{ID}`, describe: `${path}/describe`, sobject: path },
  }
}

/** The whole describe of one object. */
export function describeObject(schema: ObjectSchema, version: string): Record<string, unknown> {
  return {
    ...describeBriefly(schema, version),
    actionOverrides: [],
    childRelationships: schema.childRelationships.map((child) => ({
      cascadeDelete: child.cascadeDelete,
      childSObject: child.childSObject,
      deprecatedAndHidden: false,
      field: child.field,
      junctionIdListNames: [],
      junctionReferenceTo: [],
      relationshipName: child.relationshipName,
      restrictedDelete: false,
    })),
    compactLayoutable: schema.createable,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: schema.fields.map(describeField),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: [],
    networkScopeFieldName: null,
    recordTypeInfos: [
      {
        active: true,
        available: true,
        defaultRecordTypeMapping: true,
        developerName: 'Master',
        master: true,
        name: 'Master',
        recordTypeId: '012000000000000AAA',
        urls: {},
      },
    ],
    searchLayoutable: schema.searchable,
    sobjectDescribeOption: 'FULL',
    supportedScopes: [{ label: `All ${schema.labelPlural}`, name: 'everything' }],
  }
}

function describeField(field: FieldSchema): Record<string, unknown> {
  const isReference = field.type === 'reference'
  const isText = field.length > 0 && field.type !== 'base64'
  return {
    aggregatable: field.filterable && field.type !== 'textarea' && field.type !== 'boolean',
    aiPredictionField: false,
    autoNumber: field.autoNumber,
    // Three bytes a character, as Salesforce counts for Unicode text.
    byteLength: field.type === 'id' || isReference ? 18 : isText ? field.length * 3 : 0,
    calculated: field.calculated,
    calculatedFormula: null,
    cascadeDelete: false,
    caseSensitive: field.type === 'id' && field.unique,
    compoundFieldName: field.compoundFieldName,
    controllerName: null,
    createable: field.createable,
    custom: field.custom,
    defaultValue: field.type === 'boolean' ? false : null,
    defaultValueFormula: null,
    defaultedOnCreate: field.defaultedOnCreate,
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: field.type === 'int' ? field.precision : 0,
    displayLocationInDecimal: false,
    encrypted: false,
    externalId: field.externalId,
    extraTypeInfo: field.htmlFormatted ? 'richtextarea' : field.type === 'textarea' ? 'plaintextarea' : null,
    filterable: field.filterable,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable:
      field.filterable &&
      !['textarea', 'double', 'currency', 'percent', 'datetime', 'multipicklist'].includes(field.type),
    highScaleNumber: false,
    htmlFormatted: field.htmlFormatted,
    idLookup: field.type === 'id' || field.externalId,
    inlineHelpText: null,
    label: field.label,
    length: field.type === 'id' || isReference ? 18 : field.length,
    mask: null,
    maskType: null,
    name: field.name,
    nameField: field.nameField,
    namePointing: isReference && field.referenceTo.length > 1,
    nillable: field.nillable,
    permissionable: field.nillable && field.type !== 'id',
    picklistValues: field.picklistValues.map(({ active, defaultValue, label, value }) => ({
      active,
      defaultValue,
      label,
      validFor: null,
      value,
    })),
    polymorphicForeignKey: isReference && field.referenceTo.length > 1,
    precision: field.precision,
    queryByDistance: false,
    referenceTargetField: null,
    referenceTo: field.referenceTo,
    relationshipName: field.relationshipName,
    relationshipOrder: null,
    restrictedDelete: false,
    restrictedPicklist: field.restrictedPicklist,
    scale: field.scale,
    searchPrefilterable: false,
    soapType: SOAP_TYPES[field.type],
    sortable: field.sortable,
    type: field.type,
    unique: field.unique,
    updateable: field.updateable,
    writeRequiresMasterRead: false,
  }
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
