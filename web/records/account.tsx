import { Tabs } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import type { Account, Contact, Deal, Ticket } from '../../src/api/record-schemas.ts'
import { AppLink, PageHeader } from '../components/page-header.tsx'
import { formatCount } from '../format.ts'
import { addressLines } from './address-lines.tsx'
import { formatMoney } from './amounts.ts'
import { CustomFields } from './custom-fields.tsx'
import { accountContactColumns, ContactCard } from './customer-rows.tsx'
import { accountDealColumns, DealCard } from './deal-rows.tsx'
import { useListSearch } from './list-search.ts'
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
import { RelatedList } from './related-list.tsx'
import { PlainText } from './rich-text.tsx'
import { customerTicketColumns, TicketCard } from './ticket-rows.tsx'
import { WebAddress } from './web-address.tsx'

const BACK = { label: 'Customers', to: '/customers' }
const TABS = ['contacts', 'tickets', 'deals'] as const

/** One account: who works there, and what is going on with them. */
export default function AccountPage() {
  const { id } = useParams({ from: '/app/customers/accounts/$id' })
  const account = useRecord<Account>(`/accounts/${encodeURIComponent(id)}`)
  return (
    <RecordGate record={account} noun="account" back={BACK}>
      {(value) => <AccountView account={value} />}
    </RecordGate>
  )
}

function AccountView({ account }: { account: Account }) {
  return (
    <>
      <PageHeader
        title={account.name || 'No name'}
        back={BACK}
        actions={<OpenInSalesforce url={account.remoteUrl} />}
        description={[account.type, account.industry].filter(Boolean).join(' · ')}
      />
      <DeletedNotice deletedAt={account.deletedAt} noun="account" />
      <RecordColumns
        side={
          <>
            <Panel title="Account">
              <Facts
                facts={{
                  Number: account.number,
                  Phone: account.phone,
                  Website: account.website && <WebAddress address={account.website} />,
                  Employees: account.employees === null ? null : formatCount(Number(account.employees)),
                  Revenue: formatMoney(account.annualRevenue, account.currency),
                  Rating: account.rating,
                  Owner: account.owner?.name,
                  Parent: account.parent?.id && (
                    <AppLink to="/customers/accounts/$id" params={{ id: account.parent.id }}>
                      {account.parent.name ?? account.parent.id}
                    </AppLink>
                  ),
                  Billing: addressLines(account.billingAddress),
                  Shipping: addressLines(account.shippingAddress),
                }}
              />
            </Panel>
            <CustomFields custom={account.custom} />
            <RecordIds record={account} />
          </>
        }
      >
        {account.description && (
          <Panel title="Description">
            <PlainText text={account.description} />
          </Panel>
        )}
        <AccountRecords account={account} />
      </RecordColumns>
    </>
  )
}

function AccountRecords({ account }: { account: Account }) {
  const search = useListSearch()
  const tab = TABS.find((each) => each === search.one('tab')) ?? 'contacts'
  return (
    <Tabs
      value={tab}
      onChange={(next) => search.set({ tab: next === 'contacts' ? undefined : (next ?? undefined) })}
      keepMounted={false}
    >
      <Tabs.List mb="md">
        <Tabs.Tab value="contacts">Contacts</Tabs.Tab>
        <Tabs.Tab value="tickets">Tickets</Tabs.Tab>
        <Tabs.Tab value="deals">Deals</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="contacts">
        <RelatedList<Contact>
          label="Contacts of this account"
          path={`/accounts/${encodeURIComponent(account.id)}/contacts`}
          columns={accountContactColumns}
          card={(contact) => <ContactCard contact={contact} />}
          none="This account has no contacts."
        />
      </Tabs.Panel>
      <Tabs.Panel value="tickets">
        <RelatedList<Ticket>
          label="Tickets of this account"
          path="/tickets"
          query={{ accountId: account.id, sort: '-updatedAt' }}
          columns={customerTicketColumns}
          card={(ticket) => <TicketCard ticket={ticket} />}
          none="This account has no tickets."
        />
      </Tabs.Panel>
      <Tabs.Panel value="deals">
        <RelatedList<Deal>
          label="Deals of this account"
          path="/deals"
          query={{ accountId: account.id, sort: '-closeDate' }}
          columns={accountDealColumns}
          card={(deal) => <DealCard deal={deal} />}
          none="This account has no deals."
        />
      </Tabs.Panel>
    </Tabs>
  )
}
