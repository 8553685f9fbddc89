/** Runs SOQL: parse, bind to what the viewer may see, choose an access path, make rows as they are asked for. */

import {
  type FieldSchema,
  type FieldValue,
  type ObjectSchema,
  OrgError,
  type QueryOptions,
  type QueryResult,
  type ResultColumn,
  type ResultRow,
  type Viewer,
} from '../org/model.ts'
import type { Table } from '../org/table.ts'
import { type AccessPath, planAccess, slotsOf } from './access-path.ts'
import { aggregate, isAggregate } from './aggregate.ts'
import type { Database } from './database.ts'
import { bindFilter, type Fact, type Filter, type Test } from './filter.ts'
import { noSuchChildRelationship, noSuchObject } from './message.ts'
import { orderSlots } from './order.ts'
import { type ParsedQuery, parseSoql, type SelectItem } from './parse.ts'
import { type BoundPath, bindPath } from './paths.ts'
import { hiddenUnlessAll, requireBulk, requireFilters, visibleRecords } from './restrictions.ts'

const MOST_OFFSET = 2000
const MOST_FIELDS_ROWS = 200

/** A query whose names are resolved: which records, and how to find them. */
export interface BoundQuery {
  readonly query: ParsedQuery
  readonly schema: ObjectSchema
  readonly table: Table
  readonly path: AccessPath
  readonly matches: Test
  bind(path: string): BoundPath
}

interface Session {
  readonly db: Database
  readonly viewer: Viewer
  readonly all: boolean
}

/** Runs a query as a viewer. */
export function runQuery(db: Database, viewer: Viewer, soql: string, { all, bulk = false }: QueryOptions): QueryResult {
  const query = parseSoql(soql)
  const schema = db.visibleObject(viewer, query.from)
  if (!schema) throw noSuchObject(soql, query.from)
  const session: Session = { db, viewer, all }
  if (bulk) {
    const compound = selectedPaths(session, schema, query).some(({ type }) => type === 'address' || type === 'base64')
    requireBulk(schema, query, compound)
  }
  const bound = bindQuery(session, query, schema)
  return isAggregate(query) ? aggregate(bound) : selectRows(session, bound, bulk)
}

function selectedPaths(session: Session, schema: ObjectSchema, query: ParsedQuery): readonly FieldSchema[] {
  return query.items
    .filter((item) => item.kind === 'field' && item.on.fn === undefined)
    .map(
      (item) =>
        bindPath(session.db, session.viewer, schema, query.text, item.kind === 'field' ? item.on.path : '').field,
    )
}

