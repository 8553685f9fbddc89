/** Fields and functions of fields, from what a query says to values of a record. */

import type { FieldSchema, FieldType, FieldValue, ObjectSchema, Viewer } from '../org/model.ts'
import type { Column } from '../org/table.ts'
import { conversionRates, corporateAmount, currencyOf } from './currency.ts'
import type { Database } from './database.ts'
import { DATE_FUNCTIONS } from './date-functions.ts'
import { bindDistance } from './distance.ts'
import { formatter } from './format.ts'
import { errorAt, unexpectedToken } from './message.ts'
import { type BoundPath, bindPath } from './paths.ts'
import type { CallExpression, Expression, ParsedQuery, PathExpression } from './syntax.ts'
import { timeZoneOf } from './time-zone.ts'

export interface BoundExpression {
  /** The path of the field that it is made of, as the schema spells it; '' where there are several. */
  readonly path: string
  readonly field: FieldSchema
  /** The type of the values, which a function may change. */
  readonly type: FieldType
  readonly value: Column
  readonly fn: string | undefined
}

/** Where expressions are bound: one FROM, and who asks. */
export interface Scope {
  readonly db: Database
  readonly viewer: Viewer
  readonly schema: ObjectSchema
  readonly query: Pick<ParsedQuery, 'text' | 'fromAt' | 'aliases'>
  /** The child-to-parent relationships that the whole query has used so far. */
  readonly relationships: Set<string>
}

/** salesforce-api.md 4.4. */
const MOST_RELATIONSHIPS = 55

/** Binds a field path, which may start with an alias or with the object's own name. */
export function bindField(scope: Scope, { path, at }: PathExpression): BoundPath {
  const { db, viewer, schema, query, relationships } = scope
  const [first = '', ...rest] = path.split('.')
  const name = first.toLowerCase()
  const start = query.aliases.get(name) ?? (name === schema.name.toLowerCase() ? '' : undefined)
  // A field may have the alias's name; only in front of a dot is it the alias.
  const full = rest.length === 0 || start === undefined ? path : [...(start === '' ? [] : [start]), ...rest].join('.')
  const bound = bindPath(db, viewer, schema, query.text, full, at)
  const names = bound.path.split('.')
  for (let n = 1; n < names.length; n++) relationships.add(`${schema.name}.${names.slice(0, n).join('.')}`)
  if (relationships.size > MOST_RELATIONSHIPS) {
    const reason = `more than ${MOST_RELATIONSHIPS} child-to-parent relationships in the query`
    throw errorAt(query.text, at, 'MALFORMED_QUERY', reason)
  }
  return bound
}

/** Binds a field or a function of one; aggregates are not among them. */
export function bindExpression(scope: Scope, expression: Expression): BoundExpression {
  if (expression.kind === 'path') {
    const { path, field, value } = bindField(scope, expression)
    return { path, field, type: field.type, value, fn: undefined }
  }
  const { fn, at } = expression
  const bound = bindCall(scope, expression)
  if (!bound) throw unexpectedToken(scope.query.text, { text: fn, at })
  return { ...bound, fn }
}

type Bound = Omit<BoundExpression, 'fn'>

function bindCall(scope: Scope, call: CallExpression): Bound | undefined {
  switch (call.fn) {
    case 'TOLABEL':
      return bindLabel(scope, call)
    case 'FORMAT': {
      const inner = bindExpression(scope, onlyArgument(scope, call))
      const format = formatter(scope.db, scope.viewer, inner.type)
      return { ...inner, type: 'string', value: (slot) => format(inner.value(slot)) }
    }
    case 'CONVERTCURRENCY':
      return bindConverted(scope, call)
    case 'DISTANCE':
      return bindDistance(call, scope.query.text, (path) => bindField(scope, path))
    default:
      return bindDateFunction(scope, call)
  }
}

function onlyArgument({ query }: Scope, { args, fn, at }: CallExpression): Expression {
  const [only, ...more] = args
  if (only && more.length === 0 && (only.kind === 'path' || only.kind === 'call')) return only
  throw unexpectedToken(query.text, { text: fn, at })
}

function pathArgument(scope: Scope, call: CallExpression): BoundPath {
  const argument = onlyArgument(scope, call)
  if (argument.kind === 'path') return bindField(scope, argument)
  throw unexpectedToken(scope.query.text, { text: argument.fn, at: argument.at })
}

/** https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-tolabel.html */
function bindLabel(scope: Scope, call: CallExpression): Bound {
  const { path, field, value } = pathArgument(scope, call)
  const labels = new Map(field.picklistValues.map((one) => [one.value, one.label]))
  const label = (found: FieldValue): FieldValue =>
    typeof found === 'string'
      ? found
          .split(';')
          .map((one) => labels.get(one) ?? one)
          .join(';')
      : found
  return { path, field, type: 'string', value: (slot) => label(value(slot)) }
}

function bindConverted(scope: Scope, call: CallExpression): Bound {
  const { db, viewer, query } = scope
  const { path, field, value, objectName } = pathArgument(scope, call)
  const rates = conversionRates(db, viewer)
  if (field.type !== 'currency' || !rates) {
    throw errorAt(query.text, call.at, 'INVALID_FIELD', `convertCurrency is not supported for field '${path}'`)
  }
  const corporate = objectName === scope.schema.name && corporateAmount(db, scope.schema, { value, rates })
  const rate = rates.get(currencyOf(db, viewer)) ?? 1
  const converted: Column = (slot) => {
    const amount = corporate ? corporate(slot) : value(slot)
    return typeof amount === 'number' ? amount * rate : null
  }
  return { path, field, type: 'currency', value: converted }
}

function bindDateFunction(scope: Scope, call: CallExpression): Bound | undefined {
  const dateFunction = DATE_FUNCTIONS.get(call.fn)
  if (!dateFunction) return undefined
  const argument = onlyArgument(scope, call)
  const zoned = argument.kind === 'call' && argument.fn === 'CONVERTTIMEZONE'
  const { path, field, value } = pathArgument(scope, zoned ? argument : call)
  const isDate = field.type === 'date' && !dateFunction.datetimeOnly && !zoned
  if (field.type !== 'datetime' && !isDate) {
    throw errorAt(scope.query.text, call.at, 'MALFORMED_QUERY', `field ${path} does not support function ${call.fn}`)
  }
  const zone = zoned ? timeZoneOf(scope.db, scope.viewer) : undefined
  const of = (slot: number): FieldValue => {
    const found = value(slot)
    if (found === null) return null
    const at = typeof found === 'number' ? found : Date.parse(String(found))
    return dateFunction.of(zone ? zone.readingAt(at) : at)
  }
  return { path, field, type: dateFunction.type, value: of }
}
