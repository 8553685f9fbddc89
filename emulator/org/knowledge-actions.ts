/** The life of a knowledge article: drafts, what is online, the archive, translations (salesforce-api.md 10.1). */

import { articleNumber } from './articles.ts'
import { hardDeleteRecord } from './deletion.ts'
import { type ArticleAction, type FieldValue, OrgError, type RecordFields } from './model.ts'
import { liveSlot, type Records } from './record-changes.ts'
import type { Table } from './table.ts'
import { wholeSecond } from './transactions.ts'
import { duplicateValue } from './validation.ts'

const VERSIONS = 'Knowledge__kav'
const ARTICLES = 'Knowledge__ka'

/** What belongs to one version, not to what is written in it. */
const OWN = new Set([
  'Id',
  'IsDeleted',
  'CreatedDate',
  'CreatedById',
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
  'LastPublishedDate',
  'ArchivedDate',
  'ArchivedById',
])

interface Version {
  readonly table: Table
  readonly slot: number
  readonly id: string
  readonly of: (field: string) => FieldValue
}

function versionAt(records: Records, id: string): Version {
  const table = records.tableOf(VERSIONS)
  const slot = liveSlot(table, id)
  return { table, slot, id, of: (field) => table.column(field)(slot) }
}

/** The live versions of an article, in one language or in all. */
function versionsOf(records: Records, articleId: FieldValue, language?: FieldValue): Version[] {
  const table = records.tableOf(VERSIONS)
  return table
    .slotsWith('KnowledgeArticleId', articleId)
    .filter((slot) => !table.isDeleted(slot))
    .map((slot) => versionAt(records, table.idOf(slot)))
    .filter(({ of }) => language === undefined || of('Language') === language)
}

/** The fields of a new article's first draft: the language is the org's unless told. */
export function drafted(fields: RecordFields): RecordFields {
  return { Language: 'en_US', ...fields }
}

/** Makes a new article with its first draft; gives the draft's id. */
export function insertArticle(records: Records, userId: string, fields: RecordFields): string {
  const articles = records.tableOf(ARTICLES)
  checkUrlName(records, fields.UrlName ?? null, null)
  const number = articleNumber(articles.slotCount())
  const language = fields.Language ?? null
  const about = { ArticleNumber: number, MasterLanguage: language, CaseAssociationCount: 0 }
  const articleId = records.insert(userId, ARTICLES, about)
  return records.insert(userId, VERSIONS, {
    IsVisibleInApp: true,
    ...fields,
    KnowledgeArticleId: articleId,
    ArticleNumber: number,
    ArticleMasterLanguage: language,
    IsMasterLanguage: true,
    PublishStatus: 'Draft',
    VersionNumber: 1,
    IsLatestVersion: true,
    ArticleCreatedDate: wholeSecond(records.stamp()),
    ArticleCaseAttachCount: 0,
    ArticleTotalViewCount: 0,
  })
}

/** Throws when an edit is not of a draft, or takes another article's URL name. */
export function checkArticleEdit(records: Records, id: string, fields: RecordFields): void {
  const version = versionAt(records, id)
  if (version.of('PublishStatus') !== 'Draft') {
    throw new OrgError('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id', 403)
  }
  if ('UrlName' in fields) checkUrlName(records, fields.UrlName ?? null, version.of('KnowledgeArticleId'))
}

/** A URL name is one article's, letter for letter; its own versions share it. */
function checkUrlName(records: Records, urlName: FieldValue, articleId: FieldValue): void {
  const table = records.tableOf(VERSIONS)
  const taken = table
    .slotsWith('UrlName', urlName)
    .find(
      (slot) =>
        !table.isDeleted(slot) &&
        table.column('UrlName')(slot) === urlName &&
        table.column('KnowledgeArticleId')(slot) !== articleId,
    )
  if (urlName !== null && taken !== undefined) throw duplicateValue('UrlName', table.idOf(taken))
}