/** Resolves FROM and WHERE. `within` narrows a subquery to one parent's children. */
function bindQuery(session: Session, query: ParsedQuery, schema: ObjectSchema, within?: Filter): BoundQuery {
  const { db, viewer } = session
  const table = db.table(schema.name)
  const bind = (path: string) => bindPath(db, viewer, schema, query.text, path)
  if ((query.offset ?? 0) > MOST_OFFSET) {
    throw new OrgError('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MOST_OFFSET}`)
  }
  const where =
    query.where &&
    bindFilter(query.where, {
      soql: query.text,
      now: db.now(),
      bind,
      innerValues: (inner) => innerValues(session, inner),
    })
  const facts: readonly Fact[] = [...(within?.facts ?? []), ...(where?.facts ?? [])]
  requireFilters(schema, facts)
  const visible = visibleRecords(viewer, table, facts)
  const hidden = session.all ? undefined : hiddenUnlessAll(table)
  return {
    query,
    schema,
    table,
    path: planAccess(table, facts, db.anchor),
    matches: (slot) =>
      table.exists(slot) &&
      (hidden === undefined || !hidden(slot)) &&
      (within === undefined || within.test(slot)) &&
      (where === undefined || where.test(slot)) &&
      (visible === undefined || visible(slot)),
    bind,
  }
}

function innerValues(session: Session, query: ParsedQuery): readonly FieldValue[] {
  const schema = session.db.visibleObject(session.viewer, query.from)
  if (!schema) throw noSuchObject(query.text, query.from)
  const result = selectRows(session, bindQuery(session, query, schema), true)
  return [...new Set(Array.from(result.rows(), (row) => (typeof row[0] === 'object' ? null : (row[0] ?? null))))]
}

interface Selected {
  readonly column: ResultColumn
  readonly value: (slot: number) => ResultRow[number]
}

function selectRows(session: Session, bound: BoundQuery, light: boolean): QueryResult {
  const { query, schema, table } = bound
  if (query.having) throw new OrgError('MALFORMED_QUERY', "unexpected token: 'HAVING'")
  const selected = query.items.flatMap((item) => selectItem(session, bound, item))
  const seen = new Set<string>()
  for (const { column } of selected) {
    if (seen.has(column.path)) throw new OrgError('INVALID_FIELD', `duplicate field selected: ${column.path}`)
    seen.add(column.path)
  }
  const values = selected.map(({ value }) => value)
  const ordered = orderSlots(bound, (descending) => slotsOf(table, bound.path, descending))

  function* slots(): Iterable<number> {
    const { limit = Number.POSITIVE_INFINITY, offset = 0 } = query
    let skipped = 0
    let taken = 0
    if (limit === 0) return
    for (const slot of ordered()) {
      if (skipped++ < offset) continue
      yield slot
      if (++taken >= limit) return
    }
  }

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
    columns: selected.map(({ column }) => column),
    countOnly: false,
    get totalSize() {
      return known().length
    },
    *rows() {
      for (const slot of found ?? slots()) {
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
      const id = parentIds.get(relationship) ?? bound.bind(`${relationship}.Id`)
      parentIds.set(relationship, id)
      const objectName = slot === undefined ? undefined : id.parentType(slot)
      return slot === undefined || objectName === undefined ? undefined : { objectName, id: String(id.value(slot)) }
    },
  }
}

function selectItem(session: Session, bound: BoundQuery, item: SelectItem): readonly Selected[] {
  const { schema, query } = bound
  switch (item.kind) {
    case 'typeof':
      throw new OrgError('MALFORMED_QUERY', 'TYPEOF is not supported by the practice org yet')
    case 'fields':
      return fieldsOf(schema, query, item.set).map((field) => selectPath(bound, field.name))
    case 'subquery':
      return [selectChildren(session, bound, item.query)]
    case 'field': {
      if (item.on.fn !== undefined && item.on.fn !== 'TOLABEL') {
        throw new OrgError('MALFORMED_QUERY', `unexpected token: '${item.raw}'`)
      }
      return [selectPath(bound, item.on.path)]
    }
  }
}

function selectPath(bound: BoundQuery, path: string): Selected {
  const found = bound.bind(path)
  return { column: { path: found.path, type: found.field.type }, value: found.value }
}

function fieldsOf(schema: ObjectSchema, query: ParsedQuery, set: string): readonly FieldSchema[] {
  if (set !== 'STANDARD' && (query.limit === undefined || query.limit > MOST_FIELDS_ROWS)) {
    throw new OrgError('MALFORMED_QUERY', `The SOQL FIELDS function must have a LIMIT of at most ${MOST_FIELDS_ROWS}`)
  }
  if (set === 'ALL') return schema.fields
  if (set === 'STANDARD') return schema.fields.filter((field) => !field.custom)
  if (set === 'CUSTOM') return schema.fields.filter((field) => field.custom)
  throw new OrgError('MALFORMED_QUERY', `unexpected token: 'FIELDS(${set})'`)
}

function selectChildren(session: Session, bound: BoundQuery, query: ParsedQuery): Selected {
  const { db, viewer } = session
  const name = query.from.toLowerCase()
  const relationship = bound.schema.childRelationships.find((child) => child.relationshipName?.toLowerCase() === name)
  const child = relationship && db.visibleObject(viewer, relationship.childSObject)
  if (!relationship?.relationshipName || !child) throw noSuchChildRelationship(query.text, query.from)
  const { field } = relationship
  const parentOf = db.table(child.name).column(field)
  const childrenOf = (id: string) =>
    selectRows(
      session,
      bindQuery(session, query, child, {
        test: (slot) => parentOf(slot) === id,
        facts: [{ path: field, operator: '=', values: [id] }],
      }),
      false,
    )
  // Bound once up front, so that a wrong name fails the query even when it finds no parent.
  const { columns } = childrenOf('')
  return {
    column: { path: relationship.relationshipName, type: 'anyType' },
    value(slot) {
      const children = childrenOf(bound.table.idOf(slot))
      const { idOf, parentOf } = children
      return { objectName: child.name, columns, idOf, parentOf, rows: Array.from(children.rows()) }
    },
  }
}
