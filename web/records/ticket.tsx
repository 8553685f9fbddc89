import { Group, Text } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import type { Ticket } from '../../src/api/record-schemas.ts'
import { CopyTextButton } from '../components/copy-text.tsx'
import { AppLink, PageHeader } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { AttachmentsPanel } from './attachments-panel.tsx'
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
import { PriorityText, TICKET_PRIORITIES, TICKET_STATUSES, TicketStatusTag } from './states.tsx'
import { TicketTimeline } from './ticket-timeline.tsx'

const BACK = { label: 'Tickets', to: '/tickets' }

/** One ticket: what was said and done, by whom, for whom. */
export default function TicketPage() {
  const { id } = useParams({ from: '/app/tickets/$id' })
  const ticket = useRecord<Ticket>(`/tickets/${encodeURIComponent(id)}`)
  return (
    <RecordGate record={ticket} noun="ticket" back={BACK}>
      {(value) => <TicketView ticket={value} />}
    </RecordGate>
  )
}

function TicketView({ ticket }: { ticket: Ticket }) {
  const subject = ticket.subject || 'No subject'
  return (
    <>
      <PageHeader
        title={subject}
        documentTitle={[ticket.number, subject].filter(Boolean).join(' ')}
        back={BACK}
        actions={<OpenInSalesforce url={ticket.remoteUrl} />}
        description={
          <Group gap="4px 12px">
            <TicketStatusTag status={ticket.status} orgStatus={ticket.orgStatus} />
            {ticket.number && (
              <Group gap={2} component="span">
                {ticket.number}
                <CopyTextButton text={ticket.number} label="Copy ticket number" />
              </Group>
            )}
            <PriorityText priority={ticket.priority} orgPriority={ticket.orgPriority} />
            {ticket.isEscalated && (
              <Text span c="var(--loopline-red)" fw={600}>
                Escalated
              </Text>
            )}
            <span>
              created <RelativeTime iso={ticket.createdAt} />
            </span>
          </Group>
        }
      />
      <DeletedNotice deletedAt={ticket.deletedAt} noun="ticket" />
      <RecordColumns
        side={
          <>
            <CustomerPanel ticket={ticket} />
            <Panel title="Ticket">
              <Facts
                facts={{
                  Status: withMeaning(ticket.orgStatus, ticket.status && TICKET_STATUSES[ticket.status].word),
                  Priority: withMeaning(ticket.orgPriority, ticket.priority && TICKET_PRIORITIES[ticket.priority].word),
                  Owner: ticket.owner?.name && `${ticket.owner.name}${ticket.owner.kind === 'team' ? ' (queue)' : ''}`,
                  Origin: ticket.origin,
                  Type: ticket.type,
                  Reason: ticket.reason,
                  Closed: ticket.closedAt && <RelativeTime iso={ticket.closedAt} />,
                }}
              />
            </Panel>
            <AttachmentsPanel path={`/tickets/${encodeURIComponent(ticket.id)}/attachments`} />
            <CustomFields custom={ticket.custom} />
            <RecordIds record={ticket} />
          </>
        }
      >
        <TicketTimeline ticket={ticket} />
      </RecordColumns>
    </>
  )
}

function CustomerPanel({ ticket }: { ticket: Ticket }) {
  const { contact, account } = ticket
  const email = contact?.email ?? ticket.suppliedEmail
  return (
    <Panel title="Customer">
      <Facts
        facts={{
          Contact: contact?.id ? (
            <AppLink to="/customers/contacts/$id" params={{ id: contact.id }}>
              {contact.name ?? contact.id}
            </AppLink>
          ) : (
            ticket.suppliedName
          ),
          Account: account?.id && (
            <AppLink to="/customers/accounts/$id" params={{ id: account.id }}>
              {account.name ?? account.id}
            </AppLink>
          ),
          'E-mail': email && <a href={`mailto:${email}`}>{email}</a>,
          Phone: ticket.suppliedPhone,
        }}
      />
    </Panel>
  )
}

/** "Waiting on Customer (pending)" */
function withMeaning(orgWord: string | null, word: string | null): string | null {
  if (orgWord === null || word === null || orgWord.toLowerCase() === word.toLowerCase()) return orgWord ?? word
  return `${orgWord} (${word.toLowerCase()})`
}
