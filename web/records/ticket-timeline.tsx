import { Avatar, Button, Skeleton, Text } from '@mantine/core'
import { IconCircleDot, IconFlag, IconLock, IconPencil, IconPlus, IconUser } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Ticket, TicketComment, TicketEntry, TicketEvent } from '../../src/api/record-schemas.ts'
import { api } from '../api.ts'
import { ErrorNotice } from '../components/error-notice.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import type { Page } from '../queries.ts'
import { fieldName } from './field-name.ts'
import { PlainText, RichText } from './rich-text.tsx'
import classes from './ticket-timeline.module.css'

const FRESH_MS = 15_000

/** A ticket from its first words to its latest change, oldest first. */
export function TicketTimeline({ ticket }: { ticket: Ticket }) {
  const path = `/tickets/${encodeURIComponent(ticket.id)}/timeline`
  const pages = useInfiniteQuery({
    queryKey: ['timeline', path],
    queryFn: ({ pageParam, signal }) =>
      api.get<Page<TicketEntry>>(path, { query: { limit: 100, cursor: pageParam }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: FRESH_MS,
  })
  // That the ticket was created is what the time-line begins with.
  const entries = (pages.data?.pages.flatMap((page) => page.items) ?? []).filter(
    (entry) => entry.entry !== 'event' || entry.change !== 'created',
  )
  return (
    <ol className={classes.timeline} aria-label="Conversation">
      {!repeatsDescription(ticket, entries[0]) && <Opening ticket={ticket} />}
      {entries.map((entry) => (
        <Entry key={entry.id} entry={entry} />
      ))}
      {pages.isPending && (
        <li className={classes.late}>
          <Skeleton height={96} aria-label="Loading conversation" role="status" />
        </li>
      )}
      {pages.error && (
        <li>
          <ErrorNotice error={pages.error}>
            <Button size="xs" variant="default" onClick={() => void pages.refetch()}>
              Try again
            </Button>
          </ErrorNotice>
        </li>
      )}
      {pages.isSuccess && entries.length === 0 && (
        <li className={classes.event}>
          <Text c="dimmed">Nobody has answered or changed anything yet.</Text>
        </li>
      )}
      {pages.hasNextPage && (
        <li>
          <Button
            size="xs"
            variant="default"
            loading={pages.isFetchingNextPage}
            onClick={() => void pages.fetchNextPage()}
          >
            Show later entries
          </Button>
        </li>
      )}
    </ol>
  )
}

/** Salesforce makes the mail that opened a ticket its description as well. */
function repeatsDescription({ description }: Ticket, first: TicketEntry | undefined): boolean {
  if (first?.entry !== 'comment' || first.channel !== 'email' || !first.bodyText || !description) return false
  const [mail, text] = [first.bodyText, description].map((each) => each.replace(/\s+/g, ' ').trim())
  return mail === text
}

function Opening({ ticket }: { ticket: Ticket }) {
  const who = ticket.contact?.name ?? ticket.suppliedName ?? ticket.suppliedEmail
  return (
    <Message
      who={who ?? 'The ticket'}
      what={[who ? 'opened the ticket' : 'was opened', ticket.origin && `via ${ticket.origin}`]
        .filter(Boolean)
        .join(' ')}
      at={ticket.createdAt}
      side="customer"
    >
      {ticket.description ? <PlainText text={ticket.description} /> : <Text c="dimmed">Without a description.</Text>}
    </Message>
  )
}

function Entry({ entry }: { entry: TicketEntry }) {
  if (entry.entry === 'event') return <Change event={entry} />
  const { author, channel } = entry
  return (
    <Message
      who={author?.name ?? author?.email ?? 'Somebody'}
      what={wordsFor(entry)}
      at={entry.createdAt}
      side={channel === 'email' && entry.direction === 'inbound' ? 'customer' : 'company'}
      internal={entry.visibility === 'internal'}
    >
      {channel === 'email' && (
        <Text size="xs" c="dimmed" mb={8} style={{ overflowWrap: 'anywhere' }}>
          {[
            entry.subject,
            author?.email && `from ${author.email}`,
            entry.toAddress && `to ${entry.toAddress}`,
            entry.ccAddress && `copy to ${entry.ccAddress}`,
            entry.hasAttachment && 'with attachments',
          ]
            .filter(Boolean)
            .join(' · ')}
        </Text>
      )}
      {channel === 'feed' && entry.subject && (
        <Text fw={600} mb={4}>
          {entry.subject}
        </Text>
      )}
      <Body comment={entry} />
    </Message>
  )
}

function Message({
  who,
  what,
  at,
  side,
  internal = false,
  children,
}: {
  who: string
  what: string
  at: string | null
  side: 'customer' | 'company'
  internal?: boolean
  children: ReactNode
}) {
  return (
    <li className={classes.message} data-internal={internal || undefined} data-side={side}>
      <Avatar size={28} name={who} color={side === 'customer' ? 'gray' : 'indigo'} variant="light" aria-hidden />
      <article className={classes.bubble}>
        <header className={classes.head}>
          <span>
            <strong>{who}</strong> <span className={classes.what}>{what}</span>
          </span>
          {internal && (
            <span className={classes.internal}>
              <IconLock size={12} aria-hidden /> Internal
            </span>
          )}
          <span className={classes.at}>
            <RelativeTime iso={at} />
          </span>
        </header>
        {children}
      </article>
    </li>
  )
}

/** An e-mail's HTML often comes with the same words as plain text; the plain text is used where there is no HTML. */
function Body({ comment }: { comment: TicketComment }) {
  if (comment.bodyHtml) return <RichText html={comment.bodyHtml} />
  if (comment.bodyText) return <PlainText text={comment.bodyText} />
  return <Text c="dimmed">Without text.</Text>
}

function Change({ event }: { event: TicketEvent }) {
  const Icon = CHANGE_ICONS[event.change]
  return (
    <li className={classes.event}>
      <span className={classes.eventIcon}>
        <Icon size={14} aria-hidden />
      </span>
      <span>
        <ChangeWords event={event} />
        {event.author?.name && <> by {event.author.name}</>} · <RelativeTime iso={event.createdAt} />
      </span>
    </li>
  )
}

function ChangeWords({ event: { change, field, oldValue, newValue } }: { event: TicketEvent }) {
  const name = change === 'field' && field ? fieldName(field) : CHANGE_NAMES[change]
  if (newValue && oldValue) {
    return (
      <>
        {name} changed from <b>{oldValue}</b> to <b>{newValue}</b>
      </>
    )
  }
  if (newValue) {
    return (
      <>
        {name} set to <b>{newValue}</b>
      </>
    )
  }
  if (oldValue) {
    return (
      <>
        {name} cleared, was <b>{oldValue}</b>
      </>
    )
  }
  return `${name} changed`
}

const CHANGE_ICONS: Record<TicketEvent['change'], typeof IconFlag> = {
  created: IconPlus,
  status: IconCircleDot,
  priority: IconFlag,
  owner: IconUser,
  field: IconPencil,
}

const CHANGE_NAMES: Record<TicketEvent['change'], string> = {
  created: 'Ticket',
  status: 'Status',
  priority: 'Priority',
  owner: 'Owner',
  field: 'A field',
}

function wordsFor({ channel, direction, type, visibility }: TicketComment): string {
  if (channel === 'email') return direction === 'inbound' ? 'wrote an e-mail' : 'sent an e-mail'
  if (channel === 'comment') return visibility === 'public' ? 'answered' : 'commented'
  if (type === 'CallLogPost') return 'logged a call'
  if (type === 'LinkPost') return 'posted a link'
  if (type === 'ContentPost') return 'posted a file'
  return 'posted in the feed'
}
