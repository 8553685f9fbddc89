/**
 * Knowledge as a help centre reads it: categories and online articles (salesforce-api.md 10.1,
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_knowledge_support_artlist.htm).
 */
import { type DataCategory, type FieldValue, OrgError, type ResultRow, type Viewer } from '../org/model.ts'
import { formatInstant } from '../values.ts'
import { readId } from './records.ts'
import { isJsonObject } from './request-body.ts'
import { type Answer, type Call, json, missing, param, type Resource, versionOf } from './resource.ts'
import type { RestContext } from './rest-context.ts'

const SINCE = 38
/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_knowledge_support_artdetails.htm */
const FIRST_WITH_URL_NAMES = 44
const VERSIONS = 'Knowledge__kav'
const CHANNELS = ['App', 'Pkb', 'Csp', 'Prm']
const QUERY_METHODS = ['AT', 'BELOW', 'ABOVE', 'ABOVE_OR_BELOW']
const SORTS = ['LastPublishedDate', 'CreatedDate', 'Title', 'ViewScore']
const MOST_CATEGORIES = 3
const DEFAULT_PAGE = 20
const LARGEST_PAGE = 100

const FIELDS = [
  'Id',
  'KnowledgeArticleId',
  'ArticleNumber',
  'Title',
  'Summary',
  'UrlName',
  'LastPublishedDate',
] as const
const DETAILS = [...FIELDS, 'CreatedDate', 'LastModifiedDate', 'VersionNumber'] as const

type Article = { readonly [field in (typeof DETAILS)[number]]?: FieldValue }

/** `/support` and what is below it. */
export function supportResources(context: RestContext): Resource[] {
  const { org } = context
  const resources: Resource[] = [
    {
      path: 'support',
      methods: {
        GET: ({ version }) =>
          json({
            dataCategoryGroups: `/services/data/${version}/support/dataCategoryGroups`,
            knowledgeArticles: `/services/data/${version}/support/knowledgeArticles`,
          }),
      },
    },
    {
      path: 'support/dataCategoryGroups',
      methods: {
        GET(call) {
          const object = objectParameter(call)
          const topOnly = call.query.get('topCategoriesOnly')?.toLowerCase() !== 'false'
          const categoryGroups = org.dataCategories().map(({ name, label, topCategories }) => ({
            label,
            name,
            objectUsage: object,
            topCategories: topCategories.map((one) =>
              writeCategory(call, { group: name, object, deep: !topOnly }, one),
            ),
          }))
          return json({ categoryGroups })
        },
      },
    },
    {
      path: 'support/dataCategoryGroups/:group/dataCategories/:category',
      methods: {
        GET(call) {
          const group = org.dataCategories().find(({ name }) => name === param(call, 'group'))
          const category = group && findCategory(group.topCategories, param(call, 'category'))
          if (!group || !category) throw missing()
          const place = { group: group.name, object: objectParameter(call), deep: false }
          const childCategories = category.children.map((child) => writeCategory(call, place, child))
          return json({ ...writeCategory(call, place, category), childCategories })
        },
      },
    },
    { path: 'support/knowledgeArticles', methods: { GET: (call) => listArticles(context, call) } },
    { path: 'support/knowledgeArticles/:id', methods: { GET: (call) => readArticle(context, call) } },
  ]
  return resources.map((resource) => ({ ...resource, since: SINCE }))
}

function objectParameter({ query }: Call): string {
  const object = query.get('sObjectName')
  if (object === 'KnowledgeArticleVersion') return object
  throw new OrgError('INVALID_PARAMETER', `Invalid or missing sObjectName: ${object ?? ''}`)
}

interface Place {
  readonly group: string
  readonly object: string
  readonly deep: boolean
}

function writeCategory(call: Call, place: Place, { name, label, children }: DataCategory): object {
  const path = `support/dataCategoryGroups/${place.group}/dataCategories/${name}`
  return {
    childCategories: place.deep ? children.map((child) => writeCategory(call, place, child)) : null,
    label,
    name,
    url: `/services/data/${call.version}/${path}?sObjectName=${place.object}`,
  }
}

function findCategory(categories: readonly DataCategory[], name: string): DataCategory | undefined {
  for (const category of categories) {
    const found = category.name === name ? category : findCategory(category.children, name)
    if (found) return found
  }
  return undefined
}

