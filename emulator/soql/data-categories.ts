/**
 * `WITH DATA CATEGORY Products__c BELOW Heating__c`: articles by what they are filed under
 * (https://developer.salesforce.com/docs/platform/salesforce-soql-sosl/guide/sforce-api-calls-soql-select-with-datacategory.html).
 */

import type { Scope } from './expressions.ts'
import type { Filter } from './filter.ts'
import { errorAt } from './message.ts'
import type { CategoryFilter } from './syntax.ts'

const SELECTIONS = 'Knowledge__DataCategorySelection'
/** The practice org's groups are one level deep: every category lies directly below this one. */
const TOP = 'all'

const plain = (name: string): string => name.toLowerCase().replace(/__c$/, '')

/** The articles that every one of the filters lets through. */
export function categoryFilter({ db, schema, query }: Scope, filters: readonly CategoryFilter[]): Filter {
  if (schema.name !== 'Knowledge__kav' && schema.name !== 'KnowledgeArticleVersion') {
    const reason = `data category filters are not supported for entity '${schema.name}'`
    throw errorAt(query.text, query.fromAt, 'MALFORMED_QUERY', reason)
  }
  const table = db.table(SELECTIONS)
  const [parent, group, category] = [
    table.column('ParentId'),
    table.column('DataCategoryGroupName'),
    table.column('DataCategoryName'),
  ]
  const filed = new Map<string, [string, string][]>()
  for (let slot = 0; slot < table.slotCount(); slot++) {
    if (!table.exists(slot) || table.isDeleted(slot)) continue
    const article = String(parent(slot))
    const found = filed.get(article) ?? []
    found.push([plain(String(group(slot))), plain(String(category(slot)))])
    filed.set(article, found)
  }
  const passes = (selections: readonly [string, string][]) =>
    filters.every((filter) =>
      selections.some(
        ([group, name]) =>
          group === plain(filter.group) && filter.categories.some((one) => reaches(filter.operator, plain(one), name)),
      ),
    )
  const { idOf } = db.table(schema.name)
  return { test: (slot) => passes(filed.get(idOf(slot)) ?? []), facts: [] }
}

/** Whether a category is reached from another one by a selector. */
function reaches(operator: CategoryFilter['operator'], from: string, name: string): boolean {
  const above = name === TOP && from !== TOP
  const below = from === TOP && name !== TOP
  switch (operator) {
    case 'AT':
      return name === from
    case 'ABOVE':
      return above
    case 'BELOW':
      return below
    case 'ABOVE_OR_BELOW':
      return name === from || above || below
  }
}
