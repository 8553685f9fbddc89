/** Counts and other aggregates, with and without GROUP BY. */

import { type FieldType, type FieldValue, OrgError, type QueryResult, type ResultColumn } from '../org/model.ts'
import { slotsOf } from './access-path.ts'
import { comparison } from './filter.ts'
import { notUsable } from './message.ts'
import type { Condition, Expression, ParsedQuery } from './parse.ts'
import type { BoundQuery } from './query.ts'

const FUNCTIONS = new Set(['COUNT', 'COUNT_DISTINCT', 'MIN', 'MAX', 'SUM', 'AVG'])
const UNGROUPABLE = new Set<FieldType>([
  'textarea',
  'multipicklist',
  'base64',
  'address',
  'double',
  'currency',
  'percent',
])

/** Whether a query gives aggregates instead of records. */
export function isAggregate(query: ParsedQuery): boolean {
  return (
    query.groupBy.length > 0 ||
    query.items.some((item) => item.kind === 'field' && item.on.fn !== undefined && FUNCTIONS.has(item.on.fn))
  )
}

/** One aggregate as it grows: fed a slot at a time, then asked for its value. */
interface Running {
  add(slot: number): void
  value(): FieldValue
}

interface AggregateColumn {
  readonly column: ResultColumn
  readonly key: string
  start(): Running
}

const keyOf = ({ fn, path }: Expression) => `${fn ?? ''}(${path.toLowerCase()})`

/** Runs an aggregate query over the records that the bound query finds. */
export function aggregate(bound: BoundQuery): QueryResult {
  const { query, table } = bound
  const [only] = query.items
  if (query.items.length === 1 && only?.kind === 'field' && only.on.fn === 'COUNT' && only.on.path === '') {
    return countOnly(bound)
  }
  const groups = query.groupBy.map((group) => {
    const { path, field, value } = bound.bind(group.path)
    if (UNGROUPABLE.has(field.type)) throw notUsable(query.text, path, 'grouped')
    return { path, value }
  })
  let unnamed = 0
  const columns = query.items.map((item): AggregateColumn => {
    if (item.kind !== 'field') throw new OrgError('MALFORMED_QUERY', 'Only fields and aggregates can be selected here')
    const { on, alias } = item
    if (on.fn !== undefined) {
      const name = alias ?? `expr${unnamed++}`
      return { ...aggregateColumn(bound, on), key: keyOf(on), column: { path: name, type: typeOf(bound, on) } }
    }
    const { path, field, value } = bound.bind(on.path)
    if (!groups.some((group) => group.path === path)) {
      throw new OrgError('MALFORMED_QUERY', `Field must be grouped or aggregated: ${path}`)
    }
    const name = alias ?? path.slice(path.lastIndexOf('.') + 1)
    return { column: { path: name, type: field.type }, key: keyOf({ path }), start: () => firstValue(value) }
  })
  const rows = groupedRows()
  return {
    objectName: 'AggregateResult',
    columns: columns.map(({ column }) => column),
    countOnly: false,
    totalSize: rows.length,
    rows: () => rows,
    idOf: () => undefined,
    parentOf: () => undefined,
  }

  function groupedRows(): readonly (readonly FieldValue[])[] {
    // Aggregates that only HAVING or ORDER BY name run along as hidden columns.
    const extra = [...havingTerms(query.having), ...query.orderBy.map(({ on }) => on)]
      .filter((on) => on.fn !== undefined && !columns.some((column) => column.key === keyOf(on)))
      .map(
        (on): AggregateColumn => ({
          ...aggregateColumn(bound, on),
          key: keyOf(on),
          column: { path: '', type: 'double' },
        }),
      )
    const everything = [...columns, ...extra]
    const found = new Map<string, Running[]>()
    for (const slot of slotsOf(table, bound.path)) {
      if (!bound.matches(slot)) continue
      const key = JSON.stringify(groups.map(({ value }) => value(slot)))
      let running = found.get(key)
      if (!running) {
        running = everything.map((column) => column.start())
        found.set(key, running)
      }
      for (const one of running) one.add(slot)
    }
    if (groups.length === 0 && found.size === 0)
      found.set(
        '',
        everything.map((column) => column.start()),
      )
    const valueAt = (row: readonly FieldValue[], on: Expression): FieldValue => {
      const index = everything.findIndex((column) => column.key === keyOf(on) || column.column.path === on.path)
      if (index < 0) throw new OrgError('MALFORMED_QUERY', `Ordered field must be grouped or aggregated: ${on.path}`)
      return row[index] ?? null
    }
    const rows = Array.from(found.values(), (running) => running.map((one) => one.value()))
      .filter((row) => query.having === undefined || holds(query.having, (on) => valueAt(row, on)))
      .sort((a, b) => compareRows(a, b, valueAt))
    const { offset = 0, limit } = query
    return rows
      .slice(offset, limit === undefined ? undefined : offset + limit)
      .map((row) => row.slice(0, columns.length))
  }

  function compareRows(
    a: readonly FieldValue[],
    b: readonly FieldValue[],
    valueAt: (row: readonly FieldValue[], on: Expression) => FieldValue,
  ): number {
    for (const { on, descending, nullsLast } of query.orderBy) {
      const left = valueAt(a, on)
      const right = valueAt(b, on)
      if (left === right) continue
      if (left === null) return nullsLast ? 1 : -1
      if (right === null) return nullsLast ? -1 : 1
      return (left < right ? -1 : 1) * (descending ? -1 : 1)
    }
    return 0
  }
}

