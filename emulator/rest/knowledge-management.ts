/**
 * What authors do with articles: drafts, publishing, the archive, translations
 * (https://developer.salesforce.com/docs/atlas.en-us.knowledge_dev.meta/knowledge_dev/knowledge_REST_intro.htm).
 */
import { z } from 'zod'
import { type ArticleAction, OrgError } from '../org/model.ts'
import { readId } from './records.ts'
import { readInput } from './request-body.ts'
import { type Answer, type Call, json, missing, param, type Resource } from './resource.ts'
import type { RestContext } from './rest-context.ts'

const VERSIONS = 'Knowledge__kav'
const ARTICLES = 'Knowledge__ka'

const draftSchema = z.object({ articleId: z.string() })
const translationSchema = z.object({ articleId: z.string(), language: z.string() })
const statusSchema = z.object({
  publishStatus: z.enum(['Online', 'Archived', 'Draft']),
  versionNumber: z.unknown().optional(),
})

/** `/knowledgeManagement` and what is below it. */
export function knowledgeResources({ org }: RestContext): Resource[] {
  const act = (call: Call, action: ArticleAction) => org.actOnArticle(call.caller.userId, action)

  function idOf(call: Call, object: string, text: string): string {
    const id = readId(org.getObject(call.caller, object), text)
    if (id === undefined || !org.findRecord(call.caller, object, id)) throw missing()
    return id
  }

  const versionId = (call: Call) => idOf(call, VERSIONS, param(call, 'id'))

  /** The version of an article that is online, or the newest of the archive, in the article's own language. */
  function versionOfArticle(call: Call, articleId: string): string {
    const id = idOf(call, ARTICLES, articleId)
    for (const status of ["'Online'", "'Archived' AND IsLatestVersion = true"]) {
      const where = `KnowledgeArticleId = '${id}' AND IsMasterLanguage = true AND PublishStatus = ${status}`
      const [row] = org.query(call.caller, `SELECT Id FROM ${VERSIONS} WHERE ${where}`, { all: false }).rows()
      if (row) return String(row[0])
    }
    throw new OrgError('INVALID_ARTICLE_STATE', `The article has no version that can be edited: ${id}`)
  }

  function changeStatus(call: Call): Answer {
    const { publishStatus } = readInput(call.body, statusSchema)
    const kind = publishStatus === 'Online' ? 'publish' : publishStatus === 'Archived' ? 'archive' : 'edit'
    const id = act(call, { kind, versionId: versionId(call) })
    return publishStatus === 'Draft' ? json({ id }) : { status: 204 }
  }

  function readVersion(call: Call): Answer {
    const record = org.findRecord(call.caller, VERSIONS, versionId(call))
    if (!record) throw missing()
    const { Id, KnowledgeArticleId, Language, PublishStatus, Title, VersionNumber, UrlName, IsLatestVersion } = record
    return json({
      articleId: KnowledgeArticleId,
      id: Id,
      isLatestVersion: IsLatestVersion,
      language: Language,
      publishStatus: PublishStatus,
      title: Title,
      urlName: UrlName,
      versionNumber: VersionNumber,
    })
  }

  const oneVersion = {
    GET: readVersion,
    PATCH: changeStatus,
    DELETE: (call: Call): Answer => {
      act(call, { kind: 'delete-draft', versionId: versionId(call) })
      return { status: 204 }
    },
  }

  return [
    {
      path: 'knowledgeManagement',
      methods: {
        GET: ({ version }) => {
          const base = `/services/data/${version}/knowledgeManagement`
          return json({ articles: `${base}/articles`, articleVersions: `${base}/articleVersions` })
        },
      },
    },
    {
      path: 'knowledgeManagement/articleVersions/masterVersions',
      methods: {
        POST(call) {
          const { articleId } = readInput(call.body, draftSchema)
          return json({ id: act(call, { kind: 'edit', versionId: versionOfArticle(call, articleId) }) }, 201)
        },
      },
    },
    {
      path: 'knowledgeManagement/articleVersions/translations',
      methods: {
        POST(call) {
          const { articleId, language } = readInput(call.body, translationSchema)
          const from = versionOfArticle(call, articleId)
          return json({ id: act(call, { kind: 'translate', versionId: from, language }) }, 201)
        },
      },
    },
    { path: 'knowledgeManagement/articleVersions/masterVersions/:id', methods: oneVersion },
    { path: 'knowledgeManagement/articleVersions/translations/:id', methods: oneVersion },
    {
      path: 'knowledgeManagement/articles/:id',
      methods: {
        DELETE(call) {
          act(call, { kind: 'delete-article', articleId: idOf(call, ARTICLES, param(call, 'id')) })
          return { status: 204 }
        },
      },
    },
  ]
}
