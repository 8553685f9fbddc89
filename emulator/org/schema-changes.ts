/** What an administrator does to objects and fields while the org is running, and what it does to the records. */

import { currencyField } from './currencies.ts'
import { definitionOf } from './fields.ts'
import { namesIn, parseFormula } from './formula-syntax.ts'
import { calculatedColumn } from './formulas.ts'
import { idOfSlot } from './ids.ts'
import type { FieldSchema, FieldValue, ObjectSchema, SchemaChange } from './model.ts'
import { GRANTS, governorOf, isPermissionable, isWritable, rightFields, withImplied } from './profiles.ts'
import type { FieldDefinition, ObjectDefinition } from './schema-file.ts'
import { type Definitions, describeObjects } from './schemas.ts'
import { createTable, type Table } from './table.ts'

interface SchemaContext {
  readonly tables: Map<string, Table>
  readonly definitions: Definitions
  now(): number
}

export interface OrgSchema {
  /** Makes a change at a moment; throws a RangeError, and changes nothing, when it can't be made. */
  apply(change: SchemaChange, at: number): void
  /** The object as a schema file would say it. */
  definitionOf(objectName: string): ObjectDefinition | undefined
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const NAME = /^[A-Za-z](?:[A-Za-z0-9]|_(?!_))*__c$/

/** Takes charge of an org's schema: its tables are described, and its formulas worked out, from here. */
export function createOrgSchema({ tables, definitions: initial, now }: SchemaContext): OrgSchema {
  let definitions = new Map(initial)
  let customObjects = 0
  calculate()

  function calculate(): void {
    for (const table of tables.values()) {
      for (const field of table.schema.fields) {
        const column = calculatedColumn({ tables, now }, table.schema, field)
        if (column) table.compute(field.name, column)
      }
    }
  }

  function describe(next: Map<string, ObjectDefinition>): ReadonlyMap<string, ObjectSchema> {
    const schemas = describeObjects(next)
    for (const { name, fields } of schemas.values()) {
      const seen = new Set<string>()
      for (const field of fields) {
        const lower = field.name.toLowerCase()
        if (seen.has(lower)) throw new RangeError(`${name} has a field ${field.name} already`)
        seen.add(lower)
        if (field.formula !== undefined) parseFormula(field.formula)
      }
    }
    return schemas
  }

  function get(objectName: string): ObjectDefinition {
    const definition = definitions.get(objectName)
    if (!definition) throw new RangeError(`There is no object ${objectName}`)
    return definition
  }

  function getField(objectName: string, fieldName: string): FieldDefinition {
    const described = tables.get(objectName)?.schema.fields.find(({ name }) => name === fieldName)
    if (!described) throw new RangeError(`${objectName} has no field ${fieldName}`)
    return get(objectName).fields?.[fieldName] ?? definitionOf(described)
  }

  function requireCustom(objectName: string, fieldName: string): void {
    if (fieldName.endsWith('__c')) return
    throw new RangeError(`${objectName}.${fieldName} is a standard field: it can be hidden from users, but not removed`)
  }

  /** Formulas and roll-ups that would be left without a field that they read. */
  function requireUnused(objectName: string, fieldName: string): void {
    const names = [fieldName, fieldName.replace(/__c$/, '__r')]
    for (const [name, { fields = {} }] of definitions) {
      for (const [field, { formula, rollUp }] of Object.entries(fields)) {
        const reads = formula === undefined ? [] : namesIn(parseFormula(formula))
        const sums = rollUp?.of === objectName && [rollUp.by, rollUp.field].includes(fieldName)
        if ((name === objectName && field === fieldName) || !(names.some((one) => reads.includes(one)) || sums))
          continue
        throw new RangeError(`${objectName}.${fieldName} is used by ${name}.${field}: remove that first`)
      }
    }
  }

  function nextPrefix(): string {
    for (;;) {
      const n = customObjects++
      const prefix = `a${DIGITS[Math.floor(n / 62)] ?? ''}${DIGITS[n % 62] ?? ''}`
      if (![...tables.values()].some(({ schema }) => schema.keyPrefix === prefix)) return prefix
    }
  }

  /** Commits to new definitions, or to none of them when a formula can't be worked out with them. */
  function become(next: Map<string, ObjectDefinition>, schemas: ReadonlyMap<string, ObjectSchema>): void {
    const before = definitions
    show(schemas)
    try {
      calculate()
    } catch (error) {
      show(describe(before))
      forgetOthers(before)
      calculate()
      throw error
    }
    definitions = next
    forgetOthers(next)
  }

  function show(schemas: ReadonlyMap<string, ObjectSchema>): void {
    for (const [name, schema] of schemas) {
      const table = tables.get(name)
      if (!table) tables.set(name, createTable(schema))
      else if (JSON.stringify(table.schema) !== JSON.stringify(schema)) table.describeAs(schema)
    }
  }

  function forgetOthers(known: ReadonlyMap<string, ObjectDefinition>): void {
    for (const name of tables.keys()) if (!known.has(name)) tables.delete(name)
  }

  function withFields(objectName: string, fields: { readonly [name: string]: FieldDefinition }) {
    return new Map(definitions).set(objectName, { ...get(objectName), fields })
  }

  function addObject(name: string, definition: ObjectDefinition, at: number): void {
    if (!NAME.test(name) && definition.keyPrefix === undefined) {
      throw new RangeError(`${name} must end in __c, or be a standard object and say its keyPrefix`)
    }
    const taken = [...definitions].find(
      ([known, { keyPrefix }]) =>
        known.toLowerCase() === name.toLowerCase() || (keyPrefix !== undefined && keyPrefix === definition.keyPrefix),
    )
    if (taken) throw new RangeError(`There is an object ${taken[0]} already`)
    // In an org of several currencies, each custom object's records have one.
    const more = definitions.has('CurrencyType') && name.endsWith('__c') ? { CurrencyIsoCode: currencyField } : {}
    const full = {
      ...definition,
      keyPrefix: definition.keyPrefix ?? nextPrefix(),
      fields: { ...more, ...definition.fields },
    }
    const next = new Map(definitions).set(name, full)
    const isShared = full.sharing === 'Private' || full.sharing === 'Read'
    if (isShared && name.endsWith('__c')) next.set(name.replace(/__c$/, '__Share'), shareObject(name, nextPrefix()))
    become(next, describe(next))
    grantObject(name, at)
  }

  function removeObject(name: string): void {
    get(name)
    if (!name.endsWith('__c')) throw new RangeError(`${name} is a standard object: it can be hidden, but not removed`)
    for (const [other, { fields = {} }] of definitions) {
      for (const [field, { to, rollUp }] of Object.entries(fields)) {
        if (other === name) continue
        if (rollUp?.of === name) throw new RangeError(`${name} is used by ${other}.${field}: remove that first`)
        if (to?.length === 1 && to[0] === name) requireUnused(other, field)
      }
    }
    const next = new Map<string, ObjectDefinition>()
    for (const [other, definition] of definitions) {
      if (other === name || other === name.replace(/__c$/, '__Share')) continue
      next.set(other, { ...definition, fields: withoutLookups(definition.fields ?? {}, name) })
    }
    become(next, describe(next))
    revoke(({ object }) => object === name)
  }

  function addField(change: Extract<SchemaChange, { kind: 'add-field' }>, at: number): void {
    const { object, field, definition } = change
    if (!NAME.test(field) && !field.includes('__')) {
      // A standard field that this org lacks may be added as well; it is never taken away again.
      if (!/^[A-Z][A-Za-z0-9]*$/.test(field)) throw new RangeError(`${field} is no field name: custom ones end in __c`)
    }
    const next = withFields(object, { ...get(object).fields, [field]: definition })
    const schemas = describe(next)
    const table = tables.get(object)
    const described = schemas.get(object)?.fields.find(({ name }) => name === field)
    if (!table || !described) throw new RangeError(`${object} has no field ${field}`)
    become(next, schemas)
    if (!described.calculated) {
      const existing = table.slotCount()
      const empty = described.type === 'boolean' ? false : null
      const value = change.value === undefined ? empty : change.value
      table.compute(field, (slot) => (slot < existing ? value : empty))
    }
    grantFields(object, table.schema, [described], at)
  }

  function changeField(change: Extract<SchemaChange, { kind: 'change-field' }>): void {
    const { object, field, rename = field } = change
    const before = getField(object, field)
    const isOther = rename !== field || (change.definition.type ?? before.type) !== before.type
    if (isOther) requireCustom(object, field)
    if (rename !== field) {
      requireUnused(object, field)
      if (!NAME.test(rename)) throw new RangeError(`${rename} is no field name: custom ones end in __c`)
    }
    const merged = mergedDefinition(before, change.definition)
    const fields = Object.entries(get(object).fields ?? {}).map(([name, definition]): [string, FieldDefinition] =>
      name === field ? [rename, merged] : [name, definition],
    )
    const next = withFields(object, Object.fromEntries(fields))
    const schemas = describe(next)
    const after = schemas.get(object)?.fields.find(({ name }) => name === rename)
    const table = tables.get(object)
    if (!after || !table) throw new RangeError(`${object} has no field ${rename}`)
    become(next, schemas)
    if (isOther || after.length < (before.length ?? after.length)) {
      table.convertField(field, rename, (value) => converted(value, after))
    }
    if (rename === field) return
    // What was worked out under the old name isn't there any more.
    calculate()
    const from = `${object}.${field}`
    tables
      .get('FieldPermissions')
      ?.convertField('Field', 'Field', (path) => (path === from ? `${object}.${rename}` : path))
  }

  function removeField(object: string, field: string): void {
    getField(object, field)
    requireCustom(object, field)
    requireUnused(object, field)
    const next = withFields(object, without(get(object).fields ?? {}, field))
    become(next, describe(next))
    tables.get(object)?.dropField(field)
    revoke(({ path }) => path === `${object}.${field}`)
  }

  /** New things are for the profiles that stand for people: permission sets are given them by an administrator. */
  function grantObject(name: string, at: number): void {
    const schema = tables.get(name)?.schema
    if (!schema) return
    for (const [set, grants] of GRANTS.entries()) {
      if (!grants.growing || !schema.permissions) continue
      const rights = rightFields(withImplied(new Set(grants.otherObjects)))
      insertRow(tables, 'ObjectPermissions', { ParentId: idOfSlot('0PS', set), SobjectType: name, ...rights }, at)
    }
    grantFields(name, schema, schema.fields, at)
  }

  function grantFields(name: string, schema: ObjectSchema, fields: readonly FieldSchema[], at: number): void {
    const described = new Map([...tables].map(([known, table]) => [known, table.schema]))
    const governor = governorOf(described, schema)
    for (const [set, grants] of GRANTS.entries()) {
      if (!grants.growing) continue
      const rights = governor === undefined ? grants.otherObjects : (grants.objects[governor] ?? grants.otherObjects)
      if (rights.length === 0) continue
      for (const field of fields.filter((one) => isPermissionable(schema, one))) {
        const row = {
          ParentId: idOfSlot('0PS', set),
          SobjectType: name,
          Field: `${name}.${field.name}`,
          PermissionsRead: true,
          PermissionsEdit: isWritable(field) && rights.includes('edit'),
        }
        insertRow(tables, 'FieldPermissions', row, at)
      }
    }
  }

  function revoke(concerns: (row: { object: string; path: string }) => boolean): void {
    for (const [name, pathField] of [
      ['FieldPermissions', 'Field'],
      ['ObjectPermissions', 'SobjectType'],
    ] as const) {
      const table = tables.get(name)
      if (!table) continue
      const object = table.column('SobjectType')
      const path = table.column(pathField)
      for (let slot = 0; slot < table.slotCount(); slot++) {
        if (table.exists(slot) && concerns({ object: String(object(slot)), path: String(path(slot)) }))
          table.erase(slot)
      }
    }
  }

  return {
    apply(change, at) {
      switch (change.kind) {
        case 'add-object':
          return addObject(change.object, change.definition, at)
        case 'remove-object':
          return removeObject(change.object)
        case 'change-object': {
          const next = new Map(definitions).set(change.object, { ...get(change.object), ...change.definition })
          return become(next, describe(next))
        }
        case 'add-field':
          return addField(change, at)
        case 'change-field':
          return changeField(change)
        case 'remove-field':
          return removeField(change.object, change.field)
      }
    },
    definitionOf: (objectName) => definitions.get(objectName),
  }
}

function without<T>(fields: { readonly [name: string]: T }, gone: string): { readonly [name: string]: T } {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== gone))
}

