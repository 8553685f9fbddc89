/**
 * `TYPEOF What WHEN Account THEN Phone ELSE Name END`: columns that depend on what a lookup points to
 * (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-typeof.html).
 */

import type { NestedResult, ResultRow } from '../org/model.ts'
import { errorAt } from './message.ts'
import { type BoundPath, bindPath } from './paths.ts'
import type { BoundQuery, Session } from './query.ts'
import type { Selected } from './select.ts'
import type { PathExpression, SelectItem } from './syntax.ts'

interface Branch {
  readonly columns: NestedResult['columns']
  readonly paths: readonly BoundPath[]
  /** The slot that its paths start from, for a record of this type. */
  slotOf(slot: number, id: string): number
}

/** The column of a TYPEOF: in each row the record that the lookup points to, with the fields of its type's branch. */
export function selectTypeOf(
  { db, viewer }: Session,
  bound: BoundQuery,
  { on, branches, otherwise }: Extract<SelectItem, { kind: 'typeof' }>,
): Selected {
  const { text } = bound.query
  const refuse = (at: number, reason: string) => errorAt(text, at, 'MALFORMED_QUERY', reason)
  const id = bound.bind({ ...on, path: `${on.path}.Id` })
  const targets = id.lookup?.referenceTo ?? []
  if (targets.length < 2) throw refuse(on.at, `TYPEOF needs a polymorphic relationship field: ${on.path}`)
  const relationship = id.path.slice(0, -'.Id'.length)
  // "typeOfField cannot reference a relationship field that is also referenced in the fieldList."
  const also = bound.query.items.find(
    (item) =>
      item.kind === 'field' &&
      item.on.kind === 'path' &&
      item.on.path.toLowerCase().startsWith(`${relationship.toLowerCase()}.`),
  )
  if (also) throw refuse(on.at, `${relationship} can't be in TYPEOF and in the field list`)

  const byType = new Map<string, Branch>()
  for (const { type, at, fields } of branches) {
    const target = targets.find((name) => name.toLowerCase() === type.toLowerCase())
    const schema = target && db.visibleObject(viewer, target)
    if (!schema) throw refuse(at, `${type} is not an object that ${relationship} can point to`)
    if (byType.has(schema.name)) throw refuse(at, `${type} is in more than one WHEN`)
    const paths = fields.map((field) => bindPath(db, viewer, schema, text, field.path, field.at))
    byType.set(schema.name, { ...columnsOf(paths), slotOf: (_, parent) => db.table(schema.name).slotOf(parent) })
  }
  const rest = otherwise && elseBranch(otherwise)

  /** ELSE may name what all of the objects have in common, the fields of `Name`. */
  function elseBranch(fields: readonly PathExpression[]): Branch {
    const paths = fields.map((field) => {
      const path = bound.bind({ ...field, path: `${on.path}.${field.path}` })
      return { ...path, path: path.path.slice(relationship.length + 1) }
    })
    return { ...columnsOf(paths), slotOf: (slot) => slot }
  }

  return {
    column: { path: relationship, type: 'anyType' },
    at: on.at,
    value(slot) {
      const objectName = id.parentType(slot)
      const parent = id.value(slot)
      const branch = objectName === undefined ? undefined : (byType.get(objectName) ?? rest)
      if (!branch || objectName === undefined || typeof parent !== 'string') return null
      const at = branch.slotOf(slot, parent)
      const row: ResultRow = branch.paths.map(({ value }) => value(at))
      return {
        objectName,
        columns: branch.columns,
        rows: [row],
        single: true,
        idOf: () => parent,
        parentOf: (_, through) => parentThrough(objectName, parent, through),
      }
    },
  }

  function parentThrough(objectName: string, id: string, through: string) {
    const schema = db.visibleObject(viewer, objectName)
    if (!schema) return undefined
    const path = bindPath(db, viewer, schema, text, `${through}.Id`)
    const slot = db.table(objectName).slotOf(id)
    const found = path.parentType(slot)
    return found === undefined ? undefined : { objectName: found, id: String(path.value(slot)) }
  }
}

const columnsOf = (paths: readonly BoundPath[]) => ({
  paths,
  columns: paths.map(({ path, field }) => ({ path, type: field.type })),
})