/** The language of `Accept-Language`, which must be one that Knowledge is kept in. */
function readLanguage({ org }: RestContext, call: Call): string {
  const asked = call.header('accept-language')?.split(/[,;]/)[0]?.trim().replace('-', '_').toLowerCase() ?? ''
  if (!/^[a-z]{2,3}(?:_[a-z]{2})?$/.test(asked)) {
    throw new OrgError('INVALID_LANGUAGE', 'The language code is not valid or not supported by Knowledge.')
  }
  const { fields } = org.getObject(call.caller, VERSIONS)
  const languages = fields.find(({ name }) => name === 'Language')?.picklistValues ?? []
  for (const { value } of languages) {
    if ([value.toLowerCase(), value.split('_')[0]].includes(asked)) return value
  }
  const message = 'Invalid language code. Check that the language is included in your Knowledge language settings.'
  throw new OrgError('INVALID_LANGUAGE', message)
}

function readNumber(call: Call, name: string, { unless, most }: { unless: number; most: number }): number {
  const number = Number(call.query.get(name) ?? unless)
  if (Number.isInteger(number) && number >= 1 && number <= most) return number
  throw new OrgError('INVALID_PARAMETER', `${name} must be a number from 1 to ${most}`)
}

function readOneOf(call: Call, name: string, { of, unless }: { of: readonly string[]; unless: string }): string {
  const value = call.query.get(name) ?? unless
  const known = of.find((one) => one.toLowerCase() === value.toLowerCase())
  if (known !== undefined) return known
  throw new OrgError('INVALID_PARAMETER', `${name} must be one of ${of.join(', ')}`)
}

/** `WITH DATA CATEGORY Products__c BELOW Heating__c AND ...`, of `categories={"Products":"Heating"}`. */
function readCategories(context: RestContext, call: Call): string {
  const text = call.query.get('categories')
  if (text === null || text === '') return ''
  let categories: unknown
  try {
    categories = JSON.parse(text)
  } catch {
    categories = undefined
  }
  if (!isJsonObject(categories)) {
    throw new OrgError('ARGUMENT_OBJECT_PARSE_ERROR', `categories must be a JSON object: ${text}`)
  }
  const pairs = Object.entries(categories)
  if (pairs.length > MOST_CATEGORIES) {
    throw new OrgError('INVALID_FILTER_VALUE', `There can be at most ${MOST_CATEGORIES} data category conditions`)
  }
  const method = readOneOf(call, 'queryMethod', { of: QUERY_METHODS, unless: 'ABOVE_OR_BELOW' })
  const conditions = pairs.map(([groupName, categoryName]) => {
    const group = context.org.dataCategories().find(({ name }) => name === groupName)
    const category = group && findCategory(group.topCategories, String(categoryName))
    if (!group || !category) throw new OrgError('INVALID_FILTER_VALUE', `No category ${groupName}: ${categoryName}`)
    return `${group.name}__c ${method} ${category.name}__c`
  })
  return conditions.length === 0 ? '' : ` WITH DATA CATEGORY ${conditions.join(' AND ')}`
}

function listArticles(context: RestContext, call: Call): Answer {
  const { org } = context
  checkAccess(call.caller)
  const language = readLanguage(context, call)
  const channel = readOneOf(call, 'channel', { of: CHANNELS, unless: 'App' })
  const pageSize = readNumber(call, 'pageSize', { unless: DEFAULT_PAGE, most: LARGEST_PAGE })
  const pageNumber = readNumber(call, 'pageNumber', { unless: 1, most: 2000 })
  const sort = readOneOf(call, 'sort', { of: SORTS, unless: 'LastPublishedDate' })
  const order = readOneOf(call, 'order', { of: ['ASC', 'DESC'], unless: 'DESC' })
  const searched = call.query.get('q') ?? ''
  const orderBy = sort === 'ViewScore' ? 'ArticleTotalViewCount' : sort
  const where =
    `WHERE PublishStatus = 'Online' AND Language = '${language}' AND IsVisibleIn${channel} = true` +
    `${searched === '' ? '' : idFilter(context, call, searched)}${readCategories(context, call)}`
  const soql = `SELECT ${FIELDS.join(', ')} FROM ${VERSIONS} ${where} ORDER BY ${orderBy} ${order}, Id`
  const rows = [...org.query(call.caller, soql, { all: false }).rows()]
  const start = (pageNumber - 1) * pageSize
  const urlOf = (page: number) => {
    const query = new URLSearchParams(call.query)
    query.set('pageNumber', String(page))
    return `/services/data/${call.version}/support/knowledgeArticles?${query}`
  }
  return json({
    articles: rows.slice(start, start + pageSize).map((row) => writeArticle(context, call, articleOf(FIELDS, row))),
    currentPageUrl: urlOf(pageNumber),
    nextPageUrl: start + pageSize < rows.length ? urlOf(pageNumber + 1) : null,
    pageNumber,
  })
}

