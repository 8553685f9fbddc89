import { IconTicket } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { Ticket, TicketFilters } from '../../src/api/record-schemas.ts'
import type { Capability } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { PageHeader } from '../components/page-header.tsx'
import { DateFilter, endOfDay, startOfDay } from './date-filter.tsx'
import { EmptyList } from './empty-list.tsx'
import { FilterMenu } from './filter-menu.tsx'
import { IntegrationFilter } from './integration-filter.tsx'
import { ListFilters, SearchField } from './list-filters.tsx'
import { useListSearch } from './list-search.ts'
import { orgWords } from './org-words.ts'
import classes from './record-list.module.css'
import { RecordList } from './record-list.tsx'
import { TICKET_PRIORITIES, TICKET_STATUSES } from './states.tsx'
import { TicketCard, ticketColumns } from './ticket-rows.tsx'

const FILTERS = ['q', 'status', 'priority', 'ownerId', 'from', 'to', 'integrationId']
const CAPABILITIES: readonly Capability[] = ['helpdesk']

const filtersQuery = queryOptions({
  queryKey: ['filters', 'tickets'],
  queryFn: ({ signal }) => api.get<TicketFilters>('/tickets/filters', { signal }),
  staleTime: 60_000,
})

/** Records → Tickets. */
export default function TicketsPage() {
  const search = useListSearch()
  const { data: choices } = useQuery(filtersQuery)
  const sort = search.one('sort') ?? '-updatedAt'
  const query = {
    q: search.one('q'),
    status: search.many('status'),
    priority: search.many('priority'),
    ownerId: search.one('ownerId'),
    createdFrom: startOfDay(search.one('from')),
    createdTo: endOfDay(search.one('to')),
    integrationId: search.one('integrationId'),
    sort,
  }
  return (
    <div className={classes.page}>
      <PageHeader title="Tickets" />
      <ListFilters search={search} names={FILTERS}>
        <SearchField search={search} label="Search subject, number, person" />
        <FilterMenu
          label="Status"
          several
          options={Object.entries(TICKET_STATUSES).map(([value, { word }]) => ({
            value,
            label: word,
            hint: orgWords(choices?.statuses, value, word),
          }))}
          value={search.many('status')}
          onChange={(status) => search.set({ status })}
        />
        <FilterMenu
          label="Priority"
          several
          options={Object.entries(TICKET_PRIORITIES).map(([value, { word }]) => ({
            value,
            label: word,
            hint: orgWords(choices?.priorities, value, word),
          }))}
          value={search.many('priority')}
          onChange={(priority) => search.set({ priority })}
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
        <DateFilter
          label="Created"
          from={search.one('from')}
          to={search.one('to')}
          onChange={({ from, to }) => search.set({ from, to })}
        />
        <IntegrationFilter search={search} capabilities={CAPABILITIES} />
      </ListFilters>
      <RecordList<Ticket>
        noun="ticket"
        capabilities={CAPABILITIES}
        path="/tickets"
        query={query}
        columns={ticketColumns}
        card={(ticket) => <TicketCard ticket={ticket} />}
        sort={sort}
        onSort={(next) => search.set({ sort: next })}
        empty={
          <EmptyList
            icon={<IconTicket size={40} stroke={1.4} />}
            nouns="tickets"
            object={{ name: 'Case', plural: 'cases' }}
            capabilities={CAPABILITIES}
            search={search}
            filters={FILTERS}
          />
        }
      />
    </div>
  )
}
