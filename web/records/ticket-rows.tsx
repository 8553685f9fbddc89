import { Group, Text, VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Ticket } from '../../src/api/record-schemas.ts'
import { RelativeTime } from '../components/relative-time.tsx'
import classes from './record-list.module.css'
import type { ListColumn } from './record-list.tsx'
import { PriorityText, TicketStatusTag } from './states.tsx'

type TicketColumn = ListColumn<Ticket>

const subject: TicketColumn = {
  header: 'Subject',
  cell: (ticket) => <TicketLink ticket={ticket} />,
}
const number: TicketColumn = {
  header: 'Number',
  width: '92px',
  sort: { by: 'number', first: 'descending' },
  cell: (ticket) => ticket.number,
}
const status: TicketColumn = {
  header: 'Status',
  width: '172px',
  cell: (ticket) => <TicketStatusTag status={ticket.status} orgStatus={ticket.orgStatus} />,
}
const priority: TicketColumn = {
  header: 'Priority',
  width: '80px',
  cell: (ticket) => <PriorityText priority={ticket.priority} orgPriority={ticket.orgPriority} />,
}
const customer: TicketColumn = {
  header: 'Customer',
  width: '17%',
  cell: (ticket) => <Customer ticket={ticket} />,
}
const owner: TicketColumn = { header: 'Owner', width: '124px', cell: (ticket) => ticket.owner?.name }
const created: TicketColumn = {
  header: 'Created',
  width: '100px',
  sort: { by: 'createdAt', first: 'descending' },
  cell: (ticket) => <RelativeTime iso={ticket.createdAt} />,
}
const changed: TicketColumn = {
  header: 'Changed',
  width: '100px',
  sort: { by: 'updatedAt', first: 'descending' },
  cell: (ticket) => <RelativeTime iso={ticket.updatedAt} />,
}

export const ticketColumns: readonly TicketColumn[] = [
  number,
  subject,
  status,
  priority,
  customer,
  owner,
  created,
  changed,
]

/** For the page of the customer whose tickets they are. */
export const customerTicketColumns: readonly TicketColumn[] = [number, subject, status, priority, owner, changed]

/** A ticket in a list on a narrow screen. */
export function TicketCard({ ticket }: { ticket: Ticket }) {
  return (
    <>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <TicketStatusTag status={ticket.status} orgStatus={ticket.orgStatus} />
        <Text size="xs" c="dimmed">
          <RelativeTime iso={ticket.updatedAt} />
        </Text>
      </Group>
      <Text lineClamp={2} fw={500}>
        <TicketLink ticket={ticket} />
      </Text>
      <Group gap={8} c="dimmed" fz="xs" wrap="nowrap">
        <span>{ticket.number}</span>
        <PriorityText priority={ticket.priority} orgPriority={ticket.orgPriority} />
        <Text span inherit truncate>
          <Customer ticket={ticket} />
        </Text>
      </Group>
    </>
  )
}

function TicketLink({ ticket }: { ticket: Ticket }) {
  return (
    <Link to="/tickets/$id" params={{ id: ticket.id }} className={classes.rowLink} data-row-link>
      {/* Seen in a place of its own; many tickets have the same subject. */}
      <VisuallyHidden>{ticket.number} </VisuallyHidden>
      {ticket.subject || 'No subject'}
    </Link>
  )
}

function Customer({ ticket }: { ticket: Ticket }) {
  const person = ticket.contact?.name ?? ticket.suppliedName ?? ticket.suppliedEmail
  const company = ticket.account?.name
  if (!person || !company) return <>{person ?? company}</>
  return (
    <>
      {person}
      <span className={classes.aside}>, {company}</span>
    </>
  )
}