function countOnly(bound: BoundQuery): QueryResult {
  let count = 0
  for (const slot of slotsOf(bound.table, bound.path)) if (bound.matches(slot)) count++
  return {
    objectName: bound.schema.name,
    columns: [],
    countOnly: true,
    totalSize: Math.min(count, bound.query.limit ?? count),
    rows: () => [],
    idOf: () => undefined,
    parentOf: () => undefined,
  }
}

function typeOf(bound: BoundQuery, { fn, path }: Expression): FieldType {
  if (fn === 'COUNT' || fn === 'COUNT_DISTINCT') return 'int'
  const { type } = bound.bind(path).field
  return fn === 'AVG' ? 'double' : type
}

function firstValue(value: (slot: number) => FieldValue): Running {
  let first: FieldValue | undefined
  return {
    add(slot) {
      if (first === undefined) first = value(slot)
    },
    value: () => first ?? null,
  }
}

function aggregateColumn(bound: BoundQuery, { fn, path }: Expression): Pick<AggregateColumn, 'start'> {
  if (fn === undefined || !FUNCTIONS.has(fn)) throw new OrgError('MALFORMED_QUERY', `unexpected token: '${fn ?? path}'`)
  const read = path === '' ? () => true : bound.bind(path).value
  return { start: () => startFunction(fn, read) }
}

function startFunction(fn: string, read: (slot: number) => FieldValue): Running {
  let count = 0
  let sum = 0
  let extreme: FieldValue = null
  const distinct = new Set<FieldValue>()
  return {
    add(slot) {
      const value = read(slot)
      if (value === null) return
      count++
      if (typeof value === 'number') sum += value
      if (fn === 'COUNT_DISTINCT') distinct.add(typeof value === 'string' ? value.toLowerCase() : value)
      if (extreme === null || (fn === 'MAX' ? value > extreme : value < extreme)) extreme = value
    },
    value() {
      if (fn === 'COUNT') return count
      if (fn === 'COUNT_DISTINCT') return distinct.size
      if (fn === 'SUM') return count === 0 ? null : sum
      if (fn === 'AVG') return count === 0 ? null : sum / count
      return extreme
    },
  }
}

function havingTerms(condition: Condition | undefined): readonly Expression[] {
  if (!condition) return []
  if (condition.kind === 'compare') return [condition.on]
  return condition.kind === 'not' ? havingTerms(condition.condition) : condition.conditions.flatMap(havingTerms)
}

/** HAVING compares numbers and texts; the field behind an aggregate doesn't matter. */
function holds(condition: Condition, valueAt: (on: Expression) => FieldValue): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.conditions.every((part) => holds(part, valueAt))
    case 'or':
      return condition.conditions.some((part) => holds(part, valueAt))
    case 'not':
      return !holds(condition.condition, valueAt)
    case 'compare': {
      const values = condition.literals.map(({ kind, text }) =>
        kind === 'null' ? null : kind === 'number' ? Number(text) : kind === 'datetime' ? Date.parse(text) : text,
      )
      return comparison(condition.on.path, 'string', () => valueAt(condition.on), condition.operator, values)(0)
    }
  }
}
