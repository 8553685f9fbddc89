import { Group, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Account, Contact } from '../../src/api/record-schemas.ts'
import { RelativeTime } from '../components/relative-time.tsx'
import classes from './record-list.module.css'
import type { ListColumn } from './record-list.tsx'

type AccountColumn = ListColumn<Account>
type ContactColumn = ListColumn<Contact>

export const accountColumns: readonly AccountColumn[] = [
  { header: 'Name', sort: { by: 'name', first: 'ascending' }, cell: (account) => <AccountLink account={account} /> },
  { header: 'Type', width: '150px', cell: (account) => account.type },
  { header: 'Industry', width: '150px', cell: (account) => account.industry },
  { header: 'Place', width: '190px', cell: (account) => placeOf(account) },
  { header: 'Owner', width: '150px', cell: (account) => account.owner?.name },
  {
    header: 'Changed',
    width: '112px',
    sort: { by: 'updatedAt', first: 'descending' },
    cell: (account) => <RelativeTime iso={account.updatedAt} />,
  },
]

const contactName: ContactColumn = {
  header: 'Name',
  sort: { by: 'name', first: 'ascending' },
  cell: (contact) => <ContactLink contact={contact} />,
}
const contactTitle: ContactColumn = { header: 'Title', width: '18%', cell: (contact) => contact.title }
const contactEmail: ContactColumn = { header: 'E-mail', width: '24%', cell: (contact) => contact.email }
const contactPhone: ContactColumn = { header: 'Phone', width: '150px', cell: (contact) => phoneOf(contact) }
const contactAccount: ContactColumn = { header: 'Account', width: '20%', cell: (contact) => contact.account?.name }
const contactChanged: ContactColumn = {
  header: 'Changed',
  width: '112px',
  sort: { by: 'updatedAt', first: 'descending' },
  cell: (contact) => <RelativeTime iso={contact.updatedAt} />,
}

export const contactColumns: readonly ContactColumn[] = [
  contactName,
  contactTitle,
  contactAccount,
  contactEmail,
  contactPhone,
  contactChanged,
]

/** For the page of the account they belong to. */
export const accountContactColumns: readonly ContactColumn[] = [contactName, contactTitle, contactEmail, contactPhone]

/** An account in a list on a narrow screen. */
export function AccountCard({ account }: { account: Account }) {
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text fw={500} truncate>
          <AccountLink account={account} />
        </Text>
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          <RelativeTime iso={account.updatedAt} />
        </Text>
      </Group>
      <Text size="xs" c="dimmed" truncate>
        {[account.type, account.industry, placeOf(account)].filter(Boolean).join(' · ')}
      </Text>
    </>
  )
}

/** A contact in a list on a narrow screen. */
export function ContactCard({ contact }: { contact: Contact }) {
  return (
    <>
      <Text fw={500} truncate>
        <ContactLink contact={contact} />
      </Text>
      <Text size="xs" c="dimmed" truncate>
        {[contact.title, contact.account?.name].filter(Boolean).join(' · ')}
      </Text>
      <Text size="xs" c="dimmed" truncate>
        {[contact.email, phoneOf(contact)].filter(Boolean).join(' · ')}
      </Text>
    </>
  )
}

function AccountLink({ account }: { account: Account }) {
  return (
    <Link to="/customers/accounts/$id" params={{ id: account.id }} className={classes.rowLink} data-row-link>
      {account.name || 'No name'}
    </Link>
  )
}

function ContactLink({ contact }: { contact: Contact }) {
  return (
    <Link to="/customers/contacts/$id" params={{ id: contact.id }} className={classes.rowLink} data-row-link>
      {contact.name || contact.email || 'No name'}
    </Link>
  )
}

function placeOf({ billingAddress }: Account): string {
  return [billingAddress?.city, billingAddress?.country].filter(Boolean).join(', ')
}

function phoneOf(contact: Contact): string | null {
  return contact.phone ?? contact.mobilePhone
}
