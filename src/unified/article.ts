/**
 * Knowledge. Salesforce keeps every version and every language of an article as a row of one object; what a reader means
 * by an article is the one current version in one language.
 */

import { bool, type Column, detail, ids, integer, ownerLink, type RecordType, text, textOf, time } from './mapping.ts'
import { publishState } from './normalize.ts'

const version: Record<string, Column> = {
  number: text('ArticleNumber'),
  title: text('Title'),
  summary: text('Summary'),
  body_html: detail(textOf({ from: 'richText' })),
  url_name: text('UrlName'),
  language: text('Language'),
  master_language: text('ArticleMasterLanguage'),
  is_master_language: bool('IsMasterLanguage'),
  publish_state: textOf(publishState),
  version_number: integer('VersionNumber'),
  is_latest_version: bool('IsLatestVersion'),
  validation_status: text('ValidationStatus'),
  first_published_at: time('FirstPublishedDate'),
  published_at: time('LastPublishedDate'),
  archived_at: time('ArchivedDate'),
  is_visible_in_app: bool('IsVisibleInApp'),
  is_visible_to_public: bool('IsVisibleInPkb'),
  is_visible_to_customers: bool('IsVisibleInCsp'),
  is_visible_to_partners: bool('IsVisibleInPrm'),
  categories: {
    type: 'text[]',
    value: {
      from: 'children',
      object: 'Knowledge__DataCategorySelection',
      on: 'ParentId',
      field: 'DataCategoryName',
    },
  },
  article_remote_id: text('KnowledgeArticleId'),
  ...ownerLink('owner', 'OwnerId'),
}

export const article: RecordType = {
  name: 'article',
  view: 'articles',
  capabilities: ['content'],
  sources: [
    {
      object: 'Knowledge__kav',
      // Stays the same from version to version, unlike the version's own Id.
      idFields: ['KnowledgeArticleId', 'Language'],
      current: {
        per: ['KnowledgeArticleId', 'Language'],
        first: [
          { not: { isTrue: 'IsDeleted' } },
          { isOneOf: ['PublishStatus', ['Online']] },
          { isOneOf: ['PublishStatus', ['Draft']] },
        ],
        newest: ['VersionNumber', 'SystemModstamp', 'Id'],
      },
      columns: version,
    },
  ],
  search: ['title', 'summary', 'number', 'url_name'],
}

export const articleVersion: RecordType = {
  name: 'article_version',
  view: 'article_versions',
  capabilities: ['content'],
  sources: [{ object: 'Knowledge__kav', columns: version }],
  indexes: [['article_remote_id', 'created_at'], ['updated_at']],
}

/** An article version's place in one of the org's data categories. */
export const category: RecordType = {
  name: 'category',
  view: 'categories',
  capabilities: ['content'],
  sources: [
    {
      object: 'Knowledge__DataCategorySelection',
      page: { object: 'Knowledge__kav', field: 'ParentId' },
      columns: {
        ...ids('article_version', 'ParentId'),
        category_group: text('DataCategoryGroupName'),
        name: text('DataCategoryName'),
      },
    },
  ],
  indexes: [['article_version_remote_id']],
}