/** Only what a search for the words finds. */
function idFilter({ org }: RestContext, call: Call, q: string): string {
  const { found } = org.searchParameterized(call.caller, { q, sobjects: [{ name: VERSIONS, fields: ['Id'] }] })
  const ids = found.flatMap(({ rows }) => rows.map(([id]) => `'${id}'`))
  return ids.length === 0 ? ' AND Id = null' : ` AND Id IN (${ids.join(', ')})`
}

function readArticle(context: RestContext, call: Call): Answer {
  checkAccess(call.caller)
  const language = readLanguage(context, call)
  const channel = readOneOf(call, 'channel', { of: CHANNELS, unless: 'App' })
  const where = `${articleFilter(context, call)} AND PublishStatus = 'Online' AND Language = '${language}' AND IsVisibleIn${channel} = true`
  const soql = `SELECT ${DETAILS.join(', ')} FROM ${VERSIONS} WHERE ${where}`
  const [row] = context.org.query(call.caller, soql, { all: false }).rows()
  if (!row) throw missing()
  const article = articleOf(DETAILS, row)
  const record = context.org.findRecord(call.caller, VERSIONS, String(article.Id))
  const schema = context.org.getObject(call.caller, VERSIONS)
  const layoutItems = schema.fields
    .filter(({ custom }) => custom)
    .map(({ label, name, htmlFormatted }) => ({
      label,
      name,
      type: htmlFormatted ? 'RICH_TEXT_AREA' : 'TEXT',
      value: record?.[name] ?? null,
    }))
  return json({
    ...writeArticle(context, call, article),
    articleType: VERSIONS,
    createdDate: instant(article.CreatedDate),
    lastModifiedDate: instant(article.LastModifiedDate),
    layoutItems,
    versionNumber: article.VersionNumber,
  })
}

/** The article that the address names: by its id, or by its URL name if the call says so. */
function articleFilter({ org }: RestContext, call: Call): string {
  const named = param(call, 'id')
  if (versionOf(call) >= FIRST_WITH_URL_NAMES && call.query.get('isUrlName')?.toLowerCase() === 'true') {
    return `UrlName = '${named.replaceAll(/['\\]/g, '\\$&')}'`
  }
  const id = readId(org.getObject(call.caller, 'Knowledge__ka'), named)
  if (id === undefined) throw missing()
  return `KnowledgeArticleId = '${id}'`
}

function articleOf(fields: readonly (typeof DETAILS)[number][], row: ResultRow): Article {
  const values = fields.map((name, index) => {
    const value = row[index] ?? null
    return [name, typeof value === 'object' ? null : value] as const
  })
  return Object.fromEntries(values)
}

function writeArticle(context: RestContext, call: Call, article: Article) {
  const id = String(article.KnowledgeArticleId)
  return {
    articleNumber: article.ArticleNumber,
    categoryGroups: writeSelections(context, call, String(article.Id)),
    id,
    lastPublishedDate: instant(article.LastPublishedDate),
    summary: article.Summary,
    title: article.Title,
    url: `/services/data/${call.version}/support/knowledgeArticles/${id}`,
    urlName: article.UrlName,
  }
}

/** What the article's version is filed under, group by group. */
function writeSelections({ org }: RestContext, call: Call, versionId: string) {
  const soql = `SELECT DataCategoryGroupName, DataCategoryName FROM Knowledge__DataCategorySelection WHERE ParentId = '${versionId}'`
  const rows = [...org.query(call.caller, soql, { all: false }).rows()]
  return org
    .dataCategories()
    .map(({ name: group, label, topCategories }) => {
      const selected = rows.filter(([groupName]) => groupName === group)
      const selectedCategories = selected.map(([, categoryName]) => {
        const name = String(categoryName)
        const path = `support/dataCategoryGroups/${group}/dataCategories/${name}`
        const url = `/services/data/${call.version}/${path}?sObjectName=KnowledgeArticleVersion`
        return { categoryLabel: findCategory(topCategories, name)?.label ?? name, categoryName: name, url }
      })
      return { groupLabel: label, groupName: group, selectedCategories }
    })
    .filter(({ selectedCategories }) => selectedCategories.length > 0)
}

const instant = (value: FieldValue | undefined) =>
  typeof value === 'number' ? `${formatInstant(value).slice(0, 19)}Z` : null

function checkAccess({ permissions }: Viewer): void {
  if (permissions.has('AllowViewKnowledge')) return
  throw new OrgError('FUNCTIONALITY_NOT_ENABLED', 'Knowledge is not enabled for this user', 403)
}
