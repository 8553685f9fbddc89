import { Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { Article, ArticleVersion } from '../../src/api/record-schemas.ts'
import { api } from '../api.ts'
import { AppLink, PageHeader } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import type { Page } from '../queries.ts'
import { formatLanguage } from './amounts.ts'
import { CustomFields } from './custom-fields.tsx'
import {
  DeletedNotice,
  Facts,
  OpenInSalesforce,
  Panel,
  RecordColumns,
  RecordGate,
  RecordIds,
  useRecord,
} from './record-page.tsx'
import { RichText } from './rich-text.tsx'
import { PublishStateTag } from './states.tsx'

const BACK = { label: 'Articles', to: '/articles' }

/** One article in one language: its current text, its versions and its other languages. */
export default function ArticlePage() {
  const { id } = useParams({ from: '/app/articles/$id' })
  const article = useRecord<Article>(`/articles/${encodeURIComponent(id)}`)
  return (
    <RecordGate record={article} noun="article" back={BACK}>
      {(value) => <ArticleView article={value} />}
    </RecordGate>
  )
}

function ArticleView({ article }: { article: Article }) {
  const language = formatLanguage(article.language)
  return (
    <>
      <PageHeader
        title={article.title || 'No title'}
        back={BACK}
        actions={<OpenInSalesforce url={article.remoteUrl} />}
        description={
          <Group gap="4px 12px">
            <PublishStateTag state={article.publishState} />
            <span>{[article.number, language].filter(Boolean).join(' · ')}</span>
            {article.publishedAt && (
              <span>
                published <RelativeTime iso={article.publishedAt} />
              </span>
            )}
          </Group>
        }
      />
      <DeletedNotice deletedAt={article.deletedAt} noun="article" />
      <RecordColumns
        side={
          <>
            <Panel title="Article">
              <Facts
                facts={{
                  Language: language && `${language}${article.isMasterLanguage ? ', the original' : ''}`,
                  Version: article.versionNumber,
                  'Visible to': audienceOf(article),
                  Categories: article.categories.join(', '),
                  'URL name': article.urlName,
                  Owner: article.owner?.name,
                  'First published': article.firstPublishedAt && <RelativeTime iso={article.firstPublishedAt} />,
                }}
              />
            </Panel>
            <LanguagesPanel article={article} />
            <VersionsPanel article={article} />
            <CustomFields custom={article.custom} />
            <RecordIds record={article} />
          </>
        }
      >
        {article.summary && (
          <Text size="lg" c="dimmed" maw={720}>
            {article.summary}
          </Text>
        )}
        <div style={{ maxWidth: 720 }} lang={article.language?.replaceAll('_', '-')}>
          {article.bodyHtml ? (
            <RichText html={article.bodyHtml} />
          ) : (
            <Text c="dimmed">This article has no text, or the connected user may not see the fields that hold it.</Text>
          )}
        </div>
      </RecordColumns>
    </>
  )
}

/** Its languages share their number; each is an article of its own here. */
function LanguagesPanel({ article }: { article: Article }) {
  const query = { q: article.number, integrationId: article.integrationId }
  const { data } = useQuery({
    queryKey: ['articles', 'languages', query],
    queryFn: ({ signal }) => api.get<Page<Article>>('/articles', { query, signal }),
    enabled: article.number !== null,
  })
  const others = data?.items.filter(
    (each) => each.articleRemoteId === article.articleRemoteId && each.id !== article.id,
  )
  if (!others || others.length === 0) return null
  return (
    <Panel title="Other languages">
      {others.map((each) => (
        <Group key={each.id} justify="space-between" wrap="nowrap" gap="xs">
          <AppLink to="/articles/$id" params={{ id: each.id }}>
            {formatLanguage(each.language) ?? each.id}
          </AppLink>
          <PublishStateTag state={each.publishState} />
        </Group>
      ))}
    </Panel>
  )
}

function VersionsPanel({ article }: { article: Article }) {
  const { data } = useRecord<Page<ArticleVersion>>(`/articles/${encodeURIComponent(article.id)}/versions`)
  const versions = data?.items.filter((version) => version.language === article.language)
  if (!versions || versions.length < 2) return null
  return (
    <Panel title="Versions" count={versions.length}>
      {versions.map((version) => (
        <Group key={version.id} justify="space-between" wrap="nowrap" gap="xs">
          <Group gap={6} wrap="nowrap" align="baseline">
            {version.remoteUrl ? (
              <a href={version.remoteUrl} target="_blank" rel="noopener noreferrer">
                Version {version.versionNumber}
              </a>
            ) : (
              <span>Version {version.versionNumber}</span>
            )}
            <Text size="xs" c="dimmed">
              <RelativeTime iso={version.publishedAt ?? version.updatedAt} />
            </Text>
          </Group>
          <PublishStateTag state={version.publishState} />
        </Group>
      ))}
    </Panel>
  )
}

function audienceOf(article: Article): string {
  return [
    article.isVisibleToPublic && 'everybody',
    article.isVisibleToCustomers && 'customers',
    article.isVisibleToPartners && 'partners',
    article.isVisibleInApp && 'colleagues',
  ]
    .filter(Boolean)
    .join(', ')
}
