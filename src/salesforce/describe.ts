import { asList, asNumber, asRecord, asText, type JsonRecord, type JsonValue } from './json.ts'

export interface FieldDescribe {
  readonly name: string
  readonly label: string
  /** Salesforce's own word (`string`, `reference`, `double`, ...); new ones may appear. */
  readonly type: string
  readonly length: number
  readonly precision: number
  readonly scale: number
  readonly digits: number
  readonly nillable: boolean
  readonly calculated: boolean
  readonly custom: boolean
  readonly filterable: boolean
  readonly sortable: boolean
  readonly htmlFormatted: boolean
  readonly deprecatedAndHidden: boolean
  readonly compoundFieldName: string | null
  readonly referenceTo: readonly string[]
  readonly relationshipName: string | null
  readonly picklistValues: readonly { value: string; label: string; active: boolean }[]
}

export interface ObjectDescribe {
  readonly name: string
  readonly label: string
  readonly labelPlural: string
  readonly keyPrefix: string | null
  readonly queryable: boolean
  readonly replicateable: boolean
  readonly custom: boolean
  readonly fields: readonly FieldDescribe[]
  readonly recordTypeInfos: readonly { recordTypeId: string; developerName: string; name: string; active: boolean }[]
  readonly childRelationships: readonly { childSObject: string; field: string; relationshipName: string | null }[]
}

/** Reads a describe by the attributes we use; what is missing or new does no harm. */
export function readDescribe(body: JsonValue | undefined): ObjectDescribe {
  const object = asRecord(body)
  const name = asText(object.name) ?? ''
  return {
    name,
    label: asText(object.label) ?? name,
    labelPlural: asText(object.labelPlural) ?? asText(object.label) ?? name,
    keyPrefix: asText(object.keyPrefix),
    queryable: object.queryable === true,
    replicateable: object.replicateable === true,
    custom: object.custom === true,
    fields: asList(object.fields).map((field) => readField(asRecord(field))),
    recordTypeInfos: asList(object.recordTypeInfos)
      .map(asRecord)
      .map((info) => ({
        recordTypeId: asText(info.recordTypeId) ?? '',
        developerName: asText(info.developerName) ?? '',
        name: asText(info.name) ?? '',
        active: info.active === true,
      })),
    childRelationships: asList(object.childRelationships)
      .map(asRecord)
      .map((child) => ({
        childSObject: asText(child.childSObject) ?? '',
        field: asText(child.field) ?? '',
        relationshipName: asText(child.relationshipName),
      })),
  }
}

function readField(field: JsonRecord): FieldDescribe {
  const name = asText(field.name) ?? ''
  return {
    name,
    label: asText(field.label) ?? name,
    type: asText(field.type) ?? 'anyType',
    length: asNumber(field.length) ?? 0,
    precision: asNumber(field.precision) ?? 0,
    scale: asNumber(field.scale) ?? 0,
    digits: asNumber(field.digits) ?? 0,
    nillable: field.nillable !== false,
    calculated: field.calculated === true,
    custom: field.custom === true,
    filterable: field.filterable === true,
    sortable: field.sortable === true,
    htmlFormatted: field.htmlFormatted === true,
    deprecatedAndHidden: field.deprecatedAndHidden === true,
    compoundFieldName: asText(field.compoundFieldName),
    referenceTo: asList(field.referenceTo).filter((name) => typeof name === 'string'),
    relationshipName: asText(field.relationshipName),
    picklistValues: asList(field.picklistValues)
      .map(asRecord)
      .map((entry) => ({
        value: asText(entry.value) ?? '',
        label: asText(entry.label) ?? asText(entry.value) ?? '',
        active: entry.active !== false,
      })),
  }
}
