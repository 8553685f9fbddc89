/** Who may see which objects and fields. */

import { type FieldSchema, type ObjectRight, type ObjectSchema, OrgError, type Viewer } from './model.ts'
import type { Table } from './table.ts'

/** What the support agent's profile keeps from its users. */
const HIDDEN_OBJECTS = [
  'CaseHistory',
  'Campaign',
  'CampaignMember',
  'Lead',
  'LeadStatus',
  'Opportunity',
  'OpportunityHistory',
  'OpportunityLineItem',
  'OpportunityStage',
  'Pricebook2',
  'PricebookEntry',
  'Product2',
]
const HIDDEN_FIELDS: { readonly [objectName: string]: readonly string[] } = {
  Account: ['AnnualRevenue'],
  Case: ['Internal_Cost__c'],
}

export interface Access {
  /** The object as the viewer sees it, whatever the case of its name; undefined when it isn't there for them. */
  visibleObject(viewer: Viewer, name: string): ObjectSchema | undefined
  visibleObjects(viewer: Viewer): readonly ObjectSchema[]
  may(viewer: Viewer, objectName: string, right: ObjectRight): boolean
  mayEditField(viewer: Viewer, objectName: string, field: string): boolean
  hideObject(userId: string, objectName: string): void
  showObject(userId: string, objectName: string): void
  hideField(userId: string, objectName: string, fieldName: string): void
  showField(userId: string, objectName: string, fieldName: string): void
}

interface Restrictions {
  readonly objects: Set<string>
  readonly fields: Map<string, Set<string>>
  readonly seen: Map<string, { of: ObjectSchema; schema: ObjectSchema }>
}

const NONE: ReadonlySet<string> = new Set()

function withoutHidden(schema: ObjectSchema, { objects, fields }: Restrictions): ObjectSchema {
  const hidden = fields.get(schema.name) ?? NONE
  // A lookup stays when its target is hidden, as in Salesforce: the id is seen, what lies behind it is not.
  const visible: readonly FieldSchema[] = schema.fields.filter((field) => !hidden.has(field.name))
  return {
    ...schema,
    fields: visible,
    childRelationships: schema.childRelationships.filter(
      ({ childSObject, field }) => !objects.has(childSObject) && !fields.get(childSObject)?.has(field),
    ),
  }
}

/** Access for everybody: all is seen, except by the support agent, who sees what that profile shows. */
export function createAccess(tables: ReadonlyMap<string, Table>, agentId: string): Access {
  const byLowerName = new Map([...tables].map(([name, table]) => [name.toLowerCase(), table]))
  const restrictions = new Map<string, Restrictions>()

  function restrictionsOf(userId: string): Restrictions {
    let found = restrictions.get(userId)
    if (!found) {
      const all = userId !== agentId
      found = {
        objects: new Set(all ? [] : HIDDEN_OBJECTS),
        fields: new Map(all ? [] : Object.entries(HIDDEN_FIELDS).map(([name, fields]) => [name, new Set(fields)])),
        seen: new Map(),
      }
      restrictions.set(userId, found)
    }
    return found
  }

  function visible(userId: string, table: Table): ObjectSchema | undefined {
    const { schema } = table
    const restricted = restrictionsOf(userId)
    if (restricted.objects.has(schema.name)) return undefined
    const seen = restricted.seen.get(schema.name)
    if (seen && seen.of === schema) return seen.schema
    const filtered = withoutHidden(schema, restricted)
    restricted.seen.set(schema.name, { of: schema, schema: filtered })
    return filtered
  }

  function change(userId: string, objectName: string, apply: (restricted: Restrictions) => void): void {
    if (!tables.has(objectName)) throw new OrgError('NOT_FOUND', `There is no object ${objectName}`, 404)
    const restricted = restrictionsOf(userId)
    apply(restricted)
    restricted.seen.clear()
  }

  return {
    visibleObject(viewer, name) {
      const table = byLowerName.get(name.toLowerCase())
      return table && visible(viewer.userId, table)
    },
    visibleObjects: (viewer) =>
      [...tables.values()]
        .map((table) => visible(viewer.userId, table))
        .filter((schema) => schema !== undefined)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    may(viewer, objectName, right) {
      const table = byLowerName.get(objectName.toLowerCase())
      if (!table || !visible(viewer.userId, table)) return false
      switch (right) {
        case 'create':
          return table.schema.createable
        case 'edit':
          return table.schema.updateable
        case 'delete':
          return table.schema.deletable
        case 'viewAll':
          return viewer.permissions.has('ViewAllData')
        case 'modifyAll':
          return viewer.permissions.has('ModifyAllData')
      }
    },
    mayEditField(viewer, objectName, fieldName) {
      const table = byLowerName.get(objectName.toLowerCase())
      const fields = table && visible(viewer.userId, table)?.fields
      return fields?.find(({ name }) => name === fieldName)?.updateable ?? false
    },
    hideObject: (userId, objectName) => change(userId, objectName, ({ objects }) => objects.add(objectName)),
    showObject: (userId, objectName) => change(userId, objectName, ({ objects }) => objects.delete(objectName)),
    hideField: (userId, objectName, fieldName) =>
      change(userId, objectName, ({ fields }) => {
        const hidden = fields.get(objectName) ?? new Set()
        fields.set(objectName, hidden.add(fieldName))
      }),
    showField: (userId, objectName, fieldName) =>
      change(userId, objectName, ({ fields }) => fields.get(objectName)?.delete(fieldName)),
  }
}

/** Who sees which rows, by table: a query has only the table at hand. */
const sharing = new WeakMap<Table, (viewer: Viewer) => RowFilter | undefined>()

export type RowFilter = (slot: number) => boolean

/** Which of an object's records the viewer sees, by slot; undefined for all of them. */
export function rowFilter(viewer: Viewer, table: Table): RowFilter | undefined {
  return sharing.get(table)?.(viewer)
}
