/**
 * `/query?explain=`: how a query would be run
 * (https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query_performance_feedback.htm). The
 * counts are true; the costs are a plain rule's: an index pays while it leads to less than a tenth of the records.
 */
import { OrgError } from '../org/model.ts'
import { parseSoql } from '../soql/parse.ts'
import type { Condition } from '../soql/syntax.ts'
import { type Answer, type Call, json } from './resource.ts'
import type { RestContext } from './rest-context.ts'

/** What Salesforce indexes on every object, beside lookups and external ids. */
const INDEXED = ['Id', 'Name', 'OwnerId', 'CreatedDate', 'SystemModstamp', 'RecordTypeId']
const SELECTIVE_SHARE = 0.1

/** The plans for a query, the cheapest first. Throws what the query itself would. */
export function explainQuery({ org }: RestContext, call: Call, soql: string): Answer {
  // A report's or list view's id instead of SOQL: there are none here.
  if (/^[A-Za-z0-9]{15,18}$/.test(soql)) throw new OrgError('INVALID_ID', `Invalid report or list view: ${soql}`)
  const query = parseSoql(soql)
  const schema = org.getObject(call.caller, query.from)
  const found = org.query(call.caller, soql, { all: false }).totalSize
  const all = org.query(call.caller, `SELECT COUNT() FROM ${schema.name}`, { all: false }).totalSize
  const filtered = filteredFields(query.where)
  const isIndexed = (path: string) =>
    schema.fields.some(
      ({ name, type, externalId, unique }) =>
        name.toLowerCase() === path.toLowerCase() &&
        (INDEXED.includes(name) || type === 'reference' || externalId || unique),
    )
  const indexed = filtered.filter(isIndexed)
  const notes = [...filtered.filter((path) => !isIndexed(path)), 'IsDeleted'].map((path) => ({
    description: 'Not considering filter for optimization because unindexed',
    fields: [path],
    tableEnumOrId: schema.name,
  }))
  const plan = (leadingOperationType: string, fields: readonly string[], relativeCost: number) => ({
    cardinality: found,
    fields,
    leadingOperationType,
    notes,
    relativeCost: Math.round(relativeCost * 1000) / 1000,
    sobjectCardinality: all,
    sobjectType: schema.name,
  })
  const plans = [plan('TableScan', [], 1)]
  if (indexed.length > 0) plans.push(plan('Index', indexed, all === 0 ? 0 : found / (all * SELECTIVE_SHARE)))
  return json({ plans: plans.toSorted((a, b) => a.relativeCost - b.relativeCost), sourceQuery: soql })
}

/** The fields that every record of the answer must satisfy a condition on. */
function filteredFields(condition: Condition | undefined): string[] {
  if (condition?.kind === 'and') return condition.conditions.flatMap(filteredFields)
  return condition?.kind === 'compare' && condition.on.kind === 'path' ? [condition.on.path] : []
}
