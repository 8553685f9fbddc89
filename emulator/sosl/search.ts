/**
 * Searches: records whose texts hold the words, object by object. Salesforce looks in an index that ranks what it finds; here
 * records are looked through from the newest on, so that the same search always gives the same answer.
 */

import {
  type FieldSchema,
  type NestedResult,
  type ObjectSchema,
  OrgError,
  type ParameterizedSearch,
  type SearchResult,
  type Viewer,
} from '../org/model.ts'
import { slotsOf } from '../soql/access-path.ts'
import type { Database } from '../soql/database.ts'
import { noSuchObject } from '../soql/message.ts'
import { bindQuery, type Session } from '../soql/query.ts'
import { selectFrom } from '../soql/select.ts'
import type { ParsedQuery } from '../soql/syntax.ts'
import { toParsedSearch } from './parameters.ts'
import { asSearch, onlyIds, type ParsedSearch, parseSosl, type SearchGroup } from './parse.ts'
import { holdsTerm, parseTerms, type SearchTerm } from './search-terms.ts'

/** salesforce-api.md 3.11. */
const MOST_ROWS = 2_000
/**
 * How many values are looked at in an object, and in all, so that a search of millions of records answers within seconds: in
 * an object alone, the newest 100,000 records where ten of their fields are searched.
 */
const MOST_VALUES = 1_000_000
const MOST_VALUES_IN_ALL = 3_000_000

/** Runs SOSL as a viewer. */
export function runSearch(db: Database, viewer: Viewer, sosl: string): SearchResult {
  return find(db, viewer, parseSosl(sosl))
}

/** Runs a search by parameters as a viewer. */
export function runParameterizedSearch(db: Database, viewer: Viewer, request: ParameterizedSearch): SearchResult {
  return find(db, viewer, toParsedSearch(request))
}

function find(db: Database, viewer: Viewer, parsed: ParsedSearch): SearchResult {
  const term = parseTerms(parsed.search)
  const session: Session = { db, viewer, all: false, relationships: new Set() }
  const queries = parsed.returning ?? everyObject(db, viewer)
  const values = Math.min(MOST_VALUES, MOST_VALUES_IN_ALL / queries.length)
  const found = queries.map((query) => {
    const schema = searchedObject(db, viewer, query)
    const narrowed = parsed.categories && isArticle(schema) ? { ...query, categories: parsed.categories } : query
    return asSearch(() => findIn(session, narrowed, { schema, term, group: parsed.group, values }))
  })
  const { limit = MOST_ROWS } = parsed
  return { found: share(found, Math.min(limit, MOST_ROWS)).filter(({ rows }) => rows.length > 0) }
}

const isArticle = ({ name }: ObjectSchema) => name.endsWith('__kav') || name === 'KnowledgeArticleVersion'

function everyObject(db: Database, viewer: Viewer): readonly ParsedQuery[] {
  return db
    .visibleObjects(viewer)
    .filter(({ searchable, queryable }) => searchable && queryable)
    .filter(({ fields }) => fields.some(({ nameField }) => nameField))
    .map(({ name }) => onlyIds({ text: '', from: name, fromAt: 0, aliases: new Map() }))
}

function searchedObject(db: Database, viewer: Viewer, { text, from, fromAt }: ParsedQuery): ObjectSchema {
  const schema = db.visibleObject(viewer, from)
  if (!schema) throw noSuchObject(text, fromAt, from)
  if (!schema.searchable) {
    throw new OrgError('INVALID_TYPE_FOR_OPERATION', `entity type ${schema.name} does not support search`)
  }
  return schema
}

function findIn(
  session: Session,
  query: ParsedQuery,
  {
    schema,
    term,
    group,
    values,
  }: {
    schema: ObjectSchema
    term: SearchTerm | undefined
    group: SearchGroup
    values: number
  },
): NestedResult {
  const table = session.db.table(schema.name)
  const readers = schema.fields
    .filter((field) => isSearched(field, group))
    .map(({ name, htmlFormatted }) => ({ column: table.column(name), htmlFormatted }))
  const textsOf = (slot: number): readonly string[] =>
    readers.flatMap(({ column, htmlFormatted }) => {
      const value = column(slot)
      if (typeof value !== 'string') return []
      return [htmlFormatted ? value.replace(/<[^>]*>/g, ' ') : value]
    })
  const bound = bindQuery(session, query, schema)
  const most = Math.max(1, Math.floor(values / Math.max(1, readers.length)))

  function* newestFirst(): Iterable<number> {
    let left = most
    for (const slot of slotsOf(table, bound.path, true)) {
      if (left-- <= 0) return
      yield slot
    }
  }

  const { objectName, columns, idOf, parentOf, rows } = selectFrom(
    session,
    { ...bound, query: { ...query, limit: Math.min(query.limit ?? MOST_ROWS, MOST_ROWS) } },
    {
      walk: newestFirst,
      matches: (slot) =>
        term !== undefined && readers.length > 0 && bound.matches(slot) && holdsTerm(term, textsOf(slot)),
    },
  )
  return { objectName, columns, idOf, parentOf, rows: Array.from(rows()) }
}

const TEXTS: readonly FieldSchema['type'][] = [
  'string',
  'textarea',
  'picklist',
  'multipicklist',
  'combobox',
  'email',
  'phone',
  'url',
]
/** What stands for the name of records that are known by something else. */
const TITLES = ['Subject', 'Title']

/** https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-sosl-in.html */
function isSearched(field: FieldSchema, group: SearchGroup): boolean {
  const { type, name, nameField, compoundFieldName, externalId } = field
  const isName = nameField || TITLES.includes(name) || (compoundFieldName === 'Name' && type === 'string')
  switch (group) {
    case 'ALL':
      return TEXTS.includes(type)
    case 'NAME':
      return isName
    case 'EMAIL':
      return type === 'email'
    case 'PHONE':
      return type === 'phone'
    case 'SIDEBAR':
      return isName || externalId || type === 'email' || type === 'phone'
  }
}

/**
 * Cuts results to a limit on the whole search: "results are evenly distributed among the objects returned"
 * (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-sosl-limit.html).
 */
function share(found: readonly NestedResult[], limit: number): readonly NestedResult[] {
  const taken = found.map(() => 0)
  for (let left = limit; left > 0; ) {
    const open = found.flatMap(({ rows }, n) => (rows.length > (taken[n] ?? 0) ? [n] : []))
    if (open.length === 0) break
    const each = Math.max(1, Math.floor(left / open.length))
    for (const n of open.slice(0, left)) {
      const more = Math.min(each, (found[n]?.rows.length ?? 0) - (taken[n] ?? 0))
      taken[n] = (taken[n] ?? 0) + more
      left -= more
    }
  }
  return found.map((result, n) => ({ ...result, rows: result.rows.slice(0, taken[n]) }))
}