function withoutLookups(fields: { readonly [name: string]: FieldDefinition }, target: string) {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, definition]): [string, FieldDefinition][] => {
      if (!definition.to?.includes(target)) return [[name, definition]]
      const to = definition.to.filter((one) => one !== target)
      return to.length === 0 ? [] : [[name, { ...definition, to }]]
    }),
  )
}

/** A type of its own has its own length and the like, unless those are said, too. */
function mergedDefinition(before: FieldDefinition, change: FieldDefinition): FieldDefinition {
  if (change.type === undefined || change.type === before.type) return { ...before, ...change }
  const { label, help, required, unique, externalId } = before
  return {
    ...(label !== undefined && { label }),
    ...(help !== undefined && { help }),
    ...(required !== undefined && { required }),
    ...(unique !== undefined && { unique }),
    ...(externalId !== undefined && { externalId }),
    ...change,
  }
}

const NUMBERS = new Set(['int', 'long', 'double', 'currency', 'percent'])

/** A value as another type holds it; null where it can't (salesforce-api.md 6.5: values change, stamps don't). */
function converted(value: FieldValue, { type, length }: FieldSchema): FieldValue {
  if (type === 'boolean') return value === true || value === 'true'
  if (value === null) return null
  if (NUMBERS.has(type)) {
    const number = typeof value === 'boolean' ? Number.NaN : Number(String(value).trim() || Number.NaN)
    if (Number.isNaN(number)) return null
    return type === 'int' || type === 'long' ? Math.round(number) : number
  }
  if (type === 'datetime') return typeof value === 'number' ? value : Date.parse(String(value)) || null
  if (type === 'date') {
    const at = typeof value === 'number' ? value : Date.parse(String(value))
    return Number.isNaN(at) ? null : new Date(at).toISOString().slice(0, 10)
  }
  if (type === 'reference' || type === 'time' || type === 'base64' || type === 'address') return null
  return length > 0 ? String(value).slice(0, length) : String(value)
}

