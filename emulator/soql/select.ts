/** The rows of a query for records: its columns, the parents and children in them, and their order. */

import {
  type FieldSchema,
  type NestedResult,
  OrgError,
  type QueryResult,
  type ResultColumn,
  type ResultRow,
} from '../org/model.ts'
import { planAccess, slotsOf } from './access-path.ts'
import { isAggregate } from './aggregate.ts'
import { errorAt, noSuchChildRelationship, unexpectedToken } from './message.ts'
import { orderSlots, type SlotSource } from './order.ts'
import type { BoundPath } from './paths.ts'
import { type BoundQuery, bindQuery, type Session } from './query.ts'
import type { ParsedQuery, SelectItem } from './syntax.ts'
import { selectTypeOf } from './type-of.ts'

/** salesforce-api.md 4.1, 4.2. */
const MOST_FIELDS_ROWS = 200
const MOST_SUBQUERIES = 20
const MOST_CHILD_LEVELS = 5

export interface Selected {
  readonly column: ResultColumn
  readonly value: (slot: number) => ResultRow[number]
  /** Where the query names it; FIELDS() names none. */
  readonly at?: number
}

/** What a query gives, ready to be run: over all of its records, or over those of one parent. */
interface Plan {
  readonly columns: readonly ResultColumn[]
  result(source: SlotSource): QueryResult
}

/** Runs a bound query for records. `light` keeps no addresses of the rows' records. */
export function selectRows(session: Session, bound: BoundQuery, light: boolean): QueryResult {
  const table = session.db.table(bound.schema.name)
  return planRows(session, bound, { light, level: 0 }).result({
    walk: (descending) => slotsOf(table, bound.path, descending),
    matches: bound.matches,
  })
}

/** Runs a bound query over records that are found in another way, as a search does. */
export function selectFrom(session: Session, bound: BoundQuery, source: SlotSource): QueryResult {
  return planRows(session, bound, { light: false, level: 0 }).result(source)
}

function planRows(session: Session, bound: BoundQuery, { light, level }: { light: boolean; level: number }): Plan {
  const { query, schema } = bound
  const table = session.db.table(schema.name)
  if (query.having) throw unexpectedToken(query.text, { text: 'HAVING', at: query.fromAt })
  let unnamed = 0
  const nextName = () => `expr${unnamed++}`
  const selected = query.items.flatMap((item) => selectItem(session, bound, item, { level, nextName }))
  checkColumns(query, selected)
  const columns = selected.map(({ column }) => column)
  const values = selected.map(({ value }) => value)
  const inOrder = orderSlots(bound)

  function result(source: SlotSource): QueryResult {
    // A whole table is millions of slots: no step stands between them and their rows that the query doesn't ask for.
    const slots = () => (query.limit === undefined && !query.offset ? inOrder(source) : pageOf(inOrder(source), query))

    let found: Int32Array | undefined
    // Once counted, the slots are kept: pages that are read later come from the same answer.
    const known = (): Int32Array => {
      found ??= Int32Array.from(slots())
      return found
    }
    const slotOfRow = new WeakMap<ResultRow, number>()
    const parentIds = new Map<string, BoundPath>()

    return {
      objectName: schema.name,
      columns,
      countOnly: false,
      get totalSize() {
        return known().length
      },
      *rows(skipped = 0) {
        for (const slot of skipped > 0 ? known().subarray(skipped) : (found ?? slots())) {
          const row = new Array<ResultRow[number]>(values.length)
          for (let n = 0; n < values.length; n++) row[n] = values[n]?.(slot) ?? null
          // A bulk result needs no addresses of its records, and keeps no memory of millions of rows.
          if (!light) slotOfRow.set(row, slot)
          yield row
        }
      },
      idOf(row) {
        const slot = slotOfRow.get(row)
        return slot === undefined ? undefined : table.idOf(slot)
      },
      parentOf(row, relationship) {
        const slot = slotOfRow.get(row)
        const id = parentIds.get(relationship) ?? bound.bind({ kind: 'path', path: `${relationship}.Id`, at: 0 })
        parentIds.set(relationship, id)
        const objectName = slot === undefined ? undefined : id.parentType(slot)
        return slot === undefined || objectName === undefined ? undefined : { objectName, id: String(id.value(slot)) }
      },
    }
  }

  return { columns, result }
}

function* pageOf(
  slots: Iterable<number>,
  { limit = Number.POSITIVE_INFINITY, offset = 0 }: ParsedQuery,
): Iterable<number> {
  let skipped = 0
  let taken = 0
  if (limit === 0) return
  for (const slot of slots) {
    if (skipped++ < offset) continue
    yield slot
    if (++taken >= limit) return
  }
}

function checkColumns({ text, items }: ParsedQuery, selected: readonly Selected[]): void {
  if (items.filter(({ kind }) => kind === 'subquery').length > MOST_SUBQUERIES) {
    throw new OrgError('MALFORMED_QUERY', `A query can have at most ${MOST_SUBQUERIES} parent-to-child relationships`)
  }
  const seen = new Set<string>()
  for (const { column, at } of selected) {
    const { path } = column
    if (seen.has(path)) {
      const reason = `duplicate field selected: ${path.slice(path.lastIndexOf('.') + 1)}`
      throw at === undefined ? new OrgError('INVALID_FIELD', reason) : errorAt(text, at, 'INVALID_FIELD', reason)
    }
    seen.add(path)
  }
}

