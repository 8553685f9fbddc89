import { IconUserPlus } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { Lead, LeadFilters } from '../../src/api/record-schemas.ts'
import type { Capability } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { PageHeader } from '../components/page-header.tsx'
import { EmptyList } from './empty-list.tsx'
import { FilterMenu } from './filter-menu.tsx'
import { IntegrationFilter } from './integration-filter.tsx'
import { LeadCard, leadColumns } from './lead-rows.tsx'
import { ListFilters, SearchField } from './list-filters.tsx'
import { useListSearch } from './list-search.ts'
import { orgWords } from './org-words.ts'
import classes from './record-list.module.css'
import { RecordList } from './record-list.tsx'
import { LEAD_STATUSES } from './states.tsx'

const FILTERS = ['q', 'status', 'ownerId', 'integrationId']
const CAPABILITIES: readonly Capability[] = ['crm']

const filtersQuery = queryOptions({
  queryKey: ['filters', 'leads'],
  queryFn: ({ signal }) => api.get<LeadFilters>('/leads/filters', { signal }),
  staleTime: 60_000,
})

/** Records → Leads. */
export default function LeadsPage() {
  const search = useListSearch()
  const { data: choices } = useQuery(filtersQuery)
  const sort = search.one('sort') ?? '-updatedAt'
  return (
    <div className={classes.page}>
      <PageHeader title="Leads" />
      <ListFilters search={search} names={FILTERS}>
        <SearchField search={search} label="Search leads" />
        <FilterMenu
          label="Status"
          several
          options={Object.entries(LEAD_STATUSES).map(([value, { word }]) => ({
            value,
            label: word,
            hint: orgWords(choices?.statuses, value, word),
          }))}
          value={search.many('status')}
          onChange={(status) => search.set({ status })}
        />
        <FilterMenu
          label="Owner"
          options={(choices?.owners ?? []).map(({ id, name, kind }) => ({
            value: id,
            label: name ?? id,
            hint: kind === 'team' ? 'Queue' : undefined,
          }))}
          value={search.many('ownerId')}
          onChange={(ownerId) => search.set({ ownerId })}
        />
        <IntegrationFilter search={search} capabilities={CAPABILITIES} />
      </ListFilters>
      <RecordList<Lead>
        noun="lead"
        capabilities={CAPABILITIES}
        path="/leads"
        query={{
          q: search.one('q'),
          status: search.many('status'),
          ownerId: search.one('ownerId'),
          integrationId: search.one('integrationId'),
          sort,
        }}
        columns={leadColumns}
        card={(lead) => <LeadCard lead={lead} />}
        sort={sort}
        onSort={(next) => search.set({ sort: next })}
        empty={
          <EmptyList
            icon={<IconUserPlus size={40} stroke={1.4} />}
            nouns="leads"
            object={{ name: 'Lead', plural: 'leads' }}
            capabilities={CAPABILITIES}
            search={search}
            filters={FILTERS}
          />
        }
      />
    </div>
  )
}
