import { Group, Text } from '@mantine/core'
import { IconArticle } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Article, ArticleFilters } from '../../src/api/record-schemas.ts'
import type { Capability } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { PageHeader } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { formatLanguage } from './amounts.ts'
import { EmptyList } from './empty-list.tsx'
import { FilterMenu } from './filter-menu.tsx'
import { IntegrationFilter } from './integration-filter.tsx'
import { ListFilters, SearchField } from './list-filters.tsx'
import { useListSearch } from './list-search.ts'
import classes from './record-list.module.css'
import { type ListColumn, RecordList } from './record-list.tsx'
import { PUBLISH_STATES, PublishStateTag } from './states.tsx'

const FILTERS = ['q', 'language', 'publishState', 'integrationId']
const CAPABILITIES: readonly Capability[] = ['content']

const filtersQuery = queryOptions({
  queryKey: ['filters', 'articles'],
  queryFn: ({ signal }) => api.get<ArticleFilters>('/articles/filters', { signal }),
  staleTime: 60_000,
})

const columns: readonly ListColumn<Article>[] = [
  { header: 'Number', width: '112px', cell: (article) => article.number },
  { header: 'Title', sort: { by: 'title', first: 'ascending' }, cell: (article) => <ArticleLink article={article} /> },
  { header: 'State', width: '120px', cell: (article) => <PublishStateTag state={article.publishState} /> },
  { header: 'Language', width: '190px', cell: (article) => formatLanguage(article.language) },
  { header: 'Version', width: '76px', align: 'end', cell: (article) => article.versionNumber },
  { header: 'Published', width: '112px', cell: (article) => <RelativeTime iso={article.publishedAt} /> },
  {
    header: 'Changed',
    width: '112px',
    sort: { by: 'updatedAt', first: 'descending' },
    cell: (article) => <RelativeTime iso={article.updatedAt} />,
  },
]

/** Records → Articles: the current version of each, in each of its languages. */
export default function ArticlesPage() {
  const search = useListSearch()
  const { data: choices } = useQuery(filtersQuery)
  const sort = search.one('sort') ?? '-updatedAt'
  return (
    <div className={classes.page}>
      <PageHeader title="Articles" />
      <ListFilters search={search} names={FILTERS}>
        <SearchField search={search} label="Search articles" />
        <FilterMenu
          label="State"
          several
          options={Object.entries(PUBLISH_STATES).map(([value, { word }]) => ({ value, label: word }))}
          value={search.many('publishState')}
          onChange={(publishState) => search.set({ publishState })}
        />
        <FilterMenu
          label="Language"
          several
          options={(choices?.languages ?? []).map((value) => ({ value, label: formatLanguage(value) ?? value }))}
          value={search.many('language')}
          onChange={(language) => search.set({ language })}
        />
        <IntegrationFilter search={search} capabilities={CAPABILITIES} />
      </ListFilters>
      <RecordList<Article>
        noun="article"
        capabilities={CAPABILITIES}
        path="/articles"
        query={{
          q: search.one('q'),
          publishState: search.many('publishState'),
          language: search.many('language'),
          integrationId: search.one('integrationId'),
          sort,
        }}
        columns={columns}
        card={(article) => <ArticleCard article={article} />}
        sort={sort}
        onSort={(next) => search.set({ sort: next })}
        empty={
          <EmptyList
            icon={<IconArticle size={40} stroke={1.4} />}
            nouns="articles"
            object={{ name: 'Knowledge__kav', plural: 'articles' }}
            capabilities={CAPABILITIES}
            search={search}
            filters={FILTERS}
          />
        }
      />
    </div>
  )
}

function ArticleCard({ article }: { article: Article }) {
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <PublishStateTag state={article.publishState} />
        <Text size="xs" c="dimmed">
          <RelativeTime iso={article.updatedAt} />
        </Text>
      </Group>
      <Text fw={500} lineClamp={2}>
        <ArticleLink article={article} />
      </Text>
      <Text size="xs" c="dimmed" truncate>
        {[article.number, formatLanguage(article.language)].filter(Boolean).join(' · ')}
      </Text>
    </>
  )
}

function ArticleLink({ article }: { article: Article }) {
  return (
    <Link to="/articles/$id" params={{ id: article.id }} className={classes.rowLink} data-row-link>
      {article.title || 'No title'}
    </Link>
  )
}