/** Does what an author does with an article; gives the id of the version (or article) that it was done to or made. */
export function actOnArticleRecord(records: Records, userId: string, action: ArticleAction): string {
  switch (action.kind) {
    case 'publish':
      return publish(records, userId, versionAt(records, action.versionId))
    case 'archive':
      return archive(records, userId, versionAt(records, action.versionId))
    case 'edit': {
      const version = versionAt(records, action.versionId)
      if (version.of('PublishStatus') === 'Draft') throw refused('The version is a draft already')
      return startDraft(records, userId, version, {})
    }
    case 'translate': {
      const version = versionAt(records, action.versionId)
      const languages = version.table.schema.fields.find(({ name }) => name === 'Language')?.picklistValues ?? []
      if (!languages.some(({ value }) => value === action.language) || version.of('Language') === action.language) {
        throw refused(`${action.language} is not a language to translate this article to`)
      }
      const translation = { Language: action.language, IsMasterLanguage: false, MasterVersionId: version.id }
      return startDraft(records, userId, version, translation)
    }
    case 'delete-draft': {
      const version = versionAt(records, action.versionId)
      if (version.of('PublishStatus') !== 'Draft') throw refused('Only a draft can be deleted')
      const articleId = String(version.of('KnowledgeArticleId'))
      const isOnly = versionsOf(records, articleId).length === 1
      if (isOnly) hardDeleteRecord(records, userId, { table: records.tableOf(ARTICLES), id: articleId })
      else hardDeleteRecord(records, userId, { table: version.table, id: version.id })
      return action.versionId
    }
    case 'delete-article': {
      const live = versionsOf(records, action.articleId).filter(({ of }) => of('PublishStatus') !== 'Archived')
      if (live.length > 0) throw refused('Only an archived article can be deleted')
      hardDeleteRecord(records, userId, { table: records.tableOf(ARTICLES), id: action.articleId })
      return action.articleId
    }
  }
}

const refused = (message: string) => new OrgError('INVALID_OPERATION', message)

function publish(records: Records, userId: string, draft: Version): string {
  if (draft.of('PublishStatus') !== 'Draft') throw refused('Only a draft can be published')
  const at = wholeSecond(records.stamp())
  const articleId = String(draft.of('KnowledgeArticleId'))
  const firstPublished = draft.of('FirstPublishedDate') ?? at
  for (const before of versionsOf(records, articleId, draft.of('Language'))) {
    if (before.of('PublishStatus') === 'Online') putAway(records, userId, before)
  }
  const dates = { FirstPublishedDate: firstPublished, LastPublishedDate: at }
  const online = { PublishStatus: 'Online', IsLatestVersion: true, ValidationStatus: 'Validated', ...dates }
  records.write(userId, VERSIONS, draft.id, online)
  records.write(userId, ARTICLES, articleId, { ...dates, ArchivedDate: null })
  return draft.id
}

function archive(records: Records, userId: string, online: Version): string {
  if (online.of('PublishStatus') !== 'Online') throw refused('Only what is online can be archived')
  const articleId = String(online.of('KnowledgeArticleId'))
  // With the article in its master language, its translations go, too.
  const all = online.of('IsMasterLanguage') === true
  for (const version of versionsOf(records, articleId, all ? undefined : online.of('Language'))) {
    if (version.of('PublishStatus') === 'Online') putAway(records, userId, version)
  }
  if (all) records.write(userId, ARTICLES, articleId, { ArchivedDate: wholeSecond(records.stamp()) })
  return online.id
}

function putAway(records: Records, userId: string, { id }: Version): void {
  const at = wholeSecond(records.stamp())
  const archived = { PublishStatus: 'Archived', IsLatestVersion: false, ArchivedDate: at, ArchivedById: userId }
  records.write(userId, VERSIONS, id, archived)
}

/** A draft with what a version says, in the same language or another. There is one draft of each language at most. */
function startDraft(records: Records, userId: string, source: Version, changed: RecordFields): string {
  const articleId = source.of('KnowledgeArticleId')
  const language = changed.Language ?? source.of('Language')
  const known = versionsOf(records, articleId, language)
  if (known.some(({ of }) => of('PublishStatus') === 'Draft')) throw refused('There is a draft of this article already')
  const copied = source.table.schema.fields
    .filter(({ name, calculated, type }) => !OWN.has(name) && !calculated && type !== 'address')
    .map(({ name }): [string, FieldValue] => [name, source.of(name)])
  const number = known.reduce((highest, { of }) => Math.max(highest, Number(of('VersionNumber'))), 0) + 1
  const id = records.insert(userId, VERSIONS, {
    ...Object.fromEntries(copied),
    FirstPublishedDate: changed.Language === undefined ? source.of('FirstPublishedDate') : null,
    ...changed,
    PublishStatus: 'Draft',
    ValidationStatus: 'Not Validated',
    IsLatestVersion: true,
    VersionNumber: number,
  })
  const selections = records.tableOf('Knowledge__DataCategorySelection')
  for (const slot of selections.slotsWith('ParentId', source.id)) {
    if (selections.isDeleted(slot)) continue
    records.insert(userId, selections.schema.name, {
      ParentId: id,
      DataCategoryGroupName: selections.column('DataCategoryGroupName')(slot),
      DataCategoryName: selections.column('DataCategoryName')(slot),
    })
  }
  return id
}
