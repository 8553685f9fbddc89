/** Life of those who write the knowledge base. */

import { type Found, type Kind, type Life, toOneOf } from './life.ts'

const COPIED =
  'KnowledgeArticleId, VersionNumber, Language, Title, UrlName, ArticleNumber, Summary, Body__c, Audience__c'
const COPIED_TOO = 'ArticleMasterLanguage, IsMasterLanguage, ArticleCreatedDate, RecordTypeId, FirstPublishedDate'

function startDraft(life: Life, online: Found): void {
  const { Id, VersionNumber, ...copied } = online
  const draft = {
    ...copied,
    VersionNumber: Number(VersionNumber) + 1,
    PublishStatus: 'Draft',
    IsLatestVersion: true,
    IsVisibleInApp: true,
    Summary: `${String(online.Summary).slice(0, 900)} (revised)`,
  }
  life.org.create(life.adminId, 'Knowledge__kav', draft, { asSystem: true })
}

function publish(life: Life, draft: Found, id: string): void {
  const at = Math.floor(life.org.now() / 1000) * 1000
  const before = life.find(
    `SELECT Id FROM Knowledge__kav WHERE KnowledgeArticleId = '${draft.KnowledgeArticleId}' AND Language = '${draft.Language}' AND PublishStatus = 'Online'`,
  )
  for (const { Id } of before) {
    const archived = { PublishStatus: 'Archived', IsLatestVersion: false, ArchivedDate: at, ArchivedById: life.adminId }
    life.org.update(life.adminId, 'Knowledge__kav', String(Id), archived, { asSystem: true })
  }
  const online = {
    PublishStatus: 'Online',
    IsLatestVersion: true,
    LastPublishedDate: at,
    FirstPublishedDate: draft.FirstPublishedDate ?? at,
    ValidationStatus: 'Validated',
  }
  life.org.update(life.adminId, 'Knowledge__kav', id, online, { asSystem: true })
  const article = { LastPublishedDate: at, FirstPublishedDate: online.FirstPublishedDate }
  life.org.update(life.adminId, 'Knowledge__ka', String(draft.KnowledgeArticleId), article, { asSystem: true })
}

export const contentLife: readonly Kind[] = [
  {
    name: 'an article is revised',
    share: 2,
    happen(life) {
      const drafted = new Set(
        life
          .find("SELECT KnowledgeArticleId, Language FROM Knowledge__kav WHERE PublishStatus = 'Draft'")
          .map((draft) => `${draft.KnowledgeArticleId} ${draft.Language}`),
      )
      // There is one draft of an article in a language at most.
      const free = life
        .find(`SELECT Id, ${COPIED}, ${COPIED_TOO} FROM Knowledge__kav WHERE PublishStatus = 'Online'`)
        .filter((online) => !drafted.has(`${online.KnowledgeArticleId} ${online.Language}`))
      const online = life.oneOf(free)
      if (online) startDraft(life, online)
      return online !== undefined
    },
  },
  toOneOf(
    'a draft is published',
    2,
    "SELECT Id, KnowledgeArticleId, Language, FirstPublishedDate FROM Knowledge__kav WHERE PublishStatus = 'Draft'",
    publish,
  ),
]
