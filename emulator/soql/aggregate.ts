/** Aggregate queries: COUNT() and its like, GROUP BY, ROLLUP, CUBE and HAVING. */

import { type FieldSchema, type FieldType, type FieldValue, OrgError, type QueryResult } from '../org/model.ts'
import { slotsOf } from './access-path.ts'
import { AGGREGATES, aggregateType, type Running, startAggregate, takesField } from './aggregate-functions.ts'
import { conversionRates, corporateAmount } from './currency.ts'
import { type BoundExpression, bindExpression } from './expressions.ts'
import { bindFilter } from './filter.ts'
import { formatter } from './format.ts'
import { errorAt, notUsable, unexpectedToken } from './message.ts'
import { compareKeys, sortKey } from './order.ts'
import type { BoundQuery } from './query.ts'
import type { Expression, ParsedQuery } from './syntax.ts'

/** https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-groupby-considerations.html */
const MOST_GROUPS = 2_000
const UNGROUPABLE = new Set<FieldType>([
  'textarea',
  'multipicklist',
  'base64',
  'address',
  'double',
  'currency',
  'percent',
  'datetime',
  'time',
  'encryptedstring',
  'anyType',
])

const isAggregateCall = (on: Expression): boolean =>
  on.kind === 'call' &&
  (AGGREGATES.has(on.fn) ||
    on.fn === 'GROUPING' ||
    (on.fn === 'FORMAT' && on.args.some((argument) => argument.kind === 'call' && isAggregateCall(argument))))

/** Whether a query gives aggregates instead of records. */
export function isAggregate({ groupBy, items }: ParsedQuery): boolean {
  return groupBy.length > 0 || items.some((item) => item.kind === 'field' && isAggregateCall(item.on))
}

/** Two expressions are the same when this is: names compare without case. */
function keyOf(on: Expression): string {
  if (on.kind === 'path') return on.path.toLowerCase()
  return `${on.fn}(${on.args.map((one) => ('path' in one || 'fn' in one ? keyOf(one) : one.text)).join(',')})`
}

interface Term {
  readonly key: string
  readonly field: FieldSchema
  readonly type: FieldType
  /** Of one group: what has been added up, or the group's own value. */
  start(group: Group): Running
}

/** What rows of one group share: the grouped values, and which of them are added up in it. */
interface Group {
  readonly values: readonly FieldValue[]
  readonly subtotal: readonly boolean[]
}

const constant = (value: FieldValue): Running => ({ add() {}, value: () => value })