function selectItem(
  session: Session,
  bound: BoundQuery,
  item: SelectItem,
  { level, nextName }: { level: number; nextName: () => string },
): readonly Selected[] {
  const { schema, query } = bound
  switch (item.kind) {
    case 'typeof':
      return [selectTypeOf(session, bound, item)]
    case 'fields':
      return fieldsOf(schema.fields, query, item).map((field) => {
        const { path, value } = bound.bind({ kind: 'path', path: field.name, at: item.at })
        return { column: { path, type: field.type }, value }
      })
    case 'subquery':
      return [selectChildren(session, bound, item.query, level + 1)]
    case 'field':
      return [selectField(bound, item, nextName)]
  }
}

function selectField(
  bound: BoundQuery,
  { on, alias }: Extract<SelectItem, { kind: 'field' }>,
  nextName: () => string,
): Selected {
  const { path, type, value, fn } = bound.expression(on)
  const { text } = bound.query
  if (fn === undefined && alias !== undefined) {
    throw errorAt(text, on.at, 'MALFORMED_QUERY', 'only aggregate expressions use field aliasing')
  }
  if (on.kind === 'call' && !['TOLABEL', 'FORMAT', 'CONVERTCURRENCY', 'DISTANCE'].includes(on.fn)) {
    throw errorAt(text, on.at, 'MALFORMED_QUERY', `Field must be grouped or aggregated: ${path}`)
  }
  const name = alias ?? (fn === 'DISTANCE' ? nextName() : path)
  return { column: { path: name, type }, value, at: on.at }
}

/** https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-fields.html */
function fieldsOf(
  fields: readonly FieldSchema[],
  query: ParsedQuery,
  { set, at }: { set: string; at: number },
): readonly FieldSchema[] {
  if (set !== 'ALL' && set !== 'STANDARD' && set !== 'CUSTOM') {
    throw unexpectedToken(query.text, { text: set, at })
  }
  if (set !== 'STANDARD' && (query.limit === undefined || query.limit > MOST_FIELDS_ROWS)) {
    const reason = `The SOQL FIELDS function must have a LIMIT of at most ${MOST_FIELDS_ROWS}`
    throw errorAt(query.text, at, 'MALFORMED_QUERY', reason)
  }
  return set === 'ALL' ? fields : fields.filter(({ custom }) => custom === (set === 'CUSTOM'))
}

/** `(SELECT LastName FROM Contacts)`: bound once, then run for each parent over its own records. */
function selectChildren(session: Session, bound: BoundQuery, query: ParsedQuery, level: number): Selected {
  const { db, viewer } = session
  const { text, fromAt } = query
  const from = query.from.slice(query.from.lastIndexOf('.') + 1)
  const relationship = bound.schema.childRelationships.find(
    (child) => child.relationshipName?.toLowerCase() === from.toLowerCase(),
  )
  const child = relationship && db.visibleObject(viewer, relationship.childSObject)
  if (!relationship?.relationshipName || !child) throw noSuchChildRelationship(text, fromAt, from)
  if (level >= MOST_CHILD_LEVELS) {
    throw errorAt(text, fromAt, 'MALFORMED_QUERY', `SOQL relationship queries can go down ${MOST_CHILD_LEVELS} levels`)
  }
  // Only a single parent's children can be paged through by OFFSET, says the reference's page on OFFSET.
  if (query.offset !== undefined && bound.query.limit !== 1) {
    throw errorAt(text, fromAt, 'MALFORMED_QUERY', 'OFFSET in a subquery needs LIMIT 1 in the parent query')
  }
  if (isAggregate(query)) {
    throw errorAt(text, fromAt, 'MALFORMED_QUERY', 'aggregate functions are not supported in subqueries')
  }
  const { field } = relationship
  const table = db.table(child.name)
  const parents = db.table(bound.schema.name)
  const parentOf = table.column(field)
  const isChild = { path: field, operator: '=', values: [''] }
  const children = bindQuery(session, query, child, { test: () => true, facts: [isChild] })
  const otherFacts = children.facts.filter((fact) => fact !== isChild)
  const plan = planRows(session, children, { light: false, level })
  return {
    column: {
      path: relationship.relationshipName,
      type: 'anyType',
      children: { objectName: child.name, columns: plan.columns },
    },
    at: fromAt,
    value(slot): NestedResult {
      const id = parents.idOf(slot)
      const path = planAccess(table, [{ ...isChild, values: [id] }, ...otherFacts], db.anchor)
      const {
        objectName,
        columns,
        idOf,
        parentOf: parentRecordOf,
        rows,
      } = plan.result({
        walk: (descending) => slotsOf(table, path, descending),
        matches: (child) => parentOf(child) === id && children.matches(child),
      })
      return { objectName, columns, idOf, parentOf: parentRecordOf, rows: Array.from(rows()) }
    },
  }
}
