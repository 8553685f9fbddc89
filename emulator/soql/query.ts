/** Runs SOQL: parse, bind to what the viewer may see, choose an access path, make rows as they are asked for. */

import { type ObjectSchema, OrgError, type QueryOptions, type QueryResult, type Viewer } from '../org/model.ts'
import { type AccessPath, planAccess } from './access-path.ts'
import { aggregate, isAggregate } from './aggregate.ts'
import { conversionRates, corporateAmount } from './currency.ts'
import { categoryFilter } from './data-categories.ts'
import type { Database } from './database.ts'
import { type BoundExpression, bindExpression, bindField, type Scope } from './expressions.ts'
import { bindFilter, type Fact, type Filter, type FilterContext, type Test } from './filter.ts'
import { errorAt, noSuchObject } from './message.ts'
import { parseSoql } from './parse.ts'
import type { BoundPath } from './paths.ts'
import { hiddenUnlessAll, requireBulk, requireFewRelations, requireFilters, visibleRecords } from './restrictions.ts'
import { scopeFilter } from './scope.ts'
import { selectRows } from './select.ts'
import { checkSemiJoins, checkSides } from './semi-join.ts'
import type { Expression, ParsedQuery, PathExpression } from './syntax.ts'
import { timeZoneOf } from './time-zone.ts'

const MOST_OFFSET = 2000

/** Who asks, of what, and how much the query has used of what one query may. */
export interface Session {
  readonly db: Database
  readonly viewer: Viewer
  readonly all: boolean
  readonly relationships: Set<string>
}

/** A query whose names are resolved: which records, and how to find them. */
export interface BoundQuery {
  readonly query: ParsedQuery
  readonly schema: ObjectSchema
  readonly scope: Scope
  readonly facts: readonly Fact[]
  readonly path: AccessPath
  readonly matches: Test
  readonly filterContext: FilterContext
  bind(path: PathExpression): BoundPath
  expression(on: Expression): BoundExpression
}

/** Runs a query as a viewer. */
export function runQuery(db: Database, viewer: Viewer, soql: string, { all, bulk = false }: QueryOptions): QueryResult {
  const query = parseSoql(soql)
  const session: Session = { db, viewer, all, relationships: new Set() }
  const schema = objectOf(session, query)
  if (bulk) requireBulk(schema, query, (path) => bindField(scopeOf(session, query, schema), path).field.type)
  const bound = bindQuery(session, query, schema)
  return isAggregate(query) ? aggregate(bound) : selectRows(session, bound, bulk)
}

function objectOf({ db, viewer }: Session, { text, from, fromAt }: ParsedQuery): ObjectSchema {
  const schema = db.visibleObject(viewer, from)
  if (!schema) throw noSuchObject(text, fromAt, from)
  if (!schema.queryable) {
    throw new OrgError('INVALID_TYPE_FOR_OPERATION', `entity type ${schema.name} does not support query`)
  }
  return schema
}

const scopeOf = ({ db, viewer, relationships }: Session, query: ParsedQuery, schema: ObjectSchema): Scope => ({
  db,
  viewer,
  schema,
  query,
  relationships,
})

/** Resolves FROM, WHERE and what else says which records. `within` narrows it further, as a subquery or search does. */
export function bindQuery(session: Session, query: ParsedQuery, schema: ObjectSchema, within?: Filter): BoundQuery {
  const { db, viewer } = session
  const { text } = query
  const table = db.table(schema.name)
  const scope = scopeOf(session, query, schema)
  if ((query.offset ?? 0) > MOST_OFFSET) {
    throw new OrgError('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MOST_OFFSET}`)
  }
  if (query.purposes.includes('FOR UPDATE') && query.orderBy.length > 0) {
    throw errorAt(text, query.fromAt, 'MALFORMED_QUERY', 'ORDER BY is not allowed with FOR UPDATE')
  }
  checkSemiJoins(query)
  const expression = (on: Expression) => bindExpression(scope, on)
  const filterContext = filterContextOf(session, scope, expression)
  const filters = [
    within,
    query.where && bindFilter(query.where, filterContext),
    query.scope === undefined ? undefined : scopeFilter(scope, query.scope),
    query.categories && categoryFilter(scope, query.categories),
  ].filter((filter) => filter !== undefined)
  const facts = filters.flatMap((filter) => filter.facts)
  requireFilters(viewer, schema, { facts, query })
  const path = planAccess(table, facts, db.anchor)
  requireFewRelations(viewer, table, path)
  const visible = visibleRecords(viewer, table, facts)
  const hidden = session.all ? undefined : hiddenUnlessAll(table)
  const tests = [...filters.map(({ test }) => test), ...(visible ? [visible] : [])]
  const [first, ...more] = tests
  return {
    query,
    schema,
    scope,
    facts,
    path,
    // Written out for the common case of one condition: a query may ask this of millions of slots.
    matches: (slot) =>
      table.exists(slot) &&
      (hidden === undefined || !hidden(slot)) &&
      (first === undefined || first(slot)) &&
      (more.length === 0 || more.every((test) => test(slot))),
    filterContext,
    bind: (path) => bindField(scope, path),
    expression,
  }
}

function filterContextOf(session: Session, scope: Scope, bind: (on: Expression) => BoundExpression): FilterContext {
  const { db, viewer } = session
  const { schema, query } = scope
  return {
    soql: query.text,
    now: () => db.now(),
    zone: () => timeZoneOf(db, viewer),
    bind,
    innerValues(on, at, inner) {
      const innerSchema = objectOf(session, inner)
      const [item, ...more] = inner.items
      if (item?.kind !== 'field' || item.on.kind !== 'path' || more.length > 0 || inner.groupBy.length > 0) {
        throw errorAt(query.text, at, 'MALFORMED_QUERY', 'A semi join sub-select selects one field')
      }
      const bound = bindQuery(session, inner, innerSchema)
      const selected = bound.bind(item.on)
      checkSides({ on: { ...on, schema, at }, text: query.text }, { ...selected, schema: innerSchema })
      const values = new Set(
        Array.from(selectRows(session, bound, true).rows(), ([value]) =>
          typeof value === 'object' ? null : (value ?? null),
        ),
      )
      // An empty lookup is nobody's record.
      values.delete(null)
      return [...values]
    },
    amount(on, { text, currency = '' }) {
      const rates = conversionRates(db, viewer)
      const rate = rates?.get(currency)
      const value = rates && on.type === 'currency' && corporateAmount(db, schema, { value: on.value, rates })
      return value && rate !== undefined ? { value, amount: Number(text) / rate } : undefined
    },
  }
}