/** Runs an aggregate query over the records that the bound query finds. */
export function aggregate(bound: BoundQuery): QueryResult {
  const { query, scope } = bound
  const { text } = query
  const [only] = query.items
  if (only?.kind === 'field' && only.on.kind === 'call' && only.on.fn === 'COUNT' && only.on.args.length === 0) {
    if (query.items.length > 1) throw unexpectedToken(text, { text: ',', at: text.indexOf(',', only.on.at) })
    if (query.groupBy.length > 0) {
      throw errorAt(text, only.on.at, 'MALFORMED_QUERY', 'Grouped query cannot use COUNT()')
    }
    const [first] = query.orderBy
    if (first) {
      const path = bindExpression(scope, first.on).path
      throw errorAt(text, first.on.at, 'MALFORMED_QUERY', `Ordered field must be grouped or aggregated: ${path}`)
    }
    return countOnly(bound)
  }
  const groups = query.groupBy.map((on) => {
    const expression = bindExpression(scope, on)
    const groupable = expression.field.groupable ?? !UNGROUPABLE.has(expression.type)
    if (!groupable && expression.fn === undefined) throw notUsable(text, on.at, expression.path, 'grouped')
    return { key: normalKey(on), expression }
  })
  if (groups.length === 0 && query.limit !== undefined) {
    const reason = 'Non-grouped query that uses overall aggregate functions cannot also use LIMIT'
    throw errorAt(text, query.fromAt, 'MALFORMED_QUERY', reason)
  }
  const { columns, terms } = bindItems()
  const having = query.having
  const ordering = query.orderBy.map(({ on, ...order }) => ({ ...order, index: termIndex(on, 'Ordered field') }))
  const filter =
    having &&
    bindFilter(having, {
      ...bound.filterContext,
      bind(on) {
        const index = termIndex(on, 'Having field')
        const term = terms[index]
        if (!term) throw unexpectedToken(text, { text: keyOf(on), at: on.at })
        const { field, type } = term
        return {
          path: field.name,
          field: { ...field, filterable: true },
          type,
          fn: 'HAVING',
          value: (row) => current[row]?.[index] ?? null,
        }
      },
    })
  /** What HAVING looks at: its slots are the rows of this list. */
  let current: readonly (readonly FieldValue[])[] = []
  let rows: readonly (readonly FieldValue[])[] | undefined
  const known = () => {
    rows ??= groupedRows()
    return rows
  }
  return {
    objectName: 'AggregateResult',
    columns,
    countOnly: false,
    get totalSize() {
      return known().length
    },
    rows: (skipped = 0) => known().slice(skipped),
    idOf: () => undefined,
    parentOf: () => undefined,
  }

  /** The key of an expression with its alias resolved, so that `c.Name` and `Name` are the same. */
  function normalKey(on: Expression): string {
    return on.kind === 'path' ? bound.bind(on).path.toLowerCase() : keyOf(on)
  }

  function bindItems() {
    const names = new Set<string>()
    const bindings: Term[] = []
    let unnamed = 0
    const named = query.items.map((item) => {
      if (item.kind !== 'field') {
        throw errorAt(
          text,
          query.fromAt,
          'MALFORMED_QUERY',
          'Only grouped fields and aggregates can be selected with GROUP BY',
        )
      }
      const { on, alias } = item
      const term = bindTerm(on)
      bindings.push(term)
      const path = alias ?? (on.kind === 'path' ? lastName(bound.bind(on).path) : `expr${unnamed++}`)
      if (names.has(path.toLowerCase())) throw errorAt(text, on.at, 'MALFORMED_QUERY', `duplicate alias: ${path}`)
      names.add(path.toLowerCase())
      return { path, type: term.type }
    })
    return { columns: named, terms: bindings }
  }

  function bindTerm(on: Expression): Term {
    const key = normalKey(on)
    const at = groups.findIndex((group) => group.key === key)
    const group = groups[at]
    if (group) {
      const { field, type } = group.expression
      return { key, field, type, start: ({ values }) => constant(values[at] ?? null) }
    }
    if (on.kind === 'call' && on.fn === 'FORMAT') return bindFormat(on.args[0], key, on.at)
    if (on.kind === 'call' && on.fn === 'GROUPING') return bindGrouping(on.args[0], key, on.at)
    if (on.kind === 'call' && AGGREGATES.has(on.fn)) return bindAggregate(on, key)
    const { path } = bindExpression(scope, on)
    throw errorAt(text, on.at, 'MALFORMED_QUERY', `Field must be grouped or aggregated: ${path}`)
  }

  function bindFormat(inner: unknown, key: string, at: number): Term {
    const of = isExpression(inner) ? bindTerm(inner) : undefined
    if (!of) throw unexpectedToken(text, { text: 'FORMAT', at })
    const format = formatter(scope.db, scope.viewer, of.type)
    const start = (group: Group): Running => {
      const running = of.start(group)
      return { add: running.add, value: () => format(running.value()) }
    }
    return { ...of, key, type: 'string', start }
  }

  /** 1 in the rows that add up over a field, 0 in the others. */
  function bindGrouping(inner: unknown, key: string, at: number): Term {
    const index = isExpression(inner) ? groups.findIndex((group) => group.key === normalKey(inner)) : -1
    const group = groups[index]
    if (!group) throw errorAt(text, at, 'MALFORMED_QUERY', 'GROUPING takes a field of GROUP BY ROLLUP or CUBE')
    return {
      key,
      field: group.expression.field,
      type: 'int',
      start: ({ subtotal }) => constant(subtotal[index] ? 1 : 0),
    }
  }

  function bindAggregate(on: Expression & { kind: 'call' }, key: string): Term {
    const [inner] = on.args
    if (!isExpression(inner) || on.args.length > 1) throw unexpectedToken(text, { text: on.fn, at: on.at })
    const expression: BoundExpression = bindExpression(scope, inner)
    const { path, field, value } = expression
    if (!takesField(on.fn, field)) {
      throw errorAt(text, on.at, 'MALFORMED_QUERY', `field ${path} does not support aggregate operator ${on.fn}`)
    }
    const { fn } = on
    const type = aggregateType(fn, expression.type)
    // "Aggregate function results on currency fields default to the system currency", says the reference's table of types.
    const own = expression.type === 'currency' && expression.fn === undefined && !path.includes('.')
    const rates = own ? conversionRates(scope.db, scope.viewer) : undefined
    const read = (rates && corporateAmount(scope.db, scope.schema, { value, rates })) ?? value
    return { key, field, type, start: () => startAggregate(fn, field, read) }
  }

  /** Aggregates that only HAVING or ORDER BY name run along as hidden columns. */
  function termIndex(on: Expression, what: string): number {
    const alias = on.kind === 'path' ? aliasIndex(on.path) : -1
    if (alias >= 0) return alias
    const key = normalKey(on)
    const found = terms.findIndex((term) => term.key === key)
    if (found >= 0) return found
    const group = groups.some((one) => one.key === key)
    if (!group && on.kind === 'path') {
      throw errorAt(text, on.at, 'MALFORMED_QUERY', `${what} must be grouped or aggregated: ${on.path}`)
    }
    terms.push(bindTerm(on))
    return terms.length - 1
  }

  function aliasIndex(path: string): number {
    const alias = path.toLowerCase()
    return query.items.findIndex((item) => item.kind === 'field' && item.alias?.toLowerCase() === alias)
  }

  function groupedRows(): readonly (readonly FieldValue[])[] {
    const found = new Map<string, Running[]>()
    const growing = (group: Group): Running[] => {
      const key = JSON.stringify([group.values, group.subtotal])
      let running = found.get(key)
      if (!running) {
        running = terms.map((term) => term.start(group))
        found.set(key, running)
      }
      return running
    }
    const levels = subtotalLevels(query.grouping, groups.length)
    for (const slot of slotsOf(scope.db.table(bound.schema.name), bound.path)) {
      if (!bound.matches(slot)) continue
      const values = groups.map(({ expression }) => expression.value(slot))
      for (const subtotal of levels) {
        const group = { values: values.map((value, n) => (subtotal[n] ? null : value)), subtotal }
        for (const one of growing(group)) one.add(slot)
      }
    }
    if (groups.length === 0) growing({ values: [], subtotal: [] })
    current = Array.from(found.values(), (running) => running.map((one) => one.value()))
    const kept = filter ? current.filter((_, row) => filter.test(row)) : [...current]
    const keys = ordering.map(({ index }) => {
      const term = terms[index]
      return term ? sortKey({ ...term.field, type: term.type }) : () => null
    })
    kept.sort((a, b) => {
      for (const [n, { index, ...order }] of ordering.entries()) {
        const key = keys[n] ?? (() => null)
        const compared = compareKeys(key(a[index] ?? null), key(b[index] ?? null), order)
        if (compared !== 0) return compared
      }
      return 0
    })
    const { offset = 0, limit } = query
    const page = kept.slice(offset, limit === undefined ? undefined : offset + limit)
    if (page.length > MOST_GROUPS) {
      throw new OrgError(
        'EXCEEDED_ID_LIMIT',
        'Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch',
      )
    }
    return page.map((row) => row.slice(0, columns.length))
  }
}

