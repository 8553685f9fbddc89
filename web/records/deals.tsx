import { SegmentedControl } from '@mantine/core'
import { IconBriefcase } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { Deal, DealFilters } from '../../src/api/record-schemas.ts'
import type { Capability } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { PageHeader } from '../components/page-header.tsx'
import { DealBoard } from './deal-board.tsx'
import { DealCard, dealColumns } from './deal-rows.tsx'
import { EmptyList } from './empty-list.tsx'
import { FilterMenu } from './filter-menu.tsx'
import { IntegrationFilter } from './integration-filter.tsx'
import { ListFilters, SearchField } from './list-filters.tsx'
import { type ListSearch, useListSearch } from './list-search.ts'
import classes from './record-list.module.css'
import { RecordList } from './record-list.tsx'
import { DEAL_OUTCOMES } from './states.tsx'

const FILTERS = ['q', 'outcome', 'stage', 'ownerId', 'integrationId']
const CAPABILITIES: readonly Capability[] = ['crm']

const filtersQuery = queryOptions({
  queryKey: ['filters', 'deals'],
  queryFn: ({ signal }) => api.get<DealFilters>('/deals/filters', { signal }),
  staleTime: 60_000,
})

/** Records → Deals, as a list or by stage. */
export default function DealsPage() {
  const search = useListSearch()
  const byStage = search.one('view') === 'stages'
  const empty = (
    <EmptyList
      icon={<IconBriefcase size={40} stroke={1.4} />}
      nouns="deals"
      object={{ name: 'Opportunity', plural: 'opportunities' }}
      capabilities={CAPABILITIES}
      search={search}
      filters={byStage ? ['integrationId'] : FILTERS}
    />
  )
  return (
    <div className={classes.page}>
      <PageHeader
        title="Deals"
        actions={
          <SegmentedControl
            size="xs"
            aria-label="View"
            data={[
              { value: 'list', label: 'List' },
              { value: 'stages', label: 'By stage' },
            ]}
            value={byStage ? 'stages' : 'list'}
            onChange={(view) => search.set({ view: view === 'stages' ? view : undefined })}
          />
        }
      />
      {byStage ? <DealBoard search={search} empty={empty} /> : <DealList search={search} empty={empty} />}
    </div>
  )
}

function DealList({ search, empty }: { search: ListSearch; empty: React.ReactNode }) {
  const { data: choices } = useQuery(filtersQuery)
  const sort = search.one('sort') ?? '-updatedAt'
  return (
    <>
      <ListFilters search={search} names={FILTERS}>
        <SearchField search={search} label="Search deals" />
        <FilterMenu
          label="Outcome"
          options={Object.entries(DEAL_OUTCOMES).map(([value, { word }]) => ({ value, label: word }))}
          value={search.many('outcome')}
          onChange={(outcome) => search.set({ outcome })}
        />
        <FilterMenu
          label="Stage"
          several
          options={(choices?.stages ?? []).map(({ stage }) => ({ value: stage, label: stage }))}
          value={search.many('stage')}
          onChange={(stage) => search.set({ stage })}
        />
        <FilterMenu
          label="Owner"
          options={(choices?.owners ?? []).map(({ id, name }) => ({ value: id, label: name ?? id }))}
          value={search.many('ownerId')}
          onChange={(ownerId) => search.set({ ownerId })}
        />
        <IntegrationFilter search={search} capabilities={CAPABILITIES} />
      </ListFilters>
      <RecordList<Deal>
        noun="deal"
        capabilities={CAPABILITIES}
        path="/deals"
        query={{
          q: search.one('q'),
          outcome: search.many('outcome'),
          stage: search.many('stage'),
          ownerId: search.one('ownerId'),
          integrationId: search.one('integrationId'),
          sort,
        }}
        columns={dealColumns}
        card={(deal) => <DealCard deal={deal} />}
        sort={sort}
        onSort={(next) => search.set({ sort: next })}
        empty={empty}
      />
    </>
  )
}
