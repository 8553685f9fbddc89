/**
 * Searches: SOSL, by parameters, and suggestions while somebody types (salesforce-api.md 3.11,
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_search_parameterized.htm).
 */
import { z } from 'zod'
import { OrgError, type ParameterizedSearch, type SearchResult } from '../org/model.ts'
import { rowWriter } from './json.ts'
import { readInput } from './request-body.ts'
import type { Answer, Call, Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

const DEFAULT_SUGGESTIONS = 5
const MOST_SUGGESTIONS = 200

const count = z.int().nonnegative()
const searchSchema = z.object({
  q: z.string(),
  in: z.string().optional(),
  fields: z.array(z.string()).optional(),
  sobjects: z
    .array(
      z.object({
        name: z.string(),
        fields: z.array(z.string()).optional(),
        where: z.string().optional(),
        orderBy: z.array(z.string()).optional(),
        limit: count.optional(),
      }),
    )
    .optional(),
  defaultLimit: count.optional(),
  overallLimit: count.optional(),
  offset: count.optional(),
  dataCategories: z
    .array(z.object({ groupName: z.string(), operator: z.string(), categories: z.array(z.string()) }))
    .optional(),
})

/** `/search`, `/parameterizedSearch` and `/search/suggestions`. */
export function searchResources({ org }: RestContext): Resource[] {
  const parameterized = (call: Call, request: ParameterizedSearch) =>
    searchAnswer(call, org.searchParameterized(call.caller, request))

  return [
    {
      path: 'search',
      methods: { GET: (call) => searchAnswer(call, org.search(call.caller, required(call, 'q'))) },
    },
    {
      path: 'parameterizedSearch',
      methods: {
        GET: (call) => parameterized(call, readQuery(call)),
        POST: (call) => parameterized(call, withoutUndefined(readInput(call.body, searchSchema))),
      },
    },
    {
      path: 'search/suggestions',
      methods: {
        GET(call) {
          const asked = Number(call.query.get('limit') ?? DEFAULT_SUGGESTIONS)
          const limit = Math.min(MOST_SUGGESTIONS, Number.isInteger(asked) && asked > 0 ? asked : DEFAULT_SUGGESTIONS)
          const sobjects = required(call, 'sobject')
            .split(',')
            .map((name) => {
              const schema = org.getObject(call.caller, name)
              const named = schema.fields.find(({ nameField }) => nameField)?.name
              return { name: schema.name, fields: named === undefined ? ['Id'] : ['Id', named], limit: limit + 1 }
            })
          const request = { q: `${required(call, 'q')}*`, in: 'NAME', sobjects }
          const records = recordTexts(call, org.searchParameterized(call.caller, request))
          const results = records.slice(0, limit).join(',')
          const text = `{"autoSuggestResults":[${results}],"hasMoreResults":${records.length > limit}}`
          return { status: 200, text }
        },
      },
    },
  ]
}

function searchAnswer(call: Call, result: SearchResult): Answer {
  return { status: 200, text: `{"searchRecords":[${recordTexts(call, result).join(',')}]}` }
}

function recordTexts(call: Call, { found }: SearchResult): string[] {
  return found.flatMap((records) => records.rows.map(rowWriter(records, call.version)))
}

/** The search in a query string: `q=acme&sobject=Case&Case.fields=Id,CaseNumber&Case.limit=10`. */
function readQuery(call: Call): ParameterizedSearch {
  const { query } = call
  const list = (name: string) => query.get(name)?.split(',')
  const number = (name: string) => {
    const text = query.get(name)
    if (text === null) return undefined
    if (/^\d+$/.test(text)) return Number(text)
    throw new OrgError('ILLEGAL_QUERY_PARAMETER_VALUE', `${name} must be a number: ${text}`)
  }
  const names = query.getAll('sobject').flatMap((text) => text.split(','))
  return withoutUndefined({
    q: required(call, 'q'),
    in: query.get('in') ?? undefined,
    fields: list('fields'),
    sobjects:
      names.length === 0
        ? undefined
        : names.map((name) => ({
            name,
            fields: list(`${name}.fields`),
            where: query.get(`${name}.where`) ?? undefined,
            orderBy: list(`${name}.orderBy`),
            limit: number(`${name}.limit`),
          })),
    defaultLimit: number('defaultLimit'),
    overallLimit: number('overallLimit'),
    offset: number('offset'),
  })
}

/** What was not said is left out, as the org expects it. */
function withoutUndefined(request: z.infer<typeof searchSchema>): ParameterizedSearch {
  return JSON.parse(JSON.stringify(request))
}

function required(call: Call, name: string): string {
  const value = call.query.get(name)
  if (value !== null && value !== '') return value
  throw new OrgError('MISSING_ARGUMENT', `The ${name} parameter is required`)
}
