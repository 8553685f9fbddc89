import { Text } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import type { Contact, Ticket } from '../../src/api/record-schemas.ts'
import { AppLink, PageHeader } from '../components/page-header.tsx'
import { addressLines } from './address-lines.tsx'
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
import { RelatedList } from './related-list.tsx'
import { PlainText } from './rich-text.tsx'
import { customerTicketColumns, TicketCard } from './ticket-rows.tsx'

const BACK = { label: 'Customers', to: '/customers' }

/** One contact: how to reach them, and their tickets. */
export default function ContactPage() {
  const { id } = useParams({ from: '/app/customers/contacts/$id' })
  const contact = useRecord<Contact>(`/contacts/${encodeURIComponent(id)}`)
  return (
    <RecordGate record={contact} noun="contact" back={BACK}>
      {(value) => <ContactView contact={value} />}
    </RecordGate>
  )
}

function ContactView({ contact }: { contact: Contact }) {
  const { account } = contact
  return (
    <>
      <PageHeader
        title={contact.name || contact.email || 'No name'}
        back={BACK}
        actions={<OpenInSalesforce url={contact.remoteUrl} />}
        description={
          <>
            {[contact.title, contact.department].filter(Boolean).join(', ')}
            {account?.id && (
              <>
                {contact.title && ' at '}
                <AppLink to="/customers/accounts/$id" params={{ id: account.id }}>
                  {account.name ?? account.id}
                </AppLink>
              </>
            )}
          </>
        }
      />
      <DeletedNotice deletedAt={contact.deletedAt} noun="contact" />
      <RecordColumns
        side={
          <>
            <Panel title="Contact">
              <Facts
                facts={{
                  'E-mail': contact.email && <EmailAddress contact={contact} email={contact.email} />,
                  Phone: contact.phone && <a href={`tel:${contact.phone}`}>{contact.phone}</a>,
                  Mobile: contact.mobilePhone && <a href={`tel:${contact.mobilePhone}`}>{contact.mobilePhone}</a>,
                  'Please note': wishesOf(contact),
                  Address: addressLines(contact.address),
                  Source: contact.source,
                  Owner: contact.owner?.name,
                }}
              />
            </Panel>
            <CustomFields custom={contact.custom} />
            <RecordIds record={contact} />
          </>
        }
      >
        {contact.description && (
          <Panel title="Description">
            <PlainText text={contact.description} />
          </Panel>
        )}
        <Panel title="Tickets">
          <RelatedList<Ticket>
            label="Tickets of this contact"
            path="/tickets"
            query={{ contactId: contact.id, sort: '-updatedAt' }}
            columns={customerTicketColumns}
            card={(ticket) => <TicketCard ticket={ticket} />}
            none="This contact has no tickets."
          />
        </Panel>
      </RecordColumns>
    </>
  )
}

function EmailAddress({ contact, email }: { contact: Contact; email: string }) {
  return (
    <>
      <a href={`mailto:${email}`}>{email}</a>
      {contact.emailBouncedAt && (
        <Text size="xs" c="var(--loopline-amber)">
          An e-mail to this address bounced.
        </Text>
      )}
    </>
  )
}

function wishesOf(contact: Contact): string | null {
  const wishes = [contact.hasOptedOutOfEmail && 'No bulk e-mail', contact.doNotCall && 'No calls'].filter(Boolean)
  return wishes.length === 0 ? null : wishes.join(', ')
}
