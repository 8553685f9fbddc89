/** Life of those who write the knowledge base. */

import { type Kind, toOneOf } from './life.ts'

export const contentLife: readonly Kind[] = [
  {
    name: 'an article is revised',
    share: 2,
    happen({ org, adminId, find, oneOf }) {
      const drafted = new Set(
        find("SELECT KnowledgeArticleId, Language FROM Knowledge__kav WHERE PublishStatus = 'Draft'").map(
          (draft) => `${draft.KnowledgeArticleId} ${draft.Language}`,
        ),
      )
      // There is one draft of an article in a language at most.
      const free = find(
        "SELECT Id, KnowledgeArticleId, Language, Summary FROM Knowledge__kav WHERE PublishStatus = 'Online'",
      ).filter((online) => !drafted.has(`${online.KnowledgeArticleId} ${online.Language}`))
      const online = oneOf(free)
      if (!online) return false
      const draft = org.actOnArticle(adminId, { kind: 'edit', versionId: String(online.Id) })
      org.update(adminId, 'Knowledge__kav', draft, { Summary: `${String(online.Summary).slice(0, 900)} (revised)` })
      return true
    },
  },
  toOneOf(
    'a draft is published',
    2,
    "SELECT Id FROM Knowledge__kav WHERE PublishStatus = 'Draft'",
    ({ org, adminId }, _found, id) => {
      org.actOnArticle(adminId, { kind: 'publish', versionId: id })
    },
  ),
]