function insertRow(
  tables: ReadonlyMap<string, Table>,
  objectName: string,
  fields: { readonly [field: string]: FieldValue },
  at: number,
): void {
  const table = tables.get(objectName)
  const stamp = Math.floor(at / 1000) * 1000
  table?.insert(table.slotCount(), { ...fields, SystemModstamp: stamp, CreatedDate: stamp, LastModifiedDate: stamp })
}

function shareObject(name: string, keyPrefix: string): ObjectDefinition {
  const levels = { restricted: true, values: ['Read', 'Edit', 'All'] }
  return {
    keyPrefix,
    custom: true,
    currency: false,
    seenWith: name,
    parent: 'ParentId',
    sharing: 'ControlledByParent',
    permissions: false,
    searchable: false,
    replicateable: false,
    fields: {
      ParentId: {
        type: 'reference',
        to: [name],
        required: true,
        updateable: false,
        child: 'Shares',
        onDelete: 'cascade',
      },
      UserOrGroupId: { type: 'reference', to: ['Group', 'User'], required: true, updateable: false },
      AccessLevel: { type: 'picklist', required: true, ...levels },
      RowCause: { type: 'picklist', updateable: false, default: 'Manual', values: ['Owner', 'Manual', 'Rule'] },
      LastModifiedDate: {},
      LastModifiedById: {},
      IsDeleted: {},
    },
  }
}
