/**
 * Semi-joins and anti-joins, `Id IN (SELECT AccountId FROM Contact)`, and what Salesforce asks of them
 * (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-comparisonoperators.html).
 */

import type { FieldSchema, ObjectSchema } from '../org/model.ts'
import { errorAt } from './message.ts'
import type { Comparison, Condition, ParsedQuery } from './syntax.ts'

const MOST = 2
const NOT_INNER = new Set(['ActivityHistory', 'Attachment', 'Event', 'EventAttendee', 'Note', 'OpenActivity', 'Task'])

function joinsOf(condition: Condition | undefined): readonly (Comparison & { semiJoin: ParsedQuery })[] {
  if (!condition) return []
  if (condition.kind === 'not') return joinsOf(condition.condition)
  if (condition.kind !== 'compare') return condition.conditions.flatMap(joinsOf)
  const { semiJoin } = condition
  return semiJoin ? [{ ...condition, semiJoin }] : []
}

/** Throws when the joins of a WHERE stand where they can't, or are too many. */
export function checkSemiJoins({ text, where }: ParsedQuery): void {
  const joins = joinsOf(where)
  const refuse = (at: number, reason: string) => errorAt(text, at, 'MALFORMED_QUERY', reason)
  const [, , third] = joins
  if (third) throw refuse(third.on.at, `Maximum ${MOST} semi join sub-selects are allowed`)
  for (const { semiJoin, on } of joins) {
    if (joinsOf(semiJoin.where).length > 0) throw refuse(on.at, 'Nesting of semi join sub-selects is not supported')
    if (semiJoin.orderBy.length > 0 || semiJoin.limit !== undefined || semiJoin.offset !== undefined) {
      throw refuse(on.at, 'ORDER BY and LIMIT are not allowed in semi join sub-selects')
    }
  }
  checkPlaces(where)

  function checkPlaces(condition: Condition | undefined): void {
    if (!condition || condition.kind === 'compare') return
    if (condition.kind === 'and') {
      for (const part of condition.conditions) checkPlaces(part)
      return
    }
    const [join] = joinsOf(condition)
    if (join) {
      const operator = condition.kind.toUpperCase()
      throw refuse(join.on.at, `Semi join sub-selects are not allowed with the '${operator}' operator`)
    }
  }
}

const targetsOf = (field: FieldSchema, of: ObjectSchema): readonly string[] =>
  field.type === 'id' ? [of.name] : field.referenceTo

/** Throws when what stands on a join's two sides can't be compared. */
export function checkSides(
  { on, text }: { on: { field: FieldSchema; schema: ObjectSchema; path: string; at: number }; text: string },
  inner: { field: FieldSchema; schema: ObjectSchema; path: string },
): void {
  const refuse = (reason: string) => errorAt(text, on.at, 'MALFORMED_QUERY', reason)
  const isId = ({ type }: FieldSchema) => type === 'id' || type === 'reference'
  if (!isId(on.field)) {
    throw refuse(
      `The left operand field in the where expression for outer query should be an id field, cannot use: '${on.path}'`,
    )
  }
  if (NOT_INNER.has(inner.schema.name)) {
    throw refuse(`Entity '${inner.schema.name}' is not supported for semi join inner selects`)
  }
  if (inner.schema.name === on.schema.name) {
    throw refuse('The inner and outer selects should not be on the same object type')
  }
  if (!isId(inner.field)) throw refuse(`The inner select field '${inner.path}' should be an id field`)
  if (inner.path.includes('.')) {
    throw refuse(`The inner select field '${inner.path}' cannot have more than one level of relationships`)
  }
  const outer = targetsOf(on.field, on.schema)
  if (!targetsOf(inner.field, inner.schema).some((name) => outer.includes(name))) {
    throw refuse(
      `The selected field '${inner.path}' in the subquery and the left operand field in the where expression in the outer query '${on.path}' should point to the same object type`,
    )
  }
}
