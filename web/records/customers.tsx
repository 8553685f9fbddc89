import { Tabs } from '@mantine/core'
import { IconBuilding, IconUsers } from '@tabler/icons-react'
import type { Account, Contact } from '../../src/api/record-schemas.ts'
import type { Capability } from '../../src/api/schemas.ts'
import { PageHeader } from '../components/page-header.tsx'
import { AccountCard, accountColumns, ContactCard, contactColumns } from './customer-rows.tsx'
import { EmptyList } from './empty-list.tsx'
import { IntegrationFilter } from './integration-filter.tsx'
import { ListFilters, SearchField } from './list-filters.tsx'
import { type ListSearch, useListSearch } from './list-search.ts'
import classes from './record-list.module.css'
import { RecordList } from './record-list.tsx'

const FILTERS = ['q', 'integrationId']
const CAPABILITIES: readonly Capability[] = ['helpdesk', 'crm']

/** Records → Customers: the companies, and the people in them. */
export default function CustomersPage() {
  const search = useListSearch()
  const tab = search.one('tab') === 'contacts' ? 'contacts' : 'accounts'
  return (
    <div className={classes.page}>
      <PageHeader title="Customers" />
      <Tabs
        value={tab}
        onChange={(next) => search.set({ tab: next === 'contacts' ? next : undefined, sort: undefined })}
        className={classes.tabs ?? ''}
        keepMounted={false}
      >
        <Tabs.List mb="sm">
          <Tabs.Tab value="accounts">Accounts</Tabs.Tab>
          <Tabs.Tab value="contacts">Contacts</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="accounts" className={classes.tabPanel ?? ''}>
          <Accounts search={search} />
        </Tabs.Panel>
        <Tabs.Panel value="contacts" className={classes.tabPanel ?? ''}>
          <Contacts search={search} />
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}

function Accounts({ search }: { search: ListSearch }) {
  const sort = search.one('sort') ?? 'name'
  return (
    <>
      <ListFilters search={search} names={FILTERS}>
        <SearchField search={search} label="Search accounts" />
        <IntegrationFilter search={search} capabilities={CAPABILITIES} />
      </ListFilters>
      <RecordList<Account>
        noun="account"
        capabilities={CAPABILITIES}
        path="/accounts"
        query={{ q: search.one('q'), integrationId: search.one('integrationId'), sort }}
        columns={accountColumns}
        card={(account) => <AccountCard account={account} />}
        sort={sort}
        onSort={(next) => search.set({ sort: next })}
        empty={
          <EmptyList
            icon={<IconBuilding size={40} stroke={1.4} />}
            nouns="accounts"
            object={{ name: 'Account', plural: 'accounts' }}
            capabilities={CAPABILITIES}
            search={search}
            filters={FILTERS}
          />
        }
      />
    </>
  )
}

function Contacts({ search }: { search: ListSearch }) {
  const sort = search.one('sort') ?? 'name'
  return (
    <>
      <ListFilters search={search} names={FILTERS}>
        <SearchField search={search} label="Search contacts" />
        <IntegrationFilter search={search} capabilities={CAPABILITIES} />
      </ListFilters>
      <RecordList<Contact>
        noun="contact"
        capabilities={CAPABILITIES}
        path="/contacts"
        query={{ q: search.one('q'), integrationId: search.one('integrationId'), sort }}
        columns={contactColumns}
        card={(contact) => <ContactCard contact={contact} />}
        sort={sort}
        onSort={(next) => search.set({ sort: next })}
        empty={
          <EmptyList
            icon={<IconUsers size={40} stroke={1.4} />}
            nouns="contacts"
            object={{ name: 'Contact', plural: 'contacts' }}
            capabilities={CAPABILITIES}
            search={search}
            filters={FILTERS}
          />
        }
      />
    </>
  )
}
