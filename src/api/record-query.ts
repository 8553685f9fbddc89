/** From a request's parameters to the question that the store answers. */

import { z } from '@hono/zod-openapi'
import { LooplineError } from '../errors.ts'
import type { Order } from '../store/record-cursor.ts'
import type { Filter } from '../store/records.ts'
import { searchExpression } from '../unified/indexes.ts'
import type { RecordType } from '../unified/mapping.ts'
import { plainText, type RecordList } from './record-lists.ts'

/** What every list takes. */
export const pageOf = {
  cursor: z.string().max(2000).optional().openapi({ description: 'The nextCursor of the page before.' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
}

/** The query parameters of a list. */
export function listQuery(list: RecordList) {
  const sorts = Object.keys(list.sorts).flatMap((name) => [name, `-${name}`])
  const filters = Object.entries(list.filters).map(([name, filter]) => [
    name,
    filter.by === 'words'
      ? several(filter.value).openapi({ description: filter.says })
      : filter.value.optional().openapi({ description: filter.says }),
  ])
  return z.object({
    integrationId: plainText.optional().openapi({ description: 'Only the records of this integration.' }),
    ...(list.type.search
      ? { q: plainText.optional().openapi({ description: `Words that occur in ${sentence(list.type.search)}.` }) }
      : {}),
    ...(Object.fromEntries(filters) as Record<string, z.ZodType<string | string[] | undefined>>),
    sort: z.enum(sorts).default(list.sortedBy).openapi({ description: 'With - in front: the other way round.' }),
    ...pageOf,
  })
}

export interface ListQuestion {
  readonly integrationId: string | undefined
  readonly filters: readonly Filter[]
  readonly order: Order
}

/** What a valid query asks for. A record's id also says which integration's records are meant. */
export function questionOf(list: RecordList, query: Readonly<Record<string, unknown>>): ListQuestion {
  const values = (name: string): string[] => [query[name] ?? []].flat().map(String)
  const [integrationIds, filters]: [string[], Filter[]] = [values('integrationId'), []]
  for (const [name, { column, by }] of Object.entries(list.filters)) {
    const [first, ...more] = values(name)
    if (first === undefined) continue
    if (by === 'words') filters.push({ column, isOneOf: [first, ...more] })
    else if (by === 'from') filters.push({ column, from: first })
    else if (by === 'until') filters.push({ column, until: first })
    else {
      const id = parseId(first)
      integrationIds.push(id?.integrationId ?? first)
      filters.push({ column, is: id?.key ?? first })
    }
  }
  const words = values('q').flatMap((q) => q.match(/[\p{L}\p{N}\p{M}]+/gu) ?? [])
  const search = searchExpression(list.type, (column) => `"${column}"`)
  if (words.length > 0 && search) filters.push({ search, words })

  const [integrationId] = integrationIds
  // Two integrations at once: nothing is in both. A list of one that is none is empty, which is what is true.
  const isContradiction = integrationIds.some((id) => id !== integrationId)
  return {
    integrationId: isContradiction ? '' : integrationId,
    filters,
    order: orderOf(list, String(query.sort ?? list.sortedBy)),
  }
}

function orderOf(list: RecordList, sort: string): Order {
  const descending = sort.startsWith('-')
  const found = list.sorts[descending ? sort.slice(1) : sort]
  if (!found) throw new Error(`${list.path} cannot be sorted by ${sort}`)
  return { ...found, name: sort, descending }
}

/** `<integration>-<key>`; undefined for what is no unified id. */
export function parseId(id: string): { integrationId: string; key: string } | undefined {
  const [, integrationId, key] = /^([a-z0-9]+)-([\w-]+)$/.exec(id) ?? []
  return integrationId !== undefined && key !== undefined ? { integrationId, key } : undefined
}

/** Which row has this key: most are known by Salesforce's id, an article by its own and its language. */
export function keyFilters(type: RecordType, key: string): Filter[] {
  const [, articleId, language] = /^(\w+)-(\w+)$/.exec(key) ?? []
  return type.sources[0].idFields && articleId !== undefined && language !== undefined
    ? [
        { column: 'article_remote_id', is: articleId },
        { column: 'language', is: language },
      ]
    : [{ column: 'remote_id', is: key }]
}

export function notFound(noun: string): LooplineError {
  return new LooplineError({
    kind: 'invalid',
    code: 'RECORD_NOT_FOUND',
    message: `There is no ${noun} with this id.`,
    remedy: 'It may have been removed from Salesforce for good, or its integration was deleted.',
  })
}

/** One value or many of the same parameter. */
function several(value: z.ZodType<string>) {
  return z.preprocess((given) => (given === undefined ? undefined : [given].flat()), z.array(value).max(50).optional())
}

function sentence(columns: readonly string[]): string {
  return columns.map((column) => column.replaceAll('_', ' ')).join(', ')
}