const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1)

const isExpression = (argument: unknown): argument is Expression =>
  typeof argument === 'object' &&
  argument !== null &&
  'kind' in argument &&
  (argument.kind === 'path' || argument.kind === 'call')

/** Which fields each row of ROLLUP or CUBE adds up over; GROUP BY alone adds up over none. */
function subtotalLevels(grouping: ParsedQuery['grouping'], fields: number): readonly (readonly boolean[])[] {
  const none = Array.from({ length: fields }, () => false)
  if (grouping === 'plain') return [none]
  if (grouping === 'rollup') {
    return Array.from({ length: fields + 1 }, (_, kept) => none.map((_, n) => n >= fields - kept))
  }
  return Array.from({ length: 2 ** fields }, (_, bits) => none.map((_, n) => (bits & (1 << n)) !== 0))
}

function countOnly(bound: BoundQuery): QueryResult {
  const { limit = Number.POSITIVE_INFINITY } = bound.query
  let count = 0
  for (const slot of slotsOf(bound.scope.db.table(bound.schema.name), bound.path)) {
    if (count >= limit) break
    if (bound.matches(slot)) count++
  }
  return {
    objectName: bound.schema.name,
    columns: [],
    countOnly: true,
    totalSize: count,
    rows: () => [],
    idOf: () => undefined,
    parentOf: () => undefined,
  }
}
